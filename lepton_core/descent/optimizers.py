"""Optimizers: functions over a state that is passed in and returned, to be saved between any two steps."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from lepton_core.descent.losses import Array

Slots = Mapping[str, Array]
"""The arrays that an optimizer remembers between steps, by name; its ``init`` decides which ones, of which shapes."""


Objective = Callable[[Array], tuple[float, Array]]
"""The smooth objective on one batch: of weights, the value and a new array of the derivatives."""


UpdateRule = Callable[[Objective, Slots, Array, float], tuple[float, Array, Slots]]
"""From objective, slots, weights and rate to the objective where it took the gradient, weights and slots."""


def whole(slots: Slots, rate: float) -> float | Array:
    """The rate itself, whatever is in ``slots``, arrays of any shape: all weights move alike.

    >>> whole({}, 0.5)
    0.5
    """
    return rate


def settled(slots: Slots, rate: float) -> float | Array:
    """0, whatever is in ``slots``, arrays of any shape: the step has done all there is to do.

    >>> settled({}, 0.5)
    0.0
    """
    return 0.0


class Optimizer(NamedTuple):
    """``init`` makes the first slots, ``step`` goes from one state to the next.

    ``step(objective, slots, weights, rate)`` returns the objective where it took the gradient, the new weights,
    of the same shape, and the new slots; it changes nothing in place. ``reach(slots, rate)``, of the new slots, is how
    far a derivative of 1 moved the weights, one number or one a weight: the length of the proximal step that follows
    (`Penalty.shrink`), in the optimizer's own metric, without which the minimum with an l1 penalty would be another;
    0 for those that take the proximal step themselves.
    """

    init: Callable[[Array], Slots]
    step: UpdateRule
    reach: Callable[[Slots, float], float | Array] = whole


def gradient_descent() -> Optimizer:
    """The textbook step: ``w <- w - rate * gradient``.

    >>> import numpy as np
    >>> gradient_descent().step(lambda w: (3.0, np.array([1.0, -2.0])), {}, np.zeros(2), 0.5)[1].tolist()
    [-0.5, 1.0]
    """

    def step(objective: Objective, slots: Slots, weights: Array, rate: float) -> tuple[float, Array, Slots]:
        value, gradient = objective(weights)
        return value, weights - rate * gradient, slots

    return Optimizer(init=lambda weights: {}, step=step)


def momentum(beta: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Go on in the direction of the last step: ``w <- w + beta (w - w_before) - rate * gradient``.

    Without ``nesterov`` the gradient is taken at ``w`` (Polyak's heavy ball), with it ahead, at ``w + beta (w
    - w_before)``. The slot holds the weights before, not a velocity: a proximal step between two updates is
    then part of the direction, and the minimum with an L1 penalty is the true one. ``0 <= beta < 1``.

    >>> import numpy as np
    >>> objective, slots = (lambda w: (0.0, np.ones(1))), {"before": np.array([2.0])}
    >>> _, weights, slots = momentum(0.5).step(objective, slots, np.array([3.0]), 0.1)
    >>> weights.tolist(), slots["before"].tolist()
    ([3.4], [3.0])
    """

    def step(objective: Objective, slots: Slots, weights: Array, rate: float) -> tuple[float, Array, Slots]:
        ahead = weights + beta * (weights - slots["before"])
        value, gradient = objective(ahead if nesterov else weights)
        return value, ahead - rate * gradient, {"before": weights}

    return Optimizer(init=lambda weights: {"before": weights}, step=step)
