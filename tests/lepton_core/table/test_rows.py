"""Rows to be predicted become the table that the schema says, or an error at their place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import Categories, ColumnSchema, Numbers, Schema, Table, parse_csv, rows_to_table

SCHEMA = Schema((ColumnSchema("age", "number"), ColumnSchema("sex", "category", ("f", "m"))))
NUMBERS = Schema(tuple(ColumnSchema(f"c{i}", "number") for i in range(4)))
FINITE = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)


def column(cell: object, *levels: str) -> int:
    schema = Schema((ColumnSchema("k", "category", levels),))
    return int(rows_to_table([{"k": cell}], schema)["k"].codes[0])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.none() | FINITE, min_size=4, max_size=4), min_size=1), st.permutations(range(4)))
def test_dicts_lists_and_reordered_lists_give_the_same_numbers(rows, order):
    names = NUMBERS.names
    wanted = Table(
        tuple(
            Numbers(name, np.array([np.nan if x is None else float(x) for x in cells]))
            for name, cells in zip(names, zip(*rows, strict=True), strict=True)
        )
    )
    dicts = [dict(zip(names, row, strict=True)) for row in rows]
    lacking = [{name: x for name, x in row.items() if x is not None} for row in dicts]
    turned = [[row[i] for i in order] for row in rows]
    assert rows_to_table(dicts, NUMBERS) == wanted
    assert rows_to_table(lacking, NUMBERS) == wanted
    assert rows_to_table(rows, NUMBERS) == wanted
    assert rows_to_table([tuple(row) for row in rows], NUMBERS) == wanted
    assert rows_to_table(turned, NUMBERS, [names[i] for i in order]) == wanted


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.none() | FINITE, st.none() | st.sampled_from(["f", "m", "true", "3", "x y"])), min_size=1
    )
)
def test_what_a_csv_file_holds_reads_the_same_as_rows(cells):
    lines = "".join(f"{'' if x is None else repr(x)},{text or ''},t\n" for x, text in cells)
    table = parse_csv(f"x,text,more\n{lines}".encode()).without("more")
    rows = [{"x": x, "text": text} for x, text in cells]
    if table["text"].kind == "category":
        assert rows_to_table(rows, table.schema) == table


def test_columns_and_values_are_whole_arrays():
    table = rows_to_table([[1, 2, 3, 4], [5, 6, 7, 8]], NUMBERS)
    assert all(c.values.flags.c_contiguous and c.values.dtype == np.float64 for c in table.columns)


def test_numpy_rows_and_numpy_cells():
    matrix = np.arange(8.0).reshape(2, 4)
    assert rows_to_table(matrix, NUMBERS) == rows_to_table(matrix.tolist(), NUMBERS)
    row = {"age": np.float32(1.5), "sex": np.str_("m")}
    assert rows_to_table([row], SCHEMA) == rows_to_table([{"age": 1.5, "sex": "m"}], SCHEMA)
    assert rows_to_table([{"age": np.int64(3)}], SCHEMA)["age"].values.tolist() == [3.0]


def test_missing_and_unseen_categories():
    rows = [{"sex": "m"}, {"sex": "x"}, {"sex": None}, {}, {"sex": " f "}, {"sex": "NA"}, {"sex": ""}]
    assert rows_to_table(rows, SCHEMA)["sex"].codes.tolist() == [1, 2, -1, -1, 0, -1, -1]


def test_numbers_and_bools_stand_for_their_text():
    assert column(3, "2.5", "3") == 1
    assert column(3.0, "2.5", "3") == 1
    assert column(2.5, "2.5", "3") == 0
    assert column(3, "2.5", "3.0") == 1
    assert column(True, "false", "true") == 1
    assert column(False, "False", "True") == 0
    assert column(np.bool_(True), "FALSE", "TRUE") == 1
    assert column(True, "0", "1") == 2
    assert column(4, "2.5", "3") == 2


def test_ignored_names_are_dropped():
    ignore = frozenset({"y"})
    assert rows_to_table([{"age": 1, "y": "p"}], SCHEMA, ignore=ignore).names == ("age", "sex")
    table = rows_to_table([["p", "m", 2]], SCHEMA, ["y", "sex", "age"], ignore=ignore)
    assert table == rows_to_table([{"age": 2, "sex": "m"}], SCHEMA)


GOOD = {"age": 1, "sex": "m"}

BAD = {
    "no rows": ([], None, None, None, "no rows"),
    "text": ([GOOD, {"age": "old"}], None, 2, "age", "'old' is text"),
    "a number as text": ([{"age": "3"}], None, 1, "age", "'3' is text"),
    "empty text": ([{"age": ""}], None, 1, "age", "is text"),
    "bool": ([{"age": True}], None, 1, "age", "True is no number"),
    "list": ([{"age": [1]}], None, 1, "age", "no number"),
    "complex": ([{"age": 1j}], None, 1, "age", "no number"),
    "NaN": ([GOOD, GOOD, {"age": float("nan")}], None, 3, "age", "nan is not a finite"),
    "NaN beside None": ([{"age": None}, {"age": float("nan")}], None, 2, "age", "nan is not a finite"),
    "infinity": ([{"age": float("-inf")}], None, 1, "age", "-inf is not a finite"),
    "infinity in numpy": ([{"age": np.float64("inf")}], None, 1, "age", "not a finite"),
    "huge integer": ([{"age": 10**400}], None, 1, "age", "not a finite"),
    "NaN category": ([{"sex": float("nan")}], None, 1, "sex", "not a finite"),
    "list category": ([{"sex": ["m"]}], None, 1, "sex", "neither text nor a number"),
    "unknown name": ([GOOD, {"Age": 1}], None, 2, "Age", "did you mean 'age'?"),
    "unknown name, no match": ([{"zzz": 1}], None, 1, "zzz", "no such column"),
    "name no text": ([{3: 1}], None, 1, "3", "no such column"),
    "short list": ([[1, "m"], [1]], None, 2, None, "1 cells, where there are 2"),
    "long list": ([[1, "m", 2]], None, 1, None, "3 cells, where there are 2"),
    "text in a list": ([[1, "m"], ["x", "m"]], None, 2, "age", "'x' is text"),
    "text in a reordered list": ([["m", "x"]], ["sex", "age"], 1, "age", "'x' is text"),
    "unknown column": ([[1, 2]], ["age", "sx"], None, "sx", "did you mean 'sex'?"),
    "column twice": ([[1, 2]], ["age", "age"], None, "age", "twice"),
    "a text for a row": (["ab"], None, 1, None, "must be an object"),
    "a number for a row": ([5], None, 1, None, "must be an object"),
    "a list among objects": ([GOOD, [1, "m"]], None, 2, None, "as row 1 is"),
    "an object among lists": ([[1, "m"], GOOD], None, 2, None, "must be an object by column name or a list"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_rows_are_refused_at_their_place(case):
    rows, columns, row, name, part = BAD[case]
    with pytest.raises(InvalidData) as caught:
        rows_to_table(rows, SCHEMA, columns)
    assert (caught.value.row, caught.value.column) == (row, name), str(caught.value)
    assert part in caught.value.message


def test_messages_stay_short():
    with pytest.raises(InvalidData) as caught:
        rows_to_table([{"age": "x" * 100_000}], SCHEMA)
    assert len(caught.value.message) < 200


def test_a_row_without_categories_in_the_schema_has_the_types_of_one():
    table = rows_to_table([{"sex": "x"}], SCHEMA)
    assert isinstance(table["sex"], Categories)
    assert table["sex"].codes.dtype == np.int32
    assert table.schema == SCHEMA
