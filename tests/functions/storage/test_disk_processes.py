"""Several processes on one disk store, some of them killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from functions.storage.disk_blobs import DiskBlobs
from tests.support import disk_worker
from tests.support.stores import Store

ROOT = Path(__file__).parents[3]


@contextmanager
def worker(job: str, folder: Path, name: str, count: int) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", disk_worker.__name__, job, str(folder), name, str(count)]
    # A session of its own, so that what it forked ends with it.
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_killed_in_the_middle_of_writing(disk: Store, folder: Path) -> None:
    acknowledged: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    for lines in (3, 16, 41):
        with ExitStack() as stack:
            workers = {
                name: stack.enter_context(worker("write", folder, name, 100_000)) for name in acknowledged
            }
            for name, process in workers.items():
                assert process.stdout is not None
                acknowledged[name] += [process.stdout.readline().strip() for _ in range(lines)]
                process.kill()
            for name, process in workers.items():
                assert process.stdout is not None
                acknowledged[name] += [line.strip() for line in process.stdout if line.endswith("\n")]
                assert process.wait() == -9
        check(disk, acknowledged)
    assert (folder / "blobs" / ".tmp").is_dir()


def check(store: Store, acknowledged: dict[str, list[str]]) -> None:
    for name, lines in acknowledged.items():
        told = [line.split()[1] for line in lines if line.startswith("record")]
        log = [r.key for r in store.records.query("log", after=f"{name}-", limit=100_000) if r.key[0] == name]
        counter = store.records.get("counters", name)
        assert counter is not None
        assert set(told) <= set(log)
        # The last write of each life may have happened unheard; none happened by half.
        assert log == [f"{name}-{number:06}" for number in range(int(counter.body))]
        keys = store.blobs.keys(f"w/{name}/", limit=100_000)
        assert {f"w/{name}/{line.split()[1]}" for line in lines if line.startswith("blob")} <= set(keys)
        for key in keys:
            assert store.blobs.get(key) == disk_worker.body(name, int(key.rpartition("/")[2]))
    listed = [key for key in store.blobs.keys("", limit=100_000) if not key.startswith("w/")]
    assert listed == []


def test_killed_in_the_middle_of_a_blob(disk: Store, folder: Path) -> None:
    drafts = folder / "blobs" / ".tmp"
    halves = 0
    for name in "abcdefgh":
        with worker("large", folder, name, 1000) as process:
            assert process.stdout is not None
            process.stdout.readline()
            before = set(drafts.iterdir())
            while not set(drafts.iterdir()) - before:
                pass
            process.kill()
            acknowledged = 1 + sum(line.endswith("\n") for line in process.stdout)
        sizes = [disk.blobs.size(key) for key in disk.blobs.keys(f"w/{name}/")]
        assert len(sizes) >= acknowledged
        assert set(sizes) == {disk_worker.LARGE}
        halves = len(list(drafts.iterdir()))
        if halves == 3:
            break
    assert halves == 3
    assert all(key.startswith("w/") for key in disk.blobs.keys(""))


def test_a_killed_process_holds_no_one_up(disk: Store, folder: Path) -> None:
    with worker("write", folder, "a", 100_000) as victim, worker("increment", folder, "b", 60) as other:
        assert victim.stdout is not None
        victim.stdout.readline()
        victim.kill()
        assert other.wait(timeout=20) == 0
    record = disk.records.get("counters", "shared")
    assert record is not None
    assert record.body == b"60"


@pytest.mark.parametrize("fresh", [True, False], ids=["on a new file", "on a file in use"])
def test_processes_count_together(folder: Path, fresh: bool, request: pytest.FixtureRequest) -> None:
    if not fresh:
        request.getfixturevalue("disk")
    with ExitStack() as stack:
        workers = [stack.enter_context(worker("increment", folder, str(n), 40)) for n in range(4)]
        assert [process.wait(timeout=30) for process in workers] == [0] * 4
    disk = request.getfixturevalue("disk")
    record = disk.records.get("counters", "shared")
    assert (int(record.body), record.revision) == (160, 160)


def test_a_fork_takes_no_connection_with_it(disk: Store, folder: Path) -> None:
    count = 25
    with worker("fork", folder, "-", count) as process:
        assert process.wait(timeout=30) == 0
    record = disk.records.get("counters", "shared")
    assert record is not None
    assert int(record.body) == (3 + 2 * 2) * count


def test_drafts_of_the_dead_are_swept_and_those_of_the_living_kept(tmp_path: Path) -> None:
    DiskBlobs(tmp_path)
    dead, living = tmp_path / ".tmp" / "dead", tmp_path / ".tmp" / "living"
    for draft in (dead, living):
        draft.write_bytes(b"half")
    os.utime(dead, (0, 0))
    assert DiskBlobs(tmp_path).keys("") == []
    assert [draft.name for draft in (tmp_path / ".tmp").iterdir()] == ["living"]
