"""A table from rows that somebody wants predicted."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.columns import Column
from lepton_core.table.schema import Schema
from lepton_core.table.table import Table

Cell = float | int | str | bool | None


def rows_to_table(
    rows: Sequence[Mapping[str, Cell]] | Sequence[Sequence[Cell]],
    schema: Schema,
    columns: Sequence[str] | None = None,
    *,
    ignore: frozenset[str] = frozenset(),
) -> Table:
    """The rows as a table with the columns of ``schema``.

    A row is a mapping by column name, or a list in the order of ``columns`` (default: the order of the
    schema). A column that a row lacks, or that holds None, is missing. Names in ``ignore`` are dropped. A
    number or a bool in a column of categories stands for its text ('3', '2.5', 'true'); a text that is not
    among the levels gets the code ``len(levels)``.

    Raises `InvalidData`, naming row and column, for: no rows, a name that the schema does not know, a list of
    another length, text or a bool in a column of numbers, NaN, infinity.

    >>> from lepton_core.table import ColumnSchema
    >>> schema = Schema((ColumnSchema("age", "number"), ColumnSchema("sex", "category", ("f", "m"))))
    >>> table = rows_to_table([{"age": 31, "sex": "m"}, {"sex": "x"}], schema)
    >>> table["age"].values, table["sex"].codes
    (array([31., nan]), array([1, 2], dtype=int32))
    >>> rows_to_table([{"aeg": 31}], schema)
    Traceback (most recent call last):
    ...
    lepton_core.errors.InvalidData: row 1, column 'aeg': there is no such column; did you mean 'age'?
    """
    if len(rows) == 0:
        raise InvalidData("there are no rows")
    if isinstance(rows[0], Mapping):
        grid = _from_mappings(rows, schema, ignore)
    else:
        grid = _from_lists(rows, schema, columns, ignore)
    if len(schema.by_kind) == 1:  # nothing to sort out, and a prediction waits
        [(kind, _)] = schema.by_kind
        return Table(tuple(kind.read_rows(grid, schema.columns)))
    found: dict[int, Column] = {}
    for kind, places in schema.by_kind:
        cells = [[row[i] for i in places] for row in grid]
        found.update(zip(places, kind.read_rows(cells, [schema.columns[i] for i in places]), strict=True))
    return Table(tuple(found[i] for i in range(len(schema.columns))))


def _from_mappings(rows: Sequence[Any], schema: Schema, ignore: frozenset[str]) -> list[list[Any]]:
    allowed = schema.known | ignore if ignore else schema.known
    names = schema.names
    grid = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise InvalidData("this row is no object by column name, as row 1 is", row=number)
        if not row.keys() <= allowed:
            raise _unknown(next(key for key in row if key not in allowed), schema, number)
        grid.append([row.get(name) for name in names])
    return grid


def _from_lists(
    rows: Sequence[Any], schema: Schema, columns: Sequence[str] | None, ignore: frozenset[str]
) -> list[Any]:
    given = tuple(schema.names if columns is None else columns)
    place = {name: i for i, name in enumerate(given)}
    for name in given:
        if name not in schema.known and name not in ignore:
            raise _unknown(name, schema, None)
    if len(place) != len(given):
        twice = next(name for i, name in enumerate(given) if place[name] != i)
        raise InvalidData("the columns have this name twice", column=twice)
    lists = []
    for number, row in enumerate(rows, start=1):
        cells = row.tolist() if isinstance(row, np.ndarray) else row
        if not isinstance(cells, list | tuple):
            raise InvalidData("a row must be an object by column name or a list", row=number)
        if len(cells) != len(given):
            raise InvalidData(f"{len(cells)} cells, where there are {len(given)} columns", row=number)
        lists.append(cells)
    if given == schema.names:
        return lists
    places = [place.get(name) for name in schema.names]
    return [[None if i is None else cells[i] for i in places] for cells in lists]


def _unknown(name: object, schema: Schema, row: int | None) -> InvalidData:
    near = get_close_matches(str(name), schema.names, n=1)
    advice = f"; did you mean {near[0]!r}?" if near else ""
    return InvalidData(f"there is no such column{advice}", row=row, column=str(name))
