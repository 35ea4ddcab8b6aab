"""Step Functions as moto interprets it, with functions of this process behind it instead of Lambda."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from infra.aws.machine import WIDE_RUNS, definition
from infra.aws.policies import RUNS_MACHINE
from tests.support.faults import Killed
from tests.support.waiting import until

ACCOUNT, REGION = "123456789012", "eu-west-1"
MOST_STATE = 256 * 1024
"""Bytes that Step Functions carries from state to state, at most."""

Function = Callable[[Any], Any]


class Refused(Exception):
    """What Lambda says in the place of calling a function: a status and the name of an error."""

    def __init__(self, status: int = 429, code: str = "TooManyRequestsException") -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Body(BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: Any) -> Any:
        while chunk := self.read(65_536):
            yield chunk


def function_arn(name: str) -> str:
    """The ARN of a function."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def machine_arn(name: str) -> str:
    """The ARN of a machine."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def substituted(defined: Mapping[str, Any], functions: Mapping[str, Any]) -> str:
    """A definition as CloudFormation passes it on."""
    text = json.dumps(defined).replace("${Partition}", "aws").replace("${Wide}", machine_arn(WIDE_RUNS))
    for name in functions:
        text = text.replace(f"${{{name}}}", function_arn(name))
    assert "${" not in text, text
    return text


@dataclass
class States:
    """Both machines. ``calls`` are those of functions, each with what it was asked."""

    functions: Mapping[str, Function]
    client: Any
    calls: list[tuple[str, Any]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, name: str, asked: bytes, machine: str = RUNS_MACHINE) -> bool:
        """See `functions.runs.executions.Begin`."""
        try:
            self.client.start_execution(stateMachineArn=machine_arn(machine), name=name, input=asked.decode())
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
            return False
        return True

    def executions(self) -> list[dict[str, Any]]:
        """All that there ever were, the first first, as they are described."""
        found = [
            self.client.describe_execution(executionArn=one["executionArn"])
            for machine in (RUNS_MACHINE, WIDE_RUNS)
            for one in self.client.list_executions(stateMachineArn=machine_arn(machine))["executions"]
        ]
        return sorted(found, key=lambda one: (one["startDate"], one["name"]))

    def settled(self) -> list[dict[str, Any]]:
        """The executions, once none is under way."""
        machines = stepfunctions_parser_backends[ACCOUNT][REGION].state_machines
        until(
            lambda: all(one.status != "RUNNING" for machine in machines for one in machine.executions),
            "all executions have ended",
        )
        return self.executions()

    def history(self, arn: str) -> list[dict[str, Any]]:
        """The events of one execution."""
        events: list[dict[str, Any]] = self.client.get_execution_history(executionArn=arn, maxResults=1000)[
            "events"
        ]
        return events

    def called(self, name: str) -> list[Any]:
        """What one function was asked."""
        return [asked for one, asked in self.calls if one == name]

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        """Lambda's Invoke, of the functions of this process."""
        name = unquote(urlsplit(request.url).path).split("/")[3].rpartition(":")[2]
        body = request.body.read() if hasattr(request.body, "read") else request.body
        assert len(body) <= MOST_STATE
        asked = json.loads(body)
        with self._lock:
            self.calls.append((name, asked))
        headers = {"Content-Type": "application/json", "x-amzn-RequestId": "1"}
        try:
            status, answer = 200, self.functions[name](asked)
        except Refused as refused:
            status, answer = refused.status, {"message": refused.code}
            headers["x-amzn-ErrorType"] = refused.code
        except Killed as killed:
            answer = {"errorType": "Runtime.ExitError", "errorMessage": str(killed)}
            status, headers["X-Amz-Function-Error"] = 200, "Unhandled"
        except Exception as error:
            logging.getLogger("lepton").info("a function failed", exc_info=error)
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            status, headers["X-Amz-Function-Error"] = 200, "Unhandled"
        content = json.dumps(answer).encode()
        assert len(content) <= MOST_STATE
        return AWSResponse(request.url, status, headers, Body(content))


@contextmanager
def states(
    functions: Mapping[str, Function], change: Callable[[Any], Any] = lambda it: it
) -> Iterator[States]:
    """Both machines, as they are defined, over ``functions``; moto must run. ``change`` may shorten what waits."""
    boto3.setup_default_session(region_name=REGION)
    session = boto3.DEFAULT_SESSION
    client = boto3.client("stepfunctions")
    boto3.client("lambda")  # the first of a session is made by one thread alone
    here = States(functions, client)
    for name in (RUNS_MACHINE, WIDE_RUNS):
        defined = change(definition(wide=name == WIDE_RUNS))
        client.create_state_machine(
            name=name,
            definition=substituted(defined, functions),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        )
    session.events.register_first("before-send.lambda.Invoke", here._answer)
    session.events.register_first("before-parameter-build.sfn.StartExecution", _as_botocore_names)
    session.events.register_first("after-call.sfn.StartExecution", _as_json)
    try:
        yield here
        here.settled()
    finally:
        session.events.unregister("before-send.lambda.Invoke", here._answer)
        boto3.DEFAULT_SESSION = None


def _as_botocore_names(params: dict[str, Any], **_: Any) -> None:
    """Moto passes on the names of Step Functions' own language as they are; botocore's begin with a small letter."""
    for name in [name for name in params if name[0].isupper()]:
        params[name[0].lower() + name[1:]] = params.pop(name)


def _as_json(parsed: dict[str, Any], **_: Any) -> None:
    """Nor does moto make JSON of what comes back."""
    if "startDate" in parsed:
        parsed["startDate"] = parsed["startDate"].isoformat()
