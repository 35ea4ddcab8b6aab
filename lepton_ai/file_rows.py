"""Rows to be predicted that are in a file: each has an answer, and one that cannot be read an empty one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lepton_ai.cell_rows import CellRows
from lepton_ai.columns import Columns
from lepton_ai.content import file_content
from lepton_ai.of_file import OfFile
from lepton_ai.row_error import RowError
from lepton_ai.rows import Rows, json_rows, rows_from, rows_from_table
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import ReadingOptions, given_cell
from lepton_core.table.file_rows import open_to_predict, reading_to_predict
from lepton_core.table.files import open_sheet
from lepton_core.table.files.every_row import Unread, every_row
from lepton_core.table.formats import GivenFile
from lepton_core.table.reading_options import NOTHING_SAID, check_reading
from lepton_core.table.said_cells import as_said, speaks_of_cells


def rows_to_predict(
    given: Any, kept: Callable[[], ReadingOptions], sheet: str | None = None
) -> Rows | CellRows | Columns:
    """What `Model.predict` takes: the path of a file, or what `lepton_ai.rows.rows_from` takes.

    What was said of the files of the data set is ``kept``; ``sheet`` is that of an Excel file. What is no cell has a
    stand-in, which the platform refuses if the model reads its column. Errors: those of `rows_from_file`, and
    `InvalidInput` (field 'sheet') if it is no file.
    """
    if isinstance(given, str | Path):
        data = file_content(given)
        try:
            return rows_from_file(data, reading_to_predict(data, kept, sheet))
        except InvalidInput as error:
            raise error.in_file(str(given)) from None
    if sheet is not None:
        raise InvalidInput("is said of an Excel file, by its path", field="sheet")
    try:
        return rows_from(given)
    except InvalidData as error:
        from lepton_ai.stand_ins import with_stand_ins  # noqa: PLC0415  (few rows need it)

        return with_stand_ins(given, error)


def rows_from_file(data: bytes, reading: ReadingOptions = NOTHING_SAID) -> Rows | Columns:
    """All rows of a file, as `Data.from_file` reads it: of CSV as texts, for the model's columns say what they are.

    What ``reading`` says of cells comes first, see `as_said`. None stands for a row that cannot be read, as one of too
    few cells. Errors: `InvalidData` for a file that cannot be read at all, `InvalidInput` naming the option.

    >>> rows_from_file(b"age,paid\\n31,yes\\n47\\n")
    Rows(rows=[['31', 'yes'], None], columns=['age', 'paid'], single=False)
    """
    check_reading(reading)
    opened = open_to_predict(data, reading)
    if not isinstance(opened, bytes):
        return rows_from_given(opened, reading)
    sheet = open_sheet(opened, reading.options)
    found = every_row(sheet)
    rows = as_said(found.rows, sheet.names, reading)
    return Rows(rows, list(sheet.names), of_file=OfFile(_errors(found.unread), found.lines))


def rows_from_given(file: GivenFile, reading: ReadingOptions = NOTHING_SAID) -> Rows | Columns:
    """All rows of a file of typed cells, of which texts are read `as_said`.

    As objects where some rows lack names that others have.
    """
    of_file = OfFile(_errors(file.unread), (lambda: file.lines) if len(file.lines) else None, _odd(file))
    as_it_is = not file.unread and not file.names and not file.cells and not file.odd
    if as_it_is and not speaks_of_cells(reading):
        return replace(rows_from_table(file.table), of_file=of_file)
    made = json_rows(file.table)
    rows: list[Any] = made.rows
    names = file.table.names
    for name, cells in file.cells.items():
        at = names.index(name)
        for number, (row, cell) in enumerate(zip(rows, cells, strict=True), start=1):
            row[at] = given_cell(cell, number, name)
    for number, odd in file.odd.items():
        for name in odd:
            rows[number][names.index(name)] = []  # no model reads a list
    if file.names:
        rows = [
            {name: cell for name, cell in zip(names, row, strict=True) if name in own}
            for row, own in zip(rows, file.names, strict=True)
        ]
    columns = None if file.names else made.columns
    return Rows(as_said(_with_gaps(rows, of_file.unread), columns, reading), columns, of_file=of_file)


def _odd(file: GivenFile) -> dict[tuple[int, str], RowError]:
    """What is wrong with odd cells, by the place of the row in the file and the column."""
    unread = {one.place for one in file.unread}
    places = (
        [place for place in range(file.table.rows + len(unread)) if place not in unread] if file.odd else []
    )
    return {
        (places[row], name): RowError(places[row] + 1, reason, name)
        for row, odd in file.odd.items()
        for name, reason in odd.items()
    }


def _errors(unread: Iterable[Unread]) -> dict[int, RowError]:
    return {one.place: RowError(one.place + 1, one.reason, one.column, one.line) for one in unread}


def _with_gaps(rows: Sequence[Any], gaps: Iterable[int]) -> list[Any]:
    rest, empty = iter(rows), set(gaps)
    return [None if place in empty else next(rest) for place in range(len(rows) + len(empty))]
