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
        (b'{"rows": [{"size": 1}, {"at.a": 1, "size": ["x"]}]}', 2, "size", "holds a list, which is no cell; give"),
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


NO_CELLS = [
    b"[1, 2]", b"[]", b'{"a": [1]}', b'{"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}}',
    b"Infinity", b"-Infinity", b"NaN", b"1e999", b"1" + b"0" * 400, b"1" + b"0" * 5000,
    b'{"a": 1' + b"0" * 5000 + b"}", b'"\\ud800"',
]  # fmt: skip


@pytest.mark.parametrize("cell", NO_CELLS)
@pytest.mark.parametrize("said", [b"", b', "row_errors": true', b', "explain": false'])
def test_a_column_that_the_model_does_not_read_may_hold_anything(
    here: World, cell: bytes, said: bytes
) -> None:
    body = (
        b'{"rows": [{"at.a": 1, "at.b": 2, "size": 3, "tags": '
        + cell
        + b'}, {"at.a": 1, "tags": 1}]'
        + said
        + b"}"
    )
    found = here.ok("POST", PATH, body, headers={"content-type": "application/json"})
    wanted = here.ok("POST", PATH, {"rows": [{"at.a": 1, "at.b": 2, "size": 3}, {"at.a": 1}]})
    assert found["predictions"] == wanted["predictions"]
    assert found["ignored"][0]["column"].startswith("tags")
    named = b'{"columns": ["size", "tags"], "rows": [[3, ' + cell + b'], [4, "x"]]' + said + b"}"
    found = here.ok("POST", PATH, named, headers={"content-type": "application/json"})
    wanted = here.ok("POST", PATH, {"columns": ["size"], "rows": [[3], [4]]})
    assert (found["predictions"], found["ignored"]) == (
        wanted["predictions"],
        [{"column": "tags", "nearest": None}],
    )


@pytest.mark.parametrize("cell", [cell for cell in NO_CELLS if cell != b"NaN" and not cell.startswith(b"10")])
def test_in_a_column_that_the_model_reads_it_is_refused(here: World, cell: bytes) -> None:
    for body in (
        b'{"rows": [{"size": 1, "tags": [1]}, {"size": ' + cell + b', "tags": [1]}]}',
        b'{"rows": [[1, 2, 3], [1, 2, ' + cell + b"]]}",
        b'{"columns": ["size", "tags"], "rows": [[1, [2]], [' + cell + b", 1]]}",
    ):
        error = here.refused("POST", PATH, body, headers={"content-type": "application/json"})
        assert error["status"] == 400 or error["code"] == "invalid_data", error
        assert error.get("row") in (2, None), error


def test_of_a_file_each_row_with_what_is_no_cell_is_refused_by_itself(here: World) -> None:
    rows = [{"at.a": 1, "size": [2], "tags": [1]}, {"at": {"a": 1}, "tags": []}, {"at": {"a": [1]}}]
    body = json.dumps({"rows": rows, "row_errors": True}).encode()
    found = here.ok("POST", PATH, body, headers={"content-type": "application/json"})["predictions"]
    assert [one.get("error", {}).get("column") for one in found] == ["size", None, "at.a"]
    assert found[1] == here.ok("POST", PATH, {"rows": [{"at.a": 1}]})["predictions"][0]
    named = {"columns": ["size"], "rows": [[[1]], [2], [{"a": 1}]], "row_errors": True}
    found = here.ok("POST", PATH, json.dumps(named).encode(), headers={"content-type": "application/json"})
    assert ["error" in one for one in found["predictions"]] == [True, False, True]
