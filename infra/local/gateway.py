"""API Gateway on one machine: a request becomes a REST proxy event, the app's answer becomes a `Response`."""

import base64
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, unquote
from weakref import WeakKeyDictionary

from chalice.app import Chalice

from functions.context import Platform, bound
from functions.edge.app import WHERE
from functions.edge.received import DRAFT, HANDED
from functions.storage import Draft
from infra import STAGE
from infra.local.responses import Response, refusal

ACCOUNT = "000000000000"
API_ID = "local"
REGION = "local"

_requests = count(1)


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The part of a Lambda function's context that a handler may look at."""

    aws_request_id: str
    function_name: str = "api"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 0

    def get_remaining_time_in_millis(self) -> int:
        """Nothing ends a call on one machine; Lambda's own longest time stands for that."""
        return 900_000


@dataclass(frozen=True, slots=True)
class Match:
    """A declared path such as ``/v1/models/{model}`` and the values that the request put into its braces."""

    resource: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Table:
    routes: int
    exact: dict[str, str]
    by_length: dict[int, list[tuple[str, tuple[tuple[int, str], ...], tuple[tuple[int, str], ...]]]]


_tables: WeakKeyDictionary[Chalice, _Table] = WeakKeyDictionary()


def match(app: Chalice, path: str) -> Match | None:
    """The declared path that ``path`` (percent-encoded, without the query) falls under; literals win.

    A ``%2F`` never separates: it is part of a parameter's value.
    """
    table = _tables.get(app)
    if table is None or table.routes != len(app.routes):
        table = _tables[app] = _compile(app)
    found = table.exact.get(path)
    if found is not None:
        return Match(found, {})
    parts = path.split("/")
    for resource, literals, names in table.by_length.get(len(parts), ()):
        if all(parts[at] == text for at, text in literals):
            values = {name: unquote(parts[at]) for at, name in names}
            return Match(resource, values) if all(values.values()) else None
    return None


def call(
    app: Chalice,
    platform: Platform,
    method: str,
    path: str,
    query: str | Mapping[str, str] = "",
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    *,
    draft: Draft | None = None,
    handed: Any = None,
) -> Response:
    """Answer one request as API Gateway and Lambda would, in this thread, with ``platform`` bound.

    ``path`` is percent-encoded; ``query`` is the text behind the ``?`` or its pairs, decoded; of ``headers`` a name
    may come twice. A ``draft`` holds the file that came in place of a body, and ``handed`` is a value that a caller in
    this process has in place of one. No such path gives 404 and a known path with another method 405, both in the API's
    error shape. HEAD is answered as GET is: the sender leaves out the body. Thread-safe.
    """
    found = match(app, path)
    if found is None:
        return refusal(404, "not_found", f"no such path: {unquote(path)[:200]}; {WHERE}")
    methods = app.routes[found.resource]
    if method == "HEAD":
        method = "GET"
    if method not in methods:
        allow = ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))
        message = f"{method[:20]} is not allowed here; allowed: {allow}"
        return refusal(405, "method_not_allowed", message, {"allow": allow})
    pairs = parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else list(query.items())
    sent = list(headers.items() if isinstance(headers, Mapping) else headers)
    event = rest_event(method, path, found, pairs, sent, body)
    if draft is not None:
        event[DRAFT] = draft
    if handed is not None:
        event[HANDED] = handed
    with bound(platform):
        answer = app(event, LambdaContext(event["requestContext"]["requestId"]))
    return _response(answer)


def rest_event(
    method: str,
    path: str,
    found: Match,
    pairs: Iterable[tuple[str, str]],
    sent: Iterable[tuple[str, str]],
    body: bytes,
) -> dict[str, Any]:
    """The event of API Gateway's Lambda proxy integration (REST, payload format 1.0); ``sent`` are the headers.

    One difference: ``body`` stays bytes, which Chalice takes as they are, instead of text or base64.
    """
    multi, all_headers = _grouped(pairs), _grouped(sent)
    headers = {name: values[-1] for name, values in all_headers.items()}
    if body and method == "POST":
        # Who names no type accepts every one, and Chalice answers bytes to those alone who say so.
        headers.setdefault("accept", "*/*")
    now = time.time()
    request_id = f"local-{next(_requests)}"
    return {
        "resource": found.resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": all_headers,
        "queryStringParameters": {name: values[-1] for name, values in multi.items()} or None,
        "multiValueQueryStringParameters": multi or None,
        "pathParameters": found.parameters or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": headers.get("host", "localhost"),
            "extendedRequestId": request_id,
            "httpMethod": method,
            "identity": {"sourceIp": "127.0.0.1", "userAgent": headers.get("user-agent")},
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": request_id,
            "requestTime": formatdate(now, usegmt=True),
            "requestTimeEpoch": int(now * 1000),
            "resourceId": found.resource,
            "resourcePath": found.resource,
            "stage": STAGE,
        },
        "body": body or None,
        "isBase64Encoded": False,
    }


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _compile(app: Chalice) -> _Table:
    exact: dict[str, str] = {}
    by_length: dict[int, list[tuple[str, tuple[tuple[int, str], ...], tuple[tuple[int, str], ...]]]] = {}
    for resource in app.routes:
        if "{" not in resource:
            exact[resource] = resource
            continue
        parts = list(enumerate(resource.split("/")))
        literals = tuple((at, part) for at, part in parts if not part.startswith("{"))
        names = tuple((at, part[1:-1]) for at, part in parts if part.startswith("{"))
        by_length.setdefault(len(parts), []).append((resource, literals, names))
    for entries in by_length.values():
        # The leftmost literal wins, as in API Gateway: of two entries the one whose parameters begin later.
        entries.sort(key=lambda entry: [-at for at, _ in entry[2]])
    return _Table(len(app.routes), exact, by_length)


def _response(answer: Mapping[str, Any]) -> Response:
    headers = {name.lower(): str(value) for name, value in answer["headers"].items()}
    for name, values in answer.get("multiValueHeaders", {}).items():
        headers[name.lower()] = ", ".join(values)
    headers.setdefault("content-type", "application/json")
    body = answer["body"]
    if answer.get("isBase64Encoded"):
        return Response(answer["statusCode"], headers, base64.b64decode(body))
    return Response(answer["statusCode"], headers, body if isinstance(body, bytes) else body.encode())
