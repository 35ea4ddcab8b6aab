"""From a signature, AWS Signature Version 4, to a `Caller`: what clients of AWS send in place of a key.

The access key id is the id of an API key. The secret beside it is derived from that id and from a secret of the
platform, which is made once and kept: so a signature can be checked, though of the key itself only a digest is stored.
A key that has ended ends its signatures. See
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from functions.caller import Caller
from functions.context import Platform
from functions.edge.allow import log, usable
from functions.records.kinds import KEYS
from functions.records.sessions import SIGNING, Signing
from functions.storage import Lost
from lepton_core.errors import Forbidden

SERVICE = "sagemaker"
MOST_APART = timedelta(minutes=15)
"""How far the time of a signature may be from that of the platform."""

_SCHEME = "AWS4-HMAC-SHA256"
_FORM = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=([a-z0-9-]{1,64})/([0-9]{8})/([a-z0-9-]{1,32})/sagemaker/aws4_request *, *"
    r"SignedHeaders=([a-z0-9;-]{1,1000}) *, *Signature=([0-9a-f]{64})"
)
_WRONG = "the signature does not match; lepton keys aws KEY prints the pair that signs"
_NEEDED = {"host", "x-amz-date"}


def secret_of(platform: Platform, key_id: str) -> str:
    """The secret with which the key of that id signs; it is the same for ever.

    What it is derived from is made by the first call of all.
    """
    made: Signing = platform.signing.get("aws", lambda: _kept(platform))
    return hmac.new(bytes.fromhex(made.secret), f"aws:{key_id}".encode(), hashlib.sha256).hexdigest()


def signed_caller(platform: Platform, event: Mapping[str, Any], body: bytes) -> Caller:
    """The caller whose key signed the request of an ``event`` with that ``body``.

    Raises `Forbidden`, as AWS does, for what is not signed in this way, or longer ago than `MOST_APART`; an unknown key
    and a wrong signature get the same answer.
    """
    headers = _all_headers(event)
    found = _FORM.fullmatch(headers.get("authorization", ""))
    if found is None:
        raise Forbidden(f"this is no signature of {_SCHEME} for {SERVICE}")
    key_id, day, region, names, signature = found.groups()
    at, now = headers.get("x-amz-date", ""), platform.clock()
    _demand_fresh(at, day, now)
    signed = names.split(";")
    if not _NEEDED.issubset(signed) or "authorization" in signed:
        raise Forbidden("the signature must be of host and x-amz-date at least")
    digest = hashlib.sha256(body).hexdigest()
    if headers.get("x-amz-content-sha256", digest) != digest:
        raise Forbidden("x-amz-content-sha256 is not the digest of the body")
    scope = f"{day}/{region}/{SERVICE}/aws4_request"
    request = _canonical(event, headers, signed, digest)
    wanted = _signature(secret_of(platform, key_id), scope, at, request)
    # Whoever cannot sign has nothing looked up: neither time nor the store tells him whether there is such a key.
    caller = _caller(platform, key_id, now) if hmac.compare_digest(wanted, signature) else None
    return _demanded(caller, platform, key_id, now)


def check_claim(platform: Platform, headers: Mapping[str, str]) -> None:
    """Raise `Forbidden` unless a key which there is seems to sign: the signature itself needs the whole body.

    It is for a host that takes in long bodies of known callers alone. ``headers`` has names in lower case.
    """
    found, now = _FORM.fullmatch(headers.get("authorization", "")), platform.clock()
    if found is None:
        raise Forbidden(f"this is no signature of {_SCHEME} for {SERVICE}")
    _demand_fresh(headers.get("x-amz-date", ""), found[2], now)
    _demanded(_caller(platform, found[1], now), platform, found[1], now)


def _demanded(caller: Caller | None, platform: Platform, key_id: str, now: datetime) -> Caller:
    if caller is None:
        line = platform.refused_keys.add(key_id, now)
        if line is not None:
            log.warning("%s", line)
        raise Forbidden(_WRONG)
    return caller


def _kept(platform: Platform) -> Signing:
    system = platform.system
    found = system.get(SIGNING, "aws")
    if found is None:
        with suppress(Lost):  # another process made one at the same time
            system.write(system.put(SIGNING, "aws", value=Signing(secrets.token_hex(32)), expect=0))
        found = system.get(SIGNING, "aws")
    if found is None:
        raise RuntimeError("what signatures are made from was written and is gone")
    return found.value


def _all_headers(event: Mapping[str, Any]) -> dict[str, str]:
    """The headers by their names in lower case; the values of one that came several times are joined."""
    every: Mapping[str, Iterable[str]] = event.get("multiValueHeaders") or {}
    return {name.lower(): ",".join(" ".join(one.split()) for one in values) for name, values in every.items()}


def _demand_fresh(at: str, day: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Forbidden("x-amz-date must be a time such as 20260101T120000Z") from None
    if not at.startswith(day) or abs(now - signed_at) > MOST_APART:
        raise Forbidden(f"the signature is of {at}, and here it is {now:%Y%m%dT%H%M%SZ}; set the clock")


def _canonical(
    event: Mapping[str, Any], headers: Mapping[str, str], signed: Iterable[str], digest: str
) -> str:
    # A path is signed as it was sent, and quoted once more.
    path = _quoted(event["requestContext"].get("path", "/"), "/")
    pairs = sorted(
        (_quoted(name), _quoted(value))
        for name, values in (event.get("multiValueQueryStringParameters") or {}).items()
        for value in values
    )
    names = list(signed)
    return "\n".join(
        [
            event["requestContext"]["httpMethod"],
            path,
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{headers.get(name, '')}" for name in names),
            "",
            ";".join(names),
            digest,
        ]
    )


def _quoted(text: str, safe: str = "") -> str:
    return quote(text, safe=f"-_.~{safe}", errors="replace")


def _signature(secret: str, scope: str, at: str, request: str) -> str:
    to_sign = "\n".join([_SCHEME, at, scope, hashlib.sha256(request.encode(errors="replace")).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def _caller(platform: Platform, key_id: str, now: datetime) -> Caller | None:
    """The caller with that key, None for an unknown one; remembered as in `functions.edge.allow.authenticate`."""
    place = hashlib.sha256(f"aws:{key_id}".encode()).digest()
    known = platform.keys.get(place, now)
    if known is not None:
        return known
    stored = platform.system.get(KEYS, key_id)
    if stored is None or not usable(stored.value, now):
        return None
    key = stored.value
    caller = Caller(key.workspace, key.id, frozenset(key.scopes), key.expires)
    ends = [now + timedelta(seconds=platform.settings.key_cache_seconds), key.expires, key.revoked]
    platform.keys.put(place, caller, min(end for end in ends if end is not None))
    return caller
