"""From the cookie of a browser to a `Caller`.

A secret of a session reads ``lps_`` and 256 random bits; only its SHA-256 is stored. Over https its cookie is called
``__Host-lepton``, which no other host and no path can set. Over http it is called ``lepton_`` and the port, since
cookies ignore ports: two platforms on one machine have a cookie each.

A browser sends a cookie whoever made it ask. So a call that changes something has to carry a header of ours, which
a page of another origin cannot add, and no call may come from another site
(https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html).
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from functions.caller import Caller
from functions.context import Platform
from functions.edge.allow import authenticate, usable
from functions.records.kinds import KEYS
from functions.records.sessions import SESSIONS
from lepton_core.errors import Forbidden, Unauthorized

CONSOLE_HEADER = "x-lepton-console"
"""The header of a call that changes something; its value does not count."""

_SECRET = re.compile(r"lps_[0-9a-f]{64}")
_PORT = re.compile(r":([0-9]{1,5})\Z")
_ENDED = "this session has ended; sign in again"
_OURS = ("same-origin", "none")


def new_secret() -> tuple[str, str]:
    """The secret of a new session, or of a link, and the digest to store."""
    text = f"lps_{secrets.token_hex(32)}"
    return text, digest_of(text)


def digest_of(text: str) -> str:
    """The digest under which a secret is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def set_cookie(headers: Mapping[str, str], secret: str, seconds: int) -> str:
    """The value of ``Set-Cookie`` in the answer to a request with these ``headers``; no ``seconds``: forget it.

    >>> set_cookie({"host": "127.0.0.1:8642"}, "lps_1", 60)
    'lepton_8642=lps_1; Path=/; Max-Age=60; HttpOnly; SameSite=Strict'
    >>> set_cookie({"host": "example.org", "x-forwarded-proto": "https"}, "", 0)
    '__Host-lepton=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure'
    """
    secure = "; Secure" if _is_https(headers) else ""
    return f"{_name(headers)}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def caller_of(platform: Platform, method: str, headers: Mapping[str, str]) -> Caller:
    """The caller that a key among the ``headers`` names, as in `authenticate`; without a key, that of the cookie.

    Raises `Unauthorized`, also for a session that has ended or whose key has; and `Forbidden` for a call that another
    site may have caused. A session is trusted for ``settings.key_cache_seconds`` without another look at the store.
    """
    cookie = headers.get("cookie")
    if cookie is None or "authorization" in headers or "x-api-key" in headers:
        return authenticate(platform, headers)
    secret = _cookies(cookie).get(_name(headers))
    if not secret:
        return authenticate(platform, headers)
    if headers.get("sec-fetch-site", "same-origin") not in _OURS:
        raise Forbidden("a page of another site may not call with your session")
    if method not in ("GET", "HEAD") and CONSOLE_HEADER not in headers:
        raise Forbidden(f"a call with a session that changes something needs the header {CONSOLE_HEADER}: 1")
    if _SECRET.fullmatch(secret) is None:
        raise Unauthorized(_ENDED)
    now, digest = platform.clock(), digest_of(secret)
    return platform.keys.get(bytes.fromhex(digest), now) or _look_up(platform, digest, now)


def _look_up(platform: Platform, digest: str, now: datetime) -> Caller:
    session = platform.system.get(SESSIONS, digest)
    if session is None or session.value.expires <= now:
        raise Unauthorized(_ENDED)
    key = platform.system.get(KEYS, session.value.key)
    if key is None or not usable(key.value, now):
        raise Unauthorized("the API key of this session has expired or was revoked; sign in with another one")
    of = key.value
    caller = Caller(of.workspace, of.id, frozenset(of.scopes), of.expires, session.value.id)
    soon = now + timedelta(seconds=platform.settings.key_cache_seconds)
    ends = [soon, session.value.expires, of.expires, of.revoked]
    platform.keys.put(bytes.fromhex(digest), caller, min(end for end in ends if end is not None))
    return caller


def _is_https(headers: Mapping[str, str]) -> bool:
    return headers.get("x-forwarded-proto") == "https"


def _name(headers: Mapping[str, str]) -> str:
    if _is_https(headers):
        return "__Host-lepton"
    port = _PORT.search(headers.get("host", ""))
    return f"lepton_{80 if port is None else int(port[1])}"


def _cookies(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {name: value for name, _, value in pairs}
