"""A store as one tenant sees it: typed records and blobs, every key begun with the workspace's name.

Handlers hold a `Workspace`, never the bare stores, so another tenant's things cannot even be named.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from functions.storage.protocols import Blobs, Check, Delete, Put, Record, Records
from functions.storage.record_codec import RecordKind, decode, encode
from lepton_core.errors import Damaged

T = TypeVar("T")
H = TypeVar("H")

MOST_LOOKED = 2_000
"""Records that one search looks at: what it costs has an end, however few of them fit."""

_AT_ONCE = 200

SYSTEM = "_system"
"""The platform's own workspace (keys, the list of due runs). No tenant can have this name."""

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,255}\Z")


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """A value with the revision under which it was read, to be expected at the next write."""

    value: T
    revision: int


@dataclass(frozen=True)
class Workspace:
    """The records and blobs of the workspace ``name``.

    Records are written in the newest format of their kind and read in any that this program knows;
    `record_codec.decode` says what is raised for others.
    """

    name: str
    records: Records
    blobs: Blobs

    def of(self, name: str) -> "Workspace":
        """The same store as the workspace ``name`` sees it; only the platform itself asks."""
        return Workspace(name, self.records, self.blobs)

    def get(self, kind: RecordKind[T], *path: str) -> Stored[T] | None:
        """The record of ``kind`` at ``path``, or None."""
        partition, key = self._address(kind, path)
        record = self.records.get(partition, key)
        return None if record is None else _decode(kind, record)

    def keys(self, kind: RecordKind[Any], *parents: str, after: str = "", limit: int = 100) -> list[str]:
        """At most ``limit`` keys under ``parents``, in order; what the records hold is not looked at."""
        partition = "/".join([self.name, kind.name, *map(_part, parents)])
        return [record.key for record in self.records.query(partition, after=after, limit=limit)]

    def list(
        self, kind: RecordKind[T], *parents: str, after: str = "", limit: int = 100, reverse: bool = False
    ) -> list[tuple[str, Stored[T]]]:
        """At most ``limit`` pairs (key, record) under ``parents``, ordered by key."""
        partition = "/".join([self.name, kind.name, *map(_part, parents)])
        found = self.records.query(partition, after=after, limit=limit, reverse=reverse)
        return [(record.key, _decode(kind, record)) for record in found]

    def all(
        self,
        kind: RecordKind[T],
        *parents: str,
        after: str = "",
        passing_over: Callable[[Damaged], None] | None = None,
    ) -> Iterator[tuple[str, Stored[T]]]:
        """Every pair (key, record) under ``parents``, ordered by key, read page by page.

        A record that is written or removed meanwhile may or may not appear. One that is damaged raises `Damaged`, or
        is told to ``passing_over`` and left out.
        """
        partition = "/".join([self.name, kind.name, *map(_part, parents)])
        while page := self.records.query(partition, after=after):
            for record in page:
                try:
                    stored = _decode(kind, record)
                except Damaged as error:
                    if passing_over is None:
                        raise
                    passing_over(error)
                    continue
                yield record.key, stored
            after = page[-1].key

    def search(
        self,
        kind: RecordKind[T],
        head: RecordKind[H],
        fits: Callable[[H], bool],
        *,
        after: str = "",
        limit: int = 100,
        reverse: bool = False,
        most: int = MOST_LOOKED,
        having: bytes = b"",
    ) -> tuple[Sequence[tuple[str, Stored[T]]], str | None]:
        """At most ``limit`` pairs (key, record) that fit, ordered by key; and the key to go on behind, None at the end.

        ``head`` reads of a record what tells whether it fits; only those that do are read whole. Of one whose body has
        not these bytes, ``having``, nothing is read, as it is known not to fit. About ``most`` are
        looked at, so there may be fewer than ``limit``, or none, and more behind.
        """
        partition = "/".join([self.name, kind.name])
        found = list[tuple[str, Stored[T]]]()
        looked = 0
        at_once = min(most, _AT_ONCE)
        while looked < most:
            records = self.records.query(partition, after=after, limit=at_once, reverse=reverse)
            for record in records:
                if having in record.body and fits(decode(head, record)):
                    if len(found) == limit:
                        return found, found[-1][0]
                    found.append((record.key, _decode(kind, record)))
            if len(records) < at_once:
                return found, None
            looked, after = looked + len(records), records[-1].key
        return found, after

    def put(self, kind: RecordKind[T], *path: str, value: T, expect: int) -> Put:
        """A write for `write`: nothing happens yet."""
        partition, key = self._address(kind, path)
        return Put(partition, key, encode(kind, value), expect)

    def delete(self, kind: RecordKind[Any], *path: str, expect: int) -> Delete:
        """A removal for `write`."""
        return Delete(*self._address(kind, path), expect)

    def check(self, kind: RecordKind[Any], *path: str, expect: int) -> Check:
        """A condition for `write`."""
        return Check(*self._address(kind, path), expect)

    def write(self, *writes: Put | Delete | Check) -> None:
        """All of them or none; `Lost` when a revision is not the expected one."""
        self.records.write(writes)

    def blob(self, *path: str) -> str:
        """The full key of a blob of this workspace."""
        return "/".join([self.name, *map(_part, path)])

    def _address(self, kind: RecordKind[Any], path: Sequence[str]) -> tuple[str, str]:
        *parents, key = map(_part, path)
        return "/".join([self.name, kind.name, *parents]), key


def _part(text: str) -> str:
    # The API refuses such names with a better message; here it is the wall between tenants.
    if not _PART.match(text):
        raise ValueError(f"not usable in a key: {text!r}")
    return text


def _decode(kind: RecordKind[T], record: Record) -> Stored[T]:
    return Stored(decode(kind, record), record.revision)
