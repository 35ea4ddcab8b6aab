"""Calls of an open platform, and a table to send to it."""

import json
from typing import Any

from infra.local.gateway import call
from infra.local.stack import Stack
from tests.support import waiting

CSV = b"a,b,label\n" + b"".join(
    f"{i % 7},{i % 5},{'yes' if i % 7 > 3 else 'no'}\n".encode() for i in range(80)
)


def ask(
    stack: Stack,
    method: str,
    path: str,
    body: Any = None,
    kind: str = "application/json",
    status: int | None = None,
) -> Any:
    """The decoded answer, whose status must be ``status`` (None: a success)."""
    raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    response = call(stack.app, stack.platform, method, path, headers={"content-type": kind}, body=raw)
    assert response.status == status if status else response.status < 300, response.body
    return json.loads(response.body)


def until(stack: Stack, path: str, **wanted: Any) -> Any:
    """The answer of ``path`` once it has these values."""

    def holds(found: Any) -> bool:
        return all(found[name] == value for name, value in wanted.items())

    return waiting.until(lambda: ask(stack, "GET", path), f"{path} has {wanted}", holds)
