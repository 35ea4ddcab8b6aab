"""Explained predictions and permutation importance over HTTP, over both stores, for every algorithm."""

import json
import math
import sys
from typing import Any

import numpy as np
import pytest

from functions.answer_size import MAX_ANSWER_BYTES, check_explainable
from lepton_core.explain import MAX_EXPLANATION_STEPS
from lepton_core.models import ALGORITHMS, algorithm
from lepton_core.table import parse_csv, split_rows
from tests.support.world import World, csv_of, two_classes, world

PATH = "/v1/models/m/predict"
SMALL = {"iterations": 5, "trees": 5}


def csv(kind: str, rows: int = 120) -> bytes:
    rng = np.random.default_rng(0)
    a, k = rng.normal(size=rows), rng.choice(["u", "v", "w"], size=rows)
    score = a + (k == "u") + rng.normal(scale=0.3, size=rows)
    label = {
        "numbers": score * 100,
        "two": np.where(score > 0.3, "yes", "no"),
        "three": np.array(["x", "y", "z"])[np.digitize(score, [-0.3, 0.8])],
    }[kind]
    noise = rng.normal(size=rows)
    return csv_of({"noise": noise.tolist(), "a": a.tolist(), "k": k.tolist(), "y": label.tolist()})


def deployed(store: Any, name: str, kind: str) -> World:
    here = world(store)
    hyper = {field: value for field, value in SMALL.items() if hasattr(algorithm(name).defaults, field)}
    task = "regression" if kind == "numbers" else "classification"
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": name, "task": task})
    assert here.upload(csv(kind), "m", "y")["state"] == "accepted"
    run = here.ok("POST", "/v1/models/m/train", {"hyperparameters": hyper})
    run = here.ok("GET", f"/v1/runs/{run['id']}")
    assert run["state"] == "succeeded", run
    here.ok("POST", "/v1/models/m/deploy", {})
    return here


def kinds(name: str) -> list[str]:
    tasks = algorithm(name).tasks
    return ["numbers"] * ("regression" in tasks) + ["two", "three"] * ("classification" in tasks)


ROWS = [
    {"noise": 0.1, "a": 1.5, "k": "u"},
    {"noise": -1.0, "a": -0.5, "k": "new"},
    {"noise": 0, "a": 0, "k": None},
]


@pytest.mark.sampled(8)
@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name in ALGORITHMS for kind in kinds(name)])
def test_every_algorithm_explains_exactly_or_says_that_it_cannot(store: Any, name: str, kind: str) -> None:
    here = deployed(store, name, kind)
    plain = here.ok("POST", PATH, {"rows": ROWS})
    assert all(set(one) <= {"label", "probabilities", "value"} for one in plain["predictions"])
    status, answer = here.ask("POST", PATH, {"rows": ROWS, "explain": True})
    assert here.ok("GET", "/v1/models/m/versions/1")["explains"] == (status == 200)
    if status == 400:
        assert answer["error"]["field"] == "explain"
        assert "permutation importance" in answer["error"]["message"]
        assert name not in ("linear_regression", "logistic_regression", "decision_tree")
        return
    assert status == 200, answer
    for before, one in zip(plain["predictions"], answer["predictions"], strict=True):
        assert {key: one[key] for key in before} == before
        assert list(one["contributions"]) == ["noise", "a", "k"]
        check_sum(one)


def check_sum(one: dict[str, Any]) -> None:
    """Base and contributions sum to the output that the prediction tells."""
    classes = list(one.get("probabilities", {}))
    if isinstance(one["base"], dict):
        sums = {
            name: one["base"][name] + math.fsum(part[name] for part in one["contributions"].values())
            for name in classes
        }
        if one["unit"] == "probability":
            assert sums == pytest.approx(one["probabilities"], rel=1e-9, abs=1e-9)
        elif one["unit"] == "log-odds":
            most = max(sums.values())
            shift = most + math.log(sum(math.exp(value - most) for value in sums.values()))
            found = {name: math.exp(value - shift) for name, value in sums.items()}
            # A column of one value in all rows but one may contribute 1e8, and a sum of such loses so many digits.
            parts = [
                abs(part[name]) for part in (one["base"], *one["contributions"].values()) for name in classes
            ]
            lost = 8 * sys.float_info.epsilon * max(parts)
            assert found == pytest.approx(one["probabilities"], rel=1e-9, abs=1e-9 + lost)
        return
    total = one["base"] + math.fsum(one["contributions"].values())
    if one["unit"] == "value":
        assert total == pytest.approx(one["value"], rel=1e-9, abs=1e-9)
    elif one["unit"] == "log-odds":
        assert 1 / (1 + math.exp(-total)) == pytest.approx(one["probabilities"][classes[1]], rel=1e-9)


def test_an_explained_row_is_counted_and_explained_alike_everywhere(store: Any) -> None:
    here = deployed(store, "logistic_regression", "two")
    first = here.ok("POST", PATH, {"rows": ROWS, "explain": True})
    assert here.again().ok("POST", PATH, {"rows": ROWS, "explain": True}) == first
    listed = [list(row.values()) for row in ROWS]
    assert here.ok("POST", PATH, {"rows": listed, "columns": ["noise", "a", "k"], "explain": True}) == first
    assert here.ok("POST", "/v1/models/m/monitor")["rows"] == 9
    assert here.ok("POST", PATH, {"rows": ROWS, "explain": False}) == here.ok("POST", PATH, {"rows": ROWS})


def test_what_is_wrong_with_an_explained_request_is_named(store: Any) -> None:
    here = deployed(store, "linear_regression", "numbers")
    for value in ("yes", 1, None, []):
        assert here.refused("POST", PATH, {"rows": ROWS, "explain": value})["field"] == "explain"
    row = b'{"rows": [{"a": 1}, {"a": Infinity}], "explain": true}'
    refused = here.refused("POST", PATH, row, headers={"content-type": "application/json"})
    assert (refused["code"], refused["field"]) == ("invalid_data", "a")
    text = here.refused("POST", PATH, {"rows": [{"a": 1.0}, {"a": "much"}], "explain": True})
    assert (text["code"], text["field"], text["row"]) == ("invalid_data", "a", 2)


def test_a_value_that_is_not_there_is_explained_as_the_mean_that_fills_it(store: Any) -> None:
    here = deployed(store, "linear_regression", "numbers")
    # All of its training rows are the background, so their mean is the fill.
    here.ok("POST", "/v1/models/m/train", {"refit": False})
    here.ok("POST", "/v1/models/m/deploy", {"version": 2})
    (one,) = here.ok("POST", PATH, {"rows": [{"noise": 1.0, "k": "u"}], "explain": True})["predictions"]
    assert one["contributions"]["a"] == pytest.approx(0.0, abs=1e-9)
    check_sum(one)


def test_no_more_rows_are_explained_than_an_answer_may_hold(disk: Any) -> None:
    here = world(disk)
    name = "n" * 10_000
    here.trained(csv_of({name: range(20), "b": range(20), "y": range(20)}), algorithm="linear_regression")
    here.ok("POST", "/v1/models/m/deploy", {})
    most = MAX_ANSWER_BYTES // 10_400
    rows = [[1, 2]] * (most + 20)
    refused = here.refused("POST", PATH, {"rows": rows, "explain": True})
    assert (refused["status"], refused["code"], refused["field"]) == (413, "too_large", "rows")
    said = int(refused["message"].rpartition(" ")[2])
    assert most - 20 < said < len(rows)
    assert len(json.dumps(here.ok("POST", PATH, {"rows": rows[:said], "explain": True}))) < 6_000_000
    assert len(here.ok("POST", PATH, {"rows": rows})["predictions"]) == len(rows)


def test_no_more_rows_are_explained_than_take_some_seconds(disk: Any) -> None:
    here = deployed(disk, "random_forest", "two")
    loaded = here.platform.loaded.get("default", "m")
    steps = 100 * max(array.size for array in loaded.predictor.parameters.values())
    assert MAX_EXPLANATION_STEPS // steps < 18_000
    check_explainable(loaded.predictor, 10)
    refused = here.refused("POST", PATH, {"rows": ROWS * 6000, "explain": True})
    assert (refused["status"], refused["code"], refused["field"]) == (413, "too_large", "rows")


def evaluated(here: World, model: str = "m", **asked: Any) -> Any:
    run = here.ok("POST", f"/v1/models/{model}/evaluate", {"folds": 2, **asked})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    return here.ok("GET", f"/v1/models/{model}/versions/1/evaluation")


@pytest.mark.parametrize("name", ALGORITHMS)
def test_evaluation_tells_every_columns_importance(store: Any, name: str) -> None:
    kind = kinds(name)[0]
    here = deployed(store, name, kind)
    assert here.ok("GET", "/v1/models/m/versions/1/evaluation")["importance"] is None
    report = evaluated(here)["importance"]
    assert {one["column"] for one in report["columns"]} == {"noise", "a", "k"}
    assert report["columns"][0]["column"] == "a"
    assert report["repeats"] == 5
    _, held_out = split_rows(parse_csv(csv(kind), label="y"), label="y")
    assert report["rows"] == len(held_out)
    version = here.ok("GET", "/v1/models/m/versions/1")
    assert "importance" not in version
    assert report["loss"] == pytest.approx(version["metrics"]["rmse" if kind == "numbers" else "log_loss"])


def test_the_newest_evaluation_counts(store: Any) -> None:
    here = world(store)
    here.trained(two_classes(), iterations=20)
    first = evaluated(here)
    assert evaluated(here) == first
    assert evaluated(here, seed=1)["importance"] != first["importance"]
