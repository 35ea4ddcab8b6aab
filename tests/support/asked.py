"""A store that tells which keys it was asked for, and everything that it holds."""

from collections.abc import Sequence

from functions.storage import Blobs, Record, Records, Write


class AskedRecords:
    """`Records` that keeps the partition of every call in ``asked``."""

    def __init__(self, inner: Records) -> None:
        self._inner = inner
        self.asked: list[str] = []
        self.written: set[tuple[str, str]] = set()

    def get(self, partition: str, key: str) -> Record | None:
        self.asked.append(partition)
        return self._inner.get(partition, key)

    def query(
        self, partition: str, *, after: str = "", limit: int = 100, reverse: bool = False
    ) -> list[Record]:
        self.asked.append(partition)
        return self._inner.query(partition, after=after, limit=limit, reverse=reverse)

    def write(self, writes: Sequence[Write]) -> None:
        self.asked += [write.partition for write in writes]
        self.written |= {(write.partition, write.key) for write in writes}
        self._inner.write(writes)

    def held(self) -> dict[str, bytes]:
        """Every record that was ever written through this object and is still there."""
        found = [self._inner.get(*place) for place in sorted(self.written)]
        return {f"{record.partition}/{record.key}": record.body for record in found if record is not None}


class AskedBlobs:
    """`Blobs` that keeps the key of every call in ``asked``."""

    def __init__(self, inner: Blobs) -> None:
        self._inner = inner
        self.asked: list[str] = []

    def put(self, key: str, data: bytes) -> None:
        self.asked.append(key)
        self._inner.put(key, data)

    def get(self, key: str) -> bytes:
        self.asked.append(key)
        return self._inner.get(key)

    def size(self, key: str) -> int | None:
        self.asked.append(key)
        return self._inner.size(key)

    def keys(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[str]:
        self.asked.append(prefix)
        return self._inner.keys(prefix, after=after, limit=limit)

    def delete(self, key: str) -> None:
        self.asked.append(key)
        self._inner.delete(key)

    def upload_url(self, key: str, *, size: int, seconds: int) -> str | None:
        self.asked.append(key)
        return self._inner.upload_url(key, size=size, seconds=seconds)

    def held(self) -> dict[str, bytes]:
        """Every blob."""
        return {key: self._inner.get(key) for key in self._inner.keys("", limit=10_000)}
