"""The Jensen-Shannon distance: how well one can tell from a row which of two samples it is of."""

from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift.statistics.base import Counts, Statistic, check_rows, shares
from lepton_core.drift.statistics.quantiles import chi2_quantile


def jensen_shannon(expected: Counts, actual: Counts) -> float:
    """sqrt((KL(p || a) + KL(q || a)) / 2) with the shares p and q, a = (p + q) / 2 and logarithms of base 2.

    ``expected`` and ``actual`` are counts of shape (B,). A metric between 0 and 1, which 1 is where no bin has rows of
    both. Source: D. Endres and J. Schindelin, A new metric for probability distributions (2003). Raises ``ValueError``
    if the two are not of one shape (B,).

    >>> jensen_shannon([10, 0], [0, 10]), jensen_shannon([5, 5], [50, 50])
    (1.0, 0.0)
    """
    both = shares(expected, actual)
    if both is None:
        return 0.0
    p, q = both
    middle = (p + q) / 2
    return sqrt(max(0.0, (_divergence(p, middle) + _divergence(q, middle)) / 2))


def noise(level: float, bins: int, n: int, m: int) -> float:
    """The distance that two samples of one distribution exceed with probability 1 - ``level``.

    For shares p and q that are close, the divergence is nearly sum (p - q)^2 / (8 a) nats, and so 1/8 (1/n + 1/m)
    times chi-squared with bins - 1 degrees of freedom, for n and m rows. Source: M. Menéndez et al., The
    Jensen-Shannon divergence (1997). Raises ``ValueError`` unless 0 < level < 1 and both samples have rows.

    >>> round(noise(0.95, 10, 1000, 500), 4)
    0.0957
    """
    check_rows(n, m)
    return min(1.0, sqrt(chi2_quantile(level, bins - 1) * (1 / n + 1 / m) / (8 * log(2))))


def _divergence(p: NDArray[np.float64], middle: NDArray[np.float64]) -> float:
    used = p > 0
    return float(np.sum(p[used] * np.log2(p[used] / middle[used])))


JENSEN_SHANNON = Statistic(
    name="jensen_shannon",
    meaning="how well one can tell from a single row which sample it is of; 1: for certain",
    ordered=False,
    distance=jensen_shannon,
    noise=noise,
)
