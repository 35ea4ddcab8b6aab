"""Where a class has few rows, nothing fails, each side and each fold has its share of them, and all is said."""

from typing import Any

import numpy as np
import pytest

from functions.runs.job import EvaluateJob, Spec
from functions.training.bench import gather
from lepton_core.target import class_names, encode_classes
from tests.support.stores import Store
from tests.support.world import World, csv_of, world


def rare(rows: int, of_class: int, *, seed: int = 0) -> bytes:
    """Rows of which so many are 'fraud', in a number, a word and a gap here and there."""
    rng = np.random.default_rng(seed)
    label = np.zeros(rows, dtype=np.int64)
    label[rng.permutation(rows)[:of_class]] = 1
    size = np.round(rng.normal(size=rows) + 1.5 * label, 4).tolist()
    return csv_of(
        {
            "size": [one if place % 13 else "" for place, one in enumerate(size)],
            "town": rng.choice(["Bonn", "Ulm", "Jena"], size=rows).tolist(),
            "label": np.array(["ok", "fraud"])[label].tolist(),
        }
    )


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def trained(here: World, data: bytes, **train: Any) -> Any:
    run = here.trained(data, **train)
    assert run["state"] == "succeeded", run
    return here.ok("GET", "/v1/models/m/versions/1/evaluation")


def said(report: Any) -> str:
    return " | ".join(report["imbalance"]["sentences"])


@pytest.mark.parametrize(("rows", "of_class"), [(2000, 20), (400, 10), (200, 5)])
def test_the_held_out_side_and_each_fold_has_its_share_of_a_rare_class(
    here: World, rows: int, of_class: int
) -> None:
    report = trained(here, rare(rows, of_class))
    assert report["per_class"]["fraud"]["support"] == pytest.approx(of_class / 5, abs=1)
    assert report["imbalance"]["to_learn_from"] + report["per_class"]["fraud"]["support"] == of_class
    store = here.platform.workspace("default")
    spec = Spec("logistic_regression", {}, "m", 1, task="classification")
    bench = gather(store, "m", EvaluateJob(spec, version=1, folds=4))
    label = bench.table["label"]
    is_rare = encode_classes(label, class_names(label)).y == 0
    found = [is_rare[held_out].sum() for _, held_out in bench.folds(4, seed=0)]
    assert max(found) - min(found) <= 1 and min(found) >= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "of_class", "body"),
    [
        (2000, 20, {"auto": "hyperparameters", "trials": 3}),
        (150, 10, {"auto": True, "trials": 2, "members": 2}),
        (100, 3, {"auto": True, "trials": 2, "members": 2}),
        (100, 1, {"auto": "algorithm", "trials": 2}),
    ],
)
def test_a_search_with_few_rows_of_a_class_ends_and_says_how_few(
    here: World, rows: int, of_class: int, body: dict[str, Any]
) -> None:
    report = trained(here, rare(rows, of_class), iterations=10, **body)
    assert "candidates are compared by log loss" in said(report)
    few = report["imbalance"]["to_learn_from"]
    assert ("only" in said(report)) == (few < 20)
    assert ("some folds have none" in said(report)) == (few < 5)
    _, by_hits = report["baselines"]
    assert by_hits["baseline_score"] == pytest.approx(report["imbalance"]["share"])
    assert by_hits["shown"] != "better"  # an accuracy of 0.99 is not taken for a good model
    run = here.ok("POST", "/v1/models/m/evaluate", {"folds": 5})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    assert "imbalance" not in here.ok("GET", "/v1/models/m/versions/1")["metrics"]


def test_the_threshold_that_is_offered_finds_what_no_label_says(here: World) -> None:
    report = trained(here, rare(2000, 20))
    assert report["confusion"][0][0] == 0
    assert report["classes"][0] == "fraud"
    (way,) = report["imbalance"]["remedies"]
    assert way["route"] == "threshold"
    found = here.ok("PUT", "/v1/models/m/versions/1/threshold", way["body"])["decision"]
    assert found["recall"]["fraud"]["share"] >= 0.9
    assert found["recall"]["fraud"]["low"] < 0.6  # of four rows nobody knows much
    after = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    assert after["confusion"][0][0] == found["recall"]["fraud"]["hits"]


def test_classes_that_are_alike_say_nothing_of_imbalance(here: World) -> None:
    assert trained(here, rare(200, 60))["imbalance"] is None
