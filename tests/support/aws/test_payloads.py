"""What one service hands to another may be so large and no larger."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import boto3
import pytest
from moto.awslambda_simple.models import lambda_simple_backends
from moto.core import DEFAULT_ACCOUNT_ID

from tests.support.aws.payloads import MOST_ANSWER, MOST_CALL, MOST_EVENT, MOST_STATE, too_large_answer
from tests.support.aws.shown import Case, code_of, is_refused_by_this_rule_alone
from tests.support.moto_aws import REGION, MotoAws

CALL = "a call of a function with more than it takes"
ENTRY = "an event of more than 1 MB"
STATE = "the input of an execution of more than 256 KB"


def role(service: str) -> str:
    iam = boto3.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    found = [one["Arn"] for one in iam.list_roles()["Roles"] if one["RoleName"] == service]
    if not found:
        made = iam.create_role(RoleName=service, AssumeRolePolicyDocument=document)
        found = [made["Role"]["Arn"]]
    return str(found[0])


def text(length: int) -> bytes:
    """A JSON text of so many bytes."""
    return b'"' + b"x" * (length - 2) + b'"'


def call(length: int, kind: str = "RequestResponse", answer: str = '""') -> Callable[[MotoAws], Any]:
    def called(aws: MotoAws) -> Any:
        client = boto3.client("lambda")
        if not client.list_functions()["Functions"]:
            code = BytesIO()
            with ZipFile(code, "w") as archive:
                archive.writestr("f.py", "")
            client.create_function(
                FunctionName="f",
                Runtime="python3.13",
                Role=role("lambda.amazonaws.com"),
                Handler="f.f",
                Code={"ZipFile": code.getvalue()},
            )
        queue = lambda_simple_backends[DEFAULT_ACCOUNT_ID][REGION].lambda_simple_results_queue
        queue[:] = [answer]
        return client.invoke(FunctionName="f", InvocationType=kind, Payload=text(length))

    return called


def tell(*lengths: int) -> Callable[[MotoAws], Any]:
    details = [f'{{"x":"{"x" * (length - 10)}"}}' for length in lengths]
    entries = [{"Source": "s", "DetailType": "d", "Detail": detail} for detail in details]
    return lambda aws: boto3.client("events").put_events(Entries=entries)


def start(length: int) -> Callable[[MotoAws], Any]:
    def started(aws: MotoAws) -> Any:
        client = boto3.client("stepfunctions")
        definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
        machine = client.create_state_machine(
            name="m", definition=json.dumps(definition), roleArn=role("states.amazonaws.com")
        )
        return client.start_execution(stateMachineArn=machine["stateMachineArn"], input=text(length).decode())

    return started


CASES = [
    Case(CALL, "RequestEntityTooLargeException", call(MOST_CALL + 1)),
    Case(CALL, "RequestEntityTooLargeException", call(MOST_EVENT + 1, "Event")),
    Case(ENTRY, "ValidationException", tell(MOST_EVENT + 1)),
    Case(ENTRY, "ValidationException", tell(MOST_EVENT // 2, MOST_EVENT // 2 + 1)),
    Case(STATE, "ValidationException", start(MOST_STATE + 1)),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_moto_accepts_is_refused(aws: MotoAws, case: Case) -> None:
    assert is_refused_by_this_rule_alone(case, aws)


@pytest.mark.parametrize(
    "call",
    [
        call(MOST_CALL),
        call(MOST_EVENT, "Event"),
        tell(MOST_EVENT),
        start(MOST_STATE),
    ],
)
def test_what_is_just_allowed_is_accepted(aws: MotoAws, call: Any) -> None:
    assert code_of(call, aws) is None


def test_an_answer_of_more_than_six_megabytes_is_refused_by_moto_itself(aws: MotoAws) -> None:
    assert code_of(call(2, answer=text(MOST_ANSWER + 1).decode()), aws) == "Function.ResponseSizeTooLarge"
    assert too_large_answer(MOST_ANSWER) is None
    said = too_large_answer(MOST_ANSWER + 1)
    assert said is not None
    assert said["errorType"] == "Function.ResponseSizeTooLarge"
