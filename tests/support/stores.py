"""The two stores, and one in memory, as tests hold them."""

import time
from collections.abc import Callable, Iterator
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


def aws_store(aws: MotoAws, *, pause: Callable[[float], None] | None = None) -> Store:
    """A store in moto's bucket and table, whose pauses between attempts are ``pause``; if not given, `brief`."""
    records = AwsRecords(aws.clients.dynamodb, TABLE, pause=pause or brief)
    return Store("aws", records, AwsBlobs(aws.clients.s3, BUCKET, pause=pause or brief))


def memory_store() -> Store:
    """A store in the memory of this process."""
    return Store("memory", MemoryRecords(), MemoryBlobs())


def brief(seconds: float) -> None:
    """Instead of ``time.sleep``: moto answers ten times as fast as AWS, so others are gone the sooner."""
    time.sleep(seconds / 10)


def no_pause(seconds: float) -> None:
    """Instead of ``time.sleep``, where nobody is in the way."""
