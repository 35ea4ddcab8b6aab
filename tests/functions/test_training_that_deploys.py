"""A training that is to deploy its version does so in the transaction that makes it, whoever watches."""

import json
from typing import Any

import pytest

from functions.runs.record import RUNS
from functions.storage import Put
from functions.system.keys import issue_key
from functions.system.sweep import sweep
from tests.support.damage import WAYS, Way, damaged
from tests.support.faults import FaultyBlobs, FaultyRecords, KillSwitch, killed
from tests.support.lives import settle
from tests.support.runners import idle, inline
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

ROWS = {"rows": [{"a": 1.0, "b": 0.5}]}
DEPLOY = {"iterations": 5, "refit": False, "deploy": True}


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    made.upload(two_classes())
    return made


def run_of(here: World, body: Any) -> Any:
    run = here.ok("POST", "/v1/models/m/train", body)
    return here.ok("GET", f"/v1/runs/{run['id']}")


def test_what_was_trained_serves_and_the_run_says_so(here: World) -> None:
    run = run_of(here, DEPLOY)
    assert (run["state"], run["outcome"]["deployed"], run["asked"]["deploy"]) == ("succeeded", True, True)
    assert "reason" not in run["outcome"]
    model = here.ok("GET", "/v1/models/m")
    assert (model["champion"], model["challenger"]) == (1, None)
    assert here.ok("GET", "/v1/models/m/deployment")["routes"] == [{"version": 1, "weight": 1.0}]
    assert here.ok("POST", "/v1/models/m/predict", ROWS)["version"] == 1
    assert run_of(here, DEPLOY)["version"] == 2
    assert here.ok("POST", "/v1/models/m/predict", ROWS)["version"] == 2
    deployment = here.ok("GET", "/v1/models/m/deployment")
    assert [one["version"] for one in deployment["earlier"]] == [1]


def test_nothing_is_deployed_and_said_where_nobody_asked(here: World) -> None:
    run = run_of(here, {"iterations": 5, "refit": False})
    assert "deployed" not in run["outcome"]
    assert here.ok("GET", "/v1/models/m")["champion"] is None


def test_it_serves_whatever_was_deployed_meanwhile(here: World) -> None:
    run_of(here, {"iterations": 5, "refit": False})
    waiting = here.again(runner=idle)
    run = waiting.ok("POST", "/v1/models/m/train", DEPLOY)
    waiting.ok("POST", "/v1/models/m/deploy", {"version": 1})
    here.clock.forward(600)
    after = here.again(runner=inline)
    sweep(after.platform)
    assert after.ok("GET", f"/v1/runs/{run['id']}")["outcome"]["deployed"]
    model = after.ok("GET", "/v1/models/m")
    assert (model["champion"], model["challenger"]) == (2, None)
    assert after.ok("POST", "/v1/models/m/predict", ROWS)["version"] == 2


def test_a_blend_and_a_search_are_deployed_too(disk: Store) -> None:
    here = world(disk)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes())
    run = run_of(here, {"auto": True, "trials": 4, "members": 3, "deploy": True})
    assert run["outcome"]["deployed"]
    assert here.ok("POST", "/v1/models/m/predict", ROWS)["version"] == 1


def test_a_rule_for_labels_that_is_left_behind_is_told(here: World) -> None:
    run_of(here, DEPLOY)
    here.ok("PUT", "/v1/models/m/versions/1/threshold", {"threshold": 0.7, "label": "yes"})
    outcome = run_of(here, DEPLOY)["outcome"]
    assert outcome["deployed"]
    assert outcome["reason"].startswith("version 1 had a rule for labels")


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_be_deployed_is_a_version_and_the_run_says_why(here: World, way: Way) -> None:
    """Damaged between the fit and the end of its run: what served goes on."""
    run_of(here, DEPLOY)
    kill = KillSwitch()
    platform = here.platform
    count = here.again(records=FaultyRecords(platform.records, kill), blobs=FaultyBlobs(platform.blobs, kill))
    run_of(count, DEPLOY)
    before = set(platform.blobs.keys("default/runs/"))
    last = max(place for place, what in enumerate(kill.log, 1) if "default/versions" in what)
    kill = KillSwitch(last, "before")
    dying = here.again(records=FaultyRecords(platform.records, kill), blobs=FaultyBlobs(platform.blobs, kill))
    with killed(kill):
        dying.ok("POST", "/v1/models/m/train", DEPLOY)
    (artifact,) = {one for one in platform.blobs.keys("default/runs/") if "artifact" in one} - before
    damaged(platform.blobs, artifact, way)
    after = here.again()
    settle(after)
    (run, *_) = after.ok("GET", "/v1/runs")["items"]
    assert (run["state"], run["version"], run["outcome"]["deployed"]) == ("succeeded", 3, False)
    assert "version 3 of model 'm'" in run["outcome"]["reason"]
    model = after.ok("GET", "/v1/models/m")
    assert (model["champion"], model["challenger"], model["latest"]) == (2, 3, 3)
    assert after.ok("POST", "/v1/models/m/predict", ROWS)["version"] == 2


def test_the_same_request_is_one_run_and_another_one_is_a_conflict(here: World) -> None:
    waiting = here.again(runner=idle)
    run = waiting.ok("POST", "/v1/models/m/train", DEPLOY)
    assert waiting.ok("POST", "/v1/models/m/train", DEPLOY)["id"] == run["id"]
    refused = waiting.refused("POST", "/v1/models/m/train", {**DEPLOY, "deploy": False})
    assert refused["code"] == "conflict"


def test_a_key_that_may_not_deploy_may_not_ask_for_it(here: World) -> None:
    platform = here.platform
    text = issue_key(
        platform.system, workspace="default", scopes=["read", "predict"], name="reader", now=platform.clock()
    )[1]
    headers = {"authorization": f"Bearer {text}"}
    for step, body in (("train", DEPLOY), ("deploy", {})):
        refused = here.refused("POST", f"/v1/models/m/{step}", body, headers=headers)
        assert (refused["status"], refused["code"]) == (403, "forbidden")
    assert here.ok("GET", "/v1/runs")["items"] == []


def test_a_training_that_the_release_before_queued_deploys_nothing(here: World) -> None:
    run = here.again(runner=idle).ok("POST", "/v1/models/m/train", {"iterations": 5, "refit": False})
    records = here.platform.records
    stored = records.get("default/runs", run["id"])
    assert stored is not None
    body = json.loads(stored.body)
    assert "deploy" not in body["job"]
    older = json.dumps({**body, "format": RUNS.format - 1}).encode()
    records.write([Put("default/runs", run["id"], older, stored.revision)])
    here.clock.forward(600)
    sweep(here.again().platform)
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    assert here.ok("GET", "/v1/models/m")["champion"] is None
