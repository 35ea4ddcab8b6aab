"""Proximal Newton steps: to the lowest point of the parabola through the point together with the corners of l1."""

from collections.abc import Callable
from functools import partial
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.coordinates import Coordinates
from lepton_core.descent.hessian import Curvature, Equations, bending, positive
from lepton_core.descent.lasso import lasso
from lepton_core.descent.losses import Array, Bounded, Curved
from lepton_core.descent.optimizers import Objective, Optimizer, Slots, settled
from lepton_core.descent.penalties import Penalty
from lepton_core.matrix import Matrix

Corner = Callable[[Array], Callable[[Array, float], Array]]
"""From weights to what finds, of a gradient there and a damping, the weights at which the parabola is lowest."""

Columns = NDArray[np.intp]

WIDE = 1000
"""So many weights, at most, move in one step: those that are not 0, and those that most want to leave 0."""

_ENOUGH = 1e-4
_ROUNDING = 1e-14
_SHORTEST = 0.1
_FIRST = 1e-4
_MORE = 16.0
_MOST = 1e12


def proximal(corner: Corner, penalty: Penalty) -> Optimizer:
    """Newton's method for a smooth convex objective plus ``l1 |w|_1``, over all rows (Lee, Sun and Saunders, 2014).

    ``corner``, made by `working_set`, gives the lowest point of ``g'v + v'Hv/2 + l1 |w + v|_1``. The step ``t v`` is
    the first of 1, 1/2, 1/4, 1/8 by which the objective falls by 1e-4 of ``t (g'v + l1 |w + v|_1 - l1 |w|_1)``; where
    none does, ``H`` is damped as in `newton`. The objective never rises, and a weight that is 0 at the minimum is
    exactly 0 after a full step. For `Squared` one step is all, if no more than 1000 weights take part. The slots hold
    the damping, and value and gradient at the weights, ``(n + 1,)`` or ``(K, n + 1)``. The rate is ignored.

    >>> slots = proximal(lambda weights: lambda gradient, damping: weights, Penalty(l1=1.0)).init(np.zeros(3))
    >>> {name: array.shape for name, array in slots.items()}
    {'value': (1,), 'gradient': (3,), 'damping': (1,)}
    """

    def init(weights: Array) -> Slots:
        return _slots(inf, np.zeros_like(weights), 0.0)

    return Optimizer(init, partial(_step, corner, penalty), settled)


def _step(
    corner: Corner, penalty: Penalty, objective: Objective, slots: Slots, weights: Array, rate: float
) -> tuple[float, Array, Slots]:
    value, gradient, damping = float(slots["value"][0]), slots["gradient"], float(slots["damping"][0])
    if value == inf:
        value, gradient = objective(weights)
    lowest, corners = corner(weights), Penalty(l1=penalty.l1)
    while damping < _MOST:
        target = lowest(gradient, damping)
        promised = float(np.vdot(gradient, target - weights)) + corners.value(target) - corners.value(weights)
        if 0.0 >= promised >= -_ROUNDING * abs(value):
            break
        share = 1.0
        while promised < 0.0 and share > _SHORTEST:
            ahead = target if share == 1.0 else weights + share * (target - weights)
            lower, turned = objective(ahead)
            if isfinite(lower) and np.isfinite(turned).all() and lower <= value + _ENOUGH * share * promised:
                less = damping if share < 1.0 else damping / _MORE if damping > _FIRST else 0.0
                return value, ahead, _slots(lower, turned, less)
            share /= 2
        damping = max(_FIRST, _MORE * damping)
    return value, weights, _slots(value, gradient, inf)


def _slots(value: float, gradient: Array, damping: float) -> Slots:
    return {"value": np.array([value]), "gradient": gradient, "damping": np.array([damping])}


def working_set(
    loss: Curved, X: Matrix, y: NDArray[Any], s: Array | None = None, *, penalty: Penalty, most: int = WIDE
) -> Corner:
    """Where ``loss`` as a parabola and the ``penalty`` are lowest, for ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``.

    Found by `lasso` in `Coordinates`, so that scales and offsets of features do no harm. At most ``most`` weights
    change, of whole features: those that are not 0 now, and then those whose derivative exceeds l1 most.
    """
    X, y, s = positive(X, y, s)
    at, shape = Coordinates.of(X, s), loss.shape(X.shape[1])
    fits = max(1, most // int(np.prod(shape[:-1])) - 1)
    squares = _once(lambda: loss.curvature * at.squares(X, s))
    known: tuple[Columns, Equations] | None = None

    def equations(columns: Columns, curvature: Curvature) -> Equations:
        nonlocal known
        if known is None or not (np.array_equal(known[0], columns) and curvature.same(known[1].curvature)):
            some = X if len(columns) == X.shape[1] else X[:, columns]
            known = columns, Equations(curvature, some, at.take(columns))
        return known[1]

    def point(W: Array) -> Callable[[Array, float], Array]:
        def lowest(gradient: Array, damping: float) -> Array:
            columns = np.arange(X.shape[1])
            if len(columns) > fits:
                columns = _wanted(W, gradient, penalty.l1, squares()[:-1] * np.square(at.unit), fits)
            here = equations(columns, bending(loss, W, X, y, s, damping=damping))
            part, some = here.at, np.append(columns, X.shape[1])
            stiff = part.ridge(penalty.l2)
            if damping and not isinstance(loss, Bounded):
                stiff = stiff + damping * squares()[some]
            common = here.common(free=False)
            B = here.products + common.T @ common
            B[np.diag_indices(len(B))] += np.tile(stiff, shape[0] if W.ndim > 1 else 1)
            before = W[..., some] * np.append(part.unit, 0.0)
            slope = part.gradient(gradient[..., some], W[..., some], penalty.l2)
            corners = np.broadcast_to(np.append(penalty.l1 / part.unit, 0.0), before.shape)
            u = lasso(B, B @ before.ravel() - slope.ravel(), corners.ravel(), before.ravel()).reshape(
                before.shape
            )
            target = W.copy()
            target[..., columns] = u[..., :-1] / part.unit
            target[..., -1] += u[..., -1] - (target[..., columns] - W[..., columns]) @ part.center
            return target

        return lowest

    return point


def _wanted(W: Array, gradient: Array, l1: float, bent: Array, fits: int) -> Columns:
    """The ``fits`` features, in order, that are to move: those with weights, if they are few, and what pulls most."""
    w, pull = W[..., :-1], gradient[..., :-1]
    rest = np.abs(np.where(w != 0.0, pull + l1 * np.sign(w), np.maximum(np.abs(pull) - l1, 0.0)))
    gain = (
        np.divide(np.square(rest), bent, out=np.zeros_like(rest), where=bent > 0.0)
        .reshape(-1, len(bent))
        .sum(axis=0)
    )
    used = (w != 0.0).reshape(-1, len(bent)).any(axis=0)
    if used.sum() <= fits // 2:
        gain[used] = inf
    return np.sort(np.argsort(-gain, kind="stable")[:fits])


def _once(make: Callable[[], Array]) -> Callable[[], Array]:
    made: list[Array] = []

    def result() -> Array:
        if not made:
            made.append(make())
        return made[0]

    return result
