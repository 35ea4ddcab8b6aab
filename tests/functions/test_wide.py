"""A table of very many columns goes through the whole life, and no answer or record grows without a limit."""

import json
from typing import Any

import numpy as np
import pytest

from functions.edge import ANSWERED_COLUMNS
from functions.storage import MAX_RECORD_BYTES
from lepton_core.artifact import write_container
from lepton_core.table import Column, Numbers, Table, Texts, pack_table
from tests.support.memory_store import MemoryRecords
from tests.support.sampling import full
from tests.support.stores import memory_store
from tests.support.world import World, world

ROWS = 30
OCTETS = {"content-type": "application/octet-stream"}

REPLY = 6 * 2**20
"""Bytes that a function on AWS answers with at most."""


def container(columns: int, seed: int, *, features: bool = False, quantity: bool = False) -> bytes:
    """Numbers with a text, a category and a label, of which the fourth column knows a good deal."""
    rng = np.random.default_rng(seed)
    sides = np.arange(ROWS) % 2
    made: list[Column] = [Numbers(f"x{i}", rng.normal(size=ROWS).round(3)) for i in range(columns - 3)]
    made[3] = Numbers("x3", rng.normal(size=ROWS) + 4 * sides)
    made.append(Texts.of("note", [f"some words about {i} things, and more of them" for i in range(ROWS)]))
    made.append(Texts.of("town", [("rome", "oslo", "bern")[i % 3] for i in range(ROWS)]))
    label = Texts.of("label", [("no", "yes")[side] for side in sides])
    target = Numbers("label", sides + rng.normal(size=ROWS) / 10)
    return write_container(
        *pack_table(Table((*made, *([] if features else [target if quantity else label]))))
    )


def sent(here: World, data: bytes, dataset: str) -> Any:
    announced = here.ok("POST", f"/v1/datasets/{dataset}/upload", {"size": len(data), "label": "label"})
    path = f"/v1/datasets/{dataset}/upload/{announced['id']}"
    here.ok("PUT", path, data)
    return here.ok("GET", path)


def small(answer: Any) -> Any:
    assert len(json.dumps(answer).encode()) < REPLY
    return answer


def life(here: World, columns: int, algorithm: str, *, quantity: bool = False) -> None:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": algorithm})
    assert sent(here, container(columns, 1, quantity=quantity), "m")["state"] == "accepted"
    run = here.ok("POST", "/v1/models/m/train", {})
    run = small(here.ok("GET", f"/v1/runs/{run['id']}"))
    assert run["state"] == "succeeded", run["error"]
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    evaluation = small(here.ok("GET", "/v1/models/m/versions/1/evaluation"))
    assert 1_900 <= columns - 1 - evaluation["importance"]["passed_over"] <= 2_000
    here.ok("POST", "/v1/models/m/deploy", {})
    asked = container(columns, 2, features=True)
    for process in (here, here.again()):
        answer = small(process.ok("POST", "/v1/models/m/predict", asked, headers=OCTETS))
        assert len(answer["predictions"]) == ROWS
    small(here.ok("GET", "/v1/models/m/monitor"))
    assert sent(here, container(columns, 3, quantity=quantity), "m")["state"] == "accepted"
    here.ok("POST", "/v1/datasets/m/versions/2/release")
    small(here.ok("POST", "/v1/models/m/update", {}))
    assert here.ok("GET", "/v1/models/m")["latest"] == 2


def told(here: World, columns: int) -> None:
    """What is told of the data says its limits, and what is cut can be asked for."""
    path = "/v1/datasets/m/versions/2"
    report = small(here.ok("GET", f"{path}/report"))
    codes = {one["code"] for one in report["findings"]}
    assert "columns_not_looked_at" in codes
    assert ("columns_not_listed" in codes) == (columns > ANSWERED_COLUMNS)
    assert (report["changes"]["added"], report["changes"]["removed"]) == ([], [])
    assert any(one["name"] == "label" for one in report["columns"])
    difference = small(here.ok("GET", f"{path}/diff/1"))
    assert (difference["changes"]["added"], difference["changes"]["removed"]) == ([], [])
    shown = difference["added"]
    assert len(shown["columns"]) + shown["more_columns"] == columns
    for what in ("", "/describe"):
        names: list[str] = []
        while len(names) < columns:
            answer = small(here.ok("GET", path + what, query={"column": str(len(names))}))
            assert answer["column_count"] == columns
            names += [one["name"] for one in answer["columns"]]
        assert len(set(names)) == columns
    row: list[Any] = []
    while len(row) < columns:
        answer = small(here.ok("GET", f"{path}/head", query={"rows": "30", "column": str(len(row))}))
        row += answer["rows"][7]
        assert answer["column_count"] == columns
    assert len(row) == columns


def records_are_small(records: MemoryRecords) -> None:
    assert max(len(one.body) for one in records.held.values()) < MAX_RECORD_BYTES


IN_FULL = pytest.mark.skipif(not full(), reason="takes minutes")

ALGORITHMS = [
    "logistic_regression",
    "decision_tree",
    "gradient_boosting",
    "random_forest",
    "naive_bayes",
    "svm",
]


@pytest.mark.slow
@pytest.mark.lengthy
def test_three_thousand_columns_go_through_the_whole_life() -> None:
    store = memory_store()
    here = world(store)
    life(here, 3_000, "logistic_regression")
    told(here, 3_000)
    records_are_small(store.records)


@IN_FULL
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_fifty_thousand_columns_go_through_the_whole_life(algorithm: str) -> None:
    store = memory_store()
    here = world(store)
    life(here, 50_000, algorithm)
    if algorithm == ALGORITHMS[0]:
        told(here, 50_000)  # of the data, which is the same whatever learns from it
    records_are_small(store.records)


@IN_FULL
def test_fifty_thousand_columns_tell_a_quantity() -> None:
    life(world(memory_store()), 50_000, "linear_regression", quantity=True)
