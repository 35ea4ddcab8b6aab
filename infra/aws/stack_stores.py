"""The stores of a deployed stack, opened by a user with their own AWS credentials."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from functions.backup.contents import is_alone
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients
from functions.storage.aws_whole import AwsWhole
from functions.storage.whole import WholeStore
from lepton_core.errors import Conflict, NotFound, Unavailable

FILES_AT_ONCE = 8
"""Files that are on their way at once: each waits for S3 most of its time."""

_SIGN_IN = "aws configure, or aws sso login, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_REFUSED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
_NOT_VALID = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_ABSENT = {"NoSuchBucket", "ResourceNotFoundException", "404"}


def stack_outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    """The outputs of a deployed stack. Raises `NotFound`."""
    try:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise NotFound(f"no stack {stack!r} in {cloudformation.meta.region_name}") from None
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def of_stack(stack: str, region: str | None = None) -> WholeStore:
    """The store of the stack of this name. Raises `NotFound`, and as `said` does."""
    outputs = stack_outputs(boto3.client("cloudformation", region_name=region), stack)
    absent = {"Bucket", "Table"} - set(outputs)
    if absent:
        raise NotFound(f"the stack {stack!r} has no output {min(absent)!r}: it is none of Lepton")
    return of_names(outputs["Bucket"], outputs["Table"], region)


def of_names(bucket: str, table: str, region: str | None = None) -> WholeStore:
    """The store in a bucket and a table."""
    clients = aws_clients(region)
    whole = AwsWhole(clients, table, bucket, alone=is_alone)
    return WholeStore(AwsRecords(clients.dynamodb, table), AwsBlobs(clients.s3, bucket), whole, FILES_AT_ONCE)


@contextmanager
def said() -> Iterator[None]:
    """A block in which what AWS refuses is said as an error of ours, with what to do about it."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise Conflict(f"there are no AWS credentials here: {_SIGN_IN}; then do this again") from error
    except ProfileNotFound as error:
        raise Conflict(f"{error}: set AWS_PROFILE to one of `aws configure list-profiles`") from error
    except NoRegionError as error:
        raise Conflict("no AWS region is set: give --region REGION, or set AWS_DEFAULT_REGION") from error
    except ClientError as error:
        raise _typed(error) from error
    except BotoCoreError as error:
        raise Unavailable(f"AWS does not answer ({error})") from error


def _typed(error: ClientError) -> Conflict | NotFound | Unavailable:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in _REFUSED:
        return Conflict(
            f"AWS does not allow {error.operation_name} to these credentials ({message}); give them that right"
        )
    if code in _NOT_VALID:
        return Conflict(f"AWS does not take these credentials ({code}): {_SIGN_IN}; then do this again")
    if code in _ABSENT:
        return NotFound(f"AWS has no such thing for {error.operation_name}: {message}")
    return Unavailable(f"AWS refused {error.operation_name}: {code}: {message}")
