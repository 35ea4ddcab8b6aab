"""Data that may be larger than memory: a schema, and tables that hold its rows one after the other."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from lepton_core.errors import InvalidData
from lepton_core.table.columns import Column
from lepton_core.table.kinds import kind_of
from lepton_core.table.schema import ColumnSchema, Schema
from lepton_core.table.table import Table

PART_BYTES = 64 * 2**20
"""Most bytes of a part, as it is stored."""

PART_LEVELS = 200_000
"""Most levels of a part, all columns together: so many a header may hold."""

_HEADER = 512
"""Room for what a file of one table has around its arrays and its schema."""

_ARRAY_HEADER = 128
"""And for each array."""

_LEVEL_BYTES = 16
"""And for each level, besides its letters."""

_KEY_BYTES = 8
"""Of the key of a row, which is stored behind the columns."""


class Source(Protocol):
    """Rows under one schema. A `Table` is a source of one part."""

    @property
    def schema(self) -> Schema:
        """The columns of every part; the levels are all that any of them has."""
        ...

    def parts(self) -> Iterator[Table]:
        """The rows, in order, from the beginning at each call. A part has those levels that it needs."""
        ...


@dataclass(frozen=True)
class Parts:
    """A source that ``read`` gives anew at each pass, so that one part at a time is in memory.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> tables = [Table((Numbers("a", np.array([1.0, 2.0])),)), Table((Numbers("a", np.array([3.0])),))]
    >>> collect(Parts(tables[0].schema, lambda: tables))["a"].values
    array([1., 2., 3.])
    """

    schema: Schema
    read: Callable[[], Iterable[Table]]

    def parts(self) -> Iterator[Table]:
        """The tables of ``read()``."""
        return iter(self.read())


def collect(source: Source) -> Table:
    """All rows in one table of the columns and levels of the source's schema.

    Errors: those of `concatenate`; ``ValueError`` for a source without parts.

    >>> from lepton_core.table import Categories
    >>> table = Table((Categories.of("c", ["x", "y", "x"]),))
    >>> collect(Parts(table.schema, lambda: split_parts(table, 10))) == table
    True
    """
    return _joined(tuple(source.parts()), source.schema)


def concatenate(tables: Iterable[Table]) -> Table:
    """The rows of all ``tables``, at least one, below each other. Their levels may differ; the result has them all.

    Raises `InvalidData` naming a column that one of them lacks, has besides, or has of another kind, and
    ``ValueError`` for no table.

    >>> from lepton_core.table import Categories
    >>> joined = concatenate([Table((Categories.of("c", [text]),)) for text in ("y", "x")])["c"]
    >>> joined.levels, joined.codes.tolist()
    (('x', 'y'), [1, 0])
    """
    given = tuple(tables)
    return _joined(given, given[0].schema if given else Schema(()))


def split_parts(table: Table, most_bytes: int = PART_BYTES) -> Iterator[Table]:
    """The rows of ``table`` in parts that take at most ``most_bytes`` each when they are stored, but one row at least.

    Nor has a part more than `PART_LEVELS`. Each part has the levels that occur in it; the first also those that no row
    has. So `concatenate` gives the same table again. Raises ``ValueError`` for a table with unseen texts.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> table = Table((Numbers("a", np.arange(1000.0)),))
    >>> parts = list(split_parts(table, 10_000))
    >>> [part.rows for part in parts], concatenate(parts) == table
    ([500, 500], True)
    """
    if _fits(table, most_bytes):
        yield table
        return
    whole = Table(tuple(_compact(column) for column in table.columns))
    spare = {column.name: set(column.levels) - set(whole[column.name].levels) for column in table.columns}
    for number, part in enumerate(_halved(whole, most_bytes)):
        yield part if number else Table(tuple(_with(column, spare[column.name]) for column in part.columns))


def stored_bytes(table: Table) -> int:
    """At most so many bytes a container has of what `pack_table` makes of ``table``, and its rows' keys behind it."""
    arrays = sum(map(_array_bytes, table.columns))
    levels = sum(len(column.levels) for column in table.columns) * _LEVEL_BYTES
    schema = len(json.dumps(json.dumps(table.schema.as_dict())))
    return _HEADER + arrays + levels + schema + table.rows * _KEY_BYTES


def _array_bytes(column: Column) -> int:
    return sum(array.nbytes + _ARRAY_HEADER for array in kind_of(column).pack(column).values())


def _fits(table: Table, most_bytes: int) -> bool:
    levels = sum(len(column.levels) for column in table.columns)
    return table.rows <= 1 or (levels <= PART_LEVELS and stored_bytes(table) <= most_bytes)


def _halved(table: Table, most_bytes: int) -> Iterator[Table]:
    """The parts of a table whose levels all occur, or whose rows alone take too much."""
    if _fits(table, most_bytes):
        yield table
        return
    half = table.rows // 2
    for some in (slice(half), slice(half, None)):
        part = table.take(some)
        if not _is_too_long(part, most_bytes):
            part = Table(tuple(_compact(column) for column in part.columns))
        yield from _halved(part, most_bytes)


def _is_too_long(table: Table, most_bytes: int) -> bool:
    """Whether the rows take too much whatever levels there are."""
    return table.rows > 1 and sum(map(_array_bytes, table.columns)) + table.rows * _KEY_BYTES > most_bytes


def _compact(column: Column) -> Column:
    made: Column = kind_of(column).compact(column)
    return made


def _with(column: Column, more: set[str]) -> Column:
    levels = tuple(sorted({*column.levels, *more}))
    made: Column = kind_of(column).concatenate([column], levels)
    return made


def _joined(tables: tuple[Table, ...], schema: Schema) -> Table:
    if not tables:
        raise ValueError("there is no table")
    for number, table in enumerate(tables, start=1):
        _demand_columns(table, schema, number)
    if len(tables) == 1 and _is_whole(tables[0], schema):
        return tables[0]
    return Table(tuple(_column(tables, column) for column in schema.columns))


def _is_whole(table: Table, schema: Schema) -> bool:
    columns = zip(table.schema.columns, schema.columns, strict=True)
    return all(own.name == one.name and set(one.levels) <= set(own.levels) for own, one in columns)


def _column(tables: tuple[Table, ...], column: ColumnSchema) -> Column:
    found = [table[column.name] for table in tables]
    levels = tuple(sorted({*column.levels}.union(*(one.levels for one in found))))
    made: Column = kind_of(found[0]).concatenate(found, levels)
    return made


def _demand_columns(table: Table, schema: Schema, number: int) -> None:
    for name in (*schema.names, *table.names):
        if name not in table:
            raise InvalidData(f"is missing in part {number}", column=name)
        if name not in schema.known:
            raise InvalidData(f"is in part {number} only", column=name)
        if table[name].kind != schema[name].kind:
            raise InvalidData(
                f"is of kind {table[name].kind!r} in part {number}, and {schema[name].kind!r} before",
                column=name,
            )
