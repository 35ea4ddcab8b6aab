"""A run that was just queued is driven at once; of a workspace that has many under way, by the next sweep."""

from dataclasses import dataclass

import msgspec

from app import app
from functions.context import bound
from functions.runs.runners import DeferredRunner, Queued
from functions.system.drive_run import MOST_UNDER_WAY
from functions.system.sweep import RESERVE_MILLISECONDS, sweep
from tests.support.holders import left_behind
from tests.support.stores import Store
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.world import World, world


@dataclass
class Lambda:
    """The context of a call whose function has so many milliseconds left."""

    left: int = 900_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left


def deferred(store: Store) -> World:
    return world(store, runner=lambda context, ended: DeferredRunner(context, tiny(), ended))


def driven(here: World, run: str, workspace: str = "default", context: Lambda | None = None) -> str:
    """The state of a run after its event came."""
    with bound(here.platform):
        app.handler_map["drive_run"](msgspec.to_builtins(Queued(workspace, run)), context or Lambda())
    return run_of(here.platform, run, workspace).state


def test_whoever_is_to_begin_runs_hears_of_each_that_is_queued(store: Store) -> None:
    told: list[Queued] = []
    here = world(
        store, runner=lambda context, ended: DeferredRunner(context, tiny(), ended, begin=told.append)
    )
    here.platform.runner.start("acme", "run-1")
    assert told == [Queued("acme", "run-1")]


def test_a_queued_run_is_driven_to_its_end_once_however_often_its_event_comes(store: Store) -> None:
    here = deferred(store)
    run = tiny_run(here.platform, "done")
    assert [driven(here, run) for _ in range(3)] == ["succeeded"] * 3
    assert run_of(here.platform, run).attempt == 1
    assert left_behind(here.platform, run) == []


def test_a_function_without_time_leaves_the_run_to_the_next_sweep(store: Store) -> None:
    here = deferred(store)
    run = tiny_run(here.platform, "done")
    assert driven(here, run, context=Lambda(RESERVE_MILLISECONDS - 1)) == "queued"
    assert driven(here, run, context=Lambda(RESERVE_MILLISECONDS)) == "succeeded"


def test_of_a_workspace_with_many_runs_under_way_further_ones_wait_for_the_sweep(store: Store) -> None:
    here = deferred(store)
    runs = [tiny_run(here.platform, "done", workspace="greedy") for _ in range(MOST_UNDER_WAY + 1)]
    other = tiny_run(here.platform, "done", workspace="other")
    assert driven(here, runs[0], "greedy") == "queued"
    assert driven(here, other, "other") == "succeeded"
    sweep(here.platform)
    assert {run_of(here.platform, run, "greedy").state for run in runs} == {"succeeded"}
    last = [tiny_run(here.platform, "done", workspace="greedy") for _ in range(MOST_UNDER_WAY)]
    assert driven(here, last[0], "greedy") == "succeeded"
