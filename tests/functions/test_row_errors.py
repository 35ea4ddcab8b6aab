"""Rows of a file to be scored: one that cannot be read gets an error, each other one its prediction."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lepton_core.artifact import write_container
from lepton_core.predict import Predictor
from lepton_core.table import Table, given_column, pack_table
from lepton_core.table.each_row import UNREAD
from tests.support.costs import calls_of
from tests.support.sampling import examples
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

PATH = "/v1/models/m/predict"
OCTETS = {"content-type": "application/octet-stream"}
EACH = {"row_errors": "true"}

GOOD = st.fixed_dictionaries({"a": st.floats(-9, 9), "b": st.floats(-9, 9) | st.none()})
DAMAGED: dict[str, Any] = {
    "a text": {"a": "much", "b": 1},
    "two cells": {"a": "much", "b": True},
    "no column": {"c": 1},
    "lost": None,
}
SAID = {
    "a text": ("a", "'much' is no number"),
    "two cells": ("a", "'much' is no number, and 1 more of its cells cannot be read"),
    "no column": (None, "none of the columns that the model reads is there; give some of 'a', 'b'"),
    "lost": (None, UNREAD),
}


def packed(**columns: Any) -> bytes:
    return write_container(*pack_table(Table(tuple(given_column(*one) for one in columns.items()))))


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(), iterations=10)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


@settings(
    deadline=None, max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(GOOD | st.sampled_from(sorted(DAMAGED)), min_size=1, max_size=12), st.booleans())
def test_the_other_rows_are_answered_as_if_the_damaged_ones_were_not_there(
    here: World, drawn: list[Any], explain: bool
) -> None:
    before = here.ok("GET", "/v1/models/m/monitor")
    rows = [DAMAGED.get(one) if isinstance(one, str) else one for one in drawn]
    good = [one for one in drawn if not isinstance(one, str)]
    body = {"rows": rows, "row_errors": True, "explain": explain}
    if "no column" in drawn and all(one in ("no column", "lost") for one in drawn):
        said = here.refused("POST", PATH, body)["message"]
        assert said == SAID["no column"][1]  # it is wrong with the file, and no row of it is named
        assert here.ok("GET", "/v1/models/m/monitor")["errors"] == before["errors"] + 1
        return
    found = here.ok("POST", PATH, body)
    after = here.ok("GET", "/v1/models/m/monitor")
    counted = {name: after[name] - before[name] for name in ("requests", "rows", "errors")}
    assert counted == {"requests": 1, "rows": len(good), "errors": len(rows) - len(good)}
    predictions = found.pop("predictions")
    for number, (one, prediction) in enumerate(zip(drawn, predictions, strict=True), start=1):
        if isinstance(one, str):
            column, reason = SAID[one]
            assert prediction == {"error": {"row": number, "column": column, "reason": reason}}
    if good:
        wanted = here.ok("POST", PATH, {"rows": good, "explain": explain})
        assert [one for one in predictions if "error" not in one] == wanted.pop("predictions")
        assert found == wanted
    else:
        assert found == {"model": "m", "version": 1}


def test_lists_and_typed_columns_are_answered_alike(here: World) -> None:
    cells = {"b": ["1", "x", None, "-2", "3"], "a": ["1", "2", "y", "3", "4"], "c": ["u"] * 5}
    rows = [list(row) for row in zip(*cells.values(), strict=True)]
    body = {"rows": rows, "columns": list(cells), "row_errors": True}
    found = here.ok("POST", PATH, body)
    assert [("error" in one) for one in found["predictions"]] == [False, True, True, False, False]
    assert [one["error"]["column"] for one in found["predictions"][1:3]] == ["b", "a"]
    assert here.ok("POST", PATH, packed(**cells), headers=OCTETS, query=EACH) == found
    assert found["ignored"] == [{"column": "c", "nearest": None}] and "filled" not in found
    body["rows"] = [*rows[:1], rows[1][:2], None]
    ragged = here.ok("POST", PATH, body)["predictions"]
    assert ragged[1]["error"]["reason"] == "2 cells, where there are 3 columns"


def test_a_row_that_is_too_large_for_the_model_is_empty_too(here: World) -> None:
    rows = [{"a": 1.0, "b": 2.0}, {"a": 1e308, "b": 1e308}, {"b": 1.0}, {"a": "x"}]
    found = here.ok("POST", PATH, {"rows": rows, "row_errors": True})
    assert [one.get("error", {}).get("row") for one in found["predictions"]] == [None, 2, None, 4]
    assert found["predictions"][1]["error"]["reason"] == "the values are too large for the model"
    assert found["filled"] == [{"column": "a", "rows": 1}]
    assert found["predictions"][::2] == here.ok("POST", PATH, {"rows": rows[::2]})["predictions"]


@pytest.mark.parametrize("called", [Predictor.predict, Predictor.explain])
def test_rows_that_are_too_large_cost_one_more_prediction_however_many_and_no_explanation(
    here: World, called: Callable[..., Any]
) -> None:
    rows = [{"a": 1e308 if at % 3 else 1.0, "b": 1e308 if at % 7 else 2.0} for at in range(300)]
    body = {"rows": rows, "row_errors": True, "explain": True}
    found = here.ok("POST", PATH, body)["predictions"]
    refused = [at for at, one in enumerate(found) if "error" in one]
    assert len(refused) > 100 and found[refused[-1]]["error"]["row"] == refused[-1] + 1
    for at in (*refused[:3], 0, 21, 42):
        alone = here.ok("POST", PATH, {**body, "rows": rows[at : at + 1]})["predictions"][0]
        assert ("error" in alone) == (at in refused)
    assert calls_of(lambda: here.ok("POST", PATH, body), called) == 1 + (called is Predictor.predict)


def test_a_call_that_does_not_ask_for_it_is_refused_and_each_row_is_counted(here: World) -> None:
    rows: list[Any] = [{"a": "x"}, {"a": 1}, {"a": "y", "b": "z"}]
    refused = here.refused("POST", PATH, {"rows": rows})
    assert refused["message"].count("is no number") == 3
    assert here.ok("GET", "/v1/models/m/monitor")["errors"] == 2
    assert here.refused("POST", PATH, {"rows": [{"a": 1}, None]})["row"] == 2
    headers = {"content-type": "application/json"}
    bare = here.refused(
        "POST", PATH, b'{"rows": [[1, Infinity], [-Infinity, 1]], "row_errors": true}', headers=headers
    )
    assert bare["row"] == 1 and bare["message"].count("not a finite number") == 2
    assert here.ok("GET", "/v1/models/m/monitor")["errors"] == 5
    query = here.refused("POST", PATH, {"rows": rows}, query=EACH)
    assert query["field"] == "row_errors"


def test_what_is_wrong_with_the_whole_file_refuses_it(here: World) -> None:
    for rows, columns in [([], None), ([["x"]], ["colour"]), ([[1, 2]], ["a", "a"])]:
        body = {"rows": rows, "columns": columns, "row_errors": True}
        assert here.refused("POST", PATH, body)["code"] in ("invalid_input", "invalid_data")


def test_files_of_many_unreadable_rows_are_failing_calls_and_of_few_ones_not(here: World) -> None:
    def scored(wrong: int) -> None:
        rows = [["oops" if at < wrong else 1.0, 1.0] for at in range(100)]
        here.ok("POST", PATH, {"rows": rows, "row_errors": True})

    for _ in range(50):
        scored(5)
    report = here.ok("POST", "/v1/models/m/monitor")
    assert (report["requests"], report["rows"], report["errors"]) == (50, 4750, 250)
    assert not any(one["name"] == "refused calls" for one in report["alerts"])
    for _ in range(50):
        scored(100)
    report = here.ok("POST", "/v1/models/m/monitor")
    assert (report["status"], report["errors"]) == ("failing", 5250)


def test_thousands_of_wrong_rows_are_one_answer(here: World) -> None:
    cells = np.where(np.arange(20_000) % 2, "x", "1").tolist()
    found = here.ok("POST", PATH, packed(a=cells), headers=OCTETS, query=EACH)
    assert [("error" in one) for one in found["predictions"]] == [False, True] * 10_000
    assert len(json.dumps(found)) < 5_000_000
