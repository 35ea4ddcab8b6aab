"""A process of its own that uses a disk store: ``python -m tests.support.disk_worker JOB FOLDER NAME COUNT``.

It prints a line for what the store acknowledged, as soon as it did.
"""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from functions.storage import Lost, Put
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from tests.support.threads import together

BLOB_EVERY = 5
LARGE = 30_000_000


def body(name: str, number: int) -> bytes:
    """What the blob ``number`` of the writer ``name`` holds."""
    return f"{name}-{number};".encode() * 20_000


def write(folder: Path, name: str, count: int) -> None:
    """Write the records ``name``-0, -1, ... each with a counter in one transaction, and some blobs."""
    records, blobs = DiskRecords(folder / "records.sqlite"), DiskBlobs(folder / "blobs")
    latest = records.get("counters", name)
    start = int(latest.body) if latest else 0
    for number in range(start, start + count):
        own = f"{name}-{number:06}"
        records.write(
            [Put("log", own, own.encode() * 100, 0), Put("counters", name, b"%d" % (number + 1), number)]
        )
        print(f"record {own}", flush=True)  # noqa: T201
        if number % BLOB_EVERY == 0:
            blobs.put(f"w/{name}/{number:06}", body(name, number))
            print(f"blob {number:06}", flush=True)  # noqa: T201


def large(folder: Path, name: str, count: int) -> None:
    """Write blobs so large that a kill comes in the middle of one."""
    blobs = DiskBlobs(folder / "blobs")
    for number in range(count):
        blobs.put(f"w/{name}/{number:06}", bytes(LARGE))
        print(f"blob {number:06}", flush=True)  # noqa: T201


def increment(folder: Path, name: str, count: int) -> None:
    """Add 1 to one counter that all workers share, ``count`` times; ``name`` is not used."""
    add(DiskRecords(folder / "records.sqlite"), count)


def add(records: DiskRecords, count: int) -> None:
    done = 0
    while done < count:
        record = records.get("counters", "shared")
        value, revision = (int(record.body), record.revision) if record else (0, 0)
        try:
            records.write([Put("counters", "shared", b"%d" % (value + 1), revision)])
        except Lost:
            continue
        done += 1


def fork(folder: Path, name: str, count: int) -> None:
    """Fork while threads write; the parent closes its store before the children have ended."""
    records = DiskRecords(folder / "records.sqlite")
    start, pace = os.pipe()

    def child() -> None:
        add(records, count)
        os.read(start, 1)
        add(records, count)
        os._exit(0)

    def begin() -> int:
        pid = os.fork()
        if pid == 0:
            child()
        return pid

    jobs: list[Callable[[], int]] = [begin, begin, *[partial(add_and_return, records, count)] * 3]
    pids = together(jobs)
    records.close()
    os.write(pace, b"xx")
    assert all(os.waitpid(pid, 0)[1] == 0 for pid in pids if pid)


def add_and_return(records: DiskRecords, count: int) -> int:
    add(records, count)
    return 0


if __name__ == "__main__":
    job, folder, name, count = sys.argv[1:]
    {"write": write, "large": large, "increment": increment, "fork": fork}[job](
        Path(folder), name, int(count)
    )
