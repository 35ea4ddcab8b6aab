"""What each test of runs has to leave behind: nothing."""

import threading
from collections.abc import Iterator

import pytest

from tests.support.waiting import until


@pytest.fixture(autouse=True)
def _no_driver_outlives_its_test() -> Iterator[None]:
    """A driver that goes on disturbs whatever is tested next in this process, minutes later."""
    before = set(_drivers())
    yield
    until(lambda: not set(_drivers()) - before, "all drivers that this test began have ended")


def _drivers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "lepton-drive"]
