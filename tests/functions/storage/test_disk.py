"""What only the store on one machine must do: plain files, SQLite as it should be set, patience."""

import os
import socket
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.storage import BlobExists, BlobMissing, Lost, Put
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_connections import Connections
from functions.storage.disk_records import DiskRecords
from lepton_core.errors import Unavailable
from tests.support.stores import Store, disk_store
from tests.support.threads import together


def test_a_blob_is_a_plain_file(disk: Store, tmp_path: Path) -> None:
    disk.blobs.put("w/incoming/d/a.csv", b"x,y\n1,2\n")
    root = tmp_path / "store" / "blobs"
    assert (root / "w/incoming/d/a.csv").read_bytes() == b"x,y\n1,2\n"
    assert list((root / ".tmp").iterdir()) == []


def test_a_file_put_there_is_a_blob(disk: Store, tmp_path: Path) -> None:
    folder = tmp_path / "store" / "blobs" / "w" / "incoming" / "d"
    folder.mkdir(parents=True)
    (folder / ".a.csv.part").write_bytes(b"half")
    assert disk.blobs.keys("w/") == []
    (folder / ".a.csv.part").rename(folder / "a.csv")
    assert disk.blobs.keys("w/") == ["w/incoming/d/a.csv"]
    assert disk.blobs.get("w/incoming/d/a.csv") == b"half"
    with pytest.raises(BlobExists):
        disk.blobs.put("w/incoming/d/a.csv", b"other")


def test_only_visible_regular_files_are_listed(disk: Store, tmp_path: Path) -> None:
    root = tmp_path / "store" / "blobs"
    disk.blobs.put("w/a", b"")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"")
    (root / "w" / "link").symlink_to(tmp_path / "outside")
    (root / "w" / "file").symlink_to(tmp_path / "outside" / "secret")
    (root / "w" / ".hidden").mkdir()
    (root / "w" / ".hidden" / "b").write_bytes(b"")
    (root / "w" / "back\\slash").write_bytes(b"")
    os.mkfifo(root / "w" / "pipe")
    (root / os.fsdecode(b"w/not-\xff-utf8")).write_bytes(b"")
    (root / "w" / "empty").mkdir()
    assert disk.blobs.keys("") == ["w/a"]


def test_what_is_no_regular_file_is_no_blob_and_holds_nobody_up(disk: Store, tmp_path: Path) -> None:
    folder = tmp_path / "store" / "blobs" / "w"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"of another")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "broken").symlink_to(tmp_path / "nothing")
    (folder / "round").symlink_to("round")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")  # opened to be read it would wait for a writer for ever
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        for name in ("link", "broken", "round", "folder", "pipe", "socket"):
            with pytest.raises(BlobMissing):
                disk.blobs.get(f"w/{name}")
            assert disk.blobs.size(f"w/{name}") is None
            with pytest.raises(BlobExists):
                disk.blobs.put(f"w/{name}", b"mine")
    assert (tmp_path / "secret").read_bytes() == b"of another"
    disk.blobs.delete("w/link")
    assert not (folder / "link").is_symlink()
    assert (tmp_path / "secret").exists()


def test_a_file_linked_from_elsewhere_is_a_blob_and_stays_there(disk: Store, tmp_path: Path) -> None:
    disk.blobs.put("w/a", b"")
    (tmp_path / "kept").write_bytes(b"data")
    os.link(tmp_path / "kept", tmp_path / "store" / "blobs" / "w" / "b")
    assert (disk.blobs.get("w/b"), disk.blobs.size("w/b")) == (b"data", 4)
    disk.blobs.delete("w/b")
    assert (tmp_path / "kept").read_bytes() == b"data"


def test_a_store_opens_whatever_lies_among_its_drafts(tmp_path: Path) -> None:
    DiskBlobs(tmp_path)
    (tmp_path / ".tmp" / "folder").mkdir()
    for place in (tmp_path / ".tmp").iterdir():
        os.utime(place, (0, 0))
    DiskBlobs(tmp_path).put("w/a", b"")


def test_delete_removes_the_folders_it_leaves_empty(disk: Store, tmp_path: Path) -> None:
    root = tmp_path / "store" / "blobs"
    disk.blobs.put("w/a/b/1", b"")
    disk.blobs.put("w/2", b"")
    disk.blobs.delete("w/a/b/1")
    assert sorted(path.name for path in root.iterdir()) == [".tmp", "w"]
    assert [path.name for path in (root / "w").iterdir()] == ["2"]
    disk.blobs.delete("w/2")
    assert [path.name for path in root.iterdir()] == [".tmp"]
    disk.blobs.put("w/2", b"again")


def test_a_blob_and_a_folder_cannot_share_a_name(disk: Store) -> None:
    disk.blobs.put("w/a/b", b"1")
    for key in ("w/a", "w/a/b/c", "w/a/b/c/d"):
        with pytest.raises(BlobExists):
            disk.blobs.put(key, b"2")
        disk.blobs.delete(key)
        with pytest.raises(BlobMissing):
            disk.blobs.get(key)
    assert disk.blobs.keys("") == ["w/a/b"]


def test_a_write_that_fails_leaves_no_draft(disk: Store, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        disk.blobs.put("w/a", "text")  # type: ignore[arg-type]
    assert list((tmp_path / "store" / "blobs" / ".tmp").iterdir()) == []
    assert disk.blobs.size("w/a") is None


def test_relative_paths_survive_a_change_of_folder(tmp_path: Path) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        records, blobs = DiskRecords(Path("data/r.sqlite")), DiskBlobs(Path("data/blobs"))
    finally:
        os.chdir(before)
    together([lambda: records.write([Put("p", "k", b"", 0)]), lambda: blobs.put("w/a", b"")])
    records.close()
    assert (tmp_path / "data" / "blobs" / "w" / "a").is_file()
    assert not (before / "data").exists()


def test_sqlite_waits_for_the_disk(tmp_path: Path) -> None:
    connections = Connections(tmp_path / "r.sqlite", 1.0)
    with connections.connection() as connection:
        settings = [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        ]
    connections.close()
    assert settings == ["wal", 2]


def test_a_store_opened_again_holds_what_it_held(tmp_path: Path) -> None:
    with disk_store(tmp_path) as store:
        store.records.write([Put("p", "k", b"body", 0)])
        store.blobs.put("w/a", b"data")
    assert [path.name for path in tmp_path.glob("records*")] == ["records.sqlite"]
    with disk_store(tmp_path) as store:
        record = store.records.get("p", "k")
        assert record is not None
        assert record.body == b"body"
        assert store.blobs.get("w/a") == b"data"


def test_a_closed_store_opens_again_by_itself(tmp_path: Path) -> None:
    records = DiskRecords(tmp_path / "r.sqlite")
    records.close()
    records.write([Put("p", "k", b"", 0)])
    records.close()
    records.close()
    assert records.get("p", "k") is not None
    records.close()


def test_impatience_is_unavailable_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    records = DiskRecords(path, patience=0.05)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        records.write([Put("p", "k", b"", 0)])
    assert records.get("p", "k") is None
    blocker.execute("ROLLBACK")
    blocker.close()
    records.write([Put("p", "k", b"", 0)])
    records.close()


def test_impatience_ends_for_all_threads_though_one_of_them_writes_for_ever(tmp_path: Path) -> None:
    """None of them waits for the one before it to have waited."""
    connections = Connections(tmp_path / "r.sqlite", 0.05)

    def write() -> None:
        with pytest.raises(Unavailable), connections.transaction():
            pass

    with connections.transaction():
        together([write] * 8)
    with connections.transaction():
        pass
    connections.close()


def remove(path: Path) -> None:
    for place in path.parent.glob("r.sqlite*"):
        place.unlink()


def replace_with_another(path: Path) -> None:
    other = path.with_name("other.sqlite")
    DiskRecords(other).close()
    other.replace(path)


@pytest.mark.parametrize("take_away", [remove, replace_with_another])
def test_a_file_that_is_taken_away_is_used_no_more(tmp_path: Path, take_away: Callable[[Path], None]) -> None:
    """What is acknowledged must be there at the next start, and would lie in a file that nobody finds."""
    path = tmp_path / "r.sqlite"
    records = DiskRecords(path)
    records.write([Put("p", "k", b"", 0)])
    take_away(path)
    for use in (
        lambda: records.write([Put("p", "l", b"", 0)]),
        lambda: records.get("p", "k"),
        lambda: records.query("p"),
    ):
        with pytest.raises(Unavailable, match=r"r\.sqlite was removed or replaced") as refused:
            use()
        assert str(tmp_path) not in refused.value.message
    records.close()


def test_a_file_that_is_removed_during_a_write_takes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    connections = Connections(path, 1.0)
    with pytest.raises(Unavailable, match="removed"), connections.transaction() as connection:
        connection.execute("INSERT INTO records VALUES ('p', 'k', 1, x'')")
        path.rename(tmp_path / "moved")
    (tmp_path / "moved").rename(path)
    with connections.transaction() as connection:
        assert connection.execute("SELECT key FROM records").fetchall() == []
    connections.close()


def test_a_lost_write_leaves_the_file_free(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    one, two = DiskRecords(path, patience=0.05), DiskRecords(path, patience=0.05)
    with pytest.raises(Lost):
        one.write([Put("p", "k", b"", 3)])
    two.write([Put("p", "k", b"", 0)])
    one.close()
    two.close()


def test_threads_that_end_leave_no_connections(tmp_path: Path) -> None:
    records = DiskRecords(tmp_path / "r.sqlite")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(20):
        thread = threading.Thread(target=records.write, args=([Put("p", str(number), b"", 0)],))
        thread.start()
        thread.join()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 3
    records.close()
    assert len(records.query("p")) == 20
    records.close()
