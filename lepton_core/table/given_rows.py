"""Rows to be predicted that come as typed columns: they are read as the same cells would be, but not one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lepton_core.errors import InvalidData
from lepton_core.table.cells import Faults, demand_width
from lepton_core.table.columns import Column
from lepton_core.table.given_container import check_column
from lepton_core.table.kinds import kind_of
from lepton_core.table.rows import ReadRows, noted, of_no_use, places
from lepton_core.table.schema import Schema
from lepton_core.table.table import Table


def read_given_rows(
    given: Table,
    schema: Schema,
    *,
    in_order: bool = False,
    ignore: frozenset[str] = frozenset(),
    reads: frozenset[str] | None = None,
) -> ReadRows:
    """The columns of a program (see `lepton_core.table.given_column`) as a table with the columns of ``schema``.

    It is what `lepton_core.table.read_rows` makes of rows of `Kind.given_cells`, bit by bit. With ``in_order`` the
    columns are those of the schema in their order, whatever they are called. Errors: those of `read_rows`, and
    `InvalidData` for columns that no program gives, among those in ``reads``.

    >>> from lepton_core.table import ColumnSchema, given_column
    >>> schema = Schema((ColumnSchema("age", "number"), ColumnSchema("sex", "category", ("f", "m"))))
    >>> read = read_given_rows(Table((given_column("sex", ["m", "x"]), given_column("age", [31, None]))), schema)
    >>> read.table["age"].values, read.table["sex"].codes
    (array([31., nan]), array([1, 2], dtype=int32))
    >>> read.filled, read.unknown
    ((Filled(column='age', rows=1),), (Unknown(column='sex', rows=1, texts=('x',)),))
    """
    if not given.rows:
        raise InvalidData("there are no rows")
    place, others = places(given.names, schema, reads) if not in_order else _in_order(given, schema)
    for name, at in place.items():
        if reads is None or name in reads:
            check_column(given.columns[at])
    whole = _CellsOf(
        [given.columns[place[name]] if name in place else None for name in schema.names], given.rows
    )
    others = (*others, *of_no_use(whole, place.keys(), schema))
    columns = [
        given.columns[place[name]] if name in place and (reads is None or name in reads) else None
        for name in schema.names
    ]
    cells = _CellsOf(columns, given.rows)
    typed = frozenset(
        at
        for at, (column, own) in enumerate(zip(columns, schema.columns, strict=True))
        if column is not None and column.kind == own.kind
    )
    table = _table(columns, cells, schema)
    return noted(table, cells, place.keys(), others, schema, ignore=ignore, reads=reads, typed=typed)


def _in_order(given: Table, schema: Schema) -> tuple[dict[str, int], tuple[str, ...]]:
    demand_width(len(given.columns), 1, len(schema.names))
    return {name: at for at, name in enumerate(schema.names)}, ()


@dataclass(frozen=True)
class _CellsOf:
    """The cells of ``columns``, made when somebody looks at them; all missing, where there is no column."""

    columns: Sequence[Column | None]
    rows: int

    def __getitem__(self, at: int, /) -> Sequence[Any]:
        column = self.columns[at]
        return (None,) * self.rows if column is None else kind_of(column).given_cells(column)


def _table(columns: Sequence[Column | None], cells: _CellsOf, schema: Schema) -> Table:
    found: dict[int, Column] = {}
    faults = Faults(schema.names)
    for kind, those in schema.by_kind:
        for at in those:
            column = columns[at]
            if column is not None:
                made = kind.from_typed(column, kind_of(column).given_type, schema.columns[at])
                if made is not None:
                    found[at] = made
        rest = [at for at in those if at not in found]
        try:
            read = (
                kind.from_cells([cells[at] for at in rest], [schema.columns[at] for at in rest])
                if rest
                else []
            )
        except InvalidData as error:
            faults.add(error)
        else:
            found.update(zip(rest, read, strict=True))
    faults.demand_none()
    return Table(tuple(found[at] for at in range(len(schema.columns))))
