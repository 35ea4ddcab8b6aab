"""Deep learning: multi-layer perceptrons of any depth, for classes and for values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import DescentState, Optimizer, Penalty, begin, decoupled_decay, descend, lbfgs
from lepton_core.errors import InvalidArtifact, InvalidData, InvalidInput
from lepton_core.matrix import Matrix, row_squares
from lepton_core.models import descent_choices, network
from lepton_core.models.algorithm import Array, Explanation, Fit, Inputs, Problem
from lepton_core.models.checkpoint import to_fit, to_state
from lepton_core.models.descent_hyper import Plan
from lepton_core.models.hyper import checked
from lepton_core.models.network import ACTIVATIONS, NetworkHyper, NetworkLoss
from lepton_core.models.rows import counted, demand
from lepton_core.models.scores import probabilities

if TYPE_CHECKING:
    from lepton_core.models.network.aside import BestEpoch, Watch

_ANEW = "trained anew: an earlier version may have learnt from rows that are kept aside now"
_FEW = "too few rows to keep some aside"

_DEFAULTS = NetworkHyper()
_CONSTANT = 2.0**-50  # targets whose spread is this small a share of them differ by rounding only


@dataclass(frozen=True)
class DeepLearning:
    """A network of layers, see `NetworkLoss`, trained by descent over mini-batches; an iteration is an epoch.

    Targets of a regression are brought to mean 0 and variance 1 first, so that the rate fits any unit; losses are in
    these units. Under ``early_stopping`` the weights are those of the epoch after which rows kept aside lose least.
    Parameters: see `lepton_core.models.network.parameters`. Rows of weight 0 count as absent.
    """

    name: str = "deep_learning"
    tasks: frozenset[str] = frozenset({"classification", "regression"})
    inputs: Inputs = Inputs()  # noqa: RUF009  (frozen)
    defaults: NetworkHyper = _DEFAULTS

    def configure(self, given: Mapping[str, Any]) -> NetworkHyper:
        """See `Algorithm` and `lepton_core.models.network.hyper.check`."""
        return checked(self.defaults, given, network.check_hyper)

    def start(
        self, problem: Problem, hyper: NetworkHyper, warm: Mapping[str, NDArray[Any]] | None = None
    ) -> Fit:
        """See `Algorithm`. Without ``warm`` the weights begin at random, see `network.initial`."""
        demand(problem, self.tasks)
        problem = counted(problem)
        _check_size(problem.X, hyper.precision)
        made = _made(problem, hyper)
        more = made.structure | _units(made.problem)
        anew = warm is not None and not self.warm_starts(hyper)
        if warm is None or anew:
            weights = network.initial(made.layers, hyper.activation, problem.seed)
        else:
            weights = _warm(warm, made.layers, more)
        chosen = hyper.batch_size is None and made.plan.batch_size is not None
        of_batches = f"batches of {made.plan.batch_size} rows chosen from the data" if chosen else ""
        few = hyper.early_stopping and made.aside is None
        note = "; ".join(filter(None, [_ANEW * anew, made.plan.why or of_batches, _FEW * few]))
        rate = made.plan.learning_rate or 1.0
        return made.fit(begin(weights, made.optimizer), rate, more, note, made.kept(weights))

    def warm_starts(self, hyper: NetworkHyper) -> bool:
        """See `Algorithm`: it begins at the earlier weights, which early stopping cannot: they may know its rows."""
        return not hyper.early_stopping

    def advance(self, fit: Fit, problem: Problem, hyper: NetworkHyper, pause: Callable[[Fit], bool]) -> Fit:
        """See `Algorithm`."""
        if fit.finished:
            return fit
        made = _made(counted(problem), hyper)
        state, rate, more, kept = _resumed(fit, made)
        X, y = _numbers(made.problem, hyper.precision, more)
        watch = made.watch(kept, hyper.precision, more)

        def at(state: DescentState) -> Fit:
            return made.fit(state, rate, more, fit.note, None if watch is None else watch.kept)

        end = descend(
            made.loss,
            Penalty(l2=made.plan.l2, where=made.where),
            made.optimizer,
            descent_choices.schedule(made.plan),
            descent_choices.batches(made.plan, problem.seed),
            state,
            X,
            y,
            made.problem.share,
            rate=rate,
            iterations=made.plan.iterations,
            stop=lambda state: pause(at(state)),
            tolerance=made.plan.tolerance,
            patience=made.plan.patience,
            enough=(lambda _: False) if watch is None else watch.enough,
        )
        return at(end)

    def found(self, fit: Fit, problem: Problem, hyper: NetworkHyper) -> Mapping[str, Any]:
        """See `Finds`: the number of epochs that rows kept aside said."""
        if not hyper.early_stopping:
            return {}
        at = fit.arrays.get("kept.at")
        return ({} if at is None else {"iterations": int(at[0])}) | {"early_stopping": False}

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """See `Algorithm`. Of a fit that has finished these are the weights that were kept."""
        kept = fit.finished and "kept.weights" in fit.arrays
        arrays: dict[str, NDArray[Any]] = {}
        arrays |= network.named(
            fit.arrays["kept.weights" if kept else "weights"], fit.arrays["layers"].tolist()
        )
        others = ("activation", "center", "scale")
        return arrays | {name: fit.arrays[name].copy() for name in others if name in fit.arrays}

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """See `Algorithm` and `lepton_core.models.network.parameters.check`."""
        network.check(parameters, n_features, n_classes)

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
        """See `Algorithm`. A row is too large if its scores overflow."""
        scores = network.outputs(parameters, X)
        return scores if "scale" in parameters else probabilities(scores)

    @property
    def keeps_stages(self) -> bool:
        """See `Staged`: weights are changed."""
        return False

    def staged(self, fit: Fit, X: Matrix, iterations: Sequence[int]) -> list[Array]:
        """See `Staged`."""
        return [self.predict(self.parameters(fit), X)]

    def explains(self, hyper: NetworkHyper) -> bool:
        """See `Algorithm`."""
        return False

    def explain(self, parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
        """See `Algorithm`."""
        raise InvalidInput(
            "deep_learning has no exact contributions; permutation importance in `evaluate` works for every algorithm",
            field="explain",
        )


@dataclass(frozen=True, eq=False)
class _Made:
    """The parts of a training, the same whenever they are made for the same data and hyperparameters.

    ``problem`` are the rows that it learns from, ``aside`` those that are kept aside, if any are.
    """

    problem: Problem
    aside: Problem | None
    plan: Plan
    layers: tuple[int, ...]
    loss: NetworkLoss
    where: NDArray[np.bool_]
    optimizer: Optimizer
    structure: dict[str, NDArray[Any]]

    def fit(
        self,
        state: DescentState,
        rate: float,
        more: Mapping[str, NDArray[Any]],
        note: str,
        kept: "BestEpoch | None",
    ) -> Fit:
        if kept is not None and self.aside is not None:
            more = {**more, **kept.arrays}
            if state.finished:
                by = f"{len(self.aside.y)} rows kept aside"
                note = "; ".join(filter(None, [note, f"epoch {kept.at} of {state.iteration}, by {by}"]))
                state = replace(state, finished="iterations")  # how it ended is said
        return to_fit(
            state,
            rate=rate,
            iterations=self.plan.iterations,
            waits=self.plan.tolerance > 0.0,
            note=note,
            more=more,
        )

    def kept(self, weights: Array) -> "BestEpoch | None":
        """What is kept before the first epoch, at ``weights`` ``(p,)``."""
        if self.aside is None:
            return None
        from lepton_core.models.network.aside import BestEpoch  # noqa: PLC0415  (no prediction needs it)

        return BestEpoch(weights)

    def watch(
        self, kept: "BestEpoch | None", precision: str, units: Mapping[str, NDArray[Any]]
    ) -> "Watch | None":
        """What asks the rows kept aside after each epoch."""
        if self.aside is None or kept is None:
            return None
        from lepton_core.models.network.aside import Watch  # noqa: PLC0415  (no prediction needs it)

        numbers, share = _numbers(self.aside, precision, units), self.aside.share
        return Watch(kept, lambda W: self.loss.value(W, *numbers, share), self.plan.patience)


def _made(problem: Problem, hyper: NetworkHyper) -> _Made:
    problem, aside, hyper = _sides(problem, hyper)
    plan = network.plan(hyper, len(problem.X), problem.total)
    layers = network.layers_of(problem.X.shape[1], hyper.hidden, problem.n_classes)
    where = network.not_biases(layers)
    loss = NetworkLoss(hyper.hidden, problem.n_classes, hyper.activation, hyper.dropout, problem.seed)
    if plan.optimizer == "lbfgs":
        optimizer = lbfgs()
    else:
        optimizer = descent_choices.optimizer(replace(plan, weight_decay=0.0), loss, problem.X, problem.y)
    if plan.weight_decay:
        optimizer = decoupled_decay(optimizer, plan.weight_decay, where)
    return _Made(
        problem=problem,
        aside=aside,
        plan=plan,
        layers=layers,
        loss=loss,
        where=where,
        optimizer=optimizer,
        structure={
            "layers": np.array(layers, dtype=np.int64),
            "activation": np.array([list(ACTIVATIONS).index(hyper.activation)], dtype=np.int64),
        },
    )


def _sides(problem: Problem, hyper: NetworkHyper) -> tuple[Problem, Problem | None, NetworkHyper]:
    """The rows to learn from, those aside, and the settings: without early stopping where rows are too few for it."""
    if not hyper.early_stopping:
        return problem, None, hyper
    from lepton_core.models.network.aside import sides  # noqa: PLC0415  (no prediction needs it)

    found = sides(problem)
    if found is None:
        return problem, None, replace(hyper, early_stopping=False)
    return found.learnt, found.aside, hyper


def _resumed(
    fit: Fit, made: _Made
) -> tuple[DescentState, float, dict[str, NDArray[Any]], "BestEpoch | None"]:
    units = {} if made.problem.n_classes else {"center": np.zeros(1), "scale": np.ones(1)}
    expected = made.structure | units
    begun = made.kept(np.zeros(network.size(made.layers)))
    kept = {} if begun is None else begun.arrays
    state, rate = to_state(fit, (network.size(made.layers),), made.optimizer, expected | kept)
    if any((fit.arrays[name] != array).any() for name, array in made.structure.items()):
        raise InvalidArtifact("the checkpoint belongs to other data or other hyperparameters")
    more = {name: fit.arrays[name] for name in expected}
    return state, rate, more, None if begun is None else begun.of(fit.arrays)


def _check_size(X: Matrix, precision: str) -> None:
    with np.errstate(over="ignore"):
        if not float(row_squares(X).sum()) < float(np.finfo(precision).max):
            raise InvalidData("the features are too large to train on; add Normalize to the preprocessor")


def _units(problem: Problem) -> dict[str, Array]:
    """Mean and standard deviation of the targets; nothing for classes."""
    if problem.n_classes:
        return {}
    largest = float(np.abs(problem.y).max()) or 1.0
    if not isfinite(2.0 * largest):
        raise InvalidData("the targets are too large; measure them in larger units")
    y = problem.y / largest  # so that no square overflows
    center = float(np.average(y, weights=problem.share))
    spread = float(np.sqrt(np.average((y - center) ** 2, weights=problem.share)))
    scale = spread if spread > _CONSTANT else 1.0
    return {"center": np.array([center * largest]), "scale": np.array([scale * largest])}


def _numbers(
    problem: Problem, precision: str, units: Mapping[str, NDArray[Any]]
) -> tuple[Matrix, NDArray[Any]]:
    """Features and targets as the loss takes them."""
    X = problem.X.astype(precision, copy=False)
    if problem.n_classes > 2:
        return X, problem.y
    y = problem.y if problem.n_classes else (problem.y - units["center"]) / units["scale"]
    return X, y.astype(precision)


def _warm(
    parameters: Mapping[str, NDArray[Any]], layers: tuple[int, ...], more: Mapping[str, NDArray[Any]]
) -> Array:
    wanted: dict[str, NDArray[Any]] = dict(network.named(np.zeros(network.size(layers)), layers))
    wanted |= {name: array for name, array in more.items() if name != "layers"}
    if set(parameters) != set(wanted):
        raise _refused(f"it must have {sorted(wanted)}, not {sorted(parameters)}")
    for name, array in parameters.items():
        if array.shape != wanted[name].shape or not np.isfinite(array).all():
            raise _refused(f"{name} must be finite, of shape {wanted[name].shape}, not {array.shape}")
    if parameters["activation"] != more["activation"]:
        raise _refused("its activation is another")
    weights = network.flatten(parameters)
    if "scale" in more and any(parameters[name] != more[name] for name in ("center", "scale")):
        # The same values in the units of the new targets.
        matrix, bias = network.unflatten(weights, layers)[-1]
        matrix *= parameters["scale"] / more["scale"]
        bias *= parameters["scale"]
        bias += parameters["center"] - more["center"]
        bias /= more["scale"]
    return weights


def _refused(what: str) -> InvalidInput:
    return InvalidInput(
        f"cannot go on from the earlier version: {what}; train without a warm start", field="warm_start"
    )


ALGORITHM = DeepLearning()
