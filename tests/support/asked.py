"""A store that tells which keys it was asked for, and everything that it holds."""

from functions.storage import Blobs, Records
from tests.support.watched import Call, WatchedBlobs, WatchedRecords


class AskedRecords(WatchedRecords):
    """`Records` that keeps the partition of every call in ``asked``."""

    def __init__(self, inner: Records) -> None:
        super().__init__(inner, before=self._note)
        self.asked: list[str] = []
        self.written: set[tuple[str, str]] = set()

    def _note(self, call: Call) -> None:
        self.asked += call.places
        self.written |= {(write.partition, write.key) for write in call.writes}

    def held(self) -> dict[str, bytes]:
        """Every record that was ever written through this object and is still there."""
        found = [self.inner.get(*place) for place in sorted(self.written)]
        return {f"{record.partition}/{record.key}": record.body for record in found if record is not None}


class AskedBlobs(WatchedBlobs):
    """`Blobs` that keeps the key of every call in ``asked``."""

    def __init__(self, inner: Blobs) -> None:
        self.asked: list[str] = []
        super().__init__(inner, before=lambda call: self.asked.extend(call.places))

    def held(self) -> dict[str, bytes]:
        """Every blob."""
        return {key: self.inner.get(key) for key in self.inner.keys("", limit=10_000)}
