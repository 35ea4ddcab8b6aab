"""Sessions of the console: sign in with a key or a link, see who is signed in, sign out."""

from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
from chalice.app import Blueprint

from functions import edge
from functions.context import Platform, new_id
from functions.edge.allow import usable
from functions.edge.session import digest_of, new_secret
from functions.edge.shapes import Page, Request
from functions.records.kinds import KEYS, ApiKey
from functions.records.sessions import LINKS, SESSIONS, Link, Session
from functions.storage import Delete, Lost, Put, Stored, Workspace
from lepton_core.errors import InvalidInput, NotFound, Unauthorized

LINK_SECONDS = 600
"""How long a link waits for somebody to follow it."""

_MOST_CLEARED = 20


class SignIn(Request, frozen=True):
    """Sign in with the text of an API key, or with a ticket: the last part of a link."""

    key: str | None = None
    ticket: str | None = None


class SessionView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who calls: the ``key`` and its ``scopes`` in a ``workspace``.

    ``id``, ``created`` and ``expires`` are those of the session; a caller that sends its key has none.
    """

    workspace: str
    key: str
    scopes: list[str]
    name: str = ""
    id: str | None = None
    created: datetime | None = None
    expires: datetime | None = None


class SignedOut(msgspec.Struct, frozen=True):
    """The session that has ended; null for a caller that has none."""

    session: str | None


bp = Blueprint(__name__)


def new_link(system: Workspace, *, workspace: str, key: str, now: datetime) -> str:
    """The text of a link that signs in with ``key``, an id, once, within `LINK_SECONDS`. Links that ended are removed.

    ``system`` is the system workspace.
    """
    ended = [(at, one) for at, one in system.list(LINKS, limit=_MOST_CLEARED) if one.value.expires <= now]
    for at, one in ended:
        with suppress(Lost):
            system.write(system.delete(LINKS, at, expect=one.revision))
    text, digest = new_secret()
    link = Link(workspace, key, now + timedelta(seconds=LINK_SECONDS))
    system.write(system.put(LINKS, digest, value=link, expect=0))
    return text


@edge.route(bp, "POST", "/v1/session", scope=None, public=True, body=SignIn, returns=SessionView, status=201)
def sign_in(call: edge.Call[SignIn]) -> edge.Reply[SessionView]:
    """Begin a session of a browser with an API key, or with a link of `lepton up`; the answer sets its cookie."""
    platform, now, body = call.platform, call.platform.clock(), call.body
    link: Stored[Link] | None = None
    if body.key is not None and body.ticket is None:
        caller = edge.authenticate(platform, {"x-api-key": body.key})
        workspace, key = caller.workspace, caller.key
    elif body.ticket is not None and body.key is None:
        link = _link(platform.system, body.ticket, now)
        workspace, key = link.value.workspace, link.value.key
    else:
        raise InvalidInput("give a key, or a ticket, and not both", field="key")

    seconds = platform.settings.session_seconds
    secret, digest = new_secret()
    made = Session(new_id("session"), digest, workspace, key, now, now + timedelta(seconds=seconds))
    own = Workspace(workspace, platform.records, platform.blobs)
    of = own.get(KEYS, key)
    if of is None or not usable(of.value, now):
        raise Unauthorized("the API key of this link has expired or was revoked; sign in with another one")

    writes: list[Put | Delete] = [*_puts(platform.system, own, made)]
    if link is not None:
        # Of two that follow a link at the same time one signs in.
        writes.append(platform.system.delete(LINKS, digest_of(body.ticket or ""), expect=link.revision))
    platform.system.write(*writes)
    _clear(platform.system, own, now)
    return edge.Reply(_view(made, of.value), 201, edge.Cookie(secret, int(seconds)))


@edge.route(bp, "GET", "/v1/session", scope="read", returns=SessionView)
def who(call: edge.Call[None]) -> SessionView:
    """Say who calls: the workspace, the key and its scopes, and the session of a browser."""
    caller = call.caller
    found = None if caller.session is None else call.store.get(SESSIONS, caller.session)
    key = call.store.get(KEYS, caller.key)
    of = None if found is None else found.value
    return SessionView(
        workspace=caller.workspace,
        key=caller.key,
        scopes=sorted(caller.scopes),
        name="" if key is None else key.value.name,
        id=None if of is None else of.id,
        created=None if of is None else of.created,
        expires=None if of is None else of.expires,
    )


@edge.route(bp, "DELETE", "/v1/session", scope="read", returns=SignedOut)
def sign_out(call: edge.Call[None]) -> edge.Reply[SignedOut]:
    """End the session of the browser that asks, and have it forget its cookie; a caller with a key has none to end."""
    session = call.caller.session
    if session is not None:
        _end(call.platform, call.store, session)
    return edge.Reply(SignedOut(session), 200, edge.Cookie("", 0))


@edge.route(bp, "GET", "/v1/sessions", scope="admin", returns=Page[SessionView], query=edge.PAGING)
def list_sessions(call: edge.Call[None]) -> Page[SessionView]:
    """List the sessions of your workspace, the oldest first; one that has ended is there until somebody signs in."""
    found = call.store.list(SESSIONS, after=call.after, limit=call.limit + 1)
    keys = {one.value.key: call.store.get(KEYS, one.value.key) for _, one in found}
    views = [
        (at, _view(one.value, key.value)) for at, one in found if (key := keys[one.value.key]) is not None
    ]
    return edge.page(views, call.limit)


@edge.route(bp, "DELETE", "/v1/sessions/{session}", scope="admin", returns=SignedOut)
def end_session(call: edge.Call[None], session: str) -> SignedOut:
    """End a session of your workspace."""
    if not _end(call.platform, call.store, session):
        raise NotFound(f"no session {session!r}")
    return SignedOut(session)


def _link(system: Workspace, text: str, now: datetime) -> Stored[Link]:
    found = system.get(LINKS, digest_of(text))
    if found is None or found.value.expires <= now:
        raise Unauthorized(
            "this link was used already, or is too old; `lepton up` prints a new one at each start"
        )
    return found


def _puts(system: Workspace, own: Workspace, session: Session) -> tuple[Put, Put]:
    """One record finds the session by its secret's digest, the other one lists it in its workspace."""
    return (
        system.put(SESSIONS, session.digest, value=session, expect=0),
        own.put(SESSIONS, session.id, value=session, expect=0),
    )


def _end(platform: Platform, own: Workspace, session: str) -> bool:
    """Whether there was that session; it is over now."""
    shown = own.get(SESSIONS, session)
    if shown is None:
        return False
    _remove(platform.system, own, shown)
    platform.keys.forget(shown.value.key)
    return True


def _remove(system: Workspace, own: Workspace, shown: Stored[Session]) -> None:
    full = system.get(SESSIONS, shown.value.digest)
    gone = [own.delete(SESSIONS, shown.value.id, expect=shown.revision)]
    if full is not None:
        gone.append(system.delete(SESSIONS, shown.value.digest, expect=full.revision))
    system.write(*gone)


def _clear(system: Workspace, own: Workspace, now: datetime) -> None:
    """Remove sessions of the workspace that have ended: who signs in pays for those of before."""
    for _, shown in own.list(SESSIONS, limit=_MOST_CLEARED):
        if shown.value.expires <= now:
            with suppress(Lost):  # somebody else removes it, too
                _remove(system, own, shown)


def _view(session: Session, key: ApiKey) -> SessionView:
    return SessionView(
        workspace=session.workspace,
        key=key.id,
        scopes=key.scopes,
        name=key.name,
        id=session.id,
        created=session.created,
        expires=session.expires,
    )
