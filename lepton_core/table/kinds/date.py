"""Dates and times, kept as seconds since the beginning of 1970 in UTC."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table.cells import Assuming, shown
from lepton_core.table.columns import FloatArray, IndexArray, Mask, Numbers
from lepton_core.table.kinds.base import DefaultStep, Known, is_absent
from lepton_core.table.kinds.quantity import Quantity
from lepton_core.table.spelling import DateNotation, date_notation, is_missing, read_date, read_dates
from lepton_core.table.spelling.dates import Order, lacks_offset, parsed
from lepton_core.table.spelling.decision import bare
from lepton_core.table.spelling.epochs import EARLIEST, LATEST, unit_of

if TYPE_CHECKING:
    from lepton_core.table.spans import Spans

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_ORDERS: Mapping[Order, str] = {
    "ymd": "the year is first",
    "dmy": "the day is before the month",
    "mdy": "the month is before the day",
}


class Date(Assuming, Quantity):
    """See `Kind`. Its notation is a `DateNotation`."""

    name = "date"
    plain_cells = frozenset({type(None)})
    given_type = str
    moves = True
    notation_options = frozenset({"day_first"})

    def value_of(self, text: str, notation: str) -> float | None:
        """See `read_date`."""
        return read_date(text, DateNotation.from_text(bare(notation)))

    def otherwise(self, text: str, notation: str) -> str:
        """See `Quantity.otherwise`: with day and month, or the year, elsewhere.

        >>> DATE.otherwise("02/13/2024", "dmy none"), DATE.otherwise("31.12.2024", ""), DATE.otherwise("soon", "")
        ('; in this column the day is before the month', '; in this column the year is first', '')
        """
        known = DateNotation.from_text(bare(notation))
        reads = any(
            read_date(text, DateNotation(order)) is not None for order in _ORDERS if order != known.order
        )
        return f"; in this column {_ORDERS[known.order]}" if reads and known.unit is None else ""

    def values_of(self, cells: Sequence[str], column: Known) -> FloatArray | None:
        """All (m,) at once, unless a cell does not fit, or a date may mean that one is missing."""
        if self.numbers_among(column):
            return None
        found = read_dates(cells, DateNotation.from_text(bare(column.notation)))
        unread = np.flatnonzero(np.isnan(found)).tolist()
        return found if all(is_absent(cells[row], column) for row in unread) else None

    def values_in(self, cells: "Spans", column: Known) -> tuple[FloatArray, IndexArray]:
        """Those of ISO 8601 (m,), see `dates_in`; the others (k,), also dates that may mean a missing cell."""
        from lepton_core.table.span_dates import dates_in  # noqa: PLC0415  (as `Quantity.reader`)
        from lepton_core.table.stripping import stripped  # noqa: PLC0415

        values = dates_in(stripped(cells))
        unread = np.isnan(values) & (cells.sizes > 0)
        numbers = self.numbers_among(column)
        if numbers:
            unread |= np.isin(values, numbers)
        return values, np.flatnonzero(unread)

    def holds(self, values: FloatArray) -> Mask:
        """Those of the years from 1 to 9999, (k,)."""
        return (values >= EARLIEST) & (values < LATEST)

    def given_cells(self, column: Numbers) -> list[Any]:
        """As ISO 8601, but for a blank in place of the T."""
        return [cell and cell.replace("T", " ") for cell in self.cells(column)]

    def spelled(self, value: float, notation: str) -> str:
        """As ISO 8601, without a time of day if that is 0 h."""
        when = _BEGINNING + timedelta(seconds=value)
        return when.date().isoformat() if value % 86400 == 0 else when.replace(tzinfo=None).isoformat()

    def cell(self, value: float, notation: str) -> str:
        """As ISO 8601."""
        return self.spelled(value, notation)

    def find_notation(
        self,
        counts: Mapping[str, int],
        missing: Collection[str],
        *,
        decimal: str = "",
        day_first: bool | None = None,
    ) -> str:
        """See `date_notation`; of numbers that are no dates, the unit in which most of them count the time."""
        found = date_notation(counts, day_first) or date_notation(counts)
        if found is None:
            words = frozenset(missing)
            unit = unit_of({text: count for text, count in counts.items() if not is_missing(text, words)})
            found = None if unit is None else DateNotation(unit=unit)
        return "" if found is None else found.as_text()

    def reads(self, notation: str) -> bool:
        """What `DateNotation` reads."""
        try:
            DateNotation.from_text(bare(notation))
        except InvalidInput:
            return False
        return True

    def default_steps(
        self, column: Numbers, *, scaled: bool, missing: bool, most_codes: int, sparse: bool
    ) -> tuple[DefaultStep, ...]:
        """Its parts, as numbers."""
        steps = super().default_steps(
            column, scaled=scaled, missing=missing, most_codes=most_codes, sparse=sparse
        )
        return (DefaultStep("DateParts"), *steps)

    def assumes(self, column: Known) -> str:
        """UTC, of a column whose dates have a zone."""
        return "UTC" if column.notation and DateNotation.from_text(column.notation).zone != "none" else ""

    def is_open_cell(self, cell: Any, column: Known) -> bool:
        """Whether it is a date without a zone."""
        found = parsed(cell) if isinstance(cell, str) else None
        return found is not None and found.zone == "none"

    def read_cell(self, cell: Any, row: int, column: Known) -> float:
        """A text, as files of the column have it or as ISO 8601, or a number that reads as one, as 20241231 does.

        Of a column that counts the time, any number does.

        Raises `InvalidData` for others; it says what to write where a time names its zone only.
        """
        if cell is not None and not isinstance(cell, str):
            whole = type(cell) is int or (type(cell) is float and cell.is_integer())
            text = str(int(cell)) if whole else repr(cell)
            found = self.present_value(text, column)
            if found is not None:
                return found
            raise InvalidData(
                f"{shown(cell)} is no date; write it as text, as in '2024-12-31'", row=row, column=column.name
            )
        plain = None if cell is None or not bare(column.notation) else read_date(cell, DateNotation())
        try:
            return super().read_cell(cell, row, column)
        except InvalidData:
            if plain is not None:
                return plain
            if isinstance(cell, str) and lacks_offset(cell):
                raise InvalidData(
                    f"{shown(cell)} names a zone, and not how far from UTC it is then; write the offset, as in "
                    "'2024-12-31T18:00:00+01:00'",
                    row=row,
                    column=column.name,
                ) from None
            raise


DATE = Date()
