"""Numbers: every cell is missing or one finite number."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from lepton_core.errors import InvalidInput
from lepton_core.table.cells import NUMBER_CHARACTERS
from lepton_core.table.columns import FloatArray, Mask, Numbers
from lepton_core.table.kinds.base import Known
from lepton_core.table.kinds.quantity import Quantity
from lepton_core.table.spelling import MISSING_SPELLINGS, NumberNotation, number_notation, read_later_number


class Number(Quantity):
    """See `Kind`. Its notation is a `NumberNotation`."""

    name = "number"
    akin = frozenset({"integer", "boolean"})

    def value_of(self, text: str, notation: str) -> float | None:
        """See `read_later_number`."""
        return read_later_number(text, NumberNotation.from_text(notation))

    def values_of(self, cells: Sequence[str], column: Known) -> FloatArray | None:
        """Numbers (m,) of ASCII digits in the plain notation, see `read_cells`."""
        return None if column.notation or column.missing_words is not None else read_cells(cells)

    def find_notation(self, counts: Mapping[str, int], missing: Collection[str]) -> str:
        """See `number_notation`."""
        found = number_notation(counts)
        return "" if found is None else found.as_text()

    def reads(self, notation: str) -> bool:
        """What `NumberNotation` reads."""
        try:
            NumberNotation.from_text(notation)
        except InvalidInput:
            return False
        return True

    def from_plain(self, values: FloatArray, column: Known) -> Numbers | None:
        """The values (m,), if the column is read the plain way, and no number stands for a missing cell."""
        return None if column.notation or column.missing_words is not None else self.made(values, column)


class Integer(Number):
    """Whole numbers. Those of a program may be codes, so `recognise` has to tell."""

    name = "integer"
    wider = Number.name
    akin = frozenset({"number", "boolean"})
    given_decides = False

    def holds(self, values: FloatArray) -> Mask:
        """No fractions, (k,)."""
        whole: Mask = values == np.floor(values)
        return whole

    def value_of(self, text: str, notation: str) -> float | None:
        """See `Number.value_of`; None for a fraction."""
        value = super().value_of(text, notation)
        return value if value is None or value.is_integer() else None

    def values_of(self, cells: Sequence[str], column: Known) -> FloatArray | None:
        """See `Number.values_of`, (m,)."""
        values = super().values_of(cells, column)
        return (
            values if values is not None and (np.isnan(values) | (values == np.floor(values))).all() else None
        )

    def read_cell(self, cell: Any, row: int, column: Known) -> float:
        """A fraction too, be it a number or a text: a model that has seen whole numbers predicts between them."""
        return NUMBER.read_cell(cell, row, column)

    def from_plain(self, values: FloatArray, column: Known) -> Numbers | None:
        """The values (m,), if they are whole."""
        return super().from_plain(values, column) if (values == np.floor(values)).all() else None


NUMBER = Number()
INTEGER = Integer()


def read_cells(cells: Sequence[str]) -> FloatArray | None:
    """The cells as float64 of shape (m,), NaN where missing; None if one is text or not finite.

    >>> read_cells(["1", " 2.5 ", "NA"]), read_cells(["1", "inf"])
    (array([1. , 2.5, nan]), None)
    """
    if _are_plain("".join(cells)) and "" not in cells and (plain := _finite(cells)) is not None:
        return plain
    texts = [cell.strip() for cell in cells]
    missing = np.fromiter(map(MISSING_SPELLINGS.__contains__, texts), dtype=np.bool_, count=len(texts))
    present = [text for text in texts if text not in MISSING_SPELLINGS]
    if not _are_plain("".join(present)):
        return None
    found = _finite(present)
    if found is None:
        return None
    values = np.full(len(texts), np.nan)
    values[~missing] = found
    return values


def _are_plain(text: str) -> bool:
    return not text.strip(NUMBER_CHARACTERS)


def _finite(texts: Sequence[str]) -> FloatArray | None:
    try:
        values = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None
