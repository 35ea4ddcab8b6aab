"""The population stability index, and how large it gets when nothing has changed."""

import numpy as np

from lepton_core.drift.statistics.base import Counts, Statistic, check_rows, pair
from lepton_core.drift.statistics.quantiles import chi2_quantile


def psi(expected: Counts, actual: Counts) -> float:
    """The population stability index of two histograms over the same B bins: sum (p - q) ln(p / q).

    ``expected`` and ``actual`` are counts of shape (B,), n and m in all. So that an empty bin has no infinite
    weight, half a row of the smaller sample is added to every bin, in equal shares to both sides: p =
    (expected / n + c) / (1 + B c) and q = (actual / m + c) / (1 + B c) with c = 1 / (2 min(n, m)). Bins that
    are empty on both sides do not count in B. The result is 0 for equal shares, symmetric, never negative,
    and 0 when either side holds nothing, for then there is nothing to compare.

    Raises ``ValueError`` if the two are not of one shape (B,).

    >>> psi([50, 50], [500, 500])
    0.0
    >>> round(psi([500, 500], [800, 200]), 3)
    0.415
    """
    n_i, m_i = pair(expected, actual)
    n, m = n_i.sum(), m_i.sum()
    if n == 0 or m == 0:
        return 0.0
    used = n_i + m_i > 0
    c = 1 / (2 * min(n, m))
    p, q = (share + c for share in (n_i[used] / n, m_i[used] / m))
    p, q = p / p.sum(), q / q.sum()
    return max(0.0, float(np.sum((p - q) * np.log(p / q))))


def noise(level: float, bins: int, n: int, m: int) -> float:
    """The PSI that two samples of one distribution exceed with probability 1 - ``level``.

    Chance makes PSI / (1/n + 1/m) nearly chi-squared with bins - 1 degrees of freedom, so this is
    ``chi2_quantile(level, bins - 1) * (1/n + 1/m)``, for n rows in the reference and m now, both at least 1.
    Source: B. Yurdakul, Statistical Properties of Population Stability Index (2018).

    Raises ``ValueError`` if ``n`` or ``m`` is below 1, or ``level`` not between 0 and 1.

    >>> round(noise(0.95, 10, 1000, 500), 4)
    0.0508
    """
    check_rows(n, m)
    return chi2_quantile(level, bins - 1) * (1 / n + 1 / m)


PSI = Statistic(
    name="psi",
    meaning="how many nats of evidence a row carries on average, both ways, that the two samples differ",
    ordered=False,
    distance=psi,
    noise=noise,
)
