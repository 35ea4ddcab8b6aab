"""Updates that nobody asked for: when a model has a reason for one, and who makes way for whom."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from functions.records import find
from functions.records.change import change_model
from functions.records.kinds import INTENTS, Policy
from functions.runs.job import UpdateJob
from functions.runs.record import RUNS
from functions.system.pick_up import pick_up
from functions.training import auto_update
from functions.training.make_way import go_first
from functions.training.update_job import ASKED_FOR
from lepton_core.errors import Conflict, InvalidInput
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.waiting import joined
from tests.support.world import World, two_classes, world


@pytest.fixture
def here(store: Store) -> World:
    """A deployed model that updates by itself."""
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", "/v1/models/m/deploy", {})
    return made


def started(here: World) -> bool:
    return auto_update.start(here.platform, here.platform.workspace("default"), "m")


def kinds(here: World) -> list[str]:
    return [run["kind"] for run in here.ok("GET", "/v1/runs")["items"]]


def test_without_a_reason_there_is_nothing_to_do(here: World) -> None:
    assert started(here)
    assert kinds(here) == ["train"]


def test_newer_data_is_a_reason_once(here: World) -> None:
    here.upload(two_classes(80, seed=1))
    assert started(here) and started(here)
    assert kinds(here).count("update") == 1


def test_it_is_not_now_while_another_run_is_under_way(here: World) -> None:
    here.again(runner=idle).ok("POST", "/v1/models/m/train", {"iterations": 2})
    here.upload(two_classes(80, seed=1))
    assert not started(here)


def test_a_version_is_too_young_for_its_interval_and_no_longer_whatever_the_clock_does(here: World) -> None:
    here.ok("PUT", "/v1/models/m/policy", {"least_interval": 3600.0})
    here.upload(two_classes(80, seed=1))
    assert not started(here)
    here.clock.now -= timedelta(days=365)
    assert started(here)
    assert kinds(here).count("update") == 1


def test_a_stored_interval_beyond_todays_maximum_is_kept(here: World) -> None:
    store = here.platform.workspace("default")
    change_model(store, "m", lambda found: replace(found, policy=Policy(least_interval=1e308)))
    here.upload(two_classes(80, seed=1))
    assert not started(here)
    assert here.ok("GET", "/v1/models/m")["policy"]["least_interval"] == 1e308


def test_a_person_goes_first_and_what_changes_at_the_same_moment_is_decided_anew(here: World) -> None:
    store, seen = here.platform.workspace("default"), []
    here.upload(two_classes(80, seed=1))

    def act(found: Any) -> int:
        seen.append(found.revision)
        if len(seen) < 3:
            started(here.again(runner=idle))  # an update comes by itself
            raise Conflict("it is under way")
        return len(seen)

    assert go_first(here.platform, store, "m", act) == 3
    assert len(set(seen)) == 3
    assert find.model(store, "m").value.run is None


def updating(here: World) -> World:
    """The same platform, with an update to newer data under way that came by itself."""
    here.upload(two_classes(80, seed=1))
    waiting = here.again(runner=idle)
    assert started(waiting)
    return waiting


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("train", {"hyperparameters": {"tres": 5}}),
        ("train", {"dataset_version": 9}),
        ("train", {"weight": "missing"}),
        ("train", {"iterations": 0}),
        ("update", {"learning_rate": "fast"}),
    ],
)
def test_a_refused_call_stops_no_update(here: World, path: str, wrong: dict[str, Any]) -> None:
    waiting = updating(here)
    (before,) = [run for run in waiting.ok("GET", "/v1/runs")["items"] if run["kind"] == "update"]
    status, _ = waiting.ask("POST", f"/v1/models/m/{path}", wrong)
    assert status in (400, 404)
    assert waiting.ok("GET", f"/v1/runs/{before['id']}") == before


@pytest.mark.parametrize(
    "train",
    [
        {"dataset_version": 1, "iterations": 2},
        {"learning_rate": 1e9, "iterations": 50, "hyperparameters": {"optimizer": "gradient_descent"}},
    ],
    ids=["on older data", "that may diverge"],
)
def test_an_update_that_made_way_comes_back_if_its_data_was_not_used(
    here: World, train: dict[str, Any]
) -> None:
    updating(here)
    here.ok("POST", "/v1/models/m/train", train)
    here.clock.forward(60)
    pick_up(here.platform)
    data = [one["dataset_version"] for one in here.ok("GET", "/v1/models/m/versions")["items"]]
    assert data[-1] == 2
    assert list(here.platform.system.all(INTENTS)) == []


def test_an_update_that_made_way_comes_to_nothing_where_its_data_was_used(here: World) -> None:
    updating(here)
    here.ok("POST", "/v1/models/m/train", {"iterations": 2})
    here.clock.forward(60)
    pick_up(here.platform)
    assert kinds(here).count("update") == 1
    assert list(here.platform.system.all(INTENTS)) == []


def test_an_update_under_way_says_why_it_began(here: World) -> None:
    waiting = updating(here)
    joined_one = waiting.ok("POST", "/v1/models/m/update", {})
    assert joined_one["outcome"] == {
        "trigger": "data version 2 is newer than version 1, which the model was trained on"
    }
    assert joined_one["by_itself"] is True
    own = waiting.ok("POST", "/v1/models/m/update", {"iterations": 2})
    assert (own["outcome"], own["by_itself"]) == ({"trigger": ASKED_FOR}, False)
    made_way = waiting.ok("GET", f"/v1/runs/{joined_one['id']}")
    assert (made_way["state"], made_way["outcome"]) == ("cancelled", joined_one["outcome"])
    assert made_way["made_way"] is True


def test_an_update_that_a_person_cancels_made_way_for_nothing(here: World) -> None:
    joined = updating(here).ok("POST", "/v1/models/m/update", {})
    ended = here.ok("POST", f"/v1/runs/{joined['id']}/cancel")
    assert (ended["state"], ended["by_itself"], ended["made_way"]) == ("cancelled", True, False)


def test_an_update_makes_way_by_what_it_says_of_itself_and_not_by_the_words_of_its_reason(
    here: World,
) -> None:
    waiting = updating(here)
    store = waiting.platform.workspace("default")
    (update,) = [run for _, run in store.all(RUNS) if isinstance(run.value.job, UpdateJob)]
    job = replace(update.value.job, by_itself=False)
    store.write(
        store.put(RUNS, update.value.id, value=replace(update.value, job=job), expect=update.revision)
    )
    assert waiting.ask("POST", "/v1/models/m/train", {})[0] == 409
    assert waiting.ok("GET", f"/v1/runs/{update.value.id}")["state"] == "queued"


def test_a_conflict_with_nobody_is_said_at_once(here: World) -> None:
    def act(found: Any) -> None:
        raise Conflict("for a reason of its own")

    with pytest.raises(Conflict, match="of its own"):
        go_first(here.platform, here.platform.workspace("default"), "m", act)


def test_what_is_wrong_is_said_without_a_second_try(here: World) -> None:
    calls: list[int] = []

    def act(found: Any) -> None:
        calls.append(1)
        raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        go_first(here.platform, here.platform.workspace("default"), "m", act)
    assert calls == [1]


def test_a_person_and_an_update_at_the_same_moment_leave_what_the_person_wanted(disk: Store) -> None:
    here = world(disk, runner=idle)
    here.again(runner=world(disk).runner).trained(two_classes(60), iterations=5)
    here.ok("POST", "/v1/models/m/deploy", {})
    for seed in range(1, 6):
        here.upload(two_classes(80, seed=seed))
        barrier = threading.Barrier(2)
        answers: list[Any] = []

        def by_itself(barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            try:
                started(here)
            except Conflict:
                return

        def person(barrier: threading.Barrier = barrier, answers: list[Any] = answers) -> None:
            barrier.wait()
            answers.append(here.ok("POST", "/v1/models/m/train", {"iterations": 3}))

        threads = [threading.Thread(target=one) for one in (by_itself, person)]
        for thread in threads:
            thread.start()
        for thread in threads:
            joined(thread)
        (answer,) = answers
        run = here.ok("GET", f"/v1/runs/{answer['id']}")
        assert (run["kind"], run["state"]) == ("train", "queued")
        here.ok("POST", f"/v1/runs/{answer['id']}/cancel")
