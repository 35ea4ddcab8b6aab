"""Bins of texts, by which drift is measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidData
from lepton_core.table.columns import Categories, Column, FloatArray, IndexArray
from lepton_core.table.kinds.base import Tally

FREQUENT = 0.05
"""A level of this share of the rows has a bin of its own, so at most 20 have."""

ENOUGH_ROWS = 5
"""No level or group of levels of fewer rows has a bin of its own: chi-squared would not hold."""

MAX_GROUPS = 8
MAX_BINNED_LEVELS = 1000
"""Most levels that the bins of a column know."""


@dataclass(frozen=True)
class CategoryBins:
    """Bins of a category, ``counts`` of shape (len(levels) + groups + 2,).

    One for each of ``levels``, the frequent ones; ``groups`` that share the ``grouped`` levels, by turns in
    their order; one for rare levels, known or not; and one for missing.

    Training saw some rare levels often by luck and others never, so what it counted under grouped levels is
    more than new data will bring. It brings as many as stay when the rows of the least frequent of them are
    left out: for the model without one such row, that row's level would have been rare (Good and Turing's
    estimate). The groups' counts are scaled down by that much, in favour of the rare. So a column of
    identifiers is expected to go on with new ones.
    """

    name: str
    levels: tuple[str, ...]
    grouped: tuple[str, ...]
    groups: int
    counts: tuple[int, ...]

    @property
    def kind(self) -> str:
        """``'category'``."""
        return "category"

    @property
    def rare(self) -> int:
        """The bin of rare levels; that of missing follows and is the last."""
        return len(self.levels) + self.groups

    def places(self, levels: Sequence[str]) -> list[int]:
        """The bin of each code of a column with ``levels``, then of unseen, then of missing (at -1)."""
        first = len(self.levels)
        known = {level: i for i, level in enumerate(self.levels)}
        known |= {level: first + i % self.groups for i, level in enumerate(self.grouped)}
        return [*(known.get(level, self.rare) for level in levels), self.rare, self.rare + 1]

    def tally(self, column: Column) -> Tally:
        """How many rows of ``column`` fall into each bin, int64 of the shape of ``counts``.

        Raises `InvalidData` naming the column if it holds numbers.
        """
        self._demand(column)
        return self.fold(column.levels, by_code(column))

    def places_of(self, column: Any) -> IndexArray:
        """See `Bins.places_of`: int64 (m,)."""
        self._demand(column)
        found: IndexArray = np.array(self.places(column.levels), dtype=np.int64)[column.codes]
        return found

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
            found: int = places[column.codes.item(row)]
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
        counts = np.zeros(self.rare + 2, dtype=np.int64)
        np.add.at(counts, self.places(levels), seen)
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
        }

    @staticmethod
    def of(column: Categories) -> "CategoryBins":
        """The bins of ``column``.

        >>> CategoryBins.of(Categories.of("sex", ["f", "m"] * 5))
        CategoryBins(name='sex', levels=('f', 'm'), grouped=(), groups=0, counts=(5, 5, 0, 0))
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
        counts[bins.rare] += before - shared.sum()
        return replace(bins, counts=tuple(counts.tolist()))

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
