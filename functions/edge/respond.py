"""A value, or an error, as a response."""

import logging
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import uuid4

import msgspec
from chalice.app import Response

from functions.storage import BlobMissing, Lost
from lepton_core.errors import MOST_LETTERS, Conflict, LeptonError, NotFound

log = logging.getLogger("lepton.edge")

R = TypeVar("R")

_encoder = msgspec.json.Encoder()

# An answer may hold the secret of a new key; nothing between us and the caller is to keep it, or to guess at it.
_GUARDS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class Reply(Generic[R]):
    """The value that a handler returns to answer with another status than its route's."""

    value: R
    status: int


@dataclass(frozen=True)
class Html:
    """A page for people: its ``text``, and the ``policy`` that says what of it a browser may run or load."""

    text: str
    policy: str


def respond(value: object, status: int) -> Response:
    """``value`` as JSON; a page as it is."""
    if isinstance(value, Html):
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": value.policy}
        return Response(value.text, {**headers, **_GUARDS}, status)
    return _json(_encoder.encode(value).decode(), status)


def error_body(error: LeptonError) -> str:
    """The one shape of every error that the platform shows."""
    failure = error.failure
    known = _sendable(failure.cut().as_dict())
    message = failure.message
    if len(message) > MOST_LETTERS:
        known["message"] = f"{known['message'][: MOST_LETTERS - 3]}..."
    return _encoder.encode({"error": known}).decode()


def _sendable(value: Any) -> Any:
    if isinstance(value, str):
        # Half a surrogate pair may come in as JSON; out it cannot go.
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {_sendable(name): _sendable(one) for name, one in value.items()}
    return [_sendable(one) for one in value] if isinstance(value, list) else value


def respond_error(error: Exception, where: str) -> Response:
    """The response for an error of a handler; ``where`` names the route in the log.

    A mistake of the caller is shown; a fault of ours goes to the log only, under an id that the caller can tell us.
    """
    shown = _as_lepton(error)
    if shown is None:
        ticket = uuid4().hex[:12]
        log.error("internal error %s in %s", ticket, where, exc_info=error)
        shown = LeptonError(f"something went wrong on our side; it was logged under {ticket}")
    return _json(error_body(shown), shown.status)


def _json(body: str, status: int) -> Response:
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json", **_GUARDS}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(body, headers, status)


def _as_lepton(error: Exception) -> LeptonError | None:
    if isinstance(error, LeptonError):
        return error
    if isinstance(error, Lost):
        return Conflict("changed by somebody else meanwhile; try again")
    if isinstance(error, BlobMissing):
        return NotFound("the file behind this is no longer there")
    return None
