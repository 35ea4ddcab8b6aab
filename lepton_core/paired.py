"""A champion and a challenger on the same rows: what their losses, rankings and hits show of a difference."""

import math

import numpy as np
from numpy.typing import NDArray

from lepton_core.evaluate import Areas, Hits, PairedTest
from lepton_core.normal import quantiles_of_normal

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

DRAWS = 2000
"""Samples of a bootstrap: the standard error that they give is then right to about 1.6 %."""

MOST_BLOCKS = 2000
"""Most blocks that a bootstrap draws; of more rows each block holds several, which changes its error by no more."""

_INTERVAL, _POWER = 0.975, 0.8

_MOST_EXACT = 1000

_AT_ONCE = 250_000  # numbers that are drawn, so that they stay in the processor's memory


def in_blocks(found: PairedTest) -> str:
    """What says, behind a number of rows, that some of them belong together; empty where each is one by itself.

    >>> test = PairedTest(5000, 2000, 0.1, 0.1, 0.0, 0.2, 0.1)
    >>> in_blocks(test), in_blocks(PairedTest(5000, 40, 0.1, 0.1, 0.0, 0.2, 0.1))
    ('', ' in 40 blocks')
    """
    return f" in {found.blocks} blocks" if found.blocks < min(found.rows, MOST_BLOCKS) else ""


def by_how_much(found: PairedTest, better: str, worse: str) -> str:
    """The interval of 95 % around a difference, in words: ``better`` says how the challenger is where it is above 0.

    >>> from dataclasses import replace
    >>> test = PairedTest(40, 40, 0.5, 0.08, 0.34, 0.66, 0.2)
    >>> by_how_much(test, "lower", "higher"), by_how_much(replace(test, low=-0.02), "better", "worse")
    ('lower by 0.34 to 0.66 (95 %)', 'between 0.02 worse and 0.66 better (95 %)')
    """
    if found.low < 0 < found.high:
        ends = in_digits(-found.low, 2), in_digits(found.high, 2)
        return f"between {ends[0]} {worse} and {ends[1]} {better} (95 %)"
    near, far = sorted((abs(found.low), abs(found.high)))
    if far == 0:
        return "the same"
    digits = next((few for few in (2, 3, 4, 5) if f"{near:.{few}g}" != f"{far:.{few}g}"), 6)
    ends = in_digits(near, digits), in_digits(far, digits)
    name = worse if found.low < 0 else better
    return f"{name} by {ends[0] if ends[0] == ends[1] else ' to '.join(ends)} (95 %)"


def in_digits(value: float, digits: int) -> str:
    """So many digits of ``value`` that matter, and all before the point, but of one from 1e15 on.

    >>> in_digits(97041.3, 4), in_digits(89000.4, 2), in_digits(0.01234, 2)
    ('97041', '89000', '0.012')
    """
    text = f"{value:.{digits}g}"
    if "e+" not in text or abs(value) >= 1e15:
        return text
    return f"{value if digits >= 4 else float(text):.0f}"


def compared_losses(
    champion: Floats, challenger: Floats, *, blocks: Places | None = None, root: bool = False
) -> PairedTest | None:
    """The mean losses of m rows compared: ``champion`` and ``challenger`` are (m,), of any unit.

    ``blocks`` (m,) holds the number of each row's block, from 0 on: rows that are not independent belong together.
    None: each row is a block, or of many rows each `MOST_BLOCKS`-th belongs to the same. ``root``: the losses are
    squares, and the roots of their means are compared. None if there is one block only.

    The interval is Student's, with one degree of freedom fewer than there are blocks, around the standard error of a
    bootstrap. On few rows the quantiles of the bootstrap itself would be too narrow.

    >>> found = compared_losses(np.array([0.5, 0.3, 0.4, 0.6]), np.array([0.4, 0.2, 0.3, 0.5]))
    >>> round(found.difference, 12), found.low > 0, found.blocks
    (0.1, True, 4)
    """
    m = len(champion)
    places = np.arange(m) % MOST_BLOCKS if blocks is None else blocks
    sums: Floats = np.stack([np.bincount(places, weights=one) for one in (np.ones(m), champion, challenger)])
    sums = sums[:, sums[0] > 0]
    count = sums.shape[1]
    if count < 2:
        return None
    drawn = _drawn(sums)
    difference = float(_difference(sums.sum(axis=1)[None], root)[0])
    error = float(np.std(_difference(drawn, root))) * math.sqrt(count / (count - 1))
    reach = student_quantile(_INTERVAL, count - 1)
    power = float(quantiles_of_normal(np.array([_POWER]))[0])
    return PairedTest(
        rows=m,
        blocks=count,
        difference=difference,
        error=error,
        low=difference - reach * error,
        high=difference + reach * error,
        detectable=(reach + power) * error,
    )


def _drawn(sums: Floats) -> Floats:
    """The sums (d, 3) of so many blocks, drawn with replacement, as there are columns of ``sums`` (3, b)."""
    rng, count = np.random.default_rng(0), sums.shape[1]
    at_once = max(1, _AT_ONCE // count)
    drawn: list[Floats] = []
    for begun in range(0, DRAWS, at_once):
        picked = rng.integers(count, size=(min(at_once, DRAWS - begun), count))
        drawn.append(np.stack([one[picked].sum(axis=1) for one in sums], axis=1))
    return np.concatenate(drawn)


def _difference(sums: Floats, root: bool) -> Floats:
    rows, champion, challenger = sums.T
    champion, challenger = champion / rows, challenger / rows
    found: Floats = np.sqrt(champion) - np.sqrt(challenger) if root else champion - challenger
    return found


def student_quantile(share: float, freedom: int) -> float:
    """The t of which ``share`` of Student's distribution with ``freedom`` degrees lies below; 0.5 < share < 1.

    Exact for one and two degrees; otherwise Hill (1970), "Algorithm 396: Student's t-quantiles", to about six digits.

    >>> [round(student_quantile(0.975, freedom), 3) for freedom in (1, 2, 3, 10, 1000)]
    [12.706, 4.303, 3.182, 2.228, 1.962]
    """
    both = 2 * (1 - share)
    if freedom == 1:
        return 1 / math.tan(both * math.pi / 2)
    if freedom == 2:
        return math.sqrt(2 / (both * (2 - both)) - 2)
    n = float(freedom)
    a = 1 / (n - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * n
    y = (d * both) ** (2 / n)
    if y > 0.05 + a:
        x = -float(quantiles_of_normal(np.array([share]))[0])
        y = x**2
        if freedom < 5:
            c += 0.3 * (n - 4.5) * (x + 0.6)
        c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = math.expm1(a * y**2)
    else:
        inner = ((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3
        y = ((1 / inner + 0.5 / (n + 4)) * y - 1) * (n + 1) / (n + 2) + 1 / y
    return math.sqrt(n * y)


def compared_areas(truth: NDArray[np.bool_], champion: Floats, challenger: Floats) -> Areas | None:
    """DeLong's test of two scores (m,) of rows that are ``truth`` (m,) or not; None without two rows of both kinds.

    DeLong, DeLong and Clarke-Pearson (1988), "Comparing the areas under two or more correlated receiver operating
    characteristic curves".

    >>> truth = np.array([False, False, True, True])
    >>> compared_areas(truth, np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.1, 0.2, 0.7, 0.9])).challenger
    1.0
    """
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if min(positives, negatives) < 2:
        return None
    placed = [_placements(truth, scores) for scores in (champion, challenger)]
    of_positives, of_negatives = (placed[0][side] - placed[1][side] for side in (0, 1))
    error = math.sqrt(np.var(of_positives, ddof=1) / positives + np.var(of_negatives, ddof=1) / negatives)
    areas = [float(np.mean(above)) for above, _ in placed]
    away = abs(areas[0] - areas[1])
    p = math.erfc(away / error / math.sqrt(2)) if error > 0 else float(away == 0)
    return Areas(areas[0], areas[1], error, p)


def _placements(truth: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """Of each positive the share of negatives below it, of each negative the share of positives above; ties half."""
    ranks = _ranks(scores)
    positives, negatives = int(truth.sum()), int((~truth).sum())
    above = (ranks[truth] - _ranks(scores[truth])) / negatives
    below = 1 - (ranks[~truth] - _ranks(scores[~truth])) / positives
    return above, below


def _ranks(values: Floats) -> Floats:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middles: Floats = ends - (counts - 1) / 2
    return middles[places]


def compared_hits(champion: NDArray[np.bool_], challenger: NDArray[np.bool_]) -> Hits:
    """McNemar's test of what two models get right, (m,) each: exact up to 1,000 rows on which they differ.

    >>> compared_hits(np.array([True] * 8 + [False] * 2), np.array([False] * 8 + [True] * 2))
    Hits(champion_only=8, challenger_only=2, p=0.109375)
    """
    only = int(np.sum(champion & ~challenger)), int(np.sum(challenger & ~champion))
    n, fewer = sum(only), min(only)
    if n > _MOST_EXACT:
        p = math.erfc((abs(only[0] - only[1]) - 1) / math.sqrt(2 * n))
    else:
        p = 2 * sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n
    return Hits(*only, min(1.0, p))
