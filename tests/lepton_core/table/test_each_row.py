"""Rows of a file to be predicted: what is refused alone gets an error, the others are read as if it were not there."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData, RowError
from lepton_core.table import ColumnSchema, Schema, Table, given_column, kind_of, read_rows
from lepton_core.table.each_row import (
    UNREAD,
    EachRow,
    read_each_given_row,
    read_each_row,
)
from lepton_core.table.given_rows import read_given_rows
from tests.lepton_core.table.test_given_rows import as_cells, outcome, schemas, tables
from tests.support.sampling import examples

SCHEMA = Schema((ColumnSchema("age", "number"), ColumnSchema("paid", "boolean"), ColumnSchema("t", "text")))


def alone(row: Any, schema: Schema, columns: Sequence[str] | None) -> str | None:
    """Why a row is refused, if nothing else comes with it."""
    try:
        read_rows([row], schema, columns)
    except InvalidData as error:
        return error.first[0].reason
    return None


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(200))
@given(tables(), schemas, st.data())
def test_a_row_is_refused_if_it_is_refused_alone_and_the_others_are_read_as_without_it(
    table: Table, schema: Schema, data: st.DataObject
) -> None:
    rows: list[Any] = list(zip(*(kind_of(one).given_cells(one) for one in table.columns), strict=True))
    lost = data.draw(st.sets(st.integers(0, len(rows) - 1)))
    short = data.draw(st.sets(st.integers(0, len(rows) - 1)))
    given_rows = [
        None if at in lost else row[:-1] if at in short else list(row) for at, row in enumerate(rows)
    ]
    found = outcome(read_each_row, given_rows, schema, table.names)
    refused = {
        at: UNREAD if row is None else why
        for at, row in enumerate(given_rows)
        if row is None or (why := alone(row, schema, table.names)) is not None
    }
    others = [row for at, row in enumerate(given_rows) if at not in refused]
    if not isinstance(found, EachRow):  # there is no column of the schema, or one of them twice
        assert found == outcome(read_rows, list(map(list, rows)), schema, table.names)
        return
    assert {error.row - 1 for error in found.errors} == refused.keys()
    assert found.places == tuple(at for at in range(len(rows)) if at not in refused)
    assert found.read == (read_rows(others, schema, table.names) if others else None)
    for error in found.errors:
        assert error.reason.startswith(refused[error.row - 1]) or "more of its cells" in error.reason


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(200))
@given(tables(), schemas, st.booleans())
def test_columns_of_a_file_are_read_row_by_row_as_their_cells_are(
    table: Table, schema: Schema, in_order: bool
) -> None:
    found = outcome(read_each_given_row, table, schema, in_order=in_order)
    if not isinstance(found, EachRow):
        assert found == outcome(read_given_rows, table, schema, in_order=in_order)
        return
    cells = [list(row) for row in zip(*(kind_of(one).given_cells(one) for one in table.columns), strict=True)]
    assert found == read_each_row(cells, schema, None if in_order else table.names)
    if found.read is not None:
        rest = table.take(np.array(found.places))
        assert found.read == as_cells(rest, schema, in_order=in_order)


def test_each_row_says_its_column_the_first_of_the_table_if_there_are_more() -> None:
    rows = [{"t": "x", "paid": "perhaps", "age": "old"}, {"age": 1}, {"name": "x"}, {"paid": 7}]
    found = read_each_row(rows, SCHEMA)
    assert found.places == (1,)
    assert found.errors == (
        RowError(1, "'old' is no number, and 1 more of its cells cannot be read", "age"),
        RowError(
            3, "none of the columns that the model reads is there; give some of 'age', 'paid', 't'", None
        ),
        RowError(4, "7 is no boolean", "paid"),
    )
    assert found.read is not None and [one.column for one in found.read.filled] == ["paid", "t"]


def test_what_is_wrong_with_all_rows_together_refuses_them() -> None:
    for rows, columns, said in [
        ([], None, "there are no rows"),
        ([[1], [2]], ["name"], "none of the columns"),
        (
            [{"name": 1}, None, {"sex": 2}],
            None,
            "none of the columns that the model reads is there; give some of",
        ),
        ([{"age": 1}, [1, True, "x"]], None, "row 2: this row is no object by column name"),
        ([[1, True, "x"], None, {"age": 1}], None, "row 3: this row is an object by column name"),
        ([[1, 2]], ["age", " age"], "twice"),
    ]:
        with pytest.raises(InvalidData, match=said):
            read_each_row(rows, SCHEMA, columns)  # type: ignore[arg-type]


@pytest.mark.slow
def test_many_rows_that_cannot_be_read_are_all_named() -> None:
    cells = [["x"] if at % 3 else [at] for at in range(5000)]
    schema = Schema((ColumnSchema("age", "number"),))
    found = read_each_row(cells, schema)
    assert [error.row for error in found.errors] == [at + 1 for at in range(5000) if at % 3]
    given = Table((given_column("age", [str(row[0]) for row in cells]),))
    assert read_each_given_row(given, schema).errors == found.errors


def test_all_bad_rows_of_a_wide_table_tell_their_reason_and_none_is_read_twice() -> None:
    schema = Schema(tuple(ColumnSchema(f"c{number}", "number") for number in range(1000)))
    looked_at = 0

    class Cell(str):
        """A text that counts how often it is looked at."""

        def strip(self, *letters: Any) -> str:
            nonlocal looked_at
            looked_at += 1
            return super().strip(*letters)

    once = read_each_row([{"c1": Cell("x")}, {"c1": 1.5}], schema)
    one_row, looked_at = looked_at, 0
    each = read_each_row([{"c1": Cell("x")} for _ in range(300)] + [{"c1": 1.5}], schema)
    assert each.places == (300,) and looked_at <= 300 * one_row
    assert [error.row for error in each.errors] == list(range(1, 301))
    assert {(error.reason, error.column) for error in each.errors} == {("'x' is no number", "c1")}
    assert once.errors == each.errors[:1]


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["age", "paid", "t"]), st.sampled_from(["old", 7, [1]]), min_size=1)
    )
)
def test_each_row_counts_its_faults_whatever_kinds_its_columns_have(rows: list[dict[str, Any]]) -> None:
    def fault(cell: Any, name: str) -> str | None:
        return alone({name: cell}, SCHEMA, None)

    if not rows:
        return
    found = {error.row: error for error in read_each_row(rows, SCHEMA).errors}
    for number, row in enumerate(rows, start=1):
        faults = {name: why for name in SCHEMA.names if name in row and (why := fault(row[name], name))}
        assert (number in found) == bool(faults)
        if faults:
            more = f", and {len(faults) - 1} more of its cells cannot be read" if len(faults) > 1 else ""
            column, reason = next(iter(faults.items()))
            assert found[number] == RowError(number, reason + more, column)
