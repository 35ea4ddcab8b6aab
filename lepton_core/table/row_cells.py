"""Rows to be predicted whose cells come column by column, as JSON has them."""

from collections.abc import Sequence
from typing import Any

from lepton_core.errors import InvalidData
from lepton_core.table.rows import ReadRows, arranged, read_columns
from lepton_core.table.schema import Schema


def read_cells(
    cells: Sequence[Sequence[Any]],
    schema: Schema,
    columns: Sequence[str],
    *,
    ignore: frozenset[str] = frozenset(),
    reads: frozenset[str] | None = None,
) -> ReadRows:
    """What `lepton_core.table.read_rows` makes of lists in the order of ``columns``.

    ``cells[j]`` are the m cells of ``columns[j]``. Raises `InvalidData` as `read_rows` does.

    >>> from lepton_core.table import ColumnSchema
    >>> schema = Schema((ColumnSchema("age", "number"), ColumnSchema("sex", "category", ("f", "m"))))
    >>> read = read_cells([["m", "x"], [31, None]], schema, ["sex", "age"])
    >>> read.table["age"].values, read.table["sex"].codes
    (array([31., nan]), array([1, 2], dtype=int32))
    """
    if not cells or not cells[0]:
        raise InvalidData("there are no rows")
    came = arranged(cells, schema, columns, reads)
    return read_columns(came, len(cells[0]), schema, ignore=ignore, reads=reads)
