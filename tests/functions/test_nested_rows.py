"""Rows with objects in their cells are answered as the rows of a file of such are read."""

import json
from typing import Any

import pytest

from tests.support.stores import Store
from tests.support.world import World, world

PATH = "/v1/models/m/predict"
NESTED = [
    {"at": {"a": at % 7, "b": at % 3}, "size": at % 5, "y": "no" if at % 7 < 3 else "yes"} for at in range(80)
]


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained("\n".join(map(json.dumps, NESTED)).encode(), iterations=10)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def flat(row: dict[str, Any]) -> dict[str, Any]:
    return {"at.a": row["at"]["a"], "at.b": row["at"]["b"], "size": row["size"]}


@pytest.mark.parametrize("said", [{}, {"row_errors": True}])
def test_a_row_of_the_training_file_is_answered_as_its_flat_form(here: World, said: dict[str, bool]) -> None:
    found = here.ok("POST", PATH, {"rows": NESTED[:9], **said})
    wanted = here.ok("POST", PATH, {"rows": [flat(row) for row in NESTED[:9]], **said})
    assert found["predictions"] == wanted["predictions"]
    assert "filled" not in found


def test_nested_and_flat_rows_may_stand_together(here: World) -> None:
    found = here.ok("POST", PATH, {"rows": [NESTED[0], flat(NESTED[0])]})
    assert found["predictions"][0] == found["predictions"][1]


@pytest.mark.parametrize(
    ("body", "row", "column", "message"),
    [
        (b'{"rows": [{"size": 1}, {"size": 1, "tags": ["x"]}]}', 2, "tags", "holds a list, which is no cell; give"),
        (b'{"rows": [{"at": {"a": [1]}}]}', 1, "at.a", "holds a list"),
        (b'{"rows": [{"at": {"a": "much"}}]}', 1, "at.a", "'much' is no"),
        (b'{"rows": [{"at": {"a": 1, "a": 2}}]}', 1, "at.a", "the key is there twice"),
        (b'{"rows": [[{"a": 1}, 2, 3]]}', 1, "at.a", "is no"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_cell_is_named_by_row_and_column_and_counted(
    here: World, body: bytes, row: int, column: str, message: str
) -> None:
    before = here.ok("GET", "/v1/models/m/monitor")["errors"]
    error = here.refused("POST", PATH, body, headers={"content-type": "application/json"})
    assert error["code"] == "invalid_data"
    assert (error["row"], error["column"]) == (row, column)
    assert message in error["message"]
    assert here.ok("GET", "/v1/models/m/monitor")["errors"] == before + 1
