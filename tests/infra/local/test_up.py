"""`up` as real processes."""

import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest
import urllib3

from functions.memory import KeyCache
from infra.local.stack import Stack, open_embedded
from infra.local.up import admin_key
from lepton_core.errors import Conflict, Unavailable
from tests.support.waiting import BACKSTOP

ROOT = Path(__file__).resolve().parents[3]
SERVE = """
import sys
from pathlib import Path
from infra.local.up import serve
serve({port}, Path(sys.argv[1]), workers=1)
"""

STOPPING = "stopping; runs under way go on at the next start\n"


class Up:
    """A platform in a process of its own."""

    def __init__(self, data: Path, port: int = 0, *, group: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE.format(port=port), str(data)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=group,
        )
        self._errors: list[str] = []
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,))
        self._reader.start()
        self.url = self._value("LEPTON_URL")
        self.key = self._value("LEPTON_API_KEY")
        self.console = self._value("LEPTON_CONSOLE")

    def get(self, path: str, key: str | None = None) -> Any:
        headers = {"x-api-key": self.key if key is None else key}
        with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as http:
            return http.request("GET", self.url + path, headers=headers)

    def sign_in(self, ticket: str) -> int:
        with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as http:
            return http.request("POST", f"{self.url}/v1/session", json={"ticket": ticket}).status

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send the signal; returns the exit status and everything printed after the three lines, and errors."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Wait for the end; returns what `stop` does."""
        status = self.process.wait(BACKSTOP)
        self._reader.join(BACKSTOP)
        assert self.process.stdout is not None
        left = self.process.stdout.read()
        self.process.stdout.close()
        return status, left + "".join(self._errors)

    def _value(self, name: str) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.fullmatch(rf"{name}=(\S+)\n", line)
        if found is None:
            raise AssertionError(f"expected {name}=..., got {line!r}; {self.stop()}")
        return found[1]

    def _read(self, errors: IO[str]) -> None:
        with errors:
            self._errors.extend(errors)


@contextmanager
def up(data: Path, port: int = 0, *, group: bool = False) -> Iterator[Up]:
    running = Up(data, port, group=group)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop(signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_three_lines_answers_and_stops_with_one(tmp_path: Path, number: int) -> None:
    with up(tmp_path / "deep" / "data") as running:
        assert running.get("/v1/models").json() == {"items": [], "next": None}
        assert running.get("/v1/models", key="").status == 401
        page, _, ticket = running.console.partition("/#/sign-in/")
        assert (page, running.sign_in(ticket), running.sign_in(ticket)) == (running.url, 201, 401)
        assert running.stop(number) == (0, STOPPING)


def test_the_key_stays_the_same_and_is_private(tmp_path: Path) -> None:
    kept = tmp_path / "api_key"
    with up(tmp_path) as first, up(tmp_path) as beside:
        assert first.key == beside.key
        assert first.url != beside.url
        assert {first.get("/v1/keys").status, beside.get("/v1/keys").status} == {200}
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert kept.read_text().strip() == first.key
        assert len(first.get("/v1/keys").json()["items"]) == 1
    kept.write_text("lpt_key-0_" + "0" * 64 + "\n")
    with up(tmp_path) as later:
        assert later.key not in {first.key, "lpt_key-0_" + "0" * 64}
        assert later.get("/v1/keys").status == 200


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with closing(open_embedded(tmp_path / "data", background=False)) as stack:
        yield stack


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_the_key_is_its_owners_under_every_umask(stack: Stack, tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        key = admin_key(stack, tmp_path / "api_key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "api_key").stat().st_mode) == 0o600
    assert admin_key(stack, tmp_path / "api_key") == key
    assert [path.name for path in tmp_path.iterdir() if "api_key" in path.name] == ["api_key"]


def test_a_key_that_others_could_read_is_closed_to_them(stack: Stack, tmp_path: Path) -> None:
    kept = tmp_path / "api_key"
    key = admin_key(stack, kept)
    kept.chmod(0o644)
    assert admin_key(stack, kept) == key
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "held", [b"", b"\n", b"\xff\xfe", b"lpt_key-0_" + b"0" * 64, b"a\nb: c\n", b"x" * 100_000]
)
def test_what_is_no_valid_key_is_replaced(stack: Stack, tmp_path: Path, held: bytes) -> None:
    kept = tmp_path / "api_key"
    kept.write_bytes(held)
    made = admin_key(stack, kept)
    assert kept.read_text() == made + "\n"


def test_what_is_no_file_is_named_and_stays(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nothing")
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "link", "pipe"):
        with pytest.raises(Conflict, match=name):
            admin_key(stack, tmp_path / name)
        assert (tmp_path / name).lstat()


def test_a_store_that_is_busy_costs_nobody_the_key(stack: Stack, tmp_path: Path) -> None:
    class Busy:
        def get(self, partition: str, key: str) -> Any:
            raise Unavailable("busy")

    kept = tmp_path / "api_key"
    key = admin_key(stack, kept)
    with pytest.raises(Unavailable):
        admin_key(replace(stack, platform=replace(stack.platform, records=Busy(), keys=KeyCache())), kept)
    assert kept.read_text() == key + "\n"


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        port = int(running.url.rpartition(":")[2])
        done = subprocess.run(
            [sys.executable, "-c", SERVE.format(port=port), str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=BACKSTOP,
            check=False,
        )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert done.stdout == ""
