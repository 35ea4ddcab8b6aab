"""`lepton demo`: one real model through its whole life, against a platform of its own, every figure as it comes."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from lepton_ai.data import Data
from lepton_ai.errors import InvalidInput, LeptonError
from lepton_ai.http import http_transport
from lepton_ai.model import Model
from lepton_ai.preprocessor import DataPreprocessor
from lepton_ai.show import figure, figures, text_table
from lepton_ai.transport import Transport
from lepton_core.table import Numbers, parse_csv, split_rows

_BARS = "▁▂▃▄▅▆▇█"
_READS_HIGH = 1.25
"""The second instrument of the story shows every length a quarter too long, so every area by its square."""


def main() -> None:
    """Print each step of a model's life with its figures; raises if a step does not do what it should."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="lepton-demo-") as folder, platform(Path(folder)) as transport:
        _story(transport, Path(folder))
    _print(f"\nDone in {time.perf_counter() - began:.1f} s. The platform is stopped and its folder removed.")


@contextmanager
def platform(folder: Path) -> Iterator[Transport]:
    """`lepton up` over ``folder`` as a process of its own, ended at the end; its log is ``folder/log``."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "lepton_ai", "up", "--port", "0", "--data", str(folder / "state")]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,  # noqa: S603  (our own)
    ):
        try:
            yield http_transport(*_address(process, folder / "log"))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _address(process: "subprocess.Popen[str]", log: Path) -> tuple[str, str]:
    found: dict[str, str] = {}
    for line in process.stdout or ():
        name, _, value = line.strip().partition("=")
        found[name] = value
        if {"LEPTON_URL", "LEPTON_API_KEY"} <= found.keys():
            return found["LEPTON_URL"], found["LEPTON_API_KEY"]
    raise LeptonError(f"the platform ended before it was up:\n{log.read_text()}")


def _story(transport: Transport, folder: Path) -> None:
    first, second = _measurements(folder)

    _title(1, "create", f"a platform of our own is up at {transport.address}")
    model = Model("logistic_regression", name="tumours", announce=False, transport=transport)
    _print(f"{model!r}")

    _title(2, "upload & preprocess", "breast cancer, Wisconsin: real biopsies, measured with instrument A")
    data = Data.from_csv(first)
    _print(str(model.upload_data(data)))
    preprocessor = DataPreprocessor()
    preprocessor.add_transformer("Normalize", input="X", output="X_normalized")
    preprocessor.fit(data)
    model.upload_preprocessor(preprocessor)
    _print("preprocessor: X -> Normalize -> X_normalized, fitted here, served with every version")

    _title(3, "train", "full-batch gradient descent, 300 iterations")
    version = model.train(iterations=300, learning_rate=0.5)
    losses = [loss for loss in version.loss if loss is not None]
    _print(f"loss {figure(losses[0])} {_curve(losses)} {figure(losses[-1])}")
    _print(str(version))

    _title(4, "evaluate", "5-fold cross-validation, and the rows that were held out")
    _evaluate(model, data)

    _title(5, "deploy", "the address answers from now on")
    deployment = model.deploy()
    _print(str(deployment))
    _print(f"POST {deployment.url}")

    _title(6, "predict", "over HTTP, keep-alive")
    _predict(model, data)

    _title(
        7,
        "monitor",
        f"the laboratory changes to instrument B, which shows lengths {_READS_HIGH - 1:.0%} too long",
    )
    changed = Data.from_csv(second, quiet=True)
    _monitor(model, changed)

    _title(8, "update", "biopsies that instrument B measured come back with their diagnoses")
    _print(str(model.upload_data(changed)))
    update = model.update()
    if not update.promoted:
        raise LeptonError(f"version 2 was expected to be promoted: {update.reason}")
    _print(str(update))
    _print(
        f"served now: version {model.champion}; the same traffic is {_accuracy(model, changed):.1%} right again"
    )

    _title(9, "retire", "")
    model.retire()
    _print(
        f"{model.name} is {model.state}; its {len(model.versions())} versions and their lineage stay readable"
    )


def _measurements(folder: Path) -> tuple[Path, Path]:
    """The real data set, halved at random: one half as it is, one as the second instrument would show it."""
    try:
        from sklearn.datasets import load_breast_cancer  # noqa: PLC0415  (an extra: lepton-ai[demo])
    except ImportError:
        raise InvalidInput("the demo's data comes with scikit-learn: pip install 'lepton-ai[demo]'") from None
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


def _evaluate(model: Model, data: Data) -> None:
    evaluation = model.evaluate(folds=5)
    _print(str(evaluation))
    _print(f"scikit-learn's LogisticRegression on the same split: accuracy {figure(_scikit_learn(data))}")


def _scikit_learn(data: Data) -> float:
    """The accuracy of scikit-learn's model, trained and tested on the platform's own split."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    table = parse_csv(data.content, label=data.label)
    train, test = split_rows(table, label=data.label)
    columns = table.without(data.label).columns
    X = np.column_stack([column.values for column in columns if isinstance(column, Numbers)])
    y = np.array(_diagnoses(data))
    theirs = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[train], y[train])
    return float(theirs.score(X[test], y[test]))


def _predict(model: Model, data: Data) -> None:
    rows = _rows(data)
    one = model.predict(rows[0])
    _print(f"first biopsy: {one.label}; {figures(one.probabilities or {})}")
    times = []
    for row in rows[:100]:
        began = time.perf_counter()
        model.predict(row)
        times.append((time.perf_counter() - began) * 1000)
    middle, slow = np.quantile(times, [0.5, 0.99])
    _print(f"{len(times)} single predictions: median {middle:.2f} ms, 99 % under {slow:.2f} ms")
    report = model.monitor()
    _print(f"{report.title()}, {report.requests} requests, {report.errors} errors")


def _monitor(model: Model, changed: Data) -> None:
    _print(f"{len(changed)} biopsies through the same address: only {_accuracy(model, changed):.1%} right")
    report = model.monitor()
    if not report.drifted:
        raise LeptonError("the change of instrument was expected to show")
    worst = sorted(report.features, key=lambda feature: -feature.psi)[:6]
    _print(
        f"{report.title()}: {len(report.drifted)} of {len(report.features)} features drifted, "
        f"{len(report.alerts)} alerts open; the strongest:"
    )
    _print(
        text_table(["feature", "psi", "alarm at"], [[f.name, figure(f.psi), figure(f.alarm)] for f in worst])
    )


def _accuracy(model: Model, data: Data) -> float:
    labels = model.predict(data).labels
    return float(np.mean([mine == true for mine, true in zip(labels, _diagnoses(data), strict=True)]))


def _diagnoses(data: Data) -> list[str]:
    label: Any = data.table[data.label]
    return [label.levels[code] for code in label.codes]


def _rows(data: Data) -> list[dict[str, float]]:
    columns = [column for column in data.features.columns if isinstance(column, Numbers)]
    names = [column.name for column in columns]
    cells = zip(*(column.values.tolist() for column in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in cells]


def _curve(losses: Sequence[float], width: int = 40) -> str:
    """The curve in one line, high to low."""
    at = np.linspace(0, len(losses) - 1, width).round().astype(int)
    values = np.log(np.asarray(losses)[at])
    spread = float(values.max() - values.min()) or 1.0
    return "".join(_BARS[int((value - values.min()) / spread * (len(_BARS) - 1))] for value in values)


def _title(number: int, step: str, about: str) -> None:
    _print(f"\n{number}. {step.upper()}" + (f" — {about}" if about else ""))


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + os.linesep)
    sys.stdout.flush()
