"""Numbers: every cell is missing or one finite number."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lepton_core.errors import InvalidInput
from lepton_core.table.columns import FloatArray, IndexArray, Mask
from lepton_core.table.kinds.base import Known
from lepton_core.table.kinds.quantity import Quantity
from lepton_core.table.spelling import MISSING_SPELLINGS, NumberNotation, number_notation, read_later_number
from lepton_core.table.spelling.decision import bare
from lepton_core.table.spelling.numbers import plain_numbers

if TYPE_CHECKING:
    from lepton_core.table.spans import Spans


class Number(Quantity):
    """See `Kind`. Its notation is a `NumberNotation`."""

    name = "number"
    notation_options = frozenset({"decimal"})
    akin = frozenset({"integer", "boolean"})
    recurs = True

    def value_of(self, text: str, notation: str) -> float | None:
        """See `read_later_number`."""
        return read_later_number(text, NumberNotation.from_text(bare(notation)))

    def otherwise(self, text: str, notation: str) -> str:
        """See `Quantity.otherwise`: with the other decimal sign.

        >>> NUMBER.otherwise("2500.50", ",."), NUMBER.otherwise("old", ",.")
        ("; in this column ',' is the decimal sign", '')
        """
        known = NumberNotation.from_text(bare(notation))
        other = NumberNotation("." if known.decimal == "," else ",", unit=known.unit)
        read = read_later_number(text, other) is not None
        return f"; in this column {known.decimal!r} is the decimal sign" if read else ""

    def values_of(self, cells: Sequence[str], column: Known) -> FloatArray | None:
        """Numbers (m,) of ASCII digits in the plain notation, see `read_cells`."""
        return None if bare(column.notation) or column.missing_words is not None else read_cells(cells)

    def values_in(self, cells: "Spans", column: Known) -> tuple[FloatArray, IndexArray]:
        """Plain numbers (m,), see `span_numbers`; the others (k,), also those that may mean a missing cell."""
        from lepton_core.table.span_numbers import span_numbers  # noqa: PLC0415  (as `Quantity.reader`)

        values, unread = span_numbers(cells, bare(column.notation)[:1] or ".")
        numbers = self.numbers_among(column)
        if numbers:
            unread |= np.isin(values, numbers)
        return values, np.flatnonzero(unread)

    def find_notation(
        self,
        counts: Mapping[str, int],
        missing: Collection[str],
        *,
        decimal: str = "",
        day_first: bool | None = None,
    ) -> str:
        """See `number_notation`."""
        found = number_notation(counts, decimal) or number_notation(counts)
        return "" if found is None else found.as_text()

    def reads(self, notation: str) -> bool:
        """What `NumberNotation` reads."""
        try:
            NumberNotation.from_text(bare(notation))
        except InvalidInput:
            return False
        return True


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

    def values_in(self, cells: "Spans", column: Known) -> tuple[FloatArray, IndexArray]:
        """See `Number.values_in`: (m,) and (k,); fractions are looked at one by one."""
        values, unread = super().values_in(cells, column)
        with_fraction = np.flatnonzero(values != np.floor(values))
        with_fraction = with_fraction[~np.isnan(values[with_fraction])]
        return values, np.union1d(unread, with_fraction) if len(with_fraction) else unread

    def read_cell(self, cell: Any, row: int, column: Known) -> float:
        """A fraction too, be it a number or a text: a model that has seen whole numbers predicts between them."""
        return NUMBER.read_cell(cell, row, column)


NUMBER = Number()
INTEGER = Integer()


def read_cells(cells: Sequence[str]) -> FloatArray | None:
    """The cells as float64 of shape (m,), NaN where missing; None if `read_number` takes one of them for no number.

    >>> read_cells(["1", " 2.5 ", "NA"]), read_cells(["1", "inf"]), read_cells(["1", "007"])
    (array([1. , 2.5, nan]), None, None)
    """
    texts = [cell.strip() for cell in cells]
    found = plain_numbers(texts)
    if found is not None:
        return np.array(found, dtype=np.float64)
    present = [text for text in texts if text not in MISSING_SPELLINGS]
    found = plain_numbers(present) if len(present) < len(texts) else None
    if found is None:
        return None
    values = np.full(len(texts), np.nan)
    missing = np.fromiter(map(MISSING_SPELLINGS.__contains__, texts), dtype=np.bool_, count=len(texts))
    values[~missing] = found
    return values
