"""Whether rows that are equal in all features are copies of each other, or cases that happen to be alike."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_VARIED = 0.5


def recur(places: NDArray[np.int64], y: NDArray[Any]) -> bool:
    """Whether equal features are nothing special in these data: rows that share theirs differ in ``y``.

    ``places`` ``(m,)`` are the same for equal features, ``y`` ``(m,)`` are the labels. Of the rows that share their
    features with another one, at least half are beside one with another label. Copies of a row have its label.

    >>> recur(np.array([0, 0, 1, 1, 2]), np.array([1, 1, 0, 0, 1])), recur(np.array([0, 0, 1]), np.array([0, 1, 1]))
    (False, True)
    """
    order = np.lexsort((y, places))
    ordered, labels = places[order], y[order]
    begins = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    group = np.cumsum(begins) - 1
    changes = np.concatenate(([False], (labels[1:] != labels[:-1]) & ~begins[1:]))
    varied = np.bincount(group, weights=changes)[group] > 0
    shared = np.bincount(group)[group] > 1
    return bool(np.count_nonzero(varied) >= max(1.0, _VARIED * np.count_nonzero(shared)))
