"""Rollouts killed at any write, and begun again: each step has one result, in the deployment and in the history."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.settings import Settings
from functions.system.sweep import sweep
from tests.support.failing import Failing
from tests.support.faults import KillSwitch, When, kill_points, killed
from tests.support.lives import Lives, Story, lives_of, settle, under
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


def to_be_approved(here: World) -> None:
    """A canary that nobody but a person promotes."""
    here.ok("POST", DEPLOY, {**CANARY, "approval": True})


def with_approval(here: World) -> None:
    two_versions(here)
    to_be_approved(here)


def without_approval(here: World) -> None:
    here.ok("POST", DEPLOY, {**CANARY, "approval": False})


def canary_in(process: World) -> Any:
    """The canary, as this process has it loaded."""
    loaded: Any = process.platform.loaded
    loaded.get("default", "m")
    return loaded._loaded["default", "m"].split.canary


def break_canary(process: World) -> None:
    """From now on the canary fails in this process."""
    found = canary_in(process)
    found.predictor = Failing(found.predictor, ZeroDivisionError("in a model"))


def fail(here: World) -> None:
    """The canary's calls are written, and nobody has judged them."""
    process = here.again(background=True)
    ask(process, 20)
    break_canary(process)
    ask(process)
    process.platform.loaded.flush()


def failing_canary(here: World) -> None:
    with_canary(here)
    fail(here)


def failing_while_it_waits(here: World) -> None:
    """Its time is over, nothing was wrong with it, and it fails before anybody approves of it."""
    bake_to_the_end(here)
    fail(here)


def failing_while_paused(here: World) -> None:
    paused(here)
    fail(here)


def bake(here: World) -> None:
    """The canary is called, and its time passes."""
    process = here.again(background=True)
    ask(process)
    process.platform.loaded.flush()
    here.clock.forward(timedelta(minutes=61).total_seconds())


def baked(here: World) -> None:
    with_canary(here)
    bake(here)


def bake_to_the_end(here: World) -> None:
    with_approval(here)
    bake(here)


def baked_all_at_once(here: World) -> None:
    """All calls went to the version, and the time in which it was watched is over."""
    two_versions(here)
    here.ok("POST", DEPLOY, {"version": 2, "bake_minutes": 60})
    bake(here)


def whole_way(here: World) -> None:
    """Each step of a canary, by somebody that the history tells where it was."""
    steps = {
        "canary": lambda: to_be_approved(here),
        "weight": lambda: here.ok("POST", DEPLOY, {**CANARY, "canary": 0.75}),
        "paused": lambda: step("pause")(here),
        "resumed": lambda: step("resume")(here),
        "promoted": lambda: step("promote")(here),
        "rolled back": lambda: step("rollback")(here),
    }
    taken = {one["cause"] for one in here.ok("GET", f"{DEPLOYED}/history")["items"]}
    for cause, take in steps.items():
        if cause not in taken:
            take()


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
    "a canary that needs an approval": (two_versions, to_be_approved, 1),
    "it needs an approval after all": (with_canary, to_be_approved, 1),
    "it needs no approval any more": (bake_to_the_end, without_approval, 1),
    "nobody approves": (bake_to_the_end, look, 0),
    "approval": (with_approval, step("promote"), 1),
    "approval when its time is over": (bake_to_the_end, step("promote"), 1),
    "rollback of what waits for an approval": (bake_to_the_end, step("rollback"), 1),
    "a canary that fails while it waits for an approval": (failing_while_it_waits, look, 1),
    "a canary that fails while it is paused": (failing_while_paused, look, 1),
    "the whole way of a canary": (two_versions, whole_way, 6),
    "the end of the time in which all calls were watched": (baked_all_at_once, look, 1),
    "rollback": (with_canary, step("rollback"), 1),
    "rollback of all": (all_at_once, step("rollback"), 1),
    "a canary that fails": (failing_canary, look, 1),
    "a canary without fault": (baked, look, 1),
    "an update that begins a canary": (winner, update, 11),
    "an update that waited for the end of one": (waiting_update, promotion_and_update, 12),
}
"""What happens before, what is killed, and how many writes that takes."""

lives = lives_of(STORIES, Settings())


HALVES, FIRST, SECOND = {1: 0.5, 2: 0.5}, {1: 1.0}, {2: 1.0}
ENDS: dict[str, tuple[str, str, dict[int, float]]] = {
    "canary": ("canary", "owner", HALVES),
    "another share": ("weight", "owner", {1: 0.25, 2: 0.75}),
    "pause": ("paused", "owner", HALVES),
    "resume": ("resumed", "owner", HALVES),
    "promote": ("promoted", "owner", SECOND),
    "a canary that needs an approval": ("canary", "owner", HALVES),
    "it needs an approval after all": ("weight", "owner", HALVES),
    "it needs no approval any more": ("promoted", "schedule", SECOND),
    "nobody approves": ("canary", "owner", HALVES),
    "approval": ("promoted", "owner", SECOND),
    "approval when its time is over": ("promoted", "owner", SECOND),
    "rollback of what waits for an approval": ("rolled back", "owner", FIRST),
    "a canary that fails while it waits for an approval": ("rolled back", "failing", FIRST),
    "a canary that fails while it is paused": ("rolled back", "failing", FIRST),
    "the whole way of a canary": ("rolled back", "owner", FIRST),
    "the end of the time in which all calls were watched": ("deployed", "owner", SECOND),
    "rollback": ("rolled back", "owner", FIRST),
    "rollback of all": ("rolled back", "owner", FIRST),
    "a canary that fails": ("rolled back", "failing", FIRST),
    "a canary without fault": ("promoted", "schedule", SECOND),
    "an update that begins a canary": ("canary", "update", HALVES),
    "an update that waited for the end of one": ("canary", "update", {2: 0.5, 3: 0.5}),
}
"""What came last by the history, by whose decision, and the shares from then on."""


def newest(held: Any) -> tuple[str, str, dict[int, float]]:
    """Of the history of the model."""
    place = "default/deployment_history/m "
    last = [one for one in held["records"] if one.startswith(place)][-1]
    entry = json.loads(last.removeprefix(place).partition(" ")[2])
    return entry["cause"], entry["by"], {one["version"]: one["weight"] for one in entry["shares"]}


@pytest.mark.parametrize("story", STORIES)
def test_nobody_killed_a_story_takes_so_many_writes_and_ends_so(lives: Lives, story: str) -> None:
    writes, held = lives.ending(story)
    assert (writes, newest(held)) == (STORIES[story][2], ENDS[story])


@pytest.mark.parametrize(
    ("story", "number", "when"),
    [(story, *point) for story, (_, _, writes) in STORIES.items() for point in kill_points(writes)],
)
def test_killed_at_any_write_and_begun_again(lives: Lives, story: str, number: int, when: When) -> None:
    end = lives.delivered_again(story, number, when, swept=False)
    assert end.held == end.expected, end.last


def answers(process: World) -> None:
    """A process in which the canary fails answers, until it sees that."""
    canary_in(process).slow_due = 10**9  # a busy machine may be slow, and that is looked at, too
    ask(process, 20)
    break_canary(process)
    for _ in range(3):
        process.clock.forward(1.1)
        ask(process)


ANSWERS_WRITES = 9
"""The counts of both versions, as often as that is due and when the rollout is judged; and that it is rolled back."""


def test_nobody_killed_what_answers_rolls_a_failing_version_back_with_so_many_writes(lives: Lives) -> None:
    count = KillSwitch()
    answers(under(lives.prepared.after(with_canary), count))
    assert count.count == ANSWERS_WRITES, count.log
    assert newest(lives.prepared.look())[:2] == ("rolled back", "failing")


@pytest.mark.parametrize(("number", "when"), kill_points(ANSWERS_WRITES))
def test_a_failing_version_is_rolled_back_once_whenever_what_answers_is_killed(
    lives: Lives, number: int, when: When
) -> None:
    here, kill = lives.prepared.after(with_canary), KillSwitch(number, when)
    with killed(kill):
        answers(under(here, kill))
    after = here.again()
    if newest(lives.prepared.look())[0] == "canary":
        answers(after)
    settle(after)
    held = lives.prepared.look()
    assert newest(held) == ("rolled back", "failing", FIRST), kill.log[-1]
    entries = [one for one in held["records"] if one.startswith("default/deployment_history/m ")]
    alerts = [one for one in held["records"] if one.startswith("default/alerts/m ")]
    watched = [one for one in held["records"] if one.startswith("_system/rollouts")]
    assert (len(entries), len(alerts), watched) == (3, 1, []), kill.log[-1]
