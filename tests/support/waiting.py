"""Waiting without an opinion about time: for as long as it takes, and minutes before anybody gives up."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

BACKSTOP = 300.0
"""Seconds after which what is waited for will not come. No test that passes ever waits so long."""

GROWING = (0.2, 2.0, 20.0)
"""Bounds for what shows only when a bound of seconds is over: see `patiently`."""


def until(condition: Callable[[], T], what: str, holds: Callable[[T], object] = bool) -> T:
    """The first value of ``condition`` for which ``holds`` is true: of itself the first true one.

    Fails after `BACKSTOP`, naming what was waited for and seen last.
    """
    end = time.monotonic() + BACKSTOP
    while not holds(found := condition()):
        assert time.monotonic() < end, f"waited {BACKSTOP:g} s in vain until {what}; last seen: {found!r}"
        time.sleep(0.005)
    return found


def happened(event: threading.Event, what: str) -> None:
    """Wait for the event."""
    assert event.wait(BACKSTOP), f"waited {BACKSTOP:g} s in vain until {what}"


def joined(thread: threading.Thread) -> None:
    """Wait for the end of the thread."""
    thread.join(BACKSTOP)
    assert not thread.is_alive(), f"waited {BACKSTOP:g} s in vain until the thread {thread.name!r} ended"


def patiently(holds: Callable[[float], None]) -> None:
    """Call ``holds`` with a bound of seconds, and with longer ones while it fails; it must hold with one of them.

    A busy machine may need longer than a short bound for what is quick; what is wrong fails with all of them.
    """
    for bound in GROWING[:-1]:
        try:
            return holds(bound)
        except AssertionError:
            continue
    return holds(GROWING[-1])
