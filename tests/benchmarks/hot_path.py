"""What predictions cost, part by part and end to end: ``python -m tests.benchmarks.hot_path``.

First one row, by the clock. Then a thousand rows in one call, in processor time of this process: of HTTP that is the
caller's share alone.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lepton_ai.data import Data
from lepton_ai.demo import platform
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.model import Model
from lepton_core.drift import Counter
from lepton_core.table import rows_to_table
from lepton_core.train import Recipe, train

ROUNDS = 7
MANY = 1000


def main() -> None:
    """Medians over rounds that alternate between all the measured things, so that a slow moment hits each of them."""
    bunch = load_breast_cancer()
    data = Data.from_arrays(bunch.data, bunch.target_names[bunch.target], list(map(str, bunch.feature_names)))
    row = dict(zip(map(str, bunch.feature_names), bunch.data[0].tolist(), strict=True))
    with tempfile.TemporaryDirectory() as folder, platform(Path(folder) / "http") as http:
        embedded = EmbeddedTransport(Path(folder) / "embedded")
        models = {"embedded": _model(embedded, data), "HTTP, keep-alive": _model(http, data)}
        things = {**_parts(data, row, bunch), **{name: _caller(model, row) for name, model in models.items()}}
        figures = _measure(things)
        figures |= _measure(_many(models, bunch), calls=10, clock=time.process_time)
        embedded.close()
    width = max(map(len, figures))
    for name, seconds in figures.items():
        sys.stdout.write(f"{name:{width}}  {seconds * 1e6:8.1f} us{os.linesep}")


def _model(transport: Any, data: Data) -> Model:
    model = Model("logistic_regression", name="bench", quiet=True, transport=transport)
    model.upload_data(data)
    model.train(iterations=50)
    model.deploy()
    return model


def _caller(model: Model, row: dict[str, float]) -> Callable[[], Any]:
    return lambda: model.predict(row)


def _parts(data: Data, row: dict[str, float], bunch: Any) -> dict[str, Callable[[], Any]]:
    predictor = train(
        Recipe("logistic_regression", data.label, {"iterations": 50}), data.table, np.arange(len(data))
    )
    table = rows_to_table([row], predictor.schema)
    output = predictor.predict(table)
    counter = Counter(predictor.reference)
    theirs = make_pipeline(StandardScaler(), LogisticRegression()).fit(bunch.data, bunch.target)
    return {
        "row of 30 numbers to a table": lambda: rows_to_table([row], predictor.schema),
        "preprocess and predict": lambda: predictor.predict(table),
        "count it for monitoring": lambda: counter.observe(table, output, 1.0),
        "scikit-learn's pipeline, for comparison": lambda: theirs.predict_proba(bunch.data[:1]),
    }


def _many(models: dict[str, Model], bunch: Any) -> dict[str, Callable[[], Any]]:
    names = list(map(str, bunch.feature_names))
    X = np.resize(bunch.data, (MANY, len(names)))
    rows = [dict(zip(names, row, strict=True)) for row in X.tolist()]
    theirs = make_pipeline(StandardScaler(), LogisticRegression()).fit(
        pd.DataFrame(bunch.data, columns=names), bunch.target
    )
    given = {"dicts": rows, "a DataFrame": pd.DataFrame(rows), "an array": X}
    calls = {
        f"{MANY} rows, {form}, {name}": partial(model.predict, of)
        for name, model in models.items()
        for form, of in given.items()
    }
    return {
        **calls,
        f"{MANY} rows, dicts, pandas and scikit-learn": lambda: theirs.predict_proba(pd.DataFrame(rows)),
        f"{MANY} rows, a DataFrame, scikit-learn": lambda: theirs.predict_proba(given["a DataFrame"]),
    }


def _measure(
    things: dict[str, Callable[[], Any]], calls: int = 100, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(ROUNDS):
        for name, call in things.items():
            began = clock()
            for _ in range(calls):
                call()
            times[name].append((clock() - began) / calls)
    return {name: float(np.median(found[1:])) for name, found in times.items()}


if __name__ == "__main__":
    main()
