"""A version beside what could be answered without a model: as its evaluation says it, or its figures alone tell."""

from html import escape

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import log_loss, root_mean_squared_error

from lepton_ai.evaluation import Evaluation
from lepton_ai.held_out import held_out
from lepton_ai.replies import read
from lepton_ai.results import Version
from lepton_core.baseline import Baseline, beside_classes, beside_values
from lepton_core.evaluate import classification_report, regression_report
from lepton_core.segments import weak_of_values
from lepton_core.table import Categories, Table

RARE = np.array([0] * 90 + [1] * 10)


def stored(y: np.ndarray, of_second: np.ndarray) -> dict[str, object]:
    report = classification_report(y, np.column_stack([1 - of_second, of_second]), ["no", "yes"])
    one = {name: vars(figures) for name, figures in report.per_class.items()}
    return {**vars(report), "per_class": one, "classes": list(report.classes)}


def evaluated(report: dict[str, object]) -> Evaluation:
    metrics = {name: value for name, value in report.items() if isinstance(value, float)}
    return Evaluation("m", 1, 0.25, [0.2, 0.3], metrics, metrics, report)


@pytest.mark.parametrize("seed", range(5))
def test_the_baseline_of_classes_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = np.append(rng.integers(0, 2, 50), [0, 1])
    found = held_out(stored(y, rng.uniform(size=len(y)))).baseline
    X = np.zeros((len(y), 1))
    always = DummyClassifier(strategy="most_frequent").fit(X, y)
    shares = DummyClassifier(strategy="prior").fit(X, y)
    assert found["accuracy"] == pytest.approx(always.score(X, y))
    assert found["log_loss"] == pytest.approx(log_loss(y, shares.predict_proba(X)))


@pytest.mark.parametrize("seed", range(5))
def test_the_baseline_of_quantities_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.normal(5, 3, 40)
    X = np.zeros((40, 1))
    always = root_mean_squared_error(y, DummyRegressor().fit(X, y).predict(X))
    for predicted in (y + rng.normal(size=40), rng.normal(0, 100, 40)):
        found = held_out(vars(regression_report(y, predicted)))
        assert found.baseline == {"rmse": pytest.approx(always)}
        assert ("the model is no better than that" in found.compared()) is (found.metrics["rmse"] > always)


def test_a_baseline_that_the_figures_do_not_tell_is_left_out() -> None:
    one_value = np.array([2.0, 2.0])
    for predicted in (one_value, one_value + 1):
        assert held_out(vars(regression_report(one_value, predicted))).compared() == []
    assert held_out(vars(regression_report(one_value[:1], one_value[:1]))).compared() == []
    assert held_out({}).compared() == [] and str(held_out({})) == ""


def test_a_model_that_never_finds_the_rare_class_is_called_no_better_than_always_the_frequent_one() -> None:
    ranks_well = held_out(stored(RARE, np.where(RARE == 1, 0.4, 0.05)))
    assert ranks_well.compared() == [
        "without a model, rows held out: accuracy 0.9 (always 'no'), "
        "log_loss 0.3251 (always the shares of the classes)",
        "in accuracy the model is no better than that",
    ]
    knows_nothing = held_out(stored(RARE, np.full(100, 0.2)))
    assert knows_nothing.compared()[1] == "the model is no better than that"
    assert len(held_out(stored(RARE, RARE * 0.8 + 0.1)).compared()) == 1


def beside(y: np.ndarray, of_second: np.ndarray) -> dict[str, object]:
    """The stored report with what 300 training rows, two thirds of them 'no', say without a model."""
    baseline = Baseline({"no": 200, "yes": 100}, {})
    found = beside_classes(baseline, ["no", "yes"], y, np.column_stack([1 - of_second, of_second]))
    return {**stored(y, of_second), "baselines": msgspec.to_builtins(found)}


def test_a_sentence_for_each_baseline_takes_the_place_of_what_is_told_from_the_figures() -> None:
    found = held_out(beside(RARE, RARE * 0.8 + 0.1))
    assert found.compared() == [
        "better than always answering the shares of the classes: log loss 0.1054 beside 0.4748, "
        "lower by 0.33 to 0.41 (95 %) on 100 rows",
        "better than always answering 'no': accuracy 1 beside 0.9, higher by 0.04 to 0.16 (95 %) on 100 rows",
    ]
    assert found.baseline == {"log_loss": pytest.approx(0.4748, abs=1e-4), "accuracy": 0.9}
    assert found.most_frequent == "no"
    assert "without a model" not in str(found)


def test_an_evaluation_shows_the_sentences_as_text_and_as_html() -> None:
    report = beside(RARE, np.full(100, 1 / 3))
    for said in held_out(report).compared():
        assert said.startswith("no better than always answering ")
        assert f"  {said}" in str(evaluated(report)).splitlines()
        assert f"<p>{escape(said)}</p>" in evaluated(report)._repr_html_()


def test_in_a_split_by_time_the_baseline_is_the_last_value() -> None:
    y = np.arange(20.0)
    found = beside_values(Baseline({}, {"last": 1.0, "mean": 2.0}), y, y)
    report = {**vars(regression_report(y, y)), "baselines": msgspec.to_builtins(found)}
    assert held_out(report).baseline == {"rmse": found[0].baseline_score}
    assert [said.partition(":")[0] for said in held_out(report).compared()] == [
        "better than always answering the last value",
        "better than always answering the mean",
    ]


def test_an_evaluation_shows_each_class_and_says_what_is_a_mean() -> None:
    shown = str(evaluated(stored(RARE, np.where(RARE * np.arange(100) >= 93, 0.9, 0.1))))
    lines = [line.split() for line in shown.splitlines()]
    assert ["class", "precision", "recall", "f1", "rows"] in lines
    assert ["no", "0.9677", "1", "0.9836", "90"] in lines and ["yes", "1", "0.7", "0.8235", "10"] in lines
    for mean in ("precision", "recall", "f1"):
        assert [mean, "(mean", "of", "classes)"] in [line[:4] for line in lines]
    assert "without a model, rows held out: accuracy 0.9 (always 'no')" in shown
    html = evaluated(stored(RARE, np.full(100, 0.2)))._repr_html_()
    assert "<td>yes</td>" in html and "<p>the model is no better than that</p>" in html


def test_of_very_many_classes_the_first_are_shown() -> None:
    one = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 3, "auc": None}
    report = {"accuracy": 0.5, "log_loss": 1.0, "per_class": {f"c{at:02}": one for at in range(25)}}
    lines = str(held_out(report)).splitlines()
    assert lines[20].split()[0] == "c19" and lines[21] == "... 5 more"


def test_a_trained_version_shows_each_class_below_its_line() -> None:
    version = read(
        {
            "model": "m",
            "version": 1,
            "algorithm": "svm",
            "task": "classification",
            "metrics": {"accuracy": 0.9, "f1": 0.47},
            "dataset": "m",
            "dataset_version": 1,
            "created": "2024-05-01T12:00:00Z",
            "run": "run-1",
            "digest": "",
        },
        Version,
    )
    assert str(version).endswith("accuracy 0.9, f1 (mean of classes) 0.47")
    assert version.summary() == str(version)
    lines = replace(version, held_out=held_out(stored(RARE, np.full(100, 0.2)))).summary().splitlines()
    assert lines[0] == str(version) and [line.split()[0] for line in lines[1:4]] == ["class", "no", "yes"]
    assert lines[-1] == "  the model is no better than that"


def test_where_a_version_is_wrong_is_said_only_where_it_is_shown() -> None:
    rng = np.random.default_rng(0)
    side = Categories.of("side", ["left", "right"] * 200)
    away = rng.normal(size=400) * np.where(side.codes == 0, 3, 1)
    for factor, lines in ((1, 2), (0, 0)):
        weak = weak_of_values(Table((side,)), away * factor, np.zeros(400))
        found = held_out({"rmse": 2.0, "segments": msgspec.to_builtins(weak)})
        assert found.segments == weak == evaluated({"segments": msgspec.to_builtins(weak)}).segments
        assert len(found.where_wrong()) == lines
        shown = str(evaluated({"rmse": 2.0, "segments": msgspec.to_builtins(weak)}))
        assert f"where version 1 is wrong, rows held out: {weak.sentence}" in shown
        assert ("side 'left'  " in shown) is (factor == 1)
    assert held_out({"rmse": 2.0}).where_wrong() == []
