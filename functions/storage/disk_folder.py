"""The folder of a platform on one machine, opened: ours, whole, writable, and closed to others; or refused by name."""

import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from functions.storage import posix
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_errors import FULL, is_full
from functions.storage.disk_records import DiskRecords
from lepton_core.errors import Conflict, StorageFull

log = logging.getLogger("lepton.storage")

RECORDS = "records.sqlite"
BLOBS = "blobs"
API_KEY = "api_key"
"""The files that `lepton up` keeps there besides."""

_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Folder:
    """The two stores of an open folder."""

    records: DiskRecords
    blobs: DiskBlobs


def open_folder(folder: Path) -> Folder:
    """Open the platform's state in ``folder``, which is made if it is missing.

    Raises `Conflict`, naming the file and the remedy, if the folder cannot be written, its database is damaged, of
    another program or of a newer Lepton, or if the records are gone while other files of a platform are there; and
    `StorageFull` without room. Whatever others than the owner could read is closed to them.
    """
    folder = folder.absolute()
    try:
        _prepare(folder)
        records = DiskRecords(folder / RECORDS)
        try:
            records.check_pages()
            return Folder(records, DiskBlobs(folder / BLOBS))
        except BaseException:
            records.close()
            raise
    except StorageFull as error:
        raise StorageFull(f"{folder}: {error.message}") from error
    except OSError as error:
        if is_full(error):
            raise StorageFull(f"{folder}: {FULL}") from error
        place = error.filename or folder
        raise Conflict(f"{place} cannot be used: {error.strerror}; choose another folder") from error


def _prepare(folder: Path) -> None:
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        posix.make_private_folder(folder)
    _check_places(folder)
    # In this order: another process may be making the platform now, and it makes the records first.
    left, path = _left_of_a_platform(folder), folder / RECORDS
    if left is not None and (not path.exists() or not path.stat().st_size):
        raise Conflict(
            f"{path} is gone while {left} is there: put the file back from a backup, or move the folder away to begin "
            "with an empty platform"
        )
    _close(folder)


def _check_places(folder: Path) -> None:
    blobs = folder / BLOBS
    for place in (folder, blobs, blobs / ".tmp"):
        if not _is_absent_or(stat.S_ISDIR, place):
            raise Conflict(f"{place} is no folder; move it away, or choose another folder")
        _check_rights(place, os.R_OK | os.W_OK | os.X_OK)
    for end in ("", *_BESIDE):
        place = folder / f"{RECORDS}{end}"
        if not _is_absent_or(stat.S_ISREG, place):
            raise Conflict(f"{place} is no file; move it away, or choose another folder")
        _check_rights(place, os.R_OK | os.W_OK)


def _is_absent_or(kind: Callable[[int], bool], place: Path) -> bool:
    # One look: another process makes and removes such files meanwhile.
    try:
        return kind(place.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True


def _check_rights(place: Path, rights: int) -> None:
    # The second look at the rights is for a place that another process made after the first.
    if not os.access(place, rights) and place.exists() and not os.access(place, rights):
        raise Conflict(
            f"{place} cannot be written: it belongs to somebody else, or lies on a read-only disk; give this user the "
            "right to write, or choose another folder"
        )


def _left_of_a_platform(folder: Path) -> Path | None:
    """A file that is there only where a platform has worked. Files to be taken in may be there before one did."""
    for name in (f"{RECORDS}-wal", API_KEY):
        if (folder / name).exists():
            return folder / name
    for workspace in _entries(folder / BLOBS):
        if workspace.is_dir():
            for kind in _entries(workspace):
                if kind.name != "incoming":
                    return kind
    return None


def _close(folder: Path) -> None:
    """Take away the rights of others. All is looked through only where the folder itself is open to them."""
    if not folder.stat().st_mode & 0o077:
        return
    names = (API_KEY, *(f"{RECORDS}{end}" for end in ("", *_BESIDE)))
    # The folder last: if this process is killed here, the next one does it all again.
    for place in (*(folder / name for name in names), *_below(folder / BLOBS), folder):
        with suppress(FileNotFoundError):
            try:
                posix.close_to_others(place)
            except PermissionError:
                log.warning("%s belongs to somebody else and stays open to others", place)
                return
    log.info("%s was open to other users of this machine; now it is its owner's alone", folder)


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield Path(parent)
        yield from (Path(parent, name) for name in (*folders, *files))


def _entries(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))
