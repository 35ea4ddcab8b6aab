"""Many rows of nothing but numbers, all their cells at once."""

from collections.abc import Iterable, Sequence
from itertools import chain, starmap
from operator import itemgetter
from struct import Struct, error
from typing import Any

import numpy as np

from lepton_core.table.columns import FloatArray, Numbers
from lepton_core.table.schema import Schema
from lepton_core.table.table import Table

_BARE = frozenset({float, int, np.float64})

_MANY = 8
"""Where one cell of so many is a 0 or a 1, all are sooner asked for their types than these."""


def number_rows(rows: Sequence[Any], schema: Schema, columns: Sequence[str] | None = None) -> Table | None:
    """The m ``rows``, see `lepton_core.table.read_rows`, if they have the columns of ``schema``, and no other one.

    None unless all columns are of kinds that take each finite number, and all cells are such numbers: then every cell
    has to be looked at.

    >>> from lepton_core.table import ColumnSchema
    >>> schema = Schema((ColumnSchema("age", "number"), ColumnSchema("visits", "integer")))
    >>> number_rows([{"visits": 3, "age": 31.5}, {"age": 40, "visits": 0}], schema)["age"].values
    array([31.5, 40. ])
    >>> number_rows([{"visits": 3, "age": "31.5"}], schema) is None
    True
    """
    width = len(schema.names)
    if width < 2 or not takes_numbers(schema):
        return None  # of one key, `itemgetter` gives no tuple
    types, in_order = set(map(type, rows)), columns is None or tuple(columns) == schema.names
    if not (types == {dict} or (types == {list} and in_order)) or set(map(len, rows)) != {width}:
        return None
    cells: Iterable[Sequence[Any]] = map(itemgetter(*schema.names), rows) if types == {dict} else rows
    try:
        octets = b"".join(starmap(Struct(f"{width}d").pack, cells))
    except (KeyError, error):  # another name; a text, a missing cell, an integer that is too large
        return None
    by_row = np.frombuffer(octets).reshape(len(rows), width)
    if not np.isfinite(by_row).all() or _has_truth(rows, by_row, schema.names):
        return None
    by_column = np.ascontiguousarray(by_row.T)
    return typed_numbers(list(by_column), schema)


def takes_numbers(schema: Schema) -> bool:
    """Whether all columns are of kinds that take each finite number.

    >>> from lepton_core.table import ColumnSchema
    >>> takes_numbers(Schema((ColumnSchema("age", "number"), ColumnSchema("sex", "category", ("f", "m")))))
    False
    """
    return all(kind.given_type is float and not kind.is_open for kind, _ in schema.by_kind)


def typed_numbers(columns: Sequence[FloatArray], schema: Schema) -> Table | None:
    """The table of ``columns`` (m,) of finite numbers, those of ``schema``; None if one takes no such number."""
    made = {
        at: kind.from_typed(Numbers(schema.names[at], columns[at]), float, schema.columns[at])
        for kind, places in schema.by_kind
        for at in places
    }
    found = tuple(column for at in range(len(columns)) if (column := made[at]) is not None)
    return Table(found) if len(found) == len(columns) else None


def gapless_numbers(columns: Sequence[FloatArray], schema: Schema) -> Table | None:
    """What `typed_numbers` makes of ``columns`` (m,).

    None, too, where a number stands for a missing cell: a caller has to be told.
    """
    made = typed_numbers(columns, schema)
    if made is None or any(
        known.missing_words and column.missing.any()
        for known, column in zip(schema.columns, made.columns, strict=True)
    ):
        return None
    return made


def _has_truth(rows: Sequence[Any], values: FloatArray, names: Sequence[str]) -> bool:
    """Whether True or False was taken for 1 or 0 among ``values`` (m, n)."""
    at = np.nonzero((values == 0) | (values == 1))
    if len(at[0]) * _MANY > values.size:
        whole = rows if type(rows[0]) is list else map(dict.values, rows)
        return not _BARE.issuperset(map(type, chain.from_iterable(whole)))
    keys: Sequence[Any] = range(len(names)) if type(rows[0]) is list else names
    suspects = zip(at[0].tolist(), at[1].tolist(), strict=True)
    return not _BARE.issuperset(type(rows[row][keys[column]]) for row, column in suspects)
