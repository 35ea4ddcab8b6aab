"""Threads that do what an executor does, and hold up no end."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from infra.local.daemon_threads import DaemonThreads
from tests.support.waiting import BACKSTOP


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_calls_return_and_raise_in_their_futures() -> None:
    with DaemonThreads(3, "test") as threads:
        assert [future.result() for future in [threads.submit(divmod, n, 3) for n in range(20)]] == [
            divmod(n, 3) for n in range(20)
        ]
        assert isinstance(threads.submit(divmod, 1, 0).exception(), ZeroDivisionError)


def test_as_many_calls_as_there_are_threads_are_under_way_at_once() -> None:
    barrier = threading.Barrier(3)
    with DaemonThreads(3, "test") as threads:
        for future in [threads.submit(barrier.wait, BACKSTOP) for _ in range(3)]:
            future.result(BACKSTOP)


def test_a_shutdown_waits_for_what_is_under_way_and_cancels_what_waits(go_on: threading.Event) -> None:
    threads, began = DaemonThreads(1, "test"), threading.Event()
    under_way = threads.submit(lambda: (began.set(), go_on.wait()))
    waiting = threads.submit(lambda: None)
    assert began.wait(BACKSTOP)
    threads.shutdown(wait=False, cancel_futures=True)
    assert not threads.join(0.01)
    with pytest.raises(CancelledError):
        waiting.result(BACKSTOP)
    with pytest.raises(RuntimeError):
        threads.submit(lambda: None)
    go_on.set()
    assert under_way.result(BACKSTOP)[1]
    assert threads.join(BACKSTOP)


def test_an_interpreter_ends_in_the_middle_of_a_call() -> None:
    script = (
        "import threading\n"
        "from infra.local.daemon_threads import DaemonThreads\n"
        "began = threading.Event()\n"
        "DaemonThreads(1, 'test').submit(lambda: (began.set(), threading.Event().wait()))\n"
        "began.wait()\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        timeout=BACKSTOP,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
