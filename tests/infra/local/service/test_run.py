"""`lepton serve` as real processes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import msgspec
import pytest
import urllib3

from infra.local.service.options import ServiceOptions, Serving
from infra.local.service.workers import Workers, started
from tests.infra.local.service.kit import ROOT, Made
from tests.support.waiting import BACKSTOP, until

PREDICT = "/v1/models/m/predict"
BODY = {"rows": [{"a": 1, "b": 2}]}


class Process:
    """`lepton serve` with these arguments, in a process of its own; ``said`` is its first line."""

    def __init__(self, *arguments: str, folder: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lepton_ai", "serve", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        told = msgspec.json.decode(self.said) if self.said.startswith("{") else {}
        self.serving = msgspec.convert(told, Serving) if "url" in told else None

    def ask(self, http: urllib3.PoolManager, method: str, path: str, body: Any = None) -> Any:
        assert self.serving is not None
        return http.request(method, self.serving.url + path, json=body)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Its status and what it said, after a signal."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=BACKSTOP)
        return self.process.returncode, said


@contextmanager
def serving(*arguments: str, folder: Path, **environment: str) -> Iterator[Process]:
    """It runs within the block, and says in JSON what it serves."""
    with said(*arguments, "--json", folder=folder, **environment) as made:
        yield made


@contextmanager
def said(*arguments: str, folder: Path, **environment: str) -> Iterator[Process]:
    """The same, and it says in words what it serves."""
    made = Process(*arguments, folder=folder, **environment)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.process.communicate()


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=BACKSTOP) as pool:
        yield pool


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_file_is_served_until_a_signal_comes(made: Made, http: urllib3.PoolManager, number: int) -> None:
    with serving(
        "--file", str(made.file), "--port", "0", "--drain", "0.2", folder=made.folder.parent
    ) as process:
        found = process.serving
        assert found is not None
        assert (found.model, found.version, found.watched) == ("m", 1, False)
        assert process.ask(http, "POST", PREDICT, BODY).json()["version"] == 1
        assert process.end(number) == (0, "stopping; requests under way are answered\n")


ALONE = "; nobody watches it: what is asked is not counted, and drift is not seen"


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_file_is_alone_and_says_that_nobody_watches_it(
    made: Made, http: urllib3.PoolManager, workers: str
) -> None:
    """A server over the folder of a platform says no such thing, and what is asked there is counted."""
    line = re.compile(r"version 1 of m at (http://127\.0\.0\.1:\d+)/v1/models/m/predict(.*)\n")
    before = sorted(made.folder.parent.rglob("*"))
    for arguments, noted in (
        (("--file", str(made.file)), ALONE),
        (("m", "--data", str(made.folder)), ""),
    ):
        with said(*arguments, "--port", "0", "--workers", workers, folder=made.folder.parent) as process:
            told = line.fullmatch(process.said)
            assert told is not None and told[2] == noted, process.said
            watched = not noted
            for path in ("/v1/models/m", "/v1/health/ready"):
                assert http.request("GET", told[1] + path).json()["watched"] is watched
            assert http.request("POST", told[1] + PREDICT, json=BODY).status == 200
            process.end()
        report = made.model.monitor()
        assert report.requests == watched
        if noted:
            assert sorted(made.folder.parent.rglob("*")) == before


@pytest.mark.slow
def test_what_cannot_be_served_is_said_in_a_line(made: Made, tmp_path: Path) -> None:
    with serving("--file", str(made.file), "--port", "0", folder=tmp_path) as first:
        assert first.serving is not None
        port = first.serving.url.rpartition(":")[2]
        cases = {
            ("--file", str(made.file), "--port", port): "cannot listen on 127.0.0.1:" + port,
            ("m", "--data", str(tmp_path / "nowhere")): "no platform in",
            ("other", "--data", str(made.folder)): "no model 'other'",
            ("--file", str(made.file), "--host", "192.0.2.1"): "set LEPTON_API_KEY",
            (): "name the model, or a file with --file",
        }
        for arguments, said in cases.items():
            with serving(*arguments, folder=tmp_path) as other:
                assert other.process.wait(BACKSTOP) != 0
                assert other.process.stderr is not None
                assert said in other.process.stderr.read()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.slow
def test_a_worker_that_dies_is_started_again(made: Made, http: urllib3.PoolManager) -> None:
    with serving(
        "m", "--data", str(made.folder), "--port", "0", "--workers", "2", folder=made.folder
    ) as process:
        before = children(process.process.pid)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        until(lambda: children(process.process.pid) - before, "another one is there")
        until(lambda: len(children(process.process.pid)) == 2, "there are two again")
        assert process.ask(http, "POST", PREDICT, BODY).status == 200
        status, said = process.end()
    assert status == 0
    assert "is started again" in said
    assert said.count("stopping") == 1


@pytest.mark.slow
def test_a_worker_that_cannot_be_started_is_tried_again(made: Made, http: urllib3.PoolManager) -> None:
    failures = [OSError("no process is left")]
    found: list[int] = []

    def begin(options: ServiceOptions, listener: socket) -> "subprocess.Popen[bytes]":
        if failures:
            raise failures.pop()
        return started(options, listener)

    def ready(serving: Serving) -> None:
        found.append(http.request("POST", serving.predict, json=BODY).status)
        os.kill(os.getpid(), signal.SIGTERM)

    options = ServiceOptions(None, str(made.file), str(made.folder), port=0, workers=2, drain_seconds=0)
    assert Workers(options, ready, begin).run() is None
    assert (found, failures) == ([200], [])


@pytest.mark.slow
def test_workers_end_with_what_started_them(made: Made, http: urllib3.PoolManager) -> None:
    with serving("--file", str(made.file), "--port", "0", "--workers", "2", folder=made.folder) as process:
        assert process.ask(http, "POST", PREDICT, BODY).status == 200
        workers = children(process.process.pid)
        process.process.kill()
        until(lambda: not any(map(alive, workers)), "the workers have ended")
        assert process.process.wait(BACKSTOP) == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_ends_by_itself_when_the_model_is_retired(
    made: Made, http: urllib3.PoolManager, workers: str
) -> None:
    arguments = ("m", "--data", str(made.folder), "--port", "0", "--workers", workers)
    with serving(*arguments, folder=made.folder, LEPTON_ROUTE_CACHE_SECONDS="0") as process:
        made.model.deploy(2)
        until(
            lambda: process.ask(http, "POST", PREDICT, BODY).json()["version"] == 2, "the new version answers"
        )
        made.model.retire()
        _, said = process.process.communicate(timeout=BACKSTOP)
        assert process.process.returncode == 0
        assert "is retired and serves no more" in said


def children(parent: int) -> set[int]:
    """The processes that ``parent`` has started and that have not ended."""
    lines = subprocess.run(
        ["/bin/ps", "-o", "pid=,stat=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    found = [line.split() for line in lines]
    return {int(number) for number, state in found if not state.startswith("Z")}


def alive(number: int) -> bool:
    """Whether the process has not ended."""
    lines = subprocess.run(
        ["/bin/ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True, check=False
    ).stdout.split()
    return any(not state.startswith("Z") for state in lines)
