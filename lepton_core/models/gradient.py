"""The common part of linear models trained by descent; each adds its loss and what its scores mean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import DescentState, Loss, Squared, begin, descend
from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.matrix import Matrix
from lepton_core.models import descent_choices, descent_hyper, linear
from lepton_core.models.algorithm import Array, Explanation, Fit, Inputs, Problem
from lepton_core.models.checkpoint import to_fit, to_state
from lepton_core.models.descent_hyper import DescentHyper, Plan
from lepton_core.models.hyper import checked, configure
from lepton_core.models.rows import check_spread, check_targets, counted, demand

_CHOSEN = "chosen."
_DEFAULTS = DescentHyper()

Settle = Callable[[Matrix, NDArray[Any], Array | None, float, Any], Mapping[str, float]]
"""From ``X`` ``(m, n)``, ``y``, ``s`` ``(m,)``, the rows that these count for, and hyperparameters to those that the
data decide, by name."""

Onward = Callable[[Fit, Callable[[Fit], bool]], Fit]
"""From a fit that is not finished, and when to pause, to a later one."""


def _nothing(X: Matrix, y: NDArray[Any], s: Array | None, total: float, hyper: Any) -> Mapping[str, float]:
    return {}


@dataclass(frozen=True)
class GradientTrained:
    """A linear score ``X w + b``, trained by gradient descent.

    ``loss`` gives the loss for a number of classes (0: a regression) and the hyperparameters; its weights are
    ``(n + 1,)``, or ``(K, n + 1)`` for K > 2 classes. ``outputs`` turns scores, ``(m,)`` or ``(m, K)``, into
    predictions, and ``unit`` says what a score is. ``settle`` decides hyperparameters from the data, once, before
    the first iteration: the fit keeps them. Parameters: ``weights`` ``(n,)`` and ``intercept`` ``(1,)``, or
    ``(K, n)`` and ``(K,)``. Rows of weight 0 count as absent.
    """

    name: str
    tasks: frozenset[str]
    loss: Callable[[int, Any], Loss]
    outputs: Callable[[Array], Array]
    unit: str = "score"
    defaults: DescentHyper = _DEFAULTS
    inputs: Inputs = Inputs(sparse=True)  # noqa: RUF009  (frozen)
    settle: Settle = _nothing

    def configure(self, given: Mapping[str, Any]) -> Any:
        """See `Algorithm` and `descent_hyper.check`."""
        return checked(self.defaults, given, descent_hyper.check)

    def start(self, problem: Problem, hyper: Any, warm: Mapping[str, NDArray[Any]] | None = None) -> Fit:
        """See `Algorithm`. Without ``warm`` all weights begin at zero."""
        demand(problem, self.tasks)
        problem = counted(problem)
        check_targets(problem)
        check_spread(problem)
        shape = _shape(problem.n_classes, problem.X.shape[1])
        weights = np.zeros(shape) if warm is None else _warm(warm, shape)
        X, y, s = _rows(problem)
        chosen = self.settle(X, y, s, problem.total, hyper)
        hyper = replace(hyper, **chosen)
        plan, loss = self._plan(problem, len(X), hyper)
        rate, of_rate = descent_choices.learning_rate(plan, loss, X, y, s, n_classes=problem.n_classes)
        notes = [
            plan.why,
            of_rate,
            *(f"{name} {value:.3g} chosen from the data" for name, value in chosen.items()),
        ]
        if hyper.l2 is None and plan.l2:
            notes.append(f"l2 {plan.l2:.3g} chosen from the data")
        made = _Made(plan, rate, chosen, "; ".join(filter(None, notes)))
        return made.fit(begin(weights, descent_choices.optimizer(plan, loss, X, y, s)))

    def warm_starts(self, hyper: Any) -> bool:
        """See `Algorithm`: it begins at the earlier weights."""
        return True

    def advance(self, fit: Fit, problem: Problem, hyper: Any, pause: Callable[[Fit], bool]) -> Fit:
        """See `Algorithm`."""
        return fit if fit.finished else self.onward(fit, problem, hyper)(fit, pause)

    def found(self, fit: Fit, problem: Problem, hyper: Any) -> Mapping[str, float]:
        """See `Finds`: the penalty that it was trained under, and what else ``settle`` decided."""
        chosen = _chosen(fit, hyper)
        if hyper.l2 is not None:
            return chosen
        problem = counted(problem)
        plan, _ = self._plan(problem, len(problem.X), _completed(hyper, chosen))
        return {**chosen, "l2": plan.l2}

    def onward(self, fit: Fit, problem: Problem, hyper: Any) -> Onward:
        """`advance` for this ``fit`` and those that come of it: what they have in common is made once.

        Raises `InvalidArtifact` as `advance` does, which is also what raises `Diverged`.
        """
        X, y, s = _rows(problem)
        chosen = _chosen(fit, hyper)
        plan, loss = self._plan(problem, len(X), _completed(hyper, chosen))
        optimizer = descent_choices.optimizer(plan, loss, X, y, s)
        shape = _shape(problem.n_classes, X.shape[1])
        penalty, schedule, batches = (
            descent_choices.penalty(plan),
            descent_choices.schedule(plan),
            descent_choices.batches(plan, problem.seed),
        )

        def on(fit: Fit, pause: Callable[[Fit], bool]) -> Fit:
            state, rate = to_state(fit, shape, optimizer, _arrays(chosen))
            made = _Made(plan, rate, chosen, fit.note)
            end = descend(
                loss,
                penalty,
                optimizer,
                schedule,
                batches,
                state,
                X,
                y,
                s,
                rate=rate,
                iterations=plan.iterations,
                stop=lambda state: pause(made.fit(state)),
                tolerance=plan.tolerance,
                patience=plan.patience,
            )
            return made.fit(end)

        return on

    def _plan(self, problem: Problem, rows: int, hyper: Any) -> tuple[Plan, Loss]:
        loss = self.loss(problem.n_classes, hyper)
        plan = descent_hyper.plan(
            hyper,
            rows,
            problem.X.shape[1],
            problem.n_classes,
            curved=hasattr(loss, "curvatures"),
            quadratic=isinstance(loss, Squared),
            total=problem.total,
        )
        return plan, loss

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """See `Algorithm`."""
        weights = fit.arrays["weights"]
        return {"weights": weights[..., :-1].copy(), "intercept": np.atleast_1d(weights[..., -1]).copy()}

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """See `Algorithm`."""
        if n_classes == 1 or _task(n_classes) not in self.tasks:
            raise InvalidArtifact(f"{self.name} cannot have {n_classes} classes")
        if set(parameters) != {"weights", "intercept"}:
            raise InvalidArtifact(f"{self.name} has weights and intercept, not {sorted(parameters)}")
        wanted = _shapes(_shape(n_classes, n_features))
        for name, array in parameters.items():
            if array.dtype != np.float64 or array.shape != wanted[name]:
                raise InvalidArtifact(
                    f"{name} must be float64 of shape {wanted[name]}, not {array.dtype} of {array.shape}",
                    field=name,
                )
            if not np.isfinite(array).all():
                raise InvalidArtifact(f"{name} holds a value that is not finite", field=name)

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
        """See `Algorithm`. A row is too large if its score overflows."""
        return self.outputs(linear.scores(parameters, X))

    @property
    def keeps_stages(self) -> bool:
        """See `Staged`: weights are changed."""
        return False

    def staged(self, fit: Fit, X: Matrix, iterations: Sequence[int]) -> list[Array]:
        """See `Staged`."""
        return [self.predict(self.parameters(fit), X)]

    def explains(self, hyper: Any) -> bool:
        """See `Algorithm`."""
        return True

    @property
    def explained_by_mean(self) -> bool:
        """See `ExplainedByMean`."""
        return True

    def explain(self, parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
        """See `Algorithm`. Of a linear score the Shapley values are ``w_j (x_j - mean_j)``."""
        return linear.explain(parameters, X, background, self.unit)


@dataclass(frozen=True)
class _Made:
    """From a state to a fit: what was decided at the start, and what the note says about it."""

    plan: Plan
    rate: float
    chosen: Mapping[str, float]
    note: str

    def fit(self, state: DescentState) -> Fit:
        return to_fit(
            state,
            rate=self.rate,
            iterations=self.plan.iterations,
            waits=self.plan.tolerance > 0.0,
            note=self.note,
            more=_arrays(self.chosen),
        )


def _task(n_classes: int) -> str:
    return "classification" if n_classes else "regression"


def _rows(problem: Problem) -> tuple[Matrix, NDArray[Any], Array | None]:
    """The rows that count, ``X`` ``(m', n)``, ``y`` and shares ``(m',)``; None if all count alike."""
    problem = counted(problem)
    return problem.X, problem.y.astype(np.float64) if problem.n_classes <= 2 else problem.y, problem.share


def _shape(n_classes: int, n_features: int) -> tuple[int, ...]:
    return (n_classes, n_features + 1) if n_classes > 2 else (n_features + 1,)


def _shapes(weights: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    *classes, columns = weights
    return {"weights": (*classes, columns - 1), "intercept": tuple(classes) or (1,)}


def _warm(parameters: Mapping[str, NDArray[Any]], shape: tuple[int, ...]) -> Array:
    linear.check_warm(parameters, _shapes(shape))
    weights = np.empty(shape)
    weights[..., :-1] = parameters["weights"]
    weights[..., -1:] = parameters["intercept"].reshape(*shape[:-1], 1)
    return weights


def _completed(hyper: Any, chosen: Mapping[str, float]) -> Any:
    try:
        return configure(hyper, chosen)
    except InvalidInput as error:
        raise InvalidArtifact("the checkpoint holds a number out of its range", field=error.field) from error


def _chosen(fit: Fit, hyper: Any) -> dict[str, float]:
    left_out = {one.name for one in fields(hyper) if getattr(hyper, one.name) is None}
    chosen = {}
    for name, array in fit.arrays.items():
        if name.startswith(_CHOSEN):
            field = name.removeprefix(_CHOSEN)
            if field not in left_out or array.shape != (1,) or array.dtype != np.float64:
                raise InvalidArtifact("the checkpoint belongs to other data or other hyperparameters")
            chosen[field] = float(array[0])
    return chosen


def _arrays(chosen: Mapping[str, float]) -> dict[str, NDArray[Any]]:
    return {_CHOSEN + name: np.array([value]) for name, value in chosen.items()}
