"""A table from the bytes of a CSV file."""

from collections.abc import Mapping

from lepton_core.errors import InvalidData
from lepton_core.table.cells import shown
from lepton_core.table.columns import Column, Numbers
from lepton_core.table.csv_columns import columns_from, kinds_from
from lepton_core.table.csv_numbers import read_numbers
from lepton_core.table.csv_records import Header, place_of, read_header, read_records
from lepton_core.table.labels import check_label
from lepton_core.table.table import Table


def parse_csv(data: bytes, *, label: str | None = None, kinds: Mapping[str, str] | None = None) -> Table:
    """The table that a CSV file holds: UTF-8, a header line, cells separated by ``,`` or ``;`` or tab.

    Blanks around cells and blank lines are dropped; an empty cell, NA, N/A, null and None are missing values.
    A column is of the first of `lepton_core.table.kinds.KINDS` that takes all its cells: `Numbers` when every cell
    that is not missing is a number, else `Categories`. Numbers are bit for bit those of `float`. A ``label`` must be
    one of the columns and have no missing cell. A column of which ``kinds`` names the kind is offered to that one
    first: with 'category', ``0123`` stays ``0123``.

    Raises `InvalidData`, naming row and column, for: an empty file, no rows, one column only; header names
    that are empty or repeated; a row with too few or too many cells; an open quote; bytes that are not UTF-8,
    or NUL; NaN or infinity among numbers; text in a column where nine cells in ten (and at least ten) are
    numbers.

    >>> table = parse_csv(b"age,sex\\n31,f\\n,m\\n")
    >>> table["age"], table["sex"].levels
    (Numbers(name='age', values=array([31., nan])), ('f', 'm'))
    >>> parse_csv(b"age,sex\\n31,f\\ninf,m\\n")
    Traceback (most recent call last):
    ...
    lepton_core.errors.InvalidData: row 2, column 'age': 'inf' is not a finite number
    """
    _demand_text(data)
    header = read_header(data)
    if label is not None and label not in header.names:
        raise InvalidData(f"there is no such column; there are {_listed(header.names)}", column=label)
    table = Table(_columns(data, header, kinds or {}))
    if label is not None:
        check_label(table, label)
    return table


def _columns(data: bytes, header: Header, kinds: Mapping[str, str]) -> tuple[Column, ...]:
    plain = all(kinds_from(kinds.get(name))[0].takes_plain_numbers for name in header.names)
    values = read_numbers(data, header) if plain else None
    if values is not None:
        return tuple(map(Numbers, header.names, values))
    return columns_from(header.names, lambda: read_records(data, header), kinds)


def _demand_text(data: bytes) -> None:
    nul = data.find(b"\0")
    if nul >= 0:
        raise _misplaced("a NUL byte; this is no CSV text", data[:nul])
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _misplaced(f"byte {data[error.start]:#04x} is not UTF-8", data[: error.start]) from None


def _misplaced(message: str, before: bytes) -> InvalidData:
    """The error for a byte that follows ``before``, with its place as far as that can be read."""
    try:
        row, column = place_of(before, read_header(before + b"?"))
    except (InvalidData, UnicodeDecodeError):
        row, column = None, None
    return InvalidData(message, row=row, column=column)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(shown, names[:10])) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
