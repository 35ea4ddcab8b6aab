"""Whole stores of tests: a backup is taken of them, and put into them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from functions.backup.contents import is_alone
from functions.storage import Record
from functions.storage.aws import AwsBlobs, AwsRecords
from functions.storage.aws_whole import AwsWhole
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from functions.storage.disk_whole import DiskWhole
from functions.storage.whole import WholeStore
from tests.support.moto_aws import BUCKET, TABLE, MotoAws, create_resources
from tests.support.stores import no_pause

TARGET = "lepton-target"
"""The bucket, and the table, of a second stack."""


@contextmanager
def whole_on_disk(folder: Path) -> Iterator[WholeStore]:
    """The store in ``folder``, made if it is missing."""
    records, blobs = DiskRecords(folder / "records.sqlite"), DiskBlobs(folder / "blobs")
    whole = DiskWhole(folder / "records.sqlite", blobs)
    try:
        yield WholeStore(records, blobs, whole)
    finally:
        whole.close()
        records.close()


def whole_on_aws(aws: MotoAws, bucket: str = BUCKET, table: str = TABLE, width: int = 4) -> WholeStore:
    """The store in a bucket and a table of moto."""
    records = AwsRecords(aws.clients.dynamodb, table, pause=no_pause)
    whole = AwsWhole(aws.clients, table, bucket, alone=is_alone, pause=no_pause)
    return WholeStore(records, AwsBlobs(aws.clients.s3, bucket, pause=no_pause), whole, width)


def second_stack(aws: MotoAws) -> WholeStore:
    """The empty store of another stack."""
    create_resources(aws.clients, bucket=TARGET, table=TARGET)
    return whole_on_aws(aws, TARGET, TARGET)


def held(store: WholeStore) -> dict[str, dict[Any, Any]]:
    """Every bit of a store: the records with their revisions, and the files."""
    return {
        "records": {(one.partition, one.key): (one.revision, one.body) for one in store.whole.all()},
        "files": {key: store.blobs.get(key) for key, _ in store.whole.files()},
    }


def record(partition: str, key: str, revision: int = 1, body: bytes = b"{}") -> Record:
    """A record, of which most is as in any other one."""
    return Record(partition, key, revision, body)
