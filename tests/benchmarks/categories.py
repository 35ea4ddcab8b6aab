"""Logistic regression on categories and on sparse rows that are never expanded, beside scikit-learn on CSR.

``python -m tests.benchmarks.categories docs/benchmarks/categories.md`` writes the table between the page's marks;
without a page it is printed. It takes a minute and 500 MB; set OMP_NUM_THREADS=1. Seconds are processor time.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from lepton_core.descent import Logistic
from lepton_core.matrix import Blocks, Matrix, Sparse
from lepton_core.models import Fit, Problem, algorithm
from lepton_core.table import Categories, Table
from lepton_core.train import Recipe, prepare
from tests.benchmarks.defaults import traced, write_or_print
from tests.benchmarks.measured import measured_at

GAP = 1e-6
REPEATS = 3
TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
HEAD = "| data | | s to prepare | s to 1e-6 | iterations | s by itself | gap by itself | MB |"


@dataclass(frozen=True)
class Case:
    """One problem in both forms, each with what making it takes."""

    name: str
    ours: Callable[[], Problem]
    theirs: Callable[[], tuple[Any, np.ndarray]]


@dataclass(frozen=True)
class Figures:
    """Seconds of preparing, of a fit to the gap, of a fit with defaults; its gap; and the most megabytes of both."""

    prepare: float
    to_gap: float
    iterations: int
    by_itself: float
    left: float
    megabytes: float


def categories(rows: int = 100_000, columns: int = 10, levels: int = 100) -> Case:
    """Columns of texts, of which each level has a weight of its own."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, levels, (columns, rows))
    scores = sum(0.5 * rng.normal(size=levels)[of] for of in codes)
    y = (rng.random(rows) < 1.0 / (1.0 + np.exp(-scores))).astype(np.int64)
    names = tuple(f"level {i:04}" for i in range(levels))
    cells = np.array(names, dtype=object)[codes.T]
    made = [Categories(f"c{j}", of.astype(np.int32), names) for j, of in enumerate(codes)]
    table = Table((*made, Categories("y", y.astype(np.int32), ("no", "yes"))))
    recipe, every = Recipe("logistic_regression", "y", {}), np.arange(rows)
    return Case(
        f"{rows} x {columns} columns of {levels} levels",
        lambda: prepare(recipe, table, every).problem,
        lambda: (OneHotEncoder(dtype=np.float64).fit_transform(cells), y),
    )


def sparse(rows: int = 100_000, columns: int = 100_000, entries: int = 50) -> Case:
    """Rows with few numbers, as of hashed words, of which some columns matter."""
    rng = np.random.default_rng(0)
    indices = np.minimum(rng.zipf(1.3, (rows, entries)) * 7919, 2**40) % columns
    indices = np.sort((indices + np.arange(entries) * (columns // entries)) % columns, axis=1).astype(
        np.int32
    )
    fresh = np.diff(indices, axis=1, prepend=-1) > 0  # no column twice in a row
    values = np.abs(rng.normal(size=indices.shape))[fresh] / np.sqrt(entries)
    indptr, flat = np.concatenate([[0], np.cumsum(fresh.sum(axis=1))]), indices[fresh]
    X = Blocks.of([Sparse(indptr, flat, values, columns)])
    scores = X @ (3.0 * rng.normal(size=columns))
    y = (rng.random(rows) < 1.0 / (1.0 + np.exp(-scores))).astype(np.int64)
    return Case(
        f"{rows} x {columns}, at most {entries} entries a row",
        lambda: Problem(X, y, 2),
        lambda: (csr_matrix((values, flat, indptr), shape=(rows, columns)), y),
    )


def objective(X: Matrix, y: np.ndarray, weights: np.ndarray) -> float:
    """What both minimise, with the default penalty: the mean loss and ``|w|^2 / 2m``."""
    return Logistic().value(weights, X, y.astype(np.float64)) + float(weights[:-1] @ weights[:-1]) / (
        2 * len(X)
    )


def lepton(problem: Problem, pause: Callable[[Fit], bool] = lambda _: False, **given: Any) -> np.ndarray:
    """The weights, intercept last, with these hyperparameters and the penalty of scikit-learn's default."""
    trainer = algorithm("logistic_regression")
    hyper = trainer.configure({"l2": 1 / len(problem.y), **given})
    fit = trainer.advance(trainer.start(problem, hyper), problem, hyper, pause)
    found = trainer.parameters(fit)
    return np.append(found["weights"], found["intercept"])


def scikit_learn(X: Any, y: np.ndarray, **given: Any) -> tuple[np.ndarray, int]:
    """The weights, intercept last, and the iterations."""
    found = LogisticRegression(**{"max_iter": 1000, **given}).fit(X, y)
    return np.append(found.coef_[0], found.intercept_), int(found.n_iter_[0])


def of_ours(problem: Problem, best: float) -> tuple[float, int, float, float]:
    """Seconds to the gap, with the fewest iterations that reach it, and of a fit that ends by itself; its gap."""
    path: list[np.ndarray] = []

    def note(fit: Fit) -> bool:
        path.append(fit.arrays["weights"])
        return False

    lepton(problem, note)
    gaps = [objective(problem.X, problem.y, weights) / best - 1.0 for weights in path]
    needed = next(i for i, gap in enumerate(gaps, start=1) if gap <= GAP)
    # A fit that pauses there has done all that it needs and nothing more.
    to_gap = quickest(lambda: lepton(problem, lambda fit: fit.iteration == needed))
    return to_gap, needed, quickest(lambda: lepton(problem)), gaps[-1]


def of_theirs(X: Any, y: np.ndarray, blocks: Matrix, best: float) -> tuple[float, int, float, float]:
    """The same of scikit-learn, with the loosest tolerance that reaches the gap."""
    for tolerance in TOLERANCES:
        weights, iterations = scikit_learn(X, y, tol=tolerance)
        if objective(blocks, y, weights) / best - 1.0 <= GAP:
            break
    to_gap = quickest(lambda: scikit_learn(X, y, tol=tolerance))
    by_itself = scikit_learn(X, y)[0]
    return (
        to_gap,
        iterations,
        quickest(lambda: scikit_learn(X, y)),
        objective(blocks, y, by_itself) / best - 1.0,
    )


def quickest(run: Callable[[], Any]) -> float:
    """The processor time of the quickest of some calls, in seconds."""
    took = []
    for _ in range(REPEATS):
        begun = time.process_time()
        run()
        took.append(time.process_time() - begun)
    return min(took)


def measured(case: Case) -> tuple[Figures, Figures]:
    """Both on one problem."""
    ours = traced(lambda: lepton(case.ours()))
    theirs = traced(lambda: scikit_learn(*case.theirs()))
    problem, (X, y) = case.ours(), case.theirs()
    best = objective(problem.X, y, lepton(problem, optimizer="lbfgs", iterations=100))
    return (
        Figures(quickest(case.ours), *of_ours(problem, best), ours),
        Figures(quickest(case.theirs), *of_theirs(X, y, problem.X, best), theirs),
    )


def figures(cases: list[Case]) -> Iterator[str]:
    """The lines of the page."""
    yield from ("", measured_at("scikit-learn", "pandas", "numpy"), "", HEAD, "|" + "---|" * 8)
    for case in cases:
        for who, of in zip(("Lepton", "scikit-learn"), measured(case), strict=True):
            yield (
                f"| {case.name} | {who} | {of.prepare:.3f} | {of.to_gap:.3f} | {of.iterations} | {of.by_itself:.3f} "
                f"| {max(of.left, 0.0):.0e} | {of.megabytes:.0f} |"
            )


if __name__ == "__main__":
    write_or_print(sys.argv[1:], figures([categories(), sparse()]))
