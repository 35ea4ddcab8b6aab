"""Errors of a disk as typed errors. No path is in their messages: they go to callers of the API."""

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from functions.storage import posix
from lepton_core.errors import Damaged, LeptonError, StorageFull, Unavailable

log = logging.getLogger("lepton.storage")

BUSY = "the record store is busy; try again"
FULL = "there is no room left where the platform keeps its data; free some, then try again"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_PROBE = 1 << 16
"""Bytes: as much as a SQLite file and its index grow by at once."""

_AWAY = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


@contextmanager
def typed_errors() -> Iterator[None]:
    """Turn an ``OSError`` of the block into `StorageFull` if there is no room, else into `Unavailable`."""
    try:
        yield
    except OSError as error:
        raise of_system(error) from error


def is_full(error: OSError) -> bool:
    """Whether the disk, or what this user may have of it, is used up."""
    return error.errno in _NO_ROOM


def of_system(error: OSError) -> Unavailable:
    """The error that a caller sees for a refusal of the operating system. Its path goes to the log."""
    if is_full(error):
        return StorageFull(FULL)
    log.error("the disk cannot be used: %s", error)
    return Unavailable(f"the disk of the platform cannot be used now: {error.strerror}; its log says where")


def of_replaced(path: Path) -> Unavailable:
    """The error of a record file that is gone, or another one, since it was opened."""
    return Unavailable(
        f"{path.name} was removed or replaced while the platform is up, and nothing is stored; stop the platform, put "
        "the file back from a backup, and start it again"
    )


def of_sqlite(error: sqlite3.Error, path: Path) -> LeptonError | None:
    """The error that a caller sees for one of SQLite on the file ``path``; None: it is a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Unavailable(BUSY)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _has_no_room(path.parent)):
        return StorageFull(FULL)
    if code in _AWAY:
        log.error("%s cannot be used: %s (%s)", path, error, error.sqlite_errorname)
        return Unavailable(f"the record store cannot be used now: {error}; the platform's log says where")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        log.error("%s is damaged: %s", path, error)
        return Damaged(f"the record store is damaged ({error}); put its file back from a backup")
    return None


def _has_no_room(folder: Path) -> bool:
    # SQLite says "disk I/O error" for a quota that is used up, and for room that its index does not get.
    probe = folder / f".room-{uuid4().hex}"
    try:
        with posix.new_private_file(probe) as file:
            file.write(bytes(_PROBE))
            posix.sync_file(file)
    except OSError as error:
        return is_full(error)
    finally:
        probe.unlink(missing_ok=True)
    return False
