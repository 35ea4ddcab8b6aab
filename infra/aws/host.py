"""The platform of a Lambda function: its stores, and the function of its tasks, are named by its environment."""

import os
from functools import lru_cache
from typing import Any

import boto3
import msgspec
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, IncompleteReadError

from functions.context import Platform, Settings, log
from functions.runs.kind import Died
from functions.runs.places.inline import DeferredRunner
from functions.runs.places.remote import WIDTH, Busy
from functions.serving.cache import Served
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients
from lepton_core.errors import Unavailable

MAX_UPLOAD_BYTES = 200_000_000
"""The largest file whose table fits into the memory of the functions that take it in (3,008 MB).

Of a table of single digits, the worst there is, 13 times the file is needed; of one of six-digit numbers, 4 times.
A function that runs out of memory is killed without a word, and the sweeper would be, each minute.
"""


LONGEST_TASK = 900
"""Seconds after which Lambda ends any function; the answer comes soon after."""


@lru_cache(maxsize=1)
def platform_from_environment() -> Platform:
    """The stores ``LEPTON_BUCKET`` and ``LEPTON_TABLE``, opened once a process.

    Runs that are driven here have their tasks done by the function ``LEPTON_WORK``; if none is named, here.
    Raises ``KeyError`` naming the variable of a store that is not set.
    """
    bucket, table = os.environ["LEPTON_BUCKET"], os.environ["LEPTON_TABLE"]
    clients = aws_clients()
    work = os.environ.get("LEPTON_WORK")
    return Platform(
        blobs=AwsBlobs(clients.s3, bucket),
        records=AwsRecords(clients.dynamodb, table),
        runner=DeferredRunner(LambdaCall(lambda_client(), work) if work else None),
        served=Served(),
        settings=Settings(max_upload_bytes=MAX_UPLOAD_BYTES),
    )


def lambda_client() -> Any:
    """A client that sends each call once, lest a slow task be begun twice, and waits as long as a function can take."""
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=3,
        read_timeout=LONGEST_TASK + 30,
        max_pool_connections=WIDTH,
        tcp_keepalive=True,
    )
    return boto3.session.Session().client("lambda", config=config)


class LambdaCall:
    """`functions.runs.places.remote.Call` to the Lambda function ``name``, synchronously."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def __call__(self, payload: bytes) -> bytes:
        """Raises `Busy` when Lambda is throttling, `Died` for a function that failed, `Unavailable` for the rest."""
        try:
            answer = self._client.invoke(FunctionName=self._name, Payload=payload)
            raw: bytes = answer["Payload"].read()
        except (ConnectionError, HTTPClientError, IncompleteReadError) as error:
            raise Unavailable("a function does not answer; try again") from error
        except ClientError as error:
            status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
            if status == 429:
                raise Busy from None
            if status >= 500:
                raise Unavailable("no function could be called; try again") from error
            raise
        if "FunctionError" in answer:
            log.warning("the function of a task failed: %s", _kind(raw))
            raise Died
        return raw


def _kind(raw: bytes) -> str:
    """The name of the error. Its message and its traceback are in the function's own log."""
    try:
        return str(msgspec.json.decode(raw)["errorType"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return "without a name"
