"""Runs and results that the release before wrote are read, shown and gone on with."""

import json
from typing import Any

import pytest

from functions.runs.job import TrainJob, UpdateJob
from functions.runs.record import RESULTS, RUNS, Kept, UpdateOutcome
from functions.runs.task import Evaluated, Folded
from functions.storage import Put, Record
from functions.storage.record_codec import decode, encode
from functions.system.sweep import sweep
from lepton_core.evaluate import FoldResult
from lepton_core.promotion import Verdict
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.world import csv_of, two_classes, world

FOLD = {"type": "fold", "loss": 0.25, "rows": 12, "metrics": {"accuracy": 0.75, "auc": None}}
HELD_OUT = {"type": "held_out", "metrics": {"accuracy": 0.5}}
FOLDED = Folded(FoldResult(0.25, 12, {"accuracy": 0.75, "auc": None}))

REASON = "held-out loss 0.2949 is not worse than the champion's 0.3194"
UPDATE = {
    "format": 2,
    "id": "run-000007",
    "model": "m",
    "job": {
        "type": "update",
        "spec": {"algorithm": "svm", "hyperparameters": {}, "dataset": "m", "dataset_version": 2},
        "champion": 1,
        "tolerance": 0.0,
        "reason": "asked for",
    },
    "state": "succeeded",
    "created": "2030-01-01T12:00:00Z",
    "updated": "2030-01-01T12:00:00Z",
    "outcome": {
        "type": "update",
        "promoted": True,
        "reason": REASON,
        "champion_loss": 0.3194,
        "challenger_loss": 0.2949,
        "trigger": "asked for",
    },
    "carried": {"fold-0": FOLD, "held_out": HELD_OUT},
}
"""As format 2 had it."""


def read(kind: Any, body: dict[str, Any]) -> Any:
    return decode(kind, Record("default/anything", "one", 1, json.dumps(body).encode()))


def test_a_fold_of_before_holds_the_result_of_the_core() -> None:
    assert read(RESULTS, {"result": FOLD, "attempt": 3}) == Kept(FOLDED, 3)


def test_other_results_of_before_are_what_they_were() -> None:
    assert read(RESULTS, {"result": HELD_OUT, "attempt": 1}) == Kept(Evaluated({"accuracy": 0.5}), 1)


def test_the_outcome_of_an_update_of_before_holds_the_verdict_of_the_core() -> None:
    found = read(RUNS, UPDATE)
    assert found.outcome == UpdateOutcome(Verdict(True, REASON, 0.3194, 0.2949), trigger="asked for")
    assert isinstance(found.outcome, UpdateOutcome) and found.outcome.verdict.comparison is None
    assert found.carried == {"fold-0": FOLDED, "held_out": Evaluated({"accuracy": 0.5})}


def test_a_run_of_before_that_has_no_outcome_yet_is_read() -> None:
    under_way = {**UPDATE, "state": "running", "outcome": None, "carried": {}}
    assert read(RUNS, under_way).outcome is None


@pytest.mark.parametrize("kind", [RESULTS, RUNS], ids=lambda kind: kind.name)
def test_what_was_upgraded_is_written_as_today(kind: Any) -> None:
    body = UPDATE if kind is RUNS else {"result": FOLD, "attempt": 3}
    found = read(kind, body)
    assert decode(kind, Record("default/anything", "one", 1, encode(kind, found))) == found


ASKED = {"calibrate": True}
BOTH = {"calibrate": True, "uncertainty": True}
SEARCH = {"candidates": [{"algorithm": "svm", "hyperparameters": {}}]}
BLEND = {**SEARCH, "members": 5}


@pytest.mark.parametrize(
    ("job", "asked"),
    [
        ({}, False),
        ({"extras": {"uncertainty": True}}, False),
        ({"extras": ASKED}, True),
        ({"extras": BOTH}, True),
        ({"extras": ASKED, **SEARCH}, True),
        ({"extras": ASKED, **SEARCH, "members": 1}, True),
        ({"extras": BOTH, **SEARCH}, False),
        ({"extras": ASKED, **SEARCH, "megabytes": 1.0}, False),
        ({"extras": ASKED, **BLEND}, False),
        ({"extras": BOTH, **BLEND, "calibrate_asked": True}, True),
    ],
)
def test_who_asked_a_training_of_before_for_calibration_is_read_from_its_job(
    job: dict[str, Any], asked: bool
) -> None:
    train = {"type": "train", "spec": UPDATE["job"]["spec"], **job}
    body = {**UPDATE, "format": 9, "state": "running", "job": train, "outcome": None, "carried": {}}
    found = read(RUNS, body).job
    assert isinstance(found, TrainJob)
    assert found.calibrate_asked is asked
    assert (found.extras.calibrate, found.extras.uncertainty) == (
        job.get("extras", {}).get("calibrate", False),
        job.get("extras", {}).get("uncertainty", False),
    )


def test_an_update_of_before_calibrates_where_it_can() -> None:
    """Its champion was calibrated by itself, perhaps."""
    body = {**UPDATE, "format": 9, "job": {**UPDATE["job"], "extras": BOTH}, "outcome": None, "carried": {}}
    found = read(RUNS, body).job
    assert isinstance(found, UpdateJob) and found.extras.calibrate


@pytest.mark.parametrize("search", [{}, {"auto": "hyperparameters", "trials": 2}])
def test_a_regression_whose_calibration_was_asked_for_before_is_refused_and_not_left_without(
    store: Store, search: dict[str, Any]
) -> None:
    """Whether numbers are classes was not known when it was queued."""
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "decision_tree"})
    here.upload(csv_of({"a": range(40), "label": [0.5 * at for at in range(40)]}))
    run = here.again(runner=idle).ok("POST", "/v1/models/m/train", search or ASKED)["id"]
    stored = store.records.get("default/runs", run)
    assert stored is not None
    body = json.loads(stored.body)
    if search:  # today such a search is refused before it is queued
        body["job"]["extras"] = ASKED
        assert body["job"]["spec"].pop("task") == "regression"
    else:
        assert body["job"].pop("calibrate_asked") is True
    older = json.dumps({**body, "format": 9}).encode()
    store.records.write([Put("default/runs", run, older, stored.revision)])
    here.clock.forward(600)
    sweep(here.platform)
    ended = here.ok("GET", f"/v1/runs/{run}")
    assert (ended["state"], ended["version"], ended["error"]["field"]) == ("failed", None, "calibrate")
    assert "uncertainty=True)" in ended["error"]["message"]


def test_an_update_of_before_is_answered_as_it_was(store: Store) -> None:
    here = world(store)
    store.records.write([Put("default/runs", "run-000007", json.dumps(UPDATE).encode(), 0)])
    assert here.ok("GET", "/v1/runs/run-000007")["outcome"] == {
        "promoted": True,
        "reason": REASON,
        "champion": {"loss": 0.3194},
        "challenger": {"loss": 0.2949},
        "trigger": "asked for",
    }


def test_an_evaluation_goes_on_from_the_folds_that_were_measured_before(store: Store) -> None:
    here = world(store)
    here.trained(two_classes(60), iterations=5)
    waiting = here.again(runner=idle)
    run = waiting.ok("POST", "/v1/models/m/evaluate", {"folds": 2})["id"]
    for number, loss in enumerate((0.25, 0.75)):
        body = json.dumps({"result": {**FOLD, "loss": loss}, "attempt": 1}).encode()
        store.records.write([Put(f"default/results/{run}", f"fold-{number}", body, 0)])
    sweep(here.platform)
    ended = here.ok("GET", f"/v1/runs/{run}")
    assert ended["state"] == "succeeded", ended["error"]
    assert ended["outcome"]["cross_validation"]["folds"] == [0.25, 0.75]
    assert ended["outcome"]["cross_validation"]["metrics"] == {"accuracy": 0.75, "auc": None}
