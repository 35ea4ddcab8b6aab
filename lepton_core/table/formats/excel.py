"""Excel files as typed columns. python-calamine reads the cells; where the names stand is found as in a text file."""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.remedy import call
from lepton_core.table.columns import Column
from lepton_core.table.files.every_row import EMPTY_ROW, HEADER_AGAIN, Unread
from lepton_core.table.files.header import find_header
from lepton_core.table.files.line_numbers import LineNumbers
from lepton_core.table.files.lines import RawRecord
from lepton_core.table.files.names import MOST_COLUMNS, NamedColumns, name_columns
from lepton_core.table.files.records import RowTally
from lepton_core.table.files.totals import MOST_NOTES, NOTE, TOTAL, is_total, notes_below, total_word
from lepton_core.table.files.two_tables import header_within
from lepton_core.table.files.values import Note, Options
from lepton_core.table.formats.excel_formulas import member_of
from lepton_core.table.formats.excel_sizes import demand_bounded
from lepton_core.table.formats.given_file import GivenFile, is_mixed
from lepton_core.table.formats.library import calamine, failures_named
from lepton_core.table.given import as_text, given_column
from lepton_core.table.table import Table

SHEET = "sheet"
"""The code of the note that a workbook has other sheets than the one that was read."""

_ZIP = b"PK\x03\x04"
_BOOK = "xl/workbook.xml"
_SAMPLE = 1000
_SAVE_IT = "open the file in Excel or LibreOffice and save it there: then it has the values"
_SHOWN = 10


def is_excel(data: bytes) -> bool:
    """Whether this is a file in the form of Excel since 2007 (.xlsx, .xlsm)."""
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _BOOK in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError):
        return False


def read_excel(data: bytes, options: Options, sheet: str | None = None) -> GivenFile:
    """The table in a sheet of an Excel file: in ``sheet``, or in the first one that is shown and has cells.

    Numbers, truth values, texts, dates, times and durations are what Excel says; of a formula that is the value Excel
    kept. Empty cells and errors, as #N/A, are missing. Titles above the names, names that are there twice and columns
    without a name are what they are in a text file; so are the options ``header`` and ``names``, a header that comes
    again and a last row that is a total, which stays where ``bad_rows`` is 0. Empty rows are none. Of a file whose rows
    are to be predicted, all these are ``unread``, but for empty rows at the end.

    Raises `InvalidInput` for a sheet that is not there, `InvalidData` for what is broken, empty, or has a header that
    does not fit, `TooLarge` for a file that would take far more memory than its length tells.
    """
    reader = calamine("an Excel file")
    formulas = _demand_sound(data)
    with failures_named("Excel file"):
        book = reader.load_workbook(io.BytesIO(data))
        shown = [
            one.name
            for one in book.sheets_metadata
            if "WorkSheet" in str(one.typ) and (one.name == sheet or str(one.visible).endswith(".Visible"))
        ]
        if sheet is not None and sheet not in shown:
            raise InvalidInput(f"there is no sheet {sheet[:80]!r}; there are {_listed(shown)}", field="sheet")
        name, rows = next(
            ((one, rows) for one in ([sheet] if sheet else shown) if (rows := _rows(book, one))), ("", [])
        )
    if not rows:
        what = f"nothing but formulas of which it keeps no value; {_SAVE_IT}" if formulas else "no cells"
        raise InvalidData(f"the Excel file has {what}")
    others = shown[shown.index(name) + 1 :]  # those before it have no cells
    notes = (
        [
            Note(
                SHEET,
                f"the sheet {name[:80]!r} was read; there are also {_listed(others)}",
                (call(sheet=others[0]),),
            )
        ]
        if others and sheet is None
        else []
    )
    return _given(
        rows,
        options,
        notes,
        _without_value(data, formulas, book, name),
        book.get_sheet_by_name(name).start[1],
        name,
    )


def _without_value(
    data: bytes, formulas: Mapping[str, Mapping[int, int]], book: Any, sheet: str
) -> dict[int, int]:
    """How many formulas of which the file keeps no value each column has, by its place in the rows of the ``sheet``.

    One in front of all cells has a place below 0.
    """
    if not formulas:
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = formulas.get(member_of(archive, sheet) or "", {})
    _, first = book.get_sheet_by_name(sheet).start
    return {number - 1 - first: many for number, many in sorted(found.items())}


def _demand_sound(data: bytes) -> dict[str, Counter[int]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return demand_bounded(data, archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, ValueError, EOFError) as error:
        raise InvalidData(f"the Excel file is broken: {error}") from None


def _rows(book: Any, name: str) -> list[tuple[int, list[Any]]]:
    """The rows that have a cell, each with its number."""
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return []
    first, _ = sheet.start
    rows = enumerate(sheet.to_python(skip_empty_area=True), start=first + 1)
    return [(number, row) for number, row in rows if any(not _is_empty(cell) for cell in row)]


def _given(
    rows: Sequence[tuple[int, list[Any]]],
    options: Options,
    notes: Sequence[Note],
    formulas: Mapping[int, int],
    first: int,
    sheet: str,
) -> GivenFile:
    """The table of ``rows``, which begin in the column ``first`` of the ``sheet`` (0 is A)."""
    records = [_record(number, row) for number, row in rows[:_SAMPLE]]
    found = find_header(records, options)
    header = None if found.header is None else found.header.cells
    body = [row for _, row in rows[found.body :]]
    numbers = [number for number, _ in rows[found.body :]]
    sample = [record.cells for record in records[found.body :]]
    if found.width > MOST_COLUMNS:
        raise InvalidData(f"there are {found.width} columns; at most {MOST_COLUMNS} are taken")
    columns = name_columns(header, sample, found.width, options, ends=lambda: (0, _last_column(body)))
    tally, wrong = _pass_over(body, numbers, header, columns, options)
    kept = [row for number, row in zip(numbers, body, strict=True) if number not in wrong]
    made: list[Column] = []
    without: list[Note] = []
    mixed: dict[str, list[Any]] = {}
    for place, name in enumerate(columns.names, start=columns.start):
        cells = [_cell(row[place]) for row in kept]
        made.append(given_column(name, cells, to_learn=True))
        many = min(
            formulas.get(place, 0), sum(cell is None for cell in cells)
        )  # one may stand above the names
        if many:
            without.append(_no_value(name, many))
        if is_mixed(cells):
            mixed[name] = cells
    outside = {at: many for at, many in formulas.items() if not columns.start <= at < columns.stop}
    if outside:
        without.append(_left_out([_letters(first + at) for at in outside], sum(outside.values())))
    lines, unread = _with_unread(numbers, wrong)
    within = header_within(records, found.body, found.width, header)
    said = (*notes, *found.notes, *columns.notes, *within, *without, *tally.notes())
    return GivenFile(
        Table(tuple(made)),
        said,
        tuple(tally.set_aside),
        tally.set_aside_count,
        lines=lines,
        unread=unread,
        cells=mixed,
        sheet=None if found.header is None else (sheet, found.header.line),
    )


def _pass_over(
    body: Sequence[list[Any]],
    numbers: Sequence[int],
    header: Sequence[str] | None,
    columns: NamedColumns,
    options: Options,
) -> tuple[RowTally, dict[int, str]]:
    """The rows of a text file that are none, found in the ``body``: each by its number, with the reason.

    They are the header that comes again, and a last row that is a total of those above; notes may stand below it.
    """
    tally = RowTally(rows=len(body), keeps_all=options.bad_rows == 0)
    again = [] if header is None else [at for at, row in enumerate(body) if _holds(row, header)]
    tally.headers = len(again)
    wrong = {numbers[at]: HEADER_AGAIN for at in again}
    others = [at for at in range(len(body)) if numbers[at] not in wrong]
    if not others or tally.keeps_all:
        return tally, wrong
    below = notes_below([_texts(body[at]) for at in others[-MOST_NOTES - 1 :]])
    rows, notes = others[: len(others) - below], others[len(others) - below :]
    if not rows or not total_word(_texts(body[rows[-1]])[columns.start : columns.stop]):
        return tally, wrong
    last = {at: _texts(body[at])[columns.start : columns.stop] for at in (rows[-1], *notes)}
    if is_total(last[rows[-1]], [_texts(body[at]) for at in rows[:-1]]):
        tally.total = len(last)
        for at, texts in last.items():
            wrong[numbers[at]] = reason = NOTE if at in notes else TOTAL
            record = RawRecord(numbers[at], 1, tuple(texts))
            tally.tell(record, reason, ",".join(texts), columns.names)
    return tally, wrong


def _holds(row: Sequence[Any], texts: Sequence[str]) -> bool:
    return len(row) == len(texts) and all(_text(cell) == text for cell, text in zip(row, texts, strict=True))


def _no_value(name: str, many: int) -> Note:
    message = (
        f"{_formulas(many)} in {name!r} of which the file keeps no value, so they are missing; {_SAVE_IT}"
    )
    return Note("formulas", message, column=name)


def _left_out(letters: Sequence[str], many: int) -> Note:
    """What to say of columns that have no name and no cell but formulas without a value."""
    more = f" and {len(letters) - _SHOWN} more" if len(letters) > _SHOWN else ""
    is_one = len(letters) == 1
    which = f"column{'' if is_one else 's'} {', '.join(letters[:_SHOWN])}{more}"
    left_out = "the column has no name and was" if is_one else "the columns have no names and were"
    message = (
        f"{_formulas(many)} in {which} of which the file keeps no value; {left_out} left out; {_SAVE_IT}"
    )
    return Note("formulas", message)


def _formulas(many: int) -> str:
    return "1 cell is a formula" if many == 1 else f"{many} cells are formulas"


def _letters(place: int) -> str:
    """What Excel calls the column at ``place`` (0 is the first).

    >>> _letters(0), _letters(25), _letters(26), _letters(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _with_unread(
    numbers: Sequence[int], wrong: Mapping[int, str]
) -> tuple[tuple[int, ...], tuple[Unread, ...]]:
    """The ``numbers`` of rows and of the empty ones between them, and what is to be said of those and of the wrong."""
    passed = LineNumbers()
    for number in numbers:
        passed.pass_record(number)
    reasons = {**dict.fromkeys(passed.blank, EMPTY_ROW), **wrong}
    lines = tuple(sorted({*numbers, *passed.blank}))
    return lines, tuple(
        Unread(place, reasons[line], line) for place, line in enumerate(lines) if line in reasons
    )


def _record(number: int, row: Sequence[Any]) -> RawRecord:
    quoted = sum(isinstance(cell, str) for cell in row)
    return RawRecord(number, 1, tuple(_texts(row)), quoted=quoted)


def _texts(row: Sequence[Any]) -> list[str]:
    return list(map(_text, row))


def _text(cell: Any) -> str:
    plain = _cell(cell)
    if plain is None:
        return ""
    return as_text(plain) if isinstance(plain, date) else str(plain)


def _cell(cell: Any) -> Any:
    """As `given_column` takes it: Excel has one type of number, so that a whole one is an integer."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**63:
        return int(cell)
    return None if _is_empty(cell) else cell


def _is_empty(cell: Any) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _last_column(rows: Sequence[Sequence[Any]]) -> int:
    """The number of the last column that has a cell in any row."""
    return max(
        (place for row in rows for place, cell in enumerate(row, start=1) if not _is_empty(cell)), default=0
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name[:80]) for name in names[:_SHOWN]) + more
