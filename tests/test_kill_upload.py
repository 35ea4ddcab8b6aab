"""`kill -9` of the whole platform while a file comes in, or is read: no version is half there, and none twice."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from functions.records.kinds import DATASET_VERSIONS, UPLOADS
from functions.storage import Workspace
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from tests.support.waiting import BACKSTOP, until
from tests.test_kill import ask, kill, platform

pytestmark = pytest.mark.slow

IN_WINDOWS = {"LEPTON_LARGE_FILE_BYTES": "100000"}


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Workspace]:
    records = DiskRecords(tmp_path / "state" / "records.sqlite")
    yield Workspace("default", records, DiskBlobs(tmp_path / "state" / "blobs"))
    records.close()


def digits() -> bytes:
    """Rows enough for several parts: a digit takes two bytes of the file, and eight of a part."""
    cells = np.full((800_000, 12), ord(","), dtype=np.uint8)
    cells[:, ::2] = np.random.default_rng(0).integers(ord("0"), ord("9"), size=(800_000, 6), endpoint=True)
    cells[:, 10] = ord("0") + cells[:, 10] % 2
    cells[:, 11] = ord("\n")
    return b"a,b,c,d,e,label\n" + cells.tobytes()


@contextmanager
def sending(url: str, key: str, path: str, data: bytes, part: int) -> Iterator[None]:
    """A client that has sent the first ``part`` bytes of a file, and waits."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port or 0), timeout=BACKSTOP) as client:
        head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: text/csv\r\n"
        client.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data[:part])
        yield


def test_killed_while_a_file_comes_in_nothing_of_it_is_there_and_it_can_be_sent_again(
    tmp_path: Path, stored: Workspace
) -> None:
    state, data = tmp_path / "state", digits()
    drafts = state / "blobs" / ".tmp"
    with platform(state, **IN_WINDOWS) as (process, url, key):
        upload = ask(url, key, "POST", "/v1/datasets/m/upload", {"size": len(data), "label": "label"})
        path = f"/v1/datasets/m/upload/{upload['id']}"
        with sending(url, key, path, data, len(data) // 2):
            until(lambda: any(one.stat().st_size for one in drafts.iterdir()), "some of it is on the disk")
            kill(process)
    assert stored.blobs.keys("default/incoming/") == []
    with platform(state, **IN_WINDOWS) as (_, url, key):
        assert ask(url, key, "GET", path)["state"] == "waiting"
        ask(url, key, "PUT", path, data)
        until(lambda: ask(url, key, "GET", path)["state"] == "accepted", "it is a version")
    assert len(stored.list(DATASET_VERSIONS, "m")) == 1


@pytest.mark.parametrize("where", ["default/incoming/", "default/tables/"])
def test_killed_while_a_file_is_read_the_next_platform_reads_it_to_its_end(
    tmp_path: Path, stored: Workspace, where: str
) -> None:
    state, data = tmp_path / "state", digits()
    with platform(state, **IN_WINDOWS) as (process, url, key):
        upload = ask(url, key, "POST", "/v1/datasets/m/upload", {"size": len(data), "label": "label"})
        path = f"/v1/datasets/m/upload/{upload['id']}"
        with sending(url, key, path, data, len(data)):
            until(lambda: stored.blobs.keys(where), "the platform is at it")
            kill(process)
    assert stored.list(DATASET_VERSIONS, "m") == []
    assert _state(stored, upload["id"]) == "waiting"
    with platform(state, **IN_WINDOWS):
        until(lambda: _state(stored, upload["id"]) == "accepted", "it is a version")
        until(lambda: stored.blobs.keys("default/incoming/") == [], "the file is moved away")
    ((_, version),) = stored.list(DATASET_VERSIONS, "m")
    assert version.value.rows == 800_000
    assert len(version.value.parts) > 1
    assert sorted(stored.blobs.keys("default/tables/")) == sorted(file.key for file in version.value.files)


def _state(stored: Workspace, upload: str) -> str:
    found = stored.get(UPLOADS, "m", upload)
    return "" if found is None else found.value.state
