"""Backups of a stack by its name, and what is said where AWS refuses."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from functions.backup.folder import BackupFolder
from infra.aws.keeping import StackName, back_up, is_begun, restore
from infra.aws.stack_stores import said
from infra.local import keeping as local
from lepton_core.errors import Conflict, InvalidInput, LeptonError, NotFound, Unavailable
from tests.support.moto_aws import BUCKET, REGION, TABLE, MotoAws
from tests.support.whole_stores import held, record, second_stack, whole_on_aws, whole_on_disk

OUTPUTS = {"Bucket": BUCKET, "Table": TABLE}


def untold(done: int, total: int) -> None: ...


def deployed(name: str = "lepton", **outputs: str) -> None:
    """A stack whose outputs are these; what it would make is there already."""
    template = {
        "Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}}},
        "Outputs": {key: {"Value": value} for key, value in outputs.items()},
    }
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))


def test_a_stack_is_found_by_its_name(aws: MotoAws, tmp_path: Path) -> None:
    deployed(**OUTPUTS)
    store = whole_on_aws(aws)
    store.blobs.put("default/x/1", b"one")
    store.whole.load([record("default/models", "m", 4)])
    taken = back_up(StackName("lepton"), tmp_path / "backup", untold)
    assert (taken.head.record_count, taken.head.file_count, taken.head.store) == (1, 1, "aws")
    second_stack(aws)
    deployed("other", Bucket="lepton-target", Table="lepton-target")
    assert not is_begun(tmp_path / "backup", StackName("other"))
    restore(tmp_path / "backup", StackName("other", region=REGION), untold)
    assert held(whole_on_aws(aws, "lepton-target", "lepton-target")) == held(store)
    local.restore(tmp_path / "backup", tmp_path / "data", untold)
    with whole_on_disk(tmp_path / "data") as here:
        assert held(here) == held(store)


def test_a_stack_by_its_bucket_and_its_table(aws: MotoAws, tmp_path: Path) -> None:
    whole_on_aws(aws).blobs.put("default/x/1", b"one")
    taken = back_up(StackName(bucket=BUCKET, table=TABLE, region=REGION), tmp_path / "backup", untold)
    assert BackupFolder(tmp_path / "backup").head() == taken.head


def test_a_stack_that_is_none(aws: MotoAws, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=f"no stack 'lepton' in {REGION}"):
        back_up(StackName("lepton"), tmp_path / "backup", untold)
    deployed("shop", Website="https://example.org")
    with pytest.raises(NotFound, match="the stack 'shop' has no output 'Bucket'"):
        back_up(StackName("shop"), tmp_path / "backup", untold)
    with pytest.raises(NotFound, match="no such thing for Scan"):
        back_up(StackName(bucket=BUCKET, table="none"), tmp_path / "backup", untold)
    with pytest.raises(NotFound, match="no such thing for ListObjectsV2"):
        back_up(StackName(bucket="none", table=TABLE), tmp_path / "other", untold)
    with pytest.raises(InvalidInput, match="name the stack"):
        back_up(StackName(), tmp_path / "backup", untold)
    assert not (tmp_path / "backup" / "backup.json").exists()


def refusal(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "said"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Scan")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (
            NoCredentialsError(),
            Conflict,
            "there are no AWS credentials here: aws configure, or aws sso login",
        ),
        (PartialCredentialsError(provider="env", cred_var="x"), Conflict, "set AWS_ACCESS_KEY_ID"),
        (ProfileNotFound(profile="p"), Conflict, "set AWS_PROFILE to one of `aws configure list-profiles`"),
        (NoRegionError(), Conflict, "give --region REGION, or set AWS_DEFAULT_REGION"),
        (refusal("AccessDeniedException"), Conflict, "AWS does not allow Scan to these credentials"),
        (
            refusal("ExpiredTokenException"),
            Conflict,
            "does not take these credentials (ExpiredTokenException)",
        ),
        (refusal("ResourceNotFoundException"), NotFound, "AWS has no such thing for Scan: said"),
        (refusal("Anything"), Unavailable, "AWS refused Scan: Anything: said"),
        (EndpointConnectionError(endpoint_url="https://x"), Unavailable, "AWS does not answer"),
    ],
)
def test_what_aws_refuses_is_said_with_what_to_do(
    error: Exception, kind: type[LeptonError], words: str
) -> None:
    with pytest.raises(kind) as found, said():
        raise error
    assert words in found.value.message
