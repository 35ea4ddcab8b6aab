"""The contract is kept by every store there is, that of the tests too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stores import Store, aws_store, disk_store, memory_store


@pytest.fixture(params=["disk", "aws", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh store."""
    if request.param == "aws":
        yield aws_store(request.getfixturevalue("aws"))
    elif request.param == "memory":
        yield memory_store()
    else:
        with disk_store(tmp_path / "store") as store:
            yield store
