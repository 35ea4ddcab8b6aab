"""One request to AWS as the rules look at it: which operation of which service, on what, with which body."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest

Answer = tuple[int, Mapping[str, str], bytes | str]
"""Status, headers and body."""

_TARGETS = {"DynamoDB_20120810": "dynamodb", "AWSEvents": "events", "AWSStepFunctions": "states"}


@dataclass(eq=False)
class Asked:
    """A request that has arrived.

    ``beside`` are the requests that were under way when it arrived; ``overtaken`` are those that were carried out,
    with success, between its arrival and now. ``memory`` is what the rules remember until the next reset, ``now`` the
    time in seconds since 1970.
    """

    request: AWSPreparedRequest
    now: float
    memory: dict[str, Any]
    beside: tuple["Asked", ...] = ()
    overtaken: list["Asked"] = field(default_factory=list)

    @cached_property
    def url(self) -> SplitResult:
        return urlsplit(self.request.url)

    @cached_property
    def headers(self) -> dict[str, str]:
        """By their names in lower case."""
        return {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in self.request.headers.items()
        }

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.url.query, keep_blank_values=True))

    @cached_property
    def body(self) -> bytes:
        body = self.request.body
        body = body.read() if hasattr(body, "read") else body or b""
        return body.encode() if isinstance(body, str) else bytes(body)

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)

    @cached_property
    def operation(self) -> str:
        """The service and the operation, as ``dynamodb:PutItem``; of a service without rules its host alone."""
        service, _, name = self.headers.get("x-amz-target", "").partition(".")
        if service in _TARGETS:
            return f"{_TARGETS[service]}:{name}"
        if self.place is not None:
            return f"s3:{_of_s3(self)}"
        if self.url.path.endswith("/invocations") and "lambda" in self.url.netloc:
            return "lambda:Invoke"
        return self.url.netloc

    @cached_property
    def place(self) -> tuple[str, str] | None:
        """Bucket and key of a request to S3; None for other services."""
        host, path = self.url.netloc, unquote(self.url.path).removeprefix("/")
        bucket, found, _ = host.partition(".s3.")
        if found:
            return bucket, path
        if host.startswith("s3."):
            bucket, _, key = path.partition("/")
            return bucket, key
        return None

    @cached_property
    def length(self) -> int:
        """The bytes of the body, without reading what need not be read."""
        body = self.request.body
        return len(body) if isinstance(body, bytes | bytearray) else len(self.body)

    def to_carry_out(self) -> AWSPreparedRequest:
        """The same for who comes next. The SDK keeps its own: it sends the same body again if it has to."""
        body = self.request.body
        if hasattr(body, "read"):
            body = self.body
        return AWSPreparedRequest(self.request.method, self.request.url, self.request.headers, body, False)


def _of_s3(asked: Asked) -> str:
    """The operation by method, key and query; of those without rules the method and ``?``."""
    assert asked.place is not None
    method, of_object, query = str(asked.request.method), bool(asked.place[1]), asked.query
    if method == "POST":
        is_form = "multipart/form-data" in asked.headers.get("content-type", "")
        return next(
            (it for name, it in _POSTED.items() if name in query), "PostObject" if is_form else "POST?"
        )
    copied = "x-amz-copy-source" in asked.headers
    if method == "PUT" and "partNumber" in query:
        return "UploadPartCopy" if copied else "UploadPart"
    if not of_object or _NOT_OBJECTS & query.keys():
        return f"{method}?"
    return "CopyObject" if copied else f"{method.title()}Object"


_POSTED = {
    "uploads": "CreateMultipartUpload",
    "uploadId": "CompleteMultipartUpload",
    "delete": "DeleteObjects",
}
_NOT_OBJECTS = {"acl", "attributes", "legal-hold", "retention", "tagging", "torrent", "uploadId"}
"""Queries that lead to something else than the object itself."""


def operations_of(transaction: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each operation of a `TransactWriteItems`, or of a `TransactGetItems`, with its arguments."""
    for item in transaction["TransactItems"]:
        yield from item.items()
