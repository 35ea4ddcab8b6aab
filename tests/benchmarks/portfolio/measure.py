"""What each configuration loses on each table of the group ``portfolio``, and the seconds that a fit takes.

``python -m tests.benchmarks.portfolio.measure`` adds what is missing to ``losses.csv``; it can be stopped and begun
again. Of a table at most `ROWS` rows take part, drawn by a fixed seed. They are dealt into four folds, of which two are
predicted, as a search does it: the preprocessor is fitted anew, and what the first fit finds by rows that it leaves out
is given to the second. Seconds are processor time, with one thread. A configuration whose fit takes more than `LONGEST`
has no loss: a search of a minute would give it up.
"""

import csv
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np

from lepton_core.errors import InvalidInput, LeptonError
from lepton_core.models import ALGORITHMS, algorithm
from lepton_core.out_of_fold import out_of_fold
from lepton_core.search.candidates import Candidate, ranges
from lepton_core.table import Table, read_file
from lepton_core.train import Recipe
from lepton_core.validation import fold_rows
from tests.benchmarks.auto_systems.tables import groups, opened
from tests.benchmarks.real_tables.fetch import content
from tests.benchmarks.real_tables.listed import Listed, listed

LOSSES = Path(__file__).with_name("losses.csv")
ROWS = 3_000
FOLDS = 4
MEASURED = 2
SEED = 20_261_129
LONGEST = 30.0
"""Seconds of a fit."""

DRAWN = {
    "gradient_boosting": 12,
    "random_forest": 6,
    "deep_learning": 7,
    "svm": 5,
    "logistic_regression": 3,
    "linear_regression": 3,
    "naive_bayes": 2,
    "decision_tree": 2,
}
"""How many configurations of each algorithm are drawn from its ranges, beside its defaults."""

HEAD = ("table", "task", "algorithm", "hyperparameters", "loss", "seconds")

BY_HAND = (
    Candidate(
        "gradient_boosting", {"learning_rate": 0.05, "max_leaf_nodes": 15, "l2": 1.0, "max_features": 0.5}
    ),
    Candidate(
        "gradient_boosting",
        {"learning_rate": 0.05, "max_leaf_nodes": 63, "min_samples_leaf": 5, "max_features": 0.5},
    ),
    Candidate("random_forest", {"min_samples_leaf": 4, "max_features": 0.5}),
    Candidate("deep_learning", {"early_stopping": True}),
    Candidate("deep_learning", {"hidden": [128, 64], "dropout": 0.1, "early_stopping": True}),
    Candidate("decision_tree", {"min_samples_leaf": 20}),
)
"""Configurations that people use, measured beside those that are drawn."""


def configurations() -> list[Candidate]:
    """All that are measured: the defaults of each algorithm, those by hand, and those that are drawn."""
    found = [*(Candidate(name, {}) for name in DRAWN), *BY_HAND]
    for name, most in DRAWN.items():
        found.extend(islice(drawn(name), most))
    return found


def drawn(name: str) -> Iterator[Candidate]:
    """Configurations without end of an algorithm, of all its ranges; what it refuses is left out, as by a search."""
    space = ranges(algorithm(name), {})
    for number in count():
        rng = np.random.default_rng([SEED, number, *name.encode()])
        settings = {one: of.draw(rng) for one, of in space.items()}
        with suppress(InvalidInput):
            algorithm(name).configure(settings)
            yield Candidate(name, settings)


def table_of(one: Listed) -> tuple[Table, str]:
    """The rows of a listed table that take part, of those with a label, and its label."""
    of = opened(one)
    rows, cells = of.of.rows, of.cells
    if len(rows) > ROWS:
        rng = np.random.default_rng(SEED)
        rows = rows[np.sort(rng.choice(len(rows), ROWS, replace=False))]
    read = read_file(cells.file(rows.tolist()), label=cells.label)
    return read.table, read.label


class TooLong(Exception):
    """A fit has used up its seconds."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """A block that is left by `TooLong` once this process has used so many seconds of processor time in it."""

    def over(*_: object) -> None:
        raise TooLong(f"more than {seconds:.0f} s")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def loss_of(table: Table, label: str, task: str, one: Candidate) -> tuple[float, float]:
    """The mean loss of the folds that are predicted, and the seconds of a fit once its settings are found."""
    recipe = Recipe(one.algorithm, label, one.hyperparameters, task=task)
    folds = fold_rows(recipe, table, np.arange(table.rows), FOLDS, seed=0)[:MEASURED]
    losses, seconds = [], []
    for fold in folds:
        began = time.process_time()
        with at_most(LONGEST):
            made = out_of_fold(recipe, table, *fold)
        seconds.append(time.process_time() - began)
        assert made is not None
        losses.append(made.loss)
        recipe = replace(recipe, hyperparameters={**recipe.hyperparameters, **made.found})
    return float(np.mean(losses)), float(np.mean(seconds))


def left(done: set[tuple[str, ...]]) -> Iterator[tuple[Listed, Sequence[Candidate]]]:
    """Of each table the configurations that are not measured yet; the smallest files first."""
    names = {one.name for one in groups()["portfolio"]}
    for table in sorted((one for one in listed() if one.name in names), key=lambda one: len(content(one))):
        possible = [one for one in configurations() if table.task in ALGORITHMS[one.algorithm].tasks]
        open_ = [one for one in possible if (table.name, *key(one)) not in done]
        if open_:
            yield table, open_


def key(one: Candidate) -> tuple[str, str]:
    """The algorithm, and the settings as they stand in the file."""
    return one.algorithm, json.dumps(dict(one.hyperparameters), sort_keys=True)


def measured() -> list[dict[str, str]]:
    """The lines of the file."""
    if not LOSSES.exists():
        return []
    with LOSSES.open(newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Measure what is missing, and say what is under way."""
    done = {(one["table"], one["algorithm"], one["hyperparameters"]) for one in measured()}
    new = not LOSSES.exists()
    with LOSSES.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(HEAD)
        for one, candidates in left(done):
            table, label = table_of(one)
            for candidate in candidates:
                try:
                    loss, seconds = loss_of(table, label, one.task, candidate)
                except (LeptonError, TooLong) as error:
                    sys.stderr.write(f"{one.name}: {candidate}: {error}\n")
                    loss, seconds = float("nan"), LONGEST
                writer.writerow([one.name, one.task, *key(candidate), f"{loss:.6g}", f"{seconds:.3g}"])
                file.flush()
            sys.stderr.write(f"{one.name}: {len(candidates)} configurations\n")


if __name__ == "__main__":
    main()
