"""A platform behind a socket, and a real browser that is signed in to its console."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from functions.context import Platform
from functions.system.keys import issue_key
from functions.system.sessions import new_link
from infra.local.server import listen
from infra.local.stack import OWNER, WORKSPACE, open_server
from lepton_ai import Data
from tests.functions.console.filled import NAMES, fill
from tests.infra.local.service.kit import ROOT, forsaken
from tests.support.browser import CHROMIUM
from tests.support.once import folder_of_the_run, made_once
from tests.support.waiting import happened, joined

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BACKSTOP_MS = 120_000

DATA, KEY = "data", "key"
"""Of a platform that was filled its folder, and the file with a key to it."""

FOLDER = ".lepton"
"""What a platform keeps where it was started, as the commands on the page have it."""

expect.set_options(timeout=BACKSTOP_MS)


@dataclass(frozen=True)
class Here:
    """The platform's address, and a key with every scope."""

    url: str
    key: str
    platform: Platform

    def address(self) -> str:
        """The link that signs in once."""
        system, now = self.platform.system, self.platform.clock()
        text = new_link(system, workspace=WORKSPACE, key=self.key.split("_")[1], now=now)
        return f"{self.url}/#/sign-in/{text}"


def table(folder: Path, csv: bytes, label: str | None = None) -> Data:
    """The table of a file with these bytes."""
    path = folder / "table.csv"
    path.write_bytes(csv)
    return Data.from_csv(path, label=label, quiet=True)


@contextmanager
def serving(folder: Path, key: str | None = None) -> Iterator[Here]:
    """A platform over ``folder`` that listens; it makes a ``key`` unless its folder knows one."""
    stack = open_server(folder, workers=1)
    server = listen(stack.app, stack.platform)
    ready = threading.Event()
    thread = threading.Thread(target=server.run, args=(ready.set,))
    thread.start()
    try:
        happened(ready, "the server listens")
        if key is None:
            now = stack.platform.clock()
            _, key = issue_key(stack.platform.system, workspace=WORKSPACE, scopes=OWNER.scopes, now=now)
        yield Here(server.url, key, stack.platform)
    finally:
        server.stop()
        joined(thread)
        stack.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with serving(tmp_path / "data") as made:
        yield made


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    """A platform that was started in the folder of the test."""
    # A program of a test finds the command, and this tree.
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "lepton").write_text(f'#!/bin/sh\nexec {sys.executable} -m lepton_ai "$@"\n')
    (tmp_path / "bin" / "lepton").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with serving(tmp_path / FOLDER) as made:
        monkeypatch.setenv("LEPTON_URL", made.url)
        monkeypatch.setenv("LEPTON_API_KEY", made.key)
        yield made


@pytest.fixture(scope="module")
def full(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A platform with something of everything, for all tests of a file: a copy of one that is filled once a run."""
    filled = made_once(folder_of_the_run(tmp_path_factory) / "filled", fill_a_folder)
    copy = tmp_path_factory.mktemp("full")
    shutil.copytree(filled / DATA, copy, dirs_exist_ok=True)
    with serving(copy, (filled / KEY).read_text()) as made:
        yield made


def fill_a_folder(folder: Path) -> None:
    """The folder of a platform that is filled and stopped, and beside it a key that it knows."""
    with serving(folder / DATA) as made:
        fill(made.url, made.key)
        forsaken(folder / DATA, "front-desk", NAMES.served)
        (folder / KEY).write_text(made.key)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(
            "no browser: run `make browser` (on Debian), install chromium, or name one in LEPTON_CHROMIUM"
        )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def expected() -> list[str]:
    """What a browser may complain of: a test adds the answers that it provokes."""
    return []


@pytest.fixture
def page(browser: Browser, expected: list[str]) -> Iterator[Page]:
    """An empty page; at the end, nothing may have gone wrong in it."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-US")
    context.set_default_timeout(BACKSTOP_MS)
    made = context.new_page()
    wrong: list[str] = []
    made.on(
        "console",
        lambda message: (
            wrong.append(f"{message.text} {message.location.get('url')}") if message.type == "error" else None
        ),
    )
    made.on("pageerror", lambda error: wrong.append(str(error)))
    yield made
    context.close()
    assert [one for one in wrong if not any(text in one for text in expected)] == []
