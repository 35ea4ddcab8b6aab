"""A file of ONNX says what the version says, to 1e-6; what has no form there is refused by name."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from infra.local.stack import open_embedded
from lepton_ai import Data, DataPreprocessor, Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.errors import InvalidInput

onnx = pytest.importorskip("onnx", reason="onnx writes the file")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime computes what the file says")

ROWS = 240


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTransport]:
    folder = tmp_path_factory.mktemp("platform")
    transport = EmbeddedTransport(folder, opener=lambda _: open_embedded(folder, background=False))
    yield transport
    transport.close()


def mixed(*, gaps: bool = True) -> pd.DataFrame:
    """Numbers, codes, truth values and categories with rare levels, of which some cells are missing."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.normal(40, 12, ROWS).round(1),
            "income": np.exp(rng.normal(8, 1, ROWS)),
            "visits": rng.integers(0, 6, ROWS).astype(float),
            "plan": rng.choice(["basic", "gold", "silver", "Zürich"], ROWS, p=[0.5, 0.3, 0.19, 0.01]),
            "city": rng.choice([f"city {one}" for one in range(8)], ROWS),
        }
    )
    score = (frame.age - 40) / 12 + (frame.plan == "gold") * 1.5 - frame.visits / 4 + (frame.city == "city 3")
    frame["spent"] = score * 10 + rng.normal(0, 1, ROWS)
    frame["left"] = np.where(score + rng.logistic(0, 0.5, ROWS) > 0, "yes", "no")
    frame["kind"] = np.where(score > 1, "high", np.where(score < -1, "low", "middle"))
    frame["member"] = rng.random(ROWS) < 0.5
    if gaps:
        some = ["age", "visits", "plan", "city"]
        frame[some] = frame[some].mask(rng.random((ROWS, len(some))) < 0.08)
    return frame


FEATURES = ["age", "income", "visits", "plan", "city", "member"]


def trained(
    platform: EmbeddedTransport,
    algorithm: str,
    label: str,
    frame: pd.DataFrame,
    steps: DataPreprocessor | None = None,
    **given: Any,
) -> Model:
    """A model of a new name, deployed; of several labels in ``frame`` it learns ``label`` alone."""
    model = Model(algorithm, name=f"m-{uuid4().hex[:12]}", quiet=True, transport=platform)
    others = {"left", "kind", "spent"} - {label}
    table = frame.drop(columns=[one for one in others if one in frame])
    if steps is not None:
        model.upload_preprocessor(steps)
    model.upload_data(Data.from_pandas(table, label, quiet=True))
    model.train(**given)
    model.deploy()
    return model


def computed(file: Path, rows: pd.DataFrame) -> dict[str, Any]:
    session = runtime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    given = {}
    for one in session.get_inputs():
        cells = rows[one.name]
        if one.type == "tensor(string)":
            told = cells.astype(object).where(cells.notna(), "").to_numpy(dtype=object)
        else:
            told = cells.to_numpy(dtype=np.float64)
        given[one.name] = told[:, None]
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(None, given), strict=True))


def compare(model: Model, rows: pd.DataFrame, folder: Path) -> None:
    found = computed(model.export(folder / "m.onnx"), rows)
    told = model.predict(rows)
    if model.task == "regression":
        expected = np.array(told.values)
        assert np.abs(found["value"] - expected).max() <= 1e-6 * max(1.0, np.abs(expected).max())
        return
    expected = np.array([list(one.values()) for one in told.probabilities])
    assert np.abs(found["probabilities"] - expected).max() <= 1e-6
    assert found["label"].tolist() == told.labels


def asked(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with levels that nobody has seen, and with gaps."""
    rows = frame[FEATURES].iloc[:60].copy()
    rows.loc[rows.index[:3], "plan"] = "platinum"
    rows.loc[rows.index[3:6], "city"] = "nowhere"
    return rows


CASES = [
    ("linear_regression", "spent", {}),
    ("logistic_regression", "left", {}),
    ("logistic_regression", "kind", {}),
    ("decision_tree", "kind", {}),
    ("decision_tree", "spent", {}),
    ("random_forest", "left", {"trees": 12}),
    ("random_forest", "spent", {"trees": 12}),
    ("gradient_boosting", "left", {"iterations": 15}),
    ("gradient_boosting", "kind", {"iterations": 8}),
    ("gradient_boosting", "spent", {"iterations": 15}),
    ("deep_learning", "kind", {"iterations": 5, "hidden": [8, 4]}),
    ("deep_learning", "left", {"iterations": 5, "activation": "gelu", "hidden": [6]}),
    ("deep_learning", "spent", {"iterations": 5, "activation": "tanh", "hidden": [6]}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("algorithm", "label", "given"), CASES)
def test_the_file_says_what_the_version_says(
    platform: EmbeddedTransport, tmp_path: Path, algorithm: str, label: str, given: dict[str, Any]
) -> None:
    frame = mixed()
    compare(trained(platform, algorithm, label, frame, **given), asked(frame), tmp_path)


@pytest.mark.slow
def test_it_does_so_on_real_data(platform: EmbeddedTransport, tmp_path: Path) -> None:
    for load, algorithm in (
        (load_breast_cancer, "logistic_regression"),
        (load_iris, "random_forest"),
        (load_diabetes, "gradient_boosting"),
    ):
        found = load(as_frame=True)
        model = trained(platform, algorithm, "target", found.frame, trees=20) if algorithm == "random_forest" else (
            trained(platform, algorithm, "target", found.frame, iterations=20)
        )  # fmt: skip
        compare(model, found.data, tmp_path)


@pytest.mark.slow
def test_categories_split_trees_as_sets(platform: EmbeddedTransport, tmp_path: Path) -> None:
    frame = mixed()
    model = trained(platform, "gradient_boosting", "left", frame, iterations=15)
    compare(model, asked(frame), tmp_path)
    (node,) = (one for one in onnx.load(tmp_path / "m.onnx").graph.node if one.op_type == "TreeEnsemble")
    assert "membership_values" in {one.name for one in node.attribute}


def chain(*steps: tuple[str, str | list[str], dict[str, Any]]) -> DataPreprocessor:
    made = DataPreprocessor()
    for name, of, given in steps:
        made.add_transformer(name, input=of, **given)
    return made


NUMBERS = ["age", "income", "visits"]
CHAINS = {
    "scales": chain(
        ("Impute", "age", {"strategy": "median"}),
        ("MinMax", "age", {}),
        ("Log", "income", {}),
        ("RobustScale", "income", {}),
        ("MissingIndicator", "visits", {"output": "gone"}),
        ("Impute", "visits", {"strategy": "constant", "value": -1}),
    ),
    "levels of numbers": chain(("OneHot", "visits", {"fewest": 30}), ("Impute", NUMBERS[:2], {})),
    "filled levels": chain(
        ("Impute", "plan", {"strategy": "most_frequent"}),
        ("OneHot", "plan", {}),
        ("Impute", "city", {"strategy": "constant", "value": "city 5"}),
        ("OneHot", "city", {"fewest": 28}),
        ("Impute", NUMBERS, {}),
    ),
    "codes": chain(("Ordinal", "city", {"fewest": 28}), ("Ordinal", "visits", {}), ("Drop", "plan", {})),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHAINS)
def test_the_preprocessor_goes_along(platform: EmbeddedTransport, tmp_path: Path, name: str) -> None:
    frame = mixed()
    algorithm = "gradient_boosting" if name == "codes" else "logistic_regression"
    compare(trained(platform, algorithm, "left", frame, CHAINS[name]), asked(frame), tmp_path)


@pytest.mark.slow
def test_logarithms_of_small_numbers_keep_their_digits(platform: EmbeddedTransport, tmp_path: Path) -> None:
    frame = mixed(gaps=False)[["age", "income", "spent"]]
    frame["income"] *= 1e-16
    steps = chain(("Log", "income", {}), ("Normalize", "X", {}))
    compare(trained(platform, "linear_regression", "spent", frame, steps), frame, tmp_path)


@pytest.mark.slow
def test_what_is_more_than_one_file_takes_is_named(
    platform: EmbeddedTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lepton_ai.onnx_file.graph.LARGEST_FILE", 500)
    with pytest.raises(InvalidInput, match="a version of more than 2 GB has no form") as found:
        exported_of(platform, tmp_path, "logistic_regression")
    assert found.value.field == "path"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_labels_are_by_the_rule_of_the_version(platform: EmbeddedTransport, tmp_path: Path) -> None:
    frame = mixed()
    model = trained(platform, "logistic_regression", "left", frame)
    usual = model.predict(asked(frame)).labels
    model.set_threshold(0.12, label="no")
    compare(model, asked(frame), tmp_path)
    assert model.predict(asked(frame)).labels != usual
    several = trained(platform, "logistic_regression", "kind", frame)
    several.set_threshold(costs={"low": 9.0})
    compare(several, asked(frame), tmp_path)


def exported_of(platform: EmbeddedTransport, folder: Path, algorithm: str, **given: Any) -> Path:
    return trained(platform, algorithm, given.pop("label", "left"), mixed(), **given).export(
        folder / "m.onnx"
    )


REFUSED = {
    "the algorithm svm": {"algorithm": "svm"},
    "the algorithm naive_bayes": {"algorithm": "naive_bayes"},
    "calibration of probabilities": {
        "algorithm": "gradient_boosting",
        "iterations": 60,
        "learning_rate": 0.9,
        "calibrate": True,
    },
    "Quantile of the column 'income'": {
        "algorithm": "logistic_regression",
        "steps": chain(("Quantile", "income", {})),
    },
    "TargetEncode of the column 'city'": {
        "algorithm": "logistic_regression",
        "steps": chain(("TargetEncode", "city", {})),
    },
    "Hash of the column 'city'": {"algorithm": "logistic_regression", "steps": chain(("Hash", "city", {}))},
}


@pytest.mark.slow
@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_form_is_named_and_what_was_there_stays(
    platform: EmbeddedTransport, tmp_path: Path, what: str
) -> None:
    (tmp_path / "m.onnx").write_bytes(b"as it was")
    with pytest.raises(InvalidInput, match=f"^path: {what} has no form|^{what} has no form") as found:
        exported_of(platform, tmp_path, **REFUSED[what])
    assert found.value.field == "path"
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"as it was"]


@pytest.mark.slow
def test_a_column_of_another_kind_is_named(platform: EmbeddedTransport, tmp_path: Path) -> None:
    frame = mixed(gaps=False)
    frame["since"] = pd.date_range("2020-01-01", periods=ROWS).strftime("%Y-%m-%d")
    model = trained(platform, "logistic_regression", "left", frame)
    with pytest.raises(InvalidInput, match="the date column 'since' has no form"):
        model.export(tmp_path / "m.onnx")


@pytest.mark.slow
def test_columns_may_be_called_as_outputs_and_operators_are(
    platform: EmbeddedTransport, tmp_path: Path
) -> None:
    names = {"age": "value", "income": "constant 0", "visits": "Sub 0"}
    frame = mixed(gaps=False)[[*NUMBERS, "spent"]].rename(columns=names)
    model = trained(platform, "linear_regression", "spent", frame)
    found = computed(model.export(tmp_path / "m.onnx"), frame)
    assert list(found) == ["value_"]
    assert np.abs(found["value_"] - np.array(model.predict(frame.drop(columns="spent")).values)).max() < 1e-6


@pytest.mark.slow
def test_without_the_library_it_says_what_to_install(
    platform: EmbeddedTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InvalidInput, match=r"pip install 'lepton-ai\[onnx\]'"):
        exported_of(platform, tmp_path, "logistic_regression")


@pytest.mark.slow
def test_the_command_writes_it_and_the_file_tells_what_it_is(
    platform: EmbeddedTransport, tmp_path: Path
) -> None:
    model = trained(platform, "linear_regression", "spent", mixed(gaps=False)[[*NUMBERS, "spent"]])
    done = subprocess.run(
        [sys.executable, "-m", "lepton_ai", "export", model.name, "-o", str(tmp_path / "spent.ONNX")],
        env={**os.environ, "LEPTON_DATA": platform.address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = onnx.load(tmp_path / "spent.ONNX")
    told = {one.key: one.value for one in written.metadata_props}
    assert told == {"model": model.name, "version": "1", "algorithm": "linear_regression", "label": "spent"}
    assert [one.name for one in written.graph.input] == NUMBERS
