"""The contract holds for every store: those of the platform, and the one in memory that fast tests use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import stores
from tests.support.memory import MemoryBlobs, MemoryRecords
from tests.support.stores import Store


@pytest.fixture(params=["memory", "disk", "aws"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield Store("memory", MemoryRecords(), MemoryBlobs())
    elif request.param == "disk":
        with stores.disk_store(tmp_path / "store") as store:
            yield store
    else:
        yield stores.aws_store(request.getfixturevalue("aws"))
