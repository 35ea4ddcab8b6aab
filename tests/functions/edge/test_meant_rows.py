"""A body with what is no cell of JSON is refused naming all cells that cannot be read."""

from typing import Any

import pytest

from functions.edge.meant_rows import meant_or_refused
from functions.predict import Predict
from lepton_core.errors import InvalidData
from lepton_core.table import ColumnSchema, Schema, read_rows

SCHEMA = Schema((ColumnSchema("a", "number"), ColumnSchema("b", "number")))


@pytest.mark.parametrize("odd", [{"a": [1]}, {"a": {"b": 1}}, {"a": [float("inf")]}], ids=str)
def test_a_body_with_a_list_or_an_object_in_a_cell_names_the_other_cells_too(odd: dict[str, Any]) -> None:
    body = Predict([{"a": "x"}, odd, {"b": "q"}])
    with pytest.raises(InvalidData) as refused:
        meant_or_refused(body, SCHEMA, {"a", "b"}, lambda one: read_rows(one.rows, SCHEMA))
    assert [line.split(":")[0] for line in refused.value.message.split("\n")] == [
        "row 1, column 'a'",
        "row 2, column 'a'",
        "row 3, column 'b'",
    ]
