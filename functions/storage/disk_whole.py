"""All of a store on disk at once."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from functions.storage.checks import check_address
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_connections import Connections
from functions.storage.protocols import Lost, Record

_ALL = "SELECT partition, key, revision, body FROM records ORDER BY partition, key"
_REVISION = "SELECT revision FROM records WHERE partition = ? AND key = ?"
_INSERT = "INSERT INTO records (partition, key, revision, body) VALUES (?, ?, ?, ?)"


class DiskWhole:
    """`Whole` of the records in the file ``path``, which `DiskRecords` keeps, and of ``blobs``."""

    def __init__(self, path: Path, blobs: DiskBlobs, *, patience: float = 30.0) -> None:
        self._connections = Connections(path.absolute(), patience)
        self._blobs = blobs

    def files(self) -> Iterator[tuple[str, int]]:
        """See `Whole.files`."""
        after = ""
        while page := self._blobs.keys("", after=after):
            for after in page:
                size = self._blobs.size(after)
                if size is not None:
                    yield after, size

    def all(self) -> Iterator[Record]:
        """See `Whole.all`."""
        return self.snapshot()

    def snapshot(self) -> Iterator[Record]:
        """See `Whole.snapshot`. Writers go on meanwhile: SQLite keeps what they write beside the file."""
        with self._connections.connection() as connection:
            connection.execute("BEGIN")
            for row in connection.execute(_ALL):
                yield Record(*row)

    def load(self, records: Iterable[Record]) -> None:
        """See `Whole.load`; here it is one transaction."""
        with self._connections.transaction() as connection:
            for record in records:
                check_address(record.partition, record.key)
                row = connection.execute(_REVISION, (record.partition, record.key)).fetchone()
                if row is None:
                    given = (record.partition, record.key, record.revision, record.body)
                    connection.execute(_INSERT, given)
                elif row[0] < record.revision:
                    raise Lost(record.partition, record.key)

    def close(self) -> None:
        """Give the file back."""
        self._connections.close()
