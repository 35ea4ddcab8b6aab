"""What AWS may say to a call, and what is made of it."""

import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from infra.aws.host import StartExecution, Wake, beginning, handing_over
from tests.support.moto_aws import MotoAws


class Client:
    """Says one thing to every call."""

    def __init__(self, said: Any) -> None:
        self.said = said
        self.calls: list[dict[str, Any]] = []

    def invoke(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(arguments)
        if isinstance(self.said, Exception):
            raise self.said
        return {}

    start_execution = invoke


def refusal(status: int, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Invoke")


LOST = [
    refusal(429, "TooManyRequestsException"),
    refusal(500, "ServiceException"),
    refusal(403, "AccessDeniedException"),
    ReadTimeoutError(endpoint_url="https://lambda"),
    ConnectTimeoutError(endpoint_url="https://lambda"),
]
"""What may become of a call that nobody waits for."""


def test_a_woken_function_is_not_waited_for() -> None:
    client = Client(None)
    wake = Wake("pick", lambda: client)
    wake()
    wake(b'{"run":"run-1"}')
    called = {"FunctionName": "pick", "InvocationType": "Event"}
    assert client.calls == [{**called, "Payload": b"{}"}, {**called, "Payload": b'{"run":"run-1"}'}]


@pytest.mark.parametrize("said", LOST)
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
        made.append(Client(None))
        return made[-1]

    wake = Wake("pick", client)
    wake()
    wake()
    assert [len(one.calls) for one in made] == [2]


def test_an_execution_is_begun_by_its_name(aws: MotoAws) -> None:
    client = Client(None)
    assert StartExecution("arn:runs", lambda: client)("run-1-1", b'{"run":"run-1"}')
    assert client.calls == [{"stateMachineArn": "arn:runs", "name": "run-1-1", "input": '{"run":"run-1"}'}]
    assert beginning().meta.config.retries == {"mode": "standard", "total_max_attempts": 1}


def test_of_an_execution_that_has_ended_its_name_is_used_up() -> None:
    assert not StartExecution("arn:runs", lambda: Client(refusal(400, "ExecutionAlreadyExists")))(
        "run-1-1", b"{}"
    )


@pytest.mark.parametrize("said", LOST)
def test_whoever_queued_a_run_goes_on_if_no_execution_can_be_begun(
    said: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(said)
    with caplog.at_level(logging.WARNING, "lepton"):
        assert StartExecution("arn:runs", lambda: client)("run-1-1", b"{}")
    assert len(client.calls) == 1
    [message] = caplog.messages
    assert message.startswith("no execution was begun: ")
