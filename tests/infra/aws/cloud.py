"""AWS around the deployed bundle: API Gateway, EventBridge, S3 and IAM, as far as the bundle's template uses them.

Each function of the template is a process of its own that holds the unpacked zip. Its calls of AWS are answered by
moto in this process, if the function's role allows them; its calls of other functions by `tests.infra.aws.invoke`;
those that it does not wait for are done once it has ended, twice each. Moto interprets the state machines; an
execution that a function begins calls its first function once that one has ended.
What lands in the bucket, and what the schedules send, goes to the functions whose rules in the template match; the
test says when.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import get_ident
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.infra.aws import events
from tests.infra.aws.function import Function, moto
from tests.infra.aws.invoke import Invoking
from tests.infra.aws.machines import Machines
from tests.support.aws.payloads import (
    LONGEST_ANSWER,
    MOST_BODY,
    sent_by_lambda,
    too_large_answer,
    too_large_for,
)


def plenty() -> int:
    """Time left at the beginning of the longest function."""
    return 900_000


def still() -> float:
    """A clock for those to whom nothing takes long."""
    return 0.0


@dataclass
class Cloud:
    """The deployed stack.

    ``landed`` are the objects that nobody was told of yet. By ``clock`` API Gateway loses its patience.
    """

    template: dict[str, Any]
    bucket: str
    table: str
    functions: dict[str, Function]
    invoking: Invoking
    machines: Machines
    landed: list[tuple[str, int]] = field(default_factory=list)
    routes: set[tuple[str, str]] = field(default_factory=set)
    clock: Callable[[], float] = still
    teller: int = field(default_factory=get_ident)

    @property
    def processes(self) -> list[Function]:
        """All that there ever were: a function that is called twice at a time has two."""
        return [one for sandboxes in self.invoking.sandboxes.values() for one in sandboxes.ever]

    @property
    def api(self) -> dict[str, Any]:
        """The API's definition as API Gateway imports it."""
        body: dict[str, Any] = self.template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
        return body

    def http(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        query: dict[str, str] | None = None,
        kind: str = "application/json",
        **headers: str,
    ) -> tuple[int, Any]:
        """Status and decoded answer of one request to the API's address."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        found = self._resource(method, path)
        if found is None:
            return self.refused("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token")
        if len(raw) > MOST_BODY:
            return self.refused("REQUEST_TOO_LARGE", 413, "Request Too Long")
        sent = {**({"Authorization": f"Bearer {key}"} if key else {}), **headers}
        event = events.http(
            method,
            found[0],
            path,
            names=found[1],
            query=query or {},
            headers={**sent, "Content-Type": kind} if raw else sent,
            body=raw,
            is_binary=kind in self.api["x-amazon-apigateway-binary-media-types"],
        )
        if too_large_for("RequestResponse", len(sent_by_lambda(event))):
            return self.refused("REQUEST_TOO_LARGE", 413, "Request Too Long")
        self.routes.add((method, found[0]))
        began = self.clock()
        return self._passed_on(self._invoke("APIHandler", event), self.clock() - began, headers)

    def _passed_on(self, answer: Any, seconds: float, headers: dict[str, str]) -> tuple[int, Any]:
        """What API Gateway makes of a function's answer that took so many seconds."""
        if seconds > LONGEST_ANSWER:
            return self.refused("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out")
        if too_large_answer(len(sent_by_lambda(answer))):
            return self.refused("API_CONFIGURATION_ERROR", 502, "Internal server error")
        text = answer["body"]
        if answer.get("isBase64Encoded"):
            first = headers.get("Accept", "").partition(",")[0]
            assert first in self.api["x-amazon-apigateway-binary-media-types"], "or API Gateway sends base64"
            return answer["statusCode"], base64.b64decode(text)
        return answer["statusCode"], text if _is_text(answer) else json.loads(text)

    def refused(self, kind: str, status: int, message: str) -> tuple[int, Any]:
        """What API Gateway answers by itself to an error of this type."""
        responses = self.api["x-amazon-apigateway-gateway-responses"]
        response = responses.get(kind) or responses[f"DEFAULT_{status // 100}XX"]
        template = response["responseTemplates"]["application/json"]
        return int(response.get("statusCode", status)), events.rendered(template, message)

    def put(self, url: str, body: bytes) -> int:
        """PUT to an address that the API signed, with nothing but its length; it has the rights of the API's role."""
        role = self.functions["APIHandler"].role
        if not role.allows("s3", "PutObject", url, body):
            return 403
        status, _, _ = moto("PUT", url, {"Content-Length": str(len(body))}, body)
        if status == 200:
            self.landed.append((unquote(urlsplit(url).path).lstrip("/"), len(body)))
        return status

    def get(self, url: str) -> tuple[int, bytes]:
        """GET an address that the API signed, without a key; it has the rights of the API's role."""
        role = self.functions["APIHandler"].role
        if not role.allows("s3", "GetObject", url, b""):
            return 403, b""
        status, _, body = moto("GET", url, {}, b"")
        return status, body

    def deliver(self) -> list[str]:
        """Tell of every object that landed; the functions that were told."""
        told = []
        for key, size in self.landed:
            event = events.object_created(self.bucket, key, size)
            for name, pattern in self._rules("Pattern"):
                if events.matches(pattern, event):
                    self._invoke(name, event)
                    told.append(name)
        return told

    def tick(self, name: str, millis: Callable[[], int] = plenty) -> None:
        """Send what the function's schedule sends."""
        assert name in dict(self._rules("Schedule"))
        self._invoke(name, events.schedule(f"lepton-{name}"), millis)

    def close(self) -> None:
        """End the processes."""
        for function in self.processes:
            function.end()

    def _invoke(self, name: str, event: Any, millis: Callable[[], int] = plenty) -> Any:
        """The function's result; then the functions are called that it called without waiting, and executions end."""
        with self.invoking.front:
            result = self.functions[name].invoke(event, millis)
        if get_ident() == self.teller:  # else a function is under way that would have to be waited for
            self.invoking.hand_over()
            self.machines.settled()
        return result

    def _resource(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        parts = path.split("/")
        for resource, methods in sorted(self.api["paths"].items()):
            wanted = resource.split("/")
            pairs = list(zip(wanted, parts, strict=False))
            if len(wanted) == len(parts) and all(a == b or (a.startswith("{") and b) for a, b in pairs):
                names = {a[1:-1]: b for a, b in pairs if a.startswith("{")}
                return (resource, names) if method.lower() in methods else None
        return None

    def _rules(self, kind: str) -> list[tuple[str, Any]]:
        """Each function with the pattern, or the schedule, of each of its rules."""
        return [
            (
                name,
                json.loads(
                    json.dumps(event["Properties"][kind]).replace('{"Ref": "Bucket"}', f'"{self.bucket}"')
                ),
            )
            for name, function in self.functions.items()
            for event in function.properties.get("Events", {}).values()
            if kind in event["Properties"]
        ]


def _is_text(answer: dict[str, Any]) -> bool:
    """Whether an answer is a page or a file."""
    headers = {
        **answer["headers"],
        **{name: one[-1] for name, one in answer.get("multiValueHeaders", {}).items()},
    }
    return any(
        name.lower() == "content-type" and value.startswith("text/") for name, value in headers.items()
    )
