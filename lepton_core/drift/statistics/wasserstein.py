"""The Wasserstein distance: how far, in bins, the rows of one histogram must move to become the other."""

import numpy as np

from lepton_core.drift.statistics.base import Counts, Statistic, shares
from lepton_core.drift.statistics.ks import noise as largest_gap


def wasserstein(expected: Counts, actual: Counts) -> float:
    """sum_i |F_i - G_i| / (B - 1) with the cumulative shares F and G of two histograms over the same B bins.

    ``expected`` and ``actual`` are counts of shape (B,). Bins count as evenly spaced, as those of equal counts are in
    ranks; the result is a share of the whole way, 0 to 1. Source: S. Vallender, Calculation of the Wasserstein distance
    between probability distributions on the line (1974). Raises ``ValueError`` if the two are not of one shape (B,).

    >>> wasserstein([10, 0, 0], [0, 10, 0]), wasserstein([10, 0, 0], [0, 0, 10])
    (0.5, 1.0)
    """
    both = shares(expected, actual)
    if both is None or len(both[0]) < 2:
        return 0.0
    gaps = np.abs(np.cumsum(both[0]) - np.cumsum(both[1]))[:-1]
    return float(gaps.mean())


def noise(level: float, bins: int, n: int, m: int) -> float:
    """The distance that two samples of one distribution exceed with probability 1 - ``level`` at most.

    That of `ks`, n and m rows: no mean of gaps is larger than the largest. Raises ``ValueError`` as it does.

    >>> round(noise(0.95, 10, 1000, 500), 4)
    0.0744
    """
    return largest_gap(level, bins, n, m)


WASSERSTEIN = Statistic(
    name="wasserstein",
    meaning="how far the rows moved, as a share of the way from the lowest bin to the highest",
    ordered=True,
    distance=wasserstein,
    noise=noise,
)
