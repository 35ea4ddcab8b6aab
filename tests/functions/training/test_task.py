"""What a model learns: said when it is created, or found in its first label, and the same ever after."""

from typing import Any

import numpy as np
import pytest

from functions.records.kinds import MODELS
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

BOTH = "decision_tree"


@pytest.fixture
def platform(store: Store) -> World:
    return world(store)


def numbers(labels: Any, seed: int = 0) -> bytes:
    rng = np.random.default_rng(seed)
    return csv_of({"a": rng.normal(size=len(labels)).tolist(), "label": list(labels)})


FEW = numbers([i % 3 for i in range(60)])
MANY = numbers([i / 7 for i in range(60)])


def create(platform: World, **more: Any) -> Any:
    return platform.ok("POST", "/v1/models", {"name": "m", "algorithm": BOTH, **more})


def train(platform: World, **body: Any) -> Any:
    run = platform.ok("POST", "/v1/models/m/train", body)
    return platform.ok("GET", f"/v1/runs/{run['id']}")


def version(platform: World, number: int) -> Any:
    return platform.ok("GET", f"/v1/models/m/versions/{number}")


@pytest.mark.parametrize(
    ("csv", "found"), [(FEW, "classification"), (MANY, "regression"), (two_classes(60), "classification")]
)
def test_a_model_that_was_told_nothing_learns_what_its_first_label_is(
    platform: World, csv: bytes, found: str
) -> None:
    assert create(platform)["task"] is None
    platform.upload(csv)
    assert train(platform)["state"] == "succeeded"
    assert version(platform, 1)["task"] == found
    assert platform.ok("GET", "/v1/models/m")["task"] == found
    assert create(platform)["task"] == found, "taken up again"


def test_a_model_that_was_told_learns_that(platform: World) -> None:
    assert create(platform, task="regression")["task"] == "regression"
    platform.upload(FEW)
    train(platform)
    assert version(platform, 1)["task"] == "regression"
    assert "rmse" in version(platform, 1)["metrics"]


def test_a_later_version_never_learns_something_else(platform: World) -> None:
    create(platform)
    platform.upload(FEW)
    train(platform)
    platform.ok("POST", "/v1/models/m/deploy", {})
    platform.upload(MANY)
    for path in ("train", "update"):
        run = platform.ok("POST", f"/v1/models/m/{path}", {})
        ended = platform.ok("GET", f"/v1/runs/{run['id']}")
        assert ended["state"] == "failed"
        assert (ended["error"]["code"], ended["error"]["field"]) == ("invalid_data", "label")
    assert platform.ok("GET", "/v1/models/m")["latest"] == 1

    platform.upload(numbers([i % 30 for i in range(90)], seed=1))
    asked = platform.ok("POST", "/v1/models/m/update", {})
    assert platform.ok("GET", f"/v1/runs/{asked['id']}")["state"] == "succeeded"
    assert version(platform, 2)["task"] == "classification", "though thirty numbers look like quantities"


def test_the_task_of_text_cannot_be_regression(platform: World) -> None:
    create(platform, task="regression")
    platform.upload(csv_of({"a": list(range(9)), "label": ["red", "green", "blue"] * 3}))
    refused = platform.refused("POST", "/v1/models/m/train", {})
    assert (refused["status"], refused["field"]) == (400, "dataset")
    assert "holds text" in refused["message"]


def test_a_task_that_the_algorithm_has_not_is_refused(platform: World) -> None:
    for algorithm, task in (("logistic_regression", "regression"), ("linear_regression", "classification")):
        body = {"name": "m", "algorithm": algorithm, "task": task}
        refused = platform.refused("POST", "/v1/models", body)
        assert (refused["status"], refused["field"]) == (400, "task")
        assert platform.refused("POST", "/v1/models", {**body, "task": "clustering"})["field"] == "task"
    assert platform.platform.workspace("default").get(MODELS, "m") is None


def test_an_algorithm_for_one_task_says_it_from_the_beginning(platform: World) -> None:
    made = platform.ok("POST", "/v1/models", {"name": "m", "algorithm": "linear_regression"})
    assert made["task"] == "regression"
    again = {"name": "m", "algorithm": "linear_regression", "task": "regression"}
    assert platform.ok("POST", "/v1/models", again) == made


@pytest.mark.parametrize("first", [None, "classification"])
def test_taking_a_model_up_with_another_task_is_a_conflict(platform: World, first: str | None) -> None:
    made = create(platform, task=first)
    refused = platform.refused("POST", "/v1/models", {"name": "m", "algorithm": BOTH, "task": "regression"})
    assert (refused["status"], refused["code"], refused["field"]) == (409, "conflict", "task")
    assert "use another name" in refused["message"]
    assert platform.ok("GET", "/v1/models/m") == made


def test_an_evaluation_learns_what_its_version_did(platform: World) -> None:
    create(platform, task="regression")
    platform.upload(FEW)
    train(platform)
    run = platform.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    outcome = platform.ok("GET", f"/v1/runs/{run['id']}")["outcome"]
    assert "rmse" in outcome["cross_validation"]["metrics"]
