"""The store on AWS: S3 and DynamoDB. The only module that imports boto3 for state.

The table has the string keys ``pk`` (partition) and ``sk`` (key). Every read is strongly consistent; there
are no scans and no indexes. The bucket may keep the versions of what was deleted: nothing here sees them.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
)

from functions.storage.aws_items import Found, address, operation, record, verdict
from functions.storage.checks import (
    check_address,
    check_after,
    check_blob_key,
    check_partition,
    check_writes,
    is_blob_key,
)
from functions.storage.jitter import jittered
from functions.storage.protocols import BlobExists, BlobMissing, Lost, Record, Write
from lepton_core.errors import Unavailable

if TYPE_CHECKING:
    from functions.storage.file_draft import FileDraft

SENDS = 5
"""How often the SDK sends one request at most."""

ATTEMPTS = 8
"""How often the store begins again when another writer of the same thing is in the way."""

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0
_STAMP = "lepton-stamp"
_IN_THE_WAY = {"TransactionConflictException", "TransactionInProgressException"}
_IN_THE_WAY_REASONS = {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
}


@dataclass(frozen=True)
class AwsClients:
    """The two clients, safe to share between threads."""

    dynamodb: Any
    s3: Any


def aws_clients(region: str | None = None) -> AwsClients:
    """Clients for ``region`` (None: that of the environment) whose retries and time limits are pinned.

    A request is sent at most `SENDS` times. Addresses made for uploads name the region, so they work from the
    first minute of a bucket's life.
    """
    session = boto3.session.Session(region_name=region)
    common = Config(
        retries={"mode": "standard", "total_max_attempts": SENDS},
        connect_timeout=3,
        read_timeout=5,
        max_pool_connections=32,
    )
    s3 = Config(signature_version="s3v4", s3={"addressing_style": "virtual"}, read_timeout=30)
    return AwsClients(
        dynamodb=session.client("dynamodb", config=common), s3=session.client("s3", config=common.merge(s3))
    )


class AwsRecords:
    """`Records` in one DynamoDB table.

    Every write carries a random stamp, by which a request that the SDK repeated after a lost answer
    recognises what it wrote itself (`aws_items.verdict` has the rules). Raises ``Unavailable`` when DynamoDB
    does not answer, or other writers stay in the way: then the write may have happened or not.
    """

    def __init__(self, client: Any, table: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def get(self, partition: str, key: str) -> Record | None:
        """See `Records.get`."""
        check_address(partition, key)
        with answered():
            answer = self._client.get_item(
                TableName=self._table, Key=address(partition, key), ConsistentRead=True
            )
        return record(answer["Item"]) if "Item" in answer else None

    def query(
        self, partition: str, *, after: str = "", limit: int = 100, reverse: bool = False
    ) -> list[Record]:
        """See `Records.query`."""
        check_partition(partition)
        check_after(after)
        condition = "pk = :partition"
        values = {":partition": {"S": partition}}
        if after:
            condition += " AND sk < :after" if reverse else " AND sk > :after"
            values[":after"] = {"S": after}
        arguments = {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
            "ScanIndexForward": not reverse,
        }
        found: list[Record] = []
        while len(found) < limit:
            with answered():
                answer = self._client.query(**arguments, Limit=limit - len(found))
            found += map(record, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                break
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found

    def write(self, writes: Sequence[Write]) -> None:
        """See `Records.write`."""
        check_writes(writes)
        if not writes:
            return
        # Both last for all attempts. DynamoDB knows the token of a transaction for ten minutes.
        stamp, token = uuid4().hex, uuid4().hex
        repeated = False
        for seconds in _pauses():
            try:
                with answered():
                    self._send(writes, stamp, token)
            except ClientError as error:
                repeated = repeated or error.response["ResponseMetadata"].get("RetryAttempts", 0) > 0
                found = _refused(error, len(writes))
                if found is not None:
                    _settle(writes, found, verdict(writes, found, stamp, repeated=repeated))
                    return
                if not _in_the_way(error):
                    raise
                self._pause(seconds)
            else:
                return
        raise Unavailable("others are writing the same records; try again")

    def _send(self, writes: Sequence[Write], stamp: str, token: str) -> None:
        operations = [operation(self._table, write, stamp) for write in writes]
        match operations:
            case [("Put", arguments)]:
                self._client.put_item(**arguments)
            case [("Delete", arguments)]:
                self._client.delete_item(**arguments)
            case _:
                items = [{name: arguments} for name, arguments in operations]
                self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)


class AwsBlobs:
    """`Blobs` in one S3 bucket. Folder marks and other objects whose keys are no blob keys are not listed.

    A stamp in the object's metadata tells a repeated request's own object from another's. Raises
    ``Unavailable`` when S3 does not answer.
    """

    def __init__(self, client: Any, bucket: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._bucket = bucket
        self._pause = pause

    def put(self, key: str, data: bytes) -> None:
        """See `Blobs.put`."""
        self._put(key, data)

    def draft(self) -> "FileDraft":
        """See `Blobs.draft`: a file of this machine until it is put, by one request as it may have 5 GB."""
        from functions.storage.file_draft import FileDraft  # noqa: PLC0415  (files go to S3 themselves)

        return FileDraft(self._put)

    def _put(self, key: str, data: bytes | IO[bytes]) -> None:
        check_blob_key(key)
        stamp = uuid4().hex
        for seconds in _pauses():
            try:
                with answered():
                    self._client.put_object(
                        Bucket=self._bucket, Key=key, Body=data, IfNoneMatch="*", Metadata={_STAMP: stamp}
                    )
            except ClientError as error:
                if _status(error) == 412:
                    there = self._head(key)
                    if there is not None:
                        if there["Metadata"].get(_STAMP) == stamp:
                            return
                        raise BlobExists(key) from None
                elif _status(error) != 409:
                    raise
                self._pause(seconds)
            else:
                return
        raise Unavailable(f"others are writing {key}; try again")

    def get(self, key: str) -> bytes:
        """See `Blobs.get`."""
        return self._get(key)

    def read(self, key: str, start: int, most: int) -> bytes:
        """See `Blobs.read`."""
        return self._get(key, Range=f"bytes={start}-{start + most - 1}")

    def _get(self, key: str, **part: str) -> bytes:
        check_blob_key(key)
        for seconds in _pauses():
            try:
                with answered():
                    answer = self._client.get_object(Bucket=self._bucket, Key=key, **part)
            except ClientError as error:
                if _status(error) == 404:
                    raise BlobMissing(key) from None
                if _status(error) == 416:
                    return b""
                raise
            try:
                body: bytes = answer["Body"].read()
            except (HTTPClientError, IncompleteReadError):
                self._pause(seconds)  # the SDK repeats requests, but no answer that breaks off half-way
            else:
                return body
        raise Unavailable(f"reading {key} breaks off; try again")

    def size(self, key: str) -> int | None:
        """See `Blobs.size`."""
        check_blob_key(key)
        there = self._head(key)
        return None if there is None else int(there["ContentLength"])

    def keys(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[str]:
        """See `Blobs.keys`."""
        check_after(after)
        found: list[str] = []
        while len(found) < limit:
            start = {"StartAfter": after} if after else {}
            with answered():
                answer = self._client.list_objects_v2(
                    Bucket=self._bucket, Prefix=prefix, MaxKeys=min(1000, limit - len(found)), **start
                )
            listed = [entry["Key"] for entry in answer.get("Contents", [])]
            found += filter(is_blob_key, listed)
            if not answer["IsTruncated"]:
                break
            after = listed[-1]
        return found

    def delete(self, key: str) -> None:
        """See `Blobs.delete`."""
        check_blob_key(key)
        with answered():
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def download_url(self, key: str, *, name: str, seconds: int) -> str | None:
        """A presigned GET; within ``seconds`` it may be used more than once."""
        told = f'attachment; filename="{name}"'
        return self._signed("GET", key, seconds, ResponseContentDisposition=told)

    def upload_url(self, key: str, *, size: int, seconds: int) -> str | None:
        """A presigned PUT that signs the length; within ``seconds`` it may be used more than once."""
        return self._signed("PUT", key, seconds, ContentLength=size)

    def _signed(self, method: str, key: str, seconds: int, **said: Any) -> str:
        check_blob_key(key)
        url: str = self._client.generate_presigned_url(
            f"{method.lower()}_object",
            Params={"Bucket": self._bucket, "Key": key, **said},
            ExpiresIn=seconds,
            HttpMethod=method,
        )
        return url

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            with answered():
                answer: dict[str, Any] = self._client.head_object(Bucket=self._bucket, Key=key)
                return answer
        except ClientError as error:
            if _status(error) == 404:
                return None
            raise


@contextmanager
def answered() -> Iterator[None]:
    """A block that raises ``Unavailable`` where AWS does not answer, or has no room for more requests now."""
    try:
        yield
    except (ConnectionError, HTTPClientError) as error:
        raise Unavailable("the store does not answer; try again") from error
    except ClientError as error:
        if _status(error) >= 500 or error.response["Error"]["Code"] in _THROTTLED:
            raise Unavailable("the store does not answer; try again") from error
        raise


def _refused(error: ClientError, count: int) -> list[Found] | None:
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return [(True, error.response.get("Item"))]
    if code == "TransactionCanceledException":
        reasons = error.response.get("CancellationReasons", [])
        found = [(reason.get("Code") == "ConditionalCheckFailed", reason.get("Item")) for reason in reasons]
        if len(found) == count and any(failed for failed, _ in found):
            return found
    return None


def _in_the_way(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])}
    return code in _IN_THE_WAY or (code == "TransactionCanceledException" and reasons <= _IN_THE_WAY_REASONS)


def _settle(writes: Sequence[Write], found: Sequence[Found], verdict: str) -> None:
    if verdict == "written":
        return
    if verdict == "unknown":
        raise Unavailable("the answer to a write got lost, and others wrote since; read again")
    first = next(write for write, (failed, _) in zip(writes, found, strict=True) if failed)
    raise Lost(first.partition, first.key) from None


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"].get("HTTPStatusCode", 0))


def _pauses() -> Iterator[float]:
    return islice(jittered(_FIRST_PAUSE, _LONGEST_PAUSE), ATTEMPTS)
