"""Predictions of rows that come as typed columns in a container, over both stores; it may be made by anybody."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.predict import MAX_REQUEST_ROWS
from lepton_core.artifact import write_container
from lepton_core.table import Categories, Column, Numbers, Table, given_column, pack_table
from tests.support.sampling import examples
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

PATH = "/v1/models/m/predict"
OCTETS = {"content-type": "application/octet-stream"}
COLUMNS = (given_column("b", [1, None, 0.5]), given_column("a", [0.5, -2.0, 1]))


def packed(*columns: Column) -> bytes:
    return write_container(*pack_table(Table(columns)))


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.trained(two_classes(), iterations=10)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def test_columns_are_answered_as_rows_are(here: World) -> None:
    rows = {"rows": [{"a": 0.5, "b": 1}, {"a": -2.0}, {"a": 1, "b": 0.5}]}
    wanted = here.ok("POST", PATH, rows)
    assert here.ok("POST", PATH, packed(*COLUMNS), headers=OCTETS) == wanted
    assert wanted["filled"] == [{"column": "b", "rows": 1}]
    more = (given_column("c", ["x"] * 3), given_column("label", ["no"] * 3), *COLUMNS)
    assert here.ok("POST", PATH, packed(*more), headers=OCTETS) == {
        **wanted,
        "ignored": [{"column": "c", "nearest": None}],
    }
    explained = here.ok("POST", PATH, packed(*COLUMNS), headers=OCTETS, query={"explain": "true"})
    assert explained == here.ok("POST", PATH, {**rows, "explain": True})
    report = here.ok("GET", "/v1/models/m/monitor")
    assert (report["requests"], report["rows"], report["errors"]) == (5, 15, 0)


def test_columns_in_order_need_no_names(here: World) -> None:
    wanted = here.ok("POST", PATH, {"rows": [[0.5, 1], [-2.0, None], [1, 0.5]]})
    b, a = COLUMNS
    swapped = packed(Numbers("b", a.values), Numbers("a", b.values))
    assert here.ok("POST", PATH, swapped, headers=OCTETS, query={"in_order": "true"}) == wanted
    refused = here.refused("POST", PATH, packed(a), headers=OCTETS, query={"in_order": "true"})
    assert (refused["row"], refused["reason"]) == (1, "1 cells, where there are 2 columns")


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"", "invalid_data", "the columns cannot be read: not a model file: only 0 bytes"),
        (b'{"rows": [{"a": 1, "b": 2}]}', "invalid_data", "the columns cannot be read"),
        (packed(given_column("a", [])), "invalid_input", "there are no rows"),
        (packed(given_column("a", np.zeros(MAX_REQUEST_ROWS + 1))), "too_large", "the most in one call is 20000"),
        (packed(given_column("a", ["x"])), "invalid_data", "row 1, column 'a': 'x' is no number"),
        (packed(given_column("c", [1.5])), "invalid_data", "none of the columns that the model reads is there"),
        (packed(given_column("a", [1]), given_column(" a", [1])), "invalid_data", "the columns have this name twice"),
        (packed(Numbers("a", np.array([np.inf]))), "invalid_data", "column 'a' holds an infinity"),
        (packed(Categories.of("a", ["x"])), "invalid_data", "not given in this way"),
        (packed(Numbers("a", np.array([2.0]), "boolean", "False/True")), "invalid_data", "2 is no boolean"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_counted(here: World, body: bytes, code: str, said: str) -> None:
    refused = here.refused("POST", PATH, body, headers=OCTETS)
    assert (refused["code"], said in refused["message"]) == (code, True), refused
    report = here.ok("GET", "/v1/models/m/monitor")
    assert (report["requests"], report["rows"], report["errors"]) == (1, 0, 1)


@settings(
    max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_bytes_are_refused_or_answered(here: World, data: st.DataObject) -> None:
    whole = bytearray(packed(given_column("c", ["u", "NA", None]), *COLUMNS))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    status, answer = here.ask("POST", PATH, bytes(whole), headers=OCTETS)
    assert status in (200, 400, 413), answer


@pytest.mark.parametrize(
    ("body", "query", "field"),
    [
        ({"rows": [{"a": 1, "b": 1}]}, {"explain": "true"}, "explain"),
        ({"rows": [{"a": 1, "b": 1}]}, {"in_order": "false"}, "in_order"),
        (packed(*COLUMNS), {"explain": "yes"}, "explain"),
        (packed(*COLUMNS), {"columns": "a,b"}, "columns"),
    ],
)
def test_the_query_is_for_columns_and_true_or_false(
    here: World, body: Any, query: dict[str, str], field: str
) -> None:
    headers = OCTETS if isinstance(body, bytes) else {}
    assert here.refused("POST", PATH, body, headers=headers, query=query)["field"] == field
