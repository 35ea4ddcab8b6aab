"""Every system on every judged table: ``python -m tests.benchmarks.auto_systems [--budget 60] [--tables a,b] ...``.

Each run of a system is appended to docs/benchmarks/auto_systems.csv, and the end of what it said to a file beside it;
what is there already is not run again, so a command that was stopped goes on when it is given again.
``python -m tests.benchmarks.auto_systems.page`` makes the page of it.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from tests.benchmarks.auto_systems import logs
from tests.benchmarks.auto_systems.job import Answer, Job
from tests.benchmarks.auto_systems.machine import watched
from tests.benchmarks.auto_systems.results import Line, alone, append, key, read
from tests.benchmarks.auto_systems.systems import SYSTEMS, Failed, asked, commit, said_in, versions
from tests.benchmarks.auto_systems.tables import Drawn, Opened, demand_split, groups, opened
from tests.benchmarks.defaults import error, loss
from tests.benchmarks.real_tables.lepton import code_of
from tests.benchmarks.real_tables.listed import listed
from tests.benchmarks.real_tables.peer import SEEDS

RESULTS = Path("docs/benchmarks/auto_systems.csv")
THREADS = 2
BESIDE = 20
"""Seconds that a run takes on the average beside its budget: imports, predictions, the latency of one row."""


@dataclass(frozen=True)
class Run:
    """A system on a split of a table."""

    system: str
    table: Drawn
    split: int
    budget: float


def planned(
    tables: Iterable[Drawn], systems: Iterable[str], splits: Iterable[int], budget: float
) -> list[Run]:
    """All runs. A table is finished with all systems before the next one, so that whatever there is can be compared."""
    of = [(split, table) for split in splits for table in tables]
    return [Run(system, table, split, budget) for split, table in of for system in systems]


def left(runs: Sequence[Run], lines: Iterable[Line], version: dict[str, str], now: str) -> list[Run]:
    """Those that are not among the results yet."""
    done = {line.key for line in lines}
    return [
        one
        for one in runs
        if key(one.system, version[one.system], now, one.table.name, one.split, one.budget) not in done
    ]


def job_of(table: Opened, run: Run, folder: Path) -> Job:
    """The files of the run: cells as the publisher wrote them, below the names of the columns."""
    training, held_out = table.split(run.split)
    demand_split(run.table, run.split, held_out)
    job = Job(table.cells.label, table.table.task, run.budget, THREADS, run.split, folder)
    label = table.cells.names.index(table.cells.label)
    _write(job.training, table, training, list(range(len(table.cells.names))))
    _write(job.asked, table, held_out, [at for at in range(len(table.cells.names)) if at != label])
    return job


def _write(path: Path, table: Opened, places: np.ndarray, columns: Sequence[int]) -> None:
    cells = table.cells
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(cells.names[at] for at in columns)
        for row in table.of.rows[places]:
            writer.writerow(cells.rows[row][cells.start + at] for at in columns)


def loss_of(table: Opened, answer: Answer, split: int) -> float:
    """The loss of an answer on the held-out rows; `Failed` if a row has no prediction."""
    training, held_out = table.split(split)
    found = answer.found
    if len(found) != len(held_out) or not np.isfinite(found).all():
        raise Failed(f"{np.isfinite(found).sum()} finite predictions for {len(held_out)} rows")
    y = table.of.y[held_out]
    if not table.of.classes:
        return error(found, y)
    labels = table.cells.labels(table.of.rows[training].tolist())
    spelled = dict(zip(labels, table.of.y[training].tolist(), strict=True))
    probabilities = np.zeros((len(y), len(table.of.classes)))
    for name, column in zip(answer.classes, found.T, strict=True):
        probabilities[:, code_of(name.strip(), spelled)] += column
    return loss(probabilities / probabilities.sum(axis=1, keepdims=True), y)


def constant_loss(table: Opened, split: int) -> float:
    """The loss of the training rows' mean, or of their class shares."""
    training, held_out = table.split(split)
    y, y_held = table.of.y[training], table.of.y[held_out]
    if not table.of.classes:
        return error(np.full(len(y_held), y.mean()), y_held)
    shares = np.bincount(y, minlength=len(table.of.classes)) / len(y)
    return loss(np.tile(shares, (len(y_held), 1)), y_held)


def measured(
    run: Run,
    table: Opened,
    version: str,
    now: str,
    ask: Callable[[str, Job], Answer] = asked,
    keep: Callable[[Line, str], None] = lambda line, said: None,
) -> Line:
    """The line of a run; a system that fails has one, too. ``keep`` gets it with what the system said."""
    answer, of, failed = None, None, ""
    others = watched()
    with tempfile.TemporaryDirectory() as folder:
        try:
            answer = ask(run.system, job_of(table, run, Path(folder)))
            of = loss_of(table, answer, run.split)
        except Failed as problem:
            failed = str(problem)
        said = said_in(Path(folder))
    line = Line(
        date=datetime.now(UTC).date().isoformat(),
        table=run.table.name,
        split=run.split,
        budget=run.budget,
        system=run.system,
        version=version,
        commit=now,
        loss=of,
        constant_loss=constant_loss(table, run.split),
        seconds=None if answer is None else round(answer.seconds, 2),
        artifact_bytes=None if answer is None else answer.artifact_bytes,
        latency_ms=None if answer is None else round(answer.latency_ms, 3),
        others=None if (used := others()) is None else round(used, 2),
        choice="" if answer is None else answer.choice,
        error=failed,
    )
    keep(line, said)
    return line


def carried_out(runs: Sequence[Run], version: dict[str, str], now: str, results: Path) -> Iterator[Line]:
    """Each run, one after the other, appended before it is given out."""
    tables = {one.name: one for one in listed()}
    last: Opened | None = None
    for run in runs:
        if last is None or last.table.name != run.table.name:
            last = opened(tables[run.table.name])
        keep = partial(logs.append, results.with_name(f"{results.stem}_logs.txt"))
        line = measured(run, last, version[run.system], now, keep=keep)
        append(results, line)
        yield line


def _options() -> argparse.Namespace:
    judged = [one.name for one in groups()["judged"]]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.auto_systems")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of training (60)")
    parser.add_argument(
        "--tables", type=_several(judged), default=judged, help="names of judged tables (all)"
    )
    parser.add_argument(
        "--systems", type=_several(list(SYSTEMS)), default=list(SYSTEMS), help=", ".join(SYSTEMS)
    )
    splits = [str(at) for at in range(len(SEEDS))]
    parser.add_argument("--splits", type=_several(splits), default=splits, help="0,1,2")
    parser.add_argument("--results", type=Path, default=RESULTS, help=f"the file to go on with ({RESULTS})")
    return parser.parse_args()


def _several(known: Sequence[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        given = text.split(",")
        unknown = [name for name in given if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose of {', '.join(known)}")
        return given

    return names


def main() -> None:
    """Carry out what is left of what the command asks for."""
    given = _options()
    tables = [one for one in groups()["judged"] if one.name in given.tables]
    runs = planned(tables, given.systems, [int(at) for at in given.splits], given.budget)
    version, now = versions(given.systems), commit()
    with alone(given.results):
        wanted = left(runs, read(given.results), version, now)
        minutes = len(wanted) * (given.budget + BESIDE) / 60
        sys.stderr.write(f"{len(wanted)} of {len(runs)} runs are left, about {minutes:.0f} minutes\n")
        for line in carried_out(wanted, version, now, given.results):
            sys.stderr.write(f"{told(line)}\n")


def told(line: Line) -> str:
    """A result in a line."""
    loss = line.error if line.loss is None else f"loss {line.loss:.4g} in {line.seconds:.0f} s, {line.choice}"
    busy = "" if line.others is None else f"; other programs used {line.others:.2f} cores"
    return f"{line.table} {line.split} {line.system}: {loss}{busy}"


if __name__ == "__main__":
    main()
