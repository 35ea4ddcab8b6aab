"""All of a store at once: what a backup reads, and what a restore writes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from functions.storage.protocols import Blobs, Record, Records


class Whole(Protocol):
    """All of a store, beside `Records`, which has one partition at a time, and `Blobs`."""

    def files(self) -> Iterator[tuple[str, int]]:
        """The key and the size in bytes of every blob, ordered by key."""
        ...

    def all(self) -> Iterator[Record]:
        """Every record, in no order. What is written meanwhile may or may not be among them."""
        ...

    def snapshot(self) -> Iterator[Record]:
        """Every record as of one moment, ordered by partition and key. Raises ``Unavailable`` if there is none."""
        ...

    def load(self, records: Iterable[Record]) -> None:
        """Write each of ``records`` with the revision that it has.

        One that is there with the same revision or a newer one stays as it is, so that a second time changes nothing.
        Raises `Lost` for one that is there with an older revision; those before it are written.
        """
        ...


@dataclass(frozen=True)
class WholeStore:
    """A store, of which all can be read and written. So many blobs are on their way at once: ``width``."""

    records: Records
    blobs: Blobs
    whole: Whole
    width: int = 1
