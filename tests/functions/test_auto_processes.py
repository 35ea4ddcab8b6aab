"""Trials in real worker processes: side by side, and taken up again after a process was killed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from functions.context import Context, utc_now
from functions.runs.loop import Driver
from functions.runs.perform import Worker
from functions.runs.places.processes import Processes
from functions.runs.runners import LocalRunner
from functions.settings import Settings
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from functions.training.run_kinds import RUN_KINDS
from tests.support.stores import Store, disk_store
from tests.support.waiting import until
from tests.support.world import World, two_classes, world

AUTO = {"auto": "hyperparameters", "trials": 4}
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
            until(lambda: len(list(self.folder.glob("*.met"))) >= 2, "another process works, too")
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


def opened(clock: type[Meeting] | type[Dying], folder: Path) -> Worker:
    """What a worker process opens."""
    store = folder / "store"
    context = Context(
        blobs=DiskBlobs(store / "blobs"),
        records=DiskRecords(store / "records.sqlite"),
        clock=clock(folder),
        settings=SETTINGS,
    )
    return Worker(context, RUN_KINDS)


@contextmanager
def working(store: Store, clock: Any, folder: Path) -> Iterator[World]:
    place = Processes(partial(opened, clock, folder), 2)
    here = world(store, settings=SETTINGS)
    there = here.again(
        clock=utc_now, runner=lambda context, ended: LocalRunner(Driver(context, RUN_KINDS, place, ended))
    )
    yield there
    there.platform.runner.close()


def ended(here: World, run: str) -> Any:
    def found() -> Any:
        return here.ok("GET", f"/v1/runs/{run}")

    until(lambda: found()["state"] not in ("queued", "running"), "the run has ended")
    return found()


def board(run: Any) -> list[dict[str, Any]]:
    assert run["state"] == "succeeded", run["error"]
    return [{name: one[name] for name in one if name != "seconds"} for one in run["outcome"]["leaderboard"]]


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
    with disk_store(folder / "another") as store:
        here = world(store)
        return board(ended(here, here.trained(two_classes(120), **AUTO)["id"]))
