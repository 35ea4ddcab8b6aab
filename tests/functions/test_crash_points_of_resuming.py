"""Cancel, resume, and the end of what a cancelled run keeps: killed at any write, each has one result."""

import pytest

from functions.settings import Settings
from functions.system.sweep import sweep
from tests.support.faults import When, kill_points
from tests.support.lives import Lives, Story, lives_of
from tests.support.runners import idle, inline
from tests.support.world import World, two_classes

pytestmark = pytest.mark.slow

SLICED = Settings(slice_seconds=0.0)
RUN = "run-000002"
SEARCH = {"auto": "hyperparameters", "trials": 2, "iterations": 2}


def half_way(here: World) -> None:
    """A search that has done some of its trials, and a slice of its fit."""
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes(40))
    assert here.again(runner=idle).ok("POST", "/v1/models/m/train", SEARCH)["id"] == RUN
    files = f"default/runs/{RUN}/"
    other = here.again(runner=inline)
    other.platform.runner.take_up("default", RUN, lambda: bool(here.platform.blobs.keys(files)))
    assert here.ok("GET", f"/v1/runs/{RUN}")["state"] == "running"
    assert here.platform.blobs.keys(files)


def cancel(here: World) -> None:
    here.ok("POST", f"/v1/runs/{RUN}/cancel")


def cancelled(here: World) -> None:
    half_way(here)
    cancel(here)


def resume(here: World) -> None:
    status, answer = here.ask("POST", f"/v1/runs/{RUN}/resume")
    # Delivered again once it has gone on to its end, it is refused: it needs no resuming.
    assert status == 202 or "has succeeded" in answer["error"]["message"]


def long_ago(here: World) -> None:
    cancelled(here)
    here.clock.forward(SLICED.cancelled_seconds)


def give_up(here: World) -> None:
    sweep(here.platform)


def retire(here: World) -> None:
    here.ok("POST", "/v1/models/m/retire", {})
    sweep(here.platform)


def with_newer_data(here: World) -> None:
    cancelled(here)
    here.upload(two_classes(60, seed=1))


def delete_data(here: World) -> None:
    assert here.ask("DELETE", "/v1/datasets/m/versions/1")[0] in (200, 404)  # 404: it was deleted before


STORIES: dict[str, Story] = {
    "cancel": (half_way, cancel, 1),
    "resume": (cancelled, resume, 22),
    "give up": (long_ago, give_up, 6),
    "retire": (cancelled, retire, 7),
    "delete data": (with_newer_data, delete_data, 15),
}
"""What happens before, what is killed, and how many writes that takes."""

lives = lives_of(STORIES, SLICED)


@pytest.mark.parametrize("story", STORIES)
def test_nobody_killed_a_story_takes_so_many_writes_and_ends(lives: Lives, story: str) -> None:
    writes, held = lives.ending(story)
    assert writes == STORIES[story][2]
    results = [one for one in held["records"] if one.startswith(("default/results/", "default/begun/"))]
    pointers = [one for one in held["records"] if one.startswith(("_system/due_runs", "_system/due_kept"))]
    assert bool(results) == (story == "cancel")
    assert [one.partition(" ")[0] for one in pointers] == (["_system/due_kept"] if story == "cancel" else [])


@pytest.mark.sampled(12)
@pytest.mark.parametrize(
    ("story", "number", "when"),
    [(story, *point) for story, (_, _, writes) in STORIES.items() for point in kill_points(writes)],
)
def test_killed_at_any_write_and_delivered_again(lives: Lives, story: str, number: int, when: When) -> None:
    # A run that is not cancelled yet would go on to its end.
    end = lives.delivered_again(story, number, when, swept=story != "cancel")
    assert end.held == end.expected, end.last
