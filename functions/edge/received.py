"""A file that came with a request: in memory, or in a draft of the store if the host wrote it there as it came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from functions.storage import Blobs, Draft
from lepton_core.artifact import digest

DRAFT = "draft"
"""The key of an event under which a host passes the draft; nothing that a client sends gets there."""

HANDED = "handed"
"""The key of an event under which a host in the same process hands over a value in place of a body; as `DRAFT`."""


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

    def whole(self) -> bytes:
        """Its bytes, in memory."""
        return self.data if self.draft is None else self.draft.whole()

    def put(self, blobs: Blobs, key: str) -> None:
        """Store it, see `Blobs.put`."""
        if self.draft is None:
            blobs.put(key, self.data)
        else:
            self.draft.put(key)
