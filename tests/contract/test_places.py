"""Every sentence of `functions.runs.places.place`, over every place where tasks are done."""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from functions.context import Context
from functions.runs.ending import cancel
from functions.runs.job import EvaluateJob
from functions.runs.perform import Order, Worker
from functions.runs.places.inline import Inline
from functions.runs.places.place import Closed, Place
from functions.runs.places.processes import Processes
from functions.runs.places.remote import Asked, Functions, answer
from functions.runs.places.threads import Patient, Threads
from functions.runs.task import Failed, Folded, Result
from functions.settings import Settings
from functions.storage import Lost
from infra.local.beside import Beside, program
from lepton_core.errors import Unavailable
from tests.support.holders import left_behind, results_of
from tests.support.machine_place import MachinePlace
from tests.support.tiny_runs import open_context, open_tiny, run_of, tiny, tiny_run
from tests.support.waiting import BACKSTOP, until

SETTINGS = Settings()
BESIDE = pytest.param("beside", marks=pytest.mark.slow)
IN_PROCESSES = pytest.param("processes", marks=pytest.mark.slow)
WITH_A_LINE = ("threads", IN_PROCESSES, "functions", "patient", BESIDE)
"""Places whose callers do not wait until the task is done."""
EVERY = ("inline", *WITH_A_LINE)
IN_A_MACHINE = pytest.param("machine", marks=pytest.mark.slow)
"""A place of which only what becomes of a task is the place's own: who is next decide the rounds of the runs."""


def made(name: str, context: Context, folder: Path, workers: int) -> Place:
    worker = Worker(context, tiny())
    places: dict[str, Callable[[], Place]] = {
        "inline": lambda: Inline(worker),
        "threads": lambda: Threads(worker, workers),
        "processes": lambda: Processes(partial(open_tiny, folder, SETTINGS), workers),
        "functions": lambda: Functions(partial(call, worker), width=workers),
        "patient": lambda: Patient(Threads(worker, workers), partial(Threads, worker, workers)),
        "machine": lambda: MachinePlace(context, tiny()),
        "beside": lambda: Beside(partial(program, "tests.support.tiny_beside", str(folder)), workers),
    }
    return places[name]()


def call(worker: Worker, asked: bytes) -> bytes:
    """A function of its own, as far as what travels goes: names come in, JSON goes out."""
    return msgspec.json.encode(answer(worker, msgspec.json.decode(asked, type=Asked)))


@dataclass
class Opened:
    """A place over a disk store, and the futures that it gave."""

    context: Context
    place: Place
    folder: Path
    futures: list["Future[Result]"] = field(default_factory=list)

    def queued(self, *tasks: str, workspace: str = "default", **settings: Any) -> list[Order]:
        """A new run, as one order for each of its tasks."""
        run = tiny_run(self.context, *tasks, workspace=workspace, folder=str(self.folder), **settings)
        stored = run_of(self.context, run, workspace)
        return [Order(workspace, stored, task) for task in tiny()[EvaluateJob].plan(stored.job, {})]

    def submit(self, order: Order) -> "Future[Result]":
        self.futures.append(self.place.submit(order))
        return self.futures[-1]

    def result(self, task: str, **settings: Any) -> tuple[Order, Result]:
        (order,) = self.queued(task, **settings)
        return order, self.submit(order).result(BACKSTOP)

    def stays(self, task: str = "stay") -> None:
        """A worker has begun the task, and stays in it until it may go on."""
        until(lambda: list(self.folder.glob(f"{task}.*")), f"{task} has begun")

    def go_on(self) -> None:
        (self.folder / "go-on").touch()


@pytest.fixture
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    if request.param == "machine":
        request.getfixturevalue("aws")
    context = open_context(tmp_path / "store", SETTINGS)
    here = Opened(context, made(request.param, context, tmp_path / "store", 1), tmp_path)
    yield here
    here.go_on()
    here.place.close(BACKSTOP)
    context.records.close()  # type: ignore[attr-defined]


every = pytest.mark.parametrize("opened", EVERY, indirect=True)
wherever = pytest.mark.parametrize("opened", [*EVERY, IN_A_MACHINE], indirect=True)
with_a_line = pytest.mark.parametrize("opened", WITH_A_LINE, indirect=True)


@wherever
def test_a_task_is_done_and_its_result_is_stored(opened: Opened) -> None:
    order, result = opened.result("done")
    assert isinstance(result, Folded)
    assert results_of(opened.context, order.run.id) == {"fold-0": result}


@wherever
def test_a_task_that_is_done_twice_leaves_the_first_result(opened: Opened) -> None:
    order, first = opened.result("done")
    files = opened.context.blobs.keys("default/runs/")
    assert opened.submit(order).result(BACKSTOP) == first
    assert results_of(opened.context, order.run.id) == {"fold-0": first}
    assert opened.context.blobs.keys("default/runs/") == files


@wherever
def test_slices_of_a_task_go_on_where_the_last_one_ended(opened: Opened) -> None:
    (order,) = opened.queued("done", rounds=3)
    results = [opened.submit(order).result(BACKSTOP) for _ in range(4)]
    assert [result.iteration for result in results] == [1, 2, 3, 3]  # type: ignore[union-attr]
    assert len(opened.context.blobs.keys("default/runs/")) == 1, "earlier checkpoints are gone"


@wherever
def test_what_the_caller_did_wrong_is_a_result(opened: Opened) -> None:
    order, result = opened.result("refuse")
    assert isinstance(result, Failed)
    assert (result.error.code, result.error.message, result.error.field) == (
        "invalid_input",
        "must be even",
        "seven",
    )
    assert results_of(opened.context, order.run.id) == {"fold-0": result}


@wherever
def test_a_fault_of_ours_is_a_result_that_tells_nothing_of_itself(opened: Opened) -> None:
    order, result = opened.result("boom")
    assert isinstance(result, Failed)
    assert (result.error.code, result.error.field) == ("internal", None)
    assert order.run.id in result.error.message
    for secret in ("secret", "Traceback", "ZeroDivision", ".py"):
        assert secret not in result.error.message


@wherever
def test_a_store_that_is_away_is_raised_and_is_no_result(opened: Opened) -> None:
    (order,) = opened.queued("hiccup")
    with pytest.raises(Unavailable, match="the store is busy"):
        opened.submit(order).result(BACKSTOP)
    assert results_of(opened.context, order.run.id) == {}


@wherever
def test_a_task_of_a_run_that_has_ended_is_lost_and_leaves_nothing(opened: Opened) -> None:
    for rounds in (0, 3):
        (order,) = opened.queued("done", rounds=rounds)
        cancel(opened.context, opened.context.workspace("default"), order.run.id)
        with pytest.raises(Lost):
            opened.submit(order).result(BACKSTOP)
        assert left_behind(opened.context, order.run.id) == []


@pytest.mark.parametrize("opened", [*WITH_A_LINE, IN_A_MACHINE], indirect=True)
@pytest.mark.parametrize("rounds", [0, 3])
def test_a_task_whose_run_ends_meanwhile_is_lost_and_leaves_nothing(opened: Opened, rounds: int) -> None:
    (order,) = opened.queued("stay", rounds=rounds)
    future = opened.submit(order)
    opened.stays()
    cancel(opened.context, opened.context.workspace("default"), order.run.id)
    opened.go_on()
    with pytest.raises(Lost):
        future.result(BACKSTOP)
    assert left_behind(opened.context, order.run.id) == []


@wherever
def test_a_place_that_is_closed_takes_no_task(opened: Opened) -> None:
    (order,) = opened.queued("done")
    opened.place.close()
    with pytest.raises(Closed):
        opened.submit(order)
    assert results_of(opened.context, order.run.id) == {}


@with_a_line
def test_tasks_that_wait_when_the_place_closes_end_as_closed_and_had_not_begun(opened: Opened) -> None:
    first, *others = opened.queued("stay", "done", "done")
    under_way = opened.submit(first)
    opened.stays()
    waiting = [opened.submit(order) for order in others]
    opened.place.close()
    for future in waiting:
        with pytest.raises(Closed):
            future.result(BACKSTOP)
    assert not under_way.done() or isinstance(under_way.exception(), Closed), "in its function, or ended"
    assert results_of(opened.context, first.run.id) == {}


@pytest.mark.parametrize("opened", [*WITH_A_LINE, IN_A_MACHINE], indirect=True)
def test_a_task_under_way_is_waited_for_as_long_as_there_is_grace(opened: Opened) -> None:
    (order,) = opened.queued("stay")
    future = opened.submit(order)
    opened.stays()
    opened.go_on()
    opened.place.close(BACKSTOP)
    assert results_of(opened.context, order.run.id) == {"fold-0": future.result(0)}


@with_a_line
def test_a_task_can_be_cancelled_until_it_begins(opened: Opened) -> None:
    first, second, third = opened.queued("stay", "done", "done")
    futures = [opened.submit(order) for order in (first, second, third)]
    opened.stays()
    assert [future.cancel() for future in futures[:2]] == [False, True]
    opened.go_on()
    assert isinstance(futures[2].result(BACKSTOP), Folded)
    with pytest.raises(CancelledError):
        futures[1].result(BACKSTOP)
    assert sorted(results_of(opened.context, first.run.id)) == ["fold-0", "fold-2"]


@with_a_line
def test_a_long_line_of_one_workspace_does_not_hold_up_another(opened: Opened) -> None:
    ended: list[str] = []
    first, *line = opened.queued("stay", *["done"] * 20)
    (other,) = opened.queued("done", workspace="other")
    (third,) = opened.queued("done", workspace="third")
    futures = [opened.submit(first)]
    opened.stays()
    futures += [opened.submit(order) for order in (*line, other, third)]
    for order, future in zip((first, *line, other, third), futures, strict=True):
        future.add_done_callback(lambda _, name=order.workspace: ended.append(name))  # type: ignore[misc]
    opened.go_on()
    for future in futures:
        future.result(BACKSTOP)
    until(lambda: len(ended) == 23, "all are told")
    assert max(ended.index("other"), ended.index("third")) <= 4, ended


@every
def test_tasks_of_one_workspace_are_begun_in_their_order(opened: Opened) -> None:
    orders = opened.queued(*["done"] * 5)
    ended: list[int] = []
    for order in orders:
        number = order.task.number  # type: ignore[union-attr]
        opened.submit(order).add_done_callback(lambda _, number=number: ended.append(number))  # type: ignore[misc]
    for future in opened.futures:
        future.result(BACKSTOP)
    until(lambda: len(ended) == 5, "all are told")
    assert ended == sorted(ended)


@pytest.mark.parametrize("name", WITH_A_LINE)
def test_so_many_tasks_as_there_are_workers_are_done_side_by_side(name: str, tmp_path: Path) -> None:
    """Each of them ends only after both have begun."""
    context = open_context(tmp_path / "store", SETTINGS)
    opened = Opened(context, made(name, context, tmp_path / "store", 2), tmp_path)
    orders = opened.queued("stay-1", "stay-2", "stay-3")
    futures = [opened.submit(order) for order in orders]
    opened.stays("stay-1")
    opened.stays("stay-2")
    assert not list(tmp_path.glob("stay-3.*")), "no more of them than there are workers"
    opened.go_on()
    assert all(isinstance(future.result(BACKSTOP), Folded) for future in futures)
    opened.place.close(BACKSTOP)
    context.records.close()  # type: ignore[attr-defined]
