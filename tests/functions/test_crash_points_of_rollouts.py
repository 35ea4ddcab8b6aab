"""Rollouts killed at any write, and begun again: each step has one result, in the deployment and in the history."""

from datetime import timedelta
from typing import Any

import pytest

from functions.settings import Settings
from functions.system.sweep import sweep
from tests.support.failing import Failing
from tests.support.faults import When, kill_points
from tests.support.kept_stores import OnAws, OnDisk
from tests.support.lives import Lives, Story
from tests.support.world import World, two_classes

pytestmark = pytest.mark.slow

DEPLOY, DEPLOYED = "/v1/models/m/deploy", "/v1/models/m/deployment"
CANARY = {"version": 2, "canary": 0.5, "bake_minutes": 60}


def ask(here: World, times: int = 60) -> None:
    for at in range(times):
        headers = {"x-lepton-entity": str(at)}
        here.ask("POST", "/v1/models/m/predict", {"rows": [{"a": 0.1, "b": 0.2}]}, headers=headers)


def two_versions(here: World) -> None:
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", DEPLOY, {"version": 1})
    here.ok("POST", "/v1/models/m/train", {"iterations": 6, "refit": False})
    sweep(here.platform)


def canary(here: World) -> None:
    here.ok("POST", DEPLOY, CANARY)


def other_share(here: World) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "canary": 0.75})


def with_canary(here: World) -> None:
    two_versions(here)
    canary(here)


def step(name: str) -> Any:
    def act(here: World) -> None:
        here.ok("POST", f"{DEPLOYED}/{name}")

    return act


def paused(here: World) -> None:
    with_canary(here)
    step("pause")(here)


def all_at_once(here: World) -> None:
    two_versions(here)
    here.ok("POST", DEPLOY, {"version": 2})


def failing_canary(here: World) -> None:
    """Its calls are written, and nobody has judged them."""
    with_canary(here)
    process = here.again(background=True)
    ask(process, 20)
    loaded: Any = process.platform.loaded
    split = loaded._loaded["default", "m"].split
    split.canary.predictor = Failing(split.canary.predictor, ZeroDivisionError("in a model"))
    ask(process)
    process.platform.loaded.flush()


def baked(here: World) -> None:
    with_canary(here)
    process = here.again(background=True)
    ask(process)
    process.platform.loaded.flush()
    here.clock.forward(timedelta(minutes=61).total_seconds())


def winner(here: World) -> None:
    """An update of a policy with a canary, whose challenger wins, has data to learn from."""
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", DEPLOY, {"version": 1})
    policy = {"update": "manual", "tolerance": 1e6, "canary": 0.5, "bake_minutes": 60}
    here.ok("PUT", "/v1/models/m/policy", policy)
    here.upload(two_classes(200, seed=1))


def update(here: World) -> None:
    here.ok("POST", "/v1/models/m/update", {}, headers={"idempotency-key": "an update"})


def waiting_update(here: World) -> None:
    """While its winner is tried, data arrives of which the policy makes another update."""
    winner(here)
    update(here)
    policy = {"tolerance": 1e6, "canary": 0.5, "bake_minutes": 60}
    here.ok("PUT", "/v1/models/m/policy", policy)
    here.upload(two_classes(250, seed=2))
    process = here.again(background=True)
    ask(process)
    process.platform.loaded.flush()
    sweep(here.platform)
    here.clock.forward(timedelta(minutes=61).total_seconds())


def promotion_and_update(here: World) -> None:
    """The canary is promoted, and what waited for that begins one of its own."""
    sweep(here.platform)
    here.clock.forward(61)
    sweep(here.platform)


def look(here: World) -> None:
    sweep(here.platform)


STORIES: dict[str, Story] = {
    "canary": (two_versions, canary, 1),
    "another share": (with_canary, other_share, 1),
    "pause": (with_canary, step("pause"), 1),
    "resume": (paused, step("resume"), 1),
    "promote": (with_canary, step("promote"), 1),
    "rollback": (with_canary, step("rollback"), 1),
    "rollback of all": (all_at_once, step("rollback"), 1),
    "a canary that fails": (failing_canary, look, 1),
    "a canary without fault": (baked, look, 1),
    "an update that begins a canary": (winner, update, 11),
    "an update that waited for the end of one": (waiting_update, promotion_and_update, 12),
}
"""What happens before, what is killed, and how many writes that takes."""


@pytest.fixture(scope="module", params=["disk", "aws"])
def lives(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lives:
    """Over both stores; what was prepared is kept from one test to the next."""
    if request.param == "disk":
        place: Any = OnDisk(tmp_path_factory.mktemp("rollouts"))
    else:
        place = OnAws(request.getfixturevalue("_moto"))
    made = Lives(place, Settings(), STORIES)
    request.addfinalizer(made.prepared.close)
    return made


@pytest.mark.parametrize("story", STORIES)
def test_nobody_killed_a_story_takes_so_many_writes(lives: Lives, story: str) -> None:
    assert lives.ending(story)[0] == STORIES[story][2]


@pytest.mark.parametrize(
    ("story", "number", "when"),
    [(story, *point) for story, (_, _, writes) in STORIES.items() for point in kill_points(writes)],
)
def test_killed_at_any_write_and_begun_again(lives: Lives, story: str, number: int, when: When) -> None:
    end = lives.delivered_again(story, number, when, swept=False)
    assert end.held == end.expected, end.last
