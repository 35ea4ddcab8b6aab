"""Bins of texts, by which drift is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidData
from lepton_core.table.columns import Categories, Column, FloatArray, IndexArray
from lepton_core.table.kinds.bins import Meaning, Tally

FREQUENT = 0.05
"""A level of this share of the rows has a bin of its own, so at most 20 have."""

ENOUGH_ROWS = 5
"""No level or group of levels of fewer rows has a bin of its own: chi-squared would not hold."""

MAX_GROUPS = 8
MAX_BINNED_LEVELS = 1000
"""Most levels that the bins of a column know."""

_NAMED = 3
"""Levels that a bin of several names."""

BUCKETS = 8
"""Few enough that a bucket is no name, and enough that one text in all rows is told from many."""

_MIXED = 2654435761
"""Knuth's multiplier, 2^32 over the golden ratio: the checksum alone is linear, and running numbers show it."""


@dataclass(frozen=True)
class CategoryBins:
    """Bins of a category, ``counts`` of shape (len(levels) + groups + buckets + 1,).

    One for each of ``levels``, the frequent ones; ``groups`` that share the ``grouped`` levels, by turns in
    their order; ``buckets`` for rare levels, known or not, each in that of its text; and one for missing. So a
    column of which every row was different and now all are one falls from eight bins into one.

    Training saw some rare levels often by luck and others never, so what it counted under grouped levels is
    more than new data will bring. It brings as many as stay when the rows of the least frequent of them are
    left out: for the model without one such row, that row's level would have been rare (Good and Turing's
    estimate). The groups' counts are scaled down by that much, in favour of the rare. So a column of
    identifiers is expected to go on with new ones, in all buckets alike.
    """

    name: str
    levels: tuple[str, ...]
    grouped: tuple[str, ...]
    groups: int
    counts: tuple[int, ...]
    buckets: int = 1

    @property
    def kind(self) -> str:
        """``'category'``."""
        return "category"

    @property
    def rare(self) -> int:
        """The first bin of rare levels."""
        return len(self.levels) + self.groups

    @property
    def absent(self) -> int:
        """The bin of missing cells, the last."""
        return self.rare + self.buckets

    def places(self, levels: Sequence[str]) -> list[int]:
        """The bin of each code of a column with ``levels``, then the first of unseen, then of missing (at -1)."""
        first = len(self.levels)
        known = {level: i for i, level in enumerate(self.levels)}
        known |= {level: first + i % self.groups for i, level in enumerate(self.grouped)}
        return [
            *(known[level] if level in known else self._rare_of(level) for level in levels),
            self.rare,
            self.absent,
        ]

    def meanings(self) -> tuple[Meaning, ...]:
        """What falls into each bin.

        >>> bins = CategoryBins("x", ("a",), ("b", "c"), 1, (9, 4, 0, 0))
        >>> [(one.holds, one.text) for one in bins.meanings()]
        [('level', 'a'), ('several', 'b, c'), ('rare', ''), ('missing', '')]
        """
        shared = (self.grouped[at :: self.groups] for at in range(self.groups))
        return (
            *(Meaning("level", text) for text in self.levels),
            *(Meaning("several", _some_of(texts)) for texts in shared),
            *(Meaning("rare") for _ in range(self.buckets)),
            Meaning("missing"),
        )

    def tally(self, column: Any) -> Tally:
        """How many rows of ``column`` fall into each bin, int64 of the shape of ``counts``.

        Raises `InvalidData` naming the column if it holds numbers.
        """
        return np.bincount(self.places_of(column), minlength=self.absent + 1).astype(np.int64, copy=False)

    def places_of(self, column: Any) -> IndexArray:
        """See `Bins.places_of`: int64 (m,)."""
        self._demand(column)
        found: IndexArray = self._places_by_code(column.levels)[column.codes]
        if column.buckets is not None:
            found += (column.codes == len(column.levels)) * (column.buckets % self.buckets)
        return found

    def _places_by_code(self, levels: tuple[str, ...]) -> IndexArray:
        """The `places` of ``levels``, kept for the next column: those of a served model share their levels."""
        known, found = self._last[0]
        if known is not levels:
            found = np.array(self.places(levels), dtype=np.int64)
            self._last[0] = levels, found
        return found

    @cached_property
    def _last(self) -> list[tuple[tuple[str, ...], IndexArray]]:
        return [((), np.array(self.places(()), dtype=np.int64))]

    def finder(self) -> Callable[[Any, int], int]:
        """See `Bins.finder`; it remembers the levels of the last column and the bins of its codes."""
        known: tuple[str, ...] = ()
        places, kind = self.places(known), self.kind

        def place(column: Any, row: int) -> int:
            nonlocal known, places
            if column.kind != kind:
                self._demand(column)
            if column.levels is not known and column.levels != known:
                known, places = column.levels, self.places(column.levels)
            code = column.codes.item(row)
            found: int = places[code]
            if code == len(known) and column.buckets is not None:
                found += column.buckets.item(row) % self.buckets
            return found

        return place

    def tally_predictions(self, predictions: FloatArray) -> Tally:
        """How many of ``predictions`` (m, K) have their most probable class in each bin, int64 (len(counts),).

        Raises ``ValueError`` if these are not the bins of K classes.
        """
        if predictions.ndim != 2 or predictions.shape[1] != len(self.levels):
            raise ValueError(f"predictions of shape {predictions.shape} for {len(self.levels)} classes")
        return np.bincount(predictions.argmax(axis=1), minlength=len(self.counts)).astype(np.int64)

    def place_of_prediction(self, prediction: FloatArray) -> int:
        """The most probable class of ``prediction`` (K,)."""
        return int(prediction.argmax())

    def fold(self, levels: Sequence[str], seen: Tally) -> Tally:
        """Rows by code, (len(levels) + 2,) (then unseen, missing), as rows by bin, int64 of the shape of ``counts``."""
        counts = np.zeros(self.absent + 1, dtype=np.int64)
        there = np.flatnonzero(seen[:-2]).tolist()  # a call has few of many levels
        *places, unseen, absent = self.places([levels[code] for code in there])
        np.add.at(counts, [*places, unseen, absent], seen[[*there, -2, -1]])
        return counts

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "levels": list(self.levels),
            "grouped": list(self.grouped),
            "groups": self.groups,
            "counts": list(self.counts),
            **({"buckets": self.buckets} if self.buckets > 1 else {}),
        }

    @staticmethod
    def of(column: Categories) -> "CategoryBins":
        """The bins of ``column``.

        >>> CategoryBins.of(Categories.of("sex", ["f", "m"] * 5))
        CategoryBins(name='sex', levels=('f', 'm'), grouped=(), groups=0, counts=(5, 5, 0, 0), buckets=1)
        """
        seen = by_code(column)
        rows = seen[:-2]
        frequent = rows >= max(ENOUGH_ROWS, FREQUENT * rows.sum())
        fewest = ENOUGH_ROWS
        if np.count_nonzero(rows >= fewest) > MAX_BINNED_LEVELS:
            fewest = int(np.partition(rows, -MAX_BINNED_LEVELS - 1)[-MAX_BINNED_LEVELS - 1]) + 1
        grouped = (rows >= fewest) & ~frequent
        total, rarest = int(rows[grouped].sum()), int(rows[grouped & (rows == fewest)].sum())
        groups = min(MAX_GROUPS, int(np.count_nonzero(grouped)), (total - rarest) // ENOUGH_ROWS)
        names = pick(column.levels, grouped) if groups else ()
        bins = CategoryBins(column.name, pick(column.levels, frequent), names, groups, ())
        counts = bins.fold(column.levels, seen)
        shared = counts[len(bins.levels) : bins.rare]
        before = shared.sum()
        shared[:] = np.rint(shared * (1 - rarest / max(total, 1)))
        moved = int(before - shared.sum())
        bins = replace(bins, buckets=most_buckets(int(counts[bins.rare]) + moved, ENOUGH_ROWS))
        rare = bins.fold(column.levels, seen)[bins.rare :]
        rare[:-1] += (moved + np.arange(bins.buckets)) // bins.buckets
        return replace(bins, counts=(*counts[: bins.rare].tolist(), *rare.tolist()))

    def _rare_of(self, level: str) -> int:
        return self.rare + (bucket(level) % self.buckets if self.buckets > 1 else 0)

    def _demand(self, column: Column) -> None:
        if column.kind != self.kind:
            raise InvalidData(
                f"a column of kind {self.kind!r} was expected, not {column.kind!r}", column=self.name
            )


def by_code(column: Any) -> Tally:
    """Rows of each level, then of unseen, then of missing: (k + 2,)."""
    return np.roll(np.bincount(column.codes + 1, minlength=len(column.levels) + 2), -1)


def pick(levels: Sequence[str], chosen: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """Those of the ``levels`` (k,) that are ``chosen``, (k,)."""
    return tuple(levels[i] for i in np.flatnonzero(chosen).tolist())


def bucket(text: str) -> int:
    """The bucket of ``text``, the same in every process: from 0 to `BUCKETS` - 1.

    >>> [bucket(text) for text in ("C-0001", "C-0002", "C-0003", "C-0004")]
    [5, 7, 2, 3]
    """
    return (crc32(text.encode("utf-8", "surrogatepass")) * _MIXED & 0xFFFFFFFF) >> 29


def most_buckets(rows: int, enough: int) -> int:
    """How many buckets ``rows`` fill with ``enough`` each: 8, 4, 2 or 1.

    >>> [most_buckets(rows, 5) for rows in (400, 39, 10, 0)]
    [8, 4, 2, 1]
    """
    found = BUCKETS
    while found > 1 and rows < found * enough:
        found //= 2
    return found


def _some_of(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_NAMED]) + (", …" if len(texts) > _NAMED else "")
