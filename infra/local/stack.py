"""The platform put together on one machine: the disk store, a runner, the app."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chalice.app import Chalice

from app import app
from functions.caller import Caller
from functions.context import Platform, Runner, Settings
from functions.datasets.ingest import landed
from functions.runs.places.inline import InlineRunner
from functions.runs.places.local import LocalRunner, Processes, Threads
from functions.serving.cache import Served
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from infra.local import schedule
from infra.local.landing import Landing
from infra.local.logs import log_to_stderr

SETTINGS = Settings(lease_seconds=5.0, slice_seconds=0.5)
"""Shorter than on AWS: a checkpoint costs a file here, and who starts a killed platform again waits for the lease."""

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
    runner = LocalRunner(Threads())
    platform = _platform(data, runner, settings or SETTINGS, owner=OWNER, background=background)
    timers = schedule.embedded_timers(app, platform) if background else []
    return _stack(platform, runner, schedule.Background(timers))


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
    runner = LocalRunner(Processes(partial(_open_worker_process, data, settings), workers))
    platform = _platform(data, runner, settings or SETTINGS, background=True)
    landing = Landing(data / "blobs", partial(schedule.announce, app, platform))
    timers = schedule.server_timers(app, platform, landing, sweep_seconds=sweep_seconds)
    return _stack(platform, runner, schedule.Background(timers))


def open_worker(data: Path, settings: Settings | None = None) -> Platform:
    """The platform as a worker process sees it; what a task itself starts runs there and then."""
    return _platform(data, InlineRunner(), settings or SETTINGS)


def _open_worker_process(data: Path, settings: Settings | None) -> Platform:
    # A worker process is nobody's but ours; a caller of `open_worker` has a logging of its own.
    log_to_stderr()
    return open_worker(data, settings)


def _platform(
    data: Path, runner: Runner, settings: Settings, *, owner: Caller | None = None, background: bool = False
) -> Platform:
    data.mkdir(parents=True, exist_ok=True)

    def announce(key: str) -> None:
        landed(platform, key)

    platform = Platform(
        blobs=DiskBlobs(data / "blobs"),
        records=DiskRecords(data / "records.sqlite"),
        runner=runner,
        served=Served(background=background),
        settings=settings,
        owner=owner,
        announce=announce,
    )
    return platform


def _stack(platform: Platform, runner: Runner, background: schedule.Background) -> Stack:
    def close() -> None:
        background.close()
        runner.close()
        platform.served.flush(platform)
        if isinstance(platform.records, DiskRecords):
            platform.records.close()

    return Stack(app, platform, close)
