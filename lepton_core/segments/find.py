"""Where a version is wrong: the segments, by each column, whose mean loss is higher than that of all other rows."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift import Profile
from lepton_core.evaluate import Interval, Segment, Segments
from lepton_core.evaluate.regression import in_units
from lepton_core.promotion import row_losses
from lepton_core.segments.chance import holm, tail_of_sum
from lepton_core.segments.cuts import Cut, Places, cut, named
from lepton_core.segments.tallies import Floats, Judged, OfBlocks, OfRows, Shown, Tally
from lepton_core.segments.words import of_all, of_one
from lepton_core.table import Column, Table
from lepton_core.table.kinds import Bins

MOST_CUT_COLUMNS = 1_000
"""Most columns that are looked at, the first of the table."""

MOST_WORST = 10
"""Most segments that are kept, the worst."""

CHANCE = 0.05
"""How often, at most, anything is called weak where nothing is."""

_MOST_COMPARED = 100
"""Weak segments of which it is found out whether they are the same rows."""


@dataclass(frozen=True)
class KnownColumns:
    """What is known of the columns beforehand: the ``bins`` of drift, by name, and which of them the version reads."""

    bins: Mapping[str, Bins]
    reads: frozenset[str]

    @staticmethod
    def of(reference: Profile, reads: frozenset[str]) -> "KnownColumns":
        """By the profile that monitoring compares with."""
        return KnownColumns({one.name: one for one in reference.features}, reads)


NOTHING_KNOWN = KnownColumns({}, frozenset())


def weak_of_classes(
    table: Table,
    y: NDArray[Any],
    probabilities: Floats,
    *,
    known: KnownColumns = NOTHING_KNOWN,
    blocks: Places | None = None,
) -> Segments:
    """The segments of ``table``, of m >= 1 rows, whose log loss is higher than elsewhere; those of a classifier.

    ``y`` (m,) are the places of the true classes among the K, ``probabilities`` are (m, K), and ``blocks`` (m,) has the
    number of the block of each row; None: all rows are independent. Each column of ``table`` is looked at, whether the
    version reads it or not.

    >>> from lepton_core.table import Categories
    >>> town = Categories.of("town", ["Ulm", "Bonn"] * 50)
    >>> sure = np.where(np.arange(100)[:, None] % 2, [[0.9, 0.1]], [[0.3, 0.7]])
    >>> weak_of_classes(Table((town,)), np.zeros(100, dtype=np.int64), sure).worst[0].name
    "'Ulm'"
    """
    right = np.argmax(probabilities, axis=1) == y
    return _found(table, Judged.of(row_losses(probabilities, y), right), 1.0, known, blocks)


def weak_of_values(
    table: Table,
    y: Floats,
    output: Floats,
    *,
    known: KnownColumns = NOTHING_KNOWN,
    blocks: Places | None = None,
) -> Segments:
    """The segments of ``table``, of m >= 1 rows, whose squared error is higher than elsewhere; those of a regression.

    ``y`` and ``output`` (m,) are the truth and what was predicted; the rest is as in `weak_of_classes`.
    """
    away = y / 2 - output / 2  # so that no difference is infinite
    unit = float(np.abs(away).max()) or 1.0
    return _found(table, Judged.of(np.square(away / unit)), 2 * unit, known, blocks)


def _found(table: Table, judged: Judged, unit: float, known: KnownColumns, blocks: Places | None) -> Segments:
    columns, rows = table.columns[:MOST_CUT_COLUMNS], len(judged.spread)
    tally: Tally = OfRows(judged) if blocks is None else OfBlocks(judged, blocks)
    tally.add(np.zeros(rows, dtype=np.int64), 1)
    sizes = [1, *_counted(columns, known, tally)]
    found = _Found(columns, judged, unit, known, tally.shown(), np.cumsum([0, *sizes]))
    weak, p = found.weak()
    worst = tuple(found.segment(one, float(p[one.at]), also) for one, also in found.kept(weak))
    bare = Segments(
        metric="rmse" if judged.right is None else "accuracy",
        measure="squared_error" if judged.right is None else "log_loss",
        rows=rows,
        blocks=tally.count if isinstance(tally, OfBlocks) else rows,
        score=found.score(0),
        loss=found.loss(),
        columns=len(columns),
        columns_left=len(table.columns) - len(columns),
        tested=int(found.tested.sum()),
        too_small=int(np.count_nonzero(found.shown.rows[1:]) - found.tested.sum()),
        weak=len(weak),
        worst=worst,
        sentence="",
    )
    return of_all(bare)


def _counted(columns: tuple[Column, ...], known: KnownColumns, tally: Tally) -> Iterator[int]:
    """How many segments each of the ``columns`` has, counted by ``tally``."""
    for column in columns:
        parted = cut(column, known.bins.get(column.name))
        if parted is None:
            yield 0
            continue
        tally.add(parted.places, len(parted.of))
        yield len(parted.of)


@dataclass(frozen=True)
class _At:
    """A segment by its place among all, and in its column."""

    at: int
    column: Column
    segment: int


@dataclass(frozen=True)
class _Found:
    """All that was counted: the first segment is of all rows, ``starts`` are those of each column's first one."""

    columns: tuple[Column, ...]
    judged: Judged
    unit: float
    known: KnownColumns
    shown: Shown
    starts: NDArray[np.int64]

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Which segments, (k,), have rows enough."""
        enough = self.shown.enough.copy()
        enough[0] = False
        return enough

    @property
    def difference(self) -> Floats:
        """By how much the mean loss of each segment, (k,), is higher than that of all others."""
        rows, all_rows = self.shown.rows, self.shown.rows[0]
        beside = np.maximum(all_rows - rows, 1)
        found: Floats = (self.shown.mean - self.shown.mean[0]) * all_rows / beside
        return found

    def weak(self) -> tuple[list[int], Floats]:
        """The segments that are shown to be worse, the worst first, and the corrected chance of each, (k,)."""
        tested, p = np.flatnonzero(self.tested), np.ones(len(self.shown.rows))
        p[tested] = holm(tail_of_sum(self.shown.z[tested], self.shown.skewness[tested]))
        difference = self.difference
        weak = [
            one
            for one in np.flatnonzero(p <= CHANCE).tolist()
            if difference[one] - self.shown.reach(one, self.shown.error) > 0
        ]
        return sorted(weak, key=lambda one: -difference[one]), p

    def kept(self, weak: list[int]) -> Iterator[tuple[_At, tuple[str, ...]]]:
        """Those of the ``weak`` that are kept, each with the other columns that set the same rows apart."""
        made: list[tuple[_At, NDArray[np.bool_], list[str]]] = []
        for at in weak[:_MOST_COMPARED]:
            one = self._place(at)
            inside = self._cut(one).places == one.segment
            same = next((names for _, rows, names in made if np.array_equal(rows, inside)), None)
            if same is not None:
                same.append(one.column.name)
            elif len(made) < MOST_WORST:
                made.append((one, inside, []))
        yield from ((one, tuple(names)) for one, _, names in made)

    def _place(self, at: int) -> _At:
        column = int(np.searchsorted(self.starts, at, side="right")) - 2
        return _At(at, self.columns[column], at - int(self.starts[column + 1]))

    def _cut(self, one: _At) -> Cut:
        parted = cut(one.column, self.known.bins.get(one.column.name))
        assert parted is not None  # noqa: S101  (it has segments)
        return parted

    def segment(self, one: _At, p: float, also: tuple[str, ...]) -> Segment:
        """All that is told of one."""
        at, name = one.at, one.column.name
        called = named(self._cut(one), one.segment)
        mean, difference = float(self.shown.mean[at]), float(self.difference[at])
        bare = Segment(
            column=name,
            kind=one.column.kind,
            of=called.of,
            name=called.name,
            rows=int(self.shown.rows[at]),
            share=float(self.shown.rows[at] / self.shown.rows[0]),
            score=self.score(at),
            score_elsewhere=self._score_beside(at, mean - difference),
            loss=self._loss(self.judged.mean + self.judged.deviation * mean),
            loss_elsewhere=self._loss(self.judged.mean + self.judged.deviation * (mean - difference)),
            difference=self._apart(at, difference),
            p=p,
            reads=name in self.known.reads,
            sentence="",
            least=called.least,
            most=called.most,
            level=called.level,
            also=also,
        )
        return of_one(bare, accuracy=self.judged.right is not None)

    def loss(self) -> Interval:
        """The mean loss of all rows."""
        reach = self.judged.deviation * self.shown.reach(0, self.shown.own)
        ends = (self.judged.mean, max(0.0, self.judged.mean - reach), self.judged.mean + reach)
        return Interval(*map(self._loss, ends))

    def _apart(self, at: int, difference: float) -> Interval:
        reach = self.shown.reach(at, self.shown.error)
        ends = (difference, difference - reach, difference + reach)
        return Interval(*(self._loss(self.judged.deviation * one) for one in ends))

    def score(self, at: int) -> Interval:
        """The accuracy of a segment, or its RMSE."""
        if self.judged.right is not None:
            return Interval(*self.shown.accuracy(at))
        mean, reach = float(self.shown.mean[at]), self.shown.reach(at, self.shown.own)
        return Interval(*(self._root(one) for one in (mean, mean - reach, mean + reach)))

    def _score_beside(self, at: int, mean: float) -> float:
        if self.judged.right is None:
            return self._root(mean)
        rows, hits = self.shown.rows, self.shown.hits
        return float((hits[0] - hits[at]) / (rows[0] - rows[at]))

    def _root(self, spread: float) -> float:
        squared = max(0.0, self.judged.mean + self.judged.deviation * spread)
        return in_units(math.sqrt(squared), self.unit)

    def _loss(self, scaled: float) -> float:
        return in_units(in_units(scaled, self.unit), self.unit)
