"""New versions of a dataset: typed as the earlier ones, or refused with the place that differs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.conform import conform
from lepton_core.errors import InvalidData
from lepton_core.table import Categories, Numbers, Table, parse_csv

NUMBER = {"n": "number", "y": "number"}
TEXT = {"n": "category", "y": "number"}


def table(*cells: str) -> Table:
    return parse_csv("\n".join(["n,y", *(f"{cell},1" for cell in cells)]).encode())


def test_a_table_of_the_same_columns_stays_as_it_is() -> None:
    given = table("1", "2")
    assert conform(given, NUMBER) == given
    words = table("a", "1010")
    assert conform(words, TEXT)["n"] == words["n"]


def test_new_columns_and_the_order_stay() -> None:
    given = parse_csv(b"new,y,n\nx,1,2\n")
    assert conform(given, NUMBER) == given


def test_a_column_that_is_gone_is_named() -> None:
    with pytest.raises(InvalidData, match="column 'n': is missing") as caught:
        conform(parse_csv(b"m,y\n1,2\n"), NUMBER, ["n"])
    assert caught.value.row is None
    assert "n" not in conform(parse_csv(b"m,y\n1,2\n"), NUMBER)


@pytest.mark.parametrize(
    ("cells", "row", "said"),
    [
        (["zz", "bb"], 1, "'zz'"),
        (["1", "b", "a"], 2, "'b'"),
        (["", "x"], 2, "'x'"),
        (["1", "1e400", "x"], 2, "1e400"),
    ],
)
def test_text_where_numbers_were_is_refused_at_its_first_row(cells: list[str], row: int, said: str) -> None:
    with pytest.raises(InvalidData, match=said) as caught:
        conform(table(*cells), NUMBER)
    assert (caught.value.row, caught.value.column) == (row, "n")


def test_texts_that_are_all_numbers_become_numbers() -> None:
    column = conform(Table((Categories.of("n", ["2", None, "-1.5"]),)), NUMBER)["n"]
    assert column == Numbers("n", np.array([2.0, np.nan, -1.5]))


@pytest.mark.parametrize(
    "column", [Categories.of("n", [None, None]), Numbers("n", np.array([np.nan, np.nan]))]
)
def test_a_column_without_any_value_takes_either_type(column: Categories | Numbers) -> None:
    for wanted in (NUMBER, TEXT):
        typed = conform(Table((column,)), wanted)["n"]
        assert typed.kind == wanted["n"]
        assert typed.missing.all()


@given(st.lists(st.one_of(st.none(), st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6)), min_size=1))
def test_numbers_where_text_was_become_the_text_that_reads_as_them(cells: list[float | None]) -> None:
    values = np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    column = conform(Table((Numbers("n", values),)), TEXT)["n"]
    assert isinstance(column, Categories)
    assert [None if code < 0 else float(column.levels[code]) for code in column.codes] == cells
    assert not any(level.endswith(".0") for level in column.levels)
