"""A blob that comes in pieces, kept in a file of this machine for a store that is elsewhere."""

from collections.abc import Callable
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO

from functions.storage.disk_errors import typed_errors


class FileDraft:
    """`Draft` in a temporary file without a name, which leaves nothing; ``send`` gives it to the store under a key."""

    def __init__(self, send: Callable[[str, IO[bytes]], None]) -> None:
        self._send = send
        self._hash = sha256()
        self.size = 0
        with typed_errors():
            self._file = TemporaryFile()  # noqa: SIM115  (`drop` closes it)

    @property
    def digest(self) -> str:
        """See `Draft.digest`."""
        return "sha256:" + self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        """See `Draft.write`."""
        with typed_errors():
            self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def whole(self) -> bytes:
        """See `Draft.whole`."""
        with typed_errors():
            self._file.seek(0)
            return self._file.read()

    def put(self, key: str) -> None:
        """See `Draft.put`."""
        with typed_errors():
            self._file.seek(0)
        self._send(key, self._file)

    def drop(self) -> None:
        """See `Draft.drop`."""
        self._file.close()
