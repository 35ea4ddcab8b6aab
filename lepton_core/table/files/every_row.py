"""Every row of a file whose rows are to be predicted, in its order: none may be left out, for each has an answer."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from lepton_core.table.files.records import Body, RowTally, read_rows
from lepton_core.table.files.sheet import CHUNK_ROWS, Sheet


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


def every_row(sheet: Sheet) -> EveryRow:
    """All rows of ``sheet``, however many cannot be read; a total below the others is one of them.

    >>> from lepton_core.table.files import open_sheet
    >>> found = every_row(open_sheet(b"a,b\\n1,2\\n3\\n\\n4,5\\n"))
    >>> found.rows, found.lines()
    ([['1', '2'], None, ['4', '5']], [2, 3, 5])
    >>> found.unread
    (Unread(place=1, reason='1 cells, where the header has 2', line=3, column=None),)
    """
    tally = RowTally(share=1.0, keeps_all=True)
    rows: list[list[str] | None] = _rows(sheet.body, tally)
    if not tally.set_aside_count:
        return EveryRow(rows, (), partial(_lines, sheet.body, len(rows)))
    tally = _careful()
    known = _rows(sheet.body, tally)
    by_line = dict(zip(tally.lines or (), known, strict=False))  # empty ones at the end are none
    wrong = {one.line: one for one in tally.set_aside}
    lines = sorted({*by_line, *wrong})
    unread = (
        Unread(place, wrong[line].reason, line, wrong[line].column)
        for place, line in enumerate(lines)
        if line in wrong
    )
    return EveryRow([by_line.get(line) for line in lines], tuple(unread), lambda: lines)


def _rows(body: Body, tally: RowTally) -> list[list[str] | None]:
    return [list(row) for chunk in read_rows(body, tally, CHUNK_ROWS) for row in chunk]


def _careful() -> RowTally:
    return RowTally(share=1.0, keeps_all=True, most=sys.maxsize, lines=[])


def _lines(body: Body, rows: int) -> Sequence[int]:
    tally = _careful()
    _rows(body, tally)
    return (tally.lines or [])[:rows]
