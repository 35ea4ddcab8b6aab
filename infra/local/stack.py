"""The platform put together on one machine: the disk store, a runner, the app."""

import os
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chalice.app import Chalice

from app import app
from functions.caller import Caller
from functions.complaints import complain
from functions.context import Context, Platform, log, nothing
from functions.datasets.ingest import landed
from functions.runs.loop import Driver
from functions.runs.perform import Worker
from functions.runs.places.place import Place
from functions.runs.places.threads import Patient, Threads
from functions.runs.runners import LocalRunner
from functions.serving.cache import Cache
from functions.settings import Settings, set_by
from functions.storage.disk_folder import open_folder
from functions.storage.disk_records import DiskRecords
from functions.training.run_kinds import RUN_KINDS
from infra.local import schedule
from infra.local.intake import LARGE_BYTES, Intake
from infra.local.logs import log_to_stderr
from infra.local.machine_memory import usable_memory
from infra.local.machine_services import MachineServices
from infra.local.watcher import Watcher
from lepton_core.errors import Unavailable

if TYPE_CHECKING:
    from infra.local.process_lock import ProcessLock

SETTINGS = Settings(lease_seconds=5.0, slice_seconds=0.5, quiet_seconds=0.4)
"""Shorter than on AWS: a checkpoint costs a file here, and the start after a kill waits for the lease."""

MOST_BESIDE = 4
"""Most processes that train beside a program which embeds the platform: each holds the data, too."""

GRACE_SECONDS = 1.0
"""How long `Stack.close` waits for the tasks under way: most are slices, and shorter."""

JOBS_SECONDS = 0.5
"""How long it then waits for the actions under way; together at most half of the 5 s of a stop."""

ANSWER_SECONDS = 20.0
"""How long the answer to a small file waits for what becomes of it: mostly it is a version by then."""

MOST_TAKEN_IN = 64
"""Files that requests brought, and that are under way."""

WORKSPACE = "default"
OWNER = Caller(WORKSPACE, "owner", frozenset({"read", "write", "predict", "admin"}))
"""The owner of the folder owns everything in it: the caller of the embedded SDK, and of `up` when it makes a key."""


@dataclass(frozen=True)
class Stack:
    """An open platform.

    `close` gives all leases back, ends the threads and workers, and writes what is still in memory, within some 2.5 s
    whatever is under way; what was not finished is taken up again later. It may be called again.
    """

    app: Chalice
    platform: Platform
    close: Callable[[], None]
    shared: bool = False
    """Whether another process that stays up keeps the same folder."""


def open_embedded(
    data: Path, *, settings: Settings | None = None, background: bool = True, beside: int | None = None
) -> Stack:
    """The platform inside the caller's own process, in the workspace ``default``, needing no key.

    Runs train in a thread of this process, and long ones in ``beside`` others, if there are as many cores: None, at
    most four; 0: never. With ``background`` other threads look, at once and every two seconds,
    for runs that a killed process left behind, and write traffic counts; nothing else happens without being called.
    """
    data = data.absolute()
    waking = schedule.Waking()
    context = _context(data, settings, wake=waking)
    intake = Intake(context, data / "blobs", partial(landed, context))
    here = Threads(Worker(context, RUN_KINDS))
    width = min(MOST_BESIDE, os.cpu_count() or 1) if beside is None else beside
    place = Patient(here, partial(_beside, data, settings, width)) if width > 1 else here
    platform = _platform(
        context,
        place,
        announce=Announced(intake),
        services=MachineServices(data, WORKSPACE),
        owner=OWNER,
        background=background,
    )
    timers = schedule.embedded_timers(app, platform, waking) if background else []
    return _stack(platform, schedule.Background(timers, waking))


def _beside(data: Path, settings: Settings | None, width: int) -> Place:
    """Processes beside this one, which end when the place closes."""
    from infra.local.beside import Beside, of_folder  # noqa: PLC0415  (only long runs need it)

    return Beside(partial(of_folder, data, settings), width)


def open_server(
    data: Path,
    *,
    workers: int = 2,
    settings: Settings | None = None,
    sweep_seconds: float = schedule.SWEEP_SECONDS,
) -> Stack:
    """The platform of a process that stays up: every caller shows a key, runs train in ``workers`` processes.

    Files are read in other processes, too. Schedules fire and files that land are taken in from now on, until
    `Stack.close`.
    """
    # A program that embeds the platform needs none of these.
    from functions.runs.places.processes import Processes  # noqa: PLC0415
    from infra.local.daemon_threads import DaemonThreads  # noqa: PLC0415
    from infra.local.file_readers import FileReaders  # noqa: PLC0415
    from infra.local.process_lock import ProcessLock  # noqa: PLC0415

    data = data.absolute()
    waking = schedule.Waking()
    context = _context(data, settings, wake=waking)
    readers = FileReaders(context, partial(open_reader, data, settings))
    intake = Intake(context, data / "blobs", readers.landed)
    takers = DaemonThreads(MOST_TAKEN_IN, "take-in")
    place = Processes(partial(open_worker, data, settings), workers)
    platform = _platform(
        context,
        place,
        announce=Announced(intake, takers),
        services=MachineServices(data, WORKSPACE),
        take_in=readers.landed,
        background=True,
    )
    incoming = Watcher(data / "blobs", intake)
    score = partial(_score, platform, data / "blobs")
    dropped = Watcher(data / "blobs", score, room="predict", of="model", stay=True)
    # An older Lepton over this folder takes the same lock, so its file keeps its name.
    lock = ProcessLock(data / "landing.lock")

    def look() -> None:
        # One process at a time: it reads a large file once, and knows what it has moved away.
        if lock.is_ours():
            incoming.scan()
            dropped.scan()

    timers = schedule.server_timers(app, platform, look, waking, sweep_seconds=sweep_seconds)
    stack = _stack(platform, schedule.Background(timers, waking))

    def close() -> None:
        takers.shutdown(wait=False, cancel_futures=True)
        readers.close()
        stack.close()
        lock.give_up()

    return replace(stack, close=close, shared=_is_shared(lock))


def _score(platform: Platform, blobs: Path, path: Path) -> None:
    """Score a file that somebody put into the folder of a model; the result will lie beside it."""
    from functions.system.scoring import scoring_landed  # noqa: PLC0415  (few folders have such files)

    scoring_landed(platform, path.relative_to(blobs).as_posix())


def _is_shared(lock: "ProcessLock") -> bool:
    try:
        return not lock.is_ours()
    except OSError:
        return False  # each look meets the same, and says so


def open_worker(data: Path, settings: Settings | None = None) -> Worker:
    """The worker of a worker process, which is nobody's but ours."""
    log_to_stderr()
    return Worker(_context(data, settings), RUN_KINDS)


def _context(data: Path, settings: Settings | None, wake: Callable[[], None] = nothing) -> Context:
    store = open_folder(data)
    chosen = settings or set_by(os.environ, SETTINGS)
    if not chosen.memory_bytes:
        chosen = replace(chosen, memory_bytes=usable_memory())
    return Context(blobs=store.blobs, records=store.records, settings=chosen, wake=wake)


def open_reader(data: Path, settings: Settings | None = None) -> Context:
    """What a process that reads files needs of the world."""
    log_to_stderr()
    return _context(data, settings)


@dataclass(frozen=True)
class Announced:
    """Takes in the file that a request brought: in the request's thread, or in one of ``takers`` that it waits for.

    It waits `ANSWER_SECONDS` at most, and for a large file not at all: what becomes of that, its sender hears by
    following it.
    """

    intake: Intake
    takers: Executor | None = None

    def __call__(self, key: str) -> None:
        """See `Platform.announce`."""
        if self.takers is None:
            self._take(key)
            return
        size = self.intake.context.blobs.size(key)
        taken = self.takers.submit(self._take, key)
        if size is not None and size < LARGE_BYTES:
            with suppress(TimeoutError):
                taken.result(ANSWER_SECONDS)

    def _take(self, key: str) -> None:
        try:
            self.intake(self.intake.blobs / key)
        except OSError as error:
            # The record says what became of the upload, also where its file could not be moved away.
            complain(log, error, f"the file {key!r} stays where it is")
        except Unavailable as error:
            if self.takers is None:
                raise
            # It is kept, and taken in later: whoever sent it has done their part.
            complain(log, error, f"the file {key!r} is taken in later")


def _platform(
    context: Context,
    place: Place,
    *,
    announce: Announced,
    services: MachineServices,
    take_in: Callable[[str], object] | None = None,
    owner: Caller | None = None,
    background: bool = False,
) -> Platform:
    loaded = Cache(context, background=background)

    def ended(workspace: str, model: str) -> None:
        # An update may have changed what is served, and one that was asked for meanwhile waits for its turn.
        loaded.forget(workspace, model)
        context.wake()

    runner = LocalRunner(Driver(context, RUN_KINDS, place, ended))
    return Platform.of(
        context, loaded, runner, owner=owner, services=services, announce=announce, take_in=take_in
    )


def _stack(platform: Platform, background: schedule.Background) -> Stack:
    def close() -> None:
        background.stop()
        platform.runner.close(GRACE_SECONDS)
        background.close(JOBS_SECONDS)
        platform.loaded.flush()
        if isinstance(platform.records, DiskRecords):
            platform.records.close()

    return Stack(app, platform, close)
