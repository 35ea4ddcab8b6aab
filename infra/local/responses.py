"""What a host on this machine answers, and the answers that it gives before any handler is asked."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from lepton_core.errors import Failure, LeptonError
from lepton_core.protocols import Message

Refused = Callable[[LeptonError], Message]
"""Writes an error in a protocol of its own."""


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to the caller; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def refusal(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """A response in the API's error shape that no handler has seen.

    >>> refusal(404, "not_found", "no such path: /x").body
    b'{"error":{"code":"not_found","message":"no such path: /x"}}'
    """
    return _shown(status, Failure(code, message), headers or {})


def refused(error: LeptonError, headers: Mapping[str, str] | None = None) -> Response:
    """The response for ``error``, raised before any handler was asked."""
    how = {"www-authenticate": "Bearer"} if error.status == 401 else {}
    return _shown(error.status, error.failure, {**how, **(headers or {})})


def refused_below(path: str, known: Iterable[tuple[str, Refused | None]]) -> Refused | None:
    """What writes errors at a ``path`` where nothing is: that of the ``known`` paths with the same first part.

    A client knows its protocol by the address alone, and reads no error of another shape.
    """
    first = path.split("/")[1:2]
    return next(
        (refused for one, refused in known if refused is not None and one.split("/")[1:2] == first), None
    )


def reworded(response: Response, refused: Refused) -> Response:
    """An error that the host answers by itself, as ``refused`` writes it in a protocol of its own.

    What is no error in the API's shape stays as it is.
    """
    said = json.loads(response.body).get("error") if response.status >= 400 else None
    if not isinstance(said, dict):
        return response
    error = LeptonError(said["message"])
    error.status = response.status
    message = refused(error)
    return replace(response, headers={**response.headers, **message.headers}, body=message.body)


def _shown(status: int, failure: Failure, headers: Mapping[str, str]) -> Response:
    body = json.dumps({"error": failure.as_dict()}, separators=(",", ":"))
    return Response(status, {"content-type": "application/json", **headers}, body.encode())
