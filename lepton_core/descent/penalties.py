"""The cost of large weights. The intercept (the last weight, or the last column) costs nothing."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.losses import Array


@dataclass(frozen=True)
class Penalty:
    """``l2/2 sum w^2 + l1 sum |w|`` over the penalised weights, added to a mean loss.

    ``where`` is a bool array shaped like the weights that says which are penalised; None: all but the last of weights
    ``(n + 1,)``, or the last column of ``(K, n + 1)``, the intercepts. The smooth half goes into the gradient. The
    other has no gradient at 0, where it does its work; it acts after each update as its proximal step, which sets
    small weights to exactly 0.

    >>> Penalty(l1=1.0, l2=2.0).value(np.array([3.0, -1.0, 100.0]))
    14.0
    >>> Penalty(l2=2.0, where=np.array([False, True])).value(np.array([5.0, 3.0]))
    9.0
    """

    l1: float = 0.0
    l2: float = 0.0
    where: NDArray[np.bool_] | None = field(default=None, repr=False)

    def value(self, W: Array) -> float:
        """The cost of ``W`` ``(n + 1,)``, ``(K, n + 1)`` or of the mask's shape."""
        if self.l1 == 0.0 and self.l2 == 0.0:
            return 0.0
        w = W[..., :-1] if self.where is None else W * self.where
        cost = 0.5 * self.l2 * float(np.square(w).sum())
        return cost + self.l1 * float(np.abs(w).sum()) if self.l1 else cost

    def add_gradient(self, gradient: Array, W: Array) -> Array:
        """``gradient + l2 w``; both and the result are shaped like ``W``, see `value`.

        >>> Penalty(l2=2.0).add_gradient(np.zeros(2), np.array([3.0, 100.0])).tolist()
        [6.0, 0.0]
        """
        if self.l2 == 0.0:
            return gradient
        if self.where is not None:
            return gradient + self.l2 * (W * self.where)
        result = gradient.copy()
        result[..., :-1] += self.l2 * W[..., :-1]
        return result

    def shrink(self, W: Array, rate: float | Array) -> Array:
        """The proximal step of ``rate * l1 |w|``: each weight moves ``rate * l1`` towards 0, at most to it.

        ``rate`` is one for all weights or an array shaped like ``W``; so is the result.

        >>> Penalty(l1=1.0).shrink(np.array([3.0, -0.25, 100.0]), 0.5).tolist()
        [2.5, 0.0, 100.0]
        """
        if self.l1 == 0.0:
            return W
        reach = np.broadcast_to(np.multiply(rate, self.l1), W.shape)
        # Adding what a clip cuts off gives exact zeros, and never a negative one.
        if self.where is not None:
            return W - np.clip(W, -reach, reach) * self.where
        result = W.copy()
        w, reach = result[..., :-1], reach[..., :-1]
        w -= np.clip(w, -reach, reach)
        return result
