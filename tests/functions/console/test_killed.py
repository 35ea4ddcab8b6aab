"""The platform is killed while somebody looks at it: nothing is lost, and the page says what it knows."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Model
from lepton_ai.http import HttpTransport
from tests.support.world import two_classes

pytestmark = pytest.mark.slow


class Up:
    """`lepton up` in a process of its own, on a port that stays."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.data = data
        self.process: subprocess.Popen[str] | None = None
        self.said: dict[str, str] = {}

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "lepton_ai",
            "up",
            "--port",
            str(self.port),
            "--data",
            str(self.data),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            name, _, value = line.strip().partition("=")
            self.said[name] = value
            if name == "LEPTON_CONSOLE":
                return
        raise AssertionError("the platform does not come up")

    def kill(self) -> None:
        """As a machine that loses its power: the server and all its workers."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
            self.process = None


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    made = Up(tmp_path / "data")
    made.start()
    yield made
    made.kill()


@pytest.mark.lengthy
def test_a_run_that_is_watched_goes_on_after_the_platform_was_killed(
    up: Up, page: Page, expected: list[str], tmp_path: Path
) -> None:
    expected += [
        "ERR_CONNECTION_REFUSED",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
        "ERR_SOCKET_NOT_CONNECTED",
    ]
    table = tmp_path / "customers.csv"
    table.write_bytes(two_classes(300))
    page.goto(up.said["LEPTON_CONSOLE"])
    page.locator("input[type=file]").first.set_input_files(table)
    page.get_by_label("How long may it take?").select_option("5")
    page.get_by_role("button", name="Find the best model and serve it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("of customers")
    run = page.url

    up.kill()
    expect(page.get_by_role("alert").first).to_contain_text("The platform does not answer.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("of customers")

    up.start()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text("Version 1 serves.")).to_be_visible()
    page.goto(run)
    page.reload()
    expect(page.get_by_text("Version 1")).to_be_visible()

    key = up.said["LEPTON_API_KEY"]
    model = Model(name="customers", quiet=True, transport=HttpTransport(f"http://127.0.0.1:{up.port}", key))
    assert [one.label for one in model.predict([{"a": 2, "b": 2}])] == ["yes"]
