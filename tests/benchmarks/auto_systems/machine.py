"""How busy the machine is with other work, since figures of a busy machine are not worth much."""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

STAT = Path("/proc/stat")
_IDLE = (3, 4)
_GUESTS = 8


def busy_seconds(stat: str) -> float:
    """The seconds that all cores have worked (or were taken away by the host) since the start, of ``/proc/stat``.

    >>> busy_seconds("cpu  100 0 50 900 10 0 0 40 0 0") * os.sysconf("SC_CLK_TCK")
    190.0
    """
    ticks = [int(one) for one in stat.split("\n", 1)[0].split()[1:]]
    worked = sum(one for at, one in enumerate(ticks[:_GUESTS]) if at not in _IDLE)
    return worked / os.sysconf("SC_CLK_TCK")


def watched() -> Callable[[], float | None]:
    """Begin to watch; what is given back tells how many cores other programs have used since then, None if unknown.

    Processes that this one started count as its own once they have ended.
    """
    if not STAT.exists():
        return lambda: None
    began, busy, own = time.monotonic(), busy_seconds(STAT.read_text()), _own_seconds()

    def others() -> float:
        spent = busy_seconds(STAT.read_text()) - busy - (_own_seconds() - own)
        return max(0.0, spent / (time.monotonic() - began))

    return others


def _own_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
