"""Tasks in functions of their own: side by side, fenced, each result taken once, and an end in every case."""

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import pytest

from functions.context import Platform, Settings, bound, never, utc_now
from functions.records.kinds import Run
from functions.runs.kind import Died
from functions.runs.loop import drive
from functions.runs.places.inline import DeferredRunner, InlineRunner
from functions.runs.places.remote import WIDTH, Answer, Asked, Busy, Functions, answer
from functions.runs.record import claim
from functions.storage import Workspace
from functions.system.sweep import sweep
from functions.system.work import work_task
from lepton_core.errors import Unavailable
from tests.support.holders import Gate, left_behind, until
from tests.support.stores import Store
from tests.support.tiny_runs import done, run_of, tiny_run, tiny_runs
from tests.support.world import World, two_classes, world


@pytest.fixture(autouse=True)
def _tiny() -> Iterator[None]:
    with tiny_runs():
        yield


class Lambda:
    """Each call in a process of its own, as far as memory goes: names come in, JSON goes out. ``before`` may raise."""

    def __init__(self, here: World, before: Callable[[Asked], None] = lambda asked: None) -> None:
        self.here = here
        self.before = before
        self.asked: list[Asked] = []

    def __call__(self, payload: bytes) -> bytes:
        asked = msgspec.json.decode(payload, type=Asked)
        self.asked.append(asked)
        self.before(asked)
        with bound(self.here.again().platform):
            return json.dumps(work_task(json.loads(payload), None)).encode()

    @property
    def tasks(self) -> list[str]:
        return [asked.task for asked in self.asked]


def driven(here: World, run: str, call: Callable[[bytes], bytes]) -> Run:
    """The run after one driver whose tasks go to ``call``."""
    DeferredRunner(call).take_up(here.platform, "default", run)
    return run_of(here.platform, run)


def failing(error: Exception, task: str, times: int = 1) -> Callable[[Asked], None]:
    """The first calls for ``task`` fail."""
    left = [error] * times

    def before(asked: Asked) -> None:
        if asked.task == task and left:
            raise left.pop()

    return before


def test_a_model_is_the_same_wherever_its_tasks_are_done(store: Store) -> None:
    here = world(store, runner=InlineRunner(), settings=Settings(slice_seconds=0.0))
    once = here.trained(two_classes(40), "once", iterations=3)
    far = Lambda(here)
    there = here.again(runner=DeferredRunner(far))
    run = there.trained(two_classes(40), "far", iterations=3)["id"]
    sweep(there.platform)
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt, ended.loss) == ("succeeded", 1, once["loss"])
    assert far.tasks == ["fit"] * 3 + ["score"]
    kept = [here.ok("GET", f"/v1/models/{name}/versions/1") for name in ("once", "far")]
    assert kept[0]["digest"] == kept[1]["digest"]
    assert set(left_behind(here.platform, run)) == {kept[1]["artifact"], kept[1]["evaluation"]}


def test_a_search_has_the_same_leaderboard_wherever_its_trials_are_done(store: Store) -> None:
    here = world(store)
    far = Lambda(here)
    there = here.again(runner=DeferredRunner(far))
    boards = []
    for runner, name in ((InlineRunner(), "here"), (DeferredRunner(far), "there")):
        there = here.again(runner=runner)
        run = there.trained(two_classes(120), name, auto=True, trials=3)["id"]
        sweep(there.platform)
        ended = run_of(here.platform, run)
        assert ended.state == "succeeded", ended.error
        boards.append([one | {"seconds": 0} for one in ended.outcome["leaderboard"]])
    assert boards[0] == boards[1]
    assert len({task for task in far.tasks if task.startswith("trial-")}) >= 3


def test_tasks_of_one_plan_run_side_by_side(store: Store) -> None:
    """Each of them ends only after all the others have begun."""
    here, meeting = world(store), threading.Barrier(WIDTH, timeout=30)

    def meet(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
        meeting.wait()
        return done(platform, store, run, task)

    with tiny_runs(meet=meet):
        run = tiny_run(here.platform, *(f"meet-{i}" for i in range(WIDTH)))
        assert driven(here, run, Lambda(here)).state == "succeeded"


def test_no_more_tasks_are_under_way_than_there_may_be(store: Store) -> None:
    here, third = world(store), threading.Barrier(3)

    def count(platform: Platform, store: Workspace, run: Run, task: str) -> dict[str, Any]:
        with pytest.raises(threading.BrokenBarrierError):
            third.wait(0.2)
        return done(platform, store, run, task)

    with tiny_runs(count=count):
        run = tiny_run(here.platform, *(f"count-{i}" for i in range(5)))
        tasks = Functions(Lambda(here), width=2)
        drive(here.platform, "default", run, partial(tasks.submit, here.platform), never)
        tasks.close()
    assert run_of(here.platform, run).state == "succeeded"


def test_a_task_that_is_done_twice_leaves_one_result(store: Store) -> None:
    here = world(store)
    far = Lambda(here)
    run = tiny_run(here.platform, "done-1", "done-2", rounds=2)
    ended = driven(here, run, lambda payload: (far(payload), far(payload))[1])
    assert (ended.state, ended.attempt, len(far.tasks)) == ("succeeded", 1, 8)
    assert left_behind(here.platform, run) == []


def test_who_holds_the_run_no_more_is_told_so_and_nothing_is_done(store: Store) -> None:
    here = world(store)
    run, tenant = tiny_run(here.platform, "done"), here.platform.workspace("default")
    assert answer(here.platform, Asked("default", run, 0, "done")).result is not None, (
        "queued, and nobody's yet"
    )
    before = left_behind(here.platform, run)
    for _ in range(2):
        assert claim(here.platform, tenant, run, "somebody") is not None
        here.clock.forward(31)
    assert answer(here.platform, Asked("default", run, 1, "done")) == Answer(late=True)
    assert answer(here.platform, Asked("default", run, 3, "done")) == Answer(late=True)
    assert answer(here.platform, Asked("default", "run-none", 1, "done")) == Answer(late=True)
    assert answer(here.platform, Asked("other", run, 2, "done")) == Answer(late=True)
    assert left_behind(here.platform, run) == before


def test_a_driver_that_calls_late_changes_nothing(store: Store) -> None:
    here, gate = world(store), Gate()

    def stuck(asked: Asked) -> None:
        gate.began.set()
        assert gate.go_on.wait(10)

    run = tiny_run(here.platform, "done")
    late = threading.Thread(target=driven, args=(here, run, Lambda(here, stuck)))
    late.start()
    assert gate.began.wait(10)
    here.clock.forward(31)
    assert driven(here, run, Lambda(here)).attempt == 2
    ended = run_of(here.platform, run)
    gate.go_on.set()
    late.join(10)
    assert run_of(here.platform, run) == ended
    assert left_behind(here.platform, run) == []


def test_a_task_that_outlives_its_driver_is_done_again_and_its_files_go(store: Store) -> None:
    here, gate = world(store), Gate()
    run, answers = tiny_run(here.platform, "gate"), []
    with tiny_runs(gate=gate):
        held = claim(here.platform, here.platform.workspace("default"), run, "killed")
        assert held is not None
        asked = Asked("default", run, held.run.attempt, "gate")
        orphan = threading.Thread(target=lambda: answers.append(answer(here.again().platform, asked)))
        orphan.start()
        assert gate.began.wait(10)
        here.clock.forward(31)
        with tiny_runs(gate=done):
            ended = driven(here, run, Lambda(here))
        assert (ended.state, ended.attempt) == ("succeeded", 2)
        gate.go_on.set()
        orphan.join(10)
    assert answers == [Answer(late=True)]
    assert run_of(here.platform, run) == ended
    assert left_behind(here.platform, run) == []


def test_a_function_that_dies_costs_its_task_and_not_its_neighbours(store: Store) -> None:
    here = world(store)
    neighbours = threading.Barrier(2, timeout=10)

    def before(asked: Asked) -> None:
        if len(far.asked) <= 2:
            neighbours.wait()
            if asked.task == "done-1":
                raise Died

    far = Lambda(here, before)
    run = tiny_run(here.platform, "done-1", "done-2")
    ended = driven(here, run, far)
    assert (ended.state, ended.attempt) == ("succeeded", 1)
    assert sorted(far.tasks) == ["done-1", "done-1", "done-2"]
    assert left_behind(here.platform, run) == []


def test_a_death_counts_though_its_neighbours_end_well_after_it(store: Store) -> None:
    here, gate = world(store, settings=Settings(attempts=1)), Gate()

    def before(asked: Asked) -> None:
        if asked.task == "done":
            assert gate.began.wait(10)
            threading.Timer(0.1, gate.go_on.set).start()
            raise Died

    with tiny_runs(gate=gate):
        run = tiny_run(here.platform, "gate", "done")
        ended = driven(here, run, Lambda(here, before))
    assert (ended.state, gate.calls) == ("failed", ["gate"])
    assert left_behind(here.platform, run) == []


def test_a_run_whose_functions_keep_dying_fails(store: Store) -> None:
    here = world(store, settings=Settings(attempts=3))
    far = Lambda(here, failing(Died(), "done-1", times=99))
    run = tiny_run(here.platform, "done-1", "done-2")
    ended = driven(here, run, far)
    assert (ended.state, ended.error.code if ended.error else "") == ("failed", "internal")
    assert 3 <= far.tasks.count("done-1") <= 5, "its neighbour may have made progress in between"
    assert left_behind(here.platform, run) == []


@pytest.mark.parametrize(("task", "code"), [("refuse", "invalid_input"), ("boom", "internal")])
def test_errors_come_back_typed_and_with_nothing_of_our_own(store: Store, task: str, code: str) -> None:
    here = world(store)
    run = tiny_run(here.platform, task)
    ended = driven(here, run, Lambda(here))
    assert ended.state == "failed"
    assert ended.error is not None
    assert (ended.error.code, ended.error.field) == (code, "seven" if task == "refuse" else None)
    for secret in ("secret", "Traceback", "ZeroDivision", ".py"):
        assert secret not in ended.error.message
    assert left_behind(here.platform, run) == []


def test_a_store_that_is_away_for_a_while_fails_no_run(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "hiccup", "done")
    for _ in range(2):
        with pytest.raises(Unavailable, match="the store is busy"):
            driven(here, run, Lambda(here))
        here.clock.forward(31)
    ended = driven(here, run, Lambda(here))
    assert (ended.state, ended.attempt) == ("succeeded", 3)


def test_a_task_for_which_no_function_is_free_waits_for_one(store: Store) -> None:
    here, paused = world(store), list[float]()
    far = Lambda(here, failing(Busy(), "done-1", times=9))
    run = tiny_run(here.platform, "done-1", "done-2")
    tasks = Functions(far, pause=paused.append)
    drive(here.platform, "default", run, partial(tasks.submit, here.platform), never)
    tasks.close()
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt, ended.crashes) == ("succeeded", 1, 0)
    assert far.tasks.count("done-1") == 10
    assert len(paused) == 9
    assert all(0 <= seconds <= 5 for seconds in paused)


def test_when_the_time_is_up_no_task_begins_and_what_is_under_way_is_kept(store: Store) -> None:
    here, gate, late = world(store), Gate(), threading.Event()

    def pause(seconds: float) -> None:
        gate.go_on.set()
        late.set()

    with tiny_runs(gate=gate):
        run = tiny_run(here.platform, "gate", "done-1", "done-2")
        far = Lambda(here, failing(Busy(), "done-1", times=99))
        tasks = Functions(far, late.is_set, width=2, pause=pause)
        drive(here.platform, "default", run, partial(tasks.submit, here.platform), late.is_set)
        tasks.close()
    left = run_of(here.platform, run)
    assert (left.state, left.lease, left.crashes) == ("running", None, 0)
    assert list(left.done) == ["gate"]
    assert sorted(far.tasks) == ["done-1", "gate"]
    assert driven(here, run, Lambda(here)).attempt == 2
    assert run_of(here.platform, run).state == "succeeded"


def test_the_lease_lives_as_long_as_the_functions_do(store: Store) -> None:
    settings = Settings(lease_seconds=0.5)
    here = world(store).again(clock=utc_now, settings=settings)
    run = tiny_run(here.platform, "nap-1", "nap-2", seconds=0.75)
    driver = threading.Thread(target=driven, args=(here, run, Lambda(here)))
    driver.start()
    until(lambda: run_of(here.platform, run).lease)
    while driver.is_alive():
        assert claim(here.platform, here.platform.workspace("default"), run, "thief") is None
        driver.join(0.02)
    assert (run_of(here.platform, run).state, run_of(here.platform, run).attempt) == ("succeeded", 1)
