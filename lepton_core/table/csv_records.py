"""The records of a CSV file, read strictly, and the place of what is wrong in it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from lepton_core.errors import InvalidData

DELIMITERS = ",;\t"

_OPEN_QUOTE = "unexpected end of data"
_REASONS = {
    _OPEN_QUOTE: "a quote is opened and never closed",
    "field larger than field limit": "a cell is far too long; is a quote left open?",
    "expected after": "there is text behind a closing quote",
}
"""By what the errors of `csv` say, which have no other mark; the tests of these reasons hold them on each Python."""


@dataclass(frozen=True)
class Header:
    """The names of the columns and what separates the cells."""

    names: tuple[str, ...]
    delimiter: str


def read_header(data: bytes) -> Header:
    """The first line that is not blank; the delimiter is the one of ``, ; tab`` that gives the most names.

    Raises `InvalidData` for an empty file, and for names that are empty, repeated, or only one.

    >>> read_header(b"height;age\\n1;2\\n")
    Header(names=('height', 'age'), delimiter=';')
    """
    best: list[str] = []
    delimiter, failure = ",", None
    for candidate in DELIMITERS:
        try:
            record = next(_records(data, candidate, strict=True), None)
        except csv.Error as error:
            failure = failure or error
            continue
        if record is None:
            raise InvalidData("the file is empty")
        if len(record) > len(best):
            best, delimiter = record, candidate
    if failure is not None and len(best) <= 1:
        raise InvalidData(f"the header cannot be read: {_reason(failure)}")
    names = tuple(name.strip() for name in best)
    seen: set[str] = set()
    for place, name in enumerate(names, start=1):
        if not name:
            raise InvalidData(f"the header gives column {place} no name")
        if name in seen:
            raise InvalidData("the header has this name twice", column=name)
        seen.add(name)
    if len(names) == 1:
        raise InvalidData("this is the only column; a label and a feature are needed", column=names[0])
    return Header(names, delimiter)


def read_records(data: bytes, header: Header, size: int = 16_384) -> Iterator[list[list[str]]]:
    """The rows below the header, ``size`` at a time; blank lines are no rows.

    Raises `InvalidData` naming the row for another number of cells than the header has and for broken
    quoting.
    """
    records = _records(data, header.delimiter, strict=True)
    next(records)
    done = 0
    while True:
        chunk: list[list[str]] = []
        failure = None
        try:
            for record in records:
                chunk.append(record)
                if len(chunk) == size:
                    break
        except csv.Error as error:
            failure = error
        _demand_cells(chunk, len(header.names), done)
        done += len(chunk)
        if failure is not None:
            column = place_of(data, header)[1] if _OPEN_QUOTE in str(failure) else None
            raise InvalidData(_reason(failure), row=done + 1, column=column)
        if not chunk:
            return
        yield chunk


def place_of(before: bytes, header: Header) -> tuple[int | None, str | None]:
    """The row (None: the header) and the column of the byte that follows ``before``, which must be UTF-8."""
    lenient = _records(before + b"?", header.delimiter, strict=False)
    row, cells = -1, 1
    try:
        for record in lenient:
            row, cells = row + 1, len(record)
    except csv.Error:
        return row + 1, None
    column = header.names[cells - 1] if cells <= len(header.names) else None
    return (row, column) if row > 0 else (None, None)


def _records(data: bytes, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    # A stream, not one decoded text: StringIO would hold four bytes a character.
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
    return filter(None, csv.reader(lines, delimiter=delimiter, strict=strict))


def _demand_cells(chunk: list[list[str]], width: int, before: int) -> None:
    if set(map(len, chunk)) - {width}:
        row, found = next((i, len(record)) for i, record in enumerate(chunk, start=1) if len(record) != width)
        raise InvalidData(f"{found} cells, where the header has {width}", row=before + row)


def _reason(error: csv.Error | None) -> str:
    for part, reason in _REASONS.items():
        if part in str(error):
            return reason
    return str(error)
