"""What a cancelled run keeps, and for how long; and what its late workers do meanwhile."""

from collections.abc import Callable

import pytest

from functions.runs.kept import MOST_OF_A_MODEL
from functions.runs.lease import claim
from functions.runs.record import RESULTS
from functions.system.sweep import sweep
from tests.support.holders import Gate, left_behind, local
from tests.support.resumed import (
    FIT,
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
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.waiting import happened, until
from tests.support.world import World, two_classes, world


@pytest.fixture
def waiting(store: Store) -> World:
    return prepared(store)


def test_results_are_kept_for_the_time_that_is_said_and_then_removed(waiting: World) -> None:
    run = begun(waiting, FIT)
    worked(waiting, run, 4)
    ended = cancel(waiting, run)
    now = waiting.clock()
    assert ended["resumable_until"] is not None
    assert run_of(waiting.platform, run).kept_until == now.__class__.fromtimestamp(
        now.timestamp() + WEEK, now.tzinfo
    )
    waiting.clock.forward(WEEK - 1)
    sweep(waiting.platform)
    assert seen(waiting, run) == ended
    assert waiting.platform.blobs.keys(f"default/runs/{run}/")
    waiting.clock.forward(1)
    sweep(waiting.platform)
    assert seen(waiting, run) == {**ended, "resumable_until": None}
    assert left_behind(waiting.platform, run) == []
    assert pointers(waiting) == ([], [])
    error = waiting.refused("POST", f"/v1/runs/{run}/resume")
    assert (error["status"], error["code"]) == (409, "conflict")
    assert "nothing is kept" in error["message"]
    again = waiting.ok("POST", "/v1/models/m/train", error["request"]["body"])
    assert again["asked"] == FIT


def test_a_run_that_was_resumed_in_time_is_not_removed_when_the_time_is_up(waiting: World) -> None:
    run = begun(waiting, FIT)
    worked(waiting, run, 4)
    cancel(waiting, run)
    waiting.clock.forward(WEEK - 1)
    resume(waiting, run)
    waiting.clock.forward(WEEK)
    sweep(waiting.platform)
    driven(waiting)
    assert seen(waiting, run)["version"] == 1


def test_of_one_model_a_few_runs_are_kept_and_the_oldest_makes_room(waiting: World) -> None:
    runs = []
    for iterations in range(1, MOST_OF_A_MODEL + 3):
        runs.append(begun(waiting, {"iterations": iterations}))
        worked(waiting, runs[-1], 1)
        cancel(waiting, runs[-1])
        waiting.clock.forward(60)
    sweep(waiting.platform)
    kept = [run for run in runs if seen(waiting, run)["resumable_until"] is not None]
    assert kept == runs[2:]
    assert [left_behind(waiting.platform, run) for run in runs[:2]] == [[], []]
    assert waiting.platform.blobs.keys(f"default/runs/{runs[2]}/")


def test_a_run_that_makes_way_keeps_nothing(waiting: World) -> None:
    begun(waiting, FIT)
    driven(waiting)
    waiting.ok("POST", "/v1/models/m/deploy", {})
    waiting.upload(two_classes(80, seed=1))
    sweep(waiting.platform)
    update = waiting.ok("GET", "/v1/models/m")["run"]
    assert seen(waiting, update)["by_itself"]
    worked(waiting, update, 1)
    begun(waiting, FIT)
    assert seen(waiting, update)["made_way"]
    assert left_behind(waiting.platform, update) == []
    status, code, message = refused(waiting, update)
    assert (status, code) == (409, "conflict")
    assert "it made way for another run" in message


def retired(here: World) -> None:
    here.ok("POST", "/v1/models/m/retire")


def with_data_deleted(here: World) -> None:
    here.upload(two_classes(80, seed=1))
    here.ok("DELETE", "/v1/datasets/m/versions/1")


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [(retired, 409, "is retired"), (with_data_deleted, 409, "nothing is kept")],
)
def test_a_retired_model_and_deleted_data_take_what_was_kept_with_them(
    waiting: World, change: Callable[[World], None], status: int, words: str
) -> None:
    run = begun(waiting, FIT)
    worked(waiting, run, 4)
    cancel(waiting, run)
    change(waiting)
    refusal = refused(waiting, run)
    assert (refusal[0], words in refusal[2]) == (status, True)
    sweep(waiting.platform)
    assert left_behind(waiting.platform, run) == []
    assert pointers(waiting) == ([], [])
    assert seen(waiting, run)["resumable_until"] is None


def test_a_late_worker_of_the_cancelled_run_spoils_nothing_and_what_it_did_is_kept(store: Store) -> None:
    gate = Gate()
    here = world(store, runner=local(tiny(gate=gate)))
    run = tiny_run(here.platform, "gate", "done")
    here.platform.runner.start("default", run)
    happened(gate.began, "the task has begun")
    cancel(here, run)
    other = here.again(runner=local(tiny(gate=gate), 2))
    resume(other, run)
    until(lambda: len(gate.calls) == 2, "the task is done by both")
    gate.go_on.set()
    until(lambda: seen(here, run)["state"] == "succeeded", "the run has ended")
    for process in (here, other):
        process.platform.runner.close(300.0)
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt) == ("succeeded", 2)
    assert left_behind(here.platform, run) == []


def test_a_result_that_comes_after_the_cancel_is_there_when_the_run_is_resumed(store: Store) -> None:
    gate = Gate()
    here = world(store, runner=local(tiny(gate=gate)))
    run = tiny_run(here.platform, "gate", "done")
    here.platform.runner.start("default", run)
    happened(gate.began, "the task has begun")
    cancel(here, run)
    gate.go_on.set()
    here.platform.runner.close(300.0)
    store_of = here.platform.workspace("default")
    assert "fold-0" in dict(store_of.list(RESULTS, run))
    assert run_of(here.platform, run).state == "cancelled"
    calls = len(gate.calls)
    after = here.again(runner=local(tiny(gate=gate)))
    resume(after, run)
    until(lambda: seen(here, run)["state"] == "succeeded", "the run has ended")
    after.platform.runner.close(300.0)
    assert len(gate.calls) == calls


def test_the_seconds_that_a_run_was_worked_on_go_on_from_where_they_were(waiting: World) -> None:
    run = begun(waiting, FIT)
    held = waiting.again(runner=idle)
    assert claim(held.platform, held.platform.workspace("default"), run, "holder") is not None
    waiting.clock.forward(7)
    cancel(waiting, run)
    assert run_of(waiting.platform, run).worked == 7
    waiting.clock.forward(1000)
    resume(waiting, run)
    waiting.clock.forward(1000)
    driven(waiting)
    assert run_of(waiting.platform, run).worked == 7
