"""A table from rows that somebody wants predicted, and what was done with cells that the model does not know."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.cells import Assumed, Cells, Faults, assumed_in, demand_width
from lepton_core.table.columns import Column
from lepton_core.table.kinds.base import is_absent
from lepton_core.table.schema import ColumnSchema, Schema, name_at
from lepton_core.table.table import Table

Cell = float | int | str | bool | None

MOST_NAMED = 20
"""Ignored columns that are named."""

MOST_TEXTS = 5
"""Texts of one column that are named because training saw them in too few rows, or never."""

_FEW_ROWS = 16
"""Up to here Python looks faster at the cells than numpy, whose calls cost a microsecond for each column."""

_CERTAIN = frozenset({float, int, bool})
"""Cells of these types are there, and no text."""


@dataclass(frozen=True)
class Ignored:
    """A column that the model does not read, and the one that it lacks and that is called most like it."""

    column: str
    nearest: str | None = None


@dataclass(frozen=True)
class Filled:
    """A column that so many ``rows`` lack; the preprocessor fills it."""

    column: str
    rows: int


@dataclass(frozen=True)
class Unknown:
    """A column in which so many ``rows`` hold texts that training saw in too few rows, or never.

    ``texts`` are the most frequent ones.
    """

    column: str
    rows: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class ReadRows:
    """The ``table`` of a call's rows; what was ignored, lacking, unknown and assumed, in the order of the columns."""

    table: Table
    ignored: tuple[Ignored, ...] = ()
    filled: tuple[Filled, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    assumed: tuple[Assumed, ...] = ()


def read_rows(
    rows: Sequence[Mapping[str, Cell]] | Sequence[Sequence[Cell]],
    schema: Schema,
    columns: Sequence[str] | None = None,
    *,
    ignore: frozenset[str] = frozenset(),
    reads: frozenset[str] | None = None,
) -> ReadRows:
    """The rows as a table with the columns of ``schema``.

    A row is a mapping by column name, or a list in the order of ``columns`` (default: the order of the schema). Blanks
    around names do not count. A column that a row lacks, or that holds None, is missing. Columns that the schema does
    not have, and those of no cell in training, are ignored, and named unless they are in ``ignore``. Only the columns
    in ``reads`` are read, if it is given; the cells of others are all missing, and nothing is said of them. What a cell
    stands for is the matter of its column's kind, see `Kind.from_cells`; a text that is not among the levels gets the
    code ``len(levels)``.

    Raises `InvalidData`, naming row and column, for: no rows, a row without any column of the schema, a name twice, a
    list of another length; and for all cells that cannot be read, see `InvalidData.together`.

    >>> from lepton_core.table import ColumnSchema
    >>> schema = Schema((ColumnSchema("age", "number"), ColumnSchema("sex", "category", ("f", "m"))))
    >>> read = read_rows([{"agee": 31, "sex": "m"}, {"sex": "x"}], schema)
    >>> read.table["age"].values, read.table["sex"].codes
    (array([nan, nan]), array([1, 2], dtype=int32))
    >>> read.ignored, read.filled, read.unknown
    ((Ignored(column='agee', nearest='age'),), (Filled(column='age', rows=2),),
     (Unknown(column='sex', rows=1, texts=('x',)),))
    """
    if len(rows) == 0:
        raise InvalidData("there are no rows")
    if len(rows) > _FEW_ROWS and (reads is None or len(reads) == len(schema.names)):
        from lepton_core.table.number_rows import number_rows  # noqa: PLC0415  (one row has no need of it)

        if (table := number_rows(rows, schema, columns)) is not None:
            return noted(table, (), schema.known, (), schema, ignore=ignore, reads=reads)
    reading = _from_mappings if isinstance(rows[0], Mapping) else _from_lists
    try:
        came = reading(rows, schema, columns, reads)
    except InvalidData as error:
        raise Faults.of_rows(
            error, rows, lambda some: read_rows(some, schema, columns, reads=reads)
        ) from None
    return read_columns(came, len(rows), schema, ignore=ignore, reads=reads)


@dataclass(frozen=True)
class Came:
    """``cells[j]`` are those of column j of the schema; its ``names`` that came, and the ``others``."""

    cells: Sequence[Sequence[Any]]
    names: frozenset[str]
    others: tuple[str, ...] = ()


def read_columns(
    came: Came, rows: int, schema: Schema, *, ignore: frozenset[str], reads: frozenset[str] | None
) -> ReadRows:
    """What `read_rows` makes of so many ``rows`` whose cells ``came``."""
    cells = came.cells if reads is None else _of_those(reads, schema, came.cells, rows)
    others = (*came.others, *of_no_use(came.cells, came.names, schema))
    return noted(_table(cells, schema), cells, came.names, others, schema, ignore=ignore, reads=reads)


def noted(
    table: Table,
    cells: Cells,
    names: Set[str],
    others: Sequence[str],
    schema: Schema,
    *,
    ignore: frozenset[str],
    reads: frozenset[str] | None,
    typed: Set[int] = frozenset(),
) -> ReadRows:
    """The ``table`` of ``cells``, (m,) each, with what is to know: ``names`` of its columns came, and ``others``.

    Columns at ``typed`` places came with their types, and leave nothing open.
    """
    ignored = [name for name in others if name not in ignore] if others else []
    return ReadRows(
        table,
        _ignored(ignored, tuple(name for name in _wanted(schema, reads) if name not in names))
        if ignored
        else (),
        tuple(one for one in _filled(table, cells) if reads is None or one.column in reads),
        _unknown(table, cells, schema),
        assumed_in(cells, schema.by_kind, schema.columns, typed, table.rows),
    )


def of_no_use(cells: Cells, names: Set[str], schema: Schema) -> tuple[str, ...]:
    """Those among ``names`` without a cell in training and with one in ``cells`` (columns, m): no model reads them."""
    return tuple(
        schema.names[at]
        for kind, places in schema.by_kind
        if kind.is_open
        for at in places
        if schema.names[at] in names and any(_is_there(cell, schema.columns[at]) for cell in cells[at])
    )


def _is_there(cell: Any, column: ColumnSchema) -> bool:
    if isinstance(cell, str):
        return not is_absent(cell, column)
    return cell is not None and cell == cell  # noqa: PLR0124  (NaN)


def _wanted(schema: Schema, reads: frozenset[str] | None) -> tuple[str, ...]:
    """The columns that are worth giving, in order."""
    return schema.names if reads is None else tuple(name for name in schema.names if name in reads)


def rows_to_table(
    rows: Sequence[Mapping[str, Cell]] | Sequence[Sequence[Cell]],
    schema: Schema,
    columns: Sequence[str] | None = None,
) -> Table:
    """The table of `read_rows`."""
    return read_rows(rows, schema, columns).table


def _from_mappings(
    rows: Sequence[Any], schema: Schema, columns: Sequence[str] | None, reads: frozenset[str] | None
) -> Came:
    if len(rows) == 1:
        return _given(rows, schema, rows[0], reads)
    if set(map(type, rows)) != {dict} and not all(isinstance(row, Mapping) for row in rows):
        number = next(i for i, row in enumerate(rows, start=1) if not isinstance(row, Mapping))
        raise InvalidData("this row is no object by column name, as row 1 is", row=number)
    if set(map(len, rows)) == {len(schema.names)} and rows[0].keys() == schema.known:
        try:
            return Came(_columns(rows, schema.names), schema.known)
        except KeyError:
            pass
    return _given(rows, schema, dict.fromkeys(chain.from_iterable(rows)), reads)


def _given(
    rows: Sequence[Mapping[Any, Any]], schema: Schema, keys: Mapping[Any, Any], reads: frozenset[str] | None
) -> Came:
    names = schema.names
    spelled = {name: name for name in names} if keys.keys() == schema.known else _spelled(keys, schema, rows)
    try:
        if len(spelled) == len(names):
            return Came(_columns(rows, list(spelled.values())), schema.known, _others(keys, spelled, rows))
    except KeyError:
        pass
    for number, row in enumerate(rows, start=1):
        if names and not any(key in row for key in spelled.values()):
            raise no_columns(schema, reads, number)
    nothing = [None] * len(rows)
    cells = [[row.get(spelled[name]) for row in rows] if name in spelled else nothing for name in names]
    return Came(cells, frozenset(spelled), _others(keys, spelled, rows))


def _columns(rows: Sequence[Mapping[Any, Any]], keys: Sequence[Any]) -> list[Sequence[Any]]:
    """The cells under each of ``keys``. Raises ``KeyError`` if a row lacks one."""
    if len(keys) < 2:  # of one key, `itemgetter` gives no tuple
        return [[row[key] for row in rows] for key in keys]
    return _by_column(map(itemgetter(*keys), rows), len(keys))


def _by_column(rows: Iterable[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    """The cells of ``rows`` (m, ``width``) column by column; `zip` would go to another row for each cell."""
    cells = list(chain.from_iterable(rows))
    return [cells[at::width] for at in range(width)]


def _spelled(keys: Mapping[Any, Any], schema: Schema, rows: Sequence[Mapping[Any, Any]]) -> dict[str, Any]:
    """The keys of the columns of the schema that came, in its order."""
    found: dict[str, Any] = {}
    for place, key in enumerate(keys, start=1):
        name = schema.name_of(key, place)
        if name is None:
            continue
        if name in found:
            row = next((i for i, row in enumerate(rows, start=1) if key in row and found[name] in row), None)
            if row is not None:
                raise InvalidData("the row has this name twice", row=row, column=name)
            raise InvalidData(f"some rows call it {found[name]!r}, others {key!r}", column=name)
        found[name] = key
    return {name: found[name] for name in schema.names if name in found}


def _others(
    keys: Mapping[Any, Any], spelled: Mapping[str, Any], rows: Sequence[Mapping[Any, Any]]
) -> tuple[str, ...]:
    if len(keys) == len(spelled):
        return ()
    taken = set(spelled.values())
    others = {key: name_at(key, place) for place, key in enumerate(keys, start=1) if key not in taken}
    for key, name in others.items():
        if any("\ud800" <= letter <= "\udfff" for letter in name):
            row = next(number for number, row in enumerate(rows, start=1) if key in row)
            raise InvalidData(
                "this name holds half a surrogate pair, which is no character", row=row, column=name
            )
    return tuple(others.values())


def _from_lists(
    rows: Sequence[Any], schema: Schema, columns: Sequence[str] | None, reads: frozenset[str] | None
) -> Came:
    width = len(schema.names if columns is None else columns)
    if set(map(type, rows)) == {list} and set(map(len, rows)) == {width}:
        lists = rows
    else:
        lists = [_listed(row, number, width) for number, row in enumerate(rows, start=1)]
    return arranged(_by_column(lists, width), schema, columns, reads)


def _listed(row: Any, number: int, width: int) -> Sequence[Any]:
    cells = row.tolist() if isinstance(row, np.ndarray) else row
    if not isinstance(cells, list | tuple):
        raise InvalidData("a row must be an object by column name or a list", row=number)
    demand_width(len(cells), number, width)
    return cells


def arranged(
    cells: Sequence[Sequence[Any]],
    schema: Schema,
    columns: Sequence[str] | None,
    reads: frozenset[str] | None,
) -> Came:
    """The ``cells`` (m,) of each of ``columns``, None: those of ``schema``. Errors: those of `places`."""
    if columns is None or tuple(columns) == schema.names:
        return Came(cells, schema.known)
    place, others = places(columns, schema, reads)
    nothing = [None] * len(cells[0])
    found = [cells[place[name]] if name in place else nothing for name in schema.names]
    return Came(found, frozenset(place), others)


def places(
    columns: Sequence[str], schema: Schema, reads: frozenset[str] | None = None
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where the columns of ``schema`` stand among ``columns``, and those that it does not have.

    Raises `InvalidData` for a name that is there twice, and, naming some in ``reads``, if no column of the schema is
    there.
    """
    place: dict[str, int] = {}
    others: list[str] = []
    for i, given in enumerate(columns):
        name = schema.name_of(given, i + 1)
        if (name or given) in place:
            raise InvalidData("the columns have this name twice", column=name or given)
        place[name or given] = i
        if name is None:
            others.append(given)
    for name in others:
        place.pop(name)
    if schema.names and not place:
        raise no_columns(schema, reads, None)
    return place, tuple(others)


def no_columns(schema: Schema, reads: frozenset[str] | None, row: int | None = None) -> InvalidData:
    """The error of a ``row``, or of all of them, without a column of ``schema`` that is in ``reads``."""
    wanted = _wanted(schema, reads)
    shown = ", ".join(map(repr, wanted[:MOST_TEXTS]))
    more = f" and {len(wanted) - MOST_TEXTS} more" if len(wanted) > MOST_TEXTS else ""
    return InvalidData(
        f"none of the columns that the model reads is there; give some of {shown}{more}", row=row
    )


def _table(cells: Sequence[Sequence[Any]], schema: Schema) -> Table:
    if len(schema.by_kind) == 1:  # nothing to sort out, and a prediction waits
        [(kind, _)] = schema.by_kind
        return Table(tuple(kind.from_cells(cells, schema.columns)))
    found: dict[int, Column] = {}
    faults = Faults(schema.names)
    for kind, places in schema.by_kind:
        try:
            made = kind.from_cells([cells[i] for i in places], [schema.columns[i] for i in places])
        except InvalidData as error:
            faults.add(error)
        else:
            found.update(zip(places, made, strict=True))
    faults.demand_none()
    return Table(tuple(found[i] for i in range(len(schema.columns))))


def _ignored(names: Sequence[str], absent: tuple[str, ...]) -> tuple[Ignored, ...]:
    from lepton_core.table.nearest import nearest  # noqa: PLC0415  (most rows have no other columns)

    return tuple(Ignored(name, nearest(name, absent)) for name in names[:MOST_NAMED])


def _of_those(
    reads: frozenset[str], schema: Schema, cells: Sequence[Sequence[Any]], rows: int
) -> Sequence[Sequence[Any]]:
    if len(reads) == len(schema.names):
        return cells
    gone = (None,) * rows
    return [own if name in reads else gone for name, own in zip(schema.names, cells, strict=True)]


def _filled(table: Table, cells: Cells) -> tuple[Filled, ...]:
    few = table.rows <= _FEW_ROWS
    return tuple(
        Filled(column.name, rows)
        for at, column in enumerate(table.columns)
        if not (few and _CERTAIN.issuperset(map(type, cells[at])))
        and (rows := int(np.count_nonzero(column.missing)))
    )


def _unknown(table: Table, cells: Cells, schema: Schema) -> tuple[Unknown, ...]:
    places = [place for kind, places in schema.by_kind if kind.has_levels for place in places]
    with_some = [place for place in places if _has_unknown(table.columns[place])]
    if not with_some:
        return ()
    from lepton_core.table.unknown_texts import unknown_texts  # noqa: PLC0415  (most rows have none)

    found = {place: unknown_texts(table.columns[place], cells[place]) for place in with_some}
    return tuple(
        Unknown(table.columns[place].name, rows, texts[:MOST_TEXTS]) for place, (rows, texts) in found.items()
    )


def _has_unknown(column: Any) -> bool:
    codes, code = column.codes, len(column.levels)
    return code in codes.tolist() if len(codes) <= _FEW_ROWS else bool((codes == code).any())
