"""Any Plan, or any Work, of a run that goes round by round may be killed at any of its writes: it changes nothing."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from functions.runs.executions import Executions
from functions.settings import Settings
from tests.support.faults import When, kill_points
from tests.support.kept_stores import OnAws, OnDisk, Prepared
from tests.support.machine_runs import LIMITS, handlers
from tests.support.scored import scored
from tests.support.stepped import Killing, Stepped
from tests.support.world import World, two_classes

pytestmark = pytest.mark.slow

# Every iteration is a slice of its own.
SLICED = Settings(slice_seconds=0.0)


def uploaded(here: World) -> None:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes(40))


def served(here: World) -> None:
    uploaded(here)
    here.ok("POST", "/v1/models/m/train", {"iterations": 2})
    here.ok("POST", "/v1/models/m/deploy", {})


def fit(here: World) -> None:
    here.ok("POST", "/v1/models/m/train", {"iterations": 3, "learning_rate": 0.5, "deploy": True})


def tune(here: World) -> None:
    here.ok("POST", "/v1/models/m/train", {"auto": "hyperparameters", "trials": 2, "iterations": 2})


def cross_validate(here: World) -> None:
    here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})


def score(here: World) -> None:
    scored(here, b"a,b\n1,2\nmuch,3\n")


class Story(NamedTuple):
    """What happens before, what is killed, how much time each function has, and how many writes all of them make."""

    before: Callable[[World], None]
    act: Callable[[World], None]
    left: int
    writes: int


STORIES = {
    "fit": Story(uploaded, fit, LIMITS, 34),
    "fit of one slice a call": Story(uploaded, fit, 0, 42),
    "tune": Story(uploaded, tune, LIMITS, 106),
    "cross-validation": Story(served, cross_validate, LIMITS, 17),
    "scored file": Story(served, score, LIMITS, 25),
}


@pytest.fixture(scope="module", params=["disk", "aws"])
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """Platforms of either store; what happened before is kept from one test to the next."""
    on_aws = request.param == "aws"
    place = OnAws(request.getfixturevalue("_moto")) if on_aws else OnDisk(tmp_path_factory.mktemp("rounds"))
    kept = Prepared(place, SLICED)
    yield kept
    kept.close()


def told(
    prepared: Prepared, story: str, at: int | None = None, when: When = "before"
) -> tuple[list[str], Any]:
    """The writes of the functions, and all that the store holds at the end."""
    before, act, left, _ = STORIES[story]
    here = prepared.after(before)
    killing = Killing(here, lambda process: handlers(process, left), at, when)
    machine = Stepped(killing.functions(), here.clock.forward)
    act(here.again(runner=lambda context, ended: Executions(context, machine.begin)))
    assert len(machine.names) == 1
    return killing.log, prepared.look()


@pytest.mark.parametrize("story", STORIES)
def test_a_story_has_as_many_writes_as_are_killed(prepared: Prepared, story: str) -> None:
    log, held = told(prepared, story)
    assert len(log) == STORIES[story].writes, "\n".join(log)
    assert held == told(prepared, story)[1]


@pytest.mark.sampled(12)
@pytest.mark.parametrize(
    ("story", "at", "when"),
    [(story, *point) for story, it in STORIES.items() for point in kill_points(it.writes)],
)
def test_a_function_that_is_killed_changes_nothing(
    prepared: Prepared, story: str, at: int, when: When
) -> None:
    _, expected = told(prepared, story)
    log, held = told(prepared, story, at, when)
    assert held == expected, log[at - 1]
