"""A version that moved too far from the one before waits until somebody releases it."""

from typing import Any

import numpy as np
import pytest

from functions.records.kinds import INTENTS
from functions.system.pick_up import pick_up
from tests.support.stores import Store
from tests.support.world import World, csv_of, world


def table(rows: int, seed: int, *, flipped: float = 0.0, share: float = 0.5, shift: float = 0.0) -> bytes:
    """A label that a and b tell quite well; ``flipped`` is the share of rows with the other label."""
    rng = np.random.default_rng(seed)
    paid = rng.random(rows) < share
    a, b = rng.normal(size=(2, rows)) + 1.5 * paid
    wrong = rng.random(rows) < flipped
    names = np.where(paid ^ wrong, "yes", "no")
    return csv_of({"a": (a + shift).round(4), "b": b.round(4), "paid": names})


@pytest.fixture
def here(store: Store) -> World:
    found = world(store)
    found.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    assert found.upload(table(600, 0), label="paid")["held"] is False
    found.ok("POST", "/v1/models/m/train", {"iterations": 5})
    found.ok("POST", "/v1/models/m/deploy", {})
    return found


def latest(here: World) -> int:
    pick_up(here.platform)
    here.event("update_daily")
    found: int = here.ok("GET", "/v1/models/m")["latest"]
    return found


def state(here: World, version: int) -> str:
    found: str = here.ok("GET", f"/v1/datasets/m/versions/{version}")["state"]
    return found


MOVED: dict[str, dict[str, Any]] = {
    "flipped_labels": {"flipped": 1.0},
    "label_relation": {"flipped": 0.3},
    "label_share": {"share": 0.8},
    "drift": {"shift": 2.0},
}


@pytest.mark.parametrize("code", MOVED)
def test_what_moved_too_far_is_held_and_trained_on_by_nobody(here: World, code: str) -> None:
    assert here.upload(table(600, 1, **MOVED[code]))["held"] is True
    assert state(here, 2) == "held"
    report = here.ok("GET", "/v1/datasets/m/versions/2/report")
    assert code in {one["code"] for one in report["findings"] if one["level"] == "warning"}
    assert report["held"]
    here.clock.forward(100_000)
    assert latest(here) == 1


@pytest.mark.parametrize("code", MOVED)
def test_an_update_that_is_asked_for_trains_on_what_is_held_and_says_so(here: World, code: str) -> None:
    here.upload(table(600, 1, **MOVED[code]))
    run = here.ok("POST", "/v1/models/m/update", {})
    trigger = here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]["trigger"]
    assert run["outcome"]["trigger"] == trigger
    assert trigger.startswith("asked for, though data version 2 was held (") and code in trigger
    assert trigger.endswith(", trained on because update was called")
    assert here.ok("GET", "/v1/models/m/versions/2")["dataset_version"] == 2


def test_an_update_of_data_that_is_not_held_needs_no_word(here: World) -> None:
    here.upload(table(600, 1, flipped=1.0))
    here.ok("POST", "/v1/datasets/m/versions/2/release")
    run = here.ok("POST", "/v1/models/m/update", {})
    assert run["outcome"]["trigger"] == "asked for"


def test_what_did_not_move_is_open_and_trained_on(here: World) -> None:
    assert here.upload(table(600, 1))["held"] is False
    here.clock.forward(100_000)
    assert (state(here, 2), latest(here)) == ("open", 2)


def test_a_later_version_is_compared_with_the_newest_that_is_not_held(here: World) -> None:
    assert here.upload(table(600, 1, flipped=1.0))["held"] is True
    assert here.upload(table(600, 2, flipped=1.0))["held"] is True
    assert here.upload(table(600, 3))["held"] is False
    assert here.ok("GET", "/v1/datasets/m/versions/4/report")["changes"]["since"] == 1
    here.clock.forward(100_000)
    assert latest(here) == 2
    assert here.ok("GET", "/v1/models/m/versions/2")["dataset_version"] == 4


def test_a_release_lets_models_learn_from_it_once(here: World) -> None:
    here.upload(table(600, 1, flipped=1.0))
    pick_up(here.platform)
    assert here.ok("POST", "/v1/datasets/m/versions/2/release")["state"] == "released"
    assert here.ok("POST", "/v1/datasets/m/versions/2/release")["state"] == "released"
    here.clock.forward(100_000)
    assert latest(here) == 2
    assert here.ok("GET", "/v1/models/m/versions/2")["dataset_version"] == 2
    assert list(here.platform.system.all(INTENTS)) == []


def test_a_release_before_the_arrival_was_seen_to_counts_as_well(here: World) -> None:
    here.upload(table(600, 1, flipped=1.0))
    here.ok("POST", "/v1/datasets/m/versions/2/release")
    here.clock.forward(100_000)
    assert latest(here) == 2


def test_what_is_not_held_cannot_be_released_and_what_is_not_there_is_said(here: World) -> None:
    assert here.ok("POST", "/v1/datasets/m/versions/1/release")["state"] == "open"
    assert here.refused("POST", "/v1/datasets/m/versions/2/release")["status"] == 404


def test_a_policy_may_train_all_the_same(here: World) -> None:
    here.ok("PUT", "/v1/models/m/policy", {"held": "train"})
    here.upload(table(600, 1, flipped=1.0))
    here.clock.forward(100_000)
    assert latest(here) == 2


def test_a_person_may_train_on_it(here: World) -> None:
    here.upload(table(600, 1, share=0.8))
    here.ok("POST", "/v1/models/m/train", {"iterations": 5})
    assert here.ok("GET", "/v1/models/m/versions/2")["dataset_version"] == 2
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(table(600, 2, share=0.1))
    here.ok("POST", "/v1/models/m/update", {})
    assert here.ok("GET", "/v1/models/m/versions/3")["dataset_version"] == 3
