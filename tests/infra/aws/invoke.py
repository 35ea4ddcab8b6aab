"""Lambda's Invoke API on a port of this machine: calls of the deployed functions, as IAM allows them.

A synchronous call is answered when the function is done. One of the type ``Event`` is accepted and queued.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Lock, RLock, Thread
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from tests.infra.aws.function import Failed, Function
from tests.infra.aws.roles import Role
from tests.support.aws.payloads import sent_by_lambda, too_large_answer, too_large_for
from tests.support.waiting import BACKSTOP

_PATH = re.compile(r"/2015-03-31/functions/(?:arn:aws:lambda:[\w:-]+:)?(\w+)/invocations")
_CALLER = re.compile(r"Credential=(?:ASIA(\w+)|ak)/\d+/[a-z0-9-]+/lambda/aws4_request")
"""Moto's Step Functions signs as ``ak``."""


@dataclass
class Sandboxes:
    """The processes of one function, at most ``most`` at a time; ``more`` starts one.

    The first that is free takes a call, so that calls that come one by one meet the same process.
    """

    first: Function
    more: Callable[[], Function]
    most: int

    def __post_init__(self) -> None:
        self.all, self.ever, self.busy, self.lock = [self.first], [self.first], [False], Lock()

    @contextmanager
    def one(self) -> Iterator[int | None]:
        """The place of a free one, which is busy until the end of the block; None if there is none."""
        with self.lock:
            free = next((at for at, busy in enumerate(self.busy) if not busy), None)
            if free is None and len(self.all) < self.most:
                free = len(self.all)
                self.all.append(self._another())
                self.busy.append(True)
            elif free is not None:
                self.busy[free] = True
        try:
            yield free
        finally:
            if free is not None:
                self.busy[free] = False

    def replace(self, place: int) -> None:
        """A new process in the place of one that is gone."""
        self.all[place].process.kill()
        self.all[place] = self._another()

    def _another(self) -> Function:
        self.ever.append(self.more())
        return self.ever[-1]


@dataclass
class Invoking:
    """The endpoint, with what a test may want of it: two calls that ``meet``, functions to ``kill`` in their next call.

    ``throttled`` counts the calls for which no process was free. ``lose`` names the functions whose next event is to be
    refused, and other operations; ``queued`` are the events that were accepted, each with the name of its function, to
    be handed over so many ``times``. The ``machine`` has a role; its calls wait for who has begun an execution to end
    (``front``), so that the answer of a request is as of before.
    """

    functions: dict[str, Function]
    sandboxes: dict[str, Sandboxes]
    machine: Role
    meet: Barrier | None = None
    kill: list[str] = field(default_factory=list)
    throttled: int = 0
    lose: list[str] = field(default_factory=list)
    times: int = 2
    queued: list[tuple[str, Any]] = field(default_factory=list)
    front: Any = field(default_factory=RLock)

    def two_calls_meet(self) -> None:
        """The next call for a task goes on only when there is another one beside it."""

        def met() -> None:
            self.meet = None

        self.meet = Barrier(2, met, timeout=BACKSTOP)

    def call(
        self, path: str, authorization: str, body: bytes, kind: str = "RequestResponse"
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers and answer of one request; the answer to an event that was accepted is empty."""
        matched, signed = _PATH.fullmatch(unquote(path)), _CALLER.search(authorization)
        assert matched, path
        assert signed, authorization
        name = matched[1]
        if not self._caller(signed[1]).allows("lambda", "Invoke", path, body):
            return 403, {"x-amzn-ErrorType": "AccessDeniedException"}, {"Message": "not authorized"}
        said = too_large_for(kind, len(body))
        if said is not None:
            return 413, {"x-amzn-ErrorType": "RequestEntityTooLargeException"}, {"message": said}
        if kind == "Event":
            return self._accepted(name, body)
        assert kind == "RequestResponse", kind
        with self.sandboxes[name].one() as place:
            if place is None:
                self.throttled += 1
                return 429, {"x-amzn-ErrorType": "TooManyRequestsException"}, {"message": "Rate Exceeded."}
            if self.meet is not None and name == "WorkTask":
                self.meet.wait()
            return self._invoked(self.sandboxes[name], place, json.loads(body))

    def _caller(self, name: str | None) -> Role:
        """The role of a function, or of the machine."""
        if name is None:
            with self.front:
                return self.machine
        [caller] = [one for one in self.functions.values() if one.name.upper() == name]
        caller.calls.append("Invoke")
        return caller.role

    def hand_over(self) -> None:
        """Give every queued event to its function, and those that it queues; each more than once, as Lambda may."""
        while self.queued:
            name, event = self.queued.pop(0)
            for _ in range(self.times):
                with self.sandboxes[name].one() as place:
                    assert place is not None, "no process is free for an event"
                    with self.front:
                        self.sandboxes[name].all[place].invoke(event, lambda: 900_000)

    def _accepted(self, name: str, body: bytes) -> tuple[int, dict[str, str], Any]:
        if name in self.lose:
            self.lose.remove(name)
            return 500, {"x-amzn-ErrorType": "ServiceException"}, {"Message": "try again"}
        self.queued.append((name, json.loads(body)))
        return 202, {}, None

    def _invoked(self, of: Sandboxes, place: int, event: Any) -> tuple[int, dict[str, str], Any]:
        if of.first.name in self.kill:
            self.kill.remove(of.first.name)
            of.all[place].process.kill()
        try:
            answer = of.all[place].invoke(event, lambda: 900_000)
        except Failed as failed:
            if failed.kind == "Runtime.ExitError":
                of.replace(place)
            said = {"errorType": failed.kind, "errorMessage": str(failed), "stackTrace": []}
            return 200, {"X-Amz-Function-Error": "Unhandled"}, said
        large = too_large_answer(len(sent_by_lambda(answer)))
        return (200, {}, answer) if large is None else (200, {"X-Amz-Function-Error": "Unhandled"}, large)


@dataclass
class Server:
    """A port for an `Invoking` that is known only after those who call it were told of the port."""

    invoking: Invoking | None = None

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Its address, until the end of the block."""
        http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        http.daemon_threads = True
        Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                assert server.invoking is not None
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, answer = server.invoking.call(
                    self.path,
                    self.headers["Authorization"],
                    body,
                    self.headers.get("X-Amz-Invocation-Type", "RequestResponse"),
                )
                content = b"" if status == 202 else json.dumps(answer).encode()
                self.send_response(status)
                known = {"x-amzn-RequestId": str(uuid4()), "Content-Length": str(len(content))}
                for name, value in {**headers, **known}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None: ...

        return Handler
