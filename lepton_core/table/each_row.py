"""Rows of a file to be predicted: those that can be read, and why the others cannot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, RowError, RowFault
from lepton_core.table.given_rows import read_given_rows
from lepton_core.table.rows import Cell, ReadRows, no_columns, read_rows
from lepton_core.table.schema import Schema
from lepton_core.table.table import Table

UNREAD = "the row could not be read"
"""The reason of a row that came without cells."""

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

    lost = {place: RowError(place + 1, UNREAD) for place, row in enumerate(rows) if row is None} | dict(
        known or {}
    )
    _demand_one_form({at: row for at, row in enumerate(rows) if at not in lost})
    shapeless = [at for at, row in enumerate(rows) if at not in lost and not _has_form(row, width, schema)]
    came = [row for row in rows if row is not None]
    if came and len(shapeless) == len(came) and all(isinstance(row, Mapping) for row in came):
        raise no_columns(schema, reads)
    return _sifted(len(rows), read, lost, shapeless)


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

    return _sifted(given.rows, read, dict(known or {}))


def row_error(place: int, fault: RowFault) -> RowError:
    """What is wrong with the row at ``place`` (0 is the first)."""
    more = "" if fault.count == 1 else f", and {fault.count - 1} more of its cells cannot be read"
    return RowError(place + 1, fault.reason + more, fault.column)


def _sifted(
    rows: int,
    read: Callable[[Sequence[int]], ReadRows],
    errors: dict[int, RowError],
    shapeless: Sequence[int] = (),
) -> EachRow:
    """Read until no row is refused; what is ``shapeless`` is read alone first."""
    found: InvalidData | None = None
    for place in shapeless:
        why = _refusal(lambda at=place: read([at]))  # type: ignore[misc]
        if why is not None:
            errors[place] = row_error(place, why.by_row[1])
    for _ in range(_READINGS):
        places = [place for place in range(rows) if place not in errors]
        if not places:
            return EachRow(None, (), _in_order(errors))
        try:
            return EachRow(read(places), tuple(places), _in_order(errors))
        except InvalidData as error:
            if not error.by_row:
                raise
            found = error
        refused = {places[row - 1]: fault for row, fault in found.by_row.items()}
        errors |= {place: row_error(place, fault) for place, fault in refused.items()}
    assert found is not None  # noqa: S101  (there is at least one reading)
    raise found


def _demand_one_form(rows: Mapping[int, Any]) -> None:
    """Raise `InvalidData` naming the first row that is of another form than the one before."""
    for (_, before), (place, row) in pairwise(rows.items()):
        if isinstance(row, Mapping) != isinstance(before, Mapping):
            form = "an object by column name, and the one before is none"
            other = "no object by column name, as the one before is"
            raise InvalidData(f"this row is {form if isinstance(row, Mapping) else other}", row=place + 1)


def _has_form(row: Any, width: int, schema: Schema) -> bool:
    """Whether ``row`` is as long as a list must be, or has a column of ``schema``."""
    if isinstance(row, Mapping):
        return not schema.names or any(
            schema.name_of(key, place) is not None for place, key in enumerate(row, start=1)
        )
    return not isinstance(row, Sequence) or len(row) == width


def _in_order(errors: Mapping[int, RowError]) -> tuple[RowError, ...]:
    return tuple(errors[place] for place in sorted(errors))


def _refusal(read: Callable[[], object]) -> InvalidData | None:
    try:
        read()
    except InvalidData as error:
        return error
    return None
