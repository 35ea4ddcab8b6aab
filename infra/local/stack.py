"""The platform put together on one machine: the disk store, a runner, the app."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chalice.app import Chalice

from app import app
from functions.caller import Caller
from functions.context import Context, Platform, Settings
from functions.datasets.ingest import landed
from functions.runs.loop import Driver
from functions.runs.perform import Worker
from functions.runs.places.place import Place
from functions.runs.places.processes import Processes
from functions.runs.places.threads import Threads
from functions.runs.runners import LocalRunner
from functions.serving.cache import Cache
from functions.storage.disk_folder import open_folder
from functions.storage.disk_records import DiskRecords
from functions.training.kinds import KINDS
from infra.local import schedule
from infra.local.landing import Landing
from infra.local.logs import log_to_stderr

SETTINGS = Settings(lease_seconds=5.0, slice_seconds=0.5)
"""Shorter than on AWS: a checkpoint costs a file here, and who starts a killed platform again waits for the lease."""

GRACE_SECONDS = 3.0
"""How long tasks under way are waited for when the platform closes."""

WORKSPACE = "default"
OWNER = Caller(WORKSPACE, "owner", frozenset({"read", "write", "predict", "admin"}))
"""Who owns the folder owns what is in it: the caller of the embedded SDK, and of `up` when it makes a key."""


@dataclass(frozen=True)
class Stack:
    """An open platform. `close` ends its threads and workers; what they did is taken up again later."""

    app: Chalice
    platform: Platform
    close: Callable[[], None]


def open_embedded(data: Path, *, settings: Settings | None = None, background: bool = True) -> Stack:
    """The platform inside the caller's own process, in the workspace ``default``, needing no key.

    Runs train in a thread of this process. With ``background`` other threads look, at once and every two seconds,
    for runs that a killed process left behind, and write traffic counts; nothing else happens without being called.
    """
    context = _context(data, settings)
    place = Threads(Worker(context, KINDS))
    platform = _platform(context, place, owner=OWNER, background=background)
    timers = schedule.embedded_timers(app, platform) if background else []
    return _stack(platform, schedule.Background(timers))


def open_server(
    data: Path,
    *,
    workers: int = 2,
    settings: Settings | None = None,
    sweep_seconds: float = schedule.SWEEP_SECONDS,
) -> Stack:
    """The platform of a process that stays up: every caller shows a key, runs train in ``workers`` processes.

    Schedules fire and files that land are taken in from now until `Stack.close`.
    """
    data = data.absolute()
    place = Processes(partial(open_worker, data, settings), workers)
    platform = _platform(_context(data, settings), place, background=True)
    landing = Landing(data / "blobs", partial(schedule.announce, app, platform))
    timers = schedule.server_timers(app, platform, landing, sweep_seconds=sweep_seconds)
    return _stack(platform, schedule.Background(timers))


def open_worker(data: Path, settings: Settings | None = None) -> Worker:
    """What does the tasks of runs in a worker process, which is nobody's but ours."""
    log_to_stderr()
    return Worker(_context(data, settings), KINDS)


def _context(data: Path, settings: Settings | None) -> Context:
    store = open_folder(data)
    return Context(blobs=store.blobs, records=store.records, settings=settings or SETTINGS)


def _platform(
    context: Context, place: Place, *, owner: Caller | None = None, background: bool = False
) -> Platform:
    served = Cache(context, background=background)
    runner = LocalRunner(Driver(context, KINDS, place, served.forget))
    return Platform.of(context, served, runner, owner=owner, announce=partial(landed, context))


def _stack(platform: Platform, background: schedule.Background) -> Stack:
    def close() -> None:
        background.close()
        platform.runner.close(GRACE_SECONDS)
        platform.served.flush()
        if isinstance(platform.records, DiskRecords):
            platform.records.close()

    return Stack(app, platform, close)
