"""A file that comes over HTTP goes to a draft of the store part by part; if it does not come whole, nothing is left."""

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import urllib3
from chalice.app import Chalice

from functions.caller import Caller
from functions.context import Platform
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_draft import DiskDraft
from lepton_core.errors import StorageFull
from tests.infra.local.test_server import running
from tests.support import waiting
from tests.support.waiting import BACKSTOP

MEGABYTE = 1 << 20
CSV = {"content-type": "text/csv"}
OWNER = Caller("default", "owner", frozenset({"write"}))


class WatchedDraft(DiskDraft):
    """A draft that remembers how large its parts were, and has no room for more than ``room`` bytes."""

    parts: list[int]
    room: float

    def write(self, piece: bytes) -> None:
        if self.size + len(piece) > self.room:
            raise StorageFull("no room")
        self.parts.append(len(piece))
        super().write(piece)


class WatchedBlobs(DiskBlobs):
    """Blobs whose drafts are `WatchedDraft`."""

    def __init__(self, root: Path, room: float = float("inf")) -> None:
        super().__init__(root)
        self.root, self.room, self.parts = root, room, list[int]()

    def draft(self) -> DiskDraft:
        made = super().draft()
        made.__class__ = WatchedDraft
        made.parts, made.room = self.parts, self.room  # type: ignore[attr-defined]
        return made

    @property
    def left(self) -> list[Path]:
        return [path for path in self.root.rglob("*") if path.is_file()]


@pytest.fixture
def blobs(tmp_path: Path) -> WatchedBlobs:
    return WatchedBlobs(tmp_path / "blobs")


@pytest.fixture
def owned(platform: Platform, blobs: WatchedBlobs) -> Platform:
    return replace(platform, blobs=blobs, owner=OWNER)


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as pool:
        yield pool


def test_a_file_is_never_held_as_a_whole(
    small_app: Chalice, owned: Platform, blobs: WatchedBlobs, http: urllib3.PoolManager
) -> None:
    with running(small_app, owned) as server:
        sent = (b"x" * MEGABYTE for _ in range(30))
        answer = http.request("PUT", server.url + "/v1/files", body=sent, headers=CSV, chunked=True)
    assert answer.json() == {"size": 30 * MEGABYTE}
    assert sum(blobs.parts) == 30 * MEGABYTE
    assert max(blobs.parts) <= MEGABYTE
    assert blobs.left == []


def test_a_disk_that_gets_full_is_a_typed_error_and_leaves_nothing(
    small_app: Chalice, owned: Platform, blobs: WatchedBlobs, http: urllib3.PoolManager
) -> None:
    blobs.room = 3 * MEGABYTE
    with running(small_app, owned) as server:
        sent = b"x" * (5 * MEGABYTE)
        answer = http.request("PUT", server.url + "/v1/files", body=sent, headers=CSV)
    assert (answer.status, answer.json()["error"]["code"]) == (507, "storage_full")
    assert blobs.left == []


def test_a_client_that_breaks_off_leaves_nothing(
    small_app: Chalice, owned: Platform, blobs: WatchedBlobs
) -> None:
    with running(small_app, owned) as server:
        with socket.create_connection(server.listener.getsockname()[:2], timeout=BACKSTOP) as client:
            head = b"PUT /v1/files HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 9000000\r\n\r\n"
            client.sendall(head + b"x" * 2_000_000)
            waiting.until(
                lambda: sum(blobs.parts), "what was sent is written", lambda size: size == 2_000_000
            )
            assert len(blobs.left) == 1
        waiting.until(lambda: blobs.left, "nothing is left", lambda left: not left)


def test_the_draft_of_a_process_that_was_killed_goes_with_a_later_one(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    left = tmp_path / "blobs" / ".tmp" / "left"
    left.write_bytes(b"half")
    blobs.draft().drop()
    assert left.exists()  # it may be another process's, at work
    os.utime(left, (0, 0))
    blobs.draft().drop()
    assert not left.exists()
