"""Predictions beside an upload, and the memory of both: ``python -m tests.benchmarks.beside_uploads [PAGE] [--large]``.

A real `lepton up` on 127.0.0.1 answers one client, a prediction every few milliseconds, while another sends a file.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

MEGABYTE = 1 << 20
SIZES = (MEGABYTE, 100 * MEGABYTE, 1000 * MEGABYTE)
LARGE = 2_500_000_000
COLUMNS = 20
IDLE_SECONDS = 10.0
PAUSE_SECONDS = 0.005
_LINES = 20_000


@dataclass(frozen=True)
class Figures:
    """One measurement: milliseconds of predictions, seconds until the file was kept and was a version, megabytes."""

    what: str
    predictions: int
    p50: float
    p99: float
    most: float
    kept: float
    settled: float
    server: float
    reader: float

    def row(self) -> str:
        """A line of the table."""
        memory = f"{self.server:.0f} | {self.reader:.0f}" if self.reader else f"{self.server:.0f} | "
        times = f"{self.kept:.1f} | {self.settled:.1f}" if self.settled else " | "
        latencies = f"{self.p50:.1f} | {self.p99:.1f} | {self.most:.0f}"
        return f"| {self.what} | {self.predictions} | {latencies} | {times} | {memory} |"


class Client:
    """One connection to the platform."""

    def __init__(self, url: str, key: str) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=3600)
        self._headers = {"Authorization": f"Bearer {key}"}

    def ask(
        self, method: str, path: str, body: Any = None, *, kind: str = "application/json", **more: str
    ) -> Any:
        """The decoded answer to a request; raises ``RuntimeError`` for an error."""
        data = json.dumps(body).encode() if kind == "application/json" and body is not None else body
        self._connection.request(method, path, data, {**self._headers, "Content-Type": kind, **more})
        answer = self._connection.getresponse()
        found = json.loads(answer.read())
        if answer.status >= 300:
            raise RuntimeError(found)
        return found


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, str, int]]:
    """A platform over ``folder``: its address, a key, and the number of its process."""
    command = [str(Path(sys.executable).with_name("lepton")), "up", "--port", "0", "--data", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        lines = [server.stdout.readline().strip().partition("=")[2] for _ in range(2)]  # type: ignore[union-attr]
        yield lines[0], lines[1], server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def write_table(path: Path, size: int) -> None:
    """A file of about ``size`` bytes: 20 columns of numbers, a category of 50 levels, and a label."""
    deal = np.random.default_rng(0)
    values = deal.normal(size=(_LINES, COLUMNS))
    towns = deal.integers(50, size=_LINES)
    yes = values[:, 0] + deal.normal(size=_LINES) > 0
    lines = [
        ",".join([*(f"{value:.5f}" for value in row), f"town {town}", "yes" if label else "no"])
        for row, town, label in zip(values, towns, yes, strict=True)
    ]
    block = ("\n".join(lines) + "\n").encode()
    with path.open("wb") as file:
        file.write((",".join([*(f"x{i}" for i in range(COLUMNS)), "town", "label"]) + "\n").encode())
        while file.tell() < size:
            file.write(block)


def upload(client: Client, dataset: str, path: Path) -> tuple[float, float]:
    """Send a file as it lies on the disk; the seconds until it was kept, and until it was a version."""
    start = time.monotonic()
    size = path.stat().st_size
    announced = client.ask("POST", f"/v1/datasets/{dataset}/upload", {"size": size, "label": "label"})
    with path.open("rb") as file:
        client.ask("PUT", announced["url"], file, kind="text/csv", **{"Content-Length": str(size)})
    kept = time.monotonic() - start
    while True:
        seen = client.ask("GET", f"/v1/datasets/{dataset}/upload/{announced['id']}")
        if seen["state"] != "waiting":
            if seen["state"] != "accepted":
                raise RuntimeError(seen)
            return kept, time.monotonic() - start
        time.sleep(0.1)


class Predicting(threading.Thread):
    """Asks for a prediction every few milliseconds until it is stopped."""

    def __init__(self, client: Client, rows: list[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self._client, self._rows = client, rows
        self._stopping = threading.Event()
        self.seconds: list[float] = []

    def run(self) -> None:
        """Until `stop`."""
        while not self._stopping.wait(PAUSE_SECONDS):
            start = time.perf_counter()
            self._client.ask("POST", "/v1/models/bench/predict", {"rows": self._rows})
            self.seconds.append(time.perf_counter() - start)

    def stop(self) -> None:
        """And wait for its end."""
        self._stopping.set()
        self.join()


class Memory(threading.Thread):
    """The most memory that a process, and the largest of those it began, had so far, in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._stopping = threading.Event()
        self.own = self.largest = 0.0

    def run(self) -> None:
        """Until `stop`."""
        while not self._stopping.wait(0.2):
            self.own = max(self.own, resident(self._pid))
            self.largest = max([self.largest, *map(resident, children(self._pid))])

    def stop(self) -> None:
        """And wait for its end."""
        self._stopping.set()
        self.join()


def resident(pid: int) -> float:
    """The memory of a process that is its own, in MB; 0 if it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in text.splitlines() if line.startswith("VmRSS")]
    return int(found[0]) / 1024 if found else 0.0


def children(pid: int) -> list[int]:
    """The processes that one began."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    found = [int(one) for one in text.split()]
    for task in Path(f"/proc/{pid}/task").iterdir():
        with_children = task / "children"
        found += [int(one) for one in with_children.read_text().split()]
    return sorted(set(found))


def measure(folder: Path, sizes: tuple[int, ...]) -> Iterator[Figures]:
    """One platform, idle first, then beside a file of each size."""
    with running(folder / "data") as (url, key, pid):
        client, asking = Client(url, key), Client(url, key)
        model_file = folder / "first.csv"
        write_table(model_file, MEGABYTE)
        client.ask("POST", "/v1/models", {"name": "bench", "algorithm": "logistic_regression"})
        upload(client, "bench", model_file)
        run = client.ask("POST", "/v1/models/bench/train", {"iterations": 50})
        while run["state"] not in ("succeeded", "failed"):
            time.sleep(0.1)
            run = client.ask("GET", f"/v1/runs/{run['id']}")
        client.ask("POST", "/v1/models/bench/deploy", {})
        rows = [{**{f"x{i}": 0.1 * i for i in range(COLUMNS)}, "town": "town 7"}]
        for size in (0, *sizes):
            path = folder / "file.csv"
            if size:
                write_table(path, size)
                time.sleep(2)
            predicting, memory = Predicting(asking, rows), Memory(pid)
            predicting.start()
            memory.start()
            if size:
                kept, settled = upload(client, f"of-{size}", path)
                path.unlink()
                what = f"beside {size / 1e6:.0f} MB"
            else:
                time.sleep(IDLE_SECONDS)
                kept, settled, what = 0.0, 0.0, "idle"
            predicting.stop()
            memory.stop()
            times = np.array(predicting.seconds) * 1e3
            p50, p99 = np.quantile(times, [0.5, 0.99])
            reader = memory.largest if size else 0.0
            yield Figures(what, len(times), p50, p99, times.max(), kept, settled, memory.own, reader)


def main() -> None:
    """Measure, print, and write the figures below the mark of the page that was named."""
    named = [one for one in sys.argv[1:] if not one.startswith("--")]
    sizes = (*SIZES, LARGE) if "--large" in sys.argv else SIZES
    folder = Path(tempfile.mkdtemp(prefix="lepton-bench-"))
    lines = [
        "| | predictions | p50 ms | p99 ms | most ms | kept s | a version s | server MB | reader MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    try:
        for figures in measure(folder, sizes):
            lines.append(figures.row())
            sys.stdout.write(lines[-1] + os.linesep)
            sys.stdout.flush()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if named:
        page = Path(named[0])
        head, mark, _ = page.read_text().partition("<!-- figures -->\n")
        page.write_text(head + mark + "\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
