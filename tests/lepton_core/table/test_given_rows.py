"""Typed columns to be predicted are read as the same cells would be, one by one."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import (
    BY_NAME,
    Categories,
    Column,
    ColumnSchema,
    Filled,
    Ignored,
    Numbers,
    ReadRows,
    Schema,
    Table,
    given_column,
    kind_of,
    read_rows,
)
from lepton_core.table.given_rows import read_given_rows
from lepton_core.table.spelling import date_notation, number_notation
from tests.support.sampling import examples

NAMES = ("a", "b", " c", "d ", "e")
TEXTS = (
    "u",
    "v",
    "NA",
    "",
    " w ",
    "01",
    "1.50",
    "-999",
    "yes",
    "0",
    "2024-05-01",
    "31.12.2024",
    "$1,200",
    "3 h",
)

GIVEN: dict[str, st.SearchStrategy[Any]] = {
    "number": st.floats(-1e300, 1e300) | st.sampled_from([0.0, -0.0, 1.0, -999.0]),
    "integer": st.integers(-3, 3) | st.integers(-(2**53), 2**53),
    "boolean": st.booleans(),
    "date": st.datetimes(),
    "duration": st.timedeltas(timedelta(days=-999), timedelta(days=999)),
    "text": st.sampled_from(TEXTS) | st.text(st.characters(codec="utf-8"), max_size=4),
}
"""What a program gives, by the kind that `given_column` makes of it."""

PRICES = number_notation({"$1,200": 1}).as_text()
DAY_FIRST = date_notation({"31.12.2024": 1}).as_text()

KNOWN = [
    *(ColumnSchema("", kind.name) for kind in BY_NAME.values() if not kind.has_levels),
    ColumnSchema("", "number", (), PRICES),
    ColumnSchema("", "number", (), "", ("-999", "1")),
    ColumnSchema("", "integer", (), "", ()),
    ColumnSchema("", "boolean", (), "no/yes"),
    ColumnSchema("", "boolean", (), "", ("0",)),
    ColumnSchema("", "duration", (), "", ("-999", "0 s")),
    ColumnSchema("", "category", ("0", "1", "u", "v", "w")),
    ColumnSchema("", "category", ("-999.0", "0.0", "False", "NA", "true"), "", ()),
    ColumnSchema("", "date", (), DAY_FIRST),
    ColumnSchema("", "text", (), "", ("u",)),
]


@st.composite
def columns(draw: st.DrawFn, name: str, rows: int) -> Column:
    cell = GIVEN[draw(st.sampled_from(sorted(GIVEN)))]
    some = st.sampled_from([cell, cell | st.none(), st.none()])
    return given_column(name, draw(st.lists(draw(some), min_size=rows, max_size=rows)))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows = draw(st.integers(1, 20))
    spelled = draw(
        st.lists(st.sampled_from([*NAMES, " a", "b ", "c", "A"]), min_size=1, max_size=6, unique=True)
    )
    return Table(tuple(draw(columns(name, rows)) for name in spelled))


schemas = st.lists(
    st.tuples(st.sampled_from([name.strip() for name in NAMES]), st.sampled_from(KNOWN)),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one[0],
).map(
    lambda found: Schema(
        tuple(
            ColumnSchema(name, one.kind, one.levels, one.notation, one.missing_words) for name, one in found
        )
    )
)


def as_cells(table: Table, schema: Schema, *, in_order: bool, **more: Any) -> ReadRows:
    by_column = [kind_of(column).given_cells(column) for column in table.columns]
    rows = [list(row) for row in zip(*by_column, strict=True)]
    return read_rows(rows, schema, None if in_order else table.names, **more)


def outcome(reading: Any, *given: Any, **more: Any) -> Any:
    try:
        return reading(*given, **more)
    except InvalidData as error:
        return error.failure


def bits(table: Table) -> list[Any]:
    """The values with their signs; one missing cell is like another."""
    return [
        np.where(column.missing, 0.0, np.copysign(1.0, column.values)).tolist()
        for column in table.columns
        if isinstance(column, Numbers)
    ]


def test_every_kind_that_a_program_gives_is_tried_here() -> None:
    assert set(GIVEN) == {kind.name for kind in BY_NAME.values() if kind.given_notation is not None}
    assert {one.kind for one in KNOWN} == set(BY_NAME)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(500))
@given(tables(), schemas, st.booleans(), st.sets(st.sampled_from("abcde")), st.booleans())
def test_columns_are_read_as_their_cells_are(
    table: Table, schema: Schema, in_order: bool, some: set[str], ignoring: bool
) -> None:
    reads = None if ignoring else schema.known & some
    more = {"ignore": frozenset(some if ignoring else ()), "reads": reads}
    found = outcome(read_given_rows, table, schema, in_order=in_order, **more)
    wanted = outcome(as_cells, table, schema, in_order=in_order, **more)
    assert found == wanted
    if isinstance(wanted, ReadRows):
        assert bits(found.table) == bits(wanted.table)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(500))
@given(st.data(), st.sampled_from(KNOWN))
def test_one_column_of_each_kind_becomes_one_of_each_other(data: st.DataObject, known: ColumnSchema) -> None:
    column = data.draw(columns("", data.draw(st.integers(1, 20))))
    kind = BY_NAME[known.kind]
    made = kind.from_typed(column, kind_of(column).given_type, known)
    if made is not None:
        [wanted] = kind.from_cells([kind_of(column).given_cells(column)], [known])
        assert made == wanted
        assert bits(Table((made,))) == bits(Table((wanted,)))


@given(st.data())
def test_the_cells_of_a_given_column_are_of_the_type_that_its_kind_says(data: st.DataObject) -> None:
    column = data.draw(columns("a", data.draw(st.integers(1, 20))))
    kind = kind_of(column)
    assert {type(cell) for cell in kind.given_cells(column) if cell is not None} <= {kind.given_type}


AB = Schema((ColumnSchema("age", "number"), ColumnSchema("sex", "category", ("f", "m"))))


def test_columns_in_order_may_be_called_as_they_like() -> None:
    given_table = Table((given_column("1", [31.0, None]), given_column("2", ["f", "m"])))
    read = read_given_rows(given_table, AB, in_order=True)
    assert read.table.names == ("age", "sex")
    assert (read.ignored, read.filled) == ((), (Filled("age", 1),))
    with pytest.raises(InvalidData, match="row 1: 1 cells, where there are 2 columns"):
        read_given_rows(given_table.select(["1"]), AB, in_order=True)


def test_other_columns_are_ignored_and_lacking_ones_filled() -> None:
    read = read_given_rows(Table((given_column("Sex", ["f"]), given_column("age ", [1]))), AB)
    assert read.ignored == (Ignored("Sex", "sex"),)
    assert read.filled == (Filled("sex", 1),)
    with pytest.raises(InvalidData, match="none of the columns that the model reads is there"):
        read_given_rows(Table((given_column("Sex", ["f"]),)), AB)
    with pytest.raises(InvalidData, match="the columns have this name twice"):
        read_given_rows(Table((given_column("age", [1]), given_column(" age", [1]))), AB)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (Numbers("age", np.array([1.0, np.inf])), "row 2, column 'age': inf is no number"),
        (Numbers("age", np.zeros(2), "number", ".,$"), "not given in this way"),
        (Categories.of("sex", ["f", "m"]), "not given in this way"),
    ],
)
def test_columns_that_no_program_gives_are_refused(column: Column, said: str) -> None:
    with pytest.raises(InvalidData, match=said):
        read_given_rows(Table((column,)), AB)


def test_no_rows_are_refused() -> None:
    with pytest.raises(InvalidData, match="there are no rows"):
        read_given_rows(Table((given_column("age", []),)), AB)


def test_columns_that_nobody_reads_may_hold_what_no_program_gives() -> None:
    schema = Schema((ColumnSchema("age", "number"), ColumnSchema("one", "number")))
    wrong = Numbers("extra", np.array([np.inf, np.nan])), Numbers("one", np.array([np.inf, 1.0]), "boolean")
    given = Table((given_column("age", [31, None]), *wrong))
    read = read_given_rows(given, schema, reads=frozenset({"age"}))
    assert read.table["age"].values.tolist()[0] == 31 and [one.column for one in read.ignored] == ["extra"]
    with pytest.raises(InvalidData, match="'one'"):
        read_given_rows(given, schema)
