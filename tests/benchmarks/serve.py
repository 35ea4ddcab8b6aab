"""The servers beside others of the same model: ``python -m tests.benchmarks.serve docs/benchmarks/serve.md``.

It writes the figures between the page's marks, or prints them. Each server has one core, the clients another one.
The sides take turns, so that a slow moment hits each, and medians are shown. Of FastAPI with scikit-learn, BentoML and
``mlflow models serve`` the environment names the Python that they are installed for: ``LEPTON_FASTAPI_PYTHON``,
``LEPTON_BENTOML_PYTHON``, ``LEPTON_MLFLOW_PYTHON``.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_core.artifact import write_container
from lepton_core.table import Table, given_column, pack_table
from tests.benchmarks.defaults import write_or_print
from tests.benchmarks.measured import measured_at
from tests.benchmarks.serve_beside import beside
from tests.benchmarks.serve_processes import SERVERS_CORE, Running, on_core, running
from tests.benchmarks.serve_rivals import Side, rivals

COLUMNS, ROWS, MANY, CLIENTS = 30, 569, 1000, 16
ROUNDS, SECONDS = 5, 1.5
FILE, UP, FOLDER = "lepton serve, a file", "lepton up", "lepton serve, a folder"
PATH = "/v1/models/m/predict"
OCTETS = "application/octet-stream"


@dataclass
class Figures:
    """Of one side, a figure for each round: milliseconds, requests a second, and what these took of the processor."""

    alone: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    many: list[float] = field(default_factory=list)
    binary: list[float] = field(default_factory=list)


def sides(place: Path) -> dict[str, Side]:
    """Those that can be measured here, over what `trained` has left in ``place``."""
    own, state = [sys.executable, "-m", "lepton_ai"], str(place / "state")
    file = str(place / "m.lepton")
    return {
        FILE: Side(lambda port: [*own, "serve", "--file", file, "--port", str(port)], PATH, binary=True),
        FOLDER: Side(
            lambda port: [*own, "serve", "m", "--data", state, "--port", str(port)], PATH, binary=True
        ),
        UP: Side(lambda port: [*own, "up", "--data", state, "--port", str(port)], PATH, binary=True),
        **rivals(COLUMNS, place),
    }


def figures(rounds: int = ROUNDS, seconds: float = SECONDS) -> Iterator[str]:
    """The lines of the page."""
    yield measured_at("uvicorn", "httptools", "uvloop", "numpy")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        place = Path(folder)
        trained(place)
        found = {name: stack.enter_context(running(one, place)) for name, one in sides(place).items()}
        of = {name: Figures() for name in found}
        for number in range(rounds + 1):
            for name, one in found.items():
                measured(one, of[name] if number else Figures(), seconds)
        yield from ("", *table(of), "", *compared(of))
        yield from ("", *left(place, found[FILE], seconds))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        trained(place)
        yield from ("", *beside(sides(place)[UP], place, one_row(), seconds))


def measured(one: Running, of: Figures, seconds: float) -> None:
    """Measure a side once."""
    alone = one.asked(one.side.asked(rows(1)), 1, seconds)
    crowd = one.asked(one.side.asked(rows(1)), CLIENTS, seconds)
    of.alone.append(alone.half)
    of.late.append(alone.most)
    of.rate.append(crowd.rate)
    of.busy.append(crowd.server_busy)
    of.took.append(crowd.took)
    of.many.append(one.asked(one.side.asked(rows(MANY)), 1, seconds).half)
    if one.side.binary:
        of.binary.append(one.asked(packed(), 1, seconds, OCTETS).half)


def table(of: Mapping[str, Figures]) -> Iterator[str]:
    """What was measured of each side."""
    yield (
        f"| server | one row: median, ms | 99th percentile, ms | {CLIENTS} clients, requests/s | "
        f"its core busy | µs of it a request | "
        f"{MANY} rows, JSON, ms | {MANY} rows, binary, ms |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for name, one in of.items():
        binary = f"{median(one.binary):.2f}" if one.binary else "-"
        yield (
            f"| {name} | {median(one.alone):.3f} | {median(one.late):.2f} | {median(one.rate):.0f} | "
            f"{median(one.busy):.0%} | {median(one.took):.0f} | {median(one.many):.2f} | {binary} |"
        )


def compared(of: Mapping[str, Figures]) -> Iterator[str]:
    """What is asked for beside what was measured; of a rival that is not there nothing."""
    mid = {
        name: {key: median(found) for key, found in vars(one).items() if found} for name, one in of.items()
    }
    asked = [
        (f"{FILE}: median of one row below mlflow's", "mlflow", "alone", FILE, 10, 15),
        (f"{FILE}: requests/s over mlflow's", FILE, "rate", "mlflow", 15, 25),
        (f"{FILE}: requests/s over FastAPI's", FILE, "rate", "FastAPI", 10, 15),
        (f"{UP}, keys and counts: median of one row below mlflow's", "mlflow", "alone", UP, 5, 8),
        (f"{UP}, keys and counts: requests/s over FastAPI's", UP, "rate", "FastAPI", 5, 10),
    ]
    yield "| what | must | aim | measured |"
    yield "|---|---:|---:|---:|"
    for what, above, key, below, must, aim in asked:
        if above in mid and below in mid:
            yield f"| {what} | {must}x | {aim}x | {mid[above][key] / mid[below][key]:.1f}x |"
    many = mid[FILE]["many"]
    yield f"| {MANY} rows, JSON: time over a bare server's, at most | 2x | 1.4x | {many / mid['bare']['many']:.1f}x |"
    if "mlflow" in mid:
        share = mid["mlflow"]["many"] / mid[FILE]["binary"]
        yield f"| {MANY} rows, binary: time below that of mlflow's JSON | 20x | 40x | {share:.1f}x |"


def left(place: Path, one: Running, seconds: float) -> Iterator[str]:
    """Where the processor time of a request goes."""
    crowd = one.asked(one.side.asked(rows(1)), CLIENTS, 3 * seconds)
    command = [*on_core(SERVERS_CORE), sys.executable, "-m", "tests.benchmarks.serve_profile"]
    told = subprocess.run(
        [*command, str(place / "m.lepton")], input=one_row(), capture_output=True, check=True
    )
    parts: dict[str, float] = json.loads(told.stdout)
    head, *inner, (_, prediction) = parts.items()
    yield f"| of a row of {FILE}, {CLIENTS} clients | µs of the processor |"
    yield "|---|---:|"
    yield f"| the kernel and the loop: bytes from sockets and to them | {crowd.took - head[1] - prediction:.1f} |"
    for name, took in (head, *inner):
        yield f"| {name} | {took:.1f} |"
    yield f"| between these parts | {prediction - sum(took for _, took in inner):.1f} |"
    yield f"| all | {crowd.took:.1f} |"


def rows(many: int) -> list[dict[str, float]]:
    """So many rows, always the same."""
    return [{f"f{at}": at / 7 + number / 1000 for at in range(COLUMNS)} for number in range(many)]


def one_row() -> bytes:
    """The body of a request of one row to Lepton."""
    return json.dumps({"rows": rows(1)}).encode()


def packed() -> bytes:
    """The body of a request of many rows as typed columns."""
    some = rows(MANY)
    columns = tuple(given_column(name, [row[name] for row in some]) for name in some[0])
    return write_container(*pack_table(Table(columns)))


def trained(place: Path) -> None:
    """Leave a platform with the deployed model m in ``state``, and the version in ``m.lepton``."""
    import numpy as np

    X = np.random.default_rng(0).normal(size=(ROWS, COLUMNS))
    lines = [",".join([*(f"f{at}" for at in range(COLUMNS)), "label"])]
    lines += [
        ",".join([*(f"{cell:.4f}" for cell in row), "yes" if row[0] + row[1] > 0 else "no"]) for row in X
    ]
    (place / "data.csv").write_text("\n".join(lines))
    transport = EmbeddedTransport(place / "state")
    model = Model("logistic_regression", name="m", quiet=True, transport=transport)
    model.upload_data(Data.from_csv(place / "data.csv", label="label", quiet=True))
    model.train()
    model.deploy()
    model.export(place / "m.lepton")
    transport.close()


def main(arguments: Sequence[str]) -> None:
    """Write the page, or print its lines."""
    packages = ["lepton_ai", "lepton_core", "functions", "infra"]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *packages], check=True)
    write_or_print(arguments, figures())


if __name__ == "__main__":
    main(sys.argv[1:])
