"""Transforms: from an optimizer to another one that does a little more."""

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.adaptive import adam
from lepton_core.descent.losses import Array
from lepton_core.descent.optimizers import Objective, Optimizer, Slots


def clip_by_norm(optimizer: Optimizer, limit: float) -> Optimizer:
    """``optimizer``, whose gradients ``g`` longer than ``limit`` become ``g limit / |g|``.

    The norm is that of all weights together, of any shape.

    >>> from lepton_core.descent.optimizers import gradient_descent
    >>> objective = lambda w: (0.0, np.array([30.0, 40.0]))
    >>> clip_by_norm(gradient_descent(), 5.0).step(objective, {}, np.zeros(2), 1.0)[1].tolist()
    [-3.0, -4.0]
    """

    def step(objective: Objective, slots: Slots, weights: Array, rate: float) -> tuple[float, Array, Slots]:
        def clipped(point: Array) -> tuple[float, Array]:
            value, gradient = objective(point)
            norm = float(np.linalg.norm(gradient))
            return value, gradient * (limit / norm) if norm > limit else gradient

        return optimizer.step(clipped, slots, weights, rate)

    return Optimizer(optimizer.init, step, optimizer.reach)


def decoupled_decay(optimizer: Optimizer, decay: float, where: NDArray[np.bool_] | None = None) -> Optimizer:
    """``optimizer``, each of whose steps also takes ``rate * decay * w`` off the weights (Loshchilov, Hutter, 2019).

    It is no part of the objective, so that adaptive optimizers do not divide it by the size of their gradients.
    ``where`` is a bool array shaped like the weights: which decay; None: all but the last weight, or last column.
    Under momentum what decayed becomes part of the direction.

    >>> from lepton_core.descent.optimizers import gradient_descent
    >>> objective = lambda w: (0.0, np.array([1.0, 1.0]))
    >>> decoupled_decay(gradient_descent(), 0.5).step(objective, {}, np.array([8.0, 8.0]), 0.5)[1].tolist()
    [5.5, 7.5]
    """

    def step(objective: Objective, slots: Slots, weights: Array, rate: float) -> tuple[float, Array, Slots]:
        value, after, later = optimizer.step(objective, slots, weights, rate)
        lost = rate * decay * weights
        if where is None:
            lost[..., -1] = 0.0
        else:
            lost *= where
        return value, after - lost, later

    return Optimizer(optimizer.init, step, optimizer.reach)


def adamw(
    decay: float = 0.01,
    where: NDArray[np.bool_] | None = None,
    *,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> Optimizer:
    """`adam` with `decoupled_decay`; ``where`` is a bool array shaped like the weights.

    >>> optimizer, weights = adamw(0.5), np.array([1.0, 1.0])
    >>> _, weights, _ = optimizer.step(lambda w: (0.0, np.ones(2)), optimizer.init(weights), weights, 0.1)
    >>> weights.round(6).tolist()
    [0.85, 0.9]
    """
    return decoupled_decay(adam(beta1, beta2, epsilon), decay, where)
