"""What API Gateway and Lambda refuse around the functions: the bed that the bundle runs in does the same."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.aws.gateway_responses import gateway_responses
from tests.infra.aws.cloud import Cloud
from tests.infra.aws.invoke import Invoking, Sandboxes, Server
from tests.infra.aws.machines import Machines
from tests.infra.aws.roles import Role
from tests.support.aws.payloads import MOST_ANSWER, MOST_CALL, MOST_EVENT
from tests.support.moto_aws import REGION, MotoAws

BINARY = "application/octet-stream"
API = {
    "paths": {"/v1/things": {"post": {}}},
    "x-amazon-apigateway-binary-media-types": [BINARY],
    "x-amazon-apigateway-gateway-responses": gateway_responses(),
}
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:Called"
MAY_CALL = {"Statement": [{"Action": ["lambda:InvokeFunction"], "Resource": FUNCTION}]}
NO_MACHINE = Role({"Statement": []})


@dataclass
class Process:
    """A function that answers as it is told, after so many ``seconds``."""

    name: str = "Called"
    answer: Any = None
    seconds: float = 0.0
    clock: float = 0.0
    calls: list[str] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    role: Role = field(default_factory=lambda: Role(MAY_CALL))

    def invoke(self, event: Any, millis: Any) -> Any:
        self.events.append(event)
        self.clock += self.seconds
        return self.answer


def text(length: int) -> str:
    return "x" * length


def answered(body: str) -> dict[str, Any]:
    return {"statusCode": 200, "headers": {}, "body": body}


@pytest.fixture
def api() -> Process:
    return Process(name="APIHandler", answer=answered("{}"))


@pytest.fixture
def cloud(api: Process) -> Cloud:
    template = {"Resources": {"RestAPI": {"Properties": {"DefinitionBody": API}}}}
    functions: Any = {"APIHandler": api}
    calls = Invoking(functions, {}, NO_MACHINE)
    return Cloud(template, "b", "t", functions, calls, Machines(None, {}), clock=lambda: api.clock)


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    status, said = answer
    return status, said["error"]["code"]


def test_a_body_of_more_than_ten_megabytes_does_not_get_past_the_gateway(cloud: Cloud, api: Process) -> None:
    assert code(cloud.http("POST", "/v1/things", bytes(10 * 2**20 + 1), kind=BINARY)) == (413, "too_large")
    assert api.events == []


@pytest.mark.parametrize(
    ("kind", "length"), [("text/csv", MOST_CALL), (BINARY, MOST_CALL * 3 // 4)], ids=["text", "base64"]
)
def test_a_body_of_which_lambda_is_given_more_than_six_megabytes(
    cloud: Cloud, api: Process, kind: str, length: int
) -> None:
    assert code(cloud.http("POST", "/v1/things", text(length).encode(), kind=kind)) == (413, "too_large")
    assert api.events == []
    assert cloud.http("POST", "/v1/things", text(length - 2000).encode(), kind=kind) == (200, {})


def test_an_answer_of_more_than_six_megabytes_is_lost(cloud: Cloud, api: Process) -> None:
    around = len(json.dumps(answered('""')))
    for length, status in [(MOST_ANSWER - around, 200), (MOST_ANSWER - around + 1, 502)]:
        api.answer = answered(f'"{text(length)}"')
        assert cloud.http("POST", "/v1/things")[0] == status
    api.answer = answered(json.dumps('"' * (MOST_ANSWER // 4)))
    assert code(cloud.http("POST", "/v1/things")) == (502, "internal"), (
        "quotes travel as two letters each, and as four"
    )


def test_the_gateway_waits_for_twenty_nine_seconds(cloud: Cloud, api: Process) -> None:
    api.seconds = 29.0
    assert cloud.http("POST", "/v1/things")[0] == 200
    api.seconds = 29.5
    assert code(cloud.http("POST", "/v1/things")) == (504, "unavailable")
    assert len(api.events) == 2, "the function goes on"


@pytest.fixture
def called(_moto: MotoAws) -> Iterator[tuple[Any, Process]]:
    """Lambda's client of a function that may call another one, and that one."""
    function: Any = Process(answer="done")
    server = Server()
    with server.listening() as address:
        sandboxes = {"Called": Sandboxes(function, lambda: function, 1)}
        server.invoking = Invoking({"Called": function}, sandboxes, NO_MACHINE, times=1)
        client = boto3.client(
            "lambda",
            endpoint_url=address,
            region_name=REGION,
            aws_access_key_id="ASIACALLED",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )
        yield client, function
        server.invoking.hand_over()


@pytest.mark.parametrize(("kind", "most"), [("RequestResponse", MOST_CALL), ("Event", MOST_EVENT)])
def test_a_call_of_a_function_with_more_than_it_takes(
    called: tuple[Any, Process], kind: str, most: int
) -> None:
    client, _ = called
    payload = json.dumps(text(most - 2)).encode()
    assert client.invoke(FunctionName="Called", InvocationType=kind, Payload=payload)["StatusCode"] in (
        200,
        202,
    )
    with pytest.raises(ClientError) as refused:
        client.invoke(FunctionName="Called", InvocationType=kind, Payload=b" " + payload)
    assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_an_answer_that_a_function_cannot_hand_back(called: tuple[Any, Process]) -> None:
    client, function = called
    function.answer = text(MOST_ANSWER - 2)
    assert "FunctionError" not in client.invoke(FunctionName="Called", Payload=b"{}")
    function.answer = text(MOST_ANSWER - 1)
    answer = client.invoke(FunctionName="Called", Payload=b"{}")
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorType"] == "Function.ResponseSizeTooLarge"
