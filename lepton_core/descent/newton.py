"""Newton's method: the step to where the parabola through the point, with the loss's own curvature, is lowest."""

from collections.abc import Callable
from functools import partial
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.coordinates import Coordinates
from lepton_core.descent.hessian import Curvature, Equations, Solve, bending, inverse, positive
from lepton_core.descent.lbfgs import Inverse
from lepton_core.descent.losses import Array, Bounded, Curved
from lepton_core.descent.optimizers import Objective, Optimizer, Slots
from lepton_core.matrix import Matrix

Bend = Callable[[Array], Solve]
"""From weights to what solves Newton's equations there."""

DENSE = 600
"""Up to so many weights, ``K (n + 1)``, the Hessian is made; above, only its products with directions are."""

_ENOUGH = 1e-4  # what part of the decrease that the slope promises a step must bring (Armijo)
_LEVEL = 0.9  # what part of the slope may be left where two values differ by less than their rounding
_ROUNDING = 2.0**-53
_SHORTEST = 0.1
_FIRST = 1e-4
_MORE = 16.0
_MOST = 1e12
_LOOSEST = 0.1
_PRODUCTS = 1000
_BLOCKS = (
    1 << 22
)  # numbers in the blocks of all scores: 32 MiB, and as much again a few times while they are inverted
_FLAT = 1e-20


def newton(bend: Bend) -> Optimizer:
    """Newton's method for a smooth convex objective over all rows: ``w <- w - t (H + damping)^-1 g``.

    ``bend``, made by `dense` or `truncated`, solves the equations. ``t`` is 1, 1/2, 1/4 or 1/8, the first by which the
    objective falls by 1e-4 of what its slope promises. Where none does, or ``H`` is 0 along the gradient, as far from
    a minimum it may be, the damping (Levenberg and Marquardt; of a `Bounded` loss a mean with its bounds) grows from
    1e-4 by factors of 16; it shrinks again with each full step, to 0. The objective never rises; where no step lowers
    it any more, the weights stay as they are, and the damping is inf: nothing is left to do. The slots hold the
    damping, and value and gradient at the weights, ``(n + 1,)`` or ``(K, n + 1)``. The rate is ignored.

    >>> slots = newton(lambda weights: lambda gradient, damping: gradient).init(np.zeros(3))
    >>> {name: array.shape for name, array in slots.items()}
    {'value': (1,), 'gradient': (3,), 'damping': (1,)}
    """

    def init(weights: Array) -> Slots:
        return _slots(inf, np.zeros_like(weights), 0.0)

    return Optimizer(init, partial(_step, bend))


def _step(
    bend: Bend, objective: Objective, slots: Slots, weights: Array, rate: float
) -> tuple[float, Array, Slots]:
    value, gradient, damping = float(slots["value"][0]), slots["gradient"], float(slots["damping"][0])
    if value == inf:
        value, gradient = objective(weights)
    solve = bend(weights) if damping < _MOST else None
    while solve is not None and damping < _MOST:
        step = solve(gradient, damping)
        if step is not None:
            slope = -float(np.vdot(gradient, step))
            if 0.0 >= slope >= -_ROUNDING * abs(value):
                break
            found = _search(objective, value, weights, -step, slope)
            if found is not None:
                share, ahead, lower, turned = found
                less = (
                    damping / _MORE if share == 1.0 and damping > _FIRST else damping if share < 1.0 else 0.0
                )
                return value, ahead, _slots(lower, turned, less)
        damping = max(_FIRST, _MORE * damping)
    return value, weights, _slots(value, gradient, inf)


def _search(
    objective: Objective, value: float, weights: Array, direction: Array, slope: float
) -> tuple[float, Array, float, Array] | None:
    share = 1.0
    while slope < 0.0 and share > _SHORTEST:
        ahead = weights + share * direction
        lower, turned = objective(ahead)
        if isfinite(lower) and np.isfinite(turned).all():
            left = share * float(np.vdot(turned, direction))
            if lower <= value + _ENOUGH * share * slope or (
                lower <= value and abs(left) <= -_LEVEL * share * slope
            ):
                return share, ahead, lower, turned
        share /= 2
    return None


def _slots(value: float, gradient: Array, damping: float) -> Slots:
    return {"value": np.array([value]), "gradient": gradient, "damping": np.array([damping])}


def bend(loss: Curved, X: Matrix, y: NDArray[Any], s: Array | None = None, *, l2: float = 0.0) -> Bend:
    """`dense` or `truncated`, by the number of weights: for ``X`` ``(m, n)``, ``y`` and shares ``s`` ``(m,)``.

    >>> from lepton_core.descent import Squared
    >>> X, y = np.array([[1.0], [3.0]]), np.array([1.0, 5.0])
    >>> step = bend(Squared(), X, y)(np.zeros(2))(np.array([-8.0, -3.0]), 0.0)
    >>> step.round(9).tolist()
    [-2.0, 1.0]
    """
    size = int(np.prod(loss.shape(X.shape[1])))
    return dense(loss, X, y, s, l2=l2) if size <= DENSE else truncated(loss, X, y, s, l2=l2)


def dense(loss: Curved, X: Matrix, y: NDArray[Any], s: Array | None = None, *, l2: float = 0.0) -> Bend:
    """Newton's equations of ``loss + l2/2 |w|^2`` by Cholesky, for ``X`` ``(m, n)``, ``y`` and shares ``s`` ``(m,)``.

    All is done in `Coordinates` and then in units that make the diagonal 1, so that scales and offsets of features do
    no harm. Where the pivots show that features depend on each other, the rows are factored instead of their products
    (QR), which keeps twice the digits, and directions in which nothing bends are left alone.
    """
    X, y, s = positive(X, y, s)
    at = Coordinates.of(X, s)
    stiff = at.ridge(l2)
    known: Equations | None = None

    def equations(curvature: Curvature) -> Equations:
        nonlocal known
        if known is None or not curvature.same(known.curvature):
            known = Equations(curvature, X, at)
        return known

    def point(W: Array) -> Solve:
        def solve(gradient: Array, damping: float) -> Array | None:
            here = equations(bending(loss, W, X, y, s, damping=damping))
            damped = (
                stiff
                if not damping or isinstance(loss, Bounded)
                else stiff + damping * loss.curvature * at.squares(X, s)
            )
            step = here.solve(at.gradient(gradient, W, l2), damped, free=l2 == 0.0)
            return None if step is None else at.move(step)

        return solve

    return point


def truncated(loss: Curved, X: Matrix, y: NDArray[Any], s: Array | None = None, *, l2: float = 0.0) -> Bend:
    """Newton's equations of ``loss + l2/2 |w|^2`` by conjugate gradients, for ``X`` ``(m, n)``, ``y``, ``s`` ``(m,)``.

    Each costs two passes over the rows, the product with the Hessian. Preconditioned by the inverse of its block of
    each score, or of its diagonal above 600 features or where the blocks are too large to be held. They stop where
    what is left is a part of the gradient that is the smaller, the nearer the minimum is (Dembo and Steihaug, 1983).
    """
    X, y, s = positive(X, y, s)
    at, shape = Coordinates.of(X, s), loss.shape(X.shape[1])
    stiff, nothing = at.ridge(l2), np.zeros(shape)
    scale = abs(loss.value(nothing, X, y, s))
    diagonal = X.shape[1] >= min(DENSE, len(X)) or nothing.size * shape[-1] > _BLOCKS

    def point(W: Array) -> Solve:
        def solve(gradient: Array, damping: float) -> Array | None:
            curvature = bending(loss, W, X, y, s, damping=damping)
            blocks = curvature.blocks(X, at, diagonal=diagonal)
            damped = (
                stiff
                if not damping or isinstance(loss, Bounded)
                else stiff + damping * loss.curvature * at.squares(X, s)
            )

            def times(step: Array) -> Array:
                return at.gradient(curvature.image(at.move(step), X), nothing, 0.0) + damped * step

            step = _conjugate(times, inverse(blocks, damped), at.gradient(gradient, W, l2), scale)
            return None if step is None else at.move(step)

        return solve

    return point


def _conjugate(times: Inverse, inverse: Inverse, gradient: Array, scale: float) -> Array | None:
    left, step = gradient, np.zeros_like(gradient)
    direction = inverse(left)
    size = start = float(np.vdot(left, direction))
    enough = start * min(_LOOSEST, start / scale if scale > 0.0 else _LOOSEST)
    for _ in range(_PRODUCTS):
        image = times(direction)
        bent = float(np.vdot(direction, image))
        if not bent > _FLAT * size:
            break
        step = step + (size / bent) * direction
        left = left - (size / bent) * image
        towards = inverse(left)
        size, before = float(np.vdot(left, towards)), size
        if size <= enough:
            return step
        direction = towards + (size / before) * direction
    return step if step.any() or not gradient.any() else None
