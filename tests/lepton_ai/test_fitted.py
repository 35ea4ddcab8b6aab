"""A model of scikit-learn becomes a file that is loaded, served and imported; what is not known is not in it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lepton_ai
from infra.local.service.answers import Answers
from infra.local.service.app import Stage
from infra.local.service.source import of_file
from lepton_ai import Model, from_sklearn
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.errors import InvalidArtifact, InvalidData, InvalidInput
from lepton_core.card.harmless import check_harmless
from tests.lepton_ai.test_exported import empty

__all__ = ["empty"]

IRIS = load_iris(as_frame=True)
ROWS, TRUTH = IRIS.data[1::2], IRIS.target[1::2]


@pytest.fixture
def pipeline() -> Any:
    made = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    gaps = IRIS.data.mask(np.random.default_rng(0).random(IRIS.data.shape) < 0.1)
    return made.fit(gaps[::2], IRIS.target[::2])


def write(estimator: Any, path: Path, **more: Any) -> Path:
    return from_sklearn(estimator, path, name="iris", label="species", **more)


def test_the_file_predicts_as_the_pipeline_does(pipeline: Any, tmp_path: Path) -> None:
    path = write(pipeline, tmp_path / "iris.lepton")
    assert path == tmp_path / "iris.lepton"
    alone = lepton_ai.load(path)
    rows = ROWS.mask(np.random.default_rng(1).random(ROWS.shape) < 0.2)
    found = alone.predict(rows)
    shares = [[one[name] for name in alone.classes] for one in found.probabilities]
    assert np.abs(np.array(shares) - pipeline.predict_proba(rows)).max() < 1e-9
    assert found.labels == [str(one) for one in pipeline.predict(rows)]
    assert (alone.name, alone.label, alone.algorithm, alone.task) == (
        "iris", "species", "logistic_regression", "classification"
    )  # fmt: skip
    assert alone.schema.names == tuple(ROWS.columns)


def test_what_is_not_known_is_not_in_it(pipeline: Any, tmp_path: Path) -> None:
    alone = lepton_ai.load(write(pipeline, tmp_path / "iris.lepton"))
    head = alone.head
    assert (head.metrics, head.judged.rows, head.data.name, head.data.version, head.data.digest) == (
        {},
        0,
        "",
        0,
        "",
    )
    assert head.notes == (
        "fitted by scikit-learn, as SimpleImputer and StandardScaler and LogisticRegression",
    )
    assert head.libraries is not None and head.hyperparameters == {"seed": 0}
    assert [one["transformer"] for one in (head.preprocessor or {})["steps"]] == ["Impute", "Normalize"]
    card = alone.card(tmp_path / "card.html").read_text()
    check_harmless(card)
    assert "It was not evaluated." in card and "petal width (cm)" in card
    with pytest.raises(InvalidInput, match="without a background"):
        alone.predict(ROWS[:1], explain=True)


def test_rows_of_a_test_evaluate_it(pipeline: Any, tmp_path: Path) -> None:
    alone = lepton_ai.load(write(pipeline, tmp_path / "iris.lepton", X_test=ROWS, y_test=TRUTH))
    assert alone.head.metrics["accuracy"] == pytest.approx(pipeline.score(ROWS, TRUTH))
    assert "Figures on 75 rows" in alone.card(tmp_path / "card.html").read_text()
    explained = alone.predict(ROWS[:2], explain=True)
    assert set(explained[0].contributions) == set(ROWS.columns)


def test_one_that_was_evaluated_is_imported_and_is_a_model_as_any_other(
    pipeline: Any, empty: EmbeddedTransport, tmp_path: Path
) -> None:
    path = write(pipeline, tmp_path / "iris.lepton", X_test=ROWS, y_test=TRUTH)
    model = Model.import_(path, transport=empty, quiet=True)
    model.deploy()
    assert model.predict(ROWS).probabilities == lepton_ai.load(path).predict(ROWS).probabilities
    model.set_threshold(costs={"0": 10.0})
    (version,) = model.versions()
    assert version.metrics["accuracy"] == pytest.approx(pipeline.score(ROWS, TRUTH))
    assert "imported from iris version 1, trained elsewhere" in str(version)


def test_a_regression_is_imported_too(empty: EmbeddedTransport, tmp_path: Path) -> None:
    found = load_diabetes(as_frame=True)
    made = HistGradientBoostingRegressor(max_iter=10).fit(found.data[::2], found.target[::2])
    rows, truth = found.data[1::2], found.target[1::2]
    path = from_sklearn(made, tmp_path / "d.lepton", name="d", label="y", X_test=rows, y_test=truth)
    model = Model.import_(path, transport=empty, quiet=True)
    model.deploy()
    assert np.abs(np.array(model.predict(rows).values) - made.predict(rows)).max() < 1e-9
    assert lepton_ai.load(path).head.metrics["r2"] == pytest.approx(made.score(rows, truth))


def test_one_that_was_not_is_refused_there_and_served_out_of_its_file(
    pipeline: Any, empty: EmbeddedTransport, tmp_path: Path
) -> None:
    path = write(pipeline, tmp_path / "iris.lepton")
    with pytest.raises(InvalidArtifact, match="evaluated on no rows"):
        Model.import_(path, transport=empty, quiet=True)
    source = of_file(path)
    body = json.dumps({"rows": ROWS[:3].to_dict("records")}).encode()
    answer = Answers(source, Stage(), print).of_rows({"content-type": "application/json"}, {}, body)
    source.close()
    assert answer.status == 200
    told = [one["probabilities"] for one in json.loads(answer.body)["predictions"]]
    assert told == lepton_ai.load(path).predict(ROWS[:3]).probabilities


def test_it_is_loaded_where_scikit_learn_is_not(pipeline: Any, tmp_path: Path) -> None:
    path = write(pipeline, tmp_path / "iris.lepton")
    program = (
        "import sys; sys.modules['sklearn'] = None; import lepton_ai; print(lepton_ai.load(sys.argv[1]).name)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
    )
    assert told.stdout == "iris\n", told.stderr


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "\ud800"}, "label"),
        ({"label": "petal width (cm)"}, "label"),
        ({"name": "a/b"}, "name"),
        ({"X_test": ROWS}, "y_test"),
        ({"X_test": ROWS, "y_test": TRUTH[:3]}, "y_test"),
        ({"X_test": ROWS, "y_test": ["no class"] * len(ROWS)}, "y_test"),
        ({"X_test": ROWS[ROWS.columns[::-1]], "y_test": TRUTH}, "X_test"),
        ({"X_test": [["a"] * 4], "y_test": [0]}, "X_test"),
        ({"X_test": np.full((1, 4), np.inf), "y_test": [0]}, "X_test"),
        ({"X_test": np.zeros((1, 3)), "y_test": [0]}, "X_test"),
        ({"X_test": np.zeros((2, 4)), "y_test": [[0], [1, 2]]}, "y_test"),
        ({"X_test": np.zeros((2, 4)), "y_test": [{}, {}]}, "y_test"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    pipeline: Any, tmp_path: Path, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as found:
        from_sklearn(pipeline, tmp_path / "x.lepton", **{"name": "iris", "label": "species"} | more)
    assert found.value.field == field
    assert not list(tmp_path.iterdir())


def test_test_rows_that_it_cannot_predict_are_named(tmp_path: Path) -> None:
    made = Ridge().fit(IRIS.data, IRIS.target)
    with pytest.raises(InvalidData, match="row 2"):
        write(made, tmp_path / "x.lepton", X_test=[[1.0] * 4, [np.nan] * 4], y_test=[1, 2])
    with pytest.raises(InvalidInput, match="must be numbers"):
        write(made, tmp_path / "x.lepton", X_test=[[1.0] * 4], y_test=["a"])
    with pytest.raises(InvalidInput, match="not finite"):
        write(made, tmp_path / "x.lepton", X_test=[[1.0] * 4], y_test=[np.nan])
