"""Backups of the state of one machine: taken while it is in use, checked, and put into a new folder."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from functions.backup.fill import FilledStore, fill, is_whole
from functions.backup.folder import BackupFolder
from functions.backup.form import BackupHead, digest_of
from functions.backup.take import TakenBackup, Tell, take
from functions.backup.verify import verify as verify_folder
from functions.context import utc_now
from functions.storage import posix
from functions.storage.disk_errors import FULL
from functions.storage.disk_folder import BLOBS, RECORDS, open_folder
from functions.storage.disk_whole import DiskWhole
from functions.storage.whole import WholeStore
from lepton_core.errors import Conflict, LeptonError, NotFound, StorageFull, Unavailable

OF_DISK = "disk"


def back_up(data: Path, to: Path, tell: Tell) -> TakenBackup:
    """Bring the backup in the folder ``to`` to what the platform in ``data`` holds now; see `take`.

    Raises `NotFound` if no platform is in ``data``, and `Conflict` if ``to`` lies in it.
    """
    if not (data / RECORDS).is_file():
        raise NotFound(f"no platform keeps its state in {data}; name its folder: --data FOLDER")
    if to.resolve().is_relative_to(data.resolve()):
        raise Conflict(f"{to} lies in the platform's own folder; name another place: --to FOLDER")
    blobs = (data / BLOBS).absolute()
    with _opened(data) as store:
        return take(
            store,
            BackupFolder(to),
            of=OF_DISK,
            now=utc_now(),
            tell=tell,
            is_being_written=lambda key: _has_writer(blobs / key),
        )


def verify(backup: Path, tell: Tell) -> BackupHead:
    """Check every byte of a backup; see `functions.backup.verify`."""
    return verify_folder(BackupFolder(backup), tell)


def restore(backup: Path, into: Path, tell: Tell) -> FilledStore:
    """Put a backup into the folder ``into``, which is new or empty, and appears there at once and whole.

    Until then all lies in a hidden folder beside it. Killed at any moment, the next call goes on there. Raises
    as `fill`, and `Conflict` if ``into`` holds something, or another process is at it.
    """
    folder, into = BackupFolder(backup), into.absolute()
    head = folder.head()
    staging = into.with_name(f".{into.name}.restoring")
    if not staging.exists():
        _demand_room(into.parent, head)
    with _alone(staging.with_name(f"{staging.name}.lock")) as mark:
        is_ours = mark.read_text() == digest_of(head)
        if is_ours and not staging.exists() and (into / RECORDS).is_file():
            return FilledStore(head, 0)  # an earlier call was killed when all was done but for its mark
        _demand_new(into)
        if not is_ours:
            shutil.rmtree(staging, ignore_errors=True)
            mark.write_text(digest_of(head))
        filled = _staged(folder, head, staging, tell)
        _demand_new(into)
        staging.rename(into)
        posix.sync_folder(into.parent)
        return filled


def _staged(folder: BackupFolder, head: BackupHead, staging: Path, tell: Tell) -> FilledStore:
    try:
        with _opened(staging) as store:
            return FilledStore(head, 0) if is_whole(store) else fill(folder, store, now=utc_now(), tell=tell)
    except Unavailable:
        raise  # the next call goes on with what is there
    except LeptonError:
        shutil.rmtree(staging)
        raise


def demand_down(data: Path) -> None:
    """Raise `Conflict` if a `lepton up` keeps the folder ``data``: what it does from now on would stay behind."""
    path = data / "landing.lock"
    if not path.exists():
        return
    lock = posix.take_lock(path)
    if lock is None:
        raise Conflict(f"a platform is up over {data}: stop it (Ctrl-C), and move it then")
    os.close(lock)


@contextmanager
def _opened(data: Path) -> Iterator[WholeStore]:
    opened = open_folder(data)
    whole = DiskWhole(data / RECORDS, opened.blobs)
    try:
        yield WholeStore(opened.records, opened.blobs, whole)
    finally:
        whole.close()
        opened.records.close()


@contextmanager
def _alone(mark: Path) -> Iterator[Path]:
    """A block in which this process alone has the file ``mark``; it goes, unless the store was away or full."""
    posix.make_private_folder(mark.parent)
    lock = posix.take_lock(mark)
    if lock is None:
        raise Conflict(f"another process is putting a backup there ({mark}); wait for its end")
    try:
        yield mark
        mark.unlink()
    except Unavailable:
        raise
    except LeptonError:
        mark.unlink()
        raise
    finally:
        os.close(lock)


def _demand_new(into: Path) -> None:
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise Conflict(f"{into} is there and holds something; name a new folder: --into FOLDER")


def _demand_room(folder: Path, head: BackupHead) -> None:
    posix.make_private_folder(folder)
    free = shutil.disk_usage(folder).free
    if free < head.bytes:
        raise StorageFull(f"{folder} has room for {free} bytes and the backup has {head.bytes}: {FULL}")


def _has_writer(path: Path) -> bool:
    try:
        return bool(posix.is_being_written(path))
    except OSError:
        return False
