"""Optimizers whose steps adapt to each weight: the gradient is divided by the root of what its squares were."""

from functools import partial
from math import sqrt

import numpy as np

from lepton_core.descent.losses import Array
from lepton_core.descent.optimizers import Objective, Optimizer, Slots

_NONZERO = 1e-8


def adagrad(epsilon: float = _NONZERO) -> Optimizer:
    """``w <- w - rate g / (sqrt(G) + epsilon)``, ``G`` the sum of all ``g^2`` so far (Duchi and others, 2011).

    Weights and gradient may be of any shape; the slot ``squares`` is shaped like them.

    >>> objective, slots = (lambda w: (0.0, np.array([3.0]))), {"squares": np.array([16.0])}
    >>> _, weights, slots = adagrad(0.0).step(objective, slots, np.array([1.0]), 0.5)
    >>> weights.tolist(), slots["squares"].tolist()
    ([0.7], [25.0])
    """

    def step(objective: Objective, slots: Slots, weights: Array, rate: float) -> tuple[float, Array, Slots]:
        value, gradient = objective(weights)
        later = {"squares": slots["squares"] + gradient**2}
        return value, weights - reach(later, rate) * gradient, later

    def reach(slots: Slots, rate: float) -> Array:
        return np.asarray(rate / (np.sqrt(slots["squares"]) + epsilon))

    return Optimizer(lambda weights: {"squares": np.zeros_like(weights)}, step, reach)


def rmsprop(rho: float = 0.9, epsilon: float = _NONZERO) -> Optimizer:
    """``w <- w - rate g / (sqrt(v) + epsilon)``, ``v <- rho v + (1 - rho) g^2`` (Tieleman and Hinton, 2012).

    Weights and gradient may be of any shape; the slot ``squares`` is shaped like them. ``0 <= rho < 1``.

    >>> objective, slots = (lambda w: (0.0, np.array([5.0]))), {"squares": np.array([7.0])}
    >>> _, weights, slots = rmsprop(0.5, 0.0).step(objective, slots, np.array([1.0]), 0.4)
    >>> weights.tolist(), slots["squares"].tolist()
    ([0.5], [16.0])
    """

    def step(objective: Objective, slots: Slots, weights: Array, rate: float) -> tuple[float, Array, Slots]:
        value, gradient = objective(weights)
        later = {"squares": rho * slots["squares"] + (1.0 - rho) * gradient**2}
        return value, weights - reach(later, rate) * gradient, later

    def reach(slots: Slots, rate: float) -> Array:
        return np.asarray(rate / (np.sqrt(slots["squares"]) + epsilon))

    return Optimizer(lambda weights: {"squares": np.zeros_like(weights)}, step, reach)


def adam(beta1: float = 0.9, beta2: float = 0.999, epsilon: float = _NONZERO) -> Optimizer:
    """``w <- w - rate m' / (sqrt(v') + epsilon)`` (Kingma and Ba, 2015).

    ``m <- beta1 m + (1 - beta1) g`` and ``v <- beta2 v + (1 - beta2) g^2`` are means of gradients and of their
    squares, ``m' = m / (1 - beta1^t)`` and ``v' = v / (1 - beta2^t)`` the same without the zeros from which they began,
    after t steps. Weights may be of any shape; the slots ``mean`` and ``squares`` are shaped like them, ``steps`` is
    ``(1,)``.

    >>> optimizer, weights = adam(), np.array([1.0, 1.0])
    >>> objective = lambda w: (0.0, np.array([1e-3, -50.0]))
    >>> _, weights, slots = optimizer.step(objective, optimizer.init(weights), weights, 0.1)
    >>> weights.round(4).tolist(), slots["steps"].tolist()
    ([0.9, 1.1], [1.0])
    """
    return Optimizer(
        _adam_slots, partial(_adam_step, beta1, beta2, epsilon), partial(_adam_reach, beta2, epsilon)
    )


def _adam_slots(weights: Array) -> Slots:
    return {"mean": np.zeros_like(weights), "squares": np.zeros_like(weights), "steps": np.zeros(1)}


def _adam_step(
    beta1: float,
    beta2: float,
    epsilon: float,
    objective: Objective,
    slots: Slots,
    weights: Array,
    rate: float,
) -> tuple[float, Array, Slots]:
    value, gradient = objective(weights)
    steps = slots["steps"] + 1.0
    mean = beta1 * slots["mean"]
    mean += (1.0 - beta1) * gradient
    squares = gradient * gradient
    squares *= 1.0 - beta2
    squares += beta2 * slots["squares"]
    # The two corrections as one factor: sqrt(v') = sqrt(v) / root.
    root = sqrt(1.0 - beta2 ** float(steps[0]))
    after = np.sqrt(squares)
    after += epsilon * root
    np.divide(mean, after, out=after)
    after *= -rate * root / (1.0 - beta1 ** float(steps[0]))
    after += weights
    return value, after, {"mean": mean, "squares": squares, "steps": steps}


def _adam_reach(beta2: float, epsilon: float, slots: Slots, rate: float) -> Array:
    squares = slots["squares"] / (1.0 - beta2 ** float(slots["steps"][0]))
    return np.asarray(rate / (np.sqrt(squares) + epsilon))
