"""Rows of a file to be predicted: those that can be read, and why the others cannot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, RowError
from lepton_core.table.given_rows import read_given_rows
from lepton_core.table.kinds import kind_of
from lepton_core.table.rows import Cell, ReadRows, read_rows
from lepton_core.table.schema import Schema
from lepton_core.table.table import Table

UNREAD = "the row could not be read"
"""The reason of a row that came without cells."""

_MOST_CELLS = 100_000
"""So many cells of refused rows are read again, each row alone, to tell its reason."""

NOT_TOLD = "a cell of it cannot be read; so many rows cannot be that no more reasons were looked for"
"""The reason of the rows behind these."""

_READINGS = 2
"""The first one names all cells that cannot be read, the second one has the other rows."""


@dataclass(frozen=True)
class EachRow:
    """What a file's rows are: ``read`` has those at ``places`` (0 is the first), and ``errors`` tell of the others.

    ``places`` rise, and so do the rows of ``errors``. ``read`` is None if no row could be read.
    """

    read: ReadRows | None
    places: tuple[int, ...]
    errors: tuple[RowError, ...]


def read_each_row(
    rows: Sequence[Mapping[str, Cell] | Sequence[Cell] | None],
    schema: Schema,
    columns: Sequence[str] | None = None,
    *,
    ignore: frozenset[str] = frozenset(),
    reads: frozenset[str] | None = None,
    known: Mapping[int, RowError] | None = None,
) -> EachRow:
    """The rows as `lepton_core.table.read_rows` reads them, but for those that it refuses.

    A row is refused if it is refused alone: for a cell that cannot be read, for another length, or for having none of
    the columns. None is a row that the caller could not read, and ``known`` are places of others that are not to be
    read. What was ignored, filled and unknown is that of the rows that were read.

    Raises `InvalidData` for what is wrong with all rows together: no rows, no column of the schema, rows of two forms.

    >>> from lepton_core.table import ColumnSchema
    >>> each = read_each_row([[31], ["x"], None], Schema((ColumnSchema("age", "number"),)))
    >>> each.read.table["age"].values, each.places
    (array([31.]), (0,))
    >>> each.errors
    (RowError(row=2, reason="'x' is no number", column='age'),
     RowError(row=3, reason='the row could not be read', column=None))
    """
    if len(rows) == 0:
        raise InvalidData("there are no rows")
    width = len(schema.names if columns is None else columns)

    def read(places: Sequence[int]) -> ReadRows:
        some: Any = [rows[place] for place in places]
        return read_rows(some, schema, columns, ignore=ignore, reads=reads)

    def each_alone(places: Sequence[int]) -> list[InvalidData | None]:
        return [_refusal(lambda at=place: read([at])) for place in places]  # type: ignore[misc]

    lost = {place: RowError(place + 1, UNREAD) for place, row in enumerate(rows) if row is None} | dict(
        known or {}
    )
    shapeless = [at for at, row in enumerate(rows) if at not in lost and not _has_form(row, width, schema)]
    return _sifted(len(rows), read, each_alone, lost, schema, shapeless)


def read_each_given_row(
    given: Table,
    schema: Schema,
    *,
    in_order: bool = False,
    ignore: frozenset[str] = frozenset(),
    reads: frozenset[str] | None = None,
    known: Mapping[int, RowError] | None = None,
) -> EachRow:
    """The columns of a program as `read_given_rows` reads them, but for the rows that it refuses; see `read_each_row`.

    >>> from lepton_core.table import ColumnSchema, given_column
    >>> given = Table((given_column("age", ["31", "x"]),))
    >>> read_each_given_row(given, Schema((ColumnSchema("age", "number"),))).errors
    (RowError(row=2, reason="'x' is no number", column='age'),)
    """

    def read(places: Sequence[int]) -> ReadRows:
        some = given if len(places) == given.rows else given.take(np.array(places))
        return read_given_rows(some, schema, in_order=in_order, ignore=ignore, reads=reads)

    def each_alone(places: Sequence[int]) -> list[InvalidData | None]:
        some = given.take(np.array(places, dtype=np.int64))
        cells = [kind_of(column).given_cells(column) for column in some.columns]
        names = None if in_order else given.names
        return [
            _refusal(lambda own=list(row): read_rows([own], schema, names, reads=reads))  # type: ignore[misc]
            for row in zip(*cells, strict=True)
        ]

    return _sifted(given.rows, read, each_alone, dict(known or {}), schema)


def refused_rows(ask: Callable[[Table], object], table: Table) -> dict[int, InvalidData]:
    """The places (0 is the first) of the rows of ``table`` that ``ask`` refuses alone, found by halving, and why.

    ``ask`` raises `InvalidData` for rows that it refuses, naming one. If it names no row, that passes through.
    """
    try:
        ask(table)
    except InvalidData as error:
        if error.row is None:
            raise
        if table.rows == 1:
            return {0: error}
    else:
        return {}
    half = table.rows // 2
    first = refused_rows(ask, table.take(np.arange(half)))
    second = refused_rows(ask, table.take(np.arange(half, table.rows)))
    return first | {half + place: error for place, error in second.items()}


def row_error(place: int, error: InvalidData, schema: Schema) -> RowError:
    """What ``error`` says of the row at ``place`` (0 is the first), which alone it is about."""
    order = {name: at for at, name in enumerate(schema.names)}
    first = min(error.first, key=lambda fault: order.get(fault.column or "", -1))
    more = "" if error.count == 1 else f", and {error.count - 1} more of its cells cannot be read"
    return RowError(place + 1, first.reason + more, first.column)


def _sifted(
    rows: int,
    read: Callable[[Sequence[int]], ReadRows],
    each_alone: Callable[[Sequence[int]], list[InvalidData | None]],
    errors: dict[int, RowError],
    schema: Schema,
    shapeless: Sequence[int] = (),
) -> EachRow:
    """Read until no row is refused; what is ``shapeless`` is asked alone."""
    found: InvalidData | None = None
    errors |= {
        place: row_error(place, why, schema)
        for place, why in zip(shapeless, each_alone(shapeless), strict=True)
        if why is not None
    }
    for _ in range(_READINGS):
        places = [place for place in range(rows) if place not in errors]
        if not places:
            return EachRow(None, (), _in_order(errors))
        try:
            return EachRow(read(places), tuple(places), _in_order(errors))
        except InvalidData as error:
            found = error
        refused = [places[row - 1] for row in sorted(found.rows)]
        told = refused[: max(1, _MOST_CELLS // max(1, len(schema.names)))]
        for place, why in zip(told, each_alone(told), strict=True):
            if why is None:
                raise found
            errors[place] = row_error(place, why, schema)
        errors |= {place: RowError(place + 1, NOT_TOLD) for place in refused[len(told) :]}
        if not refused:
            raise found
    assert found is not None  # noqa: S101  (there is at least one reading)
    raise found


def _has_form(row: Any, width: int, schema: Schema) -> bool:
    """Whether ``row`` is as long as a list must be, or has a column of ``schema``."""
    if isinstance(row, Mapping):
        return not schema.names or any(schema.name_of(key) is not None for key in row)
    return not isinstance(row, Sequence) or len(row) == width


def _in_order(errors: Mapping[int, RowError]) -> tuple[RowError, ...]:
    return tuple(errors[place] for place in sorted(errors))


def _refusal(read: Callable[[], object]) -> InvalidData | None:
    try:
        read()
    except InvalidData as error:
        return error
    return None
