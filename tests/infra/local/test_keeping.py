"""Backups on one machine: of a folder that is in use, and into a folder that appears whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from functions.storage import posix
from infra.local.keeping import back_up, demand_down, restore, verify
from infra.local.stack import open_embedded, open_server
from lepton_core.errors import Conflict, Damaged, NotFound, StorageFull
from tests.support import sampling
from tests.support.small_disk import small_disk
from tests.support.whole_stores import held, record, whole_on_disk

STEP = 7


def untold(done: int, total: int) -> None: ...


def filled(folder: Path) -> Path:
    with whole_on_disk(folder) as store:
        store.blobs.put("default/x/1", b"one" * 1000)
        store.blobs.put("acme/x/1", b"one" * 1000)
        store.whole.load([record("default/models", "m", 4), record("acme/models", "m", 5)])
    return folder


@pytest.mark.slow
@pytest.mark.lengthy
@pytest.mark.parametrize("what", ["backup", "restore"])
def test_killed_at_any_write_the_next_call_ends_it(tmp_path: Path, what: str) -> None:
    """Of the writes every seventh, by the seed; what is there in between is whole, or not there."""
    first = 1 if sampling.full() else 1 + int(sampling.seed()) % STEP
    step = 1 if sampling.full() else STEP
    command = [
        sys.executable,
        "-m",
        "tests.support.killed_files",
        what,
        str(tmp_path / "top"),
        str(first),
        str(step),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 4


def test_a_backup_of_a_platform_that_is_up_and_back(tmp_path: Path) -> None:
    stack = open_embedded(filled(tmp_path / "data"), background=False)
    try:
        taken = back_up(tmp_path / "data", tmp_path / "backup", untold)
    finally:
        stack.close()
    assert taken.head.record_count == 2
    told = list[tuple[int, int]]()
    restore(tmp_path / "backup", tmp_path / "deep" / "again", lambda *one: told.append(one))
    with whole_on_disk(tmp_path / "deep" / "again") as there, whole_on_disk(tmp_path / "data") as here:
        assert held(there) == held(here)
    assert told == sorted(told)
    assert told[-1] == (18_000, 18_000), "each byte is read in the backup, written, and read back"
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["again"]
    mode = (tmp_path / "deep" / "again" / "records.sqlite").stat().st_mode
    assert mode & 0o077 == 0


def test_no_platform_no_backup(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="name its folder: --data FOLDER"):
        back_up(tmp_path / "nothing", tmp_path / "backup", untold)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_does_not_lie_in_what_it_is_of(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="the platform's own folder"):
        back_up(filled(tmp_path / "data"), tmp_path / "data" / "backup", untold)


@pytest.mark.parametrize("holds", ["a platform", "a file"])
def test_a_folder_that_holds_something_is_refused_and_stays(tmp_path: Path, holds: str) -> None:
    back_up(filled(tmp_path / "data"), tmp_path / "backup", untold)
    into = tmp_path / "into"
    if holds == "a platform":
        with whole_on_disk(into) as store:
            store.blobs.put("default/y/1", b"mine")
    else:
        into.write_bytes(b"mine")
    before = {path: path.stat().st_mtime_ns for path in [into, *into.rglob("*")]}
    with pytest.raises(Conflict, match="name a new folder: --into FOLDER"):
        restore(tmp_path / "backup", into, untold)
    assert {path: path.stat().st_mtime_ns for path in [into, *into.rglob("*")]} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "data", "into"]


def test_an_empty_folder_takes_it(tmp_path: Path) -> None:
    back_up(filled(tmp_path / "data"), tmp_path / "backup", untold)
    (tmp_path / "into").mkdir()
    restore(tmp_path / "backup", tmp_path / "into", untold)
    with whole_on_disk(tmp_path / "into") as store:
        assert len(held(store)["files"]) == 2


def test_what_another_backup_left_half_done_is_no_part_of_this_one(tmp_path: Path) -> None:
    back_up(filled(tmp_path / "data"), tmp_path / "first", untold)
    with whole_on_disk(tmp_path / "other") as store:
        store.blobs.put("default/z/1", b"other")
    back_up(tmp_path / "other", tmp_path / "second", untold)

    def interrupted(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(tmp_path / "first", tmp_path / "into", interrupted)
    assert not (tmp_path / "into").exists()
    assert (tmp_path / ".into.restoring").exists(), "so that the same call goes on"
    restore(tmp_path / "second", tmp_path / "into", untold)
    with whole_on_disk(tmp_path / "into") as store:
        assert list(held(store)["files"]) == ["default/z/1"]
    assert not list(tmp_path.glob(".into*"))


def test_one_process_restores_at_a_time(tmp_path: Path) -> None:
    back_up(filled(tmp_path / "data"), tmp_path / "backup", untold)
    lock = posix.take_lock(tmp_path / ".into.restoring.lock")
    assert lock is not None
    with pytest.raises(Conflict, match="another process"):
        restore(tmp_path / "backup", tmp_path / "into", untold)


def test_without_room_nothing_begins(tmp_path: Path) -> None:
    with whole_on_disk(tmp_path / "data") as store:
        store.blobs.put("default/x/1", bytes(5_000_000))
    back_up(tmp_path / "data", tmp_path / "backup", untold)
    with small_disk(tmp_path / "disk", 2_000_000) as disk:
        with pytest.raises(StorageFull, match="the backup has 5000000"):
            restore(tmp_path / "backup", disk.path / "into", untold)
        assert list(disk.path.iterdir()) == []


def test_a_check_needs_no_platform(tmp_path: Path) -> None:
    taken = back_up(filled(tmp_path / "data"), tmp_path / "backup", untold)
    assert verify(tmp_path / "backup", untold) == taken.head
    [content] = [
        path for path in (tmp_path / "backup").rglob("*") if path.is_file() and path.stat().st_size == 3000
    ]
    content.write_bytes(bytes(3000))
    with pytest.raises(Damaged, match="2 of 2 files: 'acme/x/1'"):
        verify(tmp_path / "backup", untold)


def test_a_platform_that_is_up_is_not_moved(tmp_path: Path) -> None:
    demand_down(tmp_path / "data")
    stack = open_server(filled(tmp_path / "data"), workers=1, sweep_seconds=3600)
    try:
        stack.platform.loaded.flush()
        with pytest.raises(Conflict, match=r"is up over .*: stop it"):
            for _ in range(1000):
                demand_down(tmp_path / "data")
    finally:
        stack.close()
    demand_down(tmp_path / "data")
