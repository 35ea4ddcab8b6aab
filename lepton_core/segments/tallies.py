"""What is counted of the segments of a column, and what it shows: rows by themselves, or in blocks that depend."""

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lepton_core.baseline import FEWEST_BLOCKS
from lepton_core.paired import MOST_BLOCKS, student_quantile
from lepton_core.segments.chance import wilson
from lepton_core.segments.cuts import FEWEST_SEGMENT_ROWS, Places

Floats = NDArray[np.float64]

_END = 0.975


@dataclass(frozen=True)
class Judged:
    """How wrong m rows are: ``spread`` (m,) are their losses with the mean 0 and the variance 1.

    A loss is ``mean`` + ``deviation`` times its spread. ``right`` (m,) says which rows have the right class; None of
    a regression.
    """

    spread: Floats
    mean: float
    deviation: float
    right: Floats | None

    @staticmethod
    def of(losses: Floats, right: NDArray[np.bool_] | None = None) -> "Judged":
        """Of the ``losses`` (m,), of squares not far from 1, and the rows that are ``right`` (m,).

        >>> Judged.of(np.array([1.0, 3.0])).spread.tolist()
        [-1.0, 1.0]
        """
        mean = float(np.mean(losses))
        spread = losses - mean
        deviation = float(np.sqrt(np.mean(np.square(spread))))
        if deviation <= 1e-9 * abs(mean):
            deviation = 0.0
        spread = spread / deviation if deviation else np.zeros(len(losses))
        return Judged(spread, mean, deviation, None if right is None else right.astype(np.float64))

    @cached_property
    def squares(self) -> Floats:
        """The squares of ``spread``, (m,)."""
        return np.square(self.spread)

    @cached_property
    def skewness(self) -> float:
        """The mean of its cubes."""
        return float(np.mean(self.squares * self.spread))


@dataclass(frozen=True)
class Shown:
    """What the rows of k segments show, each (k,); losses are as `Judged.spread` has them.

    ``mean`` is the mean loss of the ``rows`` of a segment, ``own`` its standard error, and ``error`` that of its
    difference from the mean of all others, with ``freedom`` degrees. ``z`` is that difference in standard errors that
    it has where the segment is like all others, and ``skewness`` that of its sum then. ``hits`` are the rows that are
    right, and ``effective`` is of how many independent rows they are worth. ``enough``: there are rows, and blocks of
    them, in it and beside it.
    """

    rows: Floats
    mean: Floats
    own: Floats
    error: Floats
    freedom: Floats
    z: Floats
    skewness: Floats
    hits: Floats
    effective: Floats
    enough: NDArray[np.bool_]

    @staticmethod
    def joined(parts: list["Shown"]) -> "Shown":
        """Those of all ``parts``, in their order: (k,) of the sum of their lengths."""
        names = [one.name for one in fields(Shown)]
        return Shown(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def reach(self, at: int, error: Floats) -> float:
        """Half of the interval of 95 % around a figure of segment ``at`` that has such an ``error`` (k,)."""
        return student_quantile(_END, max(1, int(self.freedom[at]))) * float(error[at])

    def accuracy(self, at: int) -> tuple[float, float, float]:
        """The share of the rows of segment ``at`` that are right, and the ends of its interval of 95 %."""
        share = float(self.hits[at] / self.rows[at])
        return share, *wilson(share, float(self.effective[at]))


class Tally(Protocol):
    """Counts the segments of one column after the other, and then says what they show."""

    def add(self, places: Places, size: int) -> None:
        """Count m rows, whose segments have the numbers ``places`` (m,), below ``size``."""
        ...

    def shown(self) -> Shown:
        """What all of them show, in the order in which they came."""
        ...


def _quotient(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below > 0)


class OfRows:
    """A `Tally` of rows that are independent of each other.

    Where a segment is like all others, its rows might as well be any n of the m. Then its sum has a variance and a
    skewness that follow from those of all rows (Cochran, "Sampling Techniques", 1977, 2.5 and 2.15). The interval is
    Welch's (1947): its two sides have a variance each.
    """

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._sums: list[Floats] = []

    def add(self, places: Places, size: int) -> None:
        """See `Tally.add`, (m,)."""
        judged = self._judged
        weights = (None, judged.spread, judged.squares, judged.right)
        found = [np.bincount(places, weights=one, minlength=size) for one in weights[:3]]
        hits = found[0] if judged.right is None else np.bincount(places, weights=weights[3], minlength=size)
        self._sums.append(np.stack([*found, hits]).astype(np.float64))

    def shown(self) -> Shown:
        """See `Tally.shown`, (k,)."""
        n, total, squares, hits = np.concatenate(self._sums, axis=1)
        m = len(self._judged.spread)
        rest = m - n
        own = _variance(n, total, squares) / np.maximum(n, 1)
        beside = _variance(rest, -total, m - squares) / np.maximum(rest, 1)
        # The fourth powers of errors, over their degrees of freedom: Satterthwaite (1946).
        powers = _quotient(own**2, n - 1) + _quotient(beside**2, rest - 1)
        by_chance = _quotient(rest, n * max(1, m - 1))
        cubed = self._judged.skewness * (m - 2 * n) * math.sqrt(max(0, m - 1))
        return Shown(
            rows=n,
            mean=_quotient(total, n),
            own=np.sqrt(own),
            error=np.sqrt(own + beside),
            freedom=np.where(powers > 0, _quotient((own + beside) ** 2, powers), np.maximum(n - 1, 1)),
            z=_quotient(_quotient(total, n), np.sqrt(by_chance)),
            skewness=_quotient(cubed, max(1, m - 2) * np.sqrt(n * rest)),
            hits=hits,
            effective=n,
            enough=(n >= FEWEST_SEGMENT_ROWS) & (rest >= FEWEST_SEGMENT_ROWS),
        )


def _variance(n: Floats, total: Floats, squares: Floats) -> Floats:
    return np.maximum(_quotient(squares - _quotient(total**2, n), n - 1), 0.0)


class OfBlocks:
    """A `Tally` of rows in blocks that are independent of each other, as the rows of a group are one.

    The difference of the mean losses is a sum over blocks. So its variance is the sum of the squares of what each adds,
    and its skewness follows from the cubes; what each adds is measured from the mean of all rows to see what chance
    does, and from the means of both sides for the interval. Source: K. Liang and S. Zeger, "Longitudinal data analysis
    using generalized linear models" (1986); A. Cameron, J. Gelbach and D. Miller (2008) on few blocks, of which the
    interval has Student's distribution. Of more than `MOST_BLOCKS` blocks some are taken together.
    """

    def __init__(self, judged: Judged, blocks: Places) -> None:
        self._judged = judged
        self._block = np.unique(blocks, return_inverse=True)[1] % MOST_BLOCKS
        self.count = int(self._block.max()) + 1
        self._rows, self._loss = self._by_block(None), self._by_block(judged.spread)
        self._shown: list[Shown] = []

    def _by_block(self, weights: Floats | None) -> Floats:
        return np.bincount(self._block, weights=weights, minlength=self.count).astype(np.float64)

    def add(self, places: Places, size: int) -> None:
        """See `Tally.add`, (m,)."""
        cells = places * self.count + self._block

        def by_cell(weights: Floats | None) -> Floats:
            found = np.bincount(cells, weights=weights, minlength=size * self.count)
            return found.astype(np.float64).reshape(size, self.count)

        rows, loss = by_cell(None), by_cell(self._judged.spread)
        hits = rows if self._judged.right is None else by_cell(self._judged.right)
        n, total = rows.sum(axis=1), loss.sum(axis=1)
        rest = self._rows.sum() - n
        mean, beside = _quotient(total, n), _quotient(self._loss.sum() - total, rest)
        inside, outside = (rows > 0).sum(axis=1), (self._rows - rows > 0).sum(axis=1)
        alike = _shares(loss, n) - _shares(self._loss - loss, rest)
        apart = _shares(loss - rows * mean[:, None], n)
        away = _shares(self._loss - loss - (self._rows - rows) * beside[:, None], rest)
        few = _quotient(inside.astype(np.float64), inside - 1.0)
        variance = np.square(alike).sum(axis=1)
        right = _quotient(hits.sum(axis=1), n)
        off = few * np.square(_shares(hits - rows * right[:, None], n)).sum(axis=1)
        one_each = np.where(off > 0, _quotient(right * (1 - right), off), np.minimum(n, inside))
        self._shown.append(
            Shown(
                rows=n,
                mean=mean,
                own=np.sqrt(few * np.square(apart).sum(axis=1)),
                error=np.sqrt(few * np.square(apart - away).sum(axis=1)),
                freedom=np.maximum(inside - 1.0, 1.0),
                z=_quotient(mean - beside, np.sqrt(variance)),
                skewness=_quotient((alike**3).sum(axis=1), variance**1.5),
                hits=hits.sum(axis=1),
                effective=np.maximum(np.minimum(one_each, n), 1.0),
                enough=(np.minimum(n, rest) >= FEWEST_SEGMENT_ROWS)
                & (np.minimum(inside, outside) >= FEWEST_BLOCKS),
            )
        )

    def shown(self) -> Shown:
        """See `Tally.shown`, (k,)."""
        return Shown.joined(self._shown)


def _shares(sums: Floats, rows: Floats) -> Floats:
    """Sums of blocks (k, b) over the ``rows`` (k,) of the segments."""
    return _quotient(sums, rows[:, None])
