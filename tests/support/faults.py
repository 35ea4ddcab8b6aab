"""Wrappers around any store: one kills at the n-th write, one counts calls.

A test that a handler survives being killed reads::

    counter = KillSwitch()
    run(FaultyRecords(store.records, counter), FaultyBlobs(store.blobs, counter))
    for number, when in kill_points(counter.count):        # each with a fresh store
        kill = KillSwitch(number, when)
        with pytest.raises(Killed):
            run(FaultyRecords(fresh.records, kill), FaultyBlobs(fresh.blobs, kill))
        run(fresh.records, fresh.blobs)                    # delivered again
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Literal

from functions.storage import Blobs, Draft, Record, Records, Write
from tests.support.watched import WatchedBlobs, WatchedRecords

When = Literal["before", "after"]


class Killed(BaseException):
    """The process is gone. No handler catches it: it is no ``Exception``."""


class KillSwitch:
    """Counts the writes of all the stores that share it, and kills at one of them.

    ``number`` counts from 1 (None: never). ``before``: the write does not happen; ``after``: it happens, and
    nobody hears of it. From then on every call, reads too, raises `Killed`: a dead process does not clean up.
    ``log`` has one word per write that was tried, so that a failing test says where it killed.
    """

    def __init__(self, number: int | None = None, when: When = "before") -> None:
        self.number = number
        self.when = when
        self.log: list[str] = []
        self.dead = False
        self._lock = Lock()

    @property
    def count(self) -> int:
        """Writes tried so far."""
        return len(self.log)

    def check(self) -> None:
        """Raise `Killed` if the process is dead."""
        if self.dead:
            raise Killed(f"dead since write {self.number}: {self.log[-1]}")

    @contextmanager
    def write(self, what: str) -> Iterator[None]:
        """Around one write."""
        with self._lock:
            self.check()
            self.log.append(what)
            mine = len(self.log) == self.number
            if mine and self.when == "before":
                self.dead = True
        self.check()
        try:
            yield
        finally:
            # A write that fails by itself, at the moment of the kill, is not heard of either.
            self.dead = self.dead or mine
            self.check()


@contextmanager
def killed(kill: KillSwitch) -> Iterator[None]:
    """Around what the switch must kill."""
    with suppress(Killed):
        yield
    assert kill.dead


def kill_points(total: int) -> list[tuple[int, When]]:
    """Before and after each of ``total`` writes."""
    moments: tuple[When, When] = ("before", "after")
    return [(number, when) for number in range(1, total + 1) for when in moments]


class FaultyRecords:
    """`Records` under a `KillSwitch`."""

    def __init__(self, inner: Records, kill: KillSwitch) -> None:
        self._inner = inner
        self._kill = kill

    def get(self, partition: str, key: str) -> Record | None:
        self._kill.check()
        return self._inner.get(partition, key)

    def query(
        self, partition: str, *, after: str = "", limit: int = 100, reverse: bool = False
    ) -> list[Record]:
        self._kill.check()
        return self._inner.query(partition, after=after, limit=limit, reverse=reverse)

    def write(self, writes: Sequence[Write]) -> None:
        where = " ".join(f"{type(write).__name__}({write.partition} {write.key})" for write in writes)
        with self._kill.write(f"records.write {where}"):
            self._inner.write(writes)


class FaultyBlobs:
    """`Blobs` under a `KillSwitch`."""

    def __init__(self, inner: Blobs, kill: KillSwitch) -> None:
        self._inner = inner
        self._kill = kill

    def put(self, key: str, data: bytes) -> None:
        with self._kill.write(f"blobs.put {key}"):
            self._inner.put(key, data)

    def get(self, key: str) -> bytes:
        self._kill.check()
        return self._inner.get(key)

    def read(self, key: str, start: int, most: int) -> bytes:
        self._kill.check()
        return self._inner.read(key, start, most)

    def draft(self) -> Draft:
        self._kill.check()
        return self._inner.draft()

    def size(self, key: str) -> int | None:
        self._kill.check()
        return self._inner.size(key)

    def keys(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[str]:
        self._kill.check()
        return self._inner.keys(prefix, after=after, limit=limit)

    def delete(self, key: str) -> None:
        with self._kill.write(f"blobs.delete {key}"):
            self._inner.delete(key)

    def download_url(self, key: str, *, name: str, seconds: int) -> str | None:
        self._kill.check()
        return self._inner.download_url(key, name=name, seconds=seconds)

    def upload_url(self, key: str, *, size: int, seconds: int) -> str | None:
        self._kill.check()
        return self._inner.upload_url(key, size=size, seconds=seconds)


class CountingRecords(WatchedRecords):
    """`Records` that counts its calls in ``calls`` under ``records.get`` and so on."""

    def __init__(self, inner: Records, calls: Counter[str]) -> None:
        super().__init__(inner, before=lambda call: calls.update([call.name]))


class CountingBlobs(WatchedBlobs):
    """`Blobs` that counts its calls in ``calls`` under ``blobs.get`` and so on."""

    def __init__(self, inner: Blobs, calls: Counter[str]) -> None:
        super().__init__(inner, before=lambda call: calls.update([call.name]))
