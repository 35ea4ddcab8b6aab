"""A value, or an error, as a response."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import uuid4

import msgspec

from functions.edge.media_types import BINARY, OCTETS
from functions.storage import BlobMissing, Lost
from lepton_core.errors import MOST_LETTERS, Conflict, LeptonError, NotFound
from lepton_core.protocols import Message

if TYPE_CHECKING:
    from chalice.app import Response

log = logging.getLogger("lepton.edge")

R = TypeVar("R")

_encoder = msgspec.json.Encoder()

# An answer may hold the secret of a new key; nothing between us and the caller is to keep it, or to guess at it.
GUARDS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Headers of every answer in JSON."""


_LASTING = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class Cookie:
    """The ``secret`` of a session that a browser is to keep for so many ``seconds``; 0: it is to forget its own."""

    secret: str
    seconds: int


@dataclass(frozen=True)
class Reply(Generic[R]):
    """What a handler returns to answer with another status than its route's, with a ``cookie``, or with ``headers``."""

    value: R
    status: int
    cookie: Cookie | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Html:
    """A page for people: its ``text``, and the ``policy`` that says what of it a browser may run or load."""

    text: str
    policy: str


@dataclass(frozen=True)
class Asset:
    """A file whose address changes with its content: its ``text``, and its ``media`` type."""

    text: str
    media: str


@dataclass(frozen=True)
class Download:
    """A file to be kept: its ``data``, and the ``name`` under which a browser keeps it, of letters, digits, "_-."."""

    data: bytes
    name: str


@dataclass(frozen=True)
class Exposition:
    """Figures for a monitoring system: their ``text`` in the format that the ``media`` type names."""

    text: str
    media: str


def respond(value: object, status: int) -> "Response":
    """``value`` as JSON; a page, a file, and the message of another protocol as it is."""
    if isinstance(value, Message):
        return _of_message(value)
    if isinstance(value, Download):
        headers = {"Content-Type": OCTETS, "Content-Disposition": f'attachment; filename="{value.name}"'}
        return _response(value.data, {**headers, **GUARDS}, status)
    if isinstance(value, Asset):
        return _response(value.text, {"Content-Type": value.media, **_LASTING}, status)
    if isinstance(value, Exposition):
        return _response(value.text, {"Content-Type": value.media, **GUARDS}, status)
    if isinstance(value, Html):
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": value.policy}
        return _response(value.text, {**headers, **GUARDS}, status)
    return _json(_encoder.encode(value).decode(), status)


def unless_known(response: "Response", known: str) -> "Response":
    """``response`` with its ETag; only that of it, with 304, if the caller knows it by the ETag ``known``."""
    body = response.body if isinstance(response.body, bytes) else response.body.encode()
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if tag in known:
        return _response(response.body[:0], {**response.headers, "ETag": tag}, 304)
    response.headers["ETag"] = tag
    return response


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


def respond_error(
    error: Exception, where: str, refused: Callable[[LeptonError], Message] | None = None
) -> "Response":
    """The response for an error of a handler, see `as_shown`; ``refused`` writes it in a protocol of its own."""
    shown = as_shown(error, where)
    return _json(error_body(shown), shown.status) if refused is None else _of_message(refused(shown))


def as_shown(error: Exception, where: str) -> LeptonError:
    """The error that a caller is told of; ``where`` names the route in the log.

    A mistake of the caller is shown; a fault of ours goes to the log only, under an id that the caller can tell us.
    """
    shown = _as_lepton(error)
    if shown is None:
        ticket = uuid4().hex[:12]
        log.error("internal error %s in %s", ticket, where, exc_info=error)
        return LeptonError(f"something went wrong on our side; it was logged under {ticket}")
    return shown


def _of_message(message: Message) -> "Response":
    media = message.headers["content-type"]
    body = message.body if media in (OCTETS, *BINARY) else message.body.decode()
    others = {name: value for name, value in message.headers.items() if name != "content-type"}
    headers: dict[str, str | list[str]] = {"Content-Type": media, **others, **GUARDS}
    if message.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _response(body, headers, message.status)


def _json(body: str, status: int) -> "Response":
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json", **GUARDS}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _response(body, headers, status)


def _response(body: str | bytes, headers: dict[str, Any], status: int) -> "Response":
    from chalice.app import Response  # noqa: PLC0415  (a process without Chalice answers in its own way)

    return Response(body, headers, status)


def _as_lepton(error: Exception) -> LeptonError | None:
    if isinstance(error, LeptonError):
        return error
    if isinstance(error, Lost):
        return Conflict("changed by somebody else meanwhile; try again")
    if isinstance(error, BlobMissing):
        return NotFound("the file behind this is no longer there")
    return None
