"""Deep learning: multi-layer perceptrons of any depth, for classes and for values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

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

_DEFAULTS = NetworkHyper()
_CONSTANT = 2.0**-50  # targets whose spread is this small a share of them differ by rounding only


@dataclass(frozen=True)
class DeepLearning:
    """A network of layers, see `NetworkLoss`, trained by descent over mini-batches; an iteration is an epoch.

    Targets of a regression are brought to mean 0 and variance 1 first, so that the rate fits any unit; losses are in
    these units. Parameters: see `lepton_core.models.network.parameters`. Rows of weight 0 count as absent.
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
        more = made.structure | _units(problem)
        if warm is None:
            weights = network.initial(made.layers, hyper.activation, problem.seed)
        else:
            weights = _warm(warm, made.layers, more)
        chosen = hyper.batch_size is None and made.plan.batch_size is not None
        of_batches = f"batches of {made.plan.batch_size} rows chosen from the data" if chosen else ""
        note = made.plan.why or of_batches
        return made.fit(begin(weights, made.optimizer), made.plan.learning_rate or 1.0, more, note)

    def warm_starts(self, hyper: NetworkHyper) -> bool:
        """See `Algorithm`: it begins at the earlier weights."""
        return True

    def advance(self, fit: Fit, problem: Problem, hyper: NetworkHyper, pause: Callable[[Fit], bool]) -> Fit:
        """See `Algorithm`."""
        if fit.finished:
            return fit
        problem = counted(problem)
        made = _made(problem, hyper)
        state, rate, more = _resumed(fit, made, problem)
        X, y = _numbers(problem, hyper.precision, more)
        end = descend(
            made.loss,
            Penalty(l2=made.plan.l2, where=made.where),
            made.optimizer,
            descent_choices.schedule(made.plan),
            descent_choices.batches(made.plan, problem.seed),
            state,
            X,
            y,
            problem.share,
            rate=rate,
            iterations=made.plan.iterations,
            stop=lambda state: pause(made.fit(state, rate, more, fit.note)),
            tolerance=made.plan.tolerance,
            patience=made.plan.patience,
        )
        return made.fit(end, rate, more, fit.note)

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """See `Algorithm`."""
        arrays: dict[str, NDArray[Any]] = {}
        arrays |= network.named(fit.arrays["weights"], fit.arrays["layers"].tolist())
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


@dataclass(frozen=True)
class _Made:
    """The parts of a training, the same whenever they are made for the same data and hyperparameters."""

    plan: Plan
    layers: tuple[int, ...]
    loss: NetworkLoss
    where: NDArray[np.bool_]
    optimizer: Optimizer
    structure: dict[str, NDArray[Any]]

    def fit(self, state: DescentState, rate: float, more: Mapping[str, NDArray[Any]], note: str) -> Fit:
        return to_fit(
            state,
            rate=rate,
            iterations=self.plan.iterations,
            waits=self.plan.tolerance > 0.0,
            note=note,
            more=more,
        )


def _made(problem: Problem, hyper: NetworkHyper) -> _Made:
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


def _resumed(fit: Fit, made: _Made, problem: Problem) -> tuple[DescentState, float, dict[str, NDArray[Any]]]:
    units = {} if problem.n_classes else {"center": np.zeros(1), "scale": np.ones(1)}
    expected = made.structure | units
    state, rate = to_state(fit, (network.size(made.layers),), made.optimizer, expected)
    if any((fit.arrays[name] != array).any() for name, array in made.structure.items()):
        raise InvalidArtifact("the checkpoint belongs to other data or other hyperparameters")
    return state, rate, {name: fit.arrays[name] for name in expected}


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
