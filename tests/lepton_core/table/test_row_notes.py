"""What is said of rows to be predicted is what was done with them, whichever way they came."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import (
    ColumnSchema,
    Ignored,
    ReadRows,
    Schema,
    Table,
    given_column,
    read_rows,
)
from lepton_core.table.cells import Assumed
from lepton_core.table.given_rows import read_given_rows

SCHEMA = Schema(
    (
        ColumnSchema("id", "identifier"),
        ColumnSchema("age", "number"),
        ColumnSchema("sex", "category", ("f", "m")),
        ColumnSchema("note", "text"),
        ColumnSchema("days", "integer", (), "", ("", "-999")),
        ColumnSchema("later", "empty"),
    )
)
READS = frozenset({"age", "sex", "note", "days"})
CELLS: dict[str, list[str | None]] = {
    "id": ["k1", "", None],
    "age": ["31", "", "NA", None],
    "sex": ["f", "x", "", None],
    "note": ["a day", "", None],
    "days": ["3", "-999", "", None],
    "later": ["7", "x", "", None],
}
ROWS = st.lists(
    st.fixed_dictionaries({}, optional={n: st.sampled_from(c) for n, c in CELLS.items()}), min_size=1
)


def gone(name: str, cell: str | None) -> bool:
    words = {"days": ("", "-999")}.get(name, ("", "NA"))
    return cell is None or cell in words


@given(ROWS)
def test_filled_are_the_columns_that_are_read_and_lack_cells_and_no_others(
    rows: list[dict[str, Any]],
) -> None:
    rows = [{"age": "1", **row} for row in rows]
    whole = [[row.get(name) for name in SCHEMA.names] for row in rows]
    wanted = {
        name: count
        for name in SCHEMA.names
        if name in READS and (count := sum(gone(name, row.get(name)) for row in rows))
    }
    columns = Table(
        tuple(given_column(name, [row[at] for row in whole]) for at, name in enumerate(SCHEMA.names))
    )
    for read in (
        read_rows(rows, SCHEMA, reads=READS),
        read_rows(whole, SCHEMA, reads=READS),
        read_rows(whole, SCHEMA, SCHEMA.names, reads=READS),
        read_given_rows(columns, SCHEMA, reads=READS),
    ):
        assert {one.column: one.rows for one in read.filled} == wanted


@pytest.mark.parametrize("reads", [None, READS])
@pytest.mark.parametrize("cell", [7, 7.5, True, "x", "7"])
def test_a_value_of_a_column_that_was_empty_in_training_is_named_as_ignored(
    cell: Any, reads: frozenset[str] | None
) -> None:
    row = {"age": 1, "sex": "f", "note": "x", "days": 2, "later": cell}
    columns = Table(tuple(given_column(name, [one]) for name, one in row.items()))
    found: list[ReadRows] = [
        read_rows([row], SCHEMA, reads=reads),
        read_rows([list(row.values())], SCHEMA, list(row), reads=reads),
        read_given_rows(columns, SCHEMA, reads=reads),
    ]
    assert [read.ignored for read in found] == [(Ignored("later"),)] * 3
    assert all(read.table["later"].missing.all() for read in found)
    assert read_rows([{**row, "later": None}], SCHEMA, reads=reads).ignored == ()


def test_only_columns_that_the_model_reads_are_suggested() -> None:
    for rows, columns in (([{}], None), ([{"x": 1}], None), ([[1]], ["x"])):
        with pytest.raises(InvalidData) as error:
            read_rows(rows, SCHEMA, columns, reads=READS)  # type: ignore[arg-type]
        assert error.value.message.endswith("give some of 'age', 'sex', 'note', 'days'")
    assert read_rows([{"ids": 1, "age": 1}], SCHEMA, reads=READS).ignored == (Ignored("ids"),)


ZONED = ColumnSchema("when", "date", (), "ymd offsets")
PLAIN = ColumnSchema("day", "date", (), "")
TOOK = ColumnSchema("took", "duration")


@pytest.mark.parametrize(
    ("column", "cells", "rows", "meaning"),
    [
        (ZONED, ["2024-03-01 10:00", "2024-03-01T10:00:00Z", "2024-03-01T10:00+02:00", None, ""], 1, "UTC"),
        (ZONED, ["2024-03-01", "2024-03-02 11:00 GMT", "2024-03-01"], 2, "UTC"),
        (ZONED, ["2024-03-02 11:00 GMT"], 0, ""),
        (PLAIN, ["2024-03-01 10:00"], 0, ""),
        (TOOK, [90, 90.5, "90", "90 min", "01:30", None, ""], 3, "seconds"),
        (TOOK, ["90 s", "PT3H"], 0, ""),
    ],
)
def test_what_a_cell_leaves_open_is_told_with_what_it_was_taken_for(
    column: ColumnSchema, cells: list[Any], rows: int, meaning: str
) -> None:
    read = read_rows([{column.name: cell} for cell in cells], Schema((column,)))
    assert read.assumed == ((Assumed(column.name, rows, meaning),) if rows else ())
    assert read.table == read_rows([[cell] for cell in cells], Schema((column,))).table


def test_columns_of_a_program_that_have_their_type_leave_nothing_open() -> None:
    moments = [datetime(2024, 3, 1, 10), datetime(2024, 3, 2)]
    schema = Schema((ZONED, TOOK))
    lengths = [timedelta(minutes=90), timedelta(0)]
    typed = Table((given_column("when", moments), given_column("took", lengths)))
    assert read_given_rows(typed, schema).assumed == ()
    texts = Table((given_column("when", ["2024-03-01 10:00", ""]), given_column("took", [90, 91])))
    assert read_given_rows(texts, schema).assumed == (
        Assumed("when", 1, "UTC"),
        Assumed("took", 2, "seconds"),
    )
