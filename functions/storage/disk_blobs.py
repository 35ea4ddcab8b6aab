"""Blobs as plain files."""

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from functions.storage import posix
from functions.storage.checks import check_after, check_blob_key, is_blob_key
from functions.storage.disk_errors import typed_errors
from functions.storage.protocols import BlobExists, BlobMissing
from lepton_core.errors import Unavailable

if TYPE_CHECKING:
    from functions.storage.disk_draft import DiskDraft

_ABANDONED_SECONDS = 3600.0
_ATTEMPTS = 100
_NO_BLOB = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}


class DiskBlobs:
    """`Blobs` in the folder ``root``: the blob ``a/b`` is the file ``root/a/b``, and the reverse.

    A blob is written under a name in ``root/.tmp``, synced, and then linked to its own name, which fails if
    the name is taken. Hidden files (and whatever is no regular file) are no blobs. Unlike in S3 a blob and a
    folder cannot have the same name: ``put`` then raises `BlobExists`.

    Files and folders are their owner's alone, whatever the umask. Raises ``StorageFull`` when there is no room, and
    ``Unavailable`` for whatever else a disk may refuse: nothing that was not acknowledged stays.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._drafts = self._root / ".tmp"
        with typed_errors():
            posix.make_private_folder(self._drafts)
            posix.sync_folder(self._root.parent)
            self._sweep()

    def put(self, key: str, data: bytes) -> None:
        """See `Blobs.put`."""
        path = self._path(key)
        draft = self._drafts / uuid4().hex
        with typed_errors():
            try:
                with posix.new_private_file(draft) as file:
                    file.write(data)
                    posix.sync_file(file)
                self._publish(draft, path, key)
            finally:
                draft.unlink(missing_ok=True)

    def draft(self) -> "DiskDraft":
        """See `Blobs.draft`. It lies in ``root/.tmp``, as every blob does before it has its name."""
        from functions.storage.disk_draft import DiskDraft  # noqa: PLC0415  (few processes take files)

        self._sweep()
        return DiskDraft(
            self._drafts / uuid4().hex, lambda draft, key: self._publish(draft, self._path(key), key)
        )

    def get(self, key: str) -> bytes:
        """See `Blobs.get`."""
        with self._opened(key) as handle, os.fdopen(handle, "rb", buffering=0, closefd=False) as file:
            return file.read()

    def read(self, key: str, start: int, most: int) -> bytes:
        """See `Blobs.read`."""
        with self._opened(key) as handle:
            return os.pread(handle, most, start)

    @contextmanager
    def _opened(self, key: str) -> Iterator[int]:
        with typed_errors():
            try:
                # A user who puts files here may put a link, which leads to any file of ours, or an endless pipe.
                handle = posix.open_unfollowed(self._path(key))
            except OSError as error:
                if error.errno in _NO_BLOB:
                    raise BlobMissing(key) from None
                raise
            try:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise BlobMissing(key)
                yield handle
            finally:
                os.close(handle)

    def size(self, key: str) -> int | None:
        """See `Blobs.size`."""
        path = self._path(key)
        with typed_errors():
            try:
                found = path.lstat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def keys(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[str]:
        """See `Blobs.keys`."""
        check_after(after)
        folder = prefix.rpartition("/")[0]
        if limit <= 0 or (folder and not is_blob_key(folder)):
            return []
        with typed_errors():
            return list(islice(self._walk(f"{folder}/" if folder else "", prefix, after), limit))

    def delete(self, key: str) -> None:
        """See `Blobs.delete`. Folders that it leaves empty go too."""
        path = self._path(key)
        with typed_errors():
            if path.is_dir():
                return
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return
            self._prune(path)

    def download_url(self, key: str, *, name: str, seconds: int) -> str | None:
        """None: bytes leave this store through the API."""
        return None

    def upload_url(self, key: str, *, size: int, seconds: int) -> str | None:
        """None: bytes reach this store through the API, or as a file put in its folder."""
        return None

    def _path(self, key: str) -> Path:
        check_blob_key(key)
        return self._root / key

    def _folders(self, path: Path) -> Iterator[Path]:
        while path != self._root:
            path = path.parent
            yield path

    def _prune(self, path: Path) -> None:
        """Remove the folders above ``path`` that are empty, and sync the first that is not."""
        for folder in self._folders(path):
            try:
                if folder != self._root:
                    folder.rmdir()
                    continue
            except FileNotFoundError:
                continue
            except OSError:
                pass
            with suppress(FileNotFoundError):
                posix.sync_folder(folder)
            break

    def _sync_above(self, path: Path) -> None:
        # Every folder up to the root: another process may have made one and not have synced it yet.
        for folder in self._folders(path):
            with suppress(FileNotFoundError):
                posix.sync_folder(folder)

    def _publish(self, draft: Path, path: Path, key: str) -> None:
        """Give a draft that is on the disk its name, for good."""
        try:
            self._link(draft, path, key)
        except OSError:
            self._prune(path)
            raise
        try:
            self._sync_above(path)
        except OSError:
            # Nobody was told of it, and it may be gone after a loss of power.
            path.unlink(missing_ok=True)
            self._prune(path)
            raise

    def _link(self, draft: Path, path: Path, key: str) -> None:
        for _ in range(_ATTEMPTS):
            try:
                posix.make_private_folder(path.parent)
            except FileNotFoundError:
                continue
            except (FileExistsError, NotADirectoryError):
                if any(folder.is_file() for folder in self._folders(path)):
                    raise BlobExists(key) from None
                continue
            try:
                posix.publish(draft, path)
            except FileExistsError:
                raise BlobExists(key) from None
            except FileNotFoundError:
                continue  # somebody deleted the last file of the folder, and the folder with it
            else:
                return
        raise Unavailable(f"the folder of {key} keeps disappearing; try again")

    def _walk(self, folder: str, prefix: str, after: str) -> Iterator[str]:
        # A folder sorts as its name with the slash, or "a-b" and "a/b" would change places. Strings compare
        # by code point, which is the byte order of their UTF-8.
        entries = []
        try:
            with os.scandir(self._root / folder) as listing:
                for entry in listing:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    if is_folder or entry.is_file(follow_symlinks=False):
                        entries.append((f"{folder}{entry.name}{'/' if is_folder else ''}", is_folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for name, is_folder in sorted(entries):
            if not is_blob_key(name.removesuffix("/")):
                continue
            if is_folder:
                wanted = name.startswith(prefix) or prefix.startswith(name)
                if wanted and (name > after or after.startswith(name)):
                    yield from self._walk(name, prefix, after)
            elif name.startswith(prefix) and name > after:
                yield name

    def _sweep(self) -> None:
        # A process killed while it wrote leaves its draft; one at work touches its own all the time.
        for draft in self._drafts.iterdir():
            with suppress(OSError):
                if time.time() - draft.stat().st_mtime > _ABANDONED_SECONDS:
                    draft.unlink()
