"""The folder of a backup: contents under their digests, each whole or absent, and a head that is switched at once."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from functions.backup.form import MOST_HEAD_BYTES, BackupHead, seal, unseal
from functions.storage import posix
from functions.storage.disk_errors import FULL, is_full
from lepton_core.errors import Conflict, Damaged, LeptonError, NotFound, StorageFull

HEAD_FILE = "backup.json"
CONTENTS = "content"
LOCK = ".lock"
PIECE = 8 << 20
"""Bytes that are in memory of one file."""

_DRAFT = ".part"


class BackupFolder:
    """The backup in the folder ``path``. Nothing in it is followed, run or unpacked: links and pipes are refused."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def head(self) -> BackupHead:
        """The head. Raises `NotFound` if no backup was finished here, else as `form.unseal`."""
        try:
            with self._opened(self.path / HEAD_FILE) as file:
                data = file.read(MOST_HEAD_BYTES + 1)
        except FileNotFoundError:
            raise NotFound(
                f"{self.path} holds no finished backup; take one: lepton backup --to {self.path}"
            ) from None
        if len(data) > MOST_HEAD_BYTES:
            raise self.damaged(f"its {HEAD_FILE} is too long")
        with self.named():
            return unseal(data)

    @contextmanager
    def open(self, digest: str) -> Iterator[BinaryIO]:
        """The content with this digest, which is not checked here. Raises `Damaged` if it is not there as a file."""
        try:
            for folder in (self.path / CONTENTS, self._place(digest).parent):
                _demand_folder(folder)
            with self._opened(self._place(digest)) as file:
                yield file
        except (FileNotFoundError, NotADirectoryError):
            raise self.damaged(f"the content {digest} is not there") from None

    def size(self, digest: str) -> int | None:
        """The size in bytes of the content with this digest; None: there is none, or what is there is no file."""
        with suppress(Damaged), self.open(digest) as file:
            return os.fstat(file.fileno()).st_size
        return None

    def pieces(self, digest: str) -> Iterator[bytes]:
        """The content, a piece at a time. Raises `Damaged`, behind the last piece, if it has another digest."""
        seen = sha256()
        with self.open(digest) as file:
            while piece := file.read(PIECE):
                seen.update(piece)
                yield piece
        if seen.hexdigest() != digest:
            raise self.damaged(f"the content {digest} has other bytes than it had")

    def damaged(self, how: str) -> Damaged:
        """The error for a backup that is not what was written."""
        return Damaged(f"the backup in {self.path} is damaged: {how}; take another one")

    @contextmanager
    def named(self) -> Iterator[None]:
        """A block whose errors name the folder."""
        try:
            yield
        except LeptonError as error:
            raise type(error)(f"{self.path}: {error.message}", field=error.field) from None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """A block in which this process alone writes the backup; made if it is missing.

        Raises `Conflict` for a folder that holds other things, and while another process is at it.
        """
        with _typed(self.path):
            posix.make_private_folder(self.path)
            others = {one.name for one in self.path.iterdir()} - {HEAD_FILE, CONTENTS, LOCK}
            if others:
                raise Conflict(
                    f"{self.path} holds other things ({min(others)}); name a new folder: --to FOLDER"
                )
            posix.make_private_folder(self.path / CONTENTS)
            _demand_folder(self.path / CONTENTS)
            lock = posix.take_lock(self.path / LOCK)
        if lock is None:
            raise Conflict(f"another process is taking a backup into {self.path}; wait for its end")
        try:
            for draft in (self.path / CONTENTS).glob(f"*{_DRAFT}"):
                draft.unlink()
            yield
        finally:
            os.close(lock)

    def draft(self) -> "ContentDraft":
        """A new content, whose digest is known at its end."""
        return ContentDraft(self.path / CONTENTS)

    def finish(self, head: BackupHead) -> None:
        """Make ``head`` the backup, durably and at once: until then what was there before is the backup."""
        draft = self.path / CONTENTS / f"{uuid4().hex}{_DRAFT}"
        with _typed(self.path):
            with posix.new_private_file(draft) as file:
                file.write(seal(head))
                posix.sync_file(file)
            draft.replace(self.path / HEAD_FILE)
            posix.sync_folder(self.path)

    def prune(self, named: set[str]) -> int:
        """Remove contents that are not ``named`` any more; how many there were."""
        removed = 0
        with _typed(self.path):
            for folder in (self.path / CONTENTS).iterdir():
                for content in folder.iterdir() if _is_folder(folder) else ():
                    if content.name not in named:
                        content.unlink()
                        removed += 1
        return removed

    def _place(self, digest: str) -> Path:
        return self.path / CONTENTS / digest[:2] / digest

    @contextmanager
    def _opened(self, place: Path) -> Iterator[BinaryIO]:
        try:
            handle = posix.open_unfollowed(place)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self.damaged(f"{place.name} cannot be read: {error.strerror}") from None
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise self.damaged(f"{place.name} is no file")
            try:
                yield file
            except OSError as error:
                if error.filename is not None:
                    raise
                raise self.damaged(f"{place.name} cannot be read: {error.strerror}") from None


class ContentDraft:
    """A content on its way. Raises ``StorageFull`` without room."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"{uuid4().hex}{_DRAFT}"
        self._hash = sha256()
        self.size = 0
        with _typed(folder):
            self._file = posix.new_private_file(self._path)

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        with _typed(self._folder):
            self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def keep(self) -> str:
        """Give what came its name, durably; the digest that it is found by."""
        digest = self._hash.hexdigest()
        place = self._folder / digest[:2] / digest
        with _typed(self._folder):
            posix.sync_file(self._file)
            posix.make_private_folder(place.parent)
            _demand_folder(place.parent)
            self._path.replace(place)
            posix.sync_folder(place.parent)
            posix.sync_folder(self._folder)
        return digest

    def drop(self) -> None:
        """Remove the draft; what was kept stays. Twice is fine."""
        with _typed(self._folder):
            self._file.close()
            self._path.unlink(missing_ok=True)


def _is_folder(place: Path) -> bool:
    return stat.S_ISDIR(place.lstat().st_mode)


def _demand_folder(place: Path) -> None:
    """A link leads out of the backup, to whatever somebody chose."""
    if not _is_folder(place):
        raise Damaged(f"{place} is no folder, as a backup has there; take another backup, into a new folder")


@contextmanager
def _typed(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise StorageFull(f"{folder}: {FULL}") from error
        place = error.filename or folder
        raise Conflict(f"{place} cannot be used: {error.strerror}; choose another folder") from error
