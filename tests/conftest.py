"""What every test gets: a small deterministic world, and the fixture ``store`` over both stores."""

import os

# Before numpy is imported by anything: several threads cost more than they bring on small matrices.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

import logging
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import sampling

if TYPE_CHECKING:
    from tests.support.kept_stores import Prepared
    from tests.support.moto_aws import MotoAws
    from tests.support.stores import Store

# Examples of one test share its fixtures on purpose where they do (each takes a partition of its own).
WITHOUT_CLOCK = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("full", WITHOUT_CLOCK)
settings.register_profile("sampled", WITHOUT_CLOCK, max_examples=20)
settings.register_profile("quick", WITHOUT_CLOCK, max_examples=20)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="every case of every family that is sampled")
    parser.addoption("--most", type=int, help="at most so many cases of each family that is sampled")


def pytest_configure(config: pytest.Config) -> None:
    sampling.begin(full=config.getoption("--full"), most=config.getoption("--most"))
    settings.load_profile("quick" if sampling.is_quick() else "full" if sampling.full() else "sampled")


def pytest_report_header() -> str:
    if sampling.full():
        return "everything, nothing sampled"
    return f"large families are sampled: {sampling.SEED}={sampling.seed()} takes the same again, --full takes all"


AGAIN_ON_AWS = "all that passes on disk, again on AWS"
LENGTHY = "tests that take five seconds"
ONE_IN = {AGAIN_ON_AWS: 8, LENGTHY: 3}
"""Of these one in so many runs; the contract of the stores is never left out."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of each family its sample; files with slow tests first, so that no worker is left with one at the end."""
    families: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sampled"):
            families[item.nodeid.partition("[")[0]].append(item)
        elif item.get_closest_marker("lengthy"):
            families[LENGTHY].append(item)
        elif _is_again_on_aws(item):
            families[AGAIN_ON_AWS].append(item)
    gone: set[int] = set()
    for name, family in families.items():
        marker = family[0].get_closest_marker("sampled")
        most = marker.args[0] if marker is not None else -(-len(family) // ONE_IN[name])
        kept = set(map(id, sampling.some(name, family, most)))
        gone.update(id(item) for item in family if id(item) not in kept)
    if gone:
        config.hook.pytest_deselected(items=[item for item in items if id(item) in gone])
        items[:] = [item for item in items if id(item) not in gone]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def _is_again_on_aws(item: pytest.Item) -> bool:
    called = getattr(item, "callspec", None)
    contract = "contract" in item.path.parts or "storage" in item.path.parts
    on_aws = called is not None and "aws" in (called.params.get("store"), called.params.get("prepared"))
    return on_aws and not contract


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["sampled"] = dict(sampling.taken)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker sampled: its families are those of all, what its tests sampled is its own."""
    for name, counts in getattr(node, "workeroutput", {}).get("sampled", {}).items():
        sampling.taken[name] = tuple(counts)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name, (kept, of) in sorted(sampling.taken.items()):
        terminalreporter.write_line(f"sampled {kept} of {of}: {name}")
    failed = [report.nodeid for report in terminalreporter.stats.get("failed", [])]
    if failed:
        terminalreporter.write_line(
            f"again: {sampling.SEED}={sampling.seed()} python -m pytest -n 0 '{failed[0]}'"
        )


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A test that logs to stderr as a platform does leaves nothing of it to the next one."""
    logger = logging.getLogger("lepton")
    handlers, level, propagate = list(logger.handlers), logger.level, logger.propagate
    yield
    logger.handlers[:], logger.propagate = handlers, propagate
    logger.setLevel(level)


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


@pytest.fixture(scope="session")
def _prepared() -> "Iterator[dict[str, Prepared]]":
    kept: dict[str, Prepared] = {}
    yield kept
    for one in kept.values():
        one.close()


@pytest.fixture(params=["disk", "aws"])
def prepared(
    request: pytest.FixtureRequest,
    _prepared: "dict[str, Prepared]",
    tmp_path_factory: pytest.TempPathFactory,
) -> "Prepared":
    """Copies of platforms that were prepared once, over both stores: for tests that begin where many others do."""
    from functions.settings import Settings
    from tests.support.kept_stores import OnAws, OnDisk, Prepared

    if request.param not in _prepared:
        on_aws = request.param == "aws"
        place = OnAws(request.getfixturevalue("_moto")) if on_aws else OnDisk(tmp_path_factory.mktemp("kept"))
        _prepared[request.param] = Prepared(place, Settings())
    return _prepared[request.param]


@pytest.fixture
def disk(tmp_path: Path) -> "Iterator[Store]":
    """The disk store alone, in ``tmp_path / "store"``."""
    from tests.support import stores

    with stores.disk_store(tmp_path / "store") as store:
        yield store
