"""What the calls of two versions say, and what looks alike and says nothing of a version."""

import time
from dataclasses import dataclass
from typing import Any

import pytest

from functions.serving.traffic import OF_ENTITY
from functions.system.sweep import sweep
from lepton_core.errors import InvalidData
from tests.functions.test_rollouts import CANARY, DEPLOY, ROW, asked, broken, go, history, shares
from tests.support.world import World, two_classes, world

PREDICT = "/v1/models/m/predict"


@pytest.fixture
def here(store: Any) -> World:
    """Version 1 serves, and version 2 is there."""
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", DEPLOY)
    made.ok("POST", "/v1/models/m/train", {"iterations": 6, "refit": False})
    return made


@dataclass
class Slow:
    """Files that take as long to read as those of a large model."""

    inner: Any

    def __getattr__(self, name: str) -> Any:
        time.sleep(0.05)
        return getattr(self.inner, name)


def looked(here: World) -> None:
    here.platform.loaded.flush()
    sweep(here.platform)


def ask_some(here: World, times: int, refused: int) -> None:
    for at in range(times):
        body = {"rows": []} if at < refused else ROW
        here.ask(
            "POST", PREDICT, body, headers={OF_ENTITY: f"{at}"}
        )  # chance would deal few to one side at times


def test_a_version_is_not_slow_because_processes_load_it(here: World) -> None:
    asked(here, 200)
    here.ok("POST", DEPLOY, {"version": 2})
    for _ in range(12):
        process = here.again(blobs=Slow(here.platform.blobs))
        asked(process, 1)
        process.platform.loaded.flush()
    looked(here)
    assert shares(here) == {2: 1.0}


@pytest.mark.parametrize("minutes", [0, 150])
def test_what_was_refused_before_is_no_fault_of_a_version_that_has_all_calls(
    here: World, minutes: int
) -> None:
    """It was deployed in the first second of an hour, or is watched for longer than calls count."""
    here.clock.forward(3599)
    ask_some(here, 200, refused=60)
    here.platform.loaded.flush()
    here.clock.forward(2)
    here.ok("POST", DEPLOY, {"version": 2, "bake_minutes": 300})
    here.clock.forward(60 * minutes)
    ask_some(here, 200, refused=60)
    looked(here)
    assert shares(here) == {2: 1.0}


def test_a_version_that_has_all_calls_and_refuses_more_than_before_is_rolled_back(here: World) -> None:
    here.clock.forward(3599)
    ask_some(here, 200, refused=10)
    here.platform.loaded.flush()
    here.clock.forward(2)
    here.ok("POST", DEPLOY, {"version": 2})
    asked(here, 160)
    broken(here, 2, InvalidData("is missing", column="c"))  # which version 1 would have answered
    asked(here, 40)
    looked(here)
    assert shares(here) == {1: 1.0}


@pytest.mark.parametrize("waits", ["approval", "pause"])
def test_a_canary_that_waits_is_judged_by_what_it_does_now(here: World, waits: str) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5, "bake_minutes": 60, "approval": waits == "approval"})
    if waits == "pause":
        go(here, "pause")
    asked(here, 200)
    here.platform.loaded.flush()
    here.clock.forward(24 * 3600)
    process = here.again()
    asked(process, 2)
    broken(process, 2, ZeroDivisionError("in a model"))
    asked(process, 26)
    process.platform.loaded.flush()
    looked(here)
    assert history(here)[0][:2] == ("rolled back", "failing")


def test_calls_without_an_answer_are_quick_and_make_the_other_version_not_slow(here: World) -> None:
    """Only a version that answers takes its time."""
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5})
    asked(here, 2)
    for version in (1, 2):
        broken(here, version, seconds=0.03)
    asked(here, 40)
    stable = next(str(at) for at in range(100) if asked_by(here, str(at)) == 1)
    for _ in range(60):
        here.refused("POST", PREDICT, {"rows": []}, headers={"x-lepton-entity": stable})
    looked(here)
    assert len(shares(here)) == 2


EXPLAINED = {**ROW, "explain": True}


@pytest.mark.parametrize("all_at_once", [True, False])
def test_a_version_is_not_slow_because_its_callers_want_explanations(here: World, all_at_once: bool) -> None:
    asked(here, 60)
    here.ok("POST", DEPLOY, {"version": 2} if all_at_once else {**CANARY, "canary": 0.5})
    asked(here, 1)
    broken(here, 2, to_explain=0.04)
    for at in range(40 if all_at_once else 80):
        body = EXPLAINED if asked_by(here, str(at)) == 2 else ROW
        here.ok("POST", PREDICT, body, headers={OF_ENTITY: str(at)})
    looked(here)
    assert len(shares(here)) == 2 - all_at_once and 2 in shares(here)
    [*_, told] = here.ok("GET", "/v1/models/m/monitor")["versions"]
    assert told["latency_p99_ms"] > 40, "what callers wait is told all the same"


def test_explanations_hide_no_version_that_is_slow(here: World) -> None:
    """Calls of many rows may take longer, but those that are explained say nothing of the others."""
    asked(here, 60)
    here.ok("POST", DEPLOY, {"version": 2})
    asked(here, 1)
    broken(here, 2, seconds=0.04)
    for _ in range(12):
        here.ok("POST", PREDICT, {"rows": ROW["rows"] * 500, "explain": True})
    asked(here, 30)
    looked(here)
    assert history(here)[0][:2] == ("rolled back", "slow")


def asked_by(here: World, entity: str) -> int:
    found: int = here.ok("POST", PREDICT, ROW, headers={"x-lepton-entity": entity})["version"]
    return found


GARBAGE = {
    "empty": {"rows": []},
    "nested": {"rows": [{"a": {"x": 1}, "b": 1}]},
    "text": {"rows": [{"a": 1}], "coverage": 2},
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_an_entity_that_sends_nonsense_does_not_end_a_canary(here: World, garbage: Any) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.1})
    asked(here, 100)
    its = next(str(at) for at in range(200) if asked_by(here, str(at)) == 2)
    for _ in range(40):
        here.clock.forward(1.1)
        here.refused("POST", PREDICT, garbage, headers={"x-lepton-entity": its})
    looked(here)
    assert shares(here) == {1: 0.9, 2: 0.1}
    [_, canary] = here.ok("GET", "/v1/models/m/monitor")["versions"]
    assert canary["refused"] == 40


def test_what_both_refuse_does_not_hide_what_one_does(here: World) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5})
    ask_some(here, 100, refused=60)
    broken(here, 2, InvalidData("is missing", column="c"))
    ask_some(here, 40, refused=0)
    looked(here)
    assert history(here)[0][:2] == ("rolled back", "failing")
