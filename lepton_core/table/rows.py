"""A table from rows that somebody wants predicted."""

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from numbers import Real
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.cells import MISSING_WORDS, shown
from lepton_core.table.columns import MISSING, Categories, Column, FloatArray, Numbers
from lepton_core.table.schema import ColumnSchema, Schema
from lepton_core.table.table import Table

Cell = float | int | str | bool | None

_PLAIN = frozenset({float, int, type(None)})


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
    if schema.all_numbers:
        return Table(tuple(map(Numbers, schema.names, _numbers(grid, schema.names))))
    places = [i for i, column in enumerate(schema.columns) if column.kind == "number"]
    names = [schema.names[i] for i in places]
    values = iter(_numbers([[row[i] for i in places] for row in grid], names))
    return Table(
        tuple(
            Numbers(column.name, next(values)) if column.kind == "number" else _categories(grid, i, column)
            for i, column in enumerate(schema.columns)
        )
    )


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


def _numbers(grid: Sequence[Sequence[Any]], names: Sequence[str]) -> FloatArray:
    """The cells as float64 of shape (columns, m)."""
    flat = grid[0] if len(grid) == 1 else list(chain.from_iterable(grid))
    values: FloatArray | None = None
    if _PLAIN.issuperset(map(type, flat)):
        try:
            values = np.array(flat, dtype=np.float64)
        except OverflowError:
            values = None
    if values is None or np.count_nonzero(np.isfinite(values)) + flat.count(None) != len(flat):
        values = np.array(
            [
                _number(cell, number, name)
                for number, row in enumerate(grid, start=1)
                for cell, name in zip(row, names, strict=True)
            ],
            dtype=np.float64,
        )
    return np.ascontiguousarray(values.reshape(len(grid), len(names)).T)


def _number(cell: object, row: int, column: str) -> float:
    if cell is None:
        return math.nan
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, Real):
        kind = "text" if isinstance(cell, str) else "no number"
        raise InvalidData(f"{shown(cell)} is {kind}; this column holds numbers", row=row, column=column)
    try:
        value = float(cell)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise InvalidData(f"{shown(cell)} is not a finite number", row=row, column=column)
    return value


def _categories(grid: Sequence[Sequence[Any]], place: int, column: ColumnSchema) -> Column:
    known, unseen = column.codes, len(column.levels)
    codes = []
    for number, row in enumerate(grid, start=1):
        cell = row[place]
        code = known.get(cell) if type(cell) is str else None
        if code is None:
            texts = _texts(cell, number, column.name)
            code = next((known[text] for text in texts if text in known), unseen if texts else MISSING)
        codes.append(code)
    return Categories(column.name, np.array(codes, dtype=np.int32), column.levels)


def _texts(cell: object, row: int, column: str) -> tuple[str, ...]:
    """What ``cell`` may be called among the levels, the likeliest first; nothing if it is missing."""
    if cell is None:
        return ()
    if isinstance(cell, str):
        text = cell.strip()
        return () if text in MISSING_WORDS else (text,)
    if isinstance(cell, bool | np.bool_):
        return ("true", "True", "TRUE") if cell else ("false", "False", "FALSE")
    if isinstance(cell, int):
        return (str(cell), f"{cell}.0")
    if not isinstance(cell, Real):
        raise InvalidData(f"{shown(cell)} is neither text nor a number", row=row, column=column)
    value = _number(cell, row, column)
    return (str(int(value)), repr(value)) if value.is_integer() else (repr(value),)
