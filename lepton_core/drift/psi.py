"""The population stability index, and how large it gets when nothing has changed."""

from collections.abc import Sequence
from math import erfc, exp, gamma, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

Counts = Sequence[int] | NDArray[np.int64]


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
    n_i, m_i = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if n_i.shape != m_i.shape or n_i.ndim != 1:
        raise ValueError(f"histograms of the shapes {n_i.shape} and {m_i.shape} cannot be compared")
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
    if n < 1 or m < 1:
        raise ValueError("both samples need rows")
    return chi2_quantile(level, bins - 1) * (1 / n + 1 / m)


def chi2_quantile(level: float, freedom: int) -> float:
    """The x at which a chi-squared variable with ``freedom`` degrees of freedom is below x with ``level``.

    0 for no degree of freedom. Wilson and Hilferty's cube of a normal quantile; up to 100 degrees of freedom,
    where that is off by up to some percent, refined to the exact value by Newton's method.

    Raises ``ValueError`` unless 0 < level < 1.

    >>> round(chi2_quantile(0.95, 1), 6), round(chi2_quantile(0.999, 9), 6)
    (3.841459, 27.877165)
    """
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not at {level}")
    if freedom < 1:
        return 0.0
    spread = 2 / (9 * freedom)
    x: float = freedom * max(1 - spread + normal_quantile(level) * sqrt(spread), 1e-3) ** 3
    if freedom > 100:
        return x
    # In ln(upper tail) over ln(x) the curve is concave: Newton's steps cannot run away.
    for _ in range(50):
        tail, density = _chi2_tail(x, freedom)
        step = (log(tail) - log(1 - level)) * tail / (density * x)
        x *= exp(min(max(step, -2.0), 2.0))
        if abs(step) < 1e-12:
            break
    return x


def normal_quantile(level: float) -> float:
    """The z that a standard normal variable is below with probability ``level``, 0 < level < 1.

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    # statistics.NormalDist has this too, but its import costs more than all the rest of the module.
    tail = min(level, 1 - level)
    t = sqrt(-2 * log(tail))
    # Abramowitz and Stegun 26.2.23, |error| < 4.5e-4; Newton's method does the rest.
    z = t - (2.515517 + 0.802853 * t + 0.010328 * t**2) / (
        1 + 1.432788 * t + 0.189269 * t**2 + 0.001308 * t**3
    )
    for _ in range(3):
        z += (erfc(z / sqrt(2)) / 2 - tail) * sqrt(2 * pi) * exp(z * z / 2)
    return z if level > 0.5 else -z


def _chi2_tail(x: float, freedom: int) -> tuple[float, float]:
    """P(X > x) and the density at x, by the finite sums that whole degrees of freedom have."""
    half = x / 2
    if freedom % 2:
        tail, term, a = erfc(sqrt(half)), exp(-half) * sqrt(half) / gamma(1.5), 1.5
    else:
        tail, term, a = exp(-half), exp(-half) * half, 2.0
    # term is half^(a-1) e^-half / gamma(a): one more summand of the tail for each two degrees of freedom.
    while a < freedom / 2 + 1:
        tail += term
        term *= half / a
        a += 1
    # Now a = freedom/2 + 1, and the density is half^(freedom/2 - 1) e^-half / (2 gamma(freedom/2)).
    return tail, term * (a - 1) / half / 2
