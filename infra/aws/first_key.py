"""`python -m infra.aws.first_key`: the first API key of a workspace, made by who may write to the stack's table.

Every call of the API needs a key, so the first one cannot come from the API. This command uses your own AWS
credentials, prints the key once, and keeps it nowhere: the table holds its digest only.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import get_args

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from functions.context import utc_now
from functions.edge.allow import usable
from functions.edge.shapes import Name, Scope
from functions.records.kinds import KEYS
from functions.storage import SYSTEM, Workspace
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients
from functions.system.keys import issue_key
from infra.aws.stack_stores import stack_outputs
from lepton_core.errors import Conflict, InvalidInput, LeptonError

_NAME = re.compile(get_args(Name)[1].pattern)


def first_key(system: Workspace, workspace: str, *, now: datetime, another: bool = False) -> str:
    """Make a key with every scope in ``workspace``; its text, which is kept nowhere. ``system``: the system workspace.

    Raises `Conflict` if the workspace has a usable key that can make others, unless ``another`` is wanted.
    """
    if _NAME.fullmatch(workspace) is None:
        raise InvalidInput(f"{workspace!r} can be no workspace's name", field="workspace")
    if not another:
        _refuse_a_second(Workspace(workspace, system.records, system.blobs), now)
    _, text = issue_key(system, workspace=workspace, scopes=get_args(Scope), name="first key", now=now)
    return text


def _refuse_a_second(store: Workspace, now: datetime) -> None:
    after = ""
    while page := store.list(KEYS, after=after):
        for after, stored in page:
            if "admin" in stored.value.scopes and usable(stored.value, now):
                raise Conflict(
                    f"workspace {store.name!r} has the key {after!r}, which can make others (POST /v1/keys); "
                    "if it is lost, ask for --another and revoke it"
                )


def make(stack: str, workspace: str, *, region: str | None = None, another: bool = False) -> dict[str, str]:
    """The key for a deployed stack, and its address, as the environment variables that the SDK reads."""
    deployed = stack_outputs(boto3.client("cloudformation", region_name=region), stack)
    clients = aws_clients(region)
    records, blobs = AwsRecords(clients.dynamodb, deployed["Table"]), AwsBlobs(clients.s3, deployed["Bucket"])
    text = first_key(Workspace(SYSTEM, records, blobs), workspace, now=utc_now(), another=another)
    return {"LEPTON_URL": deployed["EndpointURL"].rstrip("/"), "LEPTON_API_KEY": text}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line: two lines on standard output, what is wrong on standard error."""
    parser = argparse.ArgumentParser(prog="python -m infra.aws.first_key", description=first_key.__doc__)
    parser.add_argument("--stack", default="lepton", help="name of the deployed stack (default: lepton)")
    parser.add_argument("--workspace", default="default", help="the key's workspace (default: default)")
    parser.add_argument("--region", help="default: that of your AWS configuration")
    parser.add_argument("--another", action="store_true", help="even if the workspace has such a key")
    asked = parser.parse_args(arguments)
    try:
        made = make(asked.stack, asked.workspace, region=asked.region, another=asked.another)
    except (LeptonError, BotoCoreError, ClientError) as error:
        sys.exit(f"no key was made: {error}")
    sys.stdout.write("".join(f"{name}={value}\n" for name, value in made.items()))


if __name__ == "__main__":
    main()
