"""Quantiles of the normal and of the chi-squared distribution, without scipy: monitoring runs beside predictions."""

from math import erfc, exp, gamma, log, pi, sqrt


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
