"""Records in one SQLite file."""

from collections.abc import Sequence
from pathlib import Path

from functions.storage import posix
from functions.storage.checks import check_address, check_after, check_partition, check_writes
from functions.storage.disk_connections import Connections
from functions.storage.disk_errors import typed_errors
from functions.storage.disk_marks import check_pages
from functions.storage.protocols import Check, Delete, Lost, Put, Record, Write

MOST_CHECKED = 64_000_000
"""Bytes of the largest file that is read through when it is opened: a tenth of a second."""

_GET = "SELECT revision, body FROM records WHERE partition = ? AND key = ?"
_REVISION = "SELECT revision FROM records WHERE partition = ? AND key = ?"
_UP = "SELECT key, revision, body FROM records WHERE partition = ? AND key > ? ORDER BY key LIMIT ?"
_DOWN = "SELECT key, revision, body FROM records WHERE partition = ? AND key < ? ORDER BY key DESC LIMIT ?"
_FROM_END = "SELECT key, revision, body FROM records WHERE partition = ? ORDER BY key DESC LIMIT ?"
_PUT = """
INSERT INTO records (partition, key, revision, body) VALUES (?, ?, ?, ?)
ON CONFLICT (partition, key) DO UPDATE SET revision = excluded.revision, body = excluded.body
"""
_DELETE = "DELETE FROM records WHERE partition = ? AND key = ?"


class DiskRecords:
    """`Records` in the file ``path`` (with ``-wal`` and ``-shm`` beside it), on a local file system.

    A write returns after its log reached the disk (WAL, ``synchronous=FULL``): neither ``kill -9`` nor a
    loss of power takes it back. Any number of processes and threads may use the file; a process may fork at
    any time. A write that waits longer than ``patience`` seconds for the others raises ``Unavailable``, and
    wrote nothing. So does every call once the file is removed or replaced.
    """

    def __init__(self, path: Path, *, patience: float = 30.0) -> None:
        path = path.absolute()
        with typed_errors():
            posix.make_private_folder(path.parent)
        self._path = path
        self._connections = Connections(path, patience)

    def get(self, partition: str, key: str) -> Record | None:
        """See `Records.get`."""
        check_address(partition, key)
        with self._connections.connection() as connection:
            row = connection.execute(_GET, (partition, key)).fetchone()
        return None if row is None else Record(partition, key, *row)

    def query(
        self, partition: str, *, after: str = "", limit: int = 100, reverse: bool = False
    ) -> list[Record]:
        """See `Records.query`."""
        check_partition(partition)
        check_after(after)
        limit = max(limit, 0)
        with self._connections.connection() as connection:
            if reverse and not after:
                rows = connection.execute(_FROM_END, (partition, limit)).fetchall()
            else:
                rows = connection.execute(_DOWN if reverse else _UP, (partition, after, limit)).fetchall()
        return [Record(partition, *row) for row in rows]

    def write(self, writes: Sequence[Write]) -> None:
        """See `Records.write`."""
        check_writes(writes)
        if not writes:
            return
        with self._connections.transaction() as connection:
            for write in writes:
                row = connection.execute(_REVISION, (write.partition, write.key)).fetchone()
                if (row[0] if row else 0) != write.expect:
                    raise Lost(write.partition, write.key)
            for write in writes:
                match write:
                    case Put(partition, key, body, expect):
                        connection.execute(_PUT, (partition, key, expect + 1, bytes(body)))
                    case Delete(partition, key):
                        connection.execute(_DELETE, (partition, key))
                    case Check():
                        pass

    def close(self) -> None:
        """Give the file back (and fold its log into it, if no other process has it open)."""
        self._connections.close()

    def check_pages(self) -> None:
        """Raise ``Conflict``, which names the file, if SQLite finds a damaged page in it.

        A file larger than `MOST_CHECKED` is not read through, as that takes time; its pages are checked as they are
        read.
        """
        if self._path.stat().st_size <= MOST_CHECKED:
            with self._connections.connection() as connection:
                check_pages(connection, self._path)
