"""How a tree is grown: when it stops, and what it keeps to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.algorithm import Array


@dataclass(frozen=True)
class Growth:
    """When a tree stops to grow, in the words of scikit-learn; None is no limit.

    ``max_features`` is the share of the features, or "sqrt"; ``ccp_alpha`` is in the unit of the scaled targets.
    ``signs`` and ``groups`` are those of `Problem`.

    >>> Growth(max_depth=2).min_samples_leaf
    1
    """

    max_depth: int | None = None
    max_leaf_nodes: int | None = None
    min_samples_split: int = 2
    min_samples_leaf: int = 1
    max_features: float | str | None = None
    criterion: str | None = None
    ccp_alpha: float = 0.0
    signs: tuple[int, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()


def float32_below(threshold: Array) -> NDArray[np.float32]:
    """The greatest float32 that is not above, ``(p,)``: it splits values of float32 just as the float64 does.

    >>> float32_below(np.array([0.1])).tolist()
    [0.09999999403953552]
    """
    with np.errstate(over="ignore"):
        near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
