"""Sessions of the console: who signed in with which key, links that sign in once; and what signatures are made from."""

from datetime import datetime

import msgspec

from functions.storage import RecordKind


class Session(msgspec.Struct, frozen=True):
    """A browser that has signed in with ``key`` until ``expires``; of its secret only the SHA-256 is kept."""

    id: str
    digest: str
    workspace: str
    key: str
    created: datetime
    expires: datetime


class Link(msgspec.Struct, frozen=True):
    """A link that signs in with ``key``, once, until ``expires``."""

    workspace: str
    key: str
    expires: datetime


class Signing(msgspec.Struct, frozen=True):
    """What the secrets are derived from with which keys sign their requests: 256 random bits, made once."""

    secret: str


SESSIONS = RecordKind("sessions", Session)  # digest (in SYSTEM), and session id (in its workspace)
LINKS = RecordKind("links", Link)  # digest of the link's secret (in SYSTEM)
SIGNING = RecordKind("signing", Signing)  # 'aws' (in SYSTEM)
