"""A blob that comes in pieces, as a file without a name of its own until it is whole."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from functions.storage import posix
from functions.storage.disk_errors import typed_errors

SYNC_BYTES = 32 << 20
"""So many bytes at most wait in memory for the disk: written at once, a large file would hold up every other writer."""


class DiskDraft:
    """`Draft` in the file ``path``, which ``publish`` gives the name of a blob.

    Raises ``StorageFull`` and ``Unavailable`` as `DiskBlobs` does; then it is dropped.
    """

    def __init__(self, path: Path, publish: Callable[[Path, str], None]) -> None:
        self._path = path
        self._publish = publish
        self._hash = sha256()
        self._unsynced = 0
        self.size = 0
        with typed_errors():
            self._file = posix.new_private_file(path)

    @property
    def digest(self) -> str:
        """See `Draft.digest`."""
        return "sha256:" + self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        """See `Draft.write`."""
        with typed_errors():
            try:
                self._file.write(piece)
                self.size += len(piece)
                self._unsynced += len(piece)
                if self._unsynced >= SYNC_BYTES:
                    self._sync()
            except OSError:
                self.drop()
                raise
        self._hash.update(piece)

    def whole(self) -> bytes:
        """See `Draft.whole`."""
        with typed_errors():
            self._file.flush()
            return self._path.read_bytes()

    def put(self, key: str) -> None:
        """See `Draft.put`: durable when it returns."""
        with typed_errors():
            self._sync()
            self._publish(self._path, key)

    def drop(self) -> None:
        """See `Draft.drop`."""
        with typed_errors():
            try:
                self._file.close()
            finally:
                self._path.unlink(missing_ok=True)

    def _sync(self) -> None:
        posix.sync_file(self._file)
        self._unsynced = 0
