"""What every test gets: a small deterministic world, and the fixture ``store`` over both stores."""

import os

# Before numpy is imported by anything: several threads cost more than they bring on small matrices.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.support.moto_aws import MotoAws
    from tests.support.stores import Store

# Examples of one test share its fixtures on purpose where they do (each takes a partition of its own).
settings.register_profile(
    "lepton",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("lepton")


@pytest.fixture(scope="session")
def _moto() -> "Iterator[MotoAws]":
    # Imported here: moto and boto3 take a second, and most tests need neither.
    from tests.support.moto_aws import moto_aws

    with moto_aws() as aws:
        yield aws


@pytest.fixture
def aws(_moto: "MotoAws") -> "MotoAws":
    """Moto with an empty bucket and table."""
    _moto.reset()
    return _moto


@pytest.fixture(params=["disk", "aws"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[Store]":
    """A fresh store: every test that asks for it runs over both."""
    from tests.support import stores

    if request.param == "aws":
        yield stores.aws_store(request.getfixturevalue("aws"))
    else:
        with stores.disk_store(tmp_path / "store") as store:
            yield store


@pytest.fixture
def disk(tmp_path: Path) -> "Iterator[Store]":
    """The disk store alone, in ``tmp_path / "store"``."""
    from tests.support import stores

    with stores.disk_store(tmp_path / "store") as store:
        yield store
