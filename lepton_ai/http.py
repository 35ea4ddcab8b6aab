"""The transport over HTTP: keep-alive, timeouts, retries of what may be repeated, typed errors."""

import io
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import msgspec
import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError
from urllib3.util import Retry, Timeout

from lepton_ai.transport import ANY_BYTES, ENTITY, Decoder, Sent, decode, encode
from lepton_core.errors import InvalidInput, Unavailable

_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
_TIMEOUT = Timeout(connect=5.0, read=60.0)
_UPLOAD_TIMEOUT = Timeout(connect=5.0, read=600.0)


class HttpTransport:
    """Calls the platform at ``url``; ``key`` goes into the Authorization header and nowhere else.

    A connection that could not be made is tried again for every method; a lost answer or a 503 only where a
    repeat does no harm: GET, PUT, DELETE, and a POST that says so. Redirects are not followed, so the key cannot be
    carried to another host.
    """

    def __init__(self, url: str, key: str = "", *, retries: int = 4, backoff: float = 0.1) -> None:
        self._base = _checked_url(url)
        self._key = _checked_key(key)
        self._pool = urllib3.PoolManager(maxsize=8, cert_reqs="CERT_REQUIRED")
        self._retries = retries
        self._backoff = backoff

    def __repr__(self) -> str:
        return f"HttpTransport({self._base!r})"

    @property
    def address(self) -> str:
        """The platform's URL."""
        return self._base

    @property
    def url(self) -> str:
        """The platform's URL."""
        return self._base

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
        """See `lepton_ai.transport.Transport`."""
        foreign = path.startswith(("http://", "https://"))
        url = path if foreign else self._base + path
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query)
        data = encode(body)
        headers = {"Accept": ANY_BYTES if decoder is bytes else "application/json"}
        if self._key and not foreign:
            headers["Authorization"] = f"Bearer {self._key}"
        if body is not None:
            headers["Content-Type"] = content_type or "application/json"
            headers["Content-Length"] = str(len(data))
        if entity is not None:
            headers[ENTITY] = entity
        if once:
            headers["Idempotency-Key"] = uuid4().hex
        source = _origin(url) if foreign else self._base
        retries = self._policy(repeatable or once or method in _IDEMPOTENT)
        response = self._send(method, url, headers, data, sent, source, retries)
        if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
            target = _origin(response.headers.get("Location", "")) or "elsewhere"
            raise Unavailable(
                f"{source} redirects to {target}, which is not followed: set LEPTON_URL to the final address"
            )
        return decode(response.status, response.data, source=source, decoder=decoder)

    def close(self) -> None:
        """Close the connections that are kept; a later call opens new ones."""
        self._pool.clear()

    def _send(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        data: bytes,
        sent: Sent | None,
        source: str,
        retries: Retry,
    ) -> urllib3.BaseHTTPResponse:
        is_upload = sent is not None
        try:
            return self._pool.request(
                method,
                url,
                headers=headers,
                body=_Counted(data, sent) if sent is not None else data,
                timeout=_UPLOAD_TIMEOUT if is_upload else _TIMEOUT,
                retries=retries,
                redirect=False,
            )
        except SSLError as error:
            raise Unavailable(f"no secure connection to {source}: {error}") from None
        except MaxRetryError as error:
            if isinstance(error.reason, SSLError):
                raise Unavailable(f"no secure connection to {source}: {error.reason}") from None
            raise Unavailable(f"{source} does not answer ({_reason(error)})") from None
        except HTTPError as error:
            # The text of urllib3's errors may hold a presigned address: only its kind is shown.
            raise Unavailable(f"the connection to {source} failed ({type(error).__name__})") from None

    def _policy(self, repeatable: bool) -> Retry:
        return Retry(
            total=self._retries,
            connect=self._retries,
            read=self._retries if repeatable else 0,
            status=self._retries if repeatable else 0,
            redirect=0,
            other=0,
            allowed_methods=None if repeatable else _IDEMPOTENT,
            status_forcelist=[HTTPStatus.SERVICE_UNAVAILABLE],
            backoff_factor=self._backoff,
            backoff_max=5.0,
            backoff_jitter=self._backoff,
            raise_on_status=False,
            raise_on_redirect=False,
            respect_retry_after_header=False,
        )


@lru_cache(maxsize=8)
def http_transport(url: str, key: str) -> HttpTransport:
    """One transport, and so one pool of connections, for an address and key in this process."""
    return HttpTransport(url, key)


class _Counted(io.BytesIO):
    """A body that tells how far it was read; urllib3 rewinds it for a retry."""

    def __init__(self, data: bytes, sent: Sent) -> None:
        super().__init__(data)
        self._sent = sent

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        self._sent(self.tell())
        return block


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise InvalidInput(
            "LEPTON_URL must be an address such as https://example.com/api", field="LEPTON_URL"
        )
    if parts.username or parts.password:
        raise InvalidInput(
            "LEPTON_URL must not hold a user or password; the key belongs in LEPTON_API_KEY",
            field="LEPTON_URL",
        )
    return url.rstrip("/")


def _checked_key(key: str) -> str:
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidInput(
            "LEPTON_API_KEY holds characters that no key has; copy it again", field="LEPTON_API_KEY"
        )
    return key


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""


def _reason(error: MaxRetryError) -> str:
    return type(error.reason).__name__ if error.reason is not None else "no reason given"
