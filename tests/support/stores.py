"""The two stores, and one in memory, as tests hold them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from functions.storage import Blobs, Records, Workspace
from functions.storage.aws import AwsBlobs, AwsRecords
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from tests.support.memory_store import MemoryBlobs, MemoryRecords
from tests.support.moto_aws import BUCKET, TABLE, MotoAws


@dataclass(frozen=True)
class Store:
    """Records and blobs of one fresh store; ``name`` says which."""

    name: Literal["disk", "aws", "memory"]
    records: Records
    blobs: Blobs

    def workspace(self, name: str = "default") -> Workspace:
        """The store as the tenant ``name`` sees it."""
        return Workspace(name, self.records, self.blobs)


@contextmanager
def disk_store(folder: Path) -> Iterator[Store]:
    """The store that a local platform keeps in ``folder``."""
    records = DiskRecords(folder / "records.sqlite")
    try:
        yield Store("disk", records, DiskBlobs(folder / "blobs"))
    finally:
        records.close()


def aws_store(aws: MotoAws) -> Store:
    """A store in moto's bucket and table. Nothing waits: pauses between attempts are skipped."""
    records = AwsRecords(aws.clients.dynamodb, TABLE, pause=no_pause)
    return Store("aws", records, AwsBlobs(aws.clients.s3, BUCKET, pause=no_pause))


def memory_store() -> Store:
    """A store in the memory of this process."""
    return Store("memory", MemoryRecords(), MemoryBlobs())


def no_pause(seconds: float) -> None:
    """Instead of ``time.sleep``."""
