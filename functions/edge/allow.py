"""From an API key to a `Caller`.

A key reads ``lpt_<id>_<secret>``, the secret being 256 random bits and the CRC-32 of all before it: what was made up
or cut off is refused without a look at the store. (Keys of before there was one have 256 bits alone.) Only the
SHA-256 of the whole text is stored; with that much randomness in it nothing slower than SHA-256 is needed.
"""

import hashlib
import hmac
import logging
import re
import secrets
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from functions.caller import Caller
from functions.context import Platform
from functions.records.kinds import KEYS, ApiKey
from lepton_core.errors import Unauthorized

log = logging.getLogger("lepton.edge")

_KEY = re.compile(r"(lpt_([a-z0-9-]{1,64})_[0-9a-f]{64})([0-9a-f]{8})?")
_INVALID = "this is not a valid API key"

_NOBODY = hashlib.sha256(b"").hexdigest()


def new_key_text(key_id: str) -> tuple[str, str]:
    """The text of a new key with the id ``key_id`` (of a-z, 0-9 and '-'), and the digest to store."""
    bare = f"lpt_{key_id}_{secrets.token_hex(32)}"
    text = bare + _checksum(bare)
    if not _KEY.fullmatch(text):
        raise ValueError(f"not usable as the id of a key: {key_id!r}")
    return text, hashlib.sha256(text.encode()).hexdigest()


def _checksum(bare: str) -> str:
    return f"{zlib.crc32(bare.encode()):08x}"


def usable(key: ApiKey, now: datetime) -> bool:
    """Whether the key has neither expired nor been revoked at ``now``."""
    return all(end is None or now < end for end in (key.expires, key.revoked))


def authenticate(platform: Platform, headers: Mapping[str, str]) -> Caller:
    """The caller that ``Authorization: Bearer lpt_...`` or ``x-api-key: lpt_...`` names.

    ``headers`` finds names in any case. Without either header the platform's owner, if it has one, is the
    caller. Raises `Unauthorized`; an unknown id and a wrong secret get the same answer. A verified key is
    trusted for ``settings.key_cache_seconds`` without another look at the store, never beyond its own end. Refused
    keys are counted, and told to the log by their ids only.
    """
    text = presented(headers)
    if text is None:
        if platform.owner is not None:
            return platform.owner
        raise Unauthorized("send an API key as 'Authorization: Bearer lpt_...'")
    if not text:
        raise Unauthorized(_INVALID)
    now = platform.clock()
    found = _KEY.fullmatch(text)
    try:
        if found is None or found[3] not in (None, _checksum(found[1])):
            raise Unauthorized(_INVALID)
        digest = hashlib.sha256(text.encode())
        return platform.keys.get(digest.digest(), now) or _look_up(
            platform, found[2], digest.hexdigest(), now
        )
    except Unauthorized:
        line = platform.refused_keys.add(None if found is None else found[2], now)
        if line is not None:
            log.warning("%s", line)
        raise


def known_as(headers: Mapping[str, str]) -> bytes | None:
    """What `Platform.keys` knows the key among the ``headers`` by, if it was verified; None without one.

    Sessions and signatures are known there by the digests of other texts, which open nothing where a key is asked for.
    """
    text = presented(headers)
    return hashlib.sha256(text.encode()).digest() if text and _KEY.fullmatch(text) else None


def presented(headers: Mapping[str, str]) -> str | None:
    """The key among the ``headers``; None without one, and empty for another scheme than Bearer."""
    authorization = headers.get("authorization")
    if authorization is None:
        return headers.get("x-api-key")
    scheme, _, text = authorization.partition(" ")
    return text.strip(" ") if scheme.lower() == "bearer" else ""


def _look_up(platform: Platform, key_id: str, digest: str, now: datetime) -> Caller:
    stored = platform.system.get(KEYS, key_id)
    expected = _NOBODY if stored is None else stored.value.digest
    if not hmac.compare_digest(expected, digest) or stored is None:
        raise Unauthorized(_INVALID)
    key = stored.value
    if not usable(key, now):
        raise Unauthorized("this API key has expired or was revoked")
    caller = Caller(key.workspace, key.id, frozenset(key.scopes), key.expires)
    ends = [now + timedelta(seconds=platform.settings.key_cache_seconds), key.expires, key.revoked]
    platform.keys.put(bytes.fromhex(digest), caller, min(end for end in ends if end is not None))
    return caller
