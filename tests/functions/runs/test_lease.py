"""Leases: who may work on a run, what counts as a crash, and how a run waits for a store that is away."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from functions.context import Context
from functions.runs.ending import fail, succeed
from functions.runs.lease import Held, claim, is_free
from functions.runs.loop import Driver
from functions.runs.perform import Order, Worker
from functions.runs.places.inline import Inline
from functions.runs.record import RESULTS, RUNS, Kept, Lease, Progress, Run
from functions.runs.task import FitTask, Folded, FoldTask
from functions.settings import Settings
from functions.storage import Lost
from functions.system.sweep import sweep
from lepton_core.errors import Failure, Unavailable
from lepton_core.evaluate import FoldResult
from tests.support.faults import FaultyBlobs, FaultyRecords, Killed, KillSwitch, When
from tests.support.holders import drive, inline, left_behind, results_of, revision
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.world import World, world

LEASE = Settings().lease_seconds


def taken(here: World, run: str, owner: str = "holder") -> Held:
    held = claim(here.platform, here.platform.workspace("default"), run, owner)
    assert held is not None
    return held


def expire(here: World) -> None:
    here.clock.forward(LEASE)


def dies(context: Context, run: Run, name: str) -> None:
    """The process ends in the middle of the task."""
    raise Killed


def killed(here: World, held: Held, task: FitTask | FoldTask) -> None:
    """A worker begins the task and ends without a word, and its driver with it."""
    with pytest.raises(Killed):
        Worker(here.platform, tiny(die=dies)).perform(Order("default", held.run, task))


def test_only_one_of_many_claims_is_granted_again_after_the_lease(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    tenant = here.platform.workspace("default")
    for attempt in (1, 2, 3):
        claims = [partial(claim, here.platform, tenant, run, f"owner-{i}") for i in range(5)]
        granted = [held for held in together(claims) if held is not None]
        assert [held.run.attempt for held in granted] == [attempt]
        assert claim(here.platform, tenant, run, "late") is None
        expire(here)
    assert claim(here.platform, tenant, "run-none", "x") is None


def test_each_write_of_a_late_holder_is_refused(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    late = taken(here, run, "late")
    expire(here)
    now = taken(here, run, "now")
    before = revision(here.platform, run)
    writes: list[Callable[[Held], Any]] = [
        Held.renew, Held.crashed, Held.release,
        lambda held: held.progressed(Progress(iteration=9), 1),
        lambda held: held.postpone("the store is away"),
        lambda held: succeed(held, tiny(), {}),
        lambda held: fail(held, Failure("internal", "late")),
    ]  # fmt: skip
    for write in writes:
        with pytest.raises(Lost):
            write(late)
    assert revision(here.platform, run) == before
    succeed(now, tiny(), {})
    assert run_of(here.platform, run).state == "succeeded"


def test_a_run_none_of_whose_tasks_had_begun_is_never_blamed(store: Store) -> None:
    """It waited in a line while others made its process die: however often that happens, it is done in the end."""
    here = world(store, settings=Settings(attempts=2))
    run = tiny_run(here.platform, "done")
    for attempt in range(1, 40):
        assert taken(here, run).run.attempt == attempt
        expire(here)
        assert run_of(here.platform, run).crashes == 0
    sweep(here.again(runner=inline()).platform)
    assert run_of(here.platform, run).state == "succeeded"


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_run_whose_task_began_and_died_so_often_as_it_may_fails(store: Store, attempts: int) -> None:
    here = world(store, settings=Settings(attempts=attempts))
    run = tiny_run(here.platform, "die")
    for crashes in range(attempts):
        held = taken(here, run)
        assert (held.run.attempt, held.run.crashes) == (crashes + 1, crashes)
        killed(here, held, FoldTask(0))
        expire(here)
    sweep(here.again(runner=inline()).platform)
    ended = run_of(here.platform, run)
    assert ended.error is not None
    assert (ended.state, ended.error.code) == ("failed", "internal")
    assert f"{attempts} times" in ended.error.message
    assert "memory" in ended.error.message
    assert left_behind(here.platform, run) == []


def test_of_two_runs_whose_process_died_the_one_that_had_begun_is_blamed(store: Store) -> None:
    here = world(store)
    guilty, waiting = tiny_run(here.platform, "die"), tiny_run(here.platform, "done")
    for _ in range(3):
        held, _ = taken(here, guilty), taken(here, waiting)
        killed(here, held, FoldTask(0))
        expire(here)
    assert (taken(here, guilty).run.crashes, taken(here, waiting).run.crashes) == (3, 0)


def test_a_task_that_was_done_is_no_crash_though_its_holder_died(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done", "done-2")
    held = taken(here, run)
    Worker(here.platform, tiny()).perform(Order("default", held.run, FoldTask(0)))
    expire(here)
    assert taken(here, run).run.crashes == 0


def test_progress_resets_the_crashes(store: Store) -> None:
    here = world(store, settings=Settings(attempts=3))
    run = tiny_run(here.platform, "die", rounds=9)
    worker = Worker(here.platform, tiny(die=lambda *_: None))
    for step in range(8):
        killed(here, taken(here, run), FitTask())
        expire(here)
        held = taken(here, run)
        assert held.run.crashes == 1
        result = worker.perform(Order("default", held.run, FitTask()))
        held.progressed(tiny()[type(held.run.job)].progress(held.run.job, {"fit": result}), 0)
        assert run_of(here.platform, run).progress.iteration == step + 1
        assert run_of(here.platform, run).crashes == 0
        expire(here)
    drive(here.platform, run, tiny(die=lambda *_: None))
    assert run_of(here.platform, run).state == "succeeded"
    assert left_behind(here.platform, run) == []


def test_progress_that_no_driver_wrote_resets_the_crashes_too(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "die", rounds=3)
    for _ in range(2):
        killed(here, taken(here, run), FitTask())
        expire(here)
    held = taken(here, run)
    assert held.run.crashes == 2
    Worker(here.platform, tiny(die=lambda *_: None)).perform(Order("default", held.run, FitTask()))
    expire(here)
    held = taken(here, run)
    assert held.run.crashes == 0
    killed(here, held, FitTask())
    expire(here)
    assert taken(here, run).run.crashes == 1


def test_progress_of_one_task_does_not_hide_the_crash_of_its_neighbour(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "die", "done")
    for crashes in (0, 1):
        held = taken(here, run)
        assert held.run.crashes == crashes
        killed(here, held, FoldTask(0))
        expire(here)
    held = taken(here, run)
    assert held.run.crashes == 2
    killed(here, held, FoldTask(0))
    Worker(here.platform, tiny()).perform(Order("default", held.run, FoldTask(1)))
    expire(here)
    assert taken(here, run).run.crashes == 1


def test_a_lease_that_was_given_back_counts_nothing(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "die")
    for attempt in range(1, 9):
        held = taken(here, run)
        killed(here, held, FoldTask(0))
        held.release()
        left = run_of(here.platform, run)
        assert (left.attempt, left.crashes, left.lease) == (attempt, 0, None)


BOUND = Settings(lease_seconds=30.0, longest_wait_seconds=300.0)


@pytest.mark.parametrize(
    ("seconds", "free"),
    [(-1, True), (0, True), (0.1, False), (30, False), (31, False), (32, True), (9e8, True)],
)
def test_a_lease_from_a_clock_that_was_wrong_counts_as_ended(
    store: Store, seconds: float, free: bool
) -> None:
    here = world(store, settings=BOUND)
    run = run_of(here.platform, tiny_run(here.platform, "done"))
    now = here.clock()
    here.clock.forward(seconds)
    held = replace(run, state="running", lease=Lease("somebody", here.clock()))
    assert is_free(held, now, BOUND) is free


@pytest.mark.parametrize(
    ("seconds", "free"), [(-1, True), (0, True), (0.1, False), (300, False), (301, False), (302, True)]
)
def test_a_wait_from_a_clock_that_was_wrong_counts_as_over(store: Store, seconds: float, free: bool) -> None:
    here = world(store, settings=BOUND)
    run = run_of(here.platform, tiny_run(here.platform, "done"))
    now = here.clock()
    here.clock.forward(seconds)
    assert is_free(replace(run, state="running", not_before=here.clock()), now, BOUND) is free


def test_a_run_that_was_held_under_a_clock_years_ahead_is_taken_up_at_once(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    years = 3e8
    here.clock.forward(years)
    taken(here, run)
    here.clock.forward(-years)
    sweep(here.again(runner=inline()).platform)
    assert run_of(here.platform, run).state == "succeeded"


def away(context: Context, run: Run, name: str) -> None:
    raise Unavailable("the store is away")


def test_a_run_whose_store_is_away_waits_twice_as_long_each_time_and_never_fails(store: Store) -> None:
    here = world(store, settings=Settings(attempts=2, longest_wait_seconds=100.0))
    run = tiny_run(here.platform, "away", "done")
    expected = [1, 2, 4, 8, 16, 32, 64, 100, 100, 100, 100]
    for number, seconds in enumerate(expected, 1):
        left = drive(here.platform, run, tiny(away=away))
        assert (left.state, left.lease, left.waits, left.crashes) == ("running", None, number, 0)
        assert left.not_before is not None
        assert (left.not_before - here.clock()).total_seconds() == seconds
        assert left.progress.note == "waits: the store is away"
        here.clock.forward(seconds - 0.5)
        assert claim(here.platform, here.platform.workspace("default"), run, "early") is None
        sweep(here.again(runner=inline()).platform)
        assert run_of(here.platform, run) == left, "the sweep leaves it alone"
        here.clock.forward(0.5)
    ended = drive(here.platform, run, tiny(away=lambda *_: None))
    assert (ended.state, ended.attempt) == ("succeeded", len(expected) + 1)


def test_progress_ends_the_waits(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "away", rounds=3)
    drive(here.platform, run, tiny(away=away))
    here.clock.forward(1)
    slices = iter([None, Unavailable("again")])

    def second(context: Context, run: Run, name: str) -> None:
        if (error := next(slices)) is not None:
            raise error

    left = drive(here.platform, run, tiny(away=second))
    assert (left.progress.iteration, left.waits) == (1, 1), "the first wait of a new row"


class Away:
    """Records and blobs that answer nothing for a while."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.away = False

    def __getattr__(self, name: str) -> Any:
        if self.away:
            raise Unavailable("the store does not answer; try again")
        return getattr(self._inner, name)


@pytest.mark.parametrize("when", ["before", "in a task"])
def test_six_minutes_without_any_store_fail_no_run(store: Store, when: str) -> None:
    """Not even the lease can be given back; and yet nobody crashed."""
    records, blobs = Away(store.records), Away(store.blobs)
    here = world(store, records=records, blobs=blobs, settings=Settings(attempts=2))
    run = tiny_run(here.platform, "out", "done")

    def switch(gone: bool) -> None:
        records.away = blobs.away = gone

    def out(context: Context, run: Run, name: str) -> None:
        if when == "in a task":
            switch(True)

    kinds = tiny(out=out)
    driver = Driver(here.platform, kinds, Inline(Worker(here.platform, kinds)))
    switch(when == "before")
    for _ in range(6):  # each minute somebody looks
        driver.drive("default", run)
        here.clock.forward(60)
    switch(False)
    when = "over"
    driver.drive("default", run)
    ended = run_of(here.platform, run)
    assert (ended.state, ended.crashes, ended.attempt <= 2) == ("succeeded", 0, True)
    assert left_behind(here.platform, run) == []


class Once(KillSwitch):
    """The store is away for one write, and there again for the next."""

    def check(self) -> None:
        if self.dead:
            self.dead, self.number = False, None
            raise Unavailable("the store does not answer; try again")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_store_that_is_away_for_one_write_fails_no_run(store: Store, number: int, moment: When) -> None:
    """Whichever write it is, and whether it was written or not."""
    here, switch = world(store, settings=Settings(attempts=1)), Once(number, moment)
    run = tiny_run(here.platform, "done", "done-2")
    there = here.again(
        records=FaultyRecords(store.records, switch), blobs=FaultyBlobs(store.blobs, switch)
    ).platform
    driver = Driver(there, tiny(), Inline(Worker(there, tiny())))
    for _ in range(4):
        driver.drive("default", run)
        here.clock.forward(60)
    assert switch.number is None or number > switch.count
    ended = run_of(here.platform, run)
    assert (ended.state, ended.crashes) == ("succeeded", 0), switch.log
    sweep(here.again(runner=inline()).platform)
    assert left_behind(here.platform, run) == []


def test_the_result_of_a_late_worker_never_replaces_the_first(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "late")
    tenant = here.platform.workspace("default")
    held = taken(here, run)
    first = Folded(FoldResult(loss=1.0, rows=1, metrics={}))

    def overtaken(context: Context, run: Run, name: str) -> None:
        tenant.write(tenant.put(RESULTS, run.id, "fold-0", value=Kept(first), expect=0))

    order = Order("default", held.run, FoldTask(0))
    assert Worker(here.platform, tiny(late=overtaken)).perform(order) == first
    assert Worker(here.platform, tiny(late=overtaken)).perform(order) == first, (
        "asked again, it is done already"
    )
    assert results_of(here.platform, run) == {"fold-0": first}


def test_a_slice_of_a_late_worker_never_replaces_a_later_one_and_its_files_go(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "late", rounds=9)
    held = taken(here, run)
    order = Order("default", held.run, FitTask())
    quick = Worker(here.platform, tiny(late=lambda *_: None))

    def overtaken(context: Context, run: Run, name: str) -> None:
        quick.perform(order)
        quick.perform(order)

    result = Worker(here.platform, tiny(late=overtaken)).perform(order)
    assert results_of(here.platform, run) == {"fit": result}
    assert result.iteration == 2  # type: ignore[union-attr]
    assert len(here.platform.blobs.keys(f"default/runs/{run}/")) == 1, "the file of the result, and no other"


def test_a_run_that_has_ended_is_free_for_nobody(store: Store) -> None:
    here = world(store)
    run = drive(here.platform, tiny_run(here.platform, "done"))
    here.clock.forward(1e6)
    assert not is_free(run, here.clock(), here.platform.settings)
    tenant = here.platform.workspace("default")
    assert claim(here.platform, tenant, run.id, "x") is None
    assert tenant.get(RUNS, run.id) is not None
