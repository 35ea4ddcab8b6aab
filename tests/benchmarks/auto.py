"""What automatic training finds, beside the defaults: on the folds that it compares by, and on the held-out rows.

``python -m tests.benchmarks.auto docs/benchmarks/auto.md`` writes the table between the page's marks; without a page it
is printed. It takes some minutes; set OMP_NUM_THREADS=1.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lepton_core.errors import LeptonError
from lepton_core.models import ALGORITHMS
from lepton_core.promotion import held_out_loss
from lepton_core.search import (
    FOLDS,
    Candidate,
    Search,
    Trial,
    Tried,
    candidates,
    folds_of,
    standings,
)
from lepton_core.table import Table, split_rows
from lepton_core.train import Recipe, train
from lepton_core.validation import fold_result, fold_rows
from tests.benchmarks.defaults import written
from tests.benchmarks.tables import CLASSES, LABEL, VALUES

TABLES = {
    "breast cancer": ("logistic_regression", CLASSES["breast cancer"]),
    "digits": ("logistic_regression", CLASSES["digits"]),
    "diabetes": ("linear_regression", VALUES["diabetes"]),
}


@dataclass(frozen=True)
class Found:
    """The defaults' loss and the winner's: over the folds, and on the held-out rows after training on all others."""

    winner: Candidate
    folds: tuple[float, float]
    held_out: tuple[float, float]
    fits: int
    seconds: float


def found(table: Table, algorithms: list[str], trials: int, seed: int = 0) -> Found:
    """A search to its end, in this process."""
    began = time.perf_counter()
    training, held_out = split_rows(table, label=LABEL)
    own = Recipe(algorithms[0], LABEL, {}, seed=seed)
    own = replace(own, task=own.task_on(table))
    drawn = candidates(algorithms, {}, trials, seed=seed)
    recipes = [replace(own, algorithm=one.algorithm, hyperparameters=one.hyperparameters) for one in drawn]
    rows = fold_rows(own, table, training, FOLDS, seed=seed)
    done: dict[Trial, Tried] = {}
    while trials_now := Search(done, len(drawn)).plan():
        for one in trials_now:
            folds = [rows[fold] for fold in folds_of(one.rung)]
            done[one] = measured(recipes[one.candidate], table, folds)
    seconds = time.perf_counter() - began
    table_of = {one.candidate: one for one in standings(Search(done, len(drawn)))}
    best, first = next(iter(table_of.values())), table_of[0]
    assert best.loss is not None and first.loss is not None and len(best.losses) == len(first.losses)
    losses = [
        held_out_loss(train(recipes[one.candidate], table, training), table.take(held_out))
        for one in (first, best)
    ]
    return Found(
        winner=drawn[best.candidate],
        folds=(first.loss, best.loss),
        held_out=(losses[0], losses[1]),
        fits=sum(len(one.losses) for one in done.values()),
        seconds=seconds,
    )


def measured(recipe: Recipe, table: Table, rows: list[Any]) -> Tried:
    """One trial."""
    try:
        losses = tuple(fold_result(recipe, table, *fold).loss for fold in rows)
    except LeptonError as error:
        return Tried(error=error.failure)
    assert np.isfinite(losses).all()
    return Tried(losses)


def figures(names: list[str], trials: int) -> Iterator[str]:
    """The lines of the table."""
    yield ""
    yield "| data | search | folds: defaults | found | held out: defaults | found | fits | s | what won |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name in names:
        own, make = TABLES[name]
        [task] = ALGORITHMS[own].tasks
        others = [one for one in sorted(ALGORITHMS) if one != own and task in ALGORITHMS[one].tasks]
        for search, algorithms in (("`auto=True`", [own]), ("`auto='algorithm'`", [own, *others])):
            of = found(make(), algorithms, trials)
            given = ", ".join(f"{key}={value}" for key, value in of.winner.hyperparameters.items())
            yield (
                f"| {name} | {search} | {of.folds[0]:.4g} | {of.folds[1]:.4g} | {of.held_out[0]:.4g} "
                f"| {of.held_out[1]:.4g} | {of.fits} | {of.seconds:.1f} | `{of.winner.algorithm}({given})` |"
            )


if __name__ == "__main__":
    lines = figures(list(TABLES), trials=10)
    if len(sys.argv) > 1:
        shown = Path(sys.argv[1])
        shown.write_text(written(shown.read_text(), lines))
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)
