"""Pearson's chi-squared statistic of homogeneity: whether two samples come from one distribution."""

import numpy as np

from lepton_core.drift.statistics.base import Counts, Statistic, check_rows, pair
from lepton_core.drift.statistics.quantiles import chi2_quantile


def chi2(expected: Counts, actual: Counts) -> float:
    """sum over both samples and all bins of (observed - e)^2 / e, where e = (n or m) (n_i + m_i) / (n + m).

    ``expected`` and ``actual`` are counts n_i and m_i of shape (B,), n and m in all; bins that are empty on both sides
    do not count. It grows with the rows as long as the shares differ. Source: K. Pearson, On the probability that two
    independent distributions of frequency are really samples from the same population (1911). Raises ``ValueError``
    if the two are not of one shape (B,).

    >>> round(chi2([50, 50], [60, 40]), 4)
    2.0202
    """
    n_i, m_i = pair(expected, actual)
    n, m = n_i.sum(), m_i.sum()
    if n == 0 or m == 0:
        return 0.0
    used = n_i + m_i > 0
    n_i, m_i = n_i[used], m_i[used]
    # The same sum, with the two terms of a bin taken together.
    return float(np.sum((n_i * np.sqrt(m / n) - m_i * np.sqrt(n / m)) ** 2 / (n_i + m_i)))


def noise(level: float, bins: int, n: int, m: int) -> float:
    """The statistic that two samples of one distribution exceed with probability 1 - ``level``.

    The ``level`` quantile of chi-squared with bins - 1 degrees of freedom, however many the n and m rows. Raises
    ``ValueError`` unless 0 < level < 1 and both samples have rows.

    >>> round(noise(0.95, 2, 1000, 500), 4)
    3.8415
    """
    check_rows(n, m)
    return chi2_quantile(level, bins - 1)


CHI2 = Statistic(
    name="chi2",
    meaning="the evidence against one common distribution, which grows with the rows",
    ordered=False,
    distance=chi2,
    noise=noise,
)
