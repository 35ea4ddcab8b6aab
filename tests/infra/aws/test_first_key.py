"""The first key of a workspace: the rules over any store, and the command against a stack in moto."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.context import Context, Platform
from functions.edge.allow import authenticate
from functions.records.kinds import KEYS
from functions.runs.runners import DeferredRunner
from functions.serving.cache import Cache
from functions.storage import SYSTEM
from functions.training.run_kinds import RUN_KINDS
from infra.aws.first_key import first_key, main
from lepton_core.errors import Conflict, InvalidInput, Unauthorized
from tests.formats.opened import expected, fill
from tests.support.moto_aws import BUCKET, TABLE, MotoAws
from tests.support.stores import Store, aws_store

ADDRESS = "https://abc123.execute-api.eu-west-1.amazonaws.com/api/"
BEFORE = Path(__file__).parents[2] / "formats" / "v1"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
EVERYTHING = frozenset({"read", "write", "predict", "admin"})


def platform(store: Store) -> Platform:
    context = Context(blobs=store.blobs, records=store.records)
    return Platform.of(context, Cache(context), DeferredRunner(context, RUN_KINDS))


def test_the_key_opens_its_workspace_only(disk: Store) -> None:
    key = first_key(disk.workspace(SYSTEM), "team-a", now=NOW)
    caller = authenticate(platform(disk), {"authorization": f"Bearer {key}"})
    assert (caller.workspace, caller.scopes) == ("team-a", EVERYTHING)
    with pytest.raises(Unauthorized):
        authenticate(platform(disk), {"authorization": f"Bearer {key[:-1]}"})


def test_a_second_one_must_be_asked_for_while_the_first_can_make_others(disk: Store) -> None:
    system, own = disk.workspace(SYSTEM), disk.workspace()
    first_key(system, "default", now=NOW)
    with pytest.raises(Conflict, match="has the key 'key-"):
        first_key(system, "default", now=NOW + timedelta(days=9))
    first_key(system, "other", now=NOW)
    first_key(system, "default", now=NOW, another=True)
    assert len(own.list(KEYS)) == 2


@pytest.mark.parametrize("name", ["_system", "_public", "a/b", "", "a\n", "x" * 64])
def test_what_can_be_no_workspace_gets_no_key(disk: Store, name: str) -> None:
    with pytest.raises(InvalidInput):
        first_key(disk.workspace(SYSTEM), name, now=NOW)
    assert disk.workspace(SYSTEM).list(KEYS) == []


def test_the_command_prints_the_key_once_and_keeps_it_nowhere(
    aws: MotoAws, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed(aws)
    main([])
    printed = capsys.readouterr()
    made = dict(line.split("=", 1) for line in printed.out.splitlines())
    assert list(made) == ["LEPTON_URL", "LEPTON_API_KEY"]
    assert (made["LEPTON_URL"], printed.err) == (ADDRESS.rstrip("/"), "")
    key = made["LEPTON_API_KEY"]
    caller = authenticate(platform(aws_store(aws)), {"authorization": f"Bearer {key}"})
    assert (caller.workspace, caller.scopes) == ("default", EVERYTHING)
    stored: list[Any] = aws.clients.dynamodb.scan(TableName=TABLE)["Items"]
    assert len(stored) == 2
    assert key.rpartition("_")[2] not in repr(stored)


def test_the_command_says_why_it_made_none(aws: MotoAws, capsys: pytest.CaptureFixture[str]) -> None:
    deployed(aws)
    with pytest.raises(SystemExit, match="no key was made: no stack 'other' in eu-west-1"):
        main(["--stack", "other"])
    aws.clients.dynamodb.delete_table(TableName=TABLE)
    with pytest.raises(SystemExit, match=r"no key was made: .*ResourceNotFoundException"):
        main([])
    assert capsys.readouterr().out == ""


def test_the_command_reads_the_table_of_the_version_before(
    aws: MotoAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """That table has a key which can make others, and a revoked one."""
    store = fill(BEFORE, aws)
    deployed(aws)
    with pytest.raises(SystemExit, match="no key was made: workspace 'default' has the key 'key-"):
        main([])
    main(["--another"])
    made = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    for key in (made["LEPTON_API_KEY"], expected(BEFORE)["keys"]["aws"]["good"]):
        caller = authenticate(platform(store), {"authorization": f"Bearer {key}"})
        assert caller.workspace == "default"
    assert len(store.workspace().list(KEYS)) == 3


def deployed(aws: MotoAws) -> None:
    """A stack with nothing in it but its outputs."""
    outputs = {"Bucket": BUCKET, "Table": TABLE, "EndpointURL": ADDRESS}
    template = {
        "Resources": {"Logs": {"Type": "AWS::Logs::LogGroup"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    boto3.client("cloudformation").create_stack(StackName="lepton", TemplateBody=json.dumps(template))
