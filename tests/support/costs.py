"""What something costs, counted: a clock would measure the machine and its other users, too."""

import sys
import tracemalloc
from collections.abc import Callable
from typing import Any


def calls_of(action: Callable[[], Any], of: Callable[..., Any] | None = None) -> int:
    """How many Python functions ``action`` calls, in this thread; or how often it calls ``of``."""
    code = None if of is None else of.__code__
    count = 0

    def seen(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call" and (code is None or frame.f_code is code)

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


def peak_of(action: Callable[[], Any]) -> int:
    """The most bytes that ``action`` holds at one moment, on top of what was held before."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
