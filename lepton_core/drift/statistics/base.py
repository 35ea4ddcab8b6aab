"""The interface of a drift statistic: a distance of two histograms, and how large chance alone makes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = Sequence[int] | NDArray[np.int64]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Statistic:
    """One way to say how far two samples are apart, from their counts in the same B bins.

    ``distance(expected, actual)`` takes counts of shape (B,), n rows of the reference and m of now; it is 0 for equal
    shares and where either side is empty, and never negative. Only with ``ordered`` does the order of the bins matter;
    such a statistic is for numbers alone. ``noise(level, bins, n, m)`` is what two samples of one distribution exceed
    with probability 1 - ``level`` at most (up to the error of large-sample theory), where ``bins`` of them are not
    empty. ``meaning`` is for people.

    >>> from lepton_core.drift.statistics import STATISTICS
    >>> STATISTICS["psi"].distance([50, 50], [50, 50])
    0.0
    """

    name: str
    meaning: str
    ordered: bool
    distance: Callable[[Counts, Counts], float]
    noise: Callable[[float, int, int, int], float]


def pair(expected: Counts, actual: Counts) -> tuple[Array, Array]:
    """Both as float64 (B,). Raises ``ValueError`` if the two are not of one shape (B,).

    >>> pair([1, 2], [3, 4])[1]
    array([3., 4.])
    """
    one, other = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError(f"histograms of the shapes {one.shape} and {other.shape} cannot be compared")
    return one, other


def shares(expected: Counts, actual: Counts) -> tuple[Array, Array] | None:
    """The shares p and q of the bins, float64 (B,); None if either side is empty. Raises ``ValueError`` as `pair` does.

    >>> shares([1, 3], [0, 0]) is None
    True
    """
    one, other = pair(expected, actual)
    if not (one.sum() and other.sum()):
        return None
    return one / one.sum(), other / other.sum()


def check_rows(n: int, m: int) -> None:
    """Raises ``ValueError`` unless both samples have rows.

    >>> check_rows(1, 1)
    """
    if n < 1 or m < 1:
        raise ValueError("both samples need rows")
