"""The loop: one holder at a time, nothing of a late one, no work lost that was recorded, and an end in every case."""

import threading
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

import pytest

from functions.context import Context
from functions.records.kinds import MODELS
from functions.runs.ending import cancel
from functions.runs.job import EvaluateJob
from functions.runs.kind import by_job
from functions.runs.loop import Driver
from functions.runs.perform import Order, Worker
from functions.runs.places.inline import Inline
from functions.runs.places.place import Died
from functions.runs.places.threads import Threads
from functions.runs.record import Run
from functions.runs.runners import DeferredRunner, InlineRunner
from functions.runs.task import Result
from functions.settings import Settings
from functions.system.sweep import sweep
from functions.training.curve import thin
from functions.training.run_kinds import RUN_KINDS
from tests.support.holders import (
    Gate,
    Holder,
    drive,
    inline,
    left_behind,
    outlives_its_lease,
    results_of,
    revision,
)
from tests.support.runners import idle
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.waiting import BACKSTOP, happened, joined, until
from tests.support.world import two_classes, world

QUICK = Settings(lease_seconds=0.5, attempts=3)
SECRETS = ("secret", "Traceback", "ZeroDivision", ".py")


def test_only_one_of_many_drivers_gets_a_run(store: Store) -> None:
    here = world(store)
    calls: list[str] = []
    kinds = tiny(count=lambda context, run, name: calls.append(name))
    run = tiny_run(here.platform, "count", rounds=3)
    together([partial(InlineRunner(here.again().platform, kinds).start, "default", run) for _ in range(6)])
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt, ended.lease) == ("succeeded", 1, None)
    assert calls == ["count"] * 3
    assert left_behind(here.platform, run) == []


def test_a_late_holder_changes_nothing_and_its_files_go(store: Store) -> None:
    here, gate = world(store), Gate()
    run = tiny_run(here.platform, "gate", "done")
    late = Holder(here.platform, run, tiny(gate=gate))
    happened(gate.began, "the task has begun")
    here.clock.forward(here.platform.settings.lease_seconds + 1)
    sweep(here.again(runner=inline(tiny(gate=lambda *_: None))).platform)
    ended, last = run_of(here.platform, run), revision(here.platform, run)
    assert (ended.state, ended.attempt) == ("succeeded", 2)
    assert left_behind(here.platform, run) == []
    gate.go_on.set()
    late.end()
    assert run_of(here.platform, run) == ended
    assert revision(here.platform, run) == last
    assert left_behind(here.platform, run) == []


def test_the_lease_lives_as_long_as_a_task_does(store: Store) -> None:
    here, gate = world(store, settings=QUICK), Gate()
    run = tiny_run(here.platform, "gate")
    holder = Holder(here.platform, run, tiny(gate=gate))
    outlives_its_lease(here, run)
    gate.go_on.set()
    holder.end()
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt) == ("succeeded", 1)


def test_the_lease_lives_through_many_tasks_that_leave_no_pause_between_them(store: Store) -> None:
    here, steps = world(store, settings=QUICK), threading.Semaphore(0)

    def step(context: Context, run: Run, name: str) -> None:
        assert steps.acquire(timeout=BACKSTOP)

    run = tiny_run(here.platform, *(f"step-{i}" for i in range(8)))
    holder = Holder(here.platform, run, tiny(step=step))
    for _ in range(7):
        outlives_its_lease(here, run, times=1)
        steps.release()
    steps.release()
    holder.end()
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt) == ("succeeded", 1)


def test_the_lease_of_a_run_that_a_sweep_drives_lives_as_long_as_its_tasks_do(store: Store) -> None:
    """On AWS runs are driven inside the sweeper's function; the sweep of the next minute must leave them alone."""
    here, gate = world(store, settings=QUICK), Gate()
    run = tiny_run(here.platform, "gate")
    runner = DeferredRunner(here.platform, tiny(gate=gate))
    sweeper = threading.Thread(target=runner.take_up, args=("default", run))
    sweeper.start()
    outlives_its_lease(here, run)
    gate.go_on.set()
    joined(sweeper)
    assert (run_of(here.platform, run).state, run_of(here.platform, run).attempt) == ("succeeded", 1)


class Failing(Inline):
    """A place in which the first tasks end with these errors."""

    def __init__(self, context: Context, *errors: Exception) -> None:
        super().__init__(Worker(context, tiny()))
        self._errors = list(errors)

    def submit(self, order: Order) -> "Future[Result]":
        if not self._errors:
            return super().submit(order)
        future: Future[Result] = Future()
        future.set_exception(self._errors.pop())
        return future


class Twice(Inline):
    """A place in which each task is done twice."""

    def submit(self, order: Order) -> "Future[Result]":
        super().submit(order)
        return super().submit(order)


def test_a_fit_whose_slices_are_done_twice_leaves_one_version_with_the_same_bits(store: Store) -> None:
    here = world(store, settings=Settings(slice_seconds=0.0))
    once = here.trained(two_classes(40), "once", iterations=3)
    idling = here.again(runner=idle).trained(two_classes(40), "twice", iterations=3)
    Driver(here.platform, RUN_KINDS, Twice(Worker(here.platform, RUN_KINDS))).drive("default", idling["id"])
    run = here.ok("GET", f"/v1/runs/{idling['id']}")
    assert run["state"] == "succeeded"
    assert (run["version"], run["loss"]) == (1, once["loss"])
    versions = here.ok("GET", "/v1/models/twice/versions")["items"]
    assert len(versions) == 1
    assert len(here.platform.blobs.keys(f"default/runs/{run['id']}/")) == 2, "the artifact and the evaluation"
    assert versions[0]["digest"] == here.ok("GET", "/v1/models/once/versions/1")["digest"]


def test_tasks_that_were_done_are_kept_when_the_holder_dies_in_the_middle_of_a_join(store: Store) -> None:
    here, gate = world(store), Gate()
    run = tiny_run(here.platform, "done-1", "done-2", "gate", "done-3")
    dying = Holder(here.platform, run, tiny(gate=gate))
    happened(gate.began, "the task has begun")
    until(lambda: run_of(here.platform, run).tasks_done == 2, "two results are kept")
    here.clock.forward(31)
    calls: list[str] = []

    def seen(context: Context, run: Run, name: str) -> None:
        calls.append(name)

    sweep(here.again(runner=inline(tiny(gate=seen, done=seen))).platform)
    gate.go_on.set()
    dying.end()
    assert calls == ["gate", "done-3"]
    assert run_of(here.platform, run).state == "succeeded"
    assert left_behind(here.platform, run) == []


def test_a_result_is_kept_though_its_holder_died_before_it_heard_of_it(store: Store) -> None:
    """A result is a record that the worker writes: the driver is not needed for it."""
    here, gate, calls = world(store), Gate(), list[str]()
    run = tiny_run(here.platform, "gate", "count")
    kinds = tiny(gate=gate, count=lambda context, run, name: calls.append(name))
    worker = Worker(here.platform, kinds)
    orphan = Threads(worker, 2)
    for order in _orders(here.platform, run):
        orphan.submit(order)
    happened(gate.began, "the task has begun")
    gate.go_on.set()
    until(lambda: len(results_of(here.platform, run)) == 2, "both results are kept")
    orphan.close(BACKSTOP)
    assert drive(here.platform, run, kinds).state == "succeeded"
    assert (gate.calls, calls) == (["gate"], ["count"])


def _orders(context: Context, run: str) -> list[Order]:
    stored = run_of(context, run)
    return [Order("default", stored, task) for task in tiny()[EvaluateJob].plan(stored.job, {})]


def test_a_fault_of_ours_shows_as_internal_and_nothing_of_it(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    here = world(store)
    ended = drive(here.platform, tiny_run(here.platform, "done", "boom", "done-2"))
    assert ended.state == "failed"
    assert ended.error is not None
    assert (ended.error.code, ended.error.field) == ("internal", None)
    assert ended.id in ended.error.message
    assert not [secret for secret in SECRETS if secret in ended.error.message]
    assert "the secret of line 7" in caplog.text, "the log says what it was"
    assert left_behind(here.platform, ended.id) == []


def test_what_the_caller_did_wrong_shows_with_its_field_and_ends_the_run(store: Store) -> None:
    here = world(store)
    ended = drive(here.platform, tiny_run(here.platform, "done", "refuse", "done-2"))
    assert ended.state == "failed"
    assert ended.error is not None
    shown = (ended.error.code, ended.error.message, ended.error.field)
    assert shown == ("invalid_input", "must be even", "seven")
    assert left_behind(here.platform, ended.id) == []


@pytest.mark.parametrize("part", ["plan", "finish"])
def test_a_fault_in_the_plan_or_the_ending_fails_the_run_and_frees_the_next_one(
    store: Store, part: str
) -> None:
    """Otherwise the sweep would take it up each minute for ever."""
    here = world(store)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret of line 7")

    kinds = by_job(*(replace(kind, **{part: broken}) for kind in tiny().values()))
    ended = drive(here.platform, tiny_run(here.platform, "done"), kinds)
    assert ended.error is not None
    assert (ended.state, ended.error.code) == ("failed", "internal")
    assert not [secret for secret in SECRETS if secret in ended.error.message]
    assert left_behind(here.platform, ended.id) == []


def test_a_place_that_fails_in_a_way_of_its_own_fails_the_run(store: Store) -> None:
    here = world(store)

    run = tiny_run(here.platform, "done")
    Driver(here.platform, tiny(), Failing(here.platform, PermissionError("the secret"))).drive("default", run)
    ended = run_of(here.platform, run)
    assert ended.error is not None
    assert (ended.state, ended.error.code) == ("failed", "internal")
    assert "secret" not in ended.error.message


def test_a_holder_that_is_to_stop_begins_no_further_task_and_hands_the_lease_back(store: Store) -> None:
    here, gate = world(store), Gate()
    asked: list[bool] = []

    def stopping() -> bool:
        """No before the tasks; then, once the second is under way, yes."""
        asked.append(bool(asked) and gate.began.wait(BACKSTOP))
        return asked[-1]

    run = tiny_run(here.platform, "done", "gate-1", "gate-2", "gate-3")
    holder = Holder(here.platform, run, tiny(gate=gate), stopping=stopping)
    until(
        lambda: [one.cancelled() for one in holder.place.futures[2:]] == [True, True],
        "the rest is called off",
    )
    gate.go_on.set()
    holder.end()
    assert gate.calls == ["gate-1"]
    left = run_of(here.platform, run)
    assert (left.state, left.lease, left.crashes) == ("running", None, 0)
    assert sorted(results_of(here.platform, run)) == ["fold-0", "fold-1"]
    ended = drive(here.platform, run, tiny(gate=gate))
    assert (ended.state, ended.attempt, ended.crashes) == ("succeeded", 2, 0)
    assert gate.calls == ["gate-1", "gate-2", "gate-3"]


def test_a_holder_that_is_to_yield_does_one_task_first(store: Store) -> None:
    here, kinds = world(store), tiny()
    run = tiny_run(here.platform, "done", rounds=3)
    driver = Driver(here.platform, kinds, Inline(Worker(here.platform, kinds)))
    for turn in (1, 2):
        driver.drive("default", run, yielding=lambda under_way: True)
        left = run_of(here.platform, run)
        assert (left.state, left.lease, left.attempt, left.progress.iteration) == (
            "running",
            None,
            turn,
            turn,
        )
    driver.drive("default", run, yielding=lambda under_way: True)
    assert run_of(here.platform, run).state == "succeeded"


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_holder_that_must_go_does_not_wait_for_a_long_task(store: Store, cancelled: bool) -> None:
    """Its result comes late; nothing of it stays if the run has ended, and it is used if it has not."""
    here, gate, going = world(store, settings=QUICK), Gate(), threading.Event()
    run = tiny_run(here.platform, "gate")
    holder = Holder(here.platform, run, tiny(gate=gate), stopping=going.is_set, abandoning=going.is_set)
    happened(gate.began, "the task has begun")
    if cancelled:
        cancel(here.platform, here.platform.workspace("default"), run)
        until(
            lambda: len(holder.place.futures) == 1 and left_behind(here.platform, run) == [],
            "the run has ended",
        )
    going.set()
    holder.end()
    left = run_of(here.platform, run)
    assert (left.state, left.lease, left.crashes) == ("cancelled" if cancelled else "running", None, 0)
    gate.go_on.set()
    until(holder.place.futures[0].done, "the task has ended")
    assert left_behind(here.platform, run) == [] or not cancelled
    if not cancelled:
        assert drive(here.platform, run).state == "succeeded"
        assert gate.calls == ["gate"]


def test_deferred_runs_wait_for_a_sweep_that_has_time(store: Store) -> None:
    here = world(store, runner=lambda context, ended: DeferredRunner(context, tiny(), ended))
    run = tiny_run(here.platform, "done")
    here.platform.runner.start("default", run)
    sweep(here.platform, lambda: True)
    assert (run_of(here.platform, run).state, run_of(here.platform, run).attempt) == ("queued", 0)
    sweep(here.platform)
    assert run_of(here.platform, run).state == "succeeded"


@pytest.mark.parametrize(("deaths", "state"), [(2, "succeeded"), (3, "failed")])
def test_a_task_that_dies_is_done_again_so_often_as_it_may(store: Store, deaths: int, state: str) -> None:
    here = world(store, settings=QUICK)
    run = tiny_run(here.platform, "done")
    Driver(here.platform, tiny(), Failing(here.platform, *[Died()] * deaths)).drive("default", run)
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt, ended.crashes) == (state, 1, 0)
    if ended.error is not None:
        assert (ended.error.code, "3 times" in ended.error.message) == ("internal", True)
        assert "memory" in ended.error.message
    assert left_behind(here.platform, run) == []


def test_a_run_that_was_worked_on_for_too_long_ends_and_names_the_setting(store: Store) -> None:
    here = world(store, settings=Settings(run_seconds=60.0))
    run = tiny_run(here.platform, "long", rounds=9)
    ended = drive(here.platform, run, tiny(long=lambda context, run, name: here.clock.forward(25.0)))
    assert ended.error is not None
    assert (ended.state, ended.error.code, ended.progress.iteration) == ("failed", "too_many", 3)
    assert "60 seconds (setting run_seconds)" in ended.error.message
    assert left_behind(here.platform, run) == []


def test_time_in_which_nobody_holds_a_run_is_not_counted(store: Store) -> None:
    here = world(store, settings=Settings(run_seconds=60.0))
    run = tiny_run(here.platform, "hiccup")
    for _ in range(2):
        drive(here.platform, run)
        here.clock.forward(1000.0)
    assert drive(here.platform, run).state == "succeeded"


def test_a_run_of_a_model_that_is_gone_is_not_asked_for_over_and_over(store: Store) -> None:
    here = world(store)
    run, tenant = tiny_run(here.platform, "done"), here.platform.workspace("default")
    model = tenant.get(MODELS, "m")
    assert model is not None
    tenant.write(tenant.delete(MODELS, "m", expect=model.revision))
    refused = here.refused("POST", f"/v1/runs/{run}/cancel")
    assert (refused["status"], refused["code"]) == (404, "not_found")


@pytest.mark.parametrize(("length", "points"), [(0, 5), (5, 5), (6, 5), (1000, 200), (201, 200)])
def test_a_thin_curve_keeps_its_ends_and_its_order(length: int, points: int) -> None:
    curve = [float(one) for one in range(length)]
    kept = thin(curve, points)
    assert len(kept) == min(length, points)
    assert sorted(set(kept)) == kept
    assert kept[:1] + kept[-1:] == curve[:1] + curve[-1:]


class Deadly:
    """A place in which no task comes to its end."""

    def submit(self, order: Order) -> "Future[Result]":
        future: Future[Result] = Future()
        future.set_exception(Died())
        return future

    def close(self, grace_seconds: float = 0.0) -> None: ...


def test_a_round_in_which_several_tasks_die_is_one_crash(disk: Store) -> None:
    here = world(disk, settings=Settings(attempts=2))
    run = tiny_run(here.platform, *(f"done-{number}" for number in range(5)))
    Driver(here.platform, tiny(), Deadly()).drive("default", run)
    ended = run_of(here.platform, run)
    assert ended.state == "failed"
    assert ended.error is not None
    assert "2 times" in ended.error.message
