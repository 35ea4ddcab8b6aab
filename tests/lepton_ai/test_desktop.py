"""`lepton up` opens the console where somebody sees it: in a terminal on a desktop."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lepton_ai.desktop import is_desktop
from tests.support.waiting import BACKSTOP, until


@pytest.mark.parametrize(
    ("environment", "system", "terminal", "seen"),
    [
        ({}, "darwin", True, True),
        ({}, "win32", True, True),
        ({}, "linux", True, False),
        ({"DISPLAY": ":0"}, "linux", True, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True, True),
        ({"DISPLAY": ""}, "linux", True, False),
        ({"DISPLAY": ":0"}, "linux", False, False),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", True, False),
        ({"BROWSER": "firefox", "CI": "true"}, "linux", True, False),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "a b"}, "linux", True, False),
        ({"SSH_TTY": "/dev/pts/0"}, "darwin", True, False),
        ({"BROWSER": "code-helper", "SSH_CONNECTION": "a b"}, "linux", True, True),
        ({"BROWSER": "firefox"}, "linux", False, False),
    ],
)
def test_a_page_is_opened_where_it_is_seen(
    environment: dict[str, str], system: str, terminal: bool, seen: bool
) -> None:
    assert is_desktop(environment, system=system, terminal=terminal) is seen


@contextmanager
def up(folder: Path, *options: str) -> Iterator[tuple[Path, str]]:
    """`lepton up` in a terminal, with a browser that writes down what it is to open; that, and the printed link."""
    opened, browser = folder / "opened", folder / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o700)
    known = {name: value for name, value in os.environ.items() if name not in ("CI", "LEPTON_URL")}
    command = [sys.executable, "-m", "lepton_ai", "up", "--port", "0", "--workers", "1", *options]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command,
        env={**known, "BROWSER": str(browser), "LEPTON_DATA": str(folder / "data")},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    try:
        printed = ""
        while "LEPTON_CONSOLE=" not in printed or not printed.endswith("\n"):
            printed += os.read(ours, 4096).decode()
        yield opened, printed.partition("LEPTON_CONSOLE=")[2].strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(BACKSTOP)
        os.close(ours)


@pytest.mark.slow
def test_in_a_terminal_the_link_is_opened_once_it_works(tmp_path: Path) -> None:
    with up(tmp_path) as (opened, link):
        until(opened.exists, "the browser is opened")
        assert opened.read_text() == link
        assert "/#/sign-in/lps_" in link


@pytest.mark.slow
def test_no_browser_opens_none(tmp_path: Path) -> None:
    with up(tmp_path, "--no-browser") as (opened, link):
        assert link
    assert not opened.exists()
