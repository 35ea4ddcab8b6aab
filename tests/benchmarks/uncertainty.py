"""What intervals, sets and calibration are worth on held-out rows of public tables.

``python -m tests.benchmarks.uncertainty docs/benchmarks/uncertainty.md [NAME...]`` writes the figures between the
page's marks; without a page they are printed. With names only those tables are measured. It takes some ten minutes; set
OMP_NUM_THREADS=1.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lepton_core.evaluate import ClassificationReport, Coverage
from lepton_core.out_of_fold import classes_of, out_of_fold, truth
from lepton_core.table import Table
from lepton_core.train import Recipe, train
from lepton_core.uncertain import Uncertain
from lepton_core.uncertainty.choice import OutOfFoldRows, learnt
from lepton_core.validation import Report, fold_rows, report
from tests.benchmarks.defaults import written
from tests.benchmarks.measured import measured_at
from tests.benchmarks.real_tables.fetch import content
from tests.benchmarks.real_tables.lepton import Asked
from tests.benchmarks.real_tables.listed import Listed, listed
from tests.benchmarks.real_tables.peer import SEEDS, split, told
from tests.benchmarks.real_tables.raw import raw

EACH = 5
"""Tables with classes, and as many with values."""

FEWEST, MOST = 500, 4000
"""Of fewer rows a fifth says too little, and more take long."""

FOLDS = 5
ALGORITHMS = {
    "classification": ("naive_bayes", "gradient_boosting"),
    "regression": ("linear_regression", "gradient_boosting"),
}
SHOWN = (0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Line:
    """A table under one algorithm: the reports on the held-out rows of each split; ``spread`` is that of the label."""

    name: str
    rows: int
    algorithm: str
    spread: float
    reports: tuple[Report, ...]

    def coverages(self, wanted: float) -> list[Coverage]:
        """Those of all splits, as far as they could be told."""
        return [one for found in self.reports for one in found.coverages if one.coverage == wanted]


def drawn(tables: Sequence[Listed], task: str) -> list[Listed]:
    """Those of a ``task`` without free text, in the order of the SHA-256 of their names: a draw without a look."""
    suited = [one for one in tables if one.task == task and not one.reading.texts]
    return sorted(suited, key=lambda one: hashlib.sha256(one.name.encode()).hexdigest())


def chosen(tables: Sequence[Listed], task: str) -> Iterator[tuple[str, Table, str, str]]:
    """The first five that are `drawn` and have rows enough: name, table as Lepton reads it, label and task."""
    found = 0
    for one in drawn(tables, task):
        packed = content(one)
        of = told(one, packed)
        if not FEWEST <= len(of.y) <= MOST or found == EACH:
            continue
        data = Asked(one, of, raw(one, packed)).data(np.arange(len(of.y)))
        assert data.label is not None
        found += 1
        yield one.name, data.table, data.label, task


def measured(recipe: Recipe, table: Table, seed: int) -> Report:
    """One split: what the folds of four fifths teach, measured on the last one."""
    classes = classes_of(recipe, table)
    y = truth(table[recipe.label], classes)
    training, held_out = (np.sort(one) for one in split(y, bool(classes), seed))
    dealt = fold_rows(recipe, table, training, FOLDS, seed=seed)
    made = [one for one in (out_of_fold(recipe, table, *pair) for pair in dealt) if one is not None]
    places = np.concatenate([test for _, test in dealt])
    fold = np.repeat(np.arange(FOLDS), [len(test) for _, test in dealt])
    rows = OutOfFoldRows(np.concatenate([one.output for one in made]), y[places], fold)
    taught, why = learnt(rows, calibrate=True, uncertainty=True)
    model = train(recipe, table, training, watched=False)
    version = Uncertain.of(model, taught, table.take(training).without(recipe.label))
    return report(version, table.take(held_out), why=why)


def lines(tables: Iterable[tuple[str, Table, str, str]]) -> Iterator[Line]:
    """Each table under each algorithm and each split."""
    for name, table, label, task in tables:
        for algorithm in ALGORITHMS[task]:
            recipe: Any = Recipe(algorithm, label, {}, task=task)
            y = truth(table[label], classes_of(recipe, table))
            found = tuple(measured(recipe, table, seed) for seed in SEEDS)
            sys.stderr.write(f"{name} {algorithm}\n")
            yield Line(name, table.rows, algorithm, float(np.std(y)), found)


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean; NaN of none."""
    return float(np.mean(values)) if values else float("nan")


def shares(of: Line) -> str:
    """The measured share at each coverage, means over the splits."""
    return " | ".join(f"{100 * mean([one.share for one in of.coverages(c)]):.1f}" for c in SHOWN)


def shown(of: Line) -> str:
    """Its line of the page: means over the splits."""
    size = mean([one.size for one in of.coverages(0.9)])
    begin = f"| {of.name} | {of.rows} | {of.algorithm} | {shares(of)}"
    told_of = [one.calibrated for one in of.reports if isinstance(one, ClassificationReport)]
    if not told_of:
        return f"{begin} | {size / of.spread:.2f} |"
    sides = [(one.before, one.after) for one in told_of if one and one.before and one.after]
    losses = [mean([pair[side].log_loss for pair in sides]) for side in (0, 1)]
    errors = [mean([pair[side].calibration_error for pair in sides]) for side in (0, 1)]
    ways = ", ".join(dict.fromkeys(one.chosen for one in told_of if one))
    return f"{begin} | {size:.2f} | {ways} | {losses[0]:.4f} | {losses[1]:.4f} | {errors[0]:.3f} | {errors[1]:.3f} |"


def figures(values: Iterable[Line], classes: Iterable[Line]) -> Iterator[str]:
    """The lines of the page."""
    yield ""
    yield measured_at("scikit-learn", "numpy")
    yield ""
    yield "| values | rows | algorithm | of 80 % | of 90 % | of 95 % | width |"
    yield "|---" * 7 + "|"
    yield from map(shown, values)
    yield ""
    yield (
        "| classes | rows | algorithm | of 80 % | of 90 % | of 95 % | classes in a set | calibrated by "
        "| log loss before | after | error before | after |"
    )
    yield "|---" * 12 + "|"
    yield from map(shown, classes)


if __name__ == "__main__":
    page, names = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    both = (
        lines(one for one in chosen(listed(), task) if not names or one[0] in names)
        for task in ("regression", "classification")
    )
    found = list(figures(*both))
    if page:
        Path(page).write_text(written(Path(page).read_text(), found))
    else:
        sys.stdout.writelines(f"{one}\n" for one in found)
