"""Steps of a rollout in an odd order: each leaves what whoever asked for them would expect."""

from typing import Any

import pytest

from functions.records import find
from functions.records.kinds import WINDOWS
from functions.system.sweep import sweep
from lepton_core.errors import Damaged
from tests.functions.test_rollouts import CANARY, DEPLOY, DEPLOYED, asked, go, shares
from tests.support.world import World, two_classes, world

THRESHOLD = "/v1/models/m/versions/1/threshold"


@pytest.fixture
def here(store: Any) -> World:
    """Version 1 serves, and version 2 is there."""
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", DEPLOY)
    made.ok("POST", "/v1/models/m/train", {"iterations": 6, "refit": False})
    return made


def test_a_second_rollback_goes_no_further_though_labels_were_changed_between(here: World) -> None:
    here.ok("POST", DEPLOY, {"version": 2})
    go(here, "rollback")
    here.ok("PUT", THRESHOLD, {"threshold": 0.4})
    go(here, "rollback")
    assert shares(here) == {1: 1.0}


def test_a_second_promotion_changes_nothing_though_labels_were_changed_between(here: World) -> None:
    here.ok("POST", DEPLOY, CANARY)
    promoted = go(here, "promote")
    here.ok("PUT", THRESHOLD, {"threshold": 0.4})
    assert go(here, "promote")["routes"] == promoted["routes"]


def test_the_same_time_said_again_after_a_pause_does_not_end_it(here: World) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "bake_minutes": 60})
    asked(here)
    here.platform.loaded.flush()
    for _ in range(2):
        go(here, "pause")
        here.clock.forward(3600)
        until = go(here, "resume")["rollout"]["until"]
    again = here.ok("POST", DEPLOY, {**CANARY, "canary": 0.5, "bake_minutes": 60})
    assert again["rollout"]["until"] == until
    sweep(here.platform)
    assert shares(here) == {1: 0.5, 2: 0.5}


def test_a_canary_whose_file_is_gone_is_not_promoted(here: World) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "bake_minutes": 1})
    asked(here)
    here.platform.loaded.flush()
    file = find.version(here.platform.workspace("default"), "m", 2).value.answers
    here.platform.blobs.delete(file.key)
    status, refused = here.ask("POST", f"{DEPLOYED}/promote")
    assert (status, refused["error"]["code"]) == (Damaged.status, Damaged.code)
    here.clock.forward(61)
    sweep(here.platform)
    assert shares(here) == {1: 0.75, 2: 0.25}


def test_a_clock_that_is_put_back_keeps_nothing_that_is_old(here: World) -> None:
    other = here.again()
    assert set(asked(other, 2)) == {1}
    here.ok("POST", DEPLOY, {"version": 2})
    here.clock.forward(-3600)
    assert set(asked(other, 2)) == {2}


def test_a_version_that_goes_on_after_a_change_is_counted_in_memory_as_before(here: World) -> None:
    def writes() -> int:
        found = here.platform.workspace("default").all(WINDOWS, "m")
        return sum(stored.revision for _, stored in found)

    asked(here, 5)
    here.ok("PUT", THRESHOLD, {"threshold": 0.4})
    asked(here, 1)
    before = writes()
    asked(here, 30)
    assert writes() == before
    here.ok("POST", DEPLOY, CANARY)
    assert set(asked(here, 10)) == {1, 2}
    before = writes()
    asked(here, 30)
    assert writes() == before
