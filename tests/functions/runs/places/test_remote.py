"""Tasks in functions of their own: side by side, fenced, each result taken once, and an end in every case."""

import threading
from collections.abc import Callable

import msgspec
import pytest

from functions.runs.kind import Kinds
from functions.runs.lease import claim
from functions.runs.perform import Answer, Worker
from functions.runs.places.place import Died
from functions.runs.places.remote import WIDTH, Asked, Functions, answer
from functions.runs.record import Run
from functions.runs.runners import DeferredRunner
from functions.runs.task import FoldTask, key_of
from functions.settings import Settings
from functions.system.sweep import sweep
from functions.training.run_kinds import RUN_KINDS
from lepton_core.errors import Unavailable
from tests.support.holders import Gate, left_behind, outlives_its_lease
from tests.support.runners import inline
from tests.support.stores import Store
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.waiting import BACKSTOP, happened, joined
from tests.support.world import World, two_classes, world

DONE = FoldTask(0)


class Lambda:
    """Each call in a process of its own, as far as memory goes: names come in, JSON goes out. ``before`` may raise."""

    def __init__(
        self, here: World, kinds: Kinds | None = None, before: Callable[[Asked], None] = lambda asked: None
    ) -> None:
        self.here = here
        self.kinds = kinds or tiny()
        self.before = before
        self.asked: list[Asked] = []

    def __call__(self, payload: bytes) -> bytes:
        asked = msgspec.json.decode(payload, type=Asked)
        self.asked.append(asked)
        self.before(asked)
        return msgspec.json.encode(answer(Worker(self.here.again().platform, self.kinds), asked))

    @property
    def tasks(self) -> list[str]:
        return [key_of(asked.task) for asked in self.asked]


def driven(here: World, run: str, call: Callable[[bytes], bytes], kinds: Kinds | None = None) -> Run:
    """The run after one driver whose tasks go to ``call``."""
    runner = DeferredRunner(here.platform, kinds or tiny(), place=lambda: Functions(call))
    runner.take_up("default", run)
    return run_of(here.platform, run)


def failing(error: Exception, task: str, times: int = 1) -> Callable[[Asked], None]:
    """The first calls for ``task`` fail."""
    left = [error] * times

    def before(asked: Asked) -> None:
        if key_of(asked.task) == task and left:
            raise left.pop()

    return before


def far_away(here: World) -> tuple[World, Lambda]:
    """Another process, whose tasks are done by functions, and the functions."""
    far = Lambda(here, RUN_KINDS)
    return here.again(
        runner=lambda context, ended: DeferredRunner(context, RUN_KINDS, ended, lambda: Functions(far))
    ), far


def test_a_model_is_the_same_wherever_its_tasks_are_done(store: Store) -> None:
    here = world(store, settings=Settings(slice_seconds=0.0))
    once = here.trained(two_classes(40), "once", iterations=3)
    there, far = far_away(here)
    run = there.trained(two_classes(40), "far", iterations=3)["id"]
    sweep(there.platform)
    ended = run_of(here.platform, run)
    assert (ended.state, ended.attempt, ended.progress.loss) == ("succeeded", 1, once["loss"])
    assert far.tasks == ["fit"] * 3
    kept = [here.ok("GET", f"/v1/models/{name}/versions/1") for name in ("once", "far")]
    assert kept[0]["digest"] == kept[1]["digest"]
    assert len(left_behind(here.platform, run)) == 2, "the artifact and the evaluation"


def test_a_search_has_the_same_leaderboard_wherever_its_trials_are_done(store: Store) -> None:
    here = world(store)
    there, far = far_away(here)
    boards = []
    for one, name in ((here.again(runner=inline), "here"), (there, "there")):
        run = one.trained(two_classes(120), name, auto="hyperparameters", trials=3)["id"]
        sweep(one.platform)
        ended = here.ok("GET", f"/v1/runs/{run}")
        assert ended["state"] == "succeeded", ended["error"]
        boards.append([entry | {"seconds": 0} for entry in ended["outcome"]["leaderboard"]])
    assert boards[0] == boards[1]
    assert len({task for task in far.tasks if task.startswith("trial-")}) >= 3


def test_tasks_of_one_plan_run_side_by_side(store: Store) -> None:
    """Each of them ends only after all the others have begun."""
    here, meeting = world(store), threading.Barrier(WIDTH, timeout=BACKSTOP)
    kinds = tiny(meet=lambda context, run, name: meeting.wait() and None)
    run = tiny_run(here.platform, *(f"meet-{i}" for i in range(WIDTH)))
    assert driven(here, run, Lambda(here, kinds)).state == "succeeded"


def test_who_holds_the_run_no_more_is_told_so_and_nothing_is_done(store: Store) -> None:
    here = world(store)
    run, tenant = tiny_run(here.platform, "done"), here.platform.workspace("default")
    worker = Worker(here.platform, tiny())
    for _ in range(2):
        assert claim(here.platform, tenant, run, "somebody") is not None
        here.clock.forward(31)
    before = left_behind(here.platform, run)
    for workspace, name, attempt in (
        ("default", run, 1), ("default", run, 3), ("default", "run-none", 1), ("other", run, 2)
    ):  # fmt: skip
        assert answer(worker, Asked(workspace, name, attempt, DONE)) == Answer(late=True)
    assert left_behind(here.platform, run) == before
    assert answer(worker, Asked("default", run, 2, DONE)).result is not None


def test_a_driver_that_calls_late_changes_nothing(store: Store) -> None:
    here, gate = world(store), Gate()

    def stuck(asked: Asked) -> None:
        gate.began.set()
        happened(gate.go_on, "the call is let through")

    run = tiny_run(here.platform, "done")
    late = threading.Thread(target=driven, args=(here, run, Lambda(here, before=stuck)))
    late.start()
    happened(gate.began, "the task has begun")
    here.clock.forward(31)
    assert driven(here, run, Lambda(here)).attempt == 2
    ended = run_of(here.platform, run)
    gate.go_on.set()
    joined(late)
    assert run_of(here.platform, run) == ended
    assert left_behind(here.platform, run) == []


def test_a_task_that_outlives_its_driver_is_done_again_and_its_files_go(store: Store) -> None:
    here, gate = world(store), Gate()
    run, answers = tiny_run(here.platform, "gate"), []
    held = claim(here.platform, here.platform.workspace("default"), run, "killed")
    assert held is not None
    asked, worker = Asked("default", run, held.run.attempt, DONE), Worker(here.platform, tiny(gate=gate))
    orphan = threading.Thread(target=lambda: answers.append(answer(worker, asked)))
    orphan.start()
    happened(gate.began, "the task has begun")
    here.clock.forward(31)
    ended = driven(here, run, Lambda(here, tiny(gate=lambda *_: None)))
    assert (ended.state, ended.attempt) == ("succeeded", 2)
    gate.go_on.set()
    joined(orphan)
    assert answers == [Answer(late=True)]
    assert run_of(here.platform, run) == ended
    assert left_behind(here.platform, run) == []


def test_a_function_that_dies_costs_its_task_and_not_its_neighbours(store: Store) -> None:
    here = world(store)
    neighbours = threading.Barrier(2, timeout=BACKSTOP)

    def before(asked: Asked) -> None:
        if len(far.asked) <= 2:
            neighbours.wait()
            if asked.task == DONE:
                raise Died

    far = Lambda(here, before=before)
    ended = driven(here, tiny_run(here.platform, "done-1", "done-2"), far)
    assert (ended.state, ended.attempt) == ("succeeded", 1)
    assert sorted(far.tasks) == ["fold-0", "fold-0", "fold-1"]
    assert left_behind(here.platform, ended.id) == []


def test_a_run_whose_functions_keep_dying_fails(store: Store) -> None:
    here = world(store, settings=Settings(attempts=3))
    far = Lambda(here, before=failing(Died(), "fold-0", times=99))
    ended = driven(here, tiny_run(here.platform, "done-1", "done-2"), far)
    assert (ended.state, ended.error.code if ended.error else "") == ("failed", "internal")
    assert 3 <= far.tasks.count("fold-0") <= 5, "its neighbour may have made progress in between"
    assert left_behind(here.platform, ended.id) == []


@pytest.mark.parametrize(("task", "code"), [("refuse", "invalid_input"), ("boom", "internal")])
def test_errors_come_back_typed_and_with_nothing_of_our_own(store: Store, task: str, code: str) -> None:
    here = world(store)
    ended = driven(here, tiny_run(here.platform, task), Lambda(here))
    assert ended.state == "failed"
    assert ended.error is not None
    assert (ended.error.code, ended.error.field) == (code, "seven" if task == "refuse" else None)
    for secret in ("secret", "Traceback", "ZeroDivision", ".py"):
        assert secret not in ended.error.message
    assert left_behind(here.platform, ended.id) == []


def test_a_store_that_is_away_for_the_functions_makes_the_run_wait(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "hiccup", "done")
    for waits in (1, 1):  # its neighbour was done in the first attempt, and nothing in the second
        left = driven(here, run, Lambda(here))
        assert (left.state, left.lease, left.crashes, left.waits >= waits) == ("running", None, 0, True)
        assert left.progress.note == "waits: the store is busy; try again"
        here.clock.forward(31)
    ended = driven(here, run, Lambda(here))
    assert (ended.state, ended.attempt) == ("succeeded", 3)


def test_functions_that_cannot_be_called_make_the_run_wait(store: Store) -> None:
    here = world(store)
    run = tiny_run(here.platform, "done")
    left = driven(here, run, Lambda(here, before=failing(Unavailable("no function answers"), "fold-0")))
    assert (left.state, left.waits, left.crashes) == ("running", 1, 0)
    here.clock.forward(1)
    assert driven(here, run, Lambda(here)).state == "succeeded"


def test_the_lease_lives_as_long_as_the_functions_do(store: Store) -> None:
    here, gate = world(store, settings=Settings(lease_seconds=0.5)), Gate()
    run = tiny_run(here.platform, "gate-1", "gate-2")
    driver = threading.Thread(target=driven, args=(here, run, Lambda(here, tiny(gate=gate))))
    driver.start()
    outlives_its_lease(here, run)
    gate.go_on.set()
    joined(driver)
    assert (run_of(here.platform, run).state, run_of(here.platform, run).attempt) == ("succeeded", 1)
