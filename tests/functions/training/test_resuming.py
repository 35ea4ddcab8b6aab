"""A run that was cancelled goes on where it was, to the same bits; or it is refused, and the error says what to do."""

from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from functions.records.kinds import DATASET_VERSIONS, number
from functions.runs.record import RESULTS
from functions.settings import Settings
from functions.system.sweep import sweep
from tests.support.memory_store import MemoryBlobs, MemoryRecords
from tests.support.resumed import (
    FIT,
    SLICED,
    WEEK,
    begun,
    cancel,
    driven,
    pointers,
    prepared,
    refused,
    resume,
    seen,
    worked,
)
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.tiny_runs import run_of
from tests.support.world import World, csv_of, two_classes, world

SEARCH = {"auto": "hyperparameters", "trials": 4, "iterations": 3}
BLEND = {"auto": True, "trials": 4, "members": 3, "iterations": 2}
CALIBRATED = {**FIT, "iterations": 2, "calibrate": True, "uncertainty": True}


@pytest.fixture
def waiting(store: Store) -> World:
    return prepared(store)


def made(here: World, run: str) -> Any:
    """All that comes of a run, without what differs from one life to another: times, and names of files."""
    ended = seen(here, run)
    assert ended["state"] == "succeeded"
    version = here.ok("GET", f"/v1/models/m/versions/{ended['version']}")
    board = ended["outcome"].get("leaderboard")
    return (
        {name: value for name, value in version.items() if name != "created"},
        here.ok("GET", f"/v1/models/m/versions/{ended['version']}/evaluation"),
        None if board is None else [{**entry, "seconds": None} for entry in board],
        [
            ended[name]
            for name in ("iteration", "iterations", "loss", "trial", "trials", "tasks_done", "note")
        ],
        here.ok("GET", f"/v1/runs/{run}/leaderboard")["members"],
    )


@pytest.mark.parametrize(
    ("body", "tasks"),
    [
        (FIT, 0),
        (FIT, 3),
        (SEARCH, 2),
        (SEARCH, 4),
        pytest.param(BLEND, 3, marks=pytest.mark.slow),
        (CALIBRATED, 6),
    ],
)
def test_a_run_that_is_resumed_ends_with_the_same_bits_as_one_that_was_never_cancelled(
    waiting: World, body: dict[str, Any], tasks: int
) -> None:
    undisturbed = prepared(Store("memory", MemoryRecords(), MemoryBlobs()))
    expected = begun(undisturbed, body)
    driven(undisturbed)
    run = begun(waiting, body)
    worked(waiting, run, tasks)
    waiting.clock.forward(40)
    half = seen(waiting, run)
    ended = cancel(waiting, run)
    results = waiting.platform.workspace("default").list(RESULTS, run)
    assert (ended["state"], ended["iteration"], bool(results)) == ("cancelled", half["iteration"], tasks > 0)
    assert waiting.ok("GET", "/v1/models/m")["run"] is None
    assert pointers(waiting) == ([], [f"default:{run}"])
    waiting.clock.forward(3600)
    driven(waiting)
    assert seen(waiting, run) == ended, "nobody works on it meanwhile"
    again = resume(waiting, run)
    assert (again["id"], again["state"], again["resumable_until"]) == (run, "queued", None)
    assert waiting.ok("GET", "/v1/models/m")["run"] == run
    assert pointers(waiting) == ([f"default:{run}"], [])
    assert waiting.platform.workspace("default").list(RESULTS, run) == results
    driven(waiting)
    assert made(waiting, run) == made(undisturbed, expected)
    assert pointers(waiting) == ([], [])
    kept = waiting.platform.blobs.keys(f"default/runs/{run}/")
    assert len(kept) == len(undisturbed.platform.blobs.keys(f"default/runs/{expected}/"))


def test_what_was_done_before_is_not_done_again(waiting: World) -> None:
    run, done = begun(waiting, {**FIT, "iterations": 50}), [0]
    for _ in range(3):
        worked(waiting, run, 4)
        done.append(seen(waiting, run)["iteration"])
        cancel(waiting, run)
        resume(waiting, run)
    steps = {after - before for before, after in pairwise(done)}
    assert len(steps) == 1 and steps.pop() > 0


def test_the_leaderboard_of_a_search_stays_while_it_can_be_resumed(waiting: World) -> None:
    run = begun(waiting, SEARCH)
    worked(waiting, run, 2)
    board = waiting.ok("GET", f"/v1/runs/{run}/leaderboard")
    assert board["entries"]
    cancel(waiting, run)
    assert waiting.ok("GET", f"/v1/runs/{run}/leaderboard") == board
    waiting.clock.forward(WEEK)
    driven(waiting)
    assert waiting.ok("GET", f"/v1/runs/{run}/leaderboard")["entries"] == []


def test_an_evaluation_and_an_update_are_resumed_too(waiting: World) -> None:
    begun(waiting, FIT)
    driven(waiting)
    waiting.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    waiting.ok("POST", "/v1/models/m/deploy", {})
    waiting.upload(two_classes(80, seed=1))
    for step, body, rounds in (("evaluate", {"folds": 2}, 0), ("update", {}, 2)):
        run = begun(waiting, body, step)
        worked(waiting, run, rounds)
        assert cancel(waiting, run)["resumable_until"] is not None
        assert resume(waiting, run)["state"] == "queued"
        driven(waiting)
        assert seen(waiting, run)["state"] == "succeeded"
        assert pointers(waiting) == ([], [])


def test_a_run_is_resumed_once_however_often_and_by_however_many_it_is_asked_for(waiting: World) -> None:
    run = begun(waiting, FIT)
    assert resume(waiting, run)["state"] == "queued", "one that is queued stays so"
    cancel(waiting, run)
    answers = together([partial(waiting.ask, "POST", f"/v1/runs/{run}/resume")] * 6)
    assert {(status, answer["state"]) for status, answer in answers} == {(202, "queued")}
    worked(waiting, run, 3)
    under_way = seen(waiting, run)
    assert under_way["state"] == "running"
    assert resume(waiting, run) == under_way
    assert pointers(waiting) == ([f"default:{run}"], [])
    driven(waiting)
    assert seen(waiting, run)["version"] == waiting.ok("GET", "/v1/models/m")["latest"] == 1


def test_cancel_and_resume_at_one_moment_leave_a_run_that_is_one_or_the_other(waiting: World) -> None:
    run = begun(waiting, FIT)
    for _ in range(6):
        together(
            [
                partial(waiting.ask, "POST", f"/v1/runs/{run}/{act}")
                for act in ("cancel", "resume", "cancel", "resume")
            ]
        )
        state, model = seen(waiting, run)["state"], waiting.ok("GET", "/v1/models/m")["run"]
        under_way, kept = pointers(waiting)
        one = [f"default:{run}"]
        assert (state, model, under_way, kept) in (("queued", run, one, []), ("cancelled", None, [], one))
    resume(waiting, run)
    driven(waiting)
    assert seen(waiting, run)["version"] == 1


def test_a_run_that_ended_by_itself_is_refused_with_the_training_that_does_the_same(waiting: World) -> None:
    run = begun(waiting, FIT)
    driven(waiting)
    error = waiting.refused("POST", f"/v1/runs/{run}/resume")
    assert (error["status"], error["code"]) == (409, "conflict")
    assert "has succeeded" in error["message"]
    assert error["request"] == {"route": "train", "body": FIT}
    assert "Model(name='m').train(iterations=6, learning_rate=0.5)" in error["message"]
    failed = begun(waiting, {"iterations": 50, "learning_rate": 1e9})
    driven(waiting)
    assert "has failed" in refused(waiting, failed)[2]
    evaluation = begun(waiting, {}, "evaluate")
    driven(waiting)
    assert refused(waiting, evaluation)[2].endswith("ask for the evaluation once more")


def test_an_update_that_came_by_itself_makes_way_for_a_run_that_is_resumed(waiting: World) -> None:
    begun(waiting, FIT)
    driven(waiting)
    waiting.ok("POST", "/v1/models/m/deploy", {})
    run = begun(waiting, {"iterations": 5})
    worked(waiting, run, 2)
    cancel(waiting, run)
    waiting.upload(two_classes(80, seed=1))
    sweep(waiting.platform)
    update = waiting.ok("GET", "/v1/models/m")["run"]
    assert resume(waiting, run)["state"] == "queued"
    assert seen(waiting, update)["made_way"]
    driven(waiting)
    assert seen(waiting, run)["version"] == 2


def test_while_another_run_of_the_model_is_under_way_it_is_refused_as_a_training_is(waiting: World) -> None:
    run = begun(waiting, FIT)
    cancel(waiting, run)
    other = begun(waiting, {"iterations": 2})
    training = waiting.refused("POST", "/v1/models/m/train", FIT)
    assert refused(waiting, run) == (training["status"], training["code"], training["message"])
    assert other in training["message"]
    driven(waiting)
    assert resume(waiting, run)["state"] == "queued"
    driven(waiting)
    assert seen(waiting, run)["version"] == 2


def test_a_workspace_resumes_no_more_runs_than_it_may_have_under_way(store: Store) -> None:
    here = prepared(store, Settings(most_runs=1))
    here.ok("POST", "/v1/models", {"name": "n", "algorithm": "logistic_regression", "dataset": "m"})
    run = begun(here, FIT)
    cancel(here, run)
    here.ok("POST", "/v1/models/n/train", FIT)
    assert refused(here, run)[:2] == (429, "too_many")
    assert pointers(here)[1] == [f"default:{run}"]


def test_data_are_not_deleted_under_a_run_that_was_resumed(waiting: World) -> None:
    run = begun(waiting, FIT)
    cancel(waiting, run)
    resume(waiting, run)
    waiting.upload(two_classes(80, seed=1))
    error = waiting.refused("DELETE", "/v1/datasets/m/versions/1")
    assert f"run {run} of model 'm' is under way" in error["message"]


def test_data_that_are_being_deleted_are_not_resumed_with(waiting: World) -> None:
    run = begun(waiting, FIT)
    cancel(waiting, run)
    store = waiting.platform.workspace("default")
    found = store.get(DATASET_VERSIONS, "m", number(1))
    assert found is not None
    going = replace(found.value, life="going")
    store.write(store.put(DATASET_VERSIONS, "m", number(1), value=going, expect=found.revision))
    assert refused(waiting, run)[:2] == (404, "not_found")
    assert pointers(waiting)[1] == [f"default:{run}"], "it may be that they are kept after all"


def test_an_update_is_refused_once_another_version_is_the_champion(waiting: World) -> None:
    for iterations in (3, 6):
        begun(waiting, {"iterations": iterations})
        driven(waiting)
    waiting.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    waiting.ok("POST", "/v1/models/m/deploy", {"version": 1})
    waiting.upload(two_classes(80, seed=1))
    run = begun(waiting, {}, "update")
    worked(waiting, run, 1)
    cancel(waiting, run)
    waiting.ok("POST", "/v1/models/m/deploy", {"version": 2})
    status, code, message = refused(waiting, run)
    assert (status, code) == (409, "conflict")
    assert "version 2 of model 'm' is deployed now" in message
    assert message.endswith("ask for the update once more")
    waiting.ok("POST", "/v1/models/m/deploy", {"version": 1})
    assert resume(waiting, run)["state"] == "queued"
    driven(waiting)
    assert seen(waiting, run)["outcome"]["promoted"] in (True, False)


def test_a_run_that_began_before_the_models_task_was_known_is_refused_once_it_may_be_another(
    store: Store,
) -> None:
    here = world(store, runner=idle, settings=SLICED)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "decision_tree"})
    here.upload(csv_of({"a": range(40), "y": [i % 3 for i in range(40)]}), label="y")
    run = begun(here, {})
    cancel(here, run)
    here.upload(csv_of({"a": range(40), "y": [i + 0.5 for i in range(40)]}), label="y")
    begun(here, {})
    driven(here)
    assert "has learnt regression meanwhile" in refused(here, run)[2]


def test_a_run_on_words_is_resumed_though_another_one_was_the_first(waiting: World) -> None:
    """Its task was known from its label."""
    run = begun(waiting, FIT)
    cancel(waiting, run)
    begun(waiting, {"iterations": 1})
    driven(waiting)
    assert resume(waiting, run)["state"] == "queued"


def test_a_search_counts_its_seconds_before_the_cancel_and_not_those_in_between(waiting: World) -> None:
    run = begun(waiting, {**SEARCH, "trials": 200, "seconds": 1000.0})
    worked(waiting, run, 1)
    waiting.clock.forward(3)
    cancel(waiting, run)
    pause = waiting.clock().timestamp()
    waiting.clock.forward(2)
    resume(waiting, run)
    job = run_of(waiting.platform, run).job
    assert getattr(job, "pauses", None) == [(pause, pause + 2)]
    assert waiting.ok("POST", "/v1/models/m/train", {**SEARCH, "trials": 200, "seconds": 1000.0})["id"] == run
