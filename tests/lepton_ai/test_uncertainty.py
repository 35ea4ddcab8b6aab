"""Intervals and plausible classes, as the SDK and the command ask for them and show them."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from lepton_ai import Data, InvalidInput, Model, Prediction, Predictions
from lepton_ai.embedded import embedded_transport
from lepton_ai.held_out import held_out
from lepton_ai.row_error import RowError

if TYPE_CHECKING:
    from tests.lepton_ai.conftest import FakePlatform

PATH = "/v1/models/m/predict"
VALUE = {"value": 7.0, "interval": [6.0, 8.5]}
CLASSES = {"label": "a", "probabilities": {"a": 0.6, "b, c": 0.4}, "plausible": ["a", "b, c"]}


@pytest.fixture
def model(platform: "FakePlatform") -> Model:
    return Model("logistic_regression", "m", transport=platform)


def answer(*found: dict[str, Any]) -> dict[str, Any]:
    return {"model": "m", "version": 1, "predictions": list(found)}


def test_a_coverage_is_asked_for_and_an_interval_comes_back(model: Model, platform: "FakePlatform") -> None:
    platform.on("POST", PATH, answer(VALUE))
    one = model.predict({"age": 1}, coverage=np.float32(0.5))
    assert (one.value, one.interval, str(one)) == (7.0, (6.0, 8.5), "7 (6 to 8.5)")
    many = model.predict([{"age": 1}], coverage=0.9)
    assert (many.intervals, many.plausible) == ([(6.0, 8.5)], [])
    assert [body["coverage"] for body in platform.bodies("POST", PATH)] == [0.5, 0.9]
    assert many.to_csv() == "value,low,high\n7.0,6.0,8.5\n"
    assert str(many).splitlines() == ["row  value  low  high", "1        7    6   8.5"]


def test_plausible_classes_come_back_and_a_comma_in_a_name_divides_nothing(
    model: Model, platform: "FakePlatform"
) -> None:
    platform.on("POST", PATH, answer(CLASSES))
    many = model.predict([{"age": 1}], coverage=0.9)
    assert (many.plausible, many.intervals) == ([("a", "b, c")], [])
    assert str(many[0]) == "a (0.6000) of a, b, c"
    [head, line] = csv.reader(io.StringIO(many.to_csv()))
    assert head == ["label", "P(a)", "P(b, c)", "plausible"]
    assert next(csv.reader([line[3]])) == ["a", "b, c"]
    assert "plausible" in str(many)


def test_without_it_nothing_is_asked_and_nothing_shown(model: Model, platform: "FakePlatform") -> None:
    platform.on("POST", PATH, answer({"value": 2.0}))
    many = model.predict([{"age": 1}])
    assert platform.bodies("POST", PATH) == [{"rows": [{"age": 1}]}]
    assert (many.intervals, many.plausible, many.to_csv()) == ([], [], "value\n2.0\n")
    assert msgspec.json.encode(list(many)) == b'[{"value":2.0}]'


@pytest.mark.parametrize("coverage", ["0.9", True, float("nan"), [0.9]])
def test_what_is_no_share_is_refused_before_anything_is_sent(
    model: Model, platform: "FakePlatform", coverage: Any
) -> None:
    with pytest.raises(InvalidInput, match=r"a share from 0\.5 to 0\.99") as caught:
        model.predict([{"age": 1}], coverage=coverage)
    assert caught.value.field == "coverage"
    assert platform.bodies("POST", PATH) == []


def test_a_row_of_a_file_that_is_empty_has_empty_cells() -> None:
    empty = Prediction(error=RowError(2, "is no number"))
    values = Predictions("m", 1, [Prediction(value=7.0, interval=(6.0, 8.5)), empty])
    assert values.to_csv().splitlines()[2].startswith(",,,")
    assert np.isnan(values.intervals[1]).all()
    classes = Predictions("m", 1, [Prediction("a", {"a": 1.0}, plausible=("a",)), empty])
    assert classes.plausible == [("a",), ()]
    assert classes.to_csv().splitlines()[2].startswith(",,,")


def test_of_very_many_classes_the_set_is_shown_beside_the_likeliest() -> None:
    names = {f"c{k}": 1 / 20 for k in range(20)}
    shown = str(Predictions("m", 1, [Prediction("c0", names, plausible=("c0", "c1"))]))
    assert shown.splitlines()[0].split() == ["row", "label", "P(label)", "plausible"]
    assert "c0, c1" in shown


def test_training_asks_for_both_and_says_only_what_was_said(model: Model, platform: "FakePlatform") -> None:
    platform.on("POST", "/v1/models/m/train", InvalidInput("enough"))
    for said in ({}, {"calibrate": True, "uncertainty": False}):
        with pytest.raises(InvalidInput, match="enough"):
            model.train(**said)
    plain, asked = platform.bodies("POST", "/v1/models/m/train")
    assert not {"calibrate", "uncertainty"} & plain.keys()
    assert (asked["calibrate"], asked["uncertainty"]) == (True, False)


def test_sentences_of_the_evaluation_are_shown() -> None:
    calibrated = {"chosen": "none", "rows": 9, "tried": [], "sentence": "not calibrated"}
    each = {"rows": 9, "share": 0.9, "low": 0.8, "high": 1.0, "size": 1.0}
    coverages = [{"coverage": c, "sentence": f"sets of {c}", **each} for c in (0.5, 0.9)]
    report = {"per_class": {}, "calibrated": calibrated, "coverages": coverages}
    baseline = {"baseline": "mean", "metric": "rmse", "model_score": 1.0, "baseline_score": 2.0}
    found = held_out({**report, "baselines": [{**baseline, "shown": "nothing", "sentence": "no better"}]})
    assert found.sure() == ["not calibrated", "sets of 0.9"]
    assert str(found).splitlines() == ["no better", "not calibrated", "sets of 0.9"]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model with intervals on a platform in this process."""
    transport = embedded_transport(tmp_path_factory.mktemp("platform"))
    rng = np.random.default_rng(0)
    rows = {"a": rng.normal(size=120), "k": rng.choice(["u", "v"], 120)}
    frame = pd.DataFrame({**rows, "y": rows["a"] * 3 + rng.normal(size=120)})
    made = Model("linear_regression", "lines", transport=transport, quiet=True)
    made.upload_data(Data.from_pandas(frame, label="y"))
    made.train(uncertainty=True)
    made.deploy()
    return made


def test_in_whatever_form_rows_come_their_intervals_are_the_same(deployed: Model, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.linspace(-1, 1, 40), "k": ["u", "v"] * 20})
    (tmp_path / "rows.csv").write_text(frame.to_csv(index=False))
    given: list[Any] = [
        frame,
        frame.to_dict("records"),
        frame.to_numpy().tolist(),
        tmp_path / "rows.csv",
        Data.from_csv(tmp_path / "rows.csv", label="k", quiet=True),
    ]
    found = [deployed.predict(rows, coverage=0.8).intervals for rows in given]
    assert len(found[0]) == 40
    for one in found:
        np.testing.assert_allclose(one, found[0], rtol=1e-12)
    alone = deployed.predict(frame.to_dict("records")[0], coverage=0.8)
    assert alone.interval == pytest.approx(found[0][0])


def test_a_coverage_is_told_apart_alike_in_whatever_form_rows_come(deployed: Model) -> None:
    rows = [{"a": 0.1 * k, "k": "u"} for k in range(40)]
    for given in (rows, rows[0], pd.DataFrame(rows), [[0.5, "u"]]):
        with pytest.raises(InvalidInput, match=r"must be a share from 0\.5 to 0\.99, not 0\.3"):
            deployed.predict(given, coverage=0.3)
