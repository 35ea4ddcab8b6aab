"""Processes that are killed at one of their writes to a file system, whatever code of Python makes it.

`python -m tests.support.killed_files backup|restore FOLDER FIRST STEP` does one of both with a small store, each time
killed at another write: at the FIRST, and then at each STEP-th. After each kill it looks at what is there, does the
same again, and looks whether that is whole. The last line that it prints is the number of kills.
"""

import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from functions.backup.folder import BackupFolder
from functions.backup.verify import verify
from infra.local.keeping import back_up, restore
from tests.support.whole_stores import held, record, whole_on_disk

WRITES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"}
KILLED = 9
FILES = {f"default/x/{at}": b"%d" % at * 1000 for at in range(4)} | {"default/incoming/m/f.csv": b"a,b\n"}


def main() -> None:
    what, top = sys.argv[1], Path(sys.argv[2])
    number, step = map(int, sys.argv[3:])
    kills = 0
    while True:
        shutil.rmtree(top, ignore_errors=True)
        top.mkdir(parents=True)
        _source(top)
        if what == "restore":
            _quiet(lambda: back_up(top / "source", top / "backup", _untold))
        job = partial(_backup if what == "backup" else _restore, top)
        if not _killed(job, number):
            break
        kills += 1
        (_look_at_backup if what == "backup" else _look_at_restore)(top)
        assert _killed(job, None) is False
        _whole(top, what)
        number += step
    _whole(top, what)
    sys.stdout.write(f"{kills}\n")


def _source(top: Path) -> None:
    with whole_on_disk(top / "source") as store:
        for key, data in FILES.items():
            store.blobs.put(key, data)
        store.whole.load([record("default/models", str(at), at + 1) for at in range(3)])
    # A backup of what was there earlier, which has to stay until the next one is whole.
    _quiet(lambda: back_up(top / "source", top / "backup", _untold))
    with whole_on_disk(top / "source") as store:
        store.blobs.put("default/x/new", b"new" * 500)
        store.blobs.delete("default/x/0")
        store.whole.load([record("default/models", "new")])


def _backup(top: Path) -> None:
    back_up(top / "source", top / "backup", _untold)


def _restore(top: Path) -> None:
    restore(top / "backup", top / "into", _untold)


def _look_at_backup(top: Path) -> None:
    head = verify(BackupFolder(top / "backup"))
    assert head.record_count in (3, 4), "the earlier one or the later one, and each is whole"


def _look_at_restore(top: Path) -> None:
    if (top / "into").exists():
        _whole(top, "restore")


def _whole(top: Path, what: str) -> None:
    with whole_on_disk(top / "source") as store:
        before = held(store)
    if what == "backup":
        restore(top / "backup", top / "looked", _untold)
    into = top / ("looked" if what == "backup" else "into")
    with whole_on_disk(into) as store:
        assert held(store) == before
    assert not list(top.glob(".*")) or what == "restore"
    assert not list((top / "backup/content").glob("*.part"))


def _killed(job: Callable[[], Any], number: int | None) -> bool:
    """Whether a process that does the job was killed, at its so manyth write (None: at none)."""
    child = os.fork()
    if child == 0:
        try:
            if number is not None:
                sys.addaudithook(_kill_at(number))
            job()
        except BaseException as error:  # noqa: BLE001
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, KILLED), status
    return status == KILLED


def _kill_at(number: int) -> Callable[[str, tuple[Any, ...]], None]:
    seen = [0]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        flags = arguments[2] if event == "open" and isinstance(arguments[2], int) else 0
        if event in WRITES or flags & (os.O_WRONLY | os.O_RDWR):
            seen[0] += 1
            if seen[0] == number:
                os._exit(KILLED)

    return hook


def _quiet(job: Callable[[], Any]) -> None:
    """In a process of its own: this one opens no database before it forks."""
    assert _killed(job, None) is False


def _untold(done: int, total: int) -> None: ...


if __name__ == "__main__":
    main()
