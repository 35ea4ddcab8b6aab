"""The platform of a Lambda function: its stores, and what drives its runs, are named by its environment."""

import os
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from functions.context import Context, Platform, log, nothing
from functions.runs.executions import Executions
from functions.runs.runners import DeferredRunner
from functions.serving.cache import Cache
from functions.settings import Settings, set_by
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients
from functions.training.run_kinds import RUN_KINDS

MAX_UPLOAD_BYTES = 2_000_000_000
"""The largest file that one function reads within its 900 s, twice if its first rows are not like the others."""

MEMORY_BYTES = 2_700_000_000
"""What the functions that read files and train (of 3,008 MB) have for that, beside the process itself.

A function that runs out of memory is killed without a word, and the sweeper would be, each minute.
"""

LEASE_SECONDS = 1_200.0
"""How long an execution holds a run without a sign: as its longest task may take that cannot be cut, and a little."""

SLICE_SECONDS = 30.0
"""The longest that a fit goes on without a checkpoint: so much of it is done again if its function is killed."""

LONGEST_HANDOVER = 5
"""Seconds that a call which is not waited for may take to be accepted: a request of the API waits for that."""


@lru_cache(maxsize=1)
def platform_from_environment() -> Platform:
    """The stores ``LEPTON_BUCKET`` and ``LEPTON_TABLE``, opened once a process.

    The state machine ``LEPTON_RUNS`` drives the runs that are queued, or found, here; if none is named, the sweep
    drives them here. The function ``LEPTON_PICK_UP`` sees to the intents that are written here; if none is named, the
    sweep does.
    Raises ``KeyError`` naming the variable of a store that is not set.
    """
    clients = aws_clients()
    pick_up, runs = os.environ.get("LEPTON_PICK_UP"), os.environ.get("LEPTON_RUNS")
    usual = Settings(
        lease_seconds=LEASE_SECONDS,
        slice_seconds=SLICE_SECONDS,
        max_upload_bytes=MAX_UPLOAD_BYTES,
        memory_bytes=MEMORY_BYTES,
    )
    context = Context(
        blobs=AwsBlobs(clients.s3, os.environ["LEPTON_BUCKET"]),
        records=AwsRecords(clients.dynamodb, os.environ["LEPTON_TABLE"]),
        settings=set_by(os.environ, usual),
        wake=nothing if pick_up is None else Wake(pick_up),
    )
    loaded = Cache(context)
    runner = (
        DeferredRunner(context, RUN_KINDS, loaded.forget)
        if runs is None
        else Executions(context, StartExecution(runs))
    )
    return Platform.of(context, loaded, runner)


def handing_over() -> Any:
    """A client for calls of functions that are not waited for."""
    return _client("lambda")


def beginning() -> Any:
    """A client that begins executions."""
    return _client("stepfunctions")


def _client(service: str) -> Any:
    """Each call is sent once, and waits seconds for the answer."""
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=3,
        read_timeout=LONGEST_HANDOVER,
        tcp_keepalive=True,
    )
    return boto3.session.Session().client(service, config=config)


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


class StartExecution:
    """`functions.runs.executions.Begin` an execution of the state machine that has the ARN ``machine``."""

    def __init__(self, machine: str, client: Callable[[], Any] = beginning) -> None:
        self._machine = machine
        self._client = cache(client)

    def __call__(self, name: str, asked: bytes) -> bool:
        """Losing the call is harmless, as that of `Wake` is."""
        try:
            self._client().start_execution(stateMachineArn=self._machine, name=name, input=asked.decode())
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionAlreadyExists":
                return False
            log.warning("no execution was begun: %s", error.response["Error"]["Code"])
        except (ConnectionError, HTTPClientError) as error:
            log.warning("no execution was begun: %s", type(error).__name__)
        return True
