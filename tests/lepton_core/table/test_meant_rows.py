"""A body with what is no cell of JSON is refused naming all cells that cannot be read."""

from typing import Any

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table import ColumnSchema, Schema, read_rows
from lepton_core.table.meant_rows import meant_or_refused

SCHEMA = Schema((ColumnSchema("a", "number"), ColumnSchema("b", "number")))


@pytest.mark.parametrize("odd", [{"a": [1]}, {"a": {"b": 1}}, {"a": [float("inf")]}], ids=str)
def test_a_body_with_a_list_or_an_object_in_a_cell_names_the_other_cells_too(odd: dict[str, Any]) -> None:
    rows = [{"a": "x"}, odd, {"b": "q"}]
    with pytest.raises(InvalidData) as refused:
        meant_or_refused(rows, None, SCHEMA, {"a", "b"}, lambda some: read_rows(some, SCHEMA))
    assert [line.split(":")[0] for line in refused.value.message.split("\n")] == [
        "row 1, column 'a'",
        "row 2, column 'a'",
        "row 3, column 'b'",
    ]


@pytest.mark.parametrize("before", [[], [{"a": 1, "b": "x"}]], ids=["alone", "behind another"])
def test_a_row_with_a_list_in_a_cell_names_its_other_cells_too(before: list[dict[str, Any]]) -> None:
    odd = {"b": "q", "a": [1], "more": [1]}
    both = {"a": {"x": 1}, "b": [2]}
    rows = [*before, odd, both] if before else [odd]
    with pytest.raises(InvalidData) as refused:
        meant_or_refused(rows, None, SCHEMA, {"a", "b"}, lambda some: read_rows(some, SCHEMA))
    named = [line.split(":")[0] for line in refused.value.message.split("\n")]
    alone = ["row 1, column 'a'", "row 1, column 'b'"]
    behind = ["row 1, column 'b'", *(f"row {row}, column '{name}'" for row in (2, 3) for name in "ab")]
    assert named == (behind if before else alone)
    assert refused.value.count == len(named)


def test_of_many_cells_that_are_none_ten_are_named_and_all_counted() -> None:
    rows = [{"a": [1], "b": "x"} for _ in range(9)]
    with pytest.raises(InvalidData) as refused:
        meant_or_refused(rows, None, SCHEMA, {"a", "b"}, lambda some: read_rows(some, SCHEMA))
    assert refused.value.count == 18
    assert refused.value.message.endswith("row 5, column 'b': 'x' is no number\nand 8 more")
