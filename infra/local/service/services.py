"""The servers that run over a platform's folder: a record each, which its process owns as long as it lives."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from signal import SIGTERM
from typing import Annotated, Literal
from uuid import uuid4

import msgspec
from msgspec import Meta

from functions.context import utc_now
from functions.storage import posix
from functions.storage.disk_errors import typed_errors
from infra.local.process_lock import ProcessLock
from infra.local.service.options import ServiceOptions, Serving
from lepton_core.errors import Conflict, NotFound, Unavailable

FOLDER = "services"
"""Where the records are, in the platform's folder."""

_LOOK_SECONDS = 0.05
_TRIES = 20
_LONGEST_STOP = 30.0


class ServiceRecord(msgspec.Struct, frozen=True):
    """A server: its ``name``, what it serves where, and the process that owns the record.

    'lost' is one whose process ended without a word, as at a crash or when the machine was started anew.
    """

    name: str
    serving: Serving
    process: Annotated[int, Meta(gt=0)]  # any other number stands for many processes
    started: datetime
    options: ServiceOptions
    state: Literal["running", "lost"] = "running"


class Claim:
    """The right to be the service ``name`` of the folder ``data``, until the block, or the process, ends."""

    def __init__(self, data: Path, name: str) -> None:
        self._record, self._lock = _places(data, name)
        self._name = name

    def tell(self, serving: Serving, options: ServiceOptions) -> None:
        """Write what is served, for others to see."""
        record = ServiceRecord(self._name, serving, os.getpid(), utc_now(), options)
        whole = self._record.with_name(f".{uuid4().hex}.part")
        with typed_errors():
            try:
                with posix.new_private_file(whole) as file:
                    file.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
                    posix.sync_file(file)
                whole.replace(self._record)
            finally:
                whole.unlink(missing_ok=True)


@contextmanager
def claimed(data: Path, name: str) -> Iterator[Claim]:
    """Be the service ``name`` within the block. Raises `Conflict` (field 'service') if another process is it."""
    record, path = _places(data, name)
    with typed_errors():
        posix.make_private_folder(path.parent)
    lock = ProcessLock(path)
    if not any(_tries(lock)):
        found = _read(record)
        where = "" if found is None else f" at {found.serving.url}"
        raise Conflict(
            f"the service {name!r} runs already{where}; stop it first, or give this one another name",
            field="service",
        )
    try:
        with typed_errors():
            record.unlink(missing_ok=True)  # one that is lost, whose process may be any other by now
        yield Claim(data, name)
    finally:
        with suppress(OSError):
            record.unlink(missing_ok=True)
        lock.give_up()


def services(data: Path) -> list[ServiceRecord]:
    """All that are known, by name; those whose process is gone are 'lost'."""
    found = [_seen(data, path.stem) for path in sorted((data / FOLDER).glob("*.json"))]
    return [one for one in found if one is not None]


def service(data: Path, name: str) -> ServiceRecord:
    """The one of that name. Raises `NotFound`."""
    found = _seen(data, name)
    if found is None:
        raise NotFound(f"no service {name!r} in {data}", field="service")
    return found


def stop(data: Path, name: str) -> ServiceRecord:
    """End the service, and wait until it has; the record as it was. One that is lost is forgotten.

    Raises `NotFound`, and `Unavailable` if its process does not end.
    """
    found = service(data, name)
    if not is_ended(data, found, found.options.drain_seconds + _LONGEST_STOP):
        raise Unavailable(f"the process {found.process} of the service {name!r} does not end")
    return found


def is_ended(data: Path, found: ServiceRecord, seconds: float) -> bool:
    """Whether a service that is told to end does so within that time; if it does, it is forgotten."""
    record, path = _places(data, found.name)
    if found.state == "running":
        with suppress(ProcessLookupError):
            os.kill(found.process, SIGTERM)
    end = time.monotonic() + seconds
    while True:
        with _without_owner(path) as is_ended:
            if is_ended:
                record.unlink(missing_ok=True)
                return True
        if time.monotonic() > end:
            return False
        time.sleep(_LOOK_SECONDS)


def _places(data: Path, name: str) -> tuple[Path, Path]:
    folder = data / FOLDER
    return folder / f"{name}.json", folder / f"{name}.lock"


def _tries(lock: ProcessLock) -> Iterator[bool]:
    """Whether it is ours; somebody who only looks has it for a moment."""
    for _ in range(_TRIES):
        yield lock.is_ours()
        time.sleep(_LOOK_SECONDS / 5)


def _seen(data: Path, name: str) -> ServiceRecord | None:
    record, path = _places(data, name)
    found = _read(record)
    if found is None:
        return None
    with _without_owner(path) as is_lost:
        return msgspec.structs.replace(found, state="lost") if is_lost else found


@contextmanager
def _without_owner(path: Path) -> Iterator[bool]:
    """Whether no process owns the service of the lock ``path``; none does until the block ends.

    The lock is shared: those who look, or forget, are not taken for an owner by each other, who would end its process.
    """
    handle = posix.take_lock(path, shared=True)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)


def _read(record: Path) -> ServiceRecord | None:
    try:
        found = msgspec.json.decode(record.read_bytes(), type=ServiceRecord)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        found = None
    if found is None or found.name != record.stem:
        raise Conflict(f"{record} is no record of a service; remove it")
    return found
