"""Every algorithm with its defaults beside its peer in scikit-learn with its own, on the same rows.

``python -m tests.benchmarks.algorithms docs/benchmarks/algorithms.md`` writes the tables between the page's marks;
without a page they are printed. It takes two minutes; set OMP_NUM_THREADS=1.
"""

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lepton_core.predict import Predictor
from lepton_core.table import Numbers, Table, split_rows
from lepton_core.train import Recipe, train
from tests.benchmarks.defaults import END, START

SALTS = ("a", "b", "c")
CLASSES = {
    "breast cancer": datasets.load_breast_cancer,
    "wine": datasets.load_wine,
    "digits": datasets.load_digits,
}
VALUES = {"diabetes": datasets.load_diabetes}


@dataclass(frozen=True)
class Entry:
    """An algorithm with settings, and its peers for classes and for values; None where there is none."""

    name: str
    given: dict[str, Any]
    classes: Callable[[], Any] | None
    values: Callable[[], Any] | None

    @property
    def title(self) -> str:
        return ", ".join([f"`{self.name}`", *(f"{key} {value}" for key, value in self.given.items())])


def scaled(estimator: Any) -> Any:
    return make_pipeline(StandardScaler(), estimator)


ENTRIES = [
    Entry("logistic_regression", {}, lambda: scaled(LogisticRegression(max_iter=5000)), None),
    Entry("linear_regression", {}, None, lambda: scaled(LinearRegression())),
    Entry("naive_bayes", {}, lambda: scaled(GaussianNB()), None),
    Entry("svm", {}, lambda: scaled(CalibratedClassifierCV(LinearSVC(), ensemble=False)), None),
    Entry(
        "svm",
        {"kernel": "rbf"},
        lambda: scaled(CalibratedClassifierCV(SVC(), ensemble=False)),
        lambda: scaled(SVR()),
    ),
    Entry(
        "deep_learning",
        {},
        lambda: scaled(MLPClassifier(max_iter=500, random_state=0)),
        lambda: scaled(MLPRegressor(max_iter=500, random_state=0)),
    ),
    Entry(
        "decision_tree",
        {},
        lambda: DecisionTreeClassifier(random_state=0),
        lambda: DecisionTreeRegressor(random_state=0),
    ),
    Entry(
        "random_forest",
        {},
        lambda: RandomForestClassifier(random_state=0),
        lambda: RandomForestRegressor(random_state=0),
    ),
    Entry(
        "gradient_boosting",
        {},
        lambda: HistGradientBoostingClassifier(random_state=0),
        lambda: HistGradientBoostingRegressor(random_state=0),
    ),
]


@dataclass(frozen=True)
class Split:
    """A real table, cut in two: as a table of ours, and as matrices."""

    table: Table
    training: np.ndarray
    held_out: np.ndarray
    X: np.ndarray
    y: np.ndarray


def splits(load: Callable[..., Any]) -> Iterator[Split]:
    X, y = load(return_X_y=True)
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    columns = [Numbers(f"x{j}", np.ascontiguousarray(column)) for j, column in enumerate(X.T)]
    table = Table((*columns, Numbers("label", y)))
    for salt in SALTS:
        training, held_out = split_rows(table, label="label", salt=salt)
        yield Split(table, training, held_out, X, y)


def milliseconds(run: Callable[[], Any], times: int = 1) -> tuple[Any, float]:
    """What ``run`` gives, and its fastest time of so many."""
    best = np.inf
    for _ in range(times):
        began = time.perf_counter()
        result = run()
        best = min(best, time.perf_counter() - began)
    return result, 1000.0 * best


def ours(entry: Entry, task: str, split: Split) -> dict[str, float]:
    recipe = Recipe(entry.name, "label", entry.given, task=task)
    made, fit = milliseconds(lambda: train(recipe, split.table, split.training), 2)
    rows = split.table.take(split.held_out).without("label")
    one = rows.take(np.arange(1))
    output = made.predict(rows)
    kilobytes = len(made.dump()) / 1024
    return figures(task, output, split, made) | {
        "fit": fit,
        "one": milliseconds(lambda: made.predict(one), 20)[1],
        "all": milliseconds(lambda: made.predict(rows), 5)[1],
        "kilobytes": kilobytes,
    }


def theirs(make: Callable[[], Any], task: str, split: Split) -> dict[str, float]:
    X, y = split.X[split.training], split.y[split.training]
    made, fit = milliseconds(lambda: make().fit(X, y), 2)
    rows = split.X[split.held_out]
    predict = made.predict if task == "regression" else made.predict_proba
    return figures(task, predict(rows), split, None) | {
        "fit": fit,
        "one": milliseconds(lambda: predict(rows[:1]), 20)[1],
        "all": milliseconds(lambda: predict(rows), 5)[1],
    }


def figures(task: str, output: np.ndarray, split: Split, made: Predictor | None) -> dict[str, float]:
    truth = split.y[split.held_out]
    if task == "regression":
        return {"score": float(np.sqrt(np.mean(np.square(output - truth))))}
    assert made is None or [float(name) for name in made.classes] == np.unique(split.y).tolist()
    classes = np.unique(split.y)
    hits = classes[output.argmax(axis=1)] == truth
    return {"score": float(hits.mean()), "loss": float(log_loss(truth, output, labels=classes))}


def rows(task: str) -> Iterator[str]:
    for title, load in (VALUES if task == "regression" else CLASSES).items():
        for entry in ENTRIES:
            make = entry.values if task == "regression" else entry.classes
            if make is None:
                continue
            pairs = [(ours(entry, task, split), theirs(make, task, split)) for split in splits(load)]
            mean = [
                {name: float(np.mean([pair[k][name] for pair in pairs])) for name in pairs[0][k]}
                for k in (0, 1)
            ]
            names = ("score",) if task == "regression" else ("score", "loss")
            cells = [f"{mean[k][name]:.4f}" for name in names for k in (0, 1)]
            cells += [
                f"{mean[k][name]:.{2 if name == 'one' else 1}f}"
                for name in ("fit", "one", "all")
                for k in (0, 1)
            ]
            yield f"| {title} | {entry.title} | " + " | ".join([*cells, f"{mean[0]['kilobytes']:.0f}"]) + " |"
            sys.stderr.write(f"{title}: {entry.title}\n")


def page() -> str:
    timed = ["fit ms", "scikit-learn", "one row ms", "scikit-learn", "all rows ms", "scikit-learn", "KB"]
    parts = []
    for heading, task, head in (
        ("Classes", "classification", ["accuracy", "scikit-learn", "log loss", "scikit-learn"]),
        ("Values", "regression", ["RMSE", "scikit-learn"]),
    ):
        columns = ["data", "algorithm", *head, *timed]
        lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns), *rows(task)]
        parts.append(f"## {heading}\n\n" + "\n".join(lines) + "\n")
    return "\n" + "\n".join(parts) + "\n"


def main(arguments: list[str]) -> None:
    warnings.simplefilter("ignore")
    made = page()
    if not arguments:
        sys.stdout.write(made)
        return
    path = Path(arguments[0])
    before, _, rest = path.read_text().partition(START)
    path.write_text(before + START + made + END + rest.partition(END)[2])


if __name__ == "__main__":
    main(sys.argv[1:])
