"""The caller: a key, or the process itself, with its scopes in one workspace."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Caller:
    """The caller: a key (or the process itself) with its scopes, in one workspace, until ``expires`` if set.

    ``session`` is that of a browser which has signed in with the key.
    """

    workspace: str
    key: str
    scopes: frozenset[str]
    expires: datetime | None = None
    session: str | None = None
