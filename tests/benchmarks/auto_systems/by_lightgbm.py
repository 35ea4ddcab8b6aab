"""LightGBM tuned at random on one job: ``python -m tests.benchmarks.auto_systems.by_lightgbm FOLDER``.

The first candidate has LightGBM's defaults, the others are drawn. Each is measured with early stopping on five folds
(on a fifth of the rows where there are more than 10,000) until the budget ends; the best one is fitted again on all
rows. It runs where the rivals are installed, and imports nothing of Lepton.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
import pandas as pd

from tests.benchmarks.auto_systems.frames import asked, is_number, labels, training
from tests.benchmarks.auto_systems.job import Answer, Job, answered, latency, pickled_bytes

FOLDS = 5
MOST_OF_FOLDS = 10_000
MOST_TREES = 5_000
PATIENCE = 50
UNKNOWN = 100
"""Trees where not even one fold was measured: LightGBM's default."""


@dataclass(frozen=True)
class Tried:
    """A candidate with its mean loss, its mean number of trees, and the seconds that one fit took."""

    given: Mapping[str, Any]
    loss: float
    trees: int
    seconds: float


class Late(Exception):
    """The budget ended before the candidate was measured."""


def drawn(rng: np.random.Generator) -> dict[str, Any]:
    """A candidate."""

    def between(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    return {
        "learning_rate": between(0.01, 0.3),
        "num_leaves": round(between(4, 256)),
        "min_child_samples": round(between(2, 100)),
        "reg_lambda": between(1e-3, 100),
        "colsample_bytree": float(rng.uniform(0.4, 1)),
        "subsample": float(rng.uniform(0.5, 1)),
        "subsample_freq": 1,
        "cat_smooth": between(1, 100),
    }


def folds(y: np.ndarray, stratified: bool, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Places to train on and to measure by: all folds, or the first one of many rows."""
    order = rng.permutation(len(y))
    if stratified:
        order = order[np.argsort(y[order], kind="stable")]
    fold = np.empty(len(y), np.int64)
    fold[order] = np.arange(len(y)) % FOLDS
    cuts = [(np.flatnonzero(fold != each), np.flatnonzero(fold == each)) for each in range(FOLDS)]
    return cuts if len(y) <= MOST_OF_FOLDS else cuts[:1]


def tried(
    given: Mapping[str, Any],
    common: Mapping[str, Any],
    X: pd.DataFrame,
    y: np.ndarray,
    cuts: list[tuple[np.ndarray, np.ndarray]],
    until: float,
) -> Tried:
    """One candidate, measured; its loss is infinite if the time is up before that."""

    def in_time(_: Any) -> None:
        if time.perf_counter() > until:
            raise Late

    began = time.perf_counter()
    losses: list[float] = []
    trees: list[int] = []
    try:
        for rest, part in cuts:
            booster = lightgbm.train(
                {**common, **given},
                lightgbm.Dataset(X.iloc[rest], y[rest]),
                MOST_TREES,
                [lightgbm.Dataset(X.iloc[part], y[part])],
                callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False), in_time],
            )
            [scores] = booster.best_score.values()
            losses.append(scores[common["metric"]])
            trees.append(booster.best_iteration)
    except Late:
        return Tried(given, np.inf, round(float(np.mean(trees or UNKNOWN))), 0.0)
    seconds = (time.perf_counter() - began) / len(cuts)
    return Tried(given, float(np.mean(losses)), round(float(np.mean(trees))), seconds)


def searched(job: Job, common: Mapping[str, Any], X: pd.DataFrame, y: np.ndarray, began: float) -> Tried:
    """The best candidate that was measured in time; the defaults if none was."""
    rng = np.random.default_rng(job.seed)
    cuts = folds(y, job.task == "classification", rng)
    best = tried({}, common, X, y, cuts, began + job.seconds)
    # The last fit is of all rows, and so a little longer than one of a fold.
    while time.perf_counter() < (until := began + job.seconds - 1.5 * best.seconds):
        best = min(best, tried(drawn(rng), common, X, y, cuts, until), key=lambda one: one.loss)
    return best


def run(job: Job) -> Answer:
    """Words are categories, everything else is left to LightGBM."""
    began = time.perf_counter()
    frame = training(job)
    texts = {name: frame[name].dropna().unique() for name in frame.columns if not is_number(frame[name])}
    texts.pop(job.label, None)
    X, y = coded(frame.drop(columns=job.label), texts), labels(job, frame).to_numpy()
    classes: tuple[str, ...] = ()
    common = {"objective": "regression", "metric": "rmse"}
    if job.task == "classification":
        found, y = np.unique(y.astype("object"), return_inverse=True)
        classes = tuple(found)
        common = {"objective": "binary", "metric": "binary_logloss"}
        if len(classes) > 2:
            common = {"objective": "multiclass", "metric": "multi_logloss", "num_class": len(classes)}
    common |= {"num_threads": job.threads, "seed": job.seed, "verbosity": -1}
    best = searched(job, common, X, y, began)
    booster = lightgbm.train({**common, **best.given}, lightgbm.Dataset(X, y), max(1, best.trees))
    seconds = time.perf_counter() - began
    rows = asked(job, frame)

    def predict(part: pd.DataFrame) -> np.ndarray:
        values = booster.predict(coded(part, texts))
        return np.column_stack([1 - values, values]) if len(classes) == 2 else values

    took = latency(lambda place: predict(rows.iloc[[place]]), len(rows))
    size = pickled_bytes((booster.model_to_string(), texts, classes))
    said = ", ".join(f"{name}={value:.3g}" for name, value in best.given.items())
    return Answer(predict(rows), classes, seconds, size, took, f"{best.trees} trees ({said or 'defaults'})")


def coded(frame: pd.DataFrame, texts: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The frame with its texts as categories; one that training did not see is missing."""
    known = {name: pd.Categorical(frame[name], categories=levels) for name, levels in texts.items()}
    renamed = frame.assign(**known)
    # LightGBM refuses some signs in the names of columns.
    return renamed.set_axis([f"c{at}" for at in range(renamed.shape[1])], axis=1)


if __name__ == "__main__":
    answered(run)
