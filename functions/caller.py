"""Who calls, and what this process remembers of the keys that it has verified."""

from dataclasses import dataclass
from datetime import datetime

_MOST_ENTRIES = 10_000


@dataclass(frozen=True)
class Caller:
    """Who calls: a key (or the process itself) with its scopes, in one workspace."""

    workspace: str
    key: str
    scopes: frozenset[str]


class KeyCache:
    """The keys that this process has verified, each until a time at which it must be looked up again.

    Entries are found by the SHA-256 of the key's text: the process does not hold its callers' secrets.
    """

    def __init__(self) -> None:
        self._entries: dict[bytes, tuple[Caller, datetime]] = {}

    def get(self, digest: bytes, now: datetime) -> Caller | None:
        """The caller with this key, if it was verified and the entry has not ended."""
        entry = self._entries.get(digest)
        return entry[0] if entry is not None and now < entry[1] else None

    def put(self, digest: bytes, caller: Caller, until: datetime) -> None:
        """Remember ``caller`` until then."""
        if len(self._entries) >= _MOST_ENTRIES:
            self._entries.clear()  # rebuilt with one read a key that is really in use
        self._entries[digest] = (caller, until)

    def forget(self, key_id: str) -> None:
        """Look the key up again at its next use."""
        entries = list(self._entries.items())
        for digest in [digest for digest, (caller, _) in entries if caller.key == key_id]:
            self._entries.pop(digest, None)
