"""Mean and standard deviation of a column in one pass, chunk by chunk, without cancellation."""

from dataclasses import dataclass, field
from functools import reduce
from math import hypot, sqrt

import numpy as np
from numpy.typing import NDArray

CHUNK = 65_536
"""Rows looked at in one go: half a megabyte, which stays in the processor's cache."""


@dataclass(frozen=True)
class Moments:
    """Of ``count`` numbers: mean, population standard deviation, smallest and largest, in their units.

    ``rest`` is what rounding cut off the mean; without it, merging parts with a large mean would lose digits.
    """

    count: int
    mean: float
    std: float
    low: float
    high: float
    rest: float = field(default=0.0, repr=False)


NOTHING = Moments(0, 0.0, 0.0, np.inf, -np.inf)


def reach(values: NDArray[np.float64]) -> int:
    """The exponent of 2 by which ``values`` (m,) are divided so that their sums, differences and squares stay finite.

    It is 0 unless one of them is beyond 1e100; dividing by a power of 2 rounds nothing that matters beside that one.

    >>> reach(np.array([1.0, np.nan, 3.0])), reach(np.array([-1.5, 2.0**1000]))
    (0, 1001)
    """
    largest = max(abs(float(np.nanmax(values, initial=0.0))), abs(float(np.nanmin(values, initial=0.0))))
    return int(np.frexp(largest)[1]) if largest > 1e100 else 0


def in_reach(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ``values``, of any shape, divided as `reach` says; the same array where that is by 1.

    >>> in_reach(np.array([2.0**1000, 0.0])).tolist()
    [0.5, 0.0]
    """
    exponent = reach(values)
    return np.ldexp(values, -exponent) if exponent else values


def moments(values: NDArray[np.float64]) -> Moments:
    """The moments of ``values``, shape (m,); NaN is skipped. ``std`` is 0 exactly where all values are equal.

    >>> moments(np.array([1e9 + 1, np.nan, 1e9 + 3]))
    Moments(count=2, mean=1000000002.0, std=1.0, low=1000000001.0, high=1000000003.0)
    """
    chunks = (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
    return reduce(merge, (_of_chunk(chunk[~np.isnan(chunk)]) for chunk in chunks), NOTHING)


def merge(a: Moments, b: Moments) -> Moments:
    """The moments of both sets of numbers together, by the pairwise update of Chan, Golub and LeVeque (1979).

    >>> merge(moments(np.array([1.0, 2.0])), moments(np.array([3.0]))).mean
    2.0
    """
    if not (a.count and b.count):
        return a if a.count else b
    count, apart = a.count + b.count, (b.mean - a.mean) + (b.rest - a.rest)
    share_a, share_b = a.count / count, b.count / count
    # hypot adds squares without the overflow and underflow that squaring itself would bring.
    within = hypot(a.std * sqrt(share_a), b.std * sqrt(share_b))
    mean, rest = _sum(a.mean, a.rest + apart * share_b)
    return Moments(
        count=count,
        mean=mean,
        std=hypot(within, apart * sqrt(share_a * share_b)),
        low=min(a.low, b.low),
        high=max(a.high, b.high),
        rest=rest,
    )


def _of_chunk(values: NDArray[np.float64]) -> Moments:
    if not len(values):
        return NOTHING
    low, high = float(values.min()), float(values.max())
    if low == high:
        return Moments(len(values), low, 0.0, low, high)
    # Squares of very large or very small numbers leave the floats, so these are in units of the largest.
    unit = 1.0 if 1e-150 < high / 2 - low / 2 < 1e150 else max(abs(low), abs(high))
    first = float(values[0]) / unit
    shifted = values / unit - first
    middle = float(np.mean(shifted))
    std = sqrt(float(np.mean(np.square(shifted - middle))))
    mean, rest = _sum(first, middle)
    return Moments(len(values), mean * unit, std * unit, low, high, rest * unit)


def _sum(a: float, b: float) -> tuple[float, float]:
    # The rounded sum and what rounding cut off it (Knuth's two-sum).
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)
