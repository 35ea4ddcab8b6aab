"""Stores over another one that are watched: something is called before or after each call, and may raise.

A test in which something happens just before a run is queued reads::

    queued = once(something, lambda call: call.writes_to("/runs"))
    world(store, records=WatchedRecords(store.records, before=queued))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from functions.storage import Blobs, Draft, Record, Records, Write

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One call of a store: its ``name``, such as ``records.get``, and its positional arguments.

    Of a call of records ``places`` are the partitions, one for each write; of one of blobs it is the key or prefix. A
    draft has none yet.
    """

    name: str
    arguments: tuple[Any, ...]

    @property
    def writes(self) -> Sequence[Write]:
        """What it writes into the records: nothing, if it is another call."""
        found: Sequence[Write] = self.arguments[0] if self.name == "records.write" else ()
        return found

    def writes_to(self, part: str) -> bool:
        """Whether it writes into a partition of records whose name holds ``part``."""
        return any(part in write.partition for write in self.writes)

    @property
    def places(self) -> list[str]:
        """See above."""
        if self.name == "records.write":
            return [write.partition for write in self.writes]
        return [*self.arguments[:1]]


Watch = Callable[[Call], object]


def nothing(call: Call) -> None:
    """Does nothing."""


def once(what: Callable[[], object], when: Callable[[Call], object]) -> Watch:
    """Does ``what`` at the first call for which ``when`` is true, and never again."""
    left = [what]

    def watch(call: Call) -> None:
        if left and when(call):
            left.pop()()

    return watch


class _Watched:
    def __init__(self, before: Watch, after: Watch) -> None:
        self.before, self.after = before, after

    def _call(self, name: str, inner: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
        call = Call(name, arguments)
        self.before(call)
        found = inner(*arguments, **named)
        self.after(call)
        return found


class WatchedRecords(_Watched):
    """`Records` that call ``before`` and ``after`` around each call; after one that raised, nobody."""

    def __init__(self, inner: Records, *, before: Watch = nothing, after: Watch = nothing) -> None:
        super().__init__(before, after)
        self.inner = inner

    def get(self, partition: str, key: str) -> Record | None:
        return self._call("records.get", self.inner.get, partition, key)

    def query(
        self, partition: str, *, after: str = "", limit: int = 100, reverse: bool = False
    ) -> list[Record]:
        return self._call(
            "records.query", self.inner.query, partition, after=after, limit=limit, reverse=reverse
        )

    def write(self, writes: Sequence[Write]) -> None:
        self._call("records.write", self.inner.write, writes)


class WatchedBlobs(_Watched):
    """`Blobs` that call ``before`` and ``after`` around each call; after one that raised, nobody."""

    def __init__(self, inner: Blobs, *, before: Watch = nothing, after: Watch = nothing) -> None:
        super().__init__(before, after)
        self.inner = inner

    def put(self, key: str, data: bytes) -> None:
        self._call("blobs.put", self.inner.put, key, data)

    def get(self, key: str) -> bytes:
        return self._call("blobs.get", self.inner.get, key)

    def read(self, key: str, start: int, most: int) -> bytes:
        return self._call("blobs.read", self.inner.read, key, start, most)

    def draft(self) -> Draft:
        return self._call("blobs.draft", self.inner.draft)

    def size(self, key: str) -> int | None:
        return self._call("blobs.size", self.inner.size, key)

    def keys(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[str]:
        return self._call("blobs.keys", self.inner.keys, prefix, after=after, limit=limit)

    def delete(self, key: str) -> None:
        self._call("blobs.delete", self.inner.delete, key)

    def download_url(self, key: str, *, name: str, seconds: int) -> str | None:
        return self._call("blobs.download_url", self.inner.download_url, key, name=name, seconds=seconds)

    def upload_url(self, key: str, *, size: int, seconds: int) -> str | None:
        return self._call("blobs.upload_url", self.inner.upload_url, key, size=size, seconds=seconds)
