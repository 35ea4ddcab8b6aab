"""How soon the console shows something, on a platform with much in it: ``make bench`` writes the page.

``python -m tests.benchmarks.console docs/benchmarks/console.md`` writes the table between the page's marks; without a
page it is printed.
"""

import gzip
import http.client
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from functions.console import files
from functions.storage.disk_folder import API_KEY
from lepton_ai.demo import platform
from tests.benchmarks.console_browser import clicks, grown
from tests.benchmarks.console_cold import cold
from tests.benchmarks.defaults import write_or_print
from tests.benchmarks.full_platform import NAME, Amount, fill
from tests.benchmarks.measured import measured_at

CALLS = 200
TURNS = 9
DAY = 8_640
"""Looks of a day at the first screen: one each ten seconds."""


@dataclass(frozen=True)
class Effort:
    """How often each thing is measured."""

    calls: int = CALLS
    turns: int = TURNS
    looks: int = DAY


def asked(run: str) -> dict[str, str]:
    """What the screens ask for, each with the screen that asks."""
    model = f"/v1/models/{NAME}"
    return {
        "/v1/session": "all",
        "/v1/models?limit=50&search=": "models",
        "/v1/models?limit=50&search=0199": "models, searched",
        "/v1/models?limit=50&search=nothing": "models, searched in vain",
        "/v1/runs?limit=8&points=0": "models",
        "/v1/runs?limit=200&points=0": "runs",
        f"/v1/runs?model={NAME}&limit=20&points=0": "a model",
        f"/v1/runs/{run}": "a run",
        model: "a model",
        f"{model}/versions?limit=200&after=0000000000": "a model",
        f"{model}/versions/1": "a model",
        f"{model}/versions/1/evaluation": "a model",
        f"{model}/monitor": "a model",
        "/v1/datasets?limit=1000": "data",
        f"/v1/datasets/{NAME}": "a data set",
        f"/v1/datasets/{NAME}/versions/1": "a data set",
        f"/v1/datasets/{NAME}/versions/1/report": "a data set",
        "/v1/keys": "keys",
    }


def main(arguments: Sequence[str]) -> None:
    """Write the page, or print its lines."""
    write_or_print(arguments, figures(Amount(), Effort()))


def figures(amount: Amount, effort: Effort) -> Iterator[str]:
    """The lines of the page: screens, the command, calls, bytes, memory and cold starts."""
    yield measured_at("playwright")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "console"
        state = place / "state"
        state.mkdir(parents=True)
        run = fill(state, amount)
        with platform(place) as transport:
            at = Up(str(transport.url), (state / API_KEY).read_text().strip(), state)
            yield from _table("| what | median ms | slowest ms |", _screens(at, run, effort))
            yield from _table(
                "| whole process | median ms | slowest ms | processor ms |", _commands(at, effort)
            )
            yield from _table("| call | of screen | p50 ms | p99 ms | kB |", _calls(at, run, effort))
            held = grown(at.url, at.key, effort.looks)
        yield from _table("| what | |", [*_first_load(), *held])
        cold_starts = cold(Path(folder) / "cold", effort.turns)
        yield from _table("| a new process answers | median ms | slowest ms |", _spread(cold_starts))


@dataclass(frozen=True)
class Up:
    """A platform that is up: its address, a key, and its folder."""

    url: str
    key: str
    state: Path


def _table(head: str, rows: Iterator[str] | Sequence[str]) -> Iterator[str]:
    yield ""
    yield head
    yield re.sub("[^|]+", "---", head)
    yield from rows


def _spread(times: Mapping[str, Sequence[float]]) -> Iterator[str]:
    for name, found in times.items():
        yield f"| {name} | {np.median(found) * 1e3:.0f} | {max(found) * 1e3:.0f} |"


def _screens(at: Up, run: str, effort: Effort) -> Iterator[str]:
    return _spread(clicks(at.url, at.key, run, effort.turns))


def _commands(at: Up, effort: Effort) -> Iterator[str]:
    http = {"LEPTON_URL": at.url, "LEPTON_API_KEY": at.key}
    ways = {
        "`lepton status`, to the server": (http, []),
        f"`lepton status {NAME}`, to the server": (http, [NAME]),
        "`lepton status`, embedded": ({"LEPTON_DATA": str(at.state)}, []),
        f"`lepton status {NAME}`, embedded": ({"LEPTON_DATA": str(at.state)}, [NAME]),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    worked: dict[str, list[float]] = {way: [] for way in ways}
    # An installed command finds its modules compiled.
    other = {"PYTHONDONTWRITEBYTECODE", "LEPTON_URL", "LEPTON_API_KEY", "LEPTON_DATA"}
    known = {name: value for name, value in os.environ.items() if name not in other}
    for _ in range(effort.turns):
        for way, (environment, named) in ways.items():
            command = [sys.executable, "-m", "lepton_ai", "status", *named]
            began, before = time.perf_counter(), _worked_by_children()
            subprocess.run(command, env=known | environment, check=True, capture_output=True)
            times[way].append(time.perf_counter() - began)
            worked[way].append(_worked_by_children() - before)
    for line, way in zip(_spread(times), ways, strict=True):
        yield f"{line} {np.median(worked[way]) * 1e3:.0f} |"


def _worked_by_children() -> float:
    """Processor seconds of the processes that this one began, and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _calls(at: Up, run: str, effort: Effort) -> Iterator[str]:
    connection = http.client.HTTPConnection(urlsplit(at.url).netloc)
    for path, screen in asked(run).items():
        times = list[float]()
        for _ in range(effort.calls):
            began = time.perf_counter()
            connection.request("GET", path, headers={"authorization": f"Bearer {at.key}"})
            answer = connection.getresponse()
            body = answer.read()
            times.append((time.perf_counter() - began) * 1e3)
            if answer.status != 200:
                raise RuntimeError(f"{path} answers {answer.status}: {body[:200]!r}")
        middle, late = np.percentile(times, [50, 99])
        shown = path.replace(run, "RUN")
        yield f"| `{shown}` | {screen} | {middle:.1f} | {late:.1f} | {len(body) / 1e3:.1f} |"
    connection.close()


def _first_load() -> Iterator[str]:
    named = sorted({*re.findall(r"console/\w+/([\w.-]+)", files.page()), "words-en.json"})
    sizes = [len(gzip.compress(files.files()[name].encode(), 9)) for name in named]
    whole = (sum(sizes) + len(files.page().encode())) / 1e3
    yield f"| first load, compressed: the page and {len(named)} files | {whole:.1f} kB |"


if __name__ == "__main__":
    main(sys.argv[1:])
