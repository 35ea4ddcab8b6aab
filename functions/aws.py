"""The platform of a Lambda function: its stores are named by the environment that `infra` sets."""

import os
from functools import lru_cache

from functions.platform import Platform
from functions.runner.inline import DeferredRunner
from functions.served import Served
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients


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
    )
