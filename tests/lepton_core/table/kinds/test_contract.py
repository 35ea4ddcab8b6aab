"""Every kind of column keeps the same promises, and only its own file knows which kind it is."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lepton_core
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.table import (
    BY_NAME,
    KINDS,
    Categories,
    Column,
    ColumnSchema,
    Numbers,
    Schema,
    Table,
    Texts,
    kind_of,
    rows_to_table,
)
from lepton_core.table.content_split import content_hashes
from lepton_core.table.csv_columns import Wanted, columns_from
from lepton_core.table.row_keys import row_keys
from tests.support.figures import about, numbers_of

CELLS = {
    "number": st.sampled_from(["1", "2.5", "-3e2", "0", "7", "", "NA"]),
    "integer": st.sampled_from(["1", "-20", "7.0", "", "-"]),
    "boolean": st.sampled_from(["yes", "no", "TRUE", "0", ""]),
    "category": st.sampled_from(["red", "blue", "a b", "1", "", "null", "é"]),
    "date": st.sampled_from(["2024-02-29", "1999-12-31 23:59:59", "1. 3. 2024", "", "?"]),
    "duration": st.sampled_from(["1:30:00", "90 min", "2 days", "", "NaN"]),
    "text": st.sampled_from(["a good day", "ein schöner Tag", "", "7"]),
    "identifier": st.sampled_from(["a@b.org", "f3-11", "0012", ""]),
    "empty": st.sampled_from(["", "NA", "?"]),
}
"""Cells of a file that each kind reads; those below make sure that it is never without one."""

ALWAYS = {
    "number": "4.5", "integer": "4", "boolean": "yes", "category": "red", "date": "2024-05-06", "duration": "5 min",
    "text": "a red fox", "identifier": "x-1", "empty": "",
}  # fmt: skip


@st.composite
def columns(draw: st.DrawFn, kind: str) -> Column:
    cells = [ALWAYS[kind], *draw(st.lists(CELLS[kind], max_size=30))]
    [read] = columns_from(["c"], lambda: iter([[[cell] for cell in cells]]), {"c": Wanted(kind)})
    assert read.column.kind == kind
    return read.column


def schema_of(column: Column) -> ColumnSchema:
    [schema] = Table((column,)).schema.columns
    return schema


any_column = st.sampled_from([kind.name for kind in KINDS]).flatmap(columns)


def test_every_kind_is_tried_here() -> None:
    assert set(CELLS) == set(ALWAYS) == set(BY_NAME)


@given(any_column)
def test_what_is_packed_comes_back(column: Column) -> None:
    kind = kind_of(column)
    schema = schema_of(column)
    packed = kind.pack(column)
    assert set(packed) == set(kind.arrays)
    assert kind.unpack(packed, schema, len(column)) == column
    for part in packed:
        for wrong in (np.zeros((2, 2)), np.zeros(len(column), dtype=object), np.zeros(len(column) + 3)):
            with pytest.raises(InvalidArtifact):
                kind.unpack({**packed, part: wrong}, schema, len(column))


@given(any_column)
def test_cells_are_read_back(column: Column) -> None:
    kind = kind_of(column)
    schema = schema_of(column)
    assert kind.from_cells([kind.cells(column)], [schema]) == [column]


@given(st.sampled_from(sorted(set(CELLS) - {"date", "duration"})).flatmap(columns))
def test_a_cell_hashes_alike_as_what_it_is_and_as_its_text(column: Column) -> None:
    texts: Column = kind_of(column).texts(column)
    for hashes in (row_keys, content_hashes):
        assert hashes(Table((column,))).tolist() == hashes(Table((texts,))).tolist()


@given(any_column)
def test_the_distinct_values_are_ascending_and_the_places_point_to_them(column: Column) -> None:
    kind = kind_of(column)
    values, places = kind.distinct(column)
    assert list(values) == sorted(set(values))
    assert (places == -1).tolist() == column.missing.tolist()
    assert set(places[places >= 0].tolist()) == set(range(len(values)))
    assert len(set(kind.names(column))) == len(values)


@given(any_column)
def test_texts_by_code_and_one_by_one_are_the_same_texts(column: Column) -> None:
    kind = kind_of(column)
    by_code = kind.texts(column)
    levels = [*by_code.levels, None]
    assert kind.one_by_one(column).as_list() == [levels[code] for code in by_code.codes]


@given(any_column)
def test_a_column_is_constant_if_it_has_at_most_one_value(column: Column) -> None:
    kind = kind_of(column)
    values, places = kind.distinct(column)
    assert kind.is_constant(column) == (len(values) < 2)
    one_value = column.take(np.flatnonzero(places < 1))
    assert kind.is_constant(one_value)


@given(any_column, st.data())
def test_figures_of_parts_add_up_to_those_of_the_whole(column: Column, data: st.DataObject) -> None:
    kind = kind_of(column)
    cut = data.draw(st.integers(0, len(column)))
    one, two = column.take(np.arange(cut)), column.take(np.arange(cut, len(column)))
    merged = kind.figures(one).merge(kind.figures(two)).describe(schema_of(column))
    whole = kind.figures(column).describe(schema_of(column))
    assert (merged.name, merged.kind) == (whole.name, whole.kind)
    assert numbers_of(merged) == about(whole, rel=1e-12, abs=1e-12)
    json.dumps(numbers_of(merged), allow_nan=False)


@given(any_column)
def test_parts_below_each_other_are_the_column(column: Column) -> None:
    kind = kind_of(column)
    half = len(column) // 2
    parts = [column.take(np.arange(half)), column.take(np.arange(half, len(column)))]
    assert kind.concatenate(parts, column.levels) == column


@given(any_column)
def test_bins_count_every_row_once_and_the_fast_way_agrees(column: Column) -> None:
    bins = kind_of(column).reference(column)
    tally, find = bins.tally(column), bins.finder()
    assert tally.sum() == len(column)
    assert tally[-1] == column.missing.sum()
    places = np.array([find(column, row) for row in range(len(column))]) % len(tally)
    assert np.bincount(places, minlength=len(tally)).tolist() == tally.tolist()
    assert kind_of(column).read_bins(json.loads(json.dumps(bins.as_dict())), bins.name) == bins


@given(any_column)
def test_a_usual_cell_is_one_that_a_row_may_have(column: Column) -> None:
    kind = kind_of(column)
    schema = schema_of(column)
    for bins in (None, kind.reference(column)):
        table = rows_to_table([[kind.usual_cell(schema, bins)]], Schema((schema,)))
        assert table[column.name].missing.all() == kind_of(column).is_open
        assert table[column.name].levels == column.levels


@given(any_column, any_column)
def test_bins_refuse_columns_of_another_kind(column: Column, other: Column) -> None:
    bins = kind_of(column).reference(column)
    if column.kind != other.kind:
        with pytest.raises(InvalidData):
            bins.tally(other)
        with pytest.raises(InvalidData):
            bins.finder()(other, 0)


@given(any_column)
def test_a_drawing_shows_every_row_once(column: Column) -> None:
    drawing = kind_of(column).draw(column)
    assert sum(drawing.counts) + drawing.others + drawing.missing == len(column)
    assert len(drawing.labels) == len(drawing.counts)
    assert not drawing.edges or len(drawing.edges) == len(drawing.counts) + 1


def test_a_histogram_spans_the_range_of_the_largest_numbers() -> None:
    column = Numbers("c", np.array([-1.7e308, 1.7e308, 0.0]))
    drawing = kind_of(column).draw(column)
    assert sum(drawing.counts) == 3
    assert np.isfinite(drawing.edges).all()


def test_a_column_is_decided_by_all_of_its_cells_however_they_are_cut_into_chunks() -> None:
    rows = [["1", "1", "x", ""], ["2", "", "y", ""], ["z", "3.5", "", "7"], ["w", "4", "x", "8"]]
    cuts = ([rows], [[row] for row in rows], [rows[:2], rows[2:]])
    found = [
        columns_from(["late", "number", "text", "begins late"], lambda cut=cut: iter(cut)) for cut in cuts
    ]
    assert [one.column.kind for one in found[0]] == ["category", "number", "category", "integer"]
    for other in found[1:]:
        assert [one.column for one in other] == [one.column for one in found[0]]


def test_what_somebody_says_of_a_column_counts() -> None:
    [zip_code] = columns_from(
        ["zip"], lambda: iter([[["10"], ["-"], ["NA"]]]), {"zip": Wanted("category", "", ("-",))}
    )
    assert kind_of(zip_code.column).cells(zip_code.column) == ["10", None, "NA"]


def test_rows_and_files_give_the_same_columns() -> None:
    read = columns_from(["n", "t"], lambda: iter([[["1.5", "a"], ["", "b"], ["2", ""]]]))
    columns = tuple(one.column for one in read)
    schema = Schema(tuple(map(schema_of, columns)))
    assert rows_to_table([[1.5, "a"], [None, "b"], [2, None]], schema) == Table(columns)


def _tests_for_a_kind(tree: ast.AST) -> list[int]:
    """The lines that ask for a kind by its name or its class."""
    containers = {type(column).__name__ for column in _examples()}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            named = {getattr(part, "id", "") for part in ast.walk(node.args[1])}
            named |= {getattr(part, "attr", "") for part in ast.walk(node.args[1])}
            found += (
                [node.lineno] if named & (containers | {"NumberBins", "CategoryBins", "TextBins"}) else []
            )
        if isinstance(node, ast.Compare | ast.Dict | ast.Subscript | ast.MatchValue):
            texts = {
                getattr(part, "value", None) for part in ast.walk(node) if isinstance(part, ast.Constant)
            }
            asks = "kind" in ast.unparse(node)
            found += [node.lineno] if asks and texts & set(BY_NAME) else []
    return found


def _examples() -> tuple[Column, ...]:
    return Numbers("n", np.zeros(1)), Categories.of("c", ["a"]), Texts.of("t", ["a"])


@pytest.mark.slow
def test_no_line_outside_of_the_kinds_asks_which_kind_a_column_is() -> None:
    root = Path(lepton_core.__file__).parents[1]
    asked = {
        f"{path.relative_to(root)}:{line}"
        for package in ("lepton_core", "functions", "infra", "lepton_ai")
        for path in (root / package).rglob("*.py")
        if path.parent.name not in ("kinds", "spelling") and path.name != "columns.py"
        for line in _tests_for_a_kind(ast.parse(path.read_text()))
    }
    assert asked == set()


def test_that_check_finds_what_it_looks_for() -> None:
    for line in ('column.kind == "number"', "isinstance(column, Numbers)", '{"category": 1}[kind]'):
        assert _tests_for_a_kind(ast.parse(line)), line


def outcome(column: Column, cell: object) -> object:
    """What a row to be predicted with this cell makes of ``column``: the cell, or the refusal."""
    kind = kind_of(column)
    try:
        [read] = kind.from_cells([[cell]], [schema_of(column)])
    except InvalidData:
        return "refused"
    return read if kind.has_levels else kind.cells(read)


JSON_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 7, -3, 7.5, 1e-7, 20240131, 2**60]),
    st.integers(-(10**6), 10**6),
    st.floats(-1e6, 1e6).filter(lambda value: not value.is_integer()),
)


@given(any_column, JSON_CELLS)
def test_a_cell_to_be_predicted_is_read_alike_as_what_it_is_and_as_its_text(
    column: Column, cell: object
) -> None:
    text = "" if cell is None else json.dumps(cell)
    assert outcome(column, cell) == outcome(column, text)


@given(columns("integer"))
def test_a_model_of_whole_numbers_predicts_between_them(column: Column) -> None:
    assert outcome(column, 7.5) == outcome(column, "7.5") == [7.5]
