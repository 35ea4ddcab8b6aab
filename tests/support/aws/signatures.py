"""Signature Version 4, from the side that checks it. Written from its description, without the SDK that signs."""

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"
TEMPORARY = "secret"
"""The secret of every temporary access key, ``ASIA...``, that a test hands out."""

_LASTING = {"testing": "testing"}


def secret_of(access_key: str) -> str | None:
    """The secret that goes with ``access_key``; None for a key that nobody has."""
    return TEMPORARY if access_key.startswith("ASIA") else _LASTING.get(access_key)


def signature(secret: str, scope: str, text: str) -> str:
    """Of ``text`` under ``scope``, a credential without its access key: date, region, service and ``aws4_request``."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def to_sign(moment: str, scope: str, canonical: str) -> str:
    """What is signed of a request: the digest of its canonical form."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "\n".join((ALGORITHM, moment, scope, digest))


def canonical(
    method: str, path: str, query: Iterable[tuple[str, str]], headers: dict[str, str], payload: str
) -> str:
    """The one form of a request to S3 that everybody writes alike. ``headers``: those that are signed.

    >>> print(canonical("GET", "/a%20b", [("X", "1/2")], {"host": "h"}, "UNSIGNED-PAYLOAD"))
    GET
    /a%20b
    X=1%2F2
    host:h
    <BLANKLINE>
    host
    UNSIGNED-PAYLOAD
    """
    pairs = sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)
    lines = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in sorted(headers.items()))
    place = quote(unquote(path), safe="/-_.~")
    return "\n".join((method, place, "&".join(pairs), lines, ";".join(sorted(headers)), payload))
