"""What linear models trained by descent have in common; each adds its loss and what its scores mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import Loss, State, begin, descend
from lepton_core.errors import InvalidArtifact, InvalidData, InvalidInput
from lepton_core.models import recipe
from lepton_core.models.algorithm import Array, Explanation, Fit, Inputs, Problem
from lepton_core.models.hyper import configure
from lepton_core.models.recipe import DescentHyper

_SLOT = "slot."
_DEFAULTS = DescentHyper()


@dataclass(frozen=True)
class GradientTrained:
    """A linear score ``X w + b``, trained by gradient descent.

    ``loss`` gives the loss for a number of classes; ``outputs`` turns scores, ``(m,)`` or ``(m, K)``, into
    predictions. Parameters: ``weights`` ``(n,)`` and ``intercept`` ``(1,)``, or ``(K, n)`` and ``(K,)``.
    """

    name: str
    tasks: frozenset[str]
    loss: Callable[[int], Loss]
    outputs: Callable[[Array], Array]
    defaults: DescentHyper = _DEFAULTS
    inputs: Inputs = Inputs()  # noqa: RUF009  (frozen)

    def configure(self, given: Mapping[str, Any]) -> DescentHyper:
        """See `Algorithm` and `recipe.resolve`."""
        return recipe.resolve(configure(self.defaults, given), given, classes="classification" in self.tasks)

    def start(
        self, problem: Problem, hyper: DescentHyper, warm: Mapping[str, NDArray[Any]] | None = None
    ) -> Fit:
        """See `Algorithm`. Without ``warm`` all weights begin at zero."""
        _demand(problem, self.tasks)
        loss = self.loss(problem.n_classes)
        shape = loss.shape(problem.X.shape[1])
        weights = np.zeros(shape) if warm is None else _warm(warm, shape)
        rate, note = recipe.learning_rate(hyper, loss, _in_order(problem.X))
        return _fit(begin(weights, recipe.optimizer(hyper)), hyper, rate, note)

    def advance(self, fit: Fit, problem: Problem, hyper: DescentHyper, pause: Callable[[Fit], bool]) -> Fit:
        """See `Algorithm`."""
        if fit.finished:
            return fit
        loss = self.loss(problem.n_classes)
        X = _in_order(problem.X)
        optimizer = recipe.optimizer(hyper, recipe.inverse(hyper, loss, X))
        state, rate = _state(fit, loss.shape(X.shape[1]), optimizer.init)
        end = descend(
            loss,
            recipe.penalty(hyper, len(X)),
            optimizer,
            recipe.schedule(hyper),
            recipe.batches(hyper, len(X), problem.seed),
            state,
            X,
            problem.y.astype(np.float64) if problem.n_classes <= 2 else problem.y,
            rate=rate,
            iterations=hyper.iterations,
            stop=lambda state: pause(_fit(state, hyper, rate, fit.note)),
            tolerance=hyper.tolerance or 0.0,
            patience=hyper.patience or 1,
        )
        return _fit(end, hyper, rate, fit.note)

    def parameters(self, fit: Fit) -> dict[str, NDArray[Any]]:
        """See `Algorithm`."""
        weights = fit.arrays["weights"]
        return {"weights": weights[..., :-1].copy(), "intercept": np.atleast_1d(weights[..., -1]).copy()}

    def check(self, parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
        """See `Algorithm`."""
        if n_classes == 1 or (n_classes == 0) != ("regression" in self.tasks):
            raise InvalidArtifact(f"{self.name} cannot have {n_classes} classes")
        if set(parameters) != {"weights", "intercept"}:
            raise InvalidArtifact(f"{self.name} has weights and intercept, not {sorted(parameters)}")
        wanted = _shapes(self.loss(n_classes).shape(n_features))
        for name, array in parameters.items():
            if array.dtype != np.float64 or array.shape != wanted[name]:
                raise InvalidArtifact(
                    f"{name} must be float64 of shape {wanted[name]}, not {array.dtype} of {array.shape}",
                    field=name,
                )
            if not np.isfinite(array).all():
                raise InvalidArtifact(f"{name} holds a value that is not finite", field=name)

    def predict(self, parameters: Mapping[str, NDArray[Any]], X: Array) -> Array:
        """See `Algorithm`. A row is too large if its score overflows."""
        with np.errstate(over="ignore", invalid="ignore"):
            scores = X @ parameters["weights"].T
            scores += parameters["intercept"]
        finite = np.isfinite(scores)
        if not finite.all():
            row = int(np.flatnonzero(~finite.reshape(len(X), -1).all(axis=1))[0])
            raise InvalidData("the values are too large for the model", row=row + 1)
        return self.outputs(scores)

    def explain(self, parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
        """See `Algorithm`. Of a linear score the Shapley values are ``w_j (x_j - mean_j)``."""
        weights = np.atleast_2d(parameters["weights"])
        center = background.mean(axis=0)
        contributions = (X - center)[:, :, None] * weights.T
        unit = "value" if "regression" in self.tasks else "log-odds"
        return Explanation(weights @ center + parameters["intercept"], contributions, unit)


def _demand(problem: Problem, tasks: frozenset[str]) -> None:
    if (problem.n_classes == 0) != ("regression" in tasks):
        raise InvalidInput(f"this algorithm is for {' and '.join(sorted(tasks))} only", field="algorithm")
    if problem.n_classes == 1:
        raise InvalidData("the label has one class only; at least two are needed to learn from")
    for values in (problem.X, problem.y):
        # One sum finds out without a temporary; only sums that overflow need the second look.
        with np.errstate(over="ignore", invalid="ignore"):
            suspect = not np.isfinite(values.sum())
        if suspect and not np.isfinite(values).all():
            row = int(np.argwhere(~np.isfinite(values))[0][0])
            raise InvalidData("a value is missing or not finite", row=row + 1)
    with np.errstate(over="ignore"):
        if not problem.n_classes and not np.isfinite(problem.y @ problem.y):
            raise InvalidData("the targets are too large to be squared; measure them in larger units")


def _in_order(X: Array) -> Array:
    # The last bits depend on the order in memory, and a resumed run may hold the data in another. Arrays that
    # lie row after row at addresses of whole numbers, as a preprocessor makes them, are not copied.
    return np.require(X, requirements=("C_CONTIGUOUS", "ALIGNED"))


def _shapes(weights: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    *classes, columns = weights
    return {"weights": (*classes, columns - 1), "intercept": tuple(classes) or (1,)}


def _warm(parameters: Mapping[str, NDArray[Any]], shape: tuple[int, ...]) -> Array:
    wanted = _shapes(shape)
    for name, of in wanted.items():
        array = parameters.get(name)
        if array is None or array.shape != of or not np.isfinite(array).all():
            found = "none" if array is None else f"those of shape {array.shape}"
            raise InvalidInput(
                f"cannot go on from the earlier version: {name} must be finite, of shape {of}, not {found}; "
                "train without a warm start",
                field="warm_start",
            )
    weights = np.empty(shape)
    weights[..., :-1] = parameters["weights"]
    weights[..., -1:] = parameters["intercept"].reshape(*shape[:-1], 1)
    return weights


def _fit(state: State, hyper: DescentHyper, rate: float, note: str) -> Fit:
    if state.finished and (state.finished != "iterations" or hyper.tolerance):
        how = "not yet at rest" if state.finished == "iterations" else state.finished
        note = "; ".join(filter(None, [note, f"{how} after {state.iteration} iterations"]))
    return Fit(
        iteration=state.iteration,
        iterations=hyper.iterations,
        losses=state.losses,
        arrays={
            "weights": state.weights,
            "rate": np.array([rate]),
            "first": np.array([state.first]),
            "best": np.array([state.best]),
            "waited": np.array([state.waited]),
            **{_SLOT + name: array for name, array in state.slots.items()},
        },
        finished=bool(state.finished),
        note=note,
    )


def _state(
    fit: Fit, shape: tuple[int, ...], init: Callable[[Array], Mapping[str, Array]]
) -> tuple[State, float]:
    arrays = fit.arrays
    floats = {"weights": shape} | {_SLOT + name: array.shape for name, array in init(np.empty(shape)).items()}
    wanted: dict[str, tuple[tuple[int, ...], str]] = {name: (of, "f8") for name, of in floats.items()}
    wanted |= dict.fromkeys(("rate", "first", "best"), ((1,), "f8")) | {"waited": ((1,), "i8")}
    if {name: (array.shape, array.dtype.str[1:]) for name, array in arrays.items()} != wanted:
        raise InvalidArtifact("the checkpoint belongs to other data or other hyperparameters")
    slots = {name.removeprefix(_SLOT): array for name, array in arrays.items() if name.startswith(_SLOT)}
    state = State(
        iteration=fit.iteration,
        weights=arrays["weights"],
        slots=slots,
        losses=fit.losses,
        first=float(arrays["first"][0]),
        best=float(arrays["best"][0]),
        waited=int(arrays["waited"][0]),
    )
    return state, float(arrays["rate"][0])
