"""What large weights cost. The intercept (the last weight, or the last column) costs nothing."""

from dataclasses import dataclass

import numpy as np

from lepton_core.descent.losses import Array


@dataclass(frozen=True)
class Penalty:
    """``l2/2 sum w^2 + l1 sum |w|``, added to a mean loss.

    The smooth half goes into the gradient. The other has no gradient at 0, where it does its work; it acts
    after each update as its proximal step, which sets small weights to exactly 0.

    >>> Penalty(l1=1.0, l2=2.0).value(np.array([3.0, -1.0, 100.0]))
    14.0
    """

    l1: float = 0.0
    l2: float = 0.0

    def value(self, W: Array) -> float:
        """The cost of ``W``."""
        if self.l1 == 0.0 and self.l2 == 0.0:
            return 0.0
        w = W[..., :-1]
        return float(0.5 * self.l2 * np.square(w).sum() + self.l1 * np.abs(w).sum())

    def add_gradient(self, gradient: Array, W: Array) -> Array:
        """``gradient + l2 w``, shaped like ``W``.

        >>> Penalty(l2=2.0).add_gradient(np.zeros(2), np.array([3.0, 100.0])).tolist()
        [6.0, 0.0]
        """
        if self.l2 == 0.0:
            return gradient
        result = gradient.copy()
        result[..., :-1] += self.l2 * W[..., :-1]
        return result

    def shrink(self, W: Array, rate: float) -> Array:
        """The proximal step of ``rate * l1 |w|``: each weight moves ``rate * l1`` towards 0, at most to it.

        >>> Penalty(l1=1.0).shrink(np.array([3.0, -0.25, 100.0]), 0.5).tolist()
        [2.5, 0.0, 100.0]
        """
        if self.l1 == 0.0:
            return W
        result = W.copy()
        w = result[..., :-1]
        # Adding what a clip cuts off gives exact zeros, and never a negative one.
        w -= np.clip(w, -rate * self.l1, rate * self.l1)
        return result
