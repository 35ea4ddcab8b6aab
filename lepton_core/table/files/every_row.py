"""Every row of a file whose rows are to be predicted, in its order: none may be left out, for each has an answer."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from lepton_core.errors import TooLarge
from lepton_core.table.files.line_numbers import LineNumbers
from lepton_core.table.files.records import Body, RowTally, read_rows
from lepton_core.table.files.sheet import CHUNK_ROWS, Sheet

EMPTY_ROW = "the row is empty"
HEADER_AGAIN = "it is the header line once more"


@dataclass(frozen=True)
class Unread:
    """Why the row at ``place`` (0 is the first) cannot be read; it begins in ``line``, ``column`` has the fault.

    None where a file has no lines, or the fault is in no one column.
    """

    place: int
    reason: str
    line: int | None = None
    column: str | None = None


@dataclass(frozen=True)
class EveryRow:
    """The texts of each row, None for one that is in ``unread``. ``lines`` finds out in which line each begins."""

    rows: list[list[str] | None]
    unread: tuple[Unread, ...]
    lines: Callable[[], Sequence[int]]


def every_row(sheet: Sheet, most_cells: int | None = None) -> EveryRow:
    r"""All rows of ``sheet``, however many cannot be read. Raises `TooLarge` if they have more than ``most_cells``.

    A total below the others is in ``unread``, as it is left out where a file is read to learn from, unless the sheet
    keeps all rows. So are a blank line between two rows, unless there is one between all of them, and a header that
    comes again: a program that counts lines or cells takes them for rows.

    >>> from lepton_core.table.files import open_sheet
    >>> found = every_row(open_sheet(b"a,b\n1,2\n3\n\n4,5\n\n"))
    >>> found.rows, found.lines()
    ([['1', '2'], None, None, ['4', '5']], [2, 3, 4, 5])
    >>> [(one.line, one.reason) for one in found.unread]
    [(3, '1 cells, where the header has 2'), (4, 'the row is empty')]
    """
    tally = RowTally(share=1.0, keeps_all=sheet.keeps_all)
    rows: list[list[str] | None] = _rows(sheet.body, tally, most_cells)
    if not (tally.set_aside_count or tally.headers or tally.blank):
        return EveryRow(rows, (), partial(_lines, sheet, len(rows)))
    rows = []  # they are read anew, and there may be no room for both
    numbers = LineNumbers()
    tally = _careful(numbers, sheet)
    known = _rows(sheet.body, tally, most_cells)
    by_line = dict(zip(numbers.rows, known, strict=False))  # empty ones at the end are none
    wrong = {one.line: (one.reason, one.column) for one in tally.set_aside}
    wrong |= dict.fromkeys(numbers.headers, (HEADER_AGAIN, None))
    last = max(by_line.keys() | wrong.keys(), default=0)
    wrong |= {line: (EMPTY_ROW, None) for line in numbers.blank if line < last}
    lines = sorted({*by_line, *wrong})
    unread = (
        Unread(place, wrong[line][0], line, wrong[line][1])
        for place, line in enumerate(lines)
        if line in wrong
    )
    return EveryRow([by_line.get(line) for line in lines], tuple(unread), lambda: lines)


def _rows(body: Body, tally: RowTally, most_cells: int | None = None) -> list[list[str] | None]:
    rows: list[list[str] | None] = []

    def demand() -> None:
        demand_cells(
            len(rows) + tally.set_aside_count + tally.headers + tally.blank, len(body.names), most_cells
        )

    for chunk in read_rows(body, tally, CHUNK_ROWS):
        rows += map(list, chunk)
        demand()
    demand()
    return rows


def demand_cells(rows: int, columns: int, most_cells: int | None) -> None:
    """Raise `TooLarge` for a table with more than ``most_cells``.

    >>> demand_cells(3, 4, most_cells=10)
    Traceback (most recent call last):
    ...
    lepton_core.errors.TooLarge: the file has more than 10 cells; send parts of it
    """
    if most_cells is not None and rows * columns > most_cells:
        raise TooLarge(f"the file has more than {most_cells} cells; send parts of it")


def _careful(numbers: LineNumbers, sheet: Sheet) -> RowTally:
    return RowTally(share=1.0, keeps_all=sheet.keeps_all, most=sys.maxsize, numbers=numbers)


def _lines(sheet: Sheet, rows: int) -> Sequence[int]:
    numbers = LineNumbers()
    for _ in read_rows(sheet.body, _careful(numbers, sheet), CHUNK_ROWS):
        pass  # the rows themselves are known
    return numbers.rows[:rows]
