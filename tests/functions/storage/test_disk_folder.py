"""A folder is opened only if it is a platform's, whole and writable; else the file is named, and nothing changes."""

import logging
import os
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from functions.storage import Put
from functions.storage.disk_folder import open_folder
from functions.storage.disk_marks import APPLICATION, FORMAT
from functions.storage.disk_records import DiskRecords
from lepton_core.errors import Conflict, Damaged, Unavailable
from tests.support.small_disk import small_disk

ROOT = Path(__file__).resolve().parents[3]
BEFORE_MARKS = """
CREATE TABLE IF NOT EXISTS records (
    partition TEXT NOT NULL,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (partition, key)
)
"""
MODES = [0o000, 0o022, 0o777]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A platform's folder, in use before."""
    folder = tmp_path / ".lepton"
    opened = open_folder(folder)
    opened.records.write([Put("p", f"{n:03}", bytes(2000), 0) for n in range(100)])
    opened.blobs.put("default/tables/m/1", b"table")
    opened.records.close()
    return folder


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def marks(path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as connection:
        application, version = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
    return application, version


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def not_sqlite(path: Path) -> None:
    path.write_text("name,age\nann,41\n" * 100)


def its_first_page_gone(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes(4096) + data[4096:])


def a_page_overwritten(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[5 * 4096 : 6 * 4096] = b"\xa5" * 4096
    path.write_bytes(data)


def cut_in_half(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 8192 * 4096])


def another_program(path: Path) -> None:
    path.unlink()
    execute(path, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT)")


def another_program_with_a_table_of_our_name(path: Path) -> None:
    path.unlink()
    execute(path, "CREATE TABLE records (id INTEGER PRIMARY KEY, artist TEXT)")


def our_table_beside_others(path: Path) -> None:
    path.unlink()
    execute(path, BEFORE_MARKS, "CREATE TABLE users (name TEXT)")


def marked_by_another_program(path: Path) -> None:
    execute(path, "PRAGMA application_id = 7")


def its_table_dropped(path: Path) -> None:
    execute(path, "DROP TABLE records")


def newer(path: Path) -> None:
    execute(path, f"PRAGMA user_version = {FORMAT + 2}")


def gone(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def gone_but_its_log(path: Path) -> None:
    path.unlink()
    path.with_name("records.sqlite-wal").write_bytes(b"log")
    for part in ("m/1", "m", ""):
        place = path.parent / "blobs/default/tables" / part
        place.unlink() if place.is_file() else place.rmdir()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: list[tuple[Callable[[Path], None], str]] = [
    (not_sqlite, "damaged, or no database"),
    (its_first_page_gone, "damaged, or no database"),
    (a_page_overwritten, "damaged, or no database"),
    (cut_in_half, "damaged, or no database"),
    (its_table_dropped, "damaged, or no database .its table is missing."),
    (another_program, "another program"),
    (another_program_with_a_table_of_our_name, "another program"),
    (our_table_beside_others, "another program"),
    (marked_by_another_program, "another program"),
    (
        newer,
        f"made by a newer Lepton .format {FORMAT + 2}.; this one reads up to {FORMAT}: update it",
    ),
    (gone, "gone while .*blobs/default/tables is there: put the file back from a backup"),
    (emptied, "gone while .*blobs/default/tables is there: put the file back from a backup"),
    (gone_but_its_log, "gone while .*records.sqlite-wal is there"),
    (a_folder, "no file; move it away"),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGES, ids=lambda value: getattr(value, "__name__", ""))
def test_records_that_are_not_ours_or_not_whole_are_named_and_left_alone(
    folder: Path, damage: Callable[[Path], None], said: str
) -> None:
    path = folder / "records.sqlite"
    damage(path)
    before = content(folder)
    with pytest.raises(Conflict, match=f"{re.escape(str(path))}.*{said}"):
        open_folder(folder)
    after = content(folder)
    assert {name: after[name] for name in before} == before
    assert {name.removeprefix("records.sqlite") for name in set(after) - set(before)} <= {"-shm", "-wal"}


def test_a_key_without_records_is_a_platform_that_lost_them(tmp_path: Path) -> None:
    (tmp_path / "api_key").write_text("lpt_key\n")
    with pytest.raises(Conflict, match=r"records.sqlite is gone while .*api_key is there"):
        open_folder(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "api_key"]


def test_files_to_be_taken_in_may_be_there_before_the_platform(tmp_path: Path) -> None:
    dropped = tmp_path / "blobs" / "default" / "incoming" / "m" / "a.csv"
    dropped.parent.mkdir(parents=True)
    dropped.write_bytes(b"x,y\n1,2\n")
    opened = open_folder(tmp_path)
    assert opened.blobs.keys("") == ["default/incoming/m/a.csv"]
    opened.records.close()


def test_what_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "blobs").write_bytes(b"")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(Conflict, match=re.escape(str(tmp_path / "file"))):
            open_folder(place)
    with pytest.raises(Conflict, match=re.escape(f"{tmp_path / 'blobs'} is no folder")):
        open_folder(tmp_path)


def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 1 << 20) as small:
        open_folder(small.path / "data").records.close()
        small.make_read_only()
        for place in (small.path / "data", small.path / "new"):
            with pytest.raises(Conflict, match=f"{small.path}.*(read-only|Read-only)"):
                open_folder(place)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_named(folder: Path) -> None:
    folder.chmod(0o500)
    with pytest.raises(Conflict, match=f"{folder} cannot be written"):
        open_folder(folder)


def test_damage_that_is_found_later_is_named_without_a_path(folder: Path) -> None:
    records = DiskRecords(folder / "records.sqlite")
    a_page_overwritten(folder / "records.sqlite")
    with pytest.raises(Damaged, match="record store") as found:
        records.query("p", limit=1000)
    assert str(folder) not in found.value.message
    records.close()


def test_records_removed_while_they_are_used_do_not_come_back_empty(folder: Path) -> None:
    records = DiskRecords(folder / "records.sqlite")
    records.close()
    (folder / "records.sqlite").unlink()
    with pytest.raises(Unavailable):
        records.get("p", "000")
    assert not (folder / "records.sqlite").exists()


def test_a_new_folder_carries_its_format(folder: Path) -> None:
    assert marks(folder / "records.sqlite") == (APPLICATION, FORMAT)


def test_a_folder_without_marks_is_of_the_first_format_and_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    execute(path, "PRAGMA journal_mode = WAL", BEFORE_MARKS)
    execute(path, "INSERT INTO records VALUES ('p', 'k', 3, x'01')")
    assert marks(path) == (0, 0)
    opened = open_folder(tmp_path)
    record = opened.records.get("p", "k")
    opened.records.close()
    assert record is not None
    assert (record.revision, record.body) == (3, b"\x01")
    assert marks(path) == (APPLICATION, 1)


def test_processes_that_make_one_folder_at_once_all_open_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from functions.storage.disk_folder import open_folder\n"
        "for n in range(10):\n    sys.stdin.readline()\n"
        "    f = open_folder(Path(sys.argv[1]) / str(n))\n"
        "    f.blobs.put(f'w/tables/{sys.argv[2]}', b''); f.records.close()\n"
        "    print('ok', flush=True)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    workers = [
        subprocess.Popen(
            [*command, str(n)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(4)
    ]
    for _ in range(10):
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
    assert [worker.communicate(timeout=120)[0] for worker in workers] == ["ok\n" * 10] * 4


@pytest.fixture(params=MODES, ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    found = {path.relative_to(folder).as_posix(): path for path in (folder, *folder.rglob("*"))}
    return {name: stat.S_IMODE(path.lstat().st_mode) for name, path in found.items()}


def assert_private(folder: Path) -> None:
    for name, mode in modes(folder).items():
        assert mode == (0o700 if (folder / name).is_dir() else 0o600), (name, oct(mode))


@pytest.mark.usefixtures("umask")
def test_whatever_the_umask_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / ".lepton"
    opened = open_folder(folder)
    opened.records.write([Put("p", "k", b"", 0)])
    opened.blobs.put("default/tables/m/1", b"table")
    assert {"records.sqlite", "records.sqlite-wal", "records.sqlite-shm", "blobs/.tmp"} <= modes(
        folder
    ).keys()
    assert_private(folder)
    opened.records.close()


def test_a_folder_that_was_open_to_others_is_closed_and_the_log_says_so(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "api_key").write_text("lpt_key\n")
    (folder / "blobs" / ".tmp" / "draft").write_bytes(b"half")
    (tmp_path / "mine").write_bytes(b"")
    os.link(tmp_path / "mine", folder / "blobs" / "default" / "linked")
    (folder / "blobs" / "default" / "link").symlink_to(tmp_path / "mine")
    still_open = open_folder(folder)
    still_open.records.write([Put("p", "k", b"", 0)])
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    with caplog.at_level(logging.INFO, "lepton.storage"):
        open_folder(folder).records.close()
    assert [record.getMessage().split(" was open")[0] for record in caplog.records] == [str(folder)]
    (folder / "blobs" / "default" / "link").unlink()
    (folder / "blobs" / "default" / "linked").unlink()
    assert_private(folder)
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o644
    caplog.clear()
    with caplog.at_level(logging.INFO, "lepton.storage"):
        open_folder(folder).records.close()
    assert caplog.records == []
    still_open.records.close()


def test_closing_takes_nothing_that_is_not_the_platforms(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    script = project / "run.sh"
    script.write_text("#!/bin/sh\n")
    for place in (project, script):
        place.chmod(0o755)
    open_folder(project).records.close()
    assert stat.S_IMODE(project.stat().st_mode) == 0o700
    assert stat.S_IMODE(script.stat().st_mode) == 0o755
