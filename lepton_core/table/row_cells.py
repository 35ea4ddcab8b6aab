"""Rows to be predicted whose cells come column by column, as JSON has them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.rows import ReadRows, arranged, read_columns
from lepton_core.table.schema import Schema
from lepton_core.table.table import Table


def read_cells(
    cells: Sequence[Any],
    schema: Schema,
    columns: Sequence[str],
    *,
    ignore: frozenset[str] = frozenset(),
    reads: frozenset[str] | None = None,
) -> ReadRows:
    """What `lepton_core.table.read_rows` makes of lists in the order of ``columns``.

    ``cells[j]`` are the m cells of ``columns[j]``, maybe as an array of finite float64. Raises `InvalidData`
    as `read_rows` does.

    >>> from lepton_core.table import ColumnSchema
    >>> schema = Schema((ColumnSchema("age", "number"), ColumnSchema("sex", "category", ("f", "m"))))
    >>> read = read_cells([["m", "x"], [31, None]], schema, ["sex", "age"])
    >>> read.table["age"].values, read.table["sex"].codes
    (array([31., nan]), array([1, 2], dtype=int32))
    """
    if not len(cells) or not len(cells[0]):
        raise InvalidData("there are no rows")
    if (table := _numbers(cells, schema, columns, reads)) is not None:
        return ReadRows(table)
    cells = [own.tolist() if isinstance(own, np.ndarray) else own for own in cells]
    came = arranged(cells, schema, columns, reads)
    return read_columns(came, len(cells[0]), schema, ignore=ignore, reads=reads)


def _numbers(
    cells: Sequence[Any], schema: Schema, columns: Sequence[str], reads: frozenset[str] | None
) -> Table | None:
    """The table of arrays that are the columns of ``schema``, and no other ones; None if they are not that."""
    names = schema.names
    if not all(isinstance(own, np.ndarray) for own in cells):
        return None
    from lepton_core.table.number_rows import gapless_numbers, takes_numbers  # noqa: PLC0415  (few cells are arrays)

    if not takes_numbers(schema):
        return None
    if (
        len(columns) != len(names)
        or set(columns) != schema.known
        or (reads is not None and reads != schema.known)
    ):
        return None
    of = dict(zip(columns, cells, strict=True))
    return gapless_numbers([np.ascontiguousarray(of[name]) for name in names], schema)
