"""The Kolmogorov-Smirnov statistic: the largest gap between two cumulative distributions."""

from math import log, sqrt

import numpy as np

from lepton_core.drift.statistics.base import Counts, Statistic, check_rows, shares


def ks(expected: Counts, actual: Counts) -> float:
    """max_i |F_i - G_i| with the cumulative shares F and G of two histograms over the same B bins, in their order.

    ``expected`` and ``actual`` are counts of shape (B,). Between 0 and 1. Bins hide what happens within them, so this
    is at most the statistic of the rows themselves. Raises ``ValueError`` if the two are not of one shape (B,).

    >>> ks([50, 50, 0], [0, 50, 50])
    0.5
    """
    both = shares(expected, actual)
    if both is None:
        return 0.0
    return float(np.abs(np.cumsum(both[0]) - np.cumsum(both[1])).max())


def noise(level: float, bins: int, n: int, m: int) -> float:
    """The statistic that two samples of one distribution exceed with probability 1 - ``level`` at most.

    sqrt(-ln((1 - level) / 2) / 2) sqrt((n + m) / (n m)): the first term of Kolmogorov's series, which lies above it.
    In bins the statistic is smaller, so that fewer false alarms come than asked for. Source: N. Smirnov, Table for
    estimating the goodness of fit of empirical distributions (1948). Raises ``ValueError`` unless 0 < level < 1 and
    both samples have rows.

    >>> round(noise(0.95, 10, 1000, 500), 4)
    0.0744
    """
    check_rows(n, m)
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not at {level}")
    return 0.0 if bins < 2 else sqrt(-log((1 - level) / 2) / 2) * sqrt(1 / n + 1 / m)


KS = Statistic(
    name="ks",
    meaning="the largest difference, at any value, of the shares of rows up to that value",
    ordered=True,
    distance=ks,
    noise=noise,
)
