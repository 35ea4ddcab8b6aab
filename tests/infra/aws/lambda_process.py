"""One Lambda function in a process of its own: the unpacked zip, the libraries of its layers, and nothing else of ours.

Run as ``python -S -E lambda_process.py LAYERS TASK HANDLER``, the layers as a path is written. It speaks in lines of
JSON: events come in, results go out. Calls of AWS go out as well, and their answers come in: the other side decides
what the function's role allows. Everything else that is printed goes to standard error, as into a log.
"""

import base64
import io
import json
import logging
import os
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any


class Wire:
    """Asks the other side one thing at a time, whichever thread asks."""

    def __init__(self, source: Any, sink: Any) -> None:
        self._source, self._sink, self._lock = source, sink, threading.Lock()

    def say(self, **message: Any) -> None:
        self._sink.write(json.dumps(message) + "\n")
        self._sink.flush()

    def hear(self) -> Any:
        line = self._source.readline()
        return json.loads(line) if line else None

    def ask(self, **message: Any) -> Any:
        with self._lock:
            self.say(**message)
            return self.hear()


class Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: Any) -> Any:
        while chunk := self.read(65_536):
            yield chunk


class Context:
    """What Lambda's Python gives every handler."""

    function_version = "$LATEST"
    log_stream_name = "2030/03/10/[$LATEST]0123456789abcdef0123456789abcdef"
    identity = client_context = None

    def __init__(self, wire: Wire, asked: dict[str, Any]) -> None:
        self._wire = wire
        self.aws_request_id = asked["request"]
        self.function_name = asked["function"]
        self.memory_limit_in_mb = asked["memory"]
        self.invoked_function_arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{asked['function']}"
        self.log_group_name = f"/aws/lambda/{asked['function']}"

    def get_remaining_time_in_millis(self) -> int:
        left: int = self._wire.ask(millis=True)
        return left


def aws_goes_through(wire: Wire) -> None:
    """Every client that is made from now on sends its requests to the other side, but for calls of functions."""
    from botocore import handlers
    from botocore.awsrequest import AWSResponse

    def forward(event_name: str, request: Any, **_: Any) -> AWSResponse | None:
        if event_name.startswith("before-send.lambda."):
            return None  # a function may call several others at once: they have a port for that
        body = request.body.read() if hasattr(request.body, "read") else request.body or b""
        headers = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        answer = wire.ask(
            aws=event_name.split(".")[1:],
            method=request.method,
            url=request.url,
            headers=headers,
            body=base64.b64encode(body.encode() if isinstance(body, str) else body).decode(),
        )
        content = Body(base64.b64decode(answer["body"]))
        return AWSResponse(request.url, answer["status"], answer["headers"], content)

    handlers.BUILTIN_HANDLERS.append(("before-send", forward))


def loaded() -> dict[str, str]:
    """Every module but this one that was loaded from a file, with that file."""
    files = {name: str(it.__file__) for name, it in sys.modules.items() if getattr(it, "__file__", None)}
    return {name: file for name, file in files.items() if file != __file__}


def main(layers: str, task: str, handler: str) -> None:
    wire = Wire(sys.stdin, sys.stdout)
    sys.stdout = sys.stderr
    here = Path(__file__).resolve().parent
    sys.path[:] = [task, *(entry for entry in sys.path if Path(entry).resolve() != here)]
    sys.path += layers.split(os.pathsep)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    began = time.perf_counter()
    aws_goes_through(wire)
    module, _, name = handler.rpartition(".")
    call = getattr(import_module(module), name)
    wire.say(ready=time.perf_counter() - began)
    while (asked := wire.hear()) is not None:
        if asked.get("loaded"):
            wire.say(result=loaded())
            continue
        try:
            wire.say(result=call(asked["event"], Context(wire, asked)))
        except Exception as error:
            logging.exception("[ERROR]")
            wire.say(failed=str(error), kind=type(error).__name__)


if __name__ == "__main__":
    main(*sys.argv[1:])
