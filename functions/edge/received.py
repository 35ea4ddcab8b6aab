"""What came with a request and is no JSON: a file, in memory or in a draft of the store, or cells, handed over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from functions.storage import Blobs, Draft
from lepton_core.artifact import digest

DRAFT = "draft"
"""The key of an event under which a host passes the draft; nothing that a client sends gets there."""

HANDED = "handed"
"""The key of an event under which a host in the same process hands over a value in place of a body; as `DRAFT`."""

Cell = float | int | str | bool | None


class HandedCells(Protocol):
    """Rows by column, as a host hands them over that has them in this process: ``cells[j]`` are those of column j.

    They are as JSON would have brought them: there is no NaN, and no half of a surrogate pair.
    """

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns."""
        ...

    @property
    def cells(self) -> Sequence[Sequence[Cell]]:
        """The cells of each column, as many as there are rows."""
        ...

    @property
    def explain(self) -> bool:
        """As in `Predict`."""
        ...


@dataclass(frozen=True)
class Received:
    """The body of a route that takes a file."""

    data: bytes
    draft: Draft | None = None

    @classmethod
    def of(cls, event: Mapping[str, Any], data: bytes) -> Self:
        """The file of an event whose body is ``data``."""
        return cls(data, event.get(DRAFT))

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.data) if self.draft is None else self.draft.size

    @property
    def digest(self) -> str:
        """Its SHA-256, see `lepton_core.artifact.digest`."""
        return digest(self.data) if self.draft is None else self.draft.digest

    def put(self, blobs: Blobs, key: str) -> None:
        """Store it, see `Blobs.put`."""
        if self.draft is None:
            blobs.put(key, self.data)
        else:
            self.draft.put(key)
