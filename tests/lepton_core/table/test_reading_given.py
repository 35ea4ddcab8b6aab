"""Columns of a program keep the types that they came with; only texts, and numbers that may be codes, are read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import BY_NAME, Column, Numbers, Table, Wanted, given_column, kind_of, read_given
from lepton_core.table.files import CHUNK_ROWS
from lepton_core.table.reading_given import text_chunks

CELLS: dict[str, st.SearchStrategy[Any]] = {
    "number": st.floats(-1e300, 1e300),
    "integer": st.integers(-(2**53), 2**53),
    "boolean": st.booleans(),
    "date": st.datetimes(),
    "duration": st.timedeltas(timedelta(days=-999), timedelta(days=999)),
    "text": st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip),
}
"""What a program gives, by the kind that `given_column` makes of it."""

ALWAYS: dict[str, Any] = {
    "number": 0.5, "integer": 7, "boolean": True, "date": datetime(2024, 5, 6), "duration": timedelta(1), "text": "u",
}  # fmt: skip


@st.composite
def columns(draw: st.DrawFn, kind: str) -> Column:
    cells = draw(st.lists(CELLS[kind] | st.none(), max_size=20))
    column = given_column("c", [ALWAYS[kind], *cells])
    assert column.kind == kind
    return column


any_column = st.sampled_from(sorted(CELLS)).flatmap(columns)


def read(column: Column, wanted: Wanted | None = None) -> Column:
    label = given_column("y", ["a", "b"] * (len(column) // 2) + ["a"] * (len(column) % 2))
    said = {} if wanted is None else {column.name: wanted}
    return read_given(Table((column, label)), label="y", wanted=said).table[column.name]


def test_every_kind_that_a_program_gives_is_tried_here() -> None:
    assert set(CELLS) == {kind.name for kind in BY_NAME.values() if kind.given_notation is not None}


@given(any_column)
def test_what_a_program_gives_is_of_the_notation_of_its_kind_and_passes_its_check(column: Column) -> None:
    assert column.notation == kind_of(column).given_notation
    kind_of(column).check_given(column)


@given(st.sampled_from(["number", "boolean", "date", "duration"]).flatmap(columns))
def test_a_type_that_says_what_it_means_stays(column: Column) -> None:
    assert read(column) == column


@given(st.sampled_from(sorted(set(CELLS) - {"text"})).flatmap(columns))
def test_a_column_stays_as_it_is_if_its_own_kind_is_wanted(column: Column) -> None:
    assert read(column, Wanted(column.kind, column.notation)) == column


@given(columns("boolean"))
def test_truth_values_are_the_numbers_0_and_1_and_back(column: Column) -> None:
    for kind in ("integer", "number"):
        numbers = read(column, Wanted(kind, ""))
        assert numbers == Numbers("c", column.values, kind)
        assert read(numbers, Wanted("boolean", "False/True")) == column


@given(columns("number"))
def test_numbers_are_integers_if_they_are_wanted_and_whole(column: Column) -> None:
    fractions = column.values % 1 > 0
    assert fractions.any()
    assert read(column, Wanted("integer", "")) == column
    whole = Numbers("c", np.floor(column.values))
    assert read(whole, Wanted("integer", "")) == Numbers("c", whole.values, "integer")


@given(any_column, st.sampled_from(["category", "text", "identifier"]))
def test_a_kind_of_texts_takes_what_a_file_would_have(column: Column, kind: str) -> None:
    texts = [text.strip() or None for chunk in text_chunks([column]) for [text] in chunk]
    made = read(column, Wanted(kind, "", ()))
    assert made.kind == kind
    assert kind_of(made).one_by_one(made).as_list() == texts


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ([0, 1] * 20, "boolean"),
        ([3, 14, 15, 92, 65, 35] * 20, "integer"),
        ([0, 1] * (CHUNK_ROWS // 2) + [2, 3, 40] * 20, "integer"),
        ([None] * CHUNK_ROWS + [3, 14, 15, 92, 65, 35] * 20, "integer"),
        ([None] * 4, "empty"),
    ],
    ids=["truth", "counts", "truth at first", "missing at first", "missing"],
)
def test_whole_numbers_are_what_a_file_of_them_is(numbers: list[int | None], kind: str) -> None:
    column = given_column("c", numbers)
    made = read(column)
    assert made.kind == kind
    np.testing.assert_array_equal(made.values, column.values)


@pytest.mark.parametrize(
    ("kind", "values", "row"),
    [
        ("number", [1.0, np.inf], 2),
        ("integer", [1.0, np.nan, 0.5], 3),
        ("integer", [-np.inf], 1),
        ("boolean", [0.0, 1.0, np.nan, 2.0], 4),
        ("boolean", [0.5], 1),
        ("date", [0.0, datetime(9999, 12, 31, tzinfo=UTC).timestamp() + 86400], 2),
        ("date", [datetime(1, 1, 1, tzinfo=UTC).timestamp() - 1], 1),
        ("duration", [np.inf], 1),
    ],
)
def test_cells_that_are_not_of_the_kind_are_refused_by_row(kind: str, values: list[float], row: int) -> None:
    column = Numbers("c", np.array(values), kind, BY_NAME[kind].given_notation or "")
    with pytest.raises(InvalidData, match=f"row {row}, column 'c': .* is no {kind}"):
        read(column)


@given(st.sampled_from(sorted(set(CELLS) - {"text"})).flatmap(columns))
def test_given_cells_are_cells_of_rows(column: Column) -> None:
    kind = kind_of(column)
    [again] = kind.from_cells([kind.given_cells(column)], Table((column,)).schema.columns)
    assert again == column


def test_a_time_of_day_stands_behind_a_blank_in_a_given_cell() -> None:
    column = given_column("when", [datetime(2024, 5, 6, 7, 8), datetime(2024, 5, 6), None])
    assert kind_of(column).given_cells(column) == ["2024-05-06 07:08:00", "2024-05-06", None]


@given(any_column, st.integers(1, 3))
def test_the_texts_are_those_of_every_row_in_chunks(column: Column, chunks: int) -> None:
    rows = np.arange(CHUNK_ROWS * (chunks - 1) + len(column)) % len(column)
    made = list(text_chunks([column.take(rows)]))
    assert [len(chunk) for chunk in made] == [CHUNK_ROWS] * (chunks - 1) + [len(column)]
    once = [text or "" for text in kind_of(column).one_by_one(column).as_list()]
    assert [text for chunk in made for [text] in chunk] == [once[row] for row in rows]
