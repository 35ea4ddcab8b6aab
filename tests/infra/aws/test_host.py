"""What Lambda may say to a call, and what is made of it."""

import json
import logging
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from functions.runs.places.place import Died
from functions.runs.places.remote import WIDTH, Busy
from infra.aws.host import LambdaCall, Wake, handing_over, lambda_client
from lepton_core.errors import Unavailable
from tests.support.moto_aws import MotoAws

TRACE = ['  File "/var/task/functions/secret.py", line 7, in work\n']


class Client:
    """Says one thing to every call."""

    def __init__(self, said: Any) -> None:
        self.said = said
        self.calls: list[dict[str, Any]] = []

    def invoke(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(arguments)
        if isinstance(self.said, Exception):
            raise self.said
        payload, *failed = self.said
        return {"Payload": BytesIO(payload), **({"FunctionError": failed[0]} if failed else {})}


def refusal(status: int, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Invoke")


def test_a_call_waits_for_the_result() -> None:
    client = Client([b'{"late":true}'])
    assert LambdaCall(client, "work")(b"{}") == b'{"late":true}'
    assert client.calls == [{"FunctionName": "work", "Payload": b"{}"}], (
        "RequestResponse is what Lambda does if not told"
    )


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        (refusal(429, "TooManyRequestsException"), Busy),
        (refusal(500, "ServiceException"), Unavailable),
        (refusal(502, "EC2ThrottledException"), Unavailable),
        (refusal(403, "AccessDeniedException"), ClientError),
        (refusal(404, "ResourceNotFoundException"), ClientError),
        (ReadTimeoutError(endpoint_url="https://lambda"), Unavailable),
        (ConnectTimeoutError(endpoint_url="https://lambda"), Unavailable),
    ],
)
def test_what_lambda_refuses_is_tried_again_only_if_nothing_began(
    said: Any, becomes: type[Exception]
) -> None:
    client = Client(said)
    with pytest.raises(becomes):
        LambdaCall(client, "work")(b"{}")
    assert len(client.calls) == 1


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"errorType": "KeyError", "errorMessage": "a secret", "stackTrace": TRACE}, "KeyError"),
        ({"errorType": "Runtime.OutOfMemory", "errorMessage": "a secret"}, "Runtime.OutOfMemory"),
        ({"errorMessage": "2030-03-10 a secret: Task timed out"}, "without a name"),
        (["a secret"], "without a name"),
    ],
)
def test_a_function_that_failed_has_died_and_nothing_of_it_is_passed_on(
    payload: Any, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "lepton"), pytest.raises(Died) as died:
        LambdaCall(Client([json.dumps(payload).encode(), "Unhandled"]), "work")(b"{}")
    assert str(died.value) == ""
    assert caplog.messages == [f"the function of a task failed: {kind}"]


def test_a_woken_function_is_not_waited_for() -> None:
    client = Client([b""])
    wake = Wake("pick", lambda: client)
    wake()
    wake(b'{"run":"run-1"}')
    called = {"FunctionName": "pick", "InvocationType": "Event"}
    assert client.calls == [{**called, "Payload": b"{}"}, {**called, "Payload": b'{"run":"run-1"}'}]


@pytest.mark.parametrize(
    "said",
    [
        refusal(429, "TooManyRequestsException"),
        refusal(500, "ServiceException"),
        refusal(403, "AccessDeniedException"),
        ReadTimeoutError(endpoint_url="https://lambda"),
        ConnectTimeoutError(endpoint_url="https://lambda"),
    ],
)
def test_whoever_wrote_an_intent_goes_on_if_nobody_can_be_woken(
    said: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(said)
    with caplog.at_level(logging.WARNING, "lepton"):
        Wake("pick", lambda: client)()
    assert len(client.calls) == 1
    assert caplog.messages == [f"nobody was woken: {type(said).__name__}"]


def test_a_request_waits_seconds_for_the_call_of_another_function_not_minutes(aws: MotoAws) -> None:
    config = handing_over().meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert config.connect_timeout + config.read_timeout < 10


def test_the_client_of_those_who_wake_is_made_once() -> None:
    made = list[Client]()

    def client() -> Client:
        made.append(Client([b""]))
        return made[-1]

    wake = Wake("pick", client)
    wake()
    wake()
    assert [len(one.calls) for one in made] == [2]


def test_a_slow_task_is_not_begun_twice(aws: MotoAws) -> None:
    config = lambda_client().meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert config.read_timeout > 900
    assert config.max_pool_connections >= WIDTH
