"""Why a row of a file has no prediction."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RowError:
    """Why ``row`` (1 is the first) could not be read; it begins in ``line`` of its file, ``column`` has the fault.

    None where the file has no lines, or the fault is in no one column.

    >>> print(RowError(3, "'abc' is no number", "age", line=5))
    line 5, column 'age': 'abc' is no number
    """

    row: int
    reason: str
    column: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f"row {self.row}" if self.line is None else f"line {self.line}"
        column = "" if self.column is None else f", column {self.column!r}"
        return f"{place}{column}: {self.reason}"
