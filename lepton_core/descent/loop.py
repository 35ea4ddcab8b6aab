"""The one loop of descent: a frozen state goes in, a later one comes out, nothing is hidden between."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf, isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.batches import Batch, Batches
from lepton_core.descent.losses import Array, Loss
from lepton_core.descent.optimizers import Optimizer, Slots
from lepton_core.descent.penalties import Penalty
from lepton_core.descent.schedules import RateSchedule
from lepton_core.errors import Diverged
from lepton_core.matrix import Matrix

_ROUNDING = 1.0 + 1e-9
_NOISE = 2.0
_ZERO = 2.0**-52


Finished = Literal["", "iterations", "converged", "early stopping"]


@dataclass(frozen=True, eq=False)
class DescentState:
    """All that descent needs to go on, bit for bit.

    ``weights`` is ``(n + 1,)`` or ``(K, n + 1)``, ``losses`` ``(iteration,)``, or the latest of them, of which going on
    needs one: ``losses[i]`` is the objective (loss and penalty) where the gradient of iteration i was taken: for a full
    batch over all rows, for mini-batches the mean over the epoch's batches, each as it was met. ``first`` is the
    objective before the first iteration, ``best`` the lowest that counted as progress, and ``waited`` how many
    iterations ago that was. ``finished`` says why nothing is left to do; ``""``: there is.
    """

    iteration: int
    weights: Array
    slots: Slots
    losses: Array = field(default_factory=lambda: np.empty(0))
    first: float = inf
    best: float = inf
    waited: int = 0
    finished: Finished = ""


def begin(weights: Array, optimizer: Optimizer) -> DescentState:
    """The state before the first iteration, at ``weights`` ``(n + 1,)`` or ``(K, n + 1)``.

    >>> from lepton_core.descent.optimizers import gradient_descent
    >>> begin(np.zeros(3), gradient_descent()).iteration
    0
    """
    return DescentState(0, weights, optimizer.init(weights))


def descend(
    loss: Loss,
    penalty: Penalty,
    optimizer: Optimizer,
    schedule: RateSchedule,
    batches: Batches,
    state: DescentState,
    X: Matrix,
    y: NDArray[Any],
    s: Array | None = None,
    *,
    rate: float,
    iterations: int,
    stop: Callable[[DescentState], bool] = lambda state: False,
    tolerance: float = 0.0,
    patience: int = 10,
    enough: Callable[[DescentState], bool] = lambda state: False,
) -> DescentState:
    """Go on from ``state`` until it is finished or ``stop``, asked after each iteration, answers True.

    ``X`` is ``(m, n)``, ``y`` ``(m,)``, and ``s`` ``(m,)`` how much each row counts, with mean 1 (None: all alike); the
    state's weights have the shape ``loss.shape(n)``. Batch b of iteration i sees the loss ``loss.at(i, b)``.

    An iteration is one update for a full batch and one epoch for mini-batches; iteration i uses the rate
    ``rate * schedule(i)``. With ``tolerance`` 0 all iterations are done. Otherwise a full batch has converged
    when each of ``patience`` iterations changed the objective by at most ``tolerance`` of itself (under
    momentum it rises and falls again, so that a rise alone means nothing), or of what rounding leaves of the
    first objective, where the data can be explained without any loss; mini-batches, whose objective never
    rests, stop early when ``patience`` epochs brought none lower by more than ``tolerance`` of itself. Both
    stop early when ``enough``, asked after each iteration and before ``stop``, answers True.

    However often it is stopped and called again, the result is the same to the last bit (with the same number
    of BLAS threads). Raises `Diverged` when the objective or a weight is no longer finite, or when the
    finished weights are worse than both the first and zero weights (with mini-batches, whose noise has no
    end: twice as bad).

    >>> from lepton_core.descent import Full, Penalty, Squared, constant, gradient_descent
    >>> X, y = np.array([[-1.0], [1.0]]), np.array([1.0, 5.0])
    >>> gd = gradient_descent()
    >>> state = begin(np.zeros(2), gd)
    >>> end = descend(Squared(), Penalty(), gd, constant(), Full(), state, X, y, rate=1.0, iterations=2)
    >>> end.weights.tolist(), end.losses.tolist(), end.finished
    ([2.0, 3.0], [6.5, 0.0], 'iterations')
    """
    curve, data = _Curve(state.losses), Batch(X, y, s)
    if state.iteration == 0 and batches.noisy:
        state = replace(state, first=_objective(loss, penalty, state.weights, data))
    while not state.finished:
        factor = rate * schedule(state.iteration)
        value, weights, slots = _iterate(loss, penalty, optimizer, batches, state, data, factor)
        if not (isfinite(value) and np.isfinite(weights).all()):
            raise _diverged(
                f"at iteration {state.iteration + 1} the loss or a weight was no longer finite", rate
            )
        progress = _progress(state, value, batches.noisy, tolerance)
        state = replace(
            state,
            first=state.first if state.iteration or batches.noisy else value,
            iteration=state.iteration + 1,
            weights=weights,
            slots=slots,
            losses=curve.append(value),
            best=value if progress else state.best,
            waited=0 if progress else state.waited + 1,
        )
        early: Finished = "early stopping" if enough(state) else ""
        ended = _finished(state, iterations, batches.noisy, tolerance, patience)
        state = replace(state, finished=ended or early)
        if state.finished:
            _judge(loss, penalty, state, data, rate, batches.noisy)
        if stop(state):
            break
    return state


@np.errstate(over="ignore", invalid="ignore")
def _iterate(
    loss: Loss,
    penalty: Penalty,
    optimizer: Optimizer,
    batches: Batches,
    state: DescentState,
    data: Batch,
    rate: float,
) -> tuple[float, Array, Slots]:
    weights, slots, total = state.weights, state.slots, 0.0
    for number, batch in enumerate(batches.of(state.iteration, *data)):
        objective = partial(_with_gradient, loss.at(state.iteration, number), penalty, batch)
        value, weights, slots = optimizer.step(objective, slots, weights, rate)
        if penalty.l1:
            weights = penalty.shrink(weights, optimizer.reach(slots, rate))
        total += value * (len(batch.X) / len(data.X))
    return total, weights, slots


def _with_gradient(loss: Loss, penalty: Penalty, batch: Batch, weights: Array) -> tuple[float, Array]:
    value, gradient = loss.value_and_gradient(weights, *batch)
    return value + penalty.value(weights), penalty.add_gradient(gradient, weights)


def _progress(state: DescentState, value: float, noisy: bool, tolerance: float) -> bool:
    if state.iteration == 0:
        return True
    if noisy:
        return value < state.best - tolerance * abs(state.best)
    return abs(value - float(state.losses[-1])) > tolerance * max(abs(value), _ZERO * state.first)


def _finished(state: DescentState, iterations: int, noisy: bool, tolerance: float, patience: int) -> Finished:
    if state.iteration >= iterations:
        return "iterations"
    if tolerance == 0.0 or state.waited < patience:
        return ""
    if noisy:
        return "early stopping"
    # Momentum can turn at a height above where it began; that is no rest.
    return "converged" if float(state.losses[-1]) <= state.first * _ROUNDING else ""


def _judge(loss: Loss, penalty: Penalty, state: DescentState, data: Batch, rate: float, noisy: bool) -> None:
    end, slack = _objective(loss, penalty, state.weights, data), _NOISE if noisy else _ROUNDING
    if end <= state.first * slack:
        return
    untrained = max(state.first, _objective(loss, penalty, np.zeros_like(state.weights), data))
    if not end <= untrained * slack:
        raise _diverged(f"the loss ended at {end:.6g}, worse than {untrained:.6g} without training", rate)


@np.errstate(over="ignore", invalid="ignore")
def _objective(loss: Loss, penalty: Penalty, weights: Array, data: Batch) -> float:
    return loss.value(weights, *data) + penalty.value(weights)


def _diverged(what: str, rate: float) -> Diverged:
    return Diverged(
        f"training diverged: {what}; try a learning rate smaller than {rate:.6g}", field="learning_rate"
    )


class _Curve:
    """Losses in a buffer that doubles: a state holds a view, and appending seldom copies what came before."""

    def __init__(self, losses: Array) -> None:
        self._used = len(losses)
        self._buffer = np.empty(max(64, 2 * self._used))
        self._buffer[: self._used] = losses

    def append(self, value: float) -> Array:
        if self._used == len(self._buffer):
            self._buffer = np.concatenate([self._buffer, np.empty(self._used)])
        self._buffer[self._used] = value
        self._used += 1
        view = self._buffer[: self._used]
        view.flags.writeable = False
        return view
