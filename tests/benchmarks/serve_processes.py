"""A server with a core of its own, and the clients that ask it from another one."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.serve_rivals import Side

SERVERS_CORE, CLIENTS_CORE = 0, 1


@dataclass(frozen=True)
class Asked:
    """What clients met: milliseconds, answers a second, and the µs of the processor that the server ``took`` for each.

    ``client_busy`` is the share of the time for which they had a processor themselves: near 1 they are what is slow.
    """

    half: float
    most: float
    rate: float
    client_busy: float
    server_busy: float
    took: float


@dataclass(frozen=True)
class Running:
    """A server that runs at ``port``, as the process ``number``; ``key`` is one that it asks for."""

    side: Side
    port: int
    number: int
    key: str

    def asked(self, body: bytes, clients: int, seconds: float, media: str = "application/json") -> Asked:
        """Ask by a process on the clients' core."""
        command = [*on_core(CLIENTS_CORE), sys.executable, "-m", "tests.benchmarks.serve_clients"]
        told = [str(self.port), self.side.path, str(clients), str(seconds), media, self.key]
        before = _seconds(self.number)
        done = subprocess.run([*command, *told], input=body, capture_output=True, check=True)
        busy_seconds = _seconds(self.number) - before
        half, most, rate, busy = json.loads(done.stdout)
        each = 1e6 * busy_seconds / max(1.0, rate * seconds)
        return Asked(half, most, rate, busy, busy_seconds / seconds, each)


@contextmanager
def running(side: Side, place: Path, core: int | None = SERVERS_CORE) -> Iterator[Running]:
    """Start a server and wait until it takes connections; a ``core`` of None leaves it all of them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before = on_core(core) if core is not None else []
    log, command = place / f"{port}.log", side.command(port)
    # Mlflow starts the uvicorn that it finds first.
    env = {**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"}
    with log.open("w") as said:
        process = subprocess.Popen([*before, *command], stdout=said, stderr=said, env=env)
    try:
        while process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        else:
            raise OSError(f"a server did not start: {log.read_text()[-2000:]}")
        time.sleep(0.2)
        yield Running(side, port, process.pid, _key_in(log.read_text()))
    finally:
        process.terminate()
        process.wait()


def on_core(number: int) -> list[str]:
    """What before a command gives it a core, where that can be done."""
    return ["taskset", "-c", str(number)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


def _key_in(said: str) -> str:
    return said.partition("LEPTON_API_KEY=")[2].partition("\n")[0]


def _seconds(number: int) -> float:
    """Seconds of the processor that the threads of a process, and of those it has started, had so far."""
    found = 0.0
    for one in _tree(number):
        for task in Path("/proc").glob(f"{one}/task/*/schedstat"):
            with suppress(OSError):
                found += int(task.read_text().split()[0]) / 1e9
    return found


def _tree(number: int) -> list[int]:
    found = [number]
    for task in Path("/proc").glob(f"{number}/task/*/children"):
        with suppress(OSError):
            found += [one for child in task.read_text().split() for one in _tree(int(child))]
    return found
