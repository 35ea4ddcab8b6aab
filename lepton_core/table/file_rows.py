"""The rows of a file to be predicted, as a call takes them: each keeps its place, also one that cannot be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lepton_core.errors import InvalidData
from lepton_core.table.files import open_sheet
from lepton_core.table.files.every_row import Unread, demand_cells, every_row
from lepton_core.table.files.unpacking import unpacked
from lepton_core.table.formats import GivenFile, is_packed, is_plain_text, open_file
from lepton_core.table.given import given_cell
from lepton_core.table.kinds import kind_of
from lepton_core.table.reading_options import NOTHING_SAID, ReadingOptions, check_reading
from lepton_core.table.said_cells import as_said

_HEAD = 4096


@dataclass(frozen=True)
class FileRows:
    """``rows`` are cells in the order of ``columns``; None stands for a row that is in ``unread``.

    A value that is no cell is an empty list: it refuses its row if a model reads its column. ``delimiter`` keeps the
    cells of a text of lines apart; None: it is no such file. ``lines`` finds out in which line each row begins.
    ``sheet`` is that of `GivenFile`.
    """

    columns: tuple[str, ...]
    rows: list[list[Any] | None]
    unread: tuple[Unread, ...]
    delimiter: str | None = None
    lines: Callable[[], Sequence[int]] = tuple
    sheet: tuple[str, int] | None = None


def reading_to_predict(
    data: bytes,
    kept: Callable[[], ReadingOptions],
    sheet: str | None = None,
    said: ReadingOptions = NOTHING_SAID,
) -> ReadingOptions:
    """How a file to be scored is read: as is ``said``, its ``sheet`` or the one kept, without the columns left out.

    Nothing of a text of lines is kept: which columns it has, and how it is written, is found out.
    """
    if is_plain_text(data[:_HEAD]):
        return said
    earlier = kept()
    sheet = earlier.sheet if sheet is None else sheet
    return said.over(ReadingOptions(exclude=earlier.exclude, sheet=sheet))


def open_to_predict(data: bytes, reading: ReadingOptions) -> GivenFile | bytes:
    """The file; a column whose type is none of cells has odd ones in all its rows. Raises what `open_file` raises."""
    wrong: dict[str, str] = {}
    while True:
        try:
            exclude = (*(reading.exclude or ()), *wrong)
            opened = open_file(data, replace(reading, exclude=exclude or reading.exclude), every_row=True)
            break
        except InvalidData as error:
            if error.column is None or error.row is not None or error.column in wrong:
                raise
            wrong[error.column] = error.reason
    if isinstance(opened, bytes) or not wrong:
        return opened
    return replace(opened, odd=dict.fromkeys(range(opened.table.rows), wrong))


def file_rows(
    data: bytes,
    reading: ReadingOptions = NOTHING_SAID,
    *,
    most_bytes: int | None = None,
    most_cells: int | None = None,
) -> FileRows:
    r"""All rows of a file: of CSV as texts, for a model's columns say what they are.

    What ``reading`` says of cells comes first, see `as_said`. A file may unpack to ``most_bytes`` and have
    ``most_cells``.

    Raises `InvalidData` for a file that cannot be read at all, `InvalidInput` naming the option, and `TooLarge`.

    >>> found = file_rows(b"age,paid\n31,yes\n47\n")
    >>> found.columns, found.rows, [one.reason for one in found.unread]
    (('age', 'paid'), [['31', 'yes'], None], ['1 cells, where the header has 2'])
    >>> file_rows(b'[{"a": 1}, {"a": "x", "b": true}]').rows
    [[1, None], ['x', True]]
    """
    found = rows_as_written(data, reading, most_bytes=most_bytes, most_cells=most_cells)
    return replace(found, rows=as_said(found.rows, found.columns, reading))


def rows_as_written(
    data: bytes,
    reading: ReadingOptions = NOTHING_SAID,
    *,
    most_bytes: int | None = None,
    most_cells: int | None = None,
) -> FileRows:
    """As `file_rows`, but the texts of cells stay as they are, whatever ``reading`` says of them."""
    check_reading(reading)
    if most_bytes is not None and is_packed(data):
        data = unpacked(data, most_bytes)
    opened = open_to_predict(data, reading)
    if isinstance(opened, GivenFile):
        demand_cells(opened.table.rows, len(opened.table.names), most_cells)
        return _of_cells(opened)
    sheet = open_sheet(opened, reading.options)
    found = every_row(sheet, most_cells)
    names, sign = tuple(sheet.names), sheet.dialect.delimiter
    return FileRows(names, found.rows, found.unread, delimiter=sign, lines=found.lines)


def _of_cells(file: GivenFile) -> FileRows:
    names = file.table.names
    columns = [list(kind_of(column).given_cells(column)) for column in file.table.columns]
    for name, cells in file.cells.items():
        columns[names.index(name)] = [
            given_cell(cell, number, name) for number, cell in enumerate(cells, start=1)
        ]
    for row, odd in file.odd.items():
        for name in odd:
            if name in names:
                columns[names.index(name)][row] = []
    rest = map(list, zip(*columns, strict=True))
    gaps = {one.place for one in file.unread}
    places = range(file.table.rows + len(gaps))
    rows = [None if place in gaps else next(rest) for place in places]
    return FileRows(names, rows, tuple(file.unread), lines=lambda: file.lines, sheet=file.sheet)
