"""Predictions beside an upload, and the memory of both: ``python -m tests.benchmarks.beside_uploads [PAGE]``.

A real `lepton up` on 127.0.0.1 answers one client, a prediction every few milliseconds, while another sends a file.
Each file is compared with the seconds before it, in which the platform was idle: other programs may be busy.
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

from tests.benchmarks.measured import measured_at

MEGABYTE = 1 << 20
COLUMNS = 20
FILES = ((1_000_000, COLUMNS), (100_000_000, COLUMNS), (1_000_000_000, COLUMNS), (2_500_000_000, COLUMNS))
WIDE = (400_000_000, 50_000)
"""Bytes, and columns of numbers; the wide file has about a thousand rows."""

IDLE_SECONDS = 10.0
PAUSE_SECONDS = 0.005
_CELLS = 400_000


@dataclass(frozen=True)
class Figures:
    """One file: seconds of each prediction, idle and beside it, seconds until it was kept and a version, megabytes."""

    size: int
    columns: int
    idle: list[float]
    beside: list[float]
    kept: float
    settled: float
    server: float
    reader: float

    def row(self) -> str:
        """A line of the table."""
        (p50, p99), (p50_beside, p99_beside) = (
            np.quantile(seconds, [0.5, 0.99]) * 1e3 for seconds in (self.idle, self.beside)
        )
        latencies = f"{p50:.1f} | {p50_beside:.1f} | {p99:.1f} | {p99_beside:.1f} | {p99_beside / p99:.1f}"
        settled = f"{self.kept:.1f} | {self.settled:.1f}"
        file, memory = (
            f"{self.size / 1e6:.0f} MB | {self.columns:,}",
            f"{self.server:.0f} | {self.reader:.0f}",
        )
        return f"| {file} | {latencies} | {settled} | {memory} |"


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


def write_table(path: Path, size: int, columns: int = COLUMNS) -> None:
    """A file of about ``size`` bytes: so many columns of numbers, a category of 50 levels, and a label."""
    deal = np.random.default_rng(0)
    rows = max(_CELLS // columns, 100)
    values = deal.normal(size=(rows, columns))
    towns = deal.integers(50, size=rows)
    yes = values[:, 0] + deal.normal(size=rows) > 0
    lines = [
        ",".join([*(f"{value:.5f}" for value in row), f"town {town}", "yes" if label else "no"])
        for row, town, label in zip(values, towns, yes, strict=True)
    ]
    block = ("\n".join(lines) + "\n").encode()
    with path.open("wb") as file:
        file.write((",".join([*(f"x{i}" for i in range(columns)), "town", "label"]) + "\n").encode())
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
            self.own = max(self.own, most_memory(self._pid))
            self.largest = max([self.largest, *map(most_memory, children(self._pid))])

    def stop(self) -> None:
        """And wait for its end."""
        self._stopping.set()
        self.join()


def most_memory(pid: int) -> float:
    """The most memory that a process had so far, in MB; 0 if it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in text.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) * 1024 / 1e6 if found else 0.0


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


def measure(folder: Path, files: tuple[tuple[int, int], ...]) -> Iterator[Figures]:
    """One platform, before and beside each file, of which the bytes and the columns are given."""
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
        for size, columns in files:
            path = folder / "file.csv"
            write_table(path, size, columns)
            time.sleep(2)
            before, beside, memory = Predicting(asking, rows), Predicting(asking, rows), Memory(pid)
            before.start()
            time.sleep(IDLE_SECONDS)
            before.stop()
            beside.start()
            memory.start()
            kept, settled = upload(client, f"of-{size}", path)
            beside.stop()
            memory.stop()
            path.unlink()
            yield Figures(
                size, columns, before.seconds, beside.seconds, kept, settled, memory.own, memory.largest
            )


def main() -> None:
    """Measure, print, and write the figures below the mark of the page that was named."""
    named = [Path(one) for one in sys.argv[1:]]
    folder = Path(tempfile.mkdtemp(prefix="lepton-bench-"))
    lines = [
        measured_at("scikit-learn", "pandas", "numpy"),
        "",
        "| file | columns | p50 idle | p50 beside | p99 idle | p99 beside | times | kept | a version | server "
        "| reader |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    try:
        for figures in measure(folder, (*FILES, WIDE)):
            lines.append(figures.row())
            sys.stdout.write(lines[-1] + os.linesep)
            sys.stdout.flush()
            for page in named:
                head, mark, _ = page.read_text().partition("<!-- figures -->\n")
                page.write_text(head + mark + "\n" + "\n".join(lines) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
