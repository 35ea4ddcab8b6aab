"""How much memory the processes of this machine, or of its container, may take."""

import os
from pathlib import Path

_CONTAINER = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_SHARE = 0.8
"""The rest is for the system, and for the platform's other processes."""


def usable_memory() -> int:
    """Bytes that one task may take; 0 if this system does not say how much there is."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0
    return int(_SHARE * min([machine, *_limits()]))


def _limits() -> list[int]:
    found = []
    for path in _CONTAINER:
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        if text.isascii() and text.isdigit():
            found.append(int(text))
    return found
