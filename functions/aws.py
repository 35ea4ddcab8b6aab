"""The platform of a Lambda function: its stores are named by the environment that `infra` sets."""

import os
from functools import lru_cache

from functions.platform import Platform, Settings
from functions.runner.inline import DeferredRunner
from functions.served import Served
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients

MAX_UPLOAD_BYTES = 200_000_000
"""The largest file whose table fits into the memory of the functions that take it in (3,008 MB).

Of a table of single digits, the worst there is, 13 times the file is needed; of one of six-digit numbers, 4 times.
A function that runs out of memory is killed without a word, and the sweeper would be, each minute.
"""


@lru_cache(maxsize=1)
def platform_from_environment() -> Platform:
    """The stores ``LEPTON_BUCKET`` and ``LEPTON_TABLE``, opened once a process.

    Raises ``KeyError`` naming the variable that is not set.
    """
    bucket, table = os.environ["LEPTON_BUCKET"], os.environ["LEPTON_TABLE"]
    clients = aws_clients()
    return Platform(
        blobs=AwsBlobs(clients.s3, bucket),
        records=AwsRecords(clients.dynamodb, table),
        runner=DeferredRunner(),
        served=Served(),
        settings=Settings(max_upload_bytes=MAX_UPLOAD_BYTES),
    )
