"""Worker processes end when their place closes, whatever they do, and hear nothing else meanwhile."""

import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from pathlib import Path

import pytest
from pebble.common import CONSTS

from functions.context import Context
from functions.runs.job import EvaluateJob
from functions.runs.perform import Order, Worker
from functions.runs.places.place import Closed, Died
from functions.runs.places.processes import Processes
from functions.runs.record import Run
from functions.runs.task import Folded
from functions.settings import Settings
from tests.support.tiny_runs import open_context, run_of, stay, tiny, tiny_run
from tests.support.waiting import BACKSTOP, joined, until

SETTINGS = Settings()
NEITHER = {signal.SIGINT, signal.SIGTERM}


def hold(context: Context, run: Run, name: str) -> None:
    """Say who does the task, and stay for ever in a loop of C that lets no other thread go on."""
    stay(context, run, f"{name}-begun")
    deque(repeat(None), maxlen=0)


def open_holding(folder: Path) -> Worker:
    return Worker(open_context(folder / "store", SETTINGS), tiny(hold=hold))


class Opened:
    """A place of worker processes, over a disk store."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = folder
        self.context = open_context(folder / "store", SETTINGS)
        self.place = Processes(partial(open_holding, folder), workers)

    def orders(self, *tasks: str) -> list[Order]:
        run = run_of(self.context, tiny_run(self.context, *tasks, folder=str(self.folder)))
        return [Order("default", run, fold) for fold in tiny()[EvaluateJob].plan(run.job, {})]

    def worker_in(self, task: str) -> int:
        """The process that stays in the task."""
        (mark,) = until(lambda: list(self.folder.glob(f"{task}.*")), f"{task} has begun")
        return int(mark.suffix[1:])

    def go_on(self) -> None:
        (self.folder / "go-on").touch()


@contextmanager
def opened(folder: Path, workers: int = 1) -> Iterator[Opened]:
    here = Opened(folder, workers)
    yield here
    here.go_on()
    here.place.close()
    here.context.records.close()  # type: ignore[attr-defined]


def blocked(process: int) -> set[int]:
    """The signals that a process does not hear."""
    (line,) = [
        line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("SigBlk")
    ]
    mask = int(line.split()[1], 16)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}


def test_every_worker_is_deaf_also_one_that_takes_the_place_of_another(tmp_path: Path) -> None:
    with opened(tmp_path, 2) as here:
        first, second, third = here.orders("stay-1", "stay-2", "stay-3")
        futures = [here.place.submit(first), here.place.submit(second)]
        workers = [here.worker_in("stay-1"), here.worker_in("stay-2")]
        os.kill(workers[0], signal.SIGKILL)
        with pytest.raises(Died):
            futures[0].result(BACKSTOP)
        futures.append(here.place.submit(third))
        workers.append(here.worker_in("stay-3"))
        for worker in workers[1:]:
            assert blocked(worker) >= NEITHER
            for number in NEITHER:
                os.kill(worker, number)
        here.go_on()
        assert all(isinstance(future.result(BACKSTOP), Folded) for future in futures[1:])


def test_whoever_begins_workers_hears_as_before(tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with opened(tmp_path) as here:
        (order,) = here.orders("done")
        assert isinstance(here.place.submit(order).result(BACKSTOP), Folded)
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_workers_that_let_no_thread_go_on_end_with_their_place_without_any_patience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that gave each of them seconds to hear SIGTERM, which they do not hear, would wait here for ever."""
    monkeypatch.setattr(CONSTS, "term_timeout", None)
    with opened(tmp_path, 2) as here:
        futures = [here.place.submit(order) for order in here.orders("hold-1", "hold-2")]
        workers = [here.worker_in(f"hold-{number}-begun") for number in (1, 2)]
        here.go_on()
        until(lambda: all(_is_at_work(worker) for worker in workers), "both are in their loops")
        closing = threading.Thread(target=here.place.close, daemon=True)
        closing.start()
        joined(closing)
        for future in futures:
            with pytest.raises(Closed):
                future.result(0)
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_a_place_whose_worker_was_killed_closes_as_any_other(tmp_path: Path) -> None:
    """Nothing that workers wait for together keeps count of them: one that is killed never leaves the count."""
    with opened(tmp_path) as here:
        dies, after = here.orders("stay", "done")
        future = here.place.submit(dies)
        os.kill(here.worker_in("stay"), signal.SIGKILL)
        with pytest.raises(Died):
            future.result(BACKSTOP)
        assert isinstance(here.place.submit(after).result(BACKSTOP), Folded)
        closing = threading.Thread(target=here.place.close, daemon=True)
        closing.start()
        joined(closing)


def _is_at_work(process: int) -> bool:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return fields[0] == "R"
