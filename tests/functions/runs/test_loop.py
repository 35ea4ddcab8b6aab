"""Runs: one holder at a time, nothing of a late one, no work lost that was recorded, and an end in every case."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest

from functions.context import Platform, Settings, never, utc_now
from functions.records.kinds import Run
from functions.runs.kind import TaskResult
from functions.runs.loop import drive, work
from functions.runs.places.inline import DeferredRunner, InlineRunner
from functions.runs.places.local import Threads
from functions.runs.record import Held, claim, thin
from functions.storage import Lost, Workspace
from functions.system.sweep import sweep
from lepton_core.errors import Unavailable
from tests.support.holders import Driver, Gate, left_behind, revision, until
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.tiny_runs import done, run_of, tiny_run, tiny_runs
from tests.support.world import World, two_classes, world

QUICK = Settings(lease_seconds=0.5, attempts=3)


@pytest.fixture(autouse=True)
def _tiny() -> Iterator[None]:
    with tiny_runs():
        yield


def test_only_one_of_many_drivers_gets_a_run(store: Store) -> None:
    here = world(store)
    calls: list[str] = []

    def count(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
        calls.append(task)
        return done(platform, store, run, task)

    with tiny_runs(count=count):
        run = tiny_run(here.platform, "count", rounds=3)
        together([partial(InlineRunner().start, here.again().platform, "default", run)] * 6)
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt, ended.lease) == ("succeeded", 1, None)
    assert calls == ["count"] * 3
    assert left_behind(here.platform, run) == []


def test_only_one_of_many_claims_is_granted_again_after_the_lease(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    tenant = here.platform.workspace("default")
    for attempt in (1, 2, 3):
        claims = [partial(claim, here.platform, tenant, run, f"owner-{i}") for i in range(5)]
        granted = [held for held in together(claims) if held is not None]
        assert [held.run.attempt for held in granted] == [attempt]
        assert claim(here.platform, tenant, run, "late") is None
        here.clock.forward(here.platform.settings.lease_seconds)
    assert claim(here.platform, tenant, "run-none", "x") is None


def test_a_late_holder_changes_nothing_and_its_files_go(store: Store) -> None:
    here, gate = world(store), Gate()
    with tiny_runs(gate=gate):
        run = tiny_run(here.platform, "gate", "done")
        late = Driver(here, run)
        assert gate.began.wait(10)
        here.clock.forward(here.platform.settings.lease_seconds + 1)
        with tiny_runs(gate=done):
            sweep(here.again().platform)
        ended, last = run_of(here.platform, run), revision(here.platform, run)
        assert (ended.state, ended.attempt) == ("succeeded", 2)
        assert left_behind(here.platform, run) == []
        gate.go_on.set()
        late.end()
    assert run_of(here.platform, run) == ended
    assert revision(here.platform, run) == last
    assert left_behind(here.platform, run) == []


def test_each_write_of_a_late_holder_is_refused(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    tenant = here.platform.workspace("default")
    late = claim(here.platform, tenant, run, "late")
    here.clock.forward(31)
    now = claim(here.platform, tenant, run, "now")
    assert late is not None
    assert now is not None
    before = revision(here.platform, run)
    result = {"done": TaskResult({"round": 1, "pid": 0})}
    writes: list[Callable[[Held], Any]] = [
        Held.renew, Held.crashed, Held.release, Held.succeed, lambda held: held.absorb(result),
        lambda held: held.fail(TaskResult({}).error),  # type: ignore[arg-type]
    ]  # fmt: skip
    for write in writes:
        with pytest.raises(Lost):
            write(late)
    assert revision(here.platform, run) == before
    now.absorb(result).succeed()
    assert run_of(here.platform, run).state == "succeeded"


def real_time(here: World, settings: Settings = QUICK) -> World:
    return here.again(clock=utc_now, settings=settings)


@pytest.mark.parametrize(("tasks", "seconds"), [(["nap"], 0.75), ([f"nap-{i}" for i in range(8)], 0.1)])
def test_the_lease_lives_as_long_as_the_tasks_do(store: Store, tasks: list[str], seconds: float) -> None:
    """One long task, and many short ones that leave no pause between them."""
    here = real_time(world(store))
    run = tiny_run(here.platform, *tasks, seconds=seconds)
    driver = Driver(here, run)
    until(lambda: run_of(here.platform, run).lease)
    tenant = here.platform.workspace("default")
    while run_of(here.platform, run).state == "running":
        assert claim(here.platform, tenant, run, "thief") is None
        time.sleep(0.02)
    driver.end()
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt) == ("succeeded", 1)


def test_the_lease_of_an_inline_run_lives_as_long_as_its_tasks_do(store: Store) -> None:
    """On AWS runs are driven inside the sweeper's function; the sweep of the next minute must leave them alone."""
    here = real_time(world(store))
    run = tiny_run(here.platform, "nap", seconds=0.75)
    driver = threading.Thread(target=DeferredRunner().take_up, args=(here.platform, "default", run))
    driver.start()
    until(lambda: run_of(here.platform, run).lease)
    while driver.is_alive():
        assert claim(here.platform, here.platform.workspace("default"), run, "thief") is None
        time.sleep(0.02)
    assert (run_of(here.platform, run).state, run_of(here.platform, run).attempt) == ("succeeded", 1)


def test_a_task_that_runs_twice_leaves_one_result(store: Store) -> None:
    here = world(store, runner=InlineRunner(), settings=Settings(slice_seconds=0.0))
    tasks = Threads()

    def twice(tenant: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        work(here.platform, tenant, run, task)
        return tasks.submit(here.platform, tenant, run, task)

    class Twice(InlineRunner):
        def start(self, platform: Platform, workspace: str, run: str) -> None:
            drive(platform, workspace, run, twice, never)

    once = here.trained(two_classes(40), "once", iterations=3)
    run = here.again(runner=Twice()).trained(two_classes(40), "twice", iterations=3)
    tasks.close()
    assert run["state"] == "succeeded"
    assert (run["version"], run["loss"]) == (1, once["loss"])
    versions = here.ok("GET", "/v1/models/twice/versions")["items"]
    assert len(versions) == 1
    kept = {versions[0]["artifact"], versions[0]["evaluation"]}
    assert set(left_behind(here.platform, run["id"])) == kept
    assert versions[0]["digest"] == here.ok("GET", "/v1/models/once/versions/1")["digest"]


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_run_whose_holders_keep_dying_without_progress_fails(store: Store, attempts: int) -> None:
    here = world(store, settings=Settings(attempts=attempts))
    run = tiny_run(here.platform, "done")
    tenant = here.platform.workspace("default")
    for attempt in range(attempts):
        held = claim(here.platform, tenant, run, "dies")
        assert held is not None
        assert held.run.attempt == attempt + 1
        here.clock.forward(31)
    sweep(here.platform)
    ended = run_of(here.platform, run)
    assert ended.state == "failed"
    assert ended.error is not None
    assert ended.error.code == "internal"
    assert f"{attempts} times" in ended.error.message
    assert left_behind(here.platform, run) == []


def test_a_run_that_makes_progress_goes_on_however_often_its_holders_die(store: Store) -> None:
    here = world(store, settings=Settings(attempts=3))
    run = tiny_run(here.platform, "done", rounds=9)
    tenant = here.platform.workspace("default")
    for step in range(8):
        assert claim(here.platform, tenant, run, "dies at once") is not None
        here.clock.forward(31)
        held = claim(here.platform, tenant, run, "dies after a step")
        assert held is not None
        held.absorb({"done": work(here.platform, tenant, held.run, "done")})
        assert run_of(here.platform, run).iteration == step + 1
        here.clock.forward(31)
    sweep(here.platform)
    assert run_of(here.platform, run).state == "succeeded"
    assert left_behind(here.platform, run) == []


def test_tasks_that_were_done_are_kept_when_the_holder_dies_in_the_middle_of_a_join(store: Store) -> None:
    here, gate = world(store), Gate()
    with tiny_runs(gate=gate):
        run = tiny_run(here.platform, "done-1", "done-2", "gate", "done-3")
        dying = Driver(here, run)
        assert gate.began.wait(10)
        until(lambda: len(run_of(here.platform, run).done) == 2)
        here.clock.forward(31)
        calls: list[str] = []

        def seen(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
            calls.append(task)
            return done(platform, store, run, task)

        with tiny_runs(gate=seen, done=seen):
            sweep(here.again().platform)
        gate.go_on.set()
        dying.end()
    assert calls == ["gate", "done-3"]
    assert run_of(here.platform, run).state == "succeeded"
    assert left_behind(here.platform, run) == []


def test_a_fault_of_ours_shows_as_internal_and_nothing_of_it(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done", "boom", "done-2")
    InlineRunner().start(here.platform, "default", run)
    ended = run_of(here.platform, run)
    assert ended.state == "failed"
    assert ended.error is not None
    assert (ended.error.code, ended.error.field) == ("internal", None)
    assert run in ended.error.message
    for secret in ("secret", "Traceback", "ZeroDivision", ".py"):
        assert secret not in ended.error.message
    assert left_behind(here.platform, run) == []


def test_what_the_caller_did_wrong_shows_with_its_field_and_ends_the_run(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done", "refuse", "done-2")
    InlineRunner().start(here.platform, "default", run)
    ended = run_of(here.platform, run)
    assert ended.state == "failed"
    assert ended.error is not None
    assert (ended.error.code, ended.error.message, ended.error.field) == (
        "invalid_input",
        "must be even",
        "seven",
    )
    assert left_behind(here.platform, run) == []


def test_a_store_that_is_away_for_a_while_fails_no_run(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "hiccup")
    for _ in range(2):
        with pytest.raises(Unavailable):
            InlineRunner().start(here.platform, "default", run)
        here.clock.forward(31)
    sweep(here.platform)
    assert (run_of(here.platform, run).state, run_of(here.platform, run).attempt) == ("succeeded", 3)


def test_a_holder_that_is_to_stop_begins_no_further_task_and_hands_the_lease_back(store: Store) -> None:
    here, gate = world(store), Gate()
    asked: list[bool] = []

    def stopping() -> bool:
        """No before the tasks; then, once the second is under way, yes; it ends only after the answer."""
        asked.append(bool(asked) and gate.began.wait(10))
        if asked[-1]:
            threading.Timer(0.05, gate.go_on.set).start()
        return asked[-1]

    with tiny_runs(gate=gate):
        run = tiny_run(here.platform, "done", "gate-1", "gate-2", "gate-3")
        Driver(here, run, stopping).end()
        assert gate.calls == ["gate-1"]
        left = run_of(here.platform, run)
        assert (left.state, left.lease, sorted(left.done)) == ("running", None, ["done", "gate-1"])
        InlineRunner().start(here.platform, "default", run)
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt, ended.crashes) == ("succeeded", 2, 0)
    assert gate.calls == ["gate-1", "gate-2", "gate-3"]


def test_deferred_runs_wait_for_a_sweep_that_has_time(store: Store) -> None:
    here = world(store, runner=DeferredRunner())
    run = tiny_run(here.platform, "done")
    here.platform.runner.start(here.platform, "default", run)
    sweep(here.platform, lambda: True)
    assert (run_of(here.platform, run).state, run_of(here.platform, run).attempt) == ("queued", 0)
    sweep(here.platform)
    assert run_of(here.platform, run).state == "succeeded"


@pytest.mark.parametrize(("length", "points"), [(0, 5), (5, 5), (6, 5), (1000, 200), (201, 200)])
def test_a_thin_curve_keeps_its_ends_and_its_order(length: int, points: int) -> None:
    curve = list(range(length))
    kept = thin(curve, points)
    assert len(kept) == min(length, points)
    assert sorted(set(kept)) == kept
    assert kept[:1] + kept[-1:] == curve[:1] + curve[-1:]
