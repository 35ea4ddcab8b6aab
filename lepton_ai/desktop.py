"""Opening a page in the browser of whoever sits before the machine, if somebody does."""

import sys
import threading
from collections.abc import Mapping

_FROM_ELSEWHERE = ("SSH_CONNECTION", "SSH_TTY")
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def is_desktop(environment: Mapping[str, str], *, system: str = sys.platform, terminal: bool) -> bool:
    """Whether a page that this process opens would be seen: it runs in a ``terminal``, on a desktop.

    A ``BROWSER`` that is named counts as a desktop. Over SSH there is none, unless one is named.

    >>> is_desktop({"DISPLAY": ":0"}, system="linux", terminal=True)
    True
    >>> is_desktop({"DISPLAY": ":0"}, system="linux", terminal=False), is_desktop({}, system="linux", terminal=True)
    (False, False)
    >>> is_desktop({}, system="darwin", terminal=True), is_desktop({"CI": "1"}, system="darwin", terminal=True)
    (True, False)
    """
    if not terminal or environment.get("CI"):
        return False
    if environment.get("BROWSER"):
        return True
    if any(environment.get(name) for name in _FROM_ELSEWHERE):
        return False
    return system in ("darwin", "win32") or any(environment.get(name) for name in _SCREENS)


def visit(link: str) -> None:
    """Open ``link`` in the browser of this desktop, and wait for nothing: some browsers hold on to who starts them."""
    import webbrowser  # noqa: PLC0415  (only `lepton up` needs it)

    threading.Thread(target=webbrowser.open, args=(link,), name="browser", daemon=True).start()
