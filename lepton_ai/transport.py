"""The one door from the SDK to a platform: a protocol of one method, and what its implementations share."""

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import msgspec

from lepton_ai.cell_rows import CellColumns
from lepton_ai.content import Content
from lepton_ai.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    LeptonError,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
    error_of,
    not_understood,
)
from lepton_core.errors import Failure

Sent = Callable[[int], None]
"""Told how many bytes of a body have been sent so far."""

Decoder = Callable[[bytes], Any]
"""Makes a value of JSON. Raises ``msgspec.DecodeError``."""

ENTITY = "x-lepton-entity"
"""The header that says for whom a call is: of two versions that share the traffic it has always the same."""

ANY_BYTES = "application/octet-stream, application/json"
"""What is accepted where the bytes of the answer are wanted as they are; the first one has API Gateway send bytes."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z")

_BY_STATUS: Mapping[int, type[LeptonError]] = {
    HTTPStatus.BAD_REQUEST: InvalidInput,
    HTTPStatus.UNAUTHORIZED: Unauthorized,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
    HTTPStatus.TOO_MANY_REQUESTS: Unavailable,
    HTTPStatus.BAD_GATEWAY: Unavailable,
    HTTPStatus.SERVICE_UNAVAILABLE: Unavailable,
    HTTPStatus.GATEWAY_TIMEOUT: Unavailable,
}


class Transport(Protocol):
    """Carries calls to one platform. Implementations may be used from several threads at once."""

    @property
    def address(self) -> str:
        """Where the platform is, to be shown to people: a URL without secrets, or a folder."""
        ...

    @property
    def url(self) -> str | None:
        """Where any process calls the platform; None if it is embedded, where only this one does."""
        ...

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str | None = None,
        sent: Sent | None = None,
        once: bool = False,
        repeatable: bool = False,
        decoder: Decoder = msgspec.json.decode,
        entity: str | None = None,
    ) -> Any:
        """The JSON answer of a successful call as ``decoder`` reads it (None if it has no body).

        ``path`` begins with "/v1/"; an absolute URL (a presigned upload address) is called without our key.
        ``body`` is bytes or a `Content`, sent as they are, or `CellColumns` or a value, encoded as JSON. An error
        answer raises the typed error of `lepton_core.errors`; a platform that cannot be reached raises ``Unavailable``.

        A POST is sent again after a lost answer only where it says that no harm comes of it: ``once``, the platform
        does it once for one Idempotency-Key, or ``repeatable``, it changes nothing. Of versions that share the traffic
        of a model one ``entity`` has always the same.
        """
        ...


def data_folder() -> Path:
    """Where the embedded platform and ``lepton up`` keep their state."""
    return Path(os.environ.get("LEPTON_DATA", "").strip() or ".lepton")


def checked_name(name: object, field: str = "name") -> str:
    """``name`` if it can stand in a path; else ``InvalidInput``.

    >>> checked_name("churn-2024")
    'churn-2024'
    """
    if not isinstance(name, str) or not _NAME.match(name):
        raise InvalidInput(
            f"{name!r} is no name: 1 to 63 letters, digits, '_', '-', '.', beginning with a letter or digit",
            field=field,
        )
    return name


def pages(transport: Transport, path: str, asked: Mapping[str, str] = {}) -> Iterator[Any]:
    """The items of a paged list, one page after the other; ``asked`` is the query of each."""
    query = dict(asked)
    while True:
        page = transport.call("GET", path, query=query)
        yield from page["items"]
        if not page.get("next"):
            return
        query = {**asked, "after": page["next"]}


def encode(body: Any) -> bytes:
    """The bytes of a body: bytes as they are, those of a `Content`, None as nothing, all else as JSON.

    Raises `InvalidInput`, caused by a ``UnicodeEncodeError``, that names the field which holds half a surrogate pair.
    """
    if body is None:
        return b""
    if isinstance(body, Content):
        return body.read()
    if isinstance(body, bytes):
        return body
    told = body.as_json() if isinstance(body, CellColumns) else body
    try:
        return msgspec.json.encode(told)
    except UnicodeEncodeError as error:
        fields = told.items() if isinstance(told, Mapping) else ()
        field = next((str(name) for name, value in fields if not _is_unicode(value)), None)
        raise InvalidInput(
            f"{field or 'the body'} holds half a surrogate pair, which is no character", field=field
        ) from error


def _is_unicode(value: Any) -> bool:
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        return False
    return True


def by_class(weights: Any) -> Any:
    """Class weights as JSON can hold them: the classes of a numeric label are named as the platform names them.

    >>> by_class({0: 1, 1.5: 2, "yes": 3, True: 4}), by_class("balanced")
    ({'0': 1, '1.5': 2, 'yes': 3, 'true': 4}, 'balanced')
    """
    return (
        {_class_name(key): value for key, value in weights.items()}
        if isinstance(weights, Mapping)
        else weights
    )


def _class_name(key: Any) -> str:
    value = key.item() if hasattr(key, "dtype") else key
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def share(given: Any) -> float | None:
    """A share, as a number that JSON can hold, whether Python or numpy made it. Raises `InvalidInput` for others.

    >>> share(0.9), share(None)
    (0.9, None)
    """
    value = given.item() if hasattr(given, "dtype") and getattr(given, "ndim", 1) == 0 else given
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInput(f"coverage must be a share from 0.5 to 0.99, not {value!r}", field="coverage")
    return float(value)


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """``settings`` as JSON can hold them: numpy's scalars as Python's, and no NaN or infinity, which JSON makes null.

    >>> plain({"l2": 0.5, "hyperparameters": {"optimizer": "momentum"}, "version": None})
    {'l2': 0.5, 'hyperparameters': {'optimizer': 'momentum'}, 'version': None}
    """
    found: dict[str, Any] = {}
    for name, given in settings.items():
        value = given.item() if hasattr(given, "dtype") and getattr(given, "ndim", 1) == 0 else given
        if isinstance(value, dict):
            value = _plain_entries(name, value)
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, float) and not math.isfinite(value):
            raise InvalidInput(f"{name} must be a finite number, not {value}", field=name)
        elif not isinstance(value, (int, float, str, list, type(None))):
            raise InvalidInput(f"{name} must be a number or text, not {type(value).__name__}", field=name)
        found[name] = value
    return found


def _plain_entries(name: str, entries: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return plain(entries)
    except InvalidInput as error:
        if name == "hyperparameters":  # which are said without it
            raise
        raise InvalidInput(f"{name} of {error.message}", field=name) from None


def decode(status: int, body: bytes, *, source: str, decoder: Decoder = msgspec.json.decode) -> Any:
    """The decoded answer, or the typed error that it carries. ``source`` names the platform in messages."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        try:
            return decoder(body) if body else None
        except msgspec.ValidationError as error:
            raise not_understood(error) from None
        except msgspec.DecodeError:
            raise Unavailable(
                f"{source} did not answer in JSON: is this the address of a Lepton platform?"
            ) from None
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError:
        value = None
    raise _error(status, value, source)


def _error(status: int, value: Any, source: str) -> LeptonError:
    told = _failure(value)
    if told is not None:
        return error_of(told)
    # Not our shape: a gateway, a proxy or the object store spoke.
    said = value.get("message") if isinstance(value, dict) else None
    text = f"{source} answered {status}" + (f": {said}" if isinstance(said, str) else "")
    if status == HTTPStatus.NOT_FOUND:
        text += "; is this the address of a Lepton platform?"
    return _BY_STATUS.get(status, LeptonError)(text)


_FAILURE = msgspec.json.Decoder(Failure)
"""Made before there are threads: what msgspec knows of a dataclass must not be made by two of them at once."""


def _failure(value: Any) -> Failure | None:
    told = value.get("error") if isinstance(value, dict) else None
    if not isinstance(told, dict) or not isinstance(told.get("code"), str):
        return None
    try:
        return msgspec.convert(told, Failure)
    except msgspec.ValidationError:
        return Failure(told["code"], str(told.get("message", "")))
