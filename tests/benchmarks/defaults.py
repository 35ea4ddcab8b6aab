"""Training with no hyperparameters, against scikit-learn with its own, on the same held-out rows.

``python -m tests.benchmarks.defaults docs/benchmarks/defaults.md`` writes the tables between the page's marks; without
a page they are printed. It takes a minute and 1 GB; set OMP_NUM_THREADS=1.
"""

import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from lepton_core.descent import Logistic
from lepton_core.models import Problem, algorithm
from lepton_core.table import Table, split_rows
from lepton_core.train import Prepared, Recipe, advance, prepare, start
from tests.benchmarks.measured import measured_at
from tests.benchmarks.tables import CLASSES, LABEL, VALUES, million

SALTS = ("a", "b", "c", "d", "e")
REPEATS = 3
START, END = "<!-- figures -->\n", "<!-- end -->\n"

Measured = dict[str, float]
Tables = Mapping[str, Callable[[], Table]]


@dataclass(frozen=True)
class Task:
    """One table split once: what is trained on, and the held-out rows as numbers."""

    prepared: Prepared
    X: np.ndarray
    y: np.ndarray


def tasks(algorithm: str, given: Mapping[str, Any], table: Table) -> Iterator[Task]:
    """The table under each salt, under one only if it is large."""
    labels = table[LABEL].values
    if algorithm == "logistic_regression":
        labels = np.unique(labels, return_inverse=True)[1]
    for salt in SALTS if table.rows < 30_000 else SALTS[:1]:
        training, held_out = split_rows(table, label=LABEL, salt=salt)
        prepared = prepare(Recipe(algorithm, LABEL, given), table, training)
        yield Task(prepared, prepared.preprocessor.transform(table.take(held_out)), labels[held_out])


def lepton(task: Task) -> tuple[np.ndarray, float, int]:
    """Predictions, milliseconds (the best of three), iterations."""
    fit, took = timed(lambda: advance(task.prepared, start(task.prepared), lambda _: False))
    trainer = task.prepared.recipe.trainer
    return trainer.predict(trainer.parameters(fit), task.X), took, fit.iteration


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What ``run`` gives, and the milliseconds of the fastest of three calls."""
    took = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        result = run()
        took.append(1e3 * (time.perf_counter() - begun))
    return result, min(took)


def accuracy(probabilities: np.ndarray, y: np.ndarray) -> float:
    """The share of rows whose most probable class is the true one."""
    return float(np.mean(probabilities.argmax(axis=1) == y))


def loss(probabilities: np.ndarray, y: np.ndarray) -> float:
    """Mean log loss in nats."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(y)), y], 2.2e-16)).mean())


def error(values: np.ndarray, y: np.ndarray) -> float:
    """The root of the mean squared error."""
    return float(np.sqrt(np.mean(np.square(values - y))))


def of_classes(task: Task) -> Measured:
    """Both classifiers on one task."""
    problem = task.prepared.problem
    ours, took, iterations = lepton(task)
    oracle, took_oracle = timed(lambda: LogisticRegression(max_iter=5000).fit(problem.array, problem.y))
    theirs = oracle.predict_proba(task.X)
    return {
        "accuracy": accuracy(ours, task.y),
        "accuracy there": accuracy(theirs, task.y),
        "loss": loss(ours, task.y),
        "loss there": loss(theirs, task.y),
        "ms": took,
        "ms there": took_oracle,
        "iterations": iterations,
    }


def of_values(task: Task) -> Measured:
    """Both least squares, and ridge, on one task."""
    problem = task.prepared.problem
    ours, took, iterations = lepton(task)
    oracle, took_oracle = timed(lambda: LinearRegression().fit(problem.array, problem.y))
    return {
        "rmse": error(ours, task.y),
        "rmse there": error(oracle.predict(task.X), task.y),
        "rmse ridge": error(Ridge().fit(problem.array, problem.y).predict(task.X), task.y),
        "ms": took,
        "ms there": took_oracle,
        "iterations": iterations,
    }


def means(measured: list[Measured]) -> Measured:
    """The mean of each figure."""
    return {name: float(np.mean([one[name] for one in measured])) for name in measured[0]}


def rows_of_classes(classes: Tables) -> Iterator[str]:
    """The table of classification, line by line."""
    yield "| data | size | accuracy | scikit-learn | log loss | scikit-learn | ms | scikit-learn | iterations |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, make in classes.items():
        found = list(tasks("logistic_regression", {}, make()))
        of = means([of_classes(task) for task in found])
        yield (
            f"| {name} | {size(found[0])} | {of['accuracy']:.4f} | {of['accuracy there']:.4f} | {of['loss']:.4f} "
            f"| {of['loss there']:.4f} | {of['ms']:.1f} | {of['ms there']:.1f} | {of['iterations']:.0f} |"
        )


def rows_of_values(values: Tables) -> Iterator[str]:
    """The table of regression, line by line."""
    yield "| data | size | RMSE | LinearRegression | Ridge | ms | LinearRegression | iterations |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, make in values.items():
        found = list(tasks("linear_regression", {}, make()))
        of = means([of_values(task) for task in found])
        yield (
            f"| {name} | {size(found[0])} | {of['rmse']:.4f} | {of['rmse there']:.4f} | {of['rmse ridge']:.4f} "
            f"| {of['ms']:.1f} | {of['ms there']:.1f} | {of['iterations']:.0f} |"
        )


def rows_of_descent(classes: Tables) -> Iterator[str]:
    """What plain gradient descent makes of the same tables in a thousand iterations."""
    yield "| data | accuracy | log loss | ms |"
    yield "|---|---|---|---|"
    for name, make in classes.items():
        measured = []
        for task in tasks("logistic_regression", {"iterations": 1000}, make()):
            ours, took, _ = lepton(task)
            measured.append({"accuracy": accuracy(ours, task.y), "loss": loss(ours, task.y), "ms": took})
        of = means(measured)
        yield f"| {name} | {of['accuracy']:.4f} | {of['loss']:.4f} | {of['ms']:.1f} |"


def rows_of_a_million(X: np.ndarray, y: np.ndarray) -> Iterator[str]:
    """Time and memory where both are spent on passes over the rows."""
    logistic, problem = algorithm("logistic_regression"), Problem(X, y, 2)
    hyper = logistic.configure({})
    truth, weights = y.astype(float), np.zeros(X.shape[1] + 1)
    _, one_pass = timed(lambda: Logistic().value_and_gradient(weights, X, truth))
    yield f"One pass over {size_of(X)} for loss and gradient: {one_pass:.0f} ms."
    yield ""
    yield "| | s | iterations | MB above the data |"
    yield "|---|---|---|---|"
    for name, run in (
        ("Lepton", lambda: logistic.advance(logistic.start(problem, hyper), problem, hyper, lambda _: False)),
        ("scikit-learn", lambda: LogisticRegression(max_iter=5000).fit(X, y)),
    ):
        found, took = timed(run)
        iterations = found.iteration if name == "Lepton" else found.n_iter_[0]
        yield f"| {name} | {took / 1e3:.2f} | {iterations} | {traced(run):.0f} |"


def traced(run: Callable[[], Any]) -> float:
    """The most memory that ``run`` holds at a time, in MB, as `tracemalloc` sees it."""
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


def size(task: Task) -> str:
    """Rows to train on and columns of the design matrix."""
    return size_of(task.prepared.problem.X)


def size_of(X: np.ndarray) -> str:
    """Rows and columns."""
    return f"{X.shape[0]} x {X.shape[1]}"


def figures(classes: Tables, values: Tables, large: tuple[np.ndarray, np.ndarray]) -> Iterator[str]:
    """The lines of the page."""
    yield from ("", measured_at("scikit-learn", "pandas", "numpy"))
    for title, rows in (
        ("One million rows, two classes", rows_of_a_million(*large)),
        ("Classification", rows_of_classes(classes)),
        ("Regression", rows_of_values(values)),
        ("Plain gradient descent, 1000 iterations", rows_of_descent(classes)),
    ):
        yield from ("", f"## {title}", "", *rows)


def written(page: str, lines: Iterable[str]) -> str:
    """The page with these lines between its marks."""
    before, _, rest = page.partition(START)
    return before + START + "".join(f"{line}\n" for line in lines) + "\n" + END + rest.partition(END)[2]


def write_or_print(arguments: Sequence[str], lines: Iterable[str]) -> None:
    """Write the page that the ``arguments`` of a program name, with these lines between its marks; or print these."""
    if arguments:
        shown, made = Path(arguments[0]), list(lines)
        shown.write_text(written(shown.read_text(), made))
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    write_or_print(sys.argv[1:], figures(CLASSES, VALUES, million()))
