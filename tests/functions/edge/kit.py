"""What the tests of the edge share: a platform over stores in memory, and events."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from chalice.app import Blueprint, Chalice

from functions import edge
from functions.context import Platform, bound
from functions.edge.app import LeptonApp
from functions.settings import Settings
from functions.system.keys import issue_key
from tests.support.clocks import Clock
from tests.support.memory_store import MemoryBlobs, MemoryRecords
from tests.support.runners import IdleRunner

START = datetime(2026, 1, 1, tzinfo=UTC)


def memory_platform(clock: Clock | None = None, **changes: Any) -> Platform:
    """A platform over stores in memory."""
    made = Platform(
        blobs=MemoryBlobs(),
        records=MemoryRecords(),
        runner=IdleRunner(),
        loaded=None,  # type: ignore[arg-type]  # the edge never touches it
        clock=clock or Clock(START),
        settings=Settings(key_cache_seconds=5.0),
    )
    return replace(made, **changes)


def new_key(
    platform: Platform, workspace: str = "acme", scopes: Sequence[str] = ("read",), **more: Any
) -> str:
    """The text of a key that the platform knows."""
    return issue_key(
        platform.system, workspace=workspace, scopes=scopes, now=platform.clock(), **{"name": "", **more}
    )[1]


def app_of(bp: Blueprint) -> LeptonApp:
    app = LeptonApp(app_name="lepton")
    app.register_blueprint(bp)
    return app


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """The error, its shape checked."""
        (shape,) = self.json.items()
        name, error = shape
        assert name == "error"
        assert (
            {"code", "message"}
            <= set(error)
            <= {"code", "message", "field", "row", "column", "reason", "remedies", "request"}
        )
        assert self.headers["Content-Type"] == "application/json"
        return error


def send(
    app: Chalice,
    platform: Platform,
    method: str,
    resource: str,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    key: str | None = None,
    body: Any = None,
    binary: bool = False,
    every: Mapping[str, Sequence[str]] | None = None,
    event: Mapping[str, Any] | None = None,
) -> Answer:
    """What the app answers to one REST event; ``body`` is text, bytes, or a value to send as JSON.

    ``event`` is what a host adds to it. ``every`` are the headers with all of their values; left out, each has the one
    of ``headers``.
    """
    if body is not None and not isinstance(body, str | bytes):
        body = json.dumps(body)
    sent = {**(headers or {}), **({"Authorization": f"Bearer {key}"} if key else {})}
    whole = {
        "resource": resource,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()} | dict(every or {}),
        "multiValueQueryStringParameters": None if query is None else {k: list(v) for k, v in query.items()},
        "pathParameters": dict(path) if path else None,
        "stageVariables": None,
        "requestContext": {"httpMethod": method, "resourcePath": resource},
        "body": base64.b64encode(body).decode() if binary else body,
        "isBase64Encoded": binary,
        **(event or {}),
    }
    with bound(platform):
        response = app(whole, None)
    json.dumps(response)  # Lambda sends it so
    return Answer(response["statusCode"], response["headers"], response["body"])


class Seen(msgspec.Struct):
    workspace: str
    name: str = ""
    version: int = 0
    size: int = 0


Ask = Callable[..., Answer]


def asker(**declared: Any) -> Callable[[Callable[..., Any]], Ask]:
    """Decorates a handler of POST /v1/things/{thing}; what comes back asks it with a key that may write."""
    bp = Blueprint(__name__)
    platform = memory_platform()
    key = new_key(platform, scopes=["write"])

    def make(handler: Callable[..., Any]) -> Ask:
        edge.route(bp, "POST", "/v1/things/{thing}", **{"scope": "write", "returns": Seen, **declared})(
            handler
        )
        app = app_of(bp)

        def ask(body: Any = None, thing: str = "t", **more: Any) -> Answer:
            sent = {"path": {"thing": thing}, "key": key, "body": body, **more}
            return send(app, platform, "POST", "/v1/things/{thing}", **sent)

        return ask

    return make
