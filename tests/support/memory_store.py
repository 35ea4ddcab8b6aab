"""A store in memory that tells what it was asked. It passes the contract of every store (`tests/contract`)."""

import bisect
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.storage import BlobExists, BlobMissing, Delete, Draft, Lost, Put, Record, Write
from functions.storage.checks import (
    check_address,
    check_after,
    check_blob_key,
    check_partition,
    check_writes,
)
from functions.storage.file_draft import FileDraft


@dataclass
class MemoryRecords:
    """`Records` in a dict; ``asked`` lists the partition of every read and write."""

    held: dict[tuple[str, str], Record] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, partition: str, key: str) -> Record | None:
        check_address(partition, key)
        self.asked.append(partition)
        return self.held.get((partition, key))

    def query(
        self, partition: str, *, after: str = "", limit: int = 100, reverse: bool = False
    ) -> list[Record]:
        check_partition(partition)
        check_after(after)
        self.asked.append(partition)
        with self.lock:
            held = dict(self.held)
        # Strings compare by code point, which is the byte order of their UTF-8.
        keys = sorted(key for where, key in held if where == partition)
        if reverse:
            keys = (keys[: bisect.bisect_left(keys, after)] if after else keys)[::-1]
        else:
            keys = keys[bisect.bisect_right(keys, after) :]
        return [held[partition, key] for key in keys[: max(limit, 0)]]

    def write(self, writes: Sequence[Write]) -> None:
        check_writes(writes)
        with self.lock:
            self.asked.extend(write.partition for write in writes)
            for write in writes:
                stored = self.held.get((write.partition, write.key))
                if (stored.revision if stored else 0) != write.expect:
                    raise Lost(write.partition, write.key)
            for write in writes:
                place = (write.partition, write.key)
                if isinstance(write, Put):
                    self.held[place] = Record(*place, write.expect + 1, bytes(write.body))
                elif isinstance(write, Delete):
                    self.held.pop(place, None)


@dataclass
class MemoryBlobs:
    """`Blobs` in a dict; ``asked`` lists the key of every read and write."""

    held: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: str, data: bytes) -> None:
        check_blob_key(key)
        self.asked.append(key)
        with self.lock:
            if key in self.held:
                raise BlobExists(key)
            self.held[key] = bytes(data)

    def get(self, key: str) -> bytes:
        check_blob_key(key)
        self.asked.append(key)
        found = self.held.get(key)
        if found is None:
            raise BlobMissing(key)
        return found

    def read(self, key: str, start: int, most: int) -> bytes:
        return self.get(key)[start : start + most]

    def draft(self) -> Draft:
        return FileDraft(lambda key, file: self.put(key, file.read()))

    def size(self, key: str) -> int | None:
        check_blob_key(key)
        self.asked.append(key)
        found = self.held.get(key)
        return None if found is None else len(found)

    def keys(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[str]:
        check_after(after)
        self.asked.append(prefix)
        with self.lock:
            found = sorted(key for key in self.held if key.startswith(prefix) and key > after)
        return found[: max(limit, 0)]

    def delete(self, key: str) -> None:
        check_blob_key(key)
        self.asked.append(key)
        with self.lock:
            self.held.pop(key, None)

    def download_url(self, key: str, *, name: str, seconds: int) -> str | None:
        check_blob_key(key)
        return None

    def upload_url(self, key: str, *, size: int, seconds: int) -> str | None:
        check_blob_key(key)
        return None
