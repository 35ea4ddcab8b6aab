"""The platform of a Lambda function: its stores, and the function of its tasks, are named by its environment."""

import os
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import boto3
import msgspec
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, IncompleteReadError

from functions.context import Context, Platform, log, nothing
from functions.runs.loop import Stopping
from functions.runs.places.place import Died, Place
from functions.runs.places.remote import WIDTH, Busy, Functions
from functions.runs.runners import DeferredRunner, Queued
from functions.serving.cache import Cache
from functions.settings import Settings, set_by
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients
from functions.training.run_kinds import RUN_KINDS
from lepton_core.errors import Unavailable

MAX_UPLOAD_BYTES = 2_000_000_000
"""The largest file that one function reads within `LONGEST_TASK`, twice if its first rows are not like the others."""

MEMORY_BYTES = 2_700_000_000
"""What the functions that read files and train (of 3,008 MB) have for that, beside the process itself.

A function that runs out of memory is killed without a word, and the sweeper would be, each minute.
"""

LONGEST_TASK = 900
"""Seconds after which Lambda ends any function; the answer comes soon after."""

LONGEST_HANDOVER = 5
"""Seconds that a call which is not waited for may take to be accepted: a request of the API waits for that."""


@lru_cache(maxsize=1)
def platform_from_environment() -> Platform:
    """The stores ``LEPTON_BUCKET`` and ``LEPTON_TABLE``, opened once a process.

    Runs that are driven here have their tasks done by the functions ``LEPTON_WORK``, and ``LEPTON_READ`` if they read
    a file of any form; if none is named, here. The function ``LEPTON_PICK_UP`` sees to the intents that are written
    here, ``LEPTON_DRIVE`` to the runs that are queued here; if none is named, the sweep does.
    Raises ``KeyError`` naming the variable of a store that is not set.
    """
    clients = aws_clients()
    pick_up = os.environ.get("LEPTON_PICK_UP")
    context = Context(
        blobs=AwsBlobs(clients.s3, os.environ["LEPTON_BUCKET"]),
        records=AwsRecords(clients.dynamodb, os.environ["LEPTON_TABLE"]),
        settings=set_by(os.environ, Settings(max_upload_bytes=MAX_UPLOAD_BYTES, memory_bytes=MEMORY_BYTES)),
        wake=nothing if pick_up is None else Wake(pick_up),
    )
    loaded = Cache(context)
    runner = DeferredRunner(context, RUN_KINDS, loaded.forget, _place(), _begin())
    return Platform.of(context, loaded, runner)


def _place() -> Callable[[Stopping], Place] | None:
    work_task, read_file = os.environ.get("LEPTON_WORK"), os.environ.get("LEPTON_READ")
    if work_task is None:
        return None
    client = lambda_client()
    call = LambdaCall(client, work_task)
    call_reader = None if read_file is None else LambdaCall(client, read_file)
    return lambda stopping: Functions(call, stopping, call_reader=call_reader)


def _begin() -> Callable[[Queued], None] | None:
    drive_run = os.environ.get("LEPTON_DRIVE")
    if drive_run is None:
        return None
    wake = Wake(drive_run)
    return lambda queued: wake(msgspec.json.encode(queued))


def lambda_client(seconds: int = LONGEST_TASK + 30) -> Any:
    """A client that sends each call once, lest a slow task be begun twice, and waits ``seconds`` for the answer.

    If it is told nothing, that is as long as a function can take.
    """
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=3,
        read_timeout=seconds,
        max_pool_connections=WIDTH,
        tcp_keepalive=True,
    )
    return boto3.session.Session().client("lambda", config=config)


def handing_over() -> Any:
    """A client for calls that are not waited for."""
    return lambda_client(LONGEST_HANDOVER)


class Wake:
    """Have work begun by the Lambda function ``name``, which is called and not waited for."""

    def __init__(self, name: str, client: Callable[[], Any] = handing_over) -> None:
        self._name = name
        self._client = cache(client)

    def __call__(self, payload: bytes = b"{}") -> None:
        """Losing the call is harmless: the sweep comes within the minute."""
        try:
            self._client().invoke(FunctionName=self._name, InvocationType="Event", Payload=payload)
        except (ClientError, ConnectionError, HTTPClientError) as error:
            log.warning("nobody was woken: %s", type(error).__name__)


class LambdaCall:
    """`functions.runs.places.remote.Invoke` to the Lambda function ``name``, synchronously."""

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
