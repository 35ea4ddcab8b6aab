"""What a node of a tree costs: the loss of its rows under the one value that it says, within bounds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.algorithm import Array


@dataclass(frozen=True)
class Costs:
    """The cost ``sum_i w_i loss(t_i, v)`` of rows with targets t under the value v, but for what no v changes.

    ``entropy``: the loss is ``-log2`` of the probability of the row's class, else the squared error. Of two classes
    the target is 0 or 1 and stands for both, so ``factor`` is 2 for their squared errors. With W the sum of weights,
    S that of ``w_i t_i``, the cost is ``factor (W v^2 - 2 S v)``, or ``-S log2 v - (W - S) log2(1 - v)``.

    >>> Costs(factor=2.0).of(np.array([4.0]), np.array([[1.0]]), np.array([[0.25]])).tolist()
    [-0.5]
    """

    entropy: bool = False
    factor: float = 1.0

    def value(self, W: Array, S: Array, low: Array, high: Array) -> Array:
        """The value ``(p, K)`` within ``low`` and ``high`` ``(p,)`` that costs least, for ``W`` and ``S``.

        They are ``(p,)`` and ``(p, K)``.

        >>> Costs().value(np.array([2.0]), np.array([[4.0]]), np.array([-np.inf]), np.array([1.5])).tolist()
        [[1.5]]
        """
        return np.clip(S / W[:, None], low[:, None], high[:, None])

    def of(self, W: Array, S: Array, value: Array) -> Array:
        """What ``value`` ``(p, K)`` costs, ``(p,)``.

        >>> Costs().of(np.array([2.0]), np.array([[4.0]]), np.array([[1.5]])).tolist()
        [-7.5]
        """
        if not self.entropy:
            return np.asarray(
                self.factor * (W * np.square(value).sum(axis=1) - 2.0 * (S * value).sum(axis=1))
            )
        if value.shape[1] > 1:
            return np.asarray(-_times_log(S, value).sum(axis=1))
        return np.asarray(-(_times_log(S, value) + _times_log(W[:, None] - S, 1.0 - value))[:, 0])


def _times_log(share: Array, value: NDArray[np.float64]) -> Array:
    tiny = np.finfo(np.float64).tiny
    share = np.maximum(share, 0.0)  # differences of sums may lie a rounding below
    return np.where(share > 0.0, share * np.log2(np.maximum(value, tiny)), 0.0)
