"""Limited-memory BFGS: the step of a quasi-Newton method, from the last few moves and turns of the gradient."""

from collections.abc import Callable
from functools import partial
from math import inf, isfinite

import numpy as np

from lepton_core.descent.losses import Array
from lepton_core.descent.optimizers import Objective, Optimizer, Slots

Inverse = Callable[[Array], Array]
"""From a gradient to the product of a positive definite, symmetric matrix with it; the same shape."""

_ENOUGH = 1e-4  # what part of the decrease that the slope promises a step must bring (Armijo)
_LEVEL = 0.9  # what part of the slope may be left where two values differ by less than their rounding
_SHORTEST = 2.0**-30
_ROUNDING = 2.0**-53
_CURVED = 1e-12
_TINY = 1e-250


def identity(gradient: Array) -> Array:
    """The gradient itself, of any shape: no idea of the curvature."""
    return gradient


def lbfgs(inverse: Inverse = identity, *, memory: int = 10) -> Optimizer:
    """Nocedal's L-BFGS (1980), for a smooth convex objective over all rows: ``w <- w - t H g``.

    ``H`` is the inverse of the Hessian as the last ``memory`` moves s and turns y of the gradient show it, by two
    loops around ``inverse``, a first idea of it (`inverse_curvature`), which is scaled by ``s'y / y' inverse(y)``
    and before the first move by the rate. ``t`` is 1, halved until the objective falls
    by 1e-4 of what its slope promises, so that it never rises; where no step lowers it any more, the weights
    stay as they are. The slots also keep value and gradient at the weights: an iteration that halves nothing
    is one pass over the rows. Weights may be of any shape; moves and turns are ``memory`` of that shape.

    >>> slots = lbfgs(memory=2).init(np.zeros(3))
    >>> {name: array.shape for name, array in slots.items()}
    {'value': (1,), 'gradient': (3,), 'moves': (2, 3), 'turns': (2, 3)}
    """

    def init(weights: Array) -> Slots:
        pairs = np.zeros((memory, *weights.shape))
        return _slots(inf, np.zeros_like(weights), pairs, pairs)

    return Optimizer(init, partial(_step, inverse))


def _step(
    inverse: Inverse, objective: Objective, slots: Slots, weights: Array, rate: float
) -> tuple[float, Array, Slots]:
    value, gradient = float(slots["value"][0]), slots["gradient"]
    if value == inf:
        value, gradient = objective(weights)
    moves, turns = slots["moves"], slots["turns"]
    direction = _direction(inverse, gradient, moves, turns, rate)
    slope = float(np.vdot(gradient, direction))
    share = 1.0 if slope < -_ROUNDING * abs(value) else 0.0
    while share > _SHORTEST:
        move = share * direction
        ahead = weights + move
        lower, turned = objective(ahead)
        if isfinite(lower) and _enough(value, lower, share * slope, float(np.vdot(turned, move))):
            return value, ahead, _slots(lower, turned, *_remembered(moves, turns, move, turned - gradient))
        share /= 2
    nothing = np.zeros_like(moves)  # the pairs misled: the next direction is without them
    return value, weights, _slots(value, gradient, nothing, nothing)


def _slots(value: float, gradient: Array, moves: Array, turns: Array) -> Slots:
    return {"value": np.array([value]), "gradient": gradient, "moves": moves, "turns": turns}


def _enough(value: float, lower: float, slope: float, left: float) -> bool:
    return lower <= value + _ENOUGH * slope or (lower <= value and abs(left) <= -_LEVEL * slope)


def _remembered(moves: Array, turns: Array, move: Array, turn: Array) -> tuple[Array, Array]:
    # A turn that is all rounding, or too small for its squares, would make H anything.
    if np.vdot(move, turn) <= max(_TINY, _CURVED * float(np.linalg.norm(move) * np.linalg.norm(turn))):
        return moves, turns
    return np.concatenate([moves[1:], move[None]]), np.concatenate([turns[1:], turn[None]])


def _direction(inverse: Inverse, gradient: Array, moves: Array, turns: Array, rate: float) -> Array:
    curved = (moves * turns).reshape(len(moves), -1).sum(axis=1).tolist()
    pairs = [(s, y, c) for s, y, c in zip(moves, turns, curved, strict=True) if c > 0.0]
    if not pairs:
        return -rate * inverse(gradient)
    result: Array = -gradient
    shares = []
    for s, y, c in reversed(pairs):
        shares.append(float(np.vdot(s, result)) / c)
        result -= shares[-1] * y
    _, y, c = pairs[-1]
    result = (c / float(np.vdot(y, inverse(y)))) * inverse(result)
    for s, y, c in pairs:
        result += (shares.pop() - float(np.vdot(y, result)) / c) * s
    return result
