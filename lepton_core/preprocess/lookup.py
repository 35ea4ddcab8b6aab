"""Which of a column's levels a cell has, looked up by arrays that are ready before the first row comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix.parts import Array
from lepton_core.table import BY_NAME, Categories, Column, ColumnSchema, Table, kind_of


@dataclass(frozen=True, eq=False)
class Lookup:
    """The place of a cell of ``source`` among ``levels``, texts or numbers, ascending.

    ``pooled``: all other cells have the place len(levels); else they have none. ``absent`` is the level that a missing
    cell counts as; ``known`` are the levels of the column in training, for which ``offsets`` (len(known) + 2,) holds
    each one's place among ``levels`` (-1: none) ready-made, then that of an unknown level and of a missing cell.
    ``codes`` are the same, NaN where there is none. ``numeric``: the levels are numbers.
    """

    source: str
    levels: tuple[str, ...] | tuple[float, ...]
    absent: str | float | None
    known: tuple[str, ...]
    offsets: NDArray[np.int64]
    codes: NDArray[np.float64]
    pooled: bool
    numeric: bool

    @staticmethod
    def of(
        levels: tuple[str, ...] | tuple[float, ...],
        absent: str | float | None,
        column: ColumnSchema,
        *,
        pooled: bool = False,
    ) -> "Lookup":
        """The lookup in a column that was ``column`` in training."""
        offsets = _offsets(levels, column.levels, absent, pooled=pooled)
        numeric = BY_NAME[column.kind].quantitative
        return Lookup(column.name, levels, absent, column.levels, offsets, _or_nan(offsets), pooled, numeric)

    def __len__(self) -> int:
        """How many places there are."""
        return len(self.levels) + self.pooled

    def places(self, column: Column) -> NDArray[np.int64]:
        """The place of each cell of ``column``, (m,); -1 for one that is not among the levels.

        >>> lookup = Lookup.of(("L", "S"), None, ColumnSchema("size", "category", ("L", "S", "XXL")))
        >>> lookup.places(Categories.of("size", ["S", "XXL", None, "L"])).tolist()
        [1, -1, -1, 0]
        """
        if self.numeric:
            return self._of_numbers(column.values)
        texts = kind_of(column).texts(column)
        if self._knows(texts):
            return self.offsets[texts.codes]
        return _offsets(self.levels, texts.levels, self.absent, pooled=self.pooled)[texts.codes]

    def coded(self, column: Column) -> NDArray[np.float64]:
        """`places`, (m,), with NaN instead of -1."""
        if not self.numeric:
            texts = kind_of(column).texts(column)
            if self._knows(texts):
                return self.codes[texts.codes]
        return _or_nan(self.places(column))

    def _knows(self, column: Categories) -> bool:
        return column.levels is self.known or column.levels == self.known

    def _of_numbers(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        if self.absent is not None:
            values = np.where(np.isnan(values), self.absent, values)
        other = np.where(np.isnan(values), -1, len(self.levels)) if self.pooled else -1
        if not self.levels:
            return np.asarray(other, dtype=np.int64)
        levels = np.array(self.levels, dtype=np.float64)
        at = np.minimum(np.searchsorted(levels, values), len(levels) - 1)
        return np.where(levels[at] == values, at, other)


def _or_nan(places: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(places < 0, np.nan, places)


def _offsets(
    levels: Sequence[str | float], known: Sequence[str], absent: str | float | None, *, pooled: bool
) -> NDArray[np.int64]:
    # A code indexes this array: 0 .. n-1 are the known levels, n an unknown one, -1 a missing cell.
    place: Mapping[str | float | None, int] = {level: i for i, level in enumerate(levels)}
    other = len(levels) if pooled else -1
    missing = -1 if absent is None else place.get(absent, other)
    return np.array([*(place.get(level, other) for level in known), other, missing], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Indicators:
    """Consecutive columns of the matrix, from ``start`` on: the places of ``lookup`` from ``first`` on."""

    start: int
    lookup: Lookup
    first: int = 0

    @property
    def width(self) -> int:
        """How many columns they are."""
        return len(self.lookup) - self.first

    def codes(self, table: Table) -> NDArray[np.int64]:
        """Of each row the place of its column among these, (m,); -1 if there is none."""
        places = self.lookup.places(table[self.lookup.source])
        return np.maximum(places - self.first, -1) if self.first else places

    def mark(self, table: Table, out: Array) -> None:
        """Set the 1s of every row of ``out`` (m, p), which is 0 in these columns."""
        at = self.codes(table)
        if len(out) == 1:  # the common prediction, and index arrays cost microseconds
            if at[0] >= 0:
                out[0, self.start + at[0]] = 1.0
            return
        cells = np.arange(self.start, out.size, out.shape[1]) + at
        there = at >= 0
        out.reshape(-1)[cells if there.all() else cells[there]] = 1.0
