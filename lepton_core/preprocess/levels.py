"""Which of a column's levels a cell has, looked up by arrays that are ready before the first row comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.table import MISSING, Categories, Column, ColumnSchema, Numbers


@dataclass(frozen=True, eq=False)
class Levels:
    """The place of a cell of ``source`` among ``levels``, texts or numbers, ascending.

    ``absent`` is the level that a missing cell counts as; ``known`` are the levels of the column in training,
    for which ``offsets`` (len(known) + 2,) holds each one's place among ``levels`` (-1: none) ready-made, then
    that of an unknown level and of a missing cell. ``codes`` are the same, NaN where there is none.
    """

    source: str
    levels: tuple[str, ...] | tuple[float, ...]
    absent: str | float | None
    known: tuple[str, ...]
    offsets: NDArray[np.int64]
    codes: NDArray[np.float64]

    @staticmethod
    def of(
        levels: tuple[str, ...] | tuple[float, ...], absent: str | float | None, column: ColumnSchema
    ) -> "Levels":
        """The lookup in a column that was ``column`` in training."""
        offsets = _offsets(levels, column.levels, absent)
        return Levels(column.name, levels, absent, column.levels, offsets, _or_nan(offsets))

    def places(self, column: Column) -> NDArray[np.int64]:
        """The place of each cell of ``column``, (m,); -1 for one that is none of the levels.

        >>> lookup = Levels.of(("L", "S"), None, ColumnSchema("size", "category", ("L", "S", "XXL")))
        >>> lookup.places(Categories.of("size", ["S", "XXL", None, "L"])).tolist()
        [1, -1, -1, 0]
        """
        if isinstance(self.levels[0], float):
            return self._of_numbers(numbers(column))
        texts = as_text(column) if isinstance(column, Numbers) else column
        known = self._knows(texts)
        return (self.offsets if known else _offsets(self.levels, texts.levels, self.absent))[texts.codes]

    def coded(self, column: Column) -> NDArray[np.float64]:
        """`places`, (m,), with NaN instead of -1."""
        if isinstance(column, Categories) and isinstance(self.levels[0], str) and self._knows(column):
            return self.codes[column.codes]
        return _or_nan(self.places(column))

    def _knows(self, column: Categories) -> bool:
        return column.levels is self.known or column.levels == self.known

    def _of_numbers(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        if self.absent is not None:
            values = np.where(np.isnan(values), self.absent, values)
        levels = np.array(self.levels, dtype=np.float64)
        at = np.minimum(np.searchsorted(levels, values), len(levels) - 1)
        return np.where(levels[at] == values, at, -1)


def numbers(column: Column) -> NDArray[np.float64]:
    """The values of ``column``, (m,). Raises `InvalidData` naming the row if it holds text."""
    if isinstance(column, Numbers):
        return column.values
    there = column.codes != MISSING
    if there.any():
        raise InvalidData("text where numbers were", row=int(np.argmax(there)) + 1, column=column.name)
    return np.full(len(column), np.nan)


def as_text(column: Numbers) -> Categories:
    """The numbers as the rows of a prediction would write them.

    A file may have categories that all happen to look like numbers.

    >>> as_text(Numbers("zip", np.array([2.5, 10.0]))).levels
    ('10', '2.5')
    """
    values, inverse = np.unique(column.values, return_inverse=True)
    texts = [None if np.isnan(value) else _text(float(value)) for value in values]
    of_values = Categories.of(column.name, texts)
    return Categories(column.name, of_values.codes[inverse], of_values.levels)


def _text(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _or_nan(places: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(places < 0, np.nan, places)


def _offsets(
    levels: Sequence[str | float], known: Sequence[str], absent: str | float | None
) -> NDArray[np.int64]:
    # A code indexes this array: 0 .. n-1 are the known levels, n an unknown one, -1 a missing cell.
    place: Mapping[str | float | None, int] = {level: i for i, level in enumerate(levels)}
    return np.array([*(place.get(level, -1) for level in known), -1, place.get(absent, -1)], dtype=np.int64)
