"""What a competent user of scikit-learn gets out of each listed table.

``python -m tests.benchmarks.real_tables.peer docs/benchmarks/tables.md [NAME...]`` writes the tables between the page's
marks, ``-`` for the page prints them; with names only those are measured, and the other lines stay. It takes half an
hour on two idle cores; set OMP_NUM_THREADS=1.
"""

import io
import sys
import time
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.benchmarks.defaults import accuracy, error, loss, written
from tests.benchmarks.measured import measured_at
from tests.benchmarks.real_tables.fetch import content
from tests.benchmarks.real_tables.listed import Listed, listed

SEEDS = (0, 1, 2)
HELD_OUT = 0.2
FOLDS = 5
PROCESSES = 2
BOOSTING = "boosting"
BINS = 64
MOST_COMPARED = 10_000
"""Rows by which the models are compared; the winner is trained on all."""
PACKING = {".gz": "gzip", ".bz2": "bz2", ".zip": "zip"}


@dataclass(frozen=True)
class Told:
    """A table as its reader understands it: columns to learn from, and the label of each row, none missing.

    ``rows`` are the rows' places among all rows of the file. Labels of classes are codes, which ``classes`` names.
    """

    X: pd.DataFrame
    y: np.ndarray
    rows: np.ndarray
    classes: tuple[str, ...]
    texts: tuple[str, ...]


def told(table: Listed, found: bytes) -> Told:
    """The file with all that its reader found out about it."""
    how = table.reading
    packing = PACKING.get(Path(table.path).suffix)
    X = pd.read_csv(io.BytesIO(found), compression=packing, low_memory=False, **how.read)
    for name in how.money:
        X[name] = pd.to_numeric(X[name].astype("str").str.replace(r"[^0-9.+-]", "", regex=True))
    X = X.reset_index(drop=True)
    X = X[X[table.label].notna()]
    label, rows = X[table.label], X.index.to_numpy()
    X = X.drop(columns=[table.label, *how.drop])
    for name, form in how.dates.items():
        when = pd.to_datetime(X[name], format=form, errors="coerce")
        X = pd.concat([X.drop(columns=name), parts(when, name)], axis=1)
    for name in X.columns:
        if name in how.categories or name in how.texts or not pd.api.types.is_numeric_dtype(X[name]):
            X[name] = X[name].astype("object").where(X[name].notna(), "").astype("str").str.strip()
        else:
            X[name] = X[name].astype("float64")
    if table.task == "regression":
        return Told(X, label.to_numpy("float64"), rows, (), how.texts)
    classes, codes = np.unique(label.astype("str").str.strip().to_numpy("object"), return_inverse=True)
    return Told(X, codes, rows, tuple(classes), how.texts)


def parts(when: pd.Series, name: str) -> pd.DataFrame:
    """A time as numbers: days since 1970, year, month, day of the week, hour."""
    found = {
        "days": (when - pd.Timestamp(0)) / pd.Timedelta(days=1),
        "year": when.dt.year,
        "month": when.dt.month,
        "weekday": when.dt.day_of_week,
        "hour": when.dt.hour,
    }
    return pd.DataFrame({f"{name} {part}": values.astype("float64") for part, values in found.items()})


def split(y: np.ndarray, stratified: bool, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The places in ``y`` (m,) to train on, and a fifth held out: of each class, if there are classes.

    A class of one or two rows is in the first part only.
    """
    rng = np.random.default_rng(seed)
    held_out = np.zeros(len(y), bool)
    for one in np.unique(y) if stratified else [None]:
        places = rng.permutation(np.flatnonzero(y == one) if stratified else len(y))
        held_out[places[: round(HELD_OUT * len(places))]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def folds(y: np.ndarray, stratified: bool, seed: int) -> np.ndarray:
    """The fold of each row, equally many rows in each: of each class, if there are classes."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    if stratified:
        order = order[np.argsort(y[order], kind="stable")]
    fold = np.empty(len(y), np.int64)
    fold[order] = np.arange(len(y)) % FOLDS
    return fold


def columns_of(of: Told, training: np.ndarray, linear: bool) -> ColumnTransformer:
    """The columns as numbers. Trees get fewer of text and categories, since they take no sparse matrix."""
    X = of.X.iloc[training]
    used = [name for name in X.columns if X[name].notna().any()]
    numbers = [name for name in used if X[name].dtype == "float64"]
    categories = [name for name in used if name not in numbers and name not in of.texts]
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    coded = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=5, max_categories=1000 if linear else 50
    )
    steps: list[tuple[str, Any, Any]] = [("numbers", scaled, numbers), ("categories", coded, categories)]
    for name in of.texts:
        words = TfidfVectorizer(ngram_range=(1, 2), max_features=5000 if linear else 50)
        steps.append((name, words, name))
    return ColumnTransformer(steps, sparse_threshold=1.0 if linear else 0.0)


def models(of: Told, seed: int) -> dict[str, Any]:
    """What is compared, by name. Boosting grows a tree for each class, so with many classes it takes larger steps."""
    if not of.classes:
        linear = {f"ridge alpha={alpha:g}": Ridge(alpha=alpha) for alpha in (1.0, 10.0, 100.0)}
        return {**linear, BOOSTING: HistGradientBoostingRegressor(max_bins=BINS, random_state=seed)}
    steps, rate = (100, 0.1) if len(of.classes) <= 5 else (30, 0.3)
    return {
        **{f"logistic C={C:g}": LogisticRegression(C=C, max_iter=1000) for C in (0.1, 1.0, 10.0)},
        BOOSTING: HistGradientBoostingClassifier(
            max_iter=steps, learning_rate=rate, max_bins=BINS, random_state=seed
        ),
    }


def predicted(model: Any, of: Told, X: Any) -> np.ndarray:
    """Values (m,), or the probability of every class (m, classes), also of those that the model has not seen."""
    if not of.classes:
        return np.asarray(model.predict(X))
    probabilities = np.zeros((X.shape[0], len(of.classes)))
    probabilities[:, model.classes_] = model.predict_proba(X)
    return probabilities


def tried(
    of: Told, training: np.ndarray, rest: np.ndarray, names: Iterable[str], seed: int
) -> dict[str, np.ndarray]:
    """What each of these models predicts for the rest after training; columns are learned from the training rows."""
    found = {}
    ready: dict[bool, tuple[Any, Any]] = {}
    for name in names:
        linear = name != BOOSTING
        if linear not in ready:
            columns = columns_of(of, training, linear)
            ready[linear] = columns.fit_transform(of.X.iloc[training]), columns.transform(of.X.iloc[rest])
        X, X_rest = ready[linear]
        found[name] = predicted(models(of, seed)[name].fit(X, of.y[training]), of, X_rest)
    return found


def loss_of(of: Told, found: np.ndarray, places: np.ndarray) -> float:
    """Log loss of classes, root mean squared error of values."""
    return (loss if of.classes else error)(found, of.y[places])


def chosen(of: Told, training: np.ndarray, seed: int) -> str:
    """The name of the model with the least loss over the folds of the training rows."""
    if len(training) > MOST_COMPARED:
        training = np.random.default_rng(seed).permutation(training)[:MOST_COMPARED]
    fold = folds(of.y[training], bool(of.classes), seed)
    losses: dict[str, list[float]] = {name: [] for name in models(of, seed)}
    for each in range(FOLDS):
        rest, part = training[fold != each], training[fold == each]
        for name, found in tried(of, rest, part, losses, seed).items():
            losses[name].append(loss_of(of, found, part))
    return min(losses, key=lambda name: float(np.mean(losses[name])))


@dataclass(frozen=True)
class Measured:
    """On the held-out rows of one split: log loss and accuracy, or root mean squared error and R2."""

    model: str
    loss: float
    score: float


def measured(of: Told, seed: int) -> Measured:
    """One split: chosen and trained on the one part, measured on the other."""
    training, held_out = split(of.y, bool(of.classes), seed)
    name = chosen(of, training, seed)
    found, truth = tried(of, training, held_out, [name], seed)[name], of.y[held_out]
    score = accuracy(found, truth) if of.classes else 1 - float(np.mean((found - truth) ** 2) / truth.var())
    return Measured(name, loss_of(of, found, held_out), score)


def mean(values: Sequence[float]) -> str:
    """Mean and standard error, with as many places as the mean has four digits."""
    of = float(np.mean(values))
    places = max(0, 3 - int(np.floor(np.log10(abs(of))))) if of else 4
    places = min(places, 4)
    return f"{of:.{places}f} ± {np.std(values, ddof=1) / np.sqrt(len(values)):.{places}f}"


def row(table: Listed) -> str:
    """One table's line."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    began = time.perf_counter()
    of = told(table, content(table))
    found = [measured(of, seed) for seed in SEEDS]
    won = ", ".join(f"{name} ({times})" for name, times in Counter(one.model for one in found).most_common())
    classes = f" {len(of.classes)} |" if of.classes else ""
    line = (
        f"| {table.name} | {len(of.y)} | {of.X.shape[1]} |{classes} {mean([one.loss for one in found])} "
        f"| {mean([one.score for one in found])} | {won} |"
    )
    sys.stderr.write(f"{line} {time.perf_counter() - began:.0f} s\n")
    return line


def figures(wanted: Collection[str], shown: Mapping[str, str]) -> Iterator[str]:
    """The lines of the page: the wanted tables are measured, of the others those lines stay that are shown."""
    yield ""
    yield measured_at("scikit-learn", "pandas", "numpy")
    for title, task, names in (
        ("Classification", "classification", ("classes", "log loss", "accuracy")),
        ("Regression", "regression", ("RMSE", "R²")),
    ):
        yield from ("", f"## {title}", "", f"| table | rows | columns | {' | '.join(names)} | what won |")
        yield "|---" * (len(names) + 4) + "|"
        tables = [table for table in listed() if table.task == task]
        with ProcessPoolExecutor(PROCESSES) as pool:
            new = {one.name: pool.submit(row, one) for one in tables if one.name in wanted}
            lines = (new[one.name].result() if one.name in new else shown.get(one.name) for one in tables)
            yield from (line for line in lines if line)
    missing = [one.name for one in listed() if one.name not in wanted and one.name not in shown]
    if missing:
        yield from ("", f"Not measured yet: {', '.join(missing)}.")


def rows_of(page: str) -> dict[str, str]:
    """The line of each table that the page shows."""
    return {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| ")}


if __name__ == "__main__":
    place, *given = sys.argv[1:]
    names = given or [table.name for table in listed()]
    if place == "-":
        sys.stdout.writelines(f"{line}\n" for line in figures(names, {}))
    else:
        page = Path(place).read_text()
        Path(place).write_text(written(page, figures(names, rows_of(page))))
