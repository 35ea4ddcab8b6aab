"""Gradient descent that finds the length of each step by trying."""

from functools import partial
from math import inf, isfinite

import numpy as np

from lepton_core.descent.losses import Array
from lepton_core.descent.optimizers import Objective, Optimizer, Slots, settled
from lepton_core.descent.penalties import Penalty

_ENOUGH = 1e-4  # what part of the decrease that the slope promises a step must bring (Armijo)
_HALVINGS = 60
_ROUNDING = 2.0**-52


def line_search(penalty: Penalty = Penalty()) -> Optimizer:  # noqa: B008  (frozen)
    """Proximal gradient descent with backtracking: ``w+ = shrink(w - t g, t)``, t halved until it is short enough.

    Short enough is what lowers the objective by ``1e-4 |w+ - w|^2 / t``; without l1 that is Armijo's rule (1966). The
    first step tries the rate, each later one twice the step before, so that t also grows. Where no step lowers the
    objective, the weights stay. It takes the proximal step of ``penalty`` itself, and is for one objective: all rows.
    Weights may be of any shape; the slots keep value ``(1,)``, gradient and the last step ``(1,)``.

    >>> optimizer, weights = line_search(), np.array([8.0])
    >>> objective = lambda w: (float(w @ w) / 2, w.copy())
    >>> _, weights, slots = optimizer.step(objective, optimizer.init(weights), weights, 4.0)
    >>> weights.tolist(), slots["length"].tolist()
    ([0.0], [1.0])
    """

    def init(weights: Array) -> Slots:
        return _slots(inf, np.zeros_like(weights), 0.0)

    return Optimizer(init, partial(_step, penalty), settled)


def _step(
    penalty: Penalty, objective: Objective, slots: Slots, weights: Array, rate: float
) -> tuple[float, Array, Slots]:
    value, gradient, length = float(slots["value"][0]), slots["gradient"], 2.0 * float(slots["length"][0])
    if value == inf:
        value, gradient = objective(weights)
    length = length or rate
    for _ in range(_HALVINGS):
        ahead = penalty.shrink(weights - length * gradient, length)
        move = float(np.square(ahead - weights).sum()) / length
        if move <= _ROUNDING * abs(value):
            return value, weights, _slots(value, gradient, length / 2.0)
        lower, turned = objective(ahead)
        if isfinite(lower) and lower <= value - _ENOUGH * move:
            return value, ahead, _slots(lower, turned, length)
        length /= 2.0
    return value, weights, _slots(value, gradient, length)


def _slots(value: float, gradient: Array, length: float) -> Slots:
    return {"value": np.array([value]), "gradient": gradient, "length": np.array([length])}
