"""`lepton demo`: one real model through its whole life, against a platform of its own, every figure as it comes."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from lepton_ai.data import Data
from lepton_ai.dataset import Dataset
from lepton_ai.errors import LeptonError
from lepton_ai.http import http_transport
from lepton_ai.model import Model
from lepton_ai.preprocessor import DataPreprocessor
from lepton_ai.show import figure, figures, text_table
from lepton_ai.transport import Transport
from lepton_core.table import kind_of, split_rows

_BARS = "▁▂▃▄▅▆▇█"
_READS_HIGH = 1.25
"""The second instrument of the story shows every length a quarter too long, so every area by its square."""
_MARGIN = 0.01
"""How far the accuracy may be behind scikit-learn's on the same rows."""
_LOOK_SECONDS = 0.02
"""How often it is looked whether the new version is served."""
_PATIENCE = 300.0
"""Seconds after which an update that nobody asked for will not come."""


def main(out: TextIO) -> dict[str, Any]:
    """Tell each step of a model's life on ``out``; returns the figures, by step.

    Raises `LeptonError` if a step does not do what it should, an accuracy more than `_MARGIN` behind
    scikit-learn's among them.
    """
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="lepton-demo-") as folder, platform(Path(folder)) as transport:
        figures = _story(transport, Path(folder), Teller(out))
    seconds = time.perf_counter() - began
    Teller(out).say(f"\nDone in {seconds:.1f} s. The platform is stopped and its folder removed.")
    return {**figures, "seconds": seconds}


@contextmanager
def platform(folder: Path) -> Iterator[Transport]:
    """`lepton up` over ``folder`` as a process of its own, ended at the end; its log is ``folder/log``."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "lepton_ai",
        "up",
        "--json",
        "--port",
        "0",
        "--data",
        str(folder / "state"),
    ]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,  # noqa: S603  (our own)
    ):
        try:
            ready = json.loads(process.stdout.readline() or "{}") if process.stdout else {}
            if "url" not in ready:
                raise LeptonError(f"the platform ended before it was up:\n{(folder / 'log').read_text()}")
            yield http_transport(ready["url"], ready["api_key"])
        finally:
            process.terminate()
            process.wait(timeout=30)


@dataclass(frozen=True)
class Teller:
    """Says what happens, line by line, on ``out``."""

    out: TextIO

    def step(self, number: int, name: str, about: str = "") -> None:
        """The title of a step."""
        self.say(f"\n{number}. {name.upper()}" + (f" — {about}" if about else ""))

    def say(self, text: object) -> None:
        """A line, in whatever encoding."""
        encoding = self.out.encoding or "utf-8"
        self.out.write(str(text).encode(encoding, "replace").decode(encoding) + os.linesep)
        self.out.flush()


def _story(transport: Transport, folder: Path, tell: Teller) -> dict[str, Any]:
    first, second = _measurements(folder)

    tell.step(1, "create", f"a platform of our own is up at {transport.address}")
    model = Model("logistic_regression", name="tumours", announce=False, transport=transport)
    tell.say(repr(model))
    created = {"model": model.name, "algorithm": model.algorithm}

    tell.step(2, "upload & preprocess", "breast cancer, Wisconsin: real biopsies, measured with instrument A")
    data = Data.from_csv(first)
    uploaded = _upload(model, data, tell)

    tell.step(3, "train", "full-batch gradient descent, 300 iterations")
    trained = _train(model, tell)

    tell.step(4, "evaluate", "5-fold cross-validation, and the rows that were held out")
    evaluated = _evaluate(model, data, tell)

    tell.step(5, "deploy", "the address answers from now on")
    deployment = model.deploy()
    tell.say(deployment)
    tell.say(f"POST {deployment.url}")
    deployed = {"version": deployment.routes[0].version, "url": deployment.url}

    tell.step(6, "predict", "over HTTP, keep-alive")
    predicted = _predict(model, data, tell)

    about = f"the laboratory changes to instrument B, which shows lengths {_READS_HIGH - 1:.0%} too long"
    tell.step(7, "monitor", about)
    changed = Data.from_csv(second, quiet=True)
    monitored = _monitor(model, changed, tell)

    tell.step(8, "update", "biopsies that instrument B measured come back with their diagnoses")
    updated = _update(model, transport, changed, tell)

    tell.step(9, "retire")
    model.retire()
    retired = {"state": model.state, "versions": len(model.versions())}
    tell.say(
        f"{model.name} is {retired['state']}; its {retired['versions']} versions and their lineage stay readable"
    )
    return {
        "create": created,
        "upload": uploaded,
        "train": trained,
        "evaluate": evaluated,
        "deploy": deployed,
        "predict": predicted,
        "monitor": monitored,
        "update": updated,
        "retire": retired,
    }


def _measurements(folder: Path) -> tuple[Path, Path]:
    """The real data set, halved at random: one half as it is, one as the second instrument would show it."""
    from sklearn.datasets import load_breast_cancer  # noqa: PLC0415  (it takes a second to load)

    bunch = load_breast_cancer()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    names = [str(name) for name in bunch.feature_names]
    power = np.array(
        [2 if "area" in name else int("radius" in name or "perimeter" in name) for name in names]
    )
    files = []
    for number, rows in enumerate((order[:285], order[285:])):
        X = bunch.data[rows] * _READS_HIGH ** (number * power)
        diagnoses = bunch.target_names[bunch.target[rows]]
        lines = [",".join([*names, "diagnosis"])]
        lines += [
            ",".join([*map(repr, row), label]) for row, label in zip(X.tolist(), diagnoses, strict=True)
        ]
        files.append(folder / f"instrument_{'AB'[number]}.csv")
        files[-1].write_text("\n".join(lines) + "\n")
    return files[0], files[1]


def _upload(model: Model, data: Data, tell: Teller) -> dict[str, Any]:
    upload = model.upload_data(data)
    tell.say(upload)
    preprocessor = DataPreprocessor()
    preprocessor.add_transformer("Normalize", input="X", output="X_normalized")
    preprocessor.fit(data)
    model.upload_preprocessor(preprocessor)
    tell.say("preprocessor: X -> Normalize -> X_normalized, fitted here, served with every version")
    return {"version": upload.version, "rows": upload.rows, "label": upload.label}


def _train(model: Model, tell: Teller) -> dict[str, Any]:
    version = model.train(iterations=300, learning_rate=0.5)
    losses = [loss for loss in version.loss if loss is not None]
    tell.say(f"loss {figure(losses[0])} {_curve(losses)} {figure(losses[-1])}")
    tell.say(version)
    return {
        "version": version.version,
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "metrics": version.headline(),
    }


def _evaluate(model: Model, data: Data, tell: Teller) -> dict[str, Any]:
    evaluation = model.evaluate(folds=5)
    tell.say(evaluation)
    ours, theirs = evaluation.held_out["accuracy"], _scikit_learn(data)
    tell.say(f"scikit-learn's LogisticRegression on the same split: accuracy {figure(theirs)}")
    check_accuracy(ours, theirs)
    return {
        "cross_validation_loss": evaluation.loss,
        "folds": evaluation.folds,
        "accuracy": ours,
        "auc": evaluation.held_out["auc"],
        "scikit_learn_accuracy": theirs,
    }


def check_accuracy(ours: float | None, theirs: float) -> None:
    """`LeptonError` if our accuracy is more than `_MARGIN` below scikit-learn's.

    >>> check_accuracy(0.96, 0.97)
    >>> check_accuracy(0.95, 0.97)
    Traceback (most recent call last):
    lepton_core.errors.LeptonError: accuracy 0.95 on the held-out rows, more than 1% behind scikit-learn's 0.97
    """
    if ours is None or theirs - ours > _MARGIN + 1e-9:
        raise LeptonError(
            f"accuracy {figure(ours)} on the held-out rows, more than {_MARGIN:.0%} behind "
            f"scikit-learn's {figure(theirs)}"
        )


def _scikit_learn(data: Data) -> float:
    """The accuracy of scikit-learn's model, trained and tested on the platform's own split."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    table = data.table
    train, test = split_rows(table, label=data.label)
    columns = table.without(data.label).columns
    X = np.column_stack([column.values for column in columns if kind_of(column).quantitative])
    y = np.array(_diagnoses(data))
    theirs = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[train], y[train])
    return float(theirs.score(X[test], y[test]))


def _predict(model: Model, data: Data, tell: Teller) -> dict[str, Any]:
    rows = _rows(data)
    one = model.predict(rows[0])
    tell.say(f"first biopsy: {one.label}; {figures(one.probabilities or {})}")
    times = []
    for row in rows[:100]:
        began = time.perf_counter()
        model.predict(row)
        times.append((time.perf_counter() - began) * 1000)
    middle, slow = map(float, np.quantile(times, [0.5, 0.99]))
    tell.say(f"{len(times)} single predictions: median {middle:.2f} ms, 99 % under {slow:.2f} ms")
    report = model.monitor()
    tell.say(f"{report.title()}, {report.requests} requests, {report.errors} errors")
    return {
        "label": one.label,
        "probabilities": one.probabilities,
        "median_ms": middle,
        "p99_ms": slow,
        "requests": report.requests,
        "errors": report.errors,
        "status": report.status,
    }


def _monitor(model: Model, changed: Data, tell: Teller) -> dict[str, Any]:
    right = _accuracy(model, changed)
    tell.say(f"{len(changed)} biopsies through the same address: only {right:.1%} right")
    report = model.monitor()
    if not report.drifted:
        raise LeptonError("the change of instrument was expected to show")
    worst = sorted(report.features, key=lambda feature: -feature.psi)[:6]
    tell.say(
        f"{report.title()}: {len(report.drifted)} of {len(report.features)} features drifted, "
        f"{len(report.alerts)} alerts open; the strongest:"
    )
    cells = [[feature.name, figure(feature.psi), figure(feature.alarm)] for feature in worst]
    tell.say(text_table(["feature", "psi", "alarm at"], cells))
    return {
        "accuracy": right,
        "status": report.status,
        "features": len(report.features),
        "drifted": {feature.name: feature.psi for feature in report.features if feature.drifted},
        "alerts": len(report.alerts),
    }


def _update(model: Model, transport: Transport, changed: Data, tell: Teller) -> dict[str, Any]:
    began = time.perf_counter()
    upload = model.upload_data(changed)
    tell.say(upload)
    if not upload.held or upload.version is None:
        raise LeptonError("data that moved so far were expected to be held")
    tell.say("the report says what moved; the instrument did change, so the laboratory releases the data")
    Dataset(model.dataset, transport=transport).release(upload.version)
    tell.say("nobody asks for an update: the platform begins it by itself")
    version = _until_served(model, upload.version, _rows(changed)[:1])
    seconds = time.perf_counter() - began
    update = model.update()  # nothing is new any more, so the answer is the update that came by itself
    if not update.promoted or update.version != version:
        raise LeptonError(f"version {version} was expected to be promoted: {update.reason}")
    tell.say(update)
    tell.say(f"from the upload to the first answer of version {version}: {seconds:.2f} s")
    right = _accuracy(model, changed)
    tell.say(f"served now: version {model.champion}; the same traffic is {right:.1%} right again")
    return {
        "promoted": update.promoted,
        "version": update.version,
        "champion_loss": (update.champion or {}).get("loss"),
        "challenger_loss": (update.challenger or {}).get("loss"),
        "seconds_to_served": seconds,
        "accuracy": right,
    }


def _until_served(model: Model, data_version: int | None, rows: list[dict[str, float]]) -> int:
    """The version that answers, once that is one of this data. Raises `LeptonError` if none comes by itself."""
    end = time.perf_counter() + _PATIENCE
    learned: dict[int, int] = {}
    while time.perf_counter() < end:
        answering = model.predict(rows).version
        if answering not in learned:
            learned = {one.version: one.dataset_version for one in model.versions()}
        if learned[answering] == data_version:
            return answering
        time.sleep(_LOOK_SECONDS)
    raise LeptonError(f"no version of the new data came by itself within {_PATIENCE:g} s")


def _accuracy(model: Model, data: Data) -> float:
    labels = model.predict(data).labels
    return float(np.mean([mine == true for mine, true in zip(labels, _diagnoses(data), strict=True)]))


def _diagnoses(data: Data) -> list[str]:
    label: Any = data.table[data.label]
    return [label.levels[code] for code in label.codes]


def _rows(data: Data) -> list[dict[str, float]]:
    columns = data.features.columns
    names = [column.name for column in columns]
    cells = zip(*(kind_of(column).cells(column) for column in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in cells]


def _curve(losses: Sequence[float], width: int = 40) -> str:
    """The curve in one line, high to low."""
    at = np.linspace(0, len(losses) - 1, width).round().astype(int)
    values = np.log(np.asarray(losses)[at])
    spread = float(values.max() - values.min()) or 1.0
    return "".join(_BARS[int((value - values.min()) / spread * (len(_BARS) - 1))] for value in values)
