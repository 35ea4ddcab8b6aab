"""Runs on one machine: drivers in threads, tasks in threads or in worker processes that may die."""

import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from functions.context import Settings
from functions.records.kinds import Run
from functions.runs.places.inline import InlineRunner
from functions.runs.places.local import LocalRunner, Processes, Threads
from functions.system.sweep import sweep
from tests.support.holders import Gate, left_behind, until
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.tiny_runs import open_tiny, run_of, tiny_run, tiny_runs
from tests.support.world import world

QUICK = Settings(lease_seconds=0.5, attempts=3)


@pytest.fixture(autouse=True)
def _tiny() -> Iterator[None]:
    with tiny_runs():
        yield


def test_a_local_runner_drives_a_run_once_however_often_it_is_started(store: Store) -> None:
    runner, gate = LocalRunner(Threads()), Gate()
    here = world(store, runner=runner)
    with tiny_runs(gate=gate):
        run = tiny_run(here.platform, "gate")
        together([partial(runner.start, here.platform, "default", run)] * 5)
        assert gate.began.wait(10)
        here.clock.forward(
            31
        )  # the lease is over as far as the records show, and yet the run is in good hands
        sweep(here.platform)
        gate.go_on.set()
        until(lambda: run_of(here.platform, run).state == "succeeded")
        runner.close()
    assert run_of(here.platform, run).attempt == 1
    assert gate.calls == ["gate"]


def test_closing_a_local_runner_hands_its_leases_back(store: Store) -> None:
    runner, gate = LocalRunner(Threads(2)), Gate()
    here = world(store, runner=runner)
    with tiny_runs(gate=gate):
        runs = [tiny_run(here.platform, "gate", rounds=2) for _ in range(2)]
        for run in runs:
            runner.start(here.platform, "default", run)
        until(lambda: len(gate.calls) == 2)
        closing = threading.Thread(target=runner.close)
        closing.start()
        gate.go_on.set()
        closing.join(10)
        for run in runs:
            left = run_of(here.platform, run)
            assert (left.state, left.lease, left.iteration) == ("running", None, 1)
        runner.start(here.platform, "default", runs[0])
        sweep(here.again(runner=InlineRunner()).platform)
    assert [run_of(here.platform, run).state for run in runs] == ["succeeded"] * 2
    assert gate.calls == ["gate"] * 4


def test_runs_queue_up_behind_the_drivers(store: Store) -> None:
    runner = LocalRunner(Threads(), drivers=2)
    here = world(store, runner=runner)
    runs = [tiny_run(here.platform, "done", rounds=2) for _ in range(6)]
    for run in runs:
        runner.start(here.platform, "default", run)
    until(lambda: all(run_of(here.platform, run).state == "succeeded" for run in runs))
    until(lambda: not runner._active)
    runner.close()
    assert all(left_behind(here.platform, run) == [] for run in runs)


def test_a_driver_that_fails_is_logged_and_the_sweeper_goes_on(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    runner = LocalRunner(Threads())
    here = world(store, runner=runner)
    run = tiny_run(here.platform, "hiccup")
    for attempt in (1, 2, 3):
        runner.start(here.platform, "default", run)
        until(lambda attempt=attempt: run_of(here.platform, run).attempt == attempt)  # type: ignore[misc]
        until(lambda: not runner._active)
        here.clock.forward(31)
    runner.close()
    assert run_of(here.platform, run).state == "succeeded"
    assert "driving run" in caplog.text


class Pool:
    """A local runner over worker processes, and the platform that it drives."""

    def __init__(self, folder: Path, workers: int = 2, settings: Settings = QUICK) -> None:
        self.platform = open_tiny(folder, settings)
        self.tasks = Processes(partial(open_tiny, folder, settings), workers)
        self.runner = LocalRunner(self.tasks)

    def ended(self, *runs: str) -> list[Run]:
        for run in runs:
            self.runner.start(self.platform, "default", run)
        until(lambda: not any(run_of(self.platform, run).state in ("queued", "running") for run in runs))
        until(lambda: not any(left_behind(self.platform, run) for run in runs))
        return [run_of(self.platform, run) for run in runs]


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    made = Pool(tmp_path)
    yield made
    made.runner.close()


def test_results_and_errors_cross_the_border_of_the_process(pool: Pool, tmp_path: Path) -> None:
    good, wrong, broken = pool.ended(
        tiny_run(pool.platform, "done-1", "done-2", rounds=2),
        tiny_run(pool.platform, "refuse"),
        tiny_run(pool.platform, "boom"),
    )
    assert good.state == "succeeded"
    assert os.getpid() not in good.outcome["pids"].values()
    assert (good.iteration, good.iterations) == (2, 2)
    assert wrong.error is not None
    assert (wrong.state, wrong.error.code, wrong.error.field) == ("failed", "invalid_input", "seven")
    assert broken.error is not None
    assert (broken.state, broken.error.code) == ("failed", "internal")
    assert "secret" not in broken.error.message


def test_a_worker_that_dies_breaks_the_tasks_of_all_and_only_its_own_run_fails(
    pool: Pool, tmp_path: Path
) -> None:
    """A guilty one dies each time after the lease was renewed; innocents beside it would be hit each time too."""
    guilty, late, innocent = pool.ended(
        tiny_run(pool.platform, "die", seconds=0.15),
        tiny_run(pool.platform, "once", "done", folder=str(tmp_path)),
        tiny_run(pool.platform, "nap", "done", seconds=0.7),
    )
    assert guilty.error is not None
    assert (guilty.state, guilty.error.code) == ("failed", "internal")
    assert "memory" in guilty.error.message
    assert (late.state, innocent.state) == ("succeeded", "succeeded")
    assert guilty.attempt == late.attempt == innocent.attempt == 1  # one holder saw all of it through
