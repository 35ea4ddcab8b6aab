"""How large a difference chance makes: tails of skewed sums, the correction for many looks, an interval of a share."""

import math

import numpy as np
from numpy.typing import NDArray

from lepton_core.normal import quantiles_of_normal

Floats = NDArray[np.float64]

_NEARLY_NORMAL = 1000.0
"""From this shape on a gamma is taken for the cube of a normal distribution: 1 % off at most, of tails above 1e-9."""

_LEAST_SKEWED = 1e-6

_MOST_STEPS = 2000
_EXACT = 1e-12


def tail_of_sum(z: Floats, skewness: Floats) -> Floats:
    """The chance that a sum lies ``z`` standard errors above its mean, both (k,); 1 where it does not lie above.

    Pearson's distribution of type III, a shifted gamma: it has the mean, the variance and the skewness of the sum, and
    is the normal one without skewness. A sum of losses is skewed, as few rows have most of the loss. Source: P. Mielke
    and K. Berry, "Permutation Methods" (2007), where it stands for the sums of rows that are dealt out anew. Where the
    skewness is negative, the normal distribution is taken, which has the longer tail there.

    >>> tail_of_sum(np.array([3.0, 3.0, -1.0]), np.array([0.0, 1.0, 1.0])).round(4).tolist()
    [0.0013, 0.0103, 1.0]
    """
    found = np.ones(len(z))
    above = z > 0
    skewed = above & (skewness > _LEAST_SKEWED)
    plain = above & ~skewed
    found[plain] = _normal_tail(z[plain])
    shape = 4 / np.square(skewness[skewed])
    found[skewed] = gamma_tail(shape, shape + z[skewed] * np.sqrt(shape))
    return found


def gamma_tail(shape: Floats, x: Floats) -> Floats:
    """Q(a, x), how much of a gamma distribution of that ``shape`` a lies above ``x``, both (k,) and above 0.

    By the series and the continued fraction of Abramowitz and Stegun, 6.5.29 and 6.5.31; of a large shape by the cube
    of Wilson and Hilferty (1931).

    >>> gamma_tail(np.array([1.0, 4.0]), np.array([2.0, 14.0])).round(6).tolist()
    [0.135335, 0.000474]
    """
    found = np.empty(len(x))
    large, near = shape > _NEARLY_NORMAL, x < shape + 1
    a = shape[large]
    found[large] = _normal_tail((np.cbrt(x[large] / a) - 1 + 1 / (9 * a)) * 3 * np.sqrt(a))
    for chosen, made in ((~large & near, _by_series), (~large & ~near, _by_fraction)):
        a, at = shape[chosen], x[chosen]
        factor = np.exp(a * np.log(at) - at - np.array([math.lgamma(one) for one in a.tolist()]))
        found[chosen] = made(a, at, factor)
    return np.clip(found, 0.0, 1.0)


def _by_series(a: Floats, x: Floats, factor: Floats) -> Floats:
    """1 - x^a e^-x / Gamma(a + 1) (1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + ...)."""
    term = total = 1 / a
    for step in range(1, _MOST_STEPS):
        term = term * x / (a + step)
        total = total + term
        if not (term > _EXACT * total).any():
            break
    return 1 - factor * total


def _by_fraction(a: Floats, x: Floats, factor: Floats) -> Floats:
    """x^a e^-x / Gamma(a) 1 / (x + 1 - a - (1 - a) / (x + 3 - a - ...)), by Lentz's rule."""
    tiny = 1e-300
    b = x + 1 - a
    c = np.full(len(x), 1 / tiny)
    d = 1 / b
    h = d
    for step in range(1, _MOST_STEPS):
        numerator = step * (a - step)
        b = b + 2
        d = numerator * d + b
        d = 1 / np.where(np.abs(d) < tiny, tiny, d)
        c = b + numerator / c
        c = np.where(np.abs(c) < tiny, tiny, c)
        h = h * d * c
        if not (np.abs(d * c - 1) > _EXACT).any():
            break
    return factor * h


def _normal_tail(z: Floats) -> Floats:
    return np.array([math.erfc(one) for one in (z / math.sqrt(2)).tolist()]) / 2


def holm(p: Floats) -> Floats:
    """Each ``p`` (k,) corrected for the others: the chance that any of the k is so small where nothing is there.

    So whoever calls all below 0.05 is wrong about one or more in at most 5 % of cases, however the k depend on each
    other, and however many of them are something. Source: S. Holm, "A simple sequentially rejective multiple test
    procedure" (1979).

    >>> holm(np.array([0.01, 0.5, 0.02])).round(3).tolist()
    [0.03, 0.5, 0.04]
    """
    order = np.argsort(p, kind="stable")
    found = np.empty(len(p))
    found[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return found


def wilson(share: float, rows: float, level: float = 0.975) -> tuple[float, float]:
    """The ends of the interval of 95 % around a ``share`` of so many independent ``rows``, in 0 to 1.

    Source: E. Wilson, "Probable inference, the law of succession, and statistical inference" (1927). ``level`` is the
    quantile of each end.

    >>> [round(end, 3) for end in wilson(0.9, 50)]
    [0.786, 0.957]
    """
    z = float(quantiles_of_normal(np.array([level]))[0])
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    reach = z / (1 + z * z / rows) * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach))
