"""All of a store on AWS at once."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from functions.storage.aws import AwsClients, answered
from functions.storage.aws_items import Item, address, record
from functions.storage.checks import check_address, is_blob_key
from functions.storage.jitter import jittered
from functions.storage.protocols import Lost, Record
from lepton_core.errors import Unavailable

LOOKS = 12
"""How often the table is read at most until two readings agree."""

WRITERS = 8
"""Records that are written at once."""

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_AT_ONCE = 1_000


def _none_is(partition: str, key: str) -> bool:
    return False


class AwsWhole:
    """`Whole` of a table and a bucket; records that are ``alone`` (partition, key) are never written with others."""

    def __init__(
        self,
        clients: AwsClients,
        table: str,
        bucket: str,
        *,
        alone: Callable[[str, str], bool] = _none_is,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = clients.dynamodb
        self._s3 = clients.s3
        self._table = table
        self._bucket = bucket
        self._alone = alone
        self._pause = pause

    def files(self) -> Iterator[tuple[str, int]]:
        """See `Whole.files`."""
        start: dict[str, str] = {}
        while True:
            with answered():
                answer = self._s3.list_objects_v2(Bucket=self._bucket, **start)
            for one in answer.get("Contents", []):
                if is_blob_key(one["Key"]):
                    yield one["Key"], one["Size"]
            if not answer["IsTruncated"]:
                return
            start = {"ContinuationToken": answer["NextContinuationToken"]}

    def all(self) -> Iterator[Record]:
        """See `Whole.all`. Each item is read as of its own moment."""
        return map(record, self._items())

    def snapshot(self) -> Iterator[Record]:
        """See `Whole.snapshot`.

        A scan reads one item after the other, so it may see half of a transaction. The table is therefore read until
        two readings in a row have found the same: every write leaves a random stamp in its item, so an item that
        has the same one in both was not written between, and what both found is what was there at the moment between
        the two. Records that are ``alone`` tear nothing; of those the later reading counts. What was both made
        and removed between its two readings is not seen.
        """
        before: dict[tuple[str, str], str] | None = None
        for seconds in islice(jittered(_FIRST_PAUSE, _LONGEST_PAUSE), LOOKS):
            found = {(one["pk"]["S"], one["sk"]["S"]): one for one in self._items()}
            stamps = {at: one["stamp"]["S"] for at, one in found.items() if not self._alone(*at)}
            if stamps == before:
                return iter([record(found[at]) for at in sorted(found)])
            if before is not None:
                self._pause(seconds)
            before = stamps
        raise Unavailable(
            "the table is written faster than it can be read; try again at a quieter time, or take the backup of a "
            "copy: aws dynamodb restore-table-to-point-in-time, then lepton backup --bucket BUCKET --table COPY"
        )

    def load(self, records: Iterable[Record]) -> None:
        """See `Whole.load`. Each record is a conditional write of its own."""
        stream = iter(records)
        with ThreadPoolExecutor(WRITERS) as pool:
            while batch := list(islice(stream, _AT_ONCE)):
                for _ in pool.map(self._load, batch):
                    pass

    def _load(self, one: Record) -> None:
        check_address(one.partition, one.key)
        stamp = uuid4().hex
        content = {"revision": {"N": str(one.revision)}, "body": {"B": one.body}, "stamp": {"S": stamp}}
        try:
            with answered():
                self._client.put_item(
                    TableName=self._table,
                    Item=address(one.partition, one.key) | content,
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            if record(error.response["Item"]).revision < one.revision:
                raise Lost(one.partition, one.key) from None

    def _items(self) -> Iterator[Item]:
        arguments: dict[str, Any] = {"TableName": self._table, "ConsistentRead": True}
        while True:
            with answered():
                answer = self._client.scan(**arguments)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
