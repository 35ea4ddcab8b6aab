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
from lepton_core.table import BY_NAME, KINDS, Column, ColumnSchema, Schema, Table, kind_of, rows_to_table
from lepton_core.table.csv_columns import columns_from
from lepton_core.table.splitting import row_hashes
from tests.support.figures import about, numbers_of

CELLS = {
    "number": st.sampled_from(["1", "2.5", "-3e2", "0", "7", "", "NA"]),
    "category": st.sampled_from(["red", "blue", "a b", "1", "", "null", "é"]),
}
"""Cells of a file that each kind reads; "red" below makes sure of a category."""

ALWAYS = {"number": "4", "category": "red"}


@st.composite
def columns(draw: st.DrawFn, kind: str) -> Column:
    cells = [ALWAYS[kind], *draw(st.lists(CELLS[kind], max_size=30))]
    [column] = columns_from(["c"], lambda: iter([[[cell] for cell in cells]]), {"c": kind})
    assert column.kind == kind
    return column


any_column = st.sampled_from([kind.name for kind in KINDS]).flatmap(columns)


def test_every_kind_is_tried_here() -> None:
    assert set(CELLS) == set(ALWAYS) == set(BY_NAME)


@given(any_column)
def test_what_is_packed_comes_back(column: Column) -> None:
    kind = kind_of(column)
    schema = ColumnSchema(column.name, column.kind, column.levels)
    assert kind.unpack(kind.pack(column), schema, len(column)) == column
    for wrong in (np.zeros((2, 2)), np.zeros(len(column), dtype=object), np.zeros(len(column) + 1)):
        with pytest.raises(InvalidArtifact):
            kind.unpack(wrong, schema, len(column))


@given(any_column)
def test_cells_are_read_back(column: Column) -> None:
    kind = kind_of(column)
    schema = ColumnSchema(column.name, column.kind, column.levels)
    assert kind.read_rows([[cell] for cell in kind.cells(column)], [schema]) == [column]


@given(any_column)
def test_columns_are_those_of_their_kind_that_were_read_as_text(column: Column) -> None:
    kind = kind_of(column)
    again = kind.from_texts(kind.texts(column))
    assert again == column
    assert again.missing.tolist() == column.missing.tolist()


@given(any_column)
def test_a_cell_hashes_alike_as_what_it_is_and_as_its_text(column: Column) -> None:
    texts: Column = kind_of(column).texts(column)
    assert row_hashes(Table((column,))).tolist() == row_hashes(Table((texts,))).tolist()


@given(any_column)
def test_the_distinct_values_are_ascending_and_the_places_point_to_them(column: Column) -> None:
    kind = kind_of(column)
    values, places = kind.distinct(column)
    assert list(values) == sorted(set(values))
    assert (places == -1).tolist() == column.missing.tolist()
    assert set(places[places >= 0].tolist()) == set(range(len(values)))
    assert len(set(kind.names(values))) == len(values)


@given(any_column, st.data())
def test_figures_of_parts_add_up_to_those_of_the_whole(column: Column, data: st.DataObject) -> None:
    kind = kind_of(column)
    cut = data.draw(st.integers(0, len(column)))
    one, two = column.take(np.arange(cut)), column.take(np.arange(cut, len(column)))
    merged = kind.figures(one).merge(kind.figures(two)).describe(column.name)
    whole = kind.figures(column).describe(column.name)
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
    schema = ColumnSchema(column.name, column.kind, column.levels)
    for bins in (None, kind.reference(column)):
        table = rows_to_table([[kind.usual_cell(schema, bins)]], Schema((schema,)))
        assert not table[column.name].missing.any()
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
    [column] = columns_from(["c"], lambda: iter([[["-1.7e308"], ["1.7e308"], ["0"]]]))
    drawing = kind_of(column).draw(column)
    assert sum(drawing.counts) == 3
    assert np.isfinite(drawing.edges).all()


def test_the_first_kind_that_takes_all_cells_has_the_column() -> None:
    chunks = [[["1", "1", "x"]], [["2", "", "y"]], [["z", "3", ""]]]
    read = columns_from(["late", "number", "text"], lambda: iter(chunks))
    assert [column.kind for column in read] == ["category", "number", "category"]
    declared = columns_from(["late", "number", "text"], lambda: iter(chunks), {"number": "category"})
    assert [column.kind for column in declared] == ["category", "category", "category"]


def test_rows_and_files_give_the_same_columns() -> None:
    read = columns_from(["n", "t"], lambda: iter([[["1.5", "a"], ["", "b"], ["2", ""]]]))
    schema = Schema(tuple(ColumnSchema(column.name, column.kind, column.levels) for column in read))
    assert rows_to_table([[1.5, "a"], [None, "b"], [2, None]], schema) == Table(read)


def _tests_for_a_kind(tree: ast.AST) -> list[int]:
    """The lines that ask for a kind by its name or its class."""
    containers = {type(column).__name__ for column in _examples()}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            named = {getattr(part, "id", "") for part in ast.walk(node.args[1])}
            named |= {getattr(part, "attr", "") for part in ast.walk(node.args[1])}
            found += [node.lineno] if named & (containers | {"NumberBins", "CategoryBins"}) else []
        if isinstance(node, ast.Compare | ast.Dict | ast.Subscript | ast.MatchValue):
            texts = {
                getattr(part, "value", None) for part in ast.walk(node) if isinstance(part, ast.Constant)
            }
            asks = "kind" in ast.unparse(node)
            found += [node.lineno] if asks and texts & set(BY_NAME) else []
    return found


def _examples() -> tuple[Column, ...]:
    return columns_from(["n", "t"], lambda: iter([[["1", "a"]]]))


def test_no_line_outside_of_the_kinds_asks_which_kind_a_column_is() -> None:
    root = Path(lepton_core.__file__).parents[1]
    asked = {
        f"{path.relative_to(root)}:{line}"
        for package in ("lepton_core", "functions", "infra", "lepton_ai")
        for path in (root / package).rglob("*.py")
        if path.parent.name != "kinds" and path.name != "columns.py"
        for line in _tests_for_a_kind(ast.parse(path.read_text()))
    }
    assert asked == set()


def test_that_check_finds_what_it_looks_for() -> None:
    for line in ('column.kind == "number"', "isinstance(column, Numbers)", '{"category": 1}[kind]'):
        assert _tests_for_a_kind(ast.parse(line)), line
