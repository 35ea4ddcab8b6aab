"""Rows to be predicted become the table that the schema says, or an error at their place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import (
    BY_NAME,
    Categories,
    ColumnSchema,
    Filled,
    Ignored,
    Numbers,
    Schema,
    Table,
    Unknown,
    parse_csv,
    read_rows,
    rows_to_table,
)
from lepton_core.table.spelling import date_notation

SCHEMA = Schema((ColumnSchema("age", "number"), ColumnSchema("sex", "category", ("f", "m"))))
DAY_FIRST = date_notation({"31.12.2024": 1}).as_text()
NUMBERS = Schema(tuple(ColumnSchema(f"c{i}", "number") for i in range(4)))
TEXTS = [None, "3", "x", " x ", "", "NA", "-", "é", "\ud800"]
CELLS = [*TEXTS, 1, 1.0, 3, 0.0, -0.0, 2.5, True, float("inf"), [1]]
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
    lacking = [{name: x for name, x in row.items() if x is not None or name == "c0"} for row in dicts]
    turned = [[row[i] for i in order] for row in rows]
    assert rows_to_table(dicts, NUMBERS) == wanted
    assert rows_to_table(lacking, NUMBERS) == wanted
    assert rows_to_table(rows, NUMBERS) == wanted
    assert rows_to_table([tuple(row) for row in rows], NUMBERS) == wanted
    assert rows_to_table(turned, NUMBERS, [names[i] for i in order]) == wanted


@pytest.mark.slow
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
    rows = [{"sex": "m"}, {"sex": "x"}, {"sex": None}, {"age": 1}, {"sex": " f "}, {"sex": "NA"}, {"sex": ""}]
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


def test_columns_that_the_model_does_not_read_are_ignored_and_named():
    read = read_rows([{"agee": 31, "sex": "m"}, {"sex": "f", "Shoe": 44, 7: 1}], SCHEMA)
    assert read.ignored == (Ignored("agee", "age"), Ignored("Shoe"), Ignored("7"))
    assert read_rows([{"SEX": "f", "age": 1}], SCHEMA).ignored == (Ignored("SEX", "sex"),)
    assert read_rows([{"agee": 1, "age": 1, "sex": "f"}], SCHEMA).ignored == (Ignored("agee"),)
    listed = read_rows([[44, 31, "m"]], SCHEMA, ["shoe", "age", "sex"])
    assert listed.ignored == (Ignored("shoe"),)
    assert listed.table == rows_to_table([{"age": 31, "sex": "m"}], SCHEMA)


def test_only_the_first_ignored_columns_are_named():
    row = {"age": 1} | {f"other {i}": i for i in range(1000)}
    assert [one.column for one in read_rows([row], SCHEMA).ignored] == [f"other {i}" for i in range(20)]


def test_label_and_weight_are_ignored_in_silence():
    ignore = frozenset({"y"})
    read = read_rows([{"age": 1, "y": "p", "sex": "f"}], SCHEMA, ignore=ignore)
    assert (read.table.names, read.ignored) == (("age", "sex"), ())
    table = read_rows([["p", "m", 2]], SCHEMA, ["y", "sex", "age"], ignore=ignore).table
    assert table == rows_to_table([{"age": 2, "sex": "m"}], SCHEMA)


def test_columns_that_rows_lack_are_named_with_how_many_lack_them():
    rows = [{"age": 1}, {"age": None, "sex": "f"}, {"sex": "NA"}]
    assert read_rows(rows, SCHEMA).filled == (Filled("age", 2), Filled("sex", 2))
    assert read_rows([{"age": 1, "sex": "f"}], SCHEMA).filled == ()
    assert read_rows([{"age": 1}] * 100, SCHEMA).filled == (Filled("sex", 100),)
    assert read_rows([{"sex": "f"}], SCHEMA).filled == (Filled("age", 1),)


def test_texts_that_training_never_saw_are_named_the_most_frequent_first():
    rows = [{"sex": text} for text in ["x", "f", " y", "y", 3, "m"]]
    assert read_rows(rows, SCHEMA).unknown == (Unknown("sex", 4, ("y", "x", "3")),)
    many = read_rows([{"sex": f"{'z' * 500}{i}"} for i in range(50)], SCHEMA).unknown[0]
    assert (many.rows, len(many.texts), {*map(len, many.texts)}) == (50, 5, {100})
    assert read_rows([{"sex": "f"}], SCHEMA).unknown == ()


def test_blanks_around_names_do_not_count():
    wanted = rows_to_table([{"age": 1, "sex": "f"}], SCHEMA)
    assert rows_to_table([{" age": 1, "sex ": "f"}], SCHEMA) == wanted
    assert rows_to_table([["f", 1]], SCHEMA, ["sex ", " age"]) == wanted
    blank = Schema((ColumnSchema(" age", "number"), ColumnSchema("age", "number")))
    assert [one.values.item(0) for one in rows_to_table([{"age": 1, " age": 2}], blank).columns] == [2, 1]


def test_all_cells_that_cannot_be_read_are_named_and_ten_are_shown():
    rows = [{"age": "?!", "sex": "f"}] + [{"age": 1, "sex": ["m"]}] * 2 + [{"age": "old", "sex": "m"}] * 20
    with pytest.raises(InvalidData) as caught:
        rows_to_table(rows, SCHEMA)
    lines = caught.value.message.splitlines()
    assert (caught.value.row, caught.value.column) == (1, "age")
    assert lines[:3] == [
        "row 1, column 'age': '?!' is no number",
        "row 2, column 'sex': a list is neither text nor a number",
        "row 3, column 'sex': a list is neither text nor a number",
    ]
    assert lines[9:] == ["row 10, column 'age': 'old' is no number", "and 13 more"]
    assert caught.value.at(101).message.splitlines()[9] == "row 110, column 'age': 'old' is no number"


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from(CELLS),
        min_size=1,
        max_size=30,
    )
    | st.lists(st.sampled_from(TEXTS), min_size=1, max_size=30),
    st.sampled_from(sorted(BY_NAME)),
    st.sampled_from([None, ("-", ""), ("x",)]),
)
def test_cells_read_together_are_those_read_alone(cells, kind, words):
    levels = ("-0.0", "0", "3", "x") if kind == "category" else ()
    schema = Schema((ColumnSchema("c", kind, levels, missing_words=words),))

    def alone(cell):
        try:
            return rows_to_table([{"c": cell}], schema)["c"]
        except InvalidData as error:
            return error.reason

    each = [alone(cell) for cell in cells]
    wrong = [(row, reason) for row, reason in enumerate(each, start=1) if isinstance(reason, str)]
    if not wrong:
        together = rows_to_table([{"c": cell} for cell in cells], schema)["c"]
        assert [together.take(np.array([row])) for row in range(len(cells))] == each
        return
    with pytest.raises(InvalidData) as caught:
        rows_to_table([{"c": cell} for cell in cells], schema)
    assert caught.value.count == len(wrong)
    assert [(one.row, one.reason.split("\n")[0]) for one in caught.value.first] == wrong[:10]


def test_half_a_surrogate_pair_is_refused_at_its_place():
    for kind in ("category", "text", "number", "date"):
        with pytest.raises(InvalidData) as caught:
            rows_to_table(
                [{"c": "1"}, {"c": "\ud800"}] if kind != "date" else [{"c": None}, {"c": "\ud800"}],
                Schema((ColumnSchema("c", kind),)),
            )
        assert (caught.value.row, caught.value.column) == (2, "c")


def test_dates_are_read_as_the_column_has_them_or_as_iso():
    schema = Schema((ColumnSchema("when", "date", notation=DAY_FIRST),))
    rows = [{"when": "31.12.2024"}, {"when": "2024-12-31"}, {"when": "31.12.2024"}]
    assert len(set(rows_to_table(rows, schema)["when"].values.tolist())) == 1


GOOD = {"age": 1, "sex": "m"}

BAD = {
    "no rows": ([], None, None, None, "no rows"),
    "text": ([GOOD, {"age": "old"}], None, 2, "age", "'old' is no number"),
    "list": ([{"age": [1]}], None, 1, "age", "no number"),
    "complex": ([{"age": 1j}], None, 1, "age", "no number"),
    "NaN": ([GOOD, GOOD, {"age": float("nan")}], None, 3, "age", "nan is not a finite"),
    "NaN beside None": ([{"age": None}, {"age": float("nan")}], None, 2, "age", "nan is not a finite"),
    "infinity": ([{"age": float("-inf")}], None, 1, "age", "-inf is not a finite"),
    "infinity in numpy": ([{"age": np.float64("inf")}], None, 1, "age", "not a finite"),
    "huge integer": ([{"age": 10**400}], None, 1, "age", "not a finite"),
    "NaN category": ([{"sex": float("nan")}], None, 1, "sex", "not a finite"),
    "list category": ([{"sex": ["m"]}], None, 1, "sex", "neither text nor a number"),
    "none of the columns": ([GOOD, {"Age": 1}], None, 2, None, "give some of 'age', 'sex'"),
    "no cell": ([{}], None, 1, None, "none of the columns that the model reads is there"),
    "no column in a list": ([[1]], ["zzz"], None, None, "give some of 'age', 'sex'"),
    "name twice but for blanks": ([{"age": 1, " age": 2}], None, 1, "age", "twice"),
    "names that differ by blanks": ([{"age": 1}, {" age": 2}], None, None, "age", "others ' age'"),
    "short list": ([[1, "m"], [1]], None, 2, None, "1 cells, where there are 2"),
    "long list": ([[1, "m", 2]], None, 1, None, "3 cells, where there are 2"),
    "text in a list": ([[1, "m"], ["x", "m"]], None, 2, "age", "'x' is no number"),
    "text in a reordered list": ([["m", "x"]], ["sex", "age"], 1, "age", "'x' is no number"),
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
