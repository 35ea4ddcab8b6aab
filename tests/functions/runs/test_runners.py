"""Runs driven in the background: once each, in turns of the workspaces, and given back when the process closes."""

import threading
from functools import partial
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.context import Context, new_id
from functions.runs.ending import cancel
from functions.runs.loop import Driver
from functions.runs.perform import Worker
from functions.runs.places.inline import Inline
from functions.runs.places.threads import Threads
from functions.runs.record import Run
from functions.runs.runners import TURN_SECONDS, LocalRunner
from functions.settings import Settings
from functions.system.sweep import sweep
from tests.support.clocks import Seconds
from tests.support.endless import Endless
from tests.support.holders import Gate, inline, left_behind, local, results_of
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.waiting import happened, joined, until
from tests.support.world import World, world


def succeeded(here: World, *runs: str) -> None:
    until(lambda: all(run_of(here.platform, run).state == "succeeded" for run in runs), "all have succeeded")


def test_a_local_runner_drives_a_run_once_however_often_it_is_started(store: Store) -> None:
    gate = Gate()
    here = world(store, runner=local(tiny(gate=gate)))
    run = tiny_run(here.platform, "gate")
    together([partial(here.platform.runner.start, "default", run)] * 5)
    happened(gate.began, "the task has begun")
    here.clock.forward(31)  # the lease is over as far as the records show, and yet the run is in good hands
    sweep(here.platform)
    gate.go_on.set()
    succeeded(here, run)
    here.platform.runner.close()
    assert run_of(here.platform, run).attempt == 1
    assert gate.calls == ["gate"]


def test_closing_a_local_runner_hands_its_leases_back_and_counts_nothing(store: Store) -> None:
    gate = Gate()
    kinds = tiny(gate=gate)
    here = world(store, runner=local(kinds, workers=2))
    runs = [tiny_run(here.platform, "gate", rounds=2) for _ in range(2)]
    for run in runs:
        here.platform.runner.start("default", run)
    until(lambda: len(gate.calls) == 2, "both tasks have begun")
    closing = threading.Thread(target=here.platform.runner.close, args=(300.0,))
    closing.start()
    until(here.platform.runner.is_closing, "the runner is told to close")  # type: ignore[attr-defined]
    gate.go_on.set()
    joined(closing)
    for run in runs:
        left = run_of(here.platform, run)
        assert (left.state, left.lease, left.progress.iteration, left.crashes) == ("running", None, 1, 0)
    here.platform.runner.start("default", runs[0])
    sweep(here.again(runner=inline(kinds)).platform)
    assert [run_of(here.platform, run).state for run in runs] == ["succeeded"] * 2
    assert gate.calls == ["gate"] * 4


def test_closing_does_not_wait_for_a_task_longer_than_its_grace(store: Store) -> None:
    gate = Gate()
    here = world(store, runner=local(tiny(gate=gate)))
    run = tiny_run(here.platform, "gate")
    here.platform.runner.start("default", run)
    happened(gate.began, "the task has begun")
    here.platform.runner.close(0.0)
    left = run_of(here.platform, run)
    assert (left.state, left.lease, left.crashes) == ("running", None, 0)
    gate.go_on.set()
    until(lambda: results_of(here.platform, run), "the late result is kept for the next holder")


def test_runs_queue_up_behind_the_drivers(store: Store) -> None:
    here = world(store, runner=local(tiny(), drivers=2))
    runs = [tiny_run(here.platform, "done", rounds=2) for _ in range(6)]
    for run in runs:
        here.platform.runner.start("default", run)
    succeeded(here, *runs)
    until(lambda: not any(left_behind(here.platform, run) for run in runs), "nothing is left behind")
    here.platform.runner.close()


def test_a_run_that_waits_for_a_store_is_taken_up_by_the_sweep(store: Store) -> None:
    here = world(store, runner=local(tiny()))
    run = tiny_run(here.platform, "hiccup")

    def swept() -> Run:
        # As long as the driver of the last attempt has not ended, a sweep starts no other one.
        sweep(here.platform)
        return run_of(here.platform, run)

    for attempt in (1, 2):
        until(lambda at=attempt: swept().waits == at, "the run waits")  # type: ignore[misc]
        here.clock.forward(31)
    until(lambda: swept().state == "succeeded", "the run has succeeded")
    here.platform.runner.close()
    assert run_of(here.platform, run).attempt == 3


def test_a_driver_that_fails_is_logged_and_the_sweep_goes_on(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Driver):
        def drive(self, *_: object) -> bool:
            raise ZeroDivisionError("a bug of the driver itself")

    here = world(store)
    runner = LocalRunner(Broken(here.platform, tiny(), Inline(Worker(here.platform, tiny()))))
    run = tiny_run(here.platform, "done")
    runner.start("default", run)
    until(lambda: "driving run" in caplog.text, "it is logged")
    runner.close()
    sweep(here.again(runner=inline()).platform)
    assert run_of(here.platform, run).state == "succeeded"


@pytest.mark.parametrize("others", [1, 3])
def test_another_workspace_gets_drivers_while_endless_runs_hold_all_of_them(
    store: Store, others: int
) -> None:
    """Eight runs of one workspace, which would never end, give way between two of their slices."""
    ended = threading.Event()

    def endless(context: Context, run: Run, name: str) -> None:
        assert ended.is_set() or run.progress.iteration < 100_000

    here = world(store)
    kinds = tiny(endless=endless)
    runner = LocalRunner(Driver(here.platform, kinds, Threads(Worker(here.platform, kinds), 4)))
    greedy = [tiny_run(here.platform, "endless", workspace="greedy", rounds=1_000_000) for _ in range(8)]
    for run in greedy:
        runner.start("greedy", run)
    until(
        lambda: all(run_of(here.platform, run, "greedy").progress.iteration for run in greedy),
        "all drivers are busy",
    )
    small = [tiny_run(here.platform, "done", "done", workspace=f"small-{i}") for i in range(others)]
    for number, run in enumerate(small):
        runner.start(f"small-{number}", run)
    for number, run in enumerate(small):
        until(
            lambda at=number, one=run: run_of(here.platform, one, f"small-{at}").state == "succeeded",  # type: ignore[misc]
            "the small run is done",
        )
    states = {run_of(here.platform, run, "greedy").state for run in greedy}
    assert states == {"running"}
    resumed = [run_of(here.platform, run, "greedy").progress.iteration for run in greedy]
    until(
        lambda: all(
            run_of(here.platform, run, "greedy").progress.iteration > before
            for run, before in zip(greedy, resumed, strict=True)
        ),
        "those that gave way go on",
    )
    assert all(run_of(here.platform, run, "greedy").crashes == 0 for run in greedy)
    runner.close()
    assert all(run_of(here.platform, run, "greedy").lease is None for run in greedy)


@given(
    drivers=st.integers(2, 8),
    waiting=st.integers(0, 12),
    later=st.integers(0, 3),
    others=st.integers(1, 3),
)
def test_a_driver_given_back_goes_to_the_workspace_that_has_none(
    store: Store, drivers: int, waiting: int, later: int, others: int
) -> None:
    with Endless(world(store).platform, drivers) as endless:
        endless.start("greedy", range(drivers + waiting))
        endless.have_begun(drivers)
        names = [f"other-{i}" for i in range(min(others, drivers - 1))]
        for name in names:
            endless.start(name, range(1))
        endless.start("greedy", range(100, 100 + later))
        endless.may_yield.set()
        begun = endless.have_begun(drivers + len(names))
        endless.close()
        assert sorted(begun[drivers:][: len(names)]) == names
        assert len(begun) == drivers + len(names), "nobody gives a run back in vain"


@given(drivers=st.integers(1, 8), waiting=st.integers(0, 12))
def test_a_driver_whose_run_ended_goes_to_the_workspace_that_has_none(
    store: Store, drivers: int, waiting: int
) -> None:
    with Endless(world(store).platform, drivers) as endless:
        endless.start("greedy", range(drivers + waiting))
        endless.have_begun(drivers)
        endless.start("other", range(1))
        endless.end("greedy-0")
        begun = endless.have_begun(drivers + 1)
        endless.close()
        assert begun[drivers] == "other"


@pytest.mark.parametrize("drivers", range(2, 9))
def test_two_workspaces_with_many_runs_come_to_share_the_drivers(store: Store, drivers: int) -> None:
    with Endless(world(store).platform, drivers) as endless:
        endless.may_yield.set()
        endless.start("greedy", range(20))
        endless.start("other", range(20))
        half = drivers // 2
        begun = endless.have_begun(drivers + half)
        endless.close()
        assert begun == ["greedy"] * drivers + ["other"] * half


@pytest.mark.slow
@given(drivers=st.integers(1, 3), workspaces=st.integers(1, 5))
def test_each_workspace_gets_its_turn_however_many_have_an_endless_run(
    store: Store, drivers: int, workspaces: int
) -> None:
    here, kinds = world(store).again(new_id=new_id), tiny()
    place = Threads(Worker(here.platform, kinds), drivers)
    # A turn is over after a few looks at its clock.
    runner = LocalRunner(Driver(here.platform, kinds, place), drivers, count().__next__)
    names = [f"tenant-{number}" for number in range(workspaces)]
    runs = [tiny_run(here.platform, "done", workspace=name, rounds=1_000_000) for name in names]

    def seen() -> list[Run]:
        return [run_of(here.platform, run, name) for name, run in zip(names, runs, strict=True)]

    for name, run in zip(names, runs, strict=True):
        runner.start(name, run)
    for _ in range(2):
        before = seen()
        until(
            lambda before=before: all(  # type: ignore[misc]
                now.progress.iteration > then.progress.iteration
                for now, then in zip(seen(), before, strict=True)
            ),
            "every run goes on",
        )
    runner.close(300.0)
    left = seen()
    assert {(run.state, run.lease, run.crashes) for run in left} == {("running", None, 0)}
    assert all(run.progress.iteration >= run.attempt - 1 for run in left), "no turn but the last is in vain"
    if workspaces <= drivers:
        assert all(run.attempt == 1 for run in left), "without competition nothing is given back"


def test_workspaces_take_turns_of_some_seconds_in_the_order_in_which_they_wait(store: Store) -> None:
    clock = Seconds()
    with Endless(world(store).platform, 1, clock) as endless:
        endless.may_yield.set()
        for name in "abc":
            endless.start(name, range(2))
        for turns in range(1, 10):
            endless.have_begun(turns)
            clock.now += 0.9 * TURN_SECONDS
            asked = endless.asked
            until(lambda asked=asked: endless.asked > asked + 1, "the driver has asked")  # type: ignore[misc]
            assert len(endless.begun) == turns, "the turn is not over"
            clock.now += 0.2 * TURN_SECONDS
        endless.close()
        assert endless.begun[:9] == list("abc" * 3)


def test_runs_that_were_cancelled_in_the_line_cost_their_workspace_no_turn(store: Store) -> None:
    here, kinds, clock = world(store).again(new_id=new_id), tiny(), Seconds()
    place = Threads(Worker(here.platform, kinds), 1)
    runner = LocalRunner(Driver(here.platform, kinds, place), 1, clock)
    endless = tiny_run(here.platform, "done", workspace="greedy", rounds=1_000_000)
    runner.start("greedy", endless)
    until(lambda: run_of(here.platform, endless, "greedy").progress.iteration, "the driver is taken")
    runs = [tiny_run(here.platform, "done", workspace="other") for _ in range(5)]
    for run in runs:
        runner.start("other", run)
    for run in runs[:-1]:
        cancel(here.platform, here.platform.workspace("other"), run)
    clock.now += 1.1 * TURN_SECONDS
    until(
        lambda: run_of(here.platform, runs[-1], "other").state == "succeeded", "it is done in the next turn"
    )
    runner.close(300.0)
    assert run_of(here.platform, endless, "greedy").attempt <= 2


def test_settings_bound_what_one_workspace_may_have_under_way(store: Store) -> None:
    here = world(store, settings=Settings(most_runs=2), runner=idle)
    here.again(runner=inline()).upload(b"a,label\n1,x\n2,y\n3,x\n4,y\n", "m")
    for name in ("a", "b", "c"):
        here.ok("POST", "/v1/models", {"name": name, "algorithm": "logistic_regression", "dataset": "m"})
    run = here.ok("POST", "/v1/models/a/train", {})["id"]
    here.ok("POST", "/v1/models/b/train", {})
    refused = here.refused("POST", "/v1/models/c/train", {})
    assert (refused["status"], refused["code"]) == (429, "too_many")
    assert "most_runs" in refused["message"]
    assert here.ok("GET", "/v1/models/c")["run"] is None
    tiny_run(here.platform, "done", workspace="other")
    here.ok("POST", f"/v1/runs/{run}/cancel")
    here.ok("POST", "/v1/models/c/train", {})


def test_a_driver_whose_store_never_answers_keeps_no_process_from_ending(store: Store) -> None:
    asked, answered = threading.Event(), threading.Event()

    class Hanging(Driver):
        def drive(self, *_: object) -> None:
            asked.set()
            happened(answered, "the store answers")

    here = world(store)
    runner = LocalRunner(Hanging(here.platform, tiny(), Inline(Worker(here.platform, tiny()))))
    runner.start("default", tiny_run(here.platform, "done"))
    happened(asked, "the driver asks its store")
    (driver,) = [thread for thread in threading.enumerate() if thread.name == "lepton-drive"]
    closing = threading.Thread(target=runner.close, daemon=True)
    closing.start()
    joined(closing)
    assert driver.is_alive()
    assert driver.daemon, "nor does the interpreter wait for it"
    answered.set()
    joined(driver)
