"""The memory of one process: keys that it verified or refused, what it made last, and what is under way."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from functions.caller import Caller

_MOST_ENTRIES = 10_000


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


T = TypeVar("T")


class Recent:
    """The ``most`` values that were asked for last, by key; safe for several threads.

    >>> recent = Recent(2)
    >>> recent.get("a", lambda: 1), recent.get("a", lambda: 2)
    (1, 1)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._items: OrderedDict[Any, Any] = OrderedDict()

    def forget(self, key: Any) -> None:
        """Keep the value of ``key`` no longer."""
        with self._lock:
            self._items.pop(key, None)

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """The value of ``key``, made if it is not there; two threads may both make it, and one is kept."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                found: T = self._items[key]
                return found
        made = make()
        with self._lock:
            self._items[key] = made
            self._items.move_to_end(key)
            while len(self._items) > self._most:
                self._items.popitem(last=False)
        return made


class UnderWay:
    """The work under way in the threads of this process, so that no two do the same.

    >>> under_way = UnderWay()
    >>> with under_way.alone("a") as first, under_way.alone("a") as second:
    ...     first, second
    (True, False)
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._keys: set[str] = set()

    @contextmanager
    def alone(self, key: str) -> Iterator[bool]:
        """Whether nobody else is at ``key``; until the end of the block everybody else hears that somebody is."""
        with self._lock:
            mine = key not in self._keys
            self._keys.add(key)
        try:
            yield mine
        finally:
            if mine:
                with self._lock:
                    self._keys.discard(key)
