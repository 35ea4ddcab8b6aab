"""A model and what rows out of fold have taught, as one version: it predicts, explains, and is a file."""

from typing import Any

import numpy as np
import pytest

from lepton_core.artifact import read_container, write_container
from lepton_core.ensemble import Ensemble
from lepton_core.errors import InvalidArtifact, NewerFormat
from lepton_core.load import bare, load
from lepton_core.out_of_fold import out_of_fold
from lepton_core.permuted import permuted
from lepton_core.predict import Predictor
from lepton_core.servable import Servable
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe, train
from lepton_core.uncertain import BEFORE, Uncertain
from lepton_core.uncertainty.choice import OutOfFoldRows, learnt
from lepton_core.uncertainty.conformal import Intervals
from lepton_core.uncertainty.learnt import Uncertainty
from lepton_core.validation import fold_rows, headline, importance, report
from tests.lepton_core.test_ensemble import member
from tests.support.algorithms import quick
from tests.support.blended import mixed_table, taught

METHODS = ("platt", "isotonic")


def made(model: Any, data: Table, method: str = "platt") -> Uncertain:
    """The model with what so many invented rows teach."""
    return Uncertain.of(model, taught(len(model.classes), method), data.without("label"))


@pytest.mark.parametrize("classes", [0, 2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_it_is_loaded_from_its_file_to_the_same_bits(classes: int, method: str) -> None:
    data = mixed_table(classes)
    names = ("linear_regression", "random_forest") if not classes else ("naive_bayes", "random_forest")
    for model in (
        member(names[1], data),
        Ensemble.of([member(one, data) for one in names], [0.3, 0.7], data),
    ):
        before = made(model, data, method)
        after = load(before.dump())
        assert isinstance(after, Uncertain) and type(after.model) is type(model)
        assert after.dump() == before.dump()
        assert after.predict(data).tobytes() == before.predict(data).tobytes()
        assert before.calibrated(model.predict(data)).tobytes() == before.predict(data).tobytes()
        for name in ("algorithm", "task", "label", "classes", "weight", "reads", "schema"):
            assert getattr(after, name) == getattr(model, name)
        assert bare(after).predict(data).tobytes() == model.predict(data).tobytes()


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", ["logistic_regression", "gradient_boosting", "naive_bayes"])
def test_contributions_under_a_line_sum_to_the_calibrated_log_odds(name: str, classes: int) -> None:
    data = mixed_table(classes)
    version = made(member(name, data), data)
    found = version.explain(data)
    assert found.unit == "log-odds"
    total = found.base + found.contributions.sum(axis=1)
    logs = np.log(version.predict(data))
    if classes == 2:
        np.testing.assert_allclose(total[:, 0], logs[:, 1] - logs[:, 0], rtol=1e-6, atol=1e-7)
    else:
        between = total - total[:, :1]
        np.testing.assert_allclose(between, logs - logs[:, :1], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "method", "unit"),
    [
        ("logistic_regression", "isotonic", "log-odds" + BEFORE),
        ("random_forest", "platt", "probability" + BEFORE),
        ("random_forest", "isotonic", "probability" + BEFORE),
        ("svm", "platt", "score"),
    ],
)
def test_other_contributions_are_those_of_before_and_say_so(name: str, method: str, unit: str) -> None:
    data = mixed_table(2)
    model = member(name, data, {"kernel": "linear"} if name == "svm" else None)
    found, its = made(model, data, method).explain(data), model.explain(data)
    assert found.unit == unit
    assert np.array_equal(found.contributions, its.contributions)


def test_values_are_explained_as_ever() -> None:
    data = mixed_table(0)
    model = member("linear_regression", data)
    assert made(model, data).explain(data).unit == "value"


def test_monitoring_compares_with_calibrated_predictions() -> None:
    data = mixed_table(2)
    model = member("logistic_regression", data)
    version = made(model, data)
    labels = version.predict(data).argmax(axis=1)
    assert version.reference.prediction.counts[:2] == tuple(np.bincount(labels, minlength=2))
    assert version.reference.features == model.reference.features


def test_importance_is_that_of_calibrated_predictions() -> None:
    data = mixed_table(2)
    version = made(member("logistic_regression", data), data)
    assert permuted(version, data).output().tobytes() == version.predict(data).tobytes()
    assert importance(version, data, seed=0).loss == pytest.approx(report(version, data).log_loss)  # type: ignore[union-attr]


def test_a_report_has_both_sides_and_the_coverages_and_its_headline_is_as_ever() -> None:
    data = mixed_table(3)
    version = made(member("logistic_regression", data), data)
    found = report(version, data)
    assert [one.coverage for one in found.coverages] == [0.5, 0.8, 0.9, 0.95]
    assert all(one.low <= one.share <= one.high for one in found.coverages)
    assert headline(found).keys() == headline(report(bare(version), data)).keys()
    assert report(bare(version), data).coverages == ()


@pytest.mark.parametrize("name", ["linear_regression", "random_forest"])
def test_intervals_of_a_model_by_its_folds_hold_as_many_rows_as_they_say(name: str) -> None:
    """Over draws: what the folds teach holds for the model that learnt from all of them."""
    recipe = Recipe(name, "label", quick(recipe_of(name), trees=10), task="regression")
    shares = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(1100, 2))
        noise = rng.exponential(size=1100) * 2
        data = Table((Numbers("a", X[:, 0]), Numbers("b", X[:, 1]), Numbers("label", X @ [1.0, 2.0] + noise)))
        rows = np.arange(100)
        found = [out_of_fold(recipe, data, *pair) for pair in fold_rows(recipe, data, rows, 5, seed=0)]
        places = np.concatenate([test for _, test in fold_rows(recipe, data, rows, 5, seed=0)])
        label = np.asarray(data["label"].values)  # type: ignore[attr-defined]
        output = np.concatenate([one.output for one in found if one is not None])
        taught = Intervals.of(output, label[places])
        ends = taught.around(train(recipe, data, rows).predict(data.take(np.arange(100, 1100))), 0.9)
        shares.append(np.mean((ends[:, 0] <= label[100:]) & (label[100:] <= ends[:, 1])))
    assert np.mean(shares) >= 0.9 - 3 * np.std(shares) / np.sqrt(len(shares))
    assert np.mean(shares) <= 0.96


def recipe_of(name: str) -> Any:
    from lepton_core.models import ALGORITHMS

    return ALGORITHMS[name]


def test_asked_for_nothing_it_learns_nothing_and_of_values_no_calibration() -> None:
    rng = np.random.default_rng(0)
    values = OutOfFoldRows(rng.normal(size=50), rng.normal(size=50), np.arange(50) % 5)
    assert learnt(values, calibrate=True, uncertainty=False) == (Uncertainty(), None)
    taught, why = learnt(values, calibrate=True, uncertainty=True)
    assert isinstance(taught.conformal, Intervals) and why is None


def parts() -> tuple[dict[str, Any], dict[str, Any]]:
    data = mixed_table(2)
    return read_container(made(member("logistic_regression", data), data).dump())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("calibration", {"method": "magic"}),
        ("calibration", []),
        ("conformal", {"kind": "intervals", "rows": 400}),
        ("conformal", {"kind": "sets", "rows": 399}),
        ("conformal", {"kind": "sets"}),
        ("conformal", None),
    ],
)
def test_a_header_that_says_another_thing_is_refused(name: str, value: object) -> None:
    arrays, meta = parts()
    with pytest.raises(InvalidArtifact):
        load(write_container(arrays, meta | {name: value}))


def test_a_newer_file_is_refused_by_name() -> None:
    arrays, meta = parts()
    with pytest.raises(NewerFormat, match="the file of a calibrated model has format 2"):
        load(write_container(arrays, meta | {"uncertain": 2}))


def test_what_lies_inside_is_a_model_and_no_other_such_version() -> None:
    arrays, meta = parts()
    inside = np.frombuffer(write_container(arrays, meta), np.uint8)
    with pytest.raises(InvalidArtifact, match="not calibrated twice"):
        load(write_container(arrays | {"model": inside}, meta))
    with pytest.raises(InvalidArtifact, match="does not hold the model"):
        load(write_container({name: one for name, one in arrays.items() if name != "model"}, meta))
    with pytest.raises(InvalidArtifact):
        load(write_container(arrays | {"more": np.zeros(3)}, meta))


def test_a_plain_model_says_nothing_of_it() -> None:
    data = Table((Numbers("a", np.arange(40.0)), Categories.of("label", ["x", "y"] * 20)))
    model: Servable = train(Recipe("naive_bayes", "label", {}), data, np.arange(40))
    assert model.uncertainty is None and bare(model) is model
    assert isinstance(load(model.dump()), Predictor)
