"""The interface of a store. `tests/contract` says it again as a suite that every store runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_RECORD_BYTES = 350_000
"""Largest body of one record (DynamoDB ends at 400 KB with keys and overhead)."""

MAX_WRITES = 100
"""Most writes in one transaction (DynamoDB's own limit)."""


class BlobMissing(Exception):
    """No blob has this key."""


class BlobExists(Exception):
    """The key is taken: blobs are written once and never overwritten."""


class Lost(Exception):
    """A conditional write met another revision than it expected: nothing of the transaction was written.

    ``partition`` and ``key`` name one write whose condition failed.
    """

    def __init__(self, partition: str, key: str) -> None:
        super().__init__(f"{partition} {key}: another revision is stored than the one expected")
        self.partition = partition
        self.key = key


@dataclass(frozen=True, slots=True)
class Record:
    """One stored record: ``revision`` is 1 when created and grows by 1 at each write."""

    partition: str
    key: str
    revision: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Put:
    """Write ``body`` if the stored revision is ``expect`` (0: if there is no such record)."""

    partition: str
    key: str
    body: bytes
    expect: int


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the record if the stored revision is ``expect``."""

    partition: str
    key: str
    expect: int


@dataclass(frozen=True, slots=True)
class Check:
    """Write nothing; demand that the stored revision is ``expect`` (0: that there is no such record)."""

    partition: str
    key: str
    expect: int


Write = Put | Delete | Check


class Records(Protocol):
    """Small records under (partition, key), strongly consistent, every write conditional."""

    def get(self, partition: str, key: str) -> Record | None:
        """The record as of now, or None."""
        ...

    def query(
        self, partition: str, *, after: str = "", limit: int = 100, reverse: bool = False
    ) -> list[Record]:
        """At most ``limit`` records of one partition in the byte order of their keys, beyond ``after``.

        With ``reverse`` from the last key downwards, and ``after`` then means "below this key" ("" = from the end).
        """
        ...

    def write(self, writes: Sequence[Write]) -> None:
        """All of ``writes`` or none, as one transaction; at most `MAX_WRITES`, no two on the same record.

        Durable when it returns. Raises `Lost` when a condition does not hold; a retry of our own write whose
        answer got lost on the way is recognised and is no `Lost`. Raises ``TooLarge`` for a body over
        `MAX_RECORD_BYTES` and ``ValueError`` for an empty or repeated address: nothing is written then.
        """
        ...


class Draft(Protocol):
    """A blob that comes in pieces, and has no key before it is whole. What was not put leaves nothing."""

    @property
    def size(self) -> int:
        """How many bytes came so far."""
        ...

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes so far, as `lepton_core.artifact.digest` writes it."""
        ...

    def write(self, piece: bytes) -> None:
        """Take the next bytes. None of them stays in memory."""
        ...

    def whole(self) -> bytes:
        """All bytes that came so far, in memory. Not to be called after `put` or `drop`."""
        ...

    def put(self, key: str) -> None:
        """Store what came, as `Blobs.put` does; a draft may be put under another key after `BlobExists`."""
        ...

    def drop(self) -> None:
        """Remove the draft; what was put stays. To be called at the end, whatever happened; twice is fine."""
        ...


class Blobs(Protocol):
    """Files under slash-separated keys, written once."""

    def put(self, key: str, data: bytes) -> None:
        """Store ``data``, durable when it returns; nobody ever sees a part of it.

        Raises `BlobExists` if the key is taken, whatever it holds.
        """
        ...

    def get(self, key: str) -> bytes:
        """All bytes, or `BlobMissing`."""
        ...

    def draft(self) -> Draft:
        """A new blob that is to come in pieces, for what does not fit in memory."""
        ...

    def read(self, key: str, start: int, most: int) -> bytes:
        """At most ``most`` >= 1 bytes from ``start`` >= 0 on; none behind the end. Raises `BlobMissing`."""
        ...

    def size(self, key: str) -> int | None:
        """Length in bytes, or None if there is no such blob."""
        ...

    def keys(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[str]:
        """At most ``limit`` keys that begin with ``prefix``, in byte order, beyond ``after``."""
        ...

    def delete(self, key: str) -> None:
        """Remove it; removing what is not there is fine."""
        ...

    def download_url(self, key: str, *, name: str, seconds: int) -> str | None:
        """Where a client may GET the blob without credentials, as a file called ``name``; None: there is no such way.

        ``name`` is of letters, digits and "_-.".
        """
        ...

    def upload_url(self, key: str, *, size: int, seconds: int) -> str | None:
        """Where a client may PUT exactly ``size`` bytes without credentials; None: there is no such way."""
        ...
