"""Optimizers: functions over a state that is passed in and returned, to be saved between any two steps."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from lepton_core.descent.losses import Array

Slots = Mapping[str, Array]
"""What an optimizer remembers between steps, by name; each array is shaped like the weights."""


class Optimizer(NamedTuple):
    """``init`` makes the first slots, ``point`` says where the next gradient is taken, ``update`` steps.

    ``update(gradient, slots, weights, rate)`` returns the new weights and the new slots and changes nothing
    in place.
    """

    init: Callable[[Array], Slots]
    point: Callable[[Array, Slots], Array]
    update: Callable[[Array, Slots, Array, float], tuple[Array, Slots]]


def gradient_descent() -> Optimizer:
    """The textbook step: ``w <- w - rate * gradient``.

    >>> import numpy as np
    >>> gradient_descent().update(np.array([1.0, -2.0]), {}, np.zeros(2), 0.5)[0].tolist()
    [-0.5, 1.0]
    """
    return Optimizer(
        init=lambda weights: {},
        point=lambda weights, slots: weights,
        update=lambda gradient, slots, weights, rate: (weights - rate * gradient, slots),
    )


def momentum(beta: float = 0.9, *, nesterov: bool = False) -> Optimizer:
    """Go on in the direction of the last step: ``w <- w + beta (w - w_before) - rate * gradient``.

    Without ``nesterov`` the gradient is taken at ``w`` (Polyak's heavy ball), with it ahead, at ``w + beta (w
    - w_before)``. The slot holds the weights before, not a velocity: a proximal step between two updates is
    then part of the direction, and the minimum with an L1 penalty is the true one. ``0 <= beta < 1``.

    >>> import numpy as np
    >>> weights, slots = momentum(0.5).update(np.ones(1), {"before": np.array([2.0])}, np.array([3.0]), 0.1)
    >>> weights.tolist(), slots["before"].tolist()
    ([3.4], [3.0])
    """

    def ahead(weights: Array, slots: Slots) -> Array:
        return weights + beta * (weights - slots["before"])

    def update(gradient: Array, slots: Slots, weights: Array, rate: float) -> tuple[Array, Slots]:
        return ahead(weights, slots) - rate * gradient, {"before": weights}

    return Optimizer(
        init=lambda weights: {"before": weights},
        point=ahead if nesterov else lambda weights, slots: weights,
        update=update,
    )
