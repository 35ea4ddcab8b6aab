"""Tasks in worker processes: one that dies takes its own task with it, and none outlives its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from functions.runs.job import EvaluateJob
from functions.runs.loop import Driver
from functions.runs.perform import Order, Worker
from functions.runs.places.place import Closed, Died
from functions.runs.places.processes import Processes
from functions.runs.record import EvaluateOutcome, Run
from functions.runs.runners import LocalRunner
from functions.runs.task import Folded, is_done
from functions.settings import Settings
from lepton_core.errors import Unavailable
from tests.support.holders import left_behind
from tests.support.tiny_runs import open_context, open_tiny, run_of, tiny, tiny_run
from tests.support.waiting import BACKSTOP, until

QUICK = Settings(lease_seconds=0.5, attempts=3)


class Pool:
    """A local runner over worker processes, and the store of its runs."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.context = open_context(folder / "store", QUICK)
        self.place = Processes(partial(open_tiny, folder / "store", QUICK), workers)
        self.runner = LocalRunner(Driver(self.context, tiny(), self.place))

    def ended(self, *runs: str) -> list[Run]:
        for run in runs:
            self.runner.start("default", run)
        under_way = ("queued", "running")
        until(lambda: not any(run_of(self.context, run).state in under_way for run in runs), "all have ended")
        until(lambda: not any(left_behind(self.context, run) for run in runs), "nothing is left behind")
        return [run_of(self.context, run) for run in runs]

    def order(self, task: str, folder: Path) -> Order:
        run = run_of(self.context, tiny_run(self.context, task, folder=str(folder)))
        (fold,) = tiny()[EvaluateJob].plan(run.job, {})
        return Order("default", run, fold)


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    made = Pool(tmp_path)
    yield made
    (tmp_path / "go-on").touch()
    made.runner.close()
    made.context.records.close()  # type: ignore[attr-defined]


def processes_of(run: Run) -> set[float | None]:
    assert isinstance(run.outcome, EvaluateOutcome), run.error
    return set(run.outcome.metrics.values())


def worker_in(folder: Path, task: str) -> int:
    """The process that stays in ``task``."""
    (mark,) = until(lambda: list(folder.glob(f"{task}.*")), f"{task} has begun")
    return int(mark.suffix[1:])


def is_alive(process: int) -> bool:
    """A process that has ended, and that nobody asked about yet, is dead too."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_results_and_errors_cross_the_border_of_the_process(pool: Pool) -> None:
    good, sliced, wrong, broken = pool.ended(
        tiny_run(pool.context, "done-1", "done-2"),
        tiny_run(pool.context, "done", rounds=2),
        tiny_run(pool.context, "refuse"),
        tiny_run(pool.context, "boom"),
    )
    assert good.state == "succeeded"
    assert os.getpid() not in processes_of(good)
    assert (sliced.progress.iteration, sliced.progress.iterations) == (2, 2)
    assert wrong.error is not None
    assert (wrong.state, wrong.error.code, wrong.error.field) == ("failed", "invalid_input", "seven")
    assert broken.error is not None
    assert (broken.state, broken.error.code) == ("failed", "internal")
    assert "secret" not in broken.error.message


def test_only_the_run_whose_worker_keeps_dying_fails(pool: Pool, tmp_path: Path) -> None:
    """It dies each time after the lease was renewed; innocents beside it would be hit each time too."""
    guilty, late, innocent = pool.ended(
        tiny_run(pool.context, "die", seconds=0.15),
        tiny_run(pool.context, "once", "done", folder=str(tmp_path)),
        tiny_run(pool.context, "nap", "done", seconds=0.7),
    )
    assert guilty.error is not None
    assert (guilty.state, guilty.error.code) == ("failed", "internal")
    assert "memory" in guilty.error.message
    assert (late.state, innocent.state) == ("succeeded", "succeeded")
    assert guilty.attempt == late.attempt == innocent.attempt == 1, "one holder saw all of it through"


def test_a_worker_lets_the_requests_of_its_platform_go_first(pool: Pool, tmp_path: Path) -> None:
    pool.place.submit(pool.order("stay", tmp_path))
    worker, own = (os.getpriority(os.PRIO_PROCESS, of) for of in (worker_in(tmp_path, "stay"), 0))
    assert worker == min(own + 10, 19)


def test_a_worker_that_dies_hits_no_other_task(pool: Pool, tmp_path: Path) -> None:
    stays, dies, waits = (pool.order(task, tmp_path) for task in ("stay", "die", "done"))
    beside = pool.place.submit(stays)
    worker_in(tmp_path, "stay")
    died, after = pool.place.submit(dies), pool.place.submit(waits)
    with pytest.raises(Died):
        died.result(BACKSTOP)
    assert isinstance(after.result(BACKSTOP), Folded)
    assert not beside.done()
    (tmp_path / "go-on").touch()
    assert isinstance(beside.result(BACKSTOP), Folded)


def test_an_idle_worker_that_dies_is_replaced(pool: Pool, tmp_path: Path) -> None:
    first = pool.place.submit(pool.order("done", tmp_path)).result(BACKSTOP)
    assert isinstance(first, Folded)
    os.kill(first.result.rows, signal.SIGKILL)
    until(lambda: not is_alive(first.result.rows), "the worker is dead")
    order = pool.order("done", tmp_path)

    def done_again() -> bool:
        """A task that is handed out while the death shows had not begun: its run would wait a second."""
        try:
            return isinstance(pool.place.submit(order).result(BACKSTOP), Folded)
        except Unavailable:
            return False

    until(done_again, "another worker has done a task")


def test_workers_that_cannot_be_opened_make_the_store_away_until_they_can(tmp_path: Path) -> None:
    context = open_context(tmp_path / "store", QUICK)
    place = Processes(partial(open_later, tmp_path), 2)
    run = run_of(context, tiny_run(context, "done"))
    (fold,) = tiny()[EvaluateJob].plan(run.job, {})
    with pytest.raises(Unavailable, match="no worker process could be begun"):
        place.submit(Order("default", run, fold)).result(BACKSTOP)
    (tmp_path / "ready").touch()
    assert is_done(place.submit(Order("default", run, fold)).result(BACKSTOP))
    place.close()
    context.records.close()  # type: ignore[attr-defined]


def open_later(folder: Path) -> Worker:
    if not (folder / "ready").exists():
        raise OSError("no space left on the device")
    return open_tiny(folder / "store", QUICK)


def test_a_process_that_is_not_done_in_time_is_ended_and_its_task_is_told(tmp_path: Path) -> None:
    pool = Pool(tmp_path)
    future = pool.place.submit(pool.order("stay", tmp_path))
    worker = worker_in(tmp_path, "stay")
    pool.place.close(grace_seconds=0.01)
    with pytest.raises(Closed):
        future.result(BACKSTOP)
    until(lambda: not is_alive(worker), "the worker has ended")
    pool.context.records.close()  # type: ignore[attr-defined]


def test_closing_gives_the_lease_back_and_counts_nothing(tmp_path: Path) -> None:
    pool = Pool(tmp_path)
    run = tiny_run(pool.context, "stay", "done", "done", folder=str(tmp_path))
    pool.runner.start("default", run)
    worker = worker_in(tmp_path, "stay")
    pool.runner.close(grace_seconds=0.0)
    assert not is_alive(worker)
    left = run_of(pool.context, run)
    assert (left.state, left.lease, left.crashes, left.attempt) == ("running", None, 0, 1)
    pool.context.records.close()  # type: ignore[attr-defined]


# What a process of its own does: open a pool of two workers, have one task done in it, and say what came of it.
PARENT = """
import signal, sys
from pathlib import Path
from typing import Any
from tests.functions.runs.places.test_processes import Pool
from tests.support.waiting import BACKSTOP

if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: print("told", flush=True))
    folder = Path(sys.argv[1])
    pool = Pool(folder)
    print(pool.place.submit(pool.order("stay", folder)).result(BACKSTOP).result.rows, flush=True)
    pool.runner.close()
"""


@contextmanager
def parent(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A parent in a process group of its own; whatever is left of it is killed at the end."""
    script = folder / "parent.py"
    script.write_text(PARENT)
    command = [sys.executable, str(script), str(folder)]
    root = Path(__file__).parents[4]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=root, env=environment
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def test_a_parent_that_is_killed_takes_its_workers_with_it(tmp_path: Path) -> None:
    with parent(tmp_path) as process:
        worker = worker_in(tmp_path, "stay")
        assert is_alive(worker)
        os.kill(process.pid, signal.SIGKILL)
        until(lambda: not is_alive(worker), "the worker has ended by itself")
        process.wait()


def test_a_terminal_that_interrupts_the_group_does_not_end_the_workers(tmp_path: Path) -> None:
    with parent(tmp_path) as process:
        worker = worker_in(tmp_path, "stay")
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.readline() == "told\n"
        (tmp_path / "go-on").touch()
        assert int(process.stdout.readline()) == worker, "the task went on to its end"
        assert process.wait(BACKSTOP) == 0


class Breaking:
    """A pool that broke at the very moment at which it was given a task, and so never tells what became of it."""

    active = False

    def schedule(self, *_: object, **__: object) -> "Future[Any]":
        return Future()


def test_a_task_that_is_lost_on_its_way_is_told_and_has_not_begun(pool: Pool, tmp_path: Path) -> None:
    class Losing(Processes):
        def _open(self) -> Any:
            return Breaking()

    place = Losing(partial(open_tiny, tmp_path, QUICK), 1)
    with pytest.raises(Unavailable):
        place.submit(pool.order("done", tmp_path)).result(BACKSTOP)
    place.close()
