"""Trials in real worker processes: side by side, and taken up again after a process was killed."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from app import app
from functions.context import Platform, Settings, utc_now
from functions.records.kinds import RUNS, Run
from functions.runs.places.inline import InlineRunner
from functions.runs.places.local import LocalRunner, Processes
from functions.serving.cache import Served
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

assert app.routes, "importing the app makes the kinds of runs known, in each worker too"

AUTO = {"auto": True, "trials": 4}
SETTINGS = Settings(lease_seconds=5.0)


class Meeting:
    """A worker's clock: the first time that it is asked, it waits for the clock of another process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.met = False

    def __call__(self) -> datetime:
        if not self.met:
            self.met = True
            (self.folder / f"{os.getpid()}.met").touch()
            until = time.monotonic() + 60
            while len(list(self.folder.glob("*.met"))) < 2:
                assert time.monotonic() < until, "nobody else works"
                time.sleep(0.01)
        return utc_now()


class Dying:
    """A worker's clock that ends its process at the fifth look, once for all processes."""

    def __init__(self, folder: Path) -> None:
        self.mark = folder / "died"
        self.looks = 0

    def __call__(self) -> datetime:
        self.looks += 1
        if self.looks == 5 and not self.mark.exists():
            self.mark.touch()
            os._exit(1)
        return utc_now()


def opened(clock: type[Meeting] | type[Dying], folder: Path) -> Platform:
    """What a worker process opens."""
    store = folder / "store"
    return Platform(
        blobs=DiskBlobs(store / "blobs"),
        records=DiskRecords(store / "records.sqlite"),
        runner=InlineRunner(),
        served=Served(),
        clock=clock(folder),
        settings=SETTINGS,
    )


@contextmanager
def working(store: Store, clock: Any, folder: Path) -> Iterator[World]:
    runner = LocalRunner(Processes(partial(opened, clock, folder), 2))
    here = world(store, runner=runner, settings=SETTINGS)
    yield World(here.again(clock=utc_now).platform, here.clock)
    runner.close()


def ended(here: World, run: str) -> Run:
    until = time.monotonic() + 120
    while True:
        stored = here.platform.workspace("default").get(RUNS, run)
        assert stored is not None and time.monotonic() < until
        if stored.value.state not in ("queued", "running"):
            return stored.value
        time.sleep(0.02)


def board(run: Run) -> list[dict[str, Any]]:
    assert run.state == "succeeded", run.error
    return [{name: one[name] for name in one if name != "seconds"} for one in run.outcome["leaderboard"]]


def test_trials_run_side_by_side_in_processes_of_their_own(disk: Store, tmp_path: Path) -> None:
    """Each of two workers begins its first trial and does not go on with it before the other has begun one, too."""
    with working(disk, Meeting, tmp_path) as here:
        run = ended(here, here.trained(two_classes(120), **AUTO)["id"])
    assert len(list(tmp_path.glob("*.met"))) == 2
    assert board(run) == expected(tmp_path)


def test_a_worker_that_dies_costs_its_trial_and_changes_nothing(disk: Store, tmp_path: Path) -> None:
    with working(disk, Dying, tmp_path) as here:
        run = ended(here, here.trained(two_classes(120), **AUTO)["id"])
    assert (tmp_path / "died").exists()
    assert board(run) == expected(tmp_path)


def expected(folder: Path) -> list[dict[str, Any]]:
    """The same search, in this process."""
    from tests.support.stores import disk_store

    with disk_store(folder / "another") as store:
        here = world(store)
        return board(ended(here, here.trained(two_classes(120), **AUTO)["id"]))
