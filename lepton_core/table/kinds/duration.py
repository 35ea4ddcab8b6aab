"""Lengths of time, kept as seconds."""

from collections.abc import Collection, Mapping
from typing import Any

from lepton_core.errors import InvalidInput
from lepton_core.table.cells import Assuming, written
from lepton_core.table.kinds.base import Known, is_absent
from lepton_core.table.kinds.quantity import Quantity
from lepton_core.table.spelling import DurationNotation, duration_notation, read_duration, read_number
from lepton_core.table.spelling.decision import bare


class Duration(Assuming, Quantity):
    """See `Kind`. Its notation is a `DurationNotation`; a JSON number is one of seconds."""

    name = "duration"

    def value_of(self, text: str, notation: str) -> float | None:
        """See `read_duration`."""
        return read_duration(text, DurationNotation.from_text(bare(notation)))

    def spelled(self, value: float, notation: str) -> str:
        """As seconds."""
        return f"{written(value)} s"

    def find_notation(
        self,
        counts: Mapping[str, int],
        missing: Collection[str],
        *,
        decimal: str = "",
        day_first: bool | None = None,
    ) -> str:
        """See `duration_notation`."""
        found = duration_notation(counts)
        return "" if found is None else found.as_text()

    def reads(self, notation: str) -> bool:
        """What `DurationNotation` reads."""
        try:
            DurationNotation.from_text(bare(notation))
        except InvalidInput:
            return False
        return True

    def assumes(self, column: Known) -> str:
        """Seconds."""
        return "seconds"

    def is_open_cell(self, cell: Any, column: Known) -> bool:
        """Whether it is a plain number, or the text of one."""
        if not isinstance(cell, str):
            return cell is not None and cell == cell  # noqa: PLR0124  (NaN)
        is_number = read_number(cell) is not None and not is_absent(cell, column)
        return is_number and self.value_of(cell, column.notation) is None

    def read_cell(self, cell: Any, row: int, column: Known) -> float:
        """A plain number, be it a number or a text, is one of seconds. Raises `InvalidData` for what is none."""
        seconds = read_number(cell) if isinstance(cell, str) else None
        if seconds is None or is_absent(cell, column):
            return super().read_cell(cell, row, column)
        known = self.value_of(cell, column.notation)
        return seconds if known is None else known


DURATION = Duration()
