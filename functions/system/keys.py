"""API keys: issue, list, rotate, revoke, and sign with them.

The record with a key's digest lies in the system workspace, where a caller is looked up before its workspace
is known. A copy without the digest lies in the workspace itself, so that a workspace lists and names its own
keys only. One transaction writes both.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from functions import edge
from functions.caller import Caller
from functions.context import new_id
from functions.edge.allow import new_key_text
from functions.edge.shapes import Page, Request, Scope
from functions.records.kinds import KEYS, ApiKey
from functions.storage import SYSTEM, Put, Stored, Workspace
from lepton_core.errors import Conflict, Forbidden, InvalidInput, NotFound


class CreateKey(Request, frozen=True):
    """A new API key of the caller's own workspace."""

    scopes: Annotated[list[Scope], Meta(min_length=1)]
    name: Annotated[str, Meta(max_length=100)] = ""
    expires_in: Annotated[int, Meta(ge=1)] | None = None


class RotateKey(Request, frozen=True):
    """A successor with the same rights; the old key stays valid for ``overlap`` seconds."""

    overlap: Annotated[int, Meta(ge=0, le=604_800)] = 0


class KeyView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key's rights; ``secret`` is there once, in the answer to its creation."""

    id: str
    scopes: list[str]
    created: datetime
    name: str = ""
    expires: datetime | None = None
    revoked: datetime | None = None
    secret: str | None = None


class AwsPair(msgspec.Struct, frozen=True):
    """What a client of AWS signs its requests with, in the name of a key: the key's id, and a secret beside it."""

    access_key_id: str
    secret_access_key: str


bp = Blueprint(__name__)


def issue_key(
    system: Workspace,
    *,
    workspace: str,
    scopes: Iterable[str],
    name: str = "",
    now: datetime,
    expires: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Store a new key of ``workspace``; its record and its text ``lpt_<id>_<secret>``, which is kept nowhere.

    ``system`` is the system workspace.
    """
    key, text = _new_key(workspace, scopes, name, now, expires)
    system.write(*_puts(system, _of(system, workspace), key))
    return key, text


@edge.route(bp, "POST", "/v1/keys", scope="admin", body=CreateKey, returns=KeyView, status=201)
def create(call: edge.Call[CreateKey]) -> KeyView:
    """Create an API key of your workspace; its secret is in this answer only."""
    now = call.platform.clock()
    expires = _after(now, call.body.expires_in)
    if _outlives(expires, call.caller):
        left = max(0, int((call.caller.expires - now).total_seconds())) if call.caller.expires else 0
        raise InvalidInput(
            f"the key that asks expires in {left} seconds, and no key that it makes may outlive it; give at most that",
            field="expires_in",
        )
    key, text = issue_key(
        call.platform.system,
        workspace=call.caller.workspace,
        scopes=call.body.scopes,
        name=call.body.name,
        now=now,
        expires=expires,
    )
    return _view(key, text)


@edge.route(bp, "GET", "/v1/keys", scope="admin", returns=Page[KeyView], query=edge.PAGING)
def list_keys(call: edge.Call[None]) -> Page[KeyView]:
    """List the API keys of your workspace, the oldest first."""
    found = call.store.list(KEYS, after=call.after, limit=call.limit + 1)
    return edge.page([(key_id, _view(stored.value)) for key_id, stored in found], call.limit)


@edge.route(bp, "POST", "/v1/keys/{key}/rotate", scope="admin", body=RotateKey, returns=KeyView, status=201)
def rotate(call: edge.Call[RotateKey], key: str) -> KeyView:
    """Replace an API key by one of the same rights and lifetime; the old one works for `overlap` seconds."""
    system, now = call.platform.system, call.platform.clock()
    full, shown = _find(call, key)
    old = full.value
    if old.revoked is not None:
        raise Conflict(f"the key {key!r} was rotated or revoked already")
    if old.expires is not None and old.expires <= now:
        raise Conflict(f"the key {key!r} has expired; create a new one")

    if _outlives(old.expires, call.caller):
        raise Forbidden(f"the key {key!r} outlives the key that asks; rotate it with one that lives as long")
    expires = _successors_end(old, call.caller, now)
    successor, text = _new_key(old.workspace, old.scopes, old.name, now, expires)
    ended = msgspec.structs.replace(old, revoked=now + timedelta(seconds=call.body.overlap))

    system.write(
        *_puts(system, call.store, ended, full.revision, shown.revision),
        *_puts(system, call.store, successor),
    )
    call.platform.keys.forget(key)
    return _view(successor, text)


@edge.route(bp, "DELETE", "/v1/keys/{key}", scope="admin", returns=KeyView)
def revoke(call: edge.Call[None], key: str) -> KeyView:
    """Revoke an API key; revoking it again changes nothing."""
    system, now = call.platform.system, call.platform.clock()
    full, shown = _find(call, key)
    if full.value.revoked is not None and full.value.revoked <= now:
        return _view(full.value)
    ended = msgspec.structs.replace(full.value, revoked=now)
    system.write(*_puts(system, call.store, ended, full.revision, shown.revision))
    call.platform.keys.forget(key)
    return _view(ended)


@edge.route(bp, "POST", "/v1/keys/{key}/aws", scope="predict", returns=AwsPair)
def aws_pair(call: edge.Call[None], key: str) -> AwsPair:
    """Tell the pair with which clients of AWS sign in the name of a key: of the key that asks, or for an admin of any.

    It is the same each time, and ends with the key. An admin's own key must live as long as that.
    """
    if key != call.caller.key and "admin" not in call.caller.scopes:
        raise NotFound(f"no key {key!r}")
    stored = call.store.get(KEYS, key)
    if stored is None:
        raise NotFound(f"no key {key!r}")
    if key != call.caller.key and _outlives(stored.value.expires, call.caller):
        raise Forbidden(f"the key {key!r} outlives the key that asks; ask with one that lives as long")
    from functions.edge.signature import secret_of  # noqa: PLC0415  (few keys sign)

    return AwsPair(key, secret_of(call.platform, key))


def _new_key(
    workspace: str, scopes: Iterable[str], name: str, now: datetime, expires: datetime | None
) -> tuple[ApiKey, str]:
    key_id = new_id("key")
    text, digest = new_key_text(key_id)
    key = ApiKey(
        id=key_id,
        workspace=workspace,
        digest=digest,
        scopes=sorted(set(scopes)),
        created=now,
        expires=expires,
        name=name,
    )
    return key, text


def _of(system: Workspace, workspace: str) -> Workspace:
    if workspace == SYSTEM:
        raise ValueError("the system workspace has no keys of its own")
    return Workspace(workspace, system.records, system.blobs)


def _puts(system: Workspace, own: Workspace, key: ApiKey, full: int = 0, shown: int = 0) -> tuple[Put, Put]:
    """The two writes of one key; ``full`` and ``shown`` are the revisions expected."""
    copy = msgspec.structs.replace(key, digest="")
    return (
        system.put(KEYS, key.id, value=key, expect=full),
        own.put(KEYS, key.id, value=copy, expect=shown),
    )


def _find(call: edge.Call[RotateKey] | edge.Call[None], key: str) -> tuple[Stored[ApiKey], Stored[ApiKey]]:
    # Asked of the caller's own workspace first: another's key is not there.
    shown = call.store.get(KEYS, key)
    full = None if shown is None else call.platform.system.get(KEYS, key)
    if shown is None or full is None:
        raise NotFound(f"no key {key!r}")
    return full, shown


def _after(now: datetime, seconds: int | None) -> datetime | None:
    try:
        return None if seconds is None else now + timedelta(seconds=seconds)
    except OverflowError:
        raise InvalidInput("too far in the future", field="expires_in") from None


def _outlives(expires: datetime | None, caller: Caller) -> bool:
    return caller.expires is not None and (expires is None or expires > caller.expires)


def _successors_end(old: ApiKey, caller: Caller, now: datetime) -> datetime | None:
    """When a key that lives as long as ``old`` did ends, but never after the ``caller``."""
    if old.expires is None:
        return None
    try:
        end = now + (old.expires - old.created)
    except OverflowError:
        end = datetime.max.replace(tzinfo=now.tzinfo)
    return end if caller.expires is None else min(end, caller.expires)


def _view(key: ApiKey, secret: str | None = None) -> KeyView:
    return KeyView(
        id=key.id,
        scopes=key.scopes,
        created=key.created,
        name=key.name,
        expires=key.expires,
        revoked=key.revoked,
        secret=secret,
    )
