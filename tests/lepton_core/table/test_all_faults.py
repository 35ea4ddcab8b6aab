"""A call that is refused names all of its cells that cannot be read, whatever is wrong with each."""

from typing import Any

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table import ColumnSchema, Schema, read_rows

SCHEMA = Schema((ColumnSchema("a", "number"), ColumnSchema("b", "number")))
NOTHING = "none of the columns that the model reads is there; give some of 'a', 'b'"
ODD: list[tuple[Any, str]] = [
    ({"a": [1]}, "row 2, column 'a': "),
    ({"a": float("inf")}, "row 2, column 'a': inf is not a finite number"),
    ({"zz": 1}, f"row 2: {NOTHING}"),
    ({"a": 1, " a": 2}, "row 2, column 'a': the row has this name twice"),
]


@pytest.mark.parametrize(("odd", "said"), ODD, ids=str)
def test_a_row_that_is_refused_hides_no_other(odd: Any, said: str) -> None:
    rows = [{"a": "x"}, odd, {"b": "q"}]
    with pytest.raises(InvalidData) as refused:
        read_rows(rows, SCHEMA)
    first, second, third = refused.value.message.split("\n")
    assert first == "row 1, column 'a': 'x' is no number"
    assert second.startswith(said)
    assert third == "row 3, column 'b': 'q' is no number"
    assert (refused.value.count, set(refused.value.by_row)) == (3, {1, 2, 3})


def test_lists_of_another_length_hide_no_other() -> None:
    with pytest.raises(InvalidData) as refused:
        read_rows([["x", "y"], [1], [1, "q"]], SCHEMA)
    assert refused.value.count == 4
    assert "row 2: 1 cells, where there are 2 columns" in refused.value.message


def test_ten_are_shown_and_all_are_counted() -> None:
    with pytest.raises(InvalidData) as refused:
        read_rows([*[{"a": "x"}] * 20, {"zz": 1}, *[{"a": "x"}] * 9], SCHEMA)
    assert refused.value.message.endswith("and 20 more") and refused.value.count == 30


def test_what_is_wrong_with_all_rows_alike_is_said_once() -> None:
    with pytest.raises(InvalidData) as refused:
        read_rows([{"zz": 1}] * 30, SCHEMA)
    assert refused.value.message == f"row 1: {NOTHING}"
