"""One Lambda function of the deployed bundle: a process of its own that holds the unpacked zip.

Its calls of AWS are answered by moto in this process, if the function's role allows them.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber

from tests.infra.aws import events
from tests.infra.aws.roles import Role
from tests.support.aws.signatures import TEMPORARY

PROCESS = Path(__file__).with_name("lambda_process.py")
_DENIED = {
    "s3": b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
    "dynamodb": b'{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "not authorized"}',
    "sfn": b'{"__type": "AccessDeniedException", "message": "not authorized"}',
}


class Failed(AssertionError):
    """A function ended with an error, or without a word."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Folders:
    """The unpacked zip, the unpacked layers by the name of their resource, and where each function's log goes."""

    task: Path
    layers: dict[str, Path]
    logs: Path


@dataclass
class Function:
    """One Lambda function, its process, and the AWS calls it made; ``watchers`` hear of each before it is answered.

    ``lose`` names operations whose next call is to be refused. Executions are asked for twice, as a client may do that
    heard nothing.
    """

    name: str
    properties: dict[str, Any]
    role: Role
    process: "subprocess.Popen[str]"
    log: IO[str]
    calls: list[str] = field(default_factory=list)
    watchers: list[Callable[[str], None]] = field(default_factory=list)
    lose: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Wait until its handler is loaded."""
        assert "ready" in self._hear(), self.logged()

    def invoke(self, event: Any, millis: Callable[[], int]) -> Any:
        """The handler's result; ``millis`` says how much time is left whenever it asks. Fails as the handler does."""
        memory, request = self.properties["MemorySize"], str(uuid4())
        self._say({"event": event, "request": request, "function": self.name, "memory": memory})
        while True:
            heard = self._hear()
            if "aws" in heard:
                self._say(self._answer(heard))
            elif "millis" in heard:
                self._say(millis())
            elif "failed" in heard:
                raise Failed(heard["kind"], f"{self.name}: {heard['failed']}\n{self.logged()}")
            else:
                return heard["result"]

    def loaded(self) -> dict[str, str]:
        """The modules that its process has loaded, with their files."""
        self._say({"loaded": True})
        found: dict[str, str] = self._hear()["result"]
        return found

    def logged(self) -> str:
        """All that it ever logged."""
        self.log.seek(0)
        return self.log.read()

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.log):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def _answer(self, heard: dict[str, Any]) -> dict[str, Any]:
        service, operation = heard["aws"]
        body = base64.b64decode(heard["body"])
        self.calls.append(operation)
        for watch in list(self.watchers):
            watch(operation)
        if not self.role.allows(service, operation, heard["url"], body):
            return {"status": 403, "headers": {}, "body": base64.b64encode(_DENIED[service]).decode()}
        if operation in self.lose:
            self.lose.remove(operation)
            return {"status": 500, "headers": {}, "body": base64.b64encode(b"{}").decode()}
        for _ in range(2 if operation == "StartExecution" else 1):
            status, headers, content = moto(heard["method"], heard["url"], heard["headers"], body)
        return {"status": status, "headers": headers, "body": base64.b64encode(content).decode()}

    def _say(self, message: Any) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed("Runtime.ExitError", f"{self.name} is gone") from None

    def _hear(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Failed("Runtime.ExitError", f"{self.name} is gone:\n{self.logged()}")
        return json.loads(line)


def moto(method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    """What AWS answers to one signed request."""
    sent = HTTPHeaders()
    for name, value in headers.items():
        sent[name] = value
    answer = botocore_stubber.process_request(AWSPreparedRequest(method, url, sent, body, False))
    assert answer is not None
    status, found, content = answer
    return int(status), dict(found), content.encode() if isinstance(content, str) else bytes(content)


def start(
    name: str, properties: dict[str, Any], role: Role, folders: Folders, variables: dict[str, str]
) -> Function:
    """Begin to load one function; `Function.start` waits for it."""
    environment = {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(properties["MemorySize"]),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{properties['Runtime']}",
        "AWS_REGION": events.REGION,
        "AWS_DEFAULT_REGION": events.REGION,
        "AWS_ACCESS_KEY_ID": f"ASIA{name.upper()}",
        "AWS_SECRET_ACCESS_KEY": TEMPORARY,
        "AWS_SESSION_TOKEN": "token",
        "LAMBDA_TASK_ROOT": str(folders.task),
        "TZ": ":UTC",
        "OPENBLAS_NUM_THREADS": "1",
        **variables,
    }
    log = (folders.logs / f"{name}-{uuid4().hex}").open("w+")
    process = subprocess.Popen(
        [
            sys.executable,
            "-S",
            "-E",
            str(PROCESS),
            os.pathsep.join(str(folders.layers[layer["Ref"]]) for layer in properties["Layers"]),
            str(folders.task),
            properties["Handler"],
        ],
        cwd=folders.task,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    return Function(name, properties, role, process, log)
