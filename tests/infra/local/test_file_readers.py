"""Files are read in processes of their own; what they end of, and what is done then."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from functions.context import Context
from functions.records.kinds import DATASET_VERSIONS, UPLOADS
from functions.storage.disk_blobs import DiskBlobs
from infra.local.file_readers import MOST_DEATHS, FileReaders
from infra.local.stack import Stack, open_embedded, open_reader
from lepton_core.errors import Unavailable
from tests.infra.local.asking import CSV

KEY = "default/incoming/m/data.csv"


class Marking(DiskBlobs):
    """Blobs that leave the number of the process which reads a file."""

    def get(self, key: str) -> bytes:
        if "/incoming/" in key:
            (self._root.parent / "reader").write_text(str(os.getpid()))
        return super().get(key)


class Killing(DiskBlobs):
    """Blobs that end the process which reads a file, as the kernel does where memory runs out."""

    def get(self, key: str) -> bytes:
        os._exit(9)


def opened(blobs: type[DiskBlobs], data: Path) -> Context:
    return replace(open_reader(data), blobs=blobs(data / "blobs"))


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with closing(open_embedded(tmp_path, background=False)) as stack:
        stack.platform.blobs.put(KEY, CSV)
        yield stack


@pytest.fixture
def readers(stack: Stack, tmp_path: Path) -> Iterator[Callable[[type[DiskBlobs]], FileReaders]]:
    made: list[FileReaders] = []

    def make(blobs: type[DiskBlobs]) -> FileReaders:
        made.append(FileReaders(stack.platform, partial(opened, blobs, tmp_path)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.slow
def test_a_file_becomes_a_version_in_another_process(
    stack: Stack, readers: Callable[[type[DiskBlobs]], FileReaders], tmp_path: Path
) -> None:
    upload = readers(Marking).landed(KEY)
    assert upload is not None
    assert (upload.state, upload.version) == ("accepted", 1)
    assert int((tmp_path / "reader").read_text()) != os.getpid()
    assert len(stack.platform.workspace("default").list(DATASET_VERSIONS, "m")) == 1


@pytest.mark.slow
def test_a_file_that_ends_its_process_time_and_again_is_rejected_with_the_reason(
    stack: Stack, readers: Callable[[type[DiskBlobs]], FileReaders]
) -> None:
    killed = readers(Killing)
    for _ in range(MOST_DEATHS - 1):
        with pytest.raises(Unavailable, match="read again"):
            killed.landed(KEY)
        assert stack.platform.workspace("default").list(UPLOADS, "m") == []
    upload = killed.landed(KEY)
    assert upload is not None and upload.error is not None
    assert (upload.state, upload.error.code) == ("rejected", "too_large")
    assert "may need more memory" in upload.error.message


def test_a_file_that_another_thread_is_at_is_left_to_it(
    stack: Stack, readers: Callable[[type[DiskBlobs]], FileReaders]
) -> None:
    with stack.platform.under_way.alone(KEY):
        assert readers(Killing).landed(KEY) is None
