"""A file that is scored: killed at any write, and delivered again, it has one result and leaves nothing of the way."""

import pytest

from functions.settings import Settings
from functions.system.scoring import scoring_landed
from functions.system.sweep import sweep
from tests.support.faults import When, kill_points
from tests.support.lives import Lives, Story, lives_of, settle
from tests.support.runners import idle
from tests.support.scored import announced
from tests.support.world import World, two_classes

pytestmark = pytest.mark.slow

ROWS = b"a,b\n1,2\nmuch,3\n4,5\n"
PATH = "/v1/models/m/score/up-000006"
DROPPED = "default/predict/m/rows.csv"


def deployed(here: World) -> None:
    here.trained(two_classes(40), iterations=2)
    here.ok("POST", "/v1/models/m/deploy")
    settle(here)


def score_prepared(here: World) -> None:
    deployed(here)
    assert announced(here, ROWS) == PATH


def score(here: World) -> None:
    here.ok("PUT", PATH, ROWS)


def fail_prepared(here: World) -> None:
    deployed(here)
    assert announced(here, b"a,b\n") == PATH


def fail(here: World) -> None:
    here.ok("PUT", PATH, b"a,b\n")


def drop_prepared(here: World) -> None:
    deployed(here)
    here.platform.blobs.put(DROPPED, ROWS)


def drop(here: World) -> None:
    scoring_landed(here.platform, DROPPED)


def drop_bad_prepared(here: World) -> None:
    deployed(here)
    here.platform.blobs.put(DROPPED, b"zip\n1\n")


def remove_prepared(here: World) -> None:
    score_prepared(here)
    score(here)


def remove(here: World) -> None:
    here.ok("DELETE", PATH)


def end_prepared(here: World) -> None:
    remove_prepared(here)
    here.clock.forward(8 * 86_400)


def end(here: World) -> None:
    sweep(here.platform)


def drop_queued(here: World) -> None:
    drop_prepared(here)
    drop(here.again(runner=idle))


def cancel(here: World) -> None:
    run = here.ok("GET", "/v1/runs", query={"kind": "score"})["items"][0]["id"]
    here.ok("POST", f"/v1/runs/{run}/cancel")


def retire(here: World) -> None:
    here.ok("POST", "/v1/models/m/retire", {})


STORIES: dict[str, Story] = {
    "score": (score_prepared, score, 22),
    "score what has no rows": (fail_prepared, fail, 12),
    "drop": (drop_prepared, drop, 20),
    "drop what has other columns": (drop_bad_prepared, drop, 16),
    "remove": (remove_prepared, remove, 4),
    "the end of a result": (end_prepared, end, 4),
    "drop and cancel": (drop_queued, cancel, 4),
    "drop and retire": (drop_queued, retire, 5),
}
"""What happens before, what is killed, and how many writes that takes."""

STOPPED = ("drop and cancel", "drop and retire")
"""Stories of a run that a sweep which comes first would drive to its end."""

lives = lives_of(STORIES, Settings())


@pytest.mark.parametrize("story", STORIES)
def test_nobody_killed_a_story_takes_so_many_writes_and_ends(lives: Lives, story: str) -> None:
    writes, held = lives.ending(story)
    assert writes == STORIES[story][2]
    on_the_way = (
        "default/results/",
        "default/begun/",
        "_system/due_runs",
        "_system/due_uploads default:m:up-000006",
    )
    assert not [one for one in held["records"] if one.startswith(on_the_way)]
    assert not [one for one in held["blobs"] if "/scoring/" in one or "/part " in one or "/rows " in one]


@pytest.mark.sampled(18)
@pytest.mark.parametrize(
    ("story", "number", "when"),
    [(story, *point) for story, (_, _, writes) in STORIES.items() for point in kill_points(writes)],
)
def test_killed_at_any_write_and_delivered_again(lives: Lives, story: str, number: int, when: When) -> None:
    end = lives.delivered_again(story, number, when, swept=story not in STOPPED)
    assert end.held == end.expected, end.last


@pytest.mark.parametrize(("story", "why"), [(STOPPED[0], "was cancelled"), (STOPPED[1], "is retired")])
def test_of_a_file_whose_run_is_stopped_the_reason_lies_beside_it(lives: Lives, story: str, why: str) -> None:
    prepare, act, _ = STORIES[story]
    here = lives.prepared.after(prepare)
    act(here)
    assert why in here.platform.blobs.get(f"{DROPPED}.error.txt").decode()
