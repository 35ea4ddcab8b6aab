"""Gradient boosting with nothing said, beside scikit-learn's that stops early: 16 public tables with classes.

``python -m tests.benchmarks.boosting docs/benchmarks/boosting.md [NAME...]`` writes the figures between the page's
marks; without a page they are printed. With names only those tables are measured. It takes some ten minutes; set
OMP_NUM_THREADS=1.
"""

import hashlib
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from lepton_core.table import Table
from lepton_core.target import class_names, encode_classes
from lepton_core.train import Recipe, advance, prepare, start
from tests.benchmarks.defaults import loss, written
from tests.benchmarks.measured import measured_at
from tests.benchmarks.real_tables.fetch import content
from tests.benchmarks.real_tables.lepton import Asked
from tests.benchmarks.real_tables.listed import Listed, listed
from tests.benchmarks.real_tables.peer import SEEDS, split, told
from tests.benchmarks.real_tables.raw import raw

TABLES = 16
FEWEST = 250
"""Of fewer rows a fifth says too little."""

ALLOWED = 1.02
RESAMPLES = 10_000


@dataclass(frozen=True)
class Figures:
    """One split: log loss, seconds of the processor and trees (of each class) of ours and of the peer's."""

    loss: float
    peer_loss: float
    seconds: float
    peer_seconds: float
    trees: int
    peer_trees: int


@dataclass(frozen=True)
class Line:
    """A table and what was measured of each split."""

    name: str
    rows: int
    columns: int
    classes: int
    figures: tuple[Figures, ...]

    @property
    def ratio(self) -> float:
        """The mean loss over that of the peer."""
        return mean([one.loss for one in self.figures]) / mean([one.peer_loss for one in self.figures])


def drawn(tables: Sequence[Listed]) -> list[Listed]:
    """Those with classes and without free text, in the order of the SHA-256 of their names: a draw without a look."""
    suited = [one for one in tables if one.task == "classification" and not one.reading.texts]
    return sorted(suited, key=lambda one: hashlib.sha256(one.name.encode()).hexdigest())


def chosen(tables: Sequence[Listed]) -> Iterator[tuple[Listed, Table, str]]:
    """The first 16 that are `drawn` and have 250 labelled rows: each as Lepton reads it, and the name of its label."""
    found = 0
    for one in drawn(tables):
        packed = content(one)
        of = told(one, packed)
        if len(of.y) < FEWEST or found == TABLES:
            continue
        data = Asked(one, of, raw(one, packed)).data(np.arange(len(of.y)))
        assert data.label is not None
        found += 1
        yield one, data.table, data.label


def measured(table: Table, label: str, seed: int) -> Figures:
    """Both on one split: they learn from the same matrix, in which categories are codes, and are told that.

    The peer keeps a tenth of the rows aside, of each class alike, so it cannot learn from a class of a single row.
    """
    classes = class_names(table[label])
    y = encode_classes(table[label], classes).y
    training, held_out = split(y, True, seed)
    recipe = Recipe("gradient_boosting", label, {}, task="classification", seed=seed)
    prepared = prepare(recipe, table, training)
    began = time.process_time()
    fit = advance(prepared, start(prepared), lambda _: False)
    ours = recipe.trainer.parameters(fit)
    seconds = time.process_time() - began
    X = prepared.preprocessor.transform(table.take(held_out).without(label), missing=True, categories=True)
    problem = prepared.problem
    coded = np.array(problem.levels) > 0
    peer = HistGradientBoostingClassifier(
        early_stopping=True,
        max_iter=fit.iterations,
        categorical_features=coded if coded.any() else None,
        random_state=seed,
    )
    kept = np.bincount(problem.y, minlength=len(classes))[problem.y] > 1
    began = time.process_time()
    peer.fit(problem.array[kept], problem.y[kept])
    peer_seconds = time.process_time() - began
    theirs = np.zeros((len(held_out), len(classes)))
    theirs[:, peer.classes_] = peer.predict_proba(X)
    return Figures(
        loss(recipe.trainer.predict(ours, X), y[held_out]),
        loss(theirs, y[held_out]),
        seconds,
        peer_seconds,
        fit.iteration,
        int(peer.n_iter_),
    )


def line(name: str, table: Table, label: str) -> Line:
    """A table under each split."""
    found = tuple(measured(table, label, seed) for seed in SEEDS)
    classes = len(class_names(table[label]))
    return Line(name, table.rows, len(table.columns) - 1, classes, found)


def interval(ratios: Sequence[float], resamples: int = RESAMPLES) -> tuple[float, float, float]:
    """The geometric mean of the ratios, and where 95 of 100 means of tables drawn with replacement lie.

    >>> interval([2.0, 0.5], 1_000)
    (1.0, 0.5, 2.0)
    """
    logs = np.log(ratios)
    places = np.random.default_rng(0).integers(len(logs), size=(resamples, len(logs)))
    low, high = np.quantile(logs[places].mean(axis=1), [0.025, 0.975])
    return float(np.exp(logs.mean())), float(np.exp(low)), float(np.exp(high))


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean."""
    return float(np.mean(values))


def shown(of: Line) -> str:
    """Its line of the page: means over the splits."""
    losses = mean([one.loss for one in of.figures]), mean([one.peer_loss for one in of.figures])
    trees = mean([one.trees for one in of.figures]), mean([one.peer_trees for one in of.figures])
    took = mean([one.seconds for one in of.figures]), mean([one.peer_seconds for one in of.figures])
    return (
        f"| {of.name} | {of.rows} x {of.columns} | {of.classes} | {losses[0]:.4f} | {losses[1]:.4f} | {of.ratio:.3f} "
        f"| {trees[0]:.0f} | {trees[1]:.0f} | {took[0]:.2f} | {took[1]:.2f} |"
    )


def figures(lines: Iterable[Line]) -> Iterator[str]:
    """The lines of the page."""
    yield ""
    yield measured_at("scikit-learn", "numpy")
    yield ""
    yield (
        "| table | size | classes | log loss | scikit-learn | ratio | trees | scikit-learn | s | scikit-learn |"
    )
    yield "|---" * 10 + "|"
    found = []
    for one in lines:
        found.append(one)
        sys.stderr.write(f"{shown(one)}\n")
        yield shown(one)
    middle, low, high = interval([one.ratio for one in found])
    took = interval(
        [
            mean([f.seconds for f in one.figures]) / mean([f.peer_seconds for f in one.figures])
            for one in found
        ]
    )
    above = [f"{one.name} ({one.ratio:.3f})" for one in found if one.ratio > ALLOWED]
    yield ""
    yield (
        f"Geometric mean of the ratios of the {len(found)} tables: **{middle:.3f}** (95 % by bootstrap over tables: "
        f"{low:.3f} to {high:.3f}). Of the times: {took[0]:.1f} ({took[1]:.1f} to {took[2]:.1f})."
    )
    yield ""
    yield f"Above {ALLOWED}: {', '.join(above) or 'no table'}."


if __name__ == "__main__":
    page, names = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    tables = (line(one.name, *table) for one, *table in chosen(listed()) if not names or one.name in names)
    if page:
        Path(page).write_text(written(Path(page).read_text(), list(figures(tables))))
    else:
        sys.stdout.writelines(f"{one}\n" for one in figures(tables))
