"""What a process remembers of its work: what was made last, and what is under way."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

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
    """What the threads of this process are at, so that no two do the same.

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
