"""What every version does, whether one model answers or several do, calibrated and sure or neither."""

import functools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingRegressor
from sklearn.model_selection import PredefinedSplit

from lepton_ai.estimators import ESTIMATORS
from lepton_core.drift import Counter
from lepton_core.ensemble import Ensemble
from lepton_core.errors import InvalidData
from lepton_core.load import bare, load
from lepton_core.predict import Predictor
from lepton_core.servable import Servable
from lepton_core.table import Categories, Numbers, Table
from lepton_core.uncertain import Uncertain
from lepton_core.uncertainty.conformal import Intervals
from lepton_core.uncertainty.isotonic import Isotonic
from tests.support.blended import (
    LABEL,
    MEMBERS,
    SHARES,
    Plan,
    mixed_table,
    numbers_table,
    quick_member,
    taught,
)
from tests.support.estimators import VersionClassifier

MODELS: dict[int, tuple[str, ...]] = {
    0: ("linear_regression", "gradient_boosting"),
    2: ("logistic_regression", "gradient_boosting"),
    3: ("logistic_regression", "random_forest"),
}
"""The members of a blend, by the number of classes; the first one is the model that stands alone."""

KINDS = [
    (classes, blends, method)
    for classes in MODELS
    for blends in (False, True)
    for method in (None, *(("platt", "isotonic") if classes else ("intervals",)))
]
every = pytest.mark.parametrize(("classes", "blends", "method"), KINDS)


@functools.cache
def version(classes: int, blends: bool, method: str | None) -> Servable:
    """The version, as it is made; nobody changes it."""
    data = mixed_table(classes)
    model: Predictor | Ensemble = quick_member(MODELS[classes][0], data)
    if blends:
        members = [quick_member(name, data) for name in MODELS[classes]]
        model = Ensemble.of(members, SHARES, data)
    return model if method is None else Uncertain.of(model, taught(classes, method), data.without(LABEL))


@functools.cache
def rows(classes: int) -> Table:
    """Rows that no version has learnt from, with a gap and a colour that is new."""
    table = mixed_table(classes, 20, seed=11).without(LABEL)
    a = table["a"].values.copy()  # type: ignore[attr-defined]
    a[4] = np.nan
    colours = ["violet" if at == 7 else ["red", "green"][at % 2] for at in range(20)]
    return Table((Numbers("a", a), table["b"], Categories.of("colour", colours)))


def surely(one: Servable, output: NDArray[np.float64]) -> NDArray[Any]:
    """The ends of its intervals, (m, 2), or which classes are plausible, (m, K); nothing if it does not say."""
    conformal = None if one.uncertainty is None else one.uncertainty.conformal
    if conformal is None:
        return np.zeros((len(output), 0))
    return (
        conformal.around(output, 0.9) if isinstance(conformal, Intervals) else conformal.inside(output, 0.9)
    )


@every
def test_its_file_holds_all_of_it_to_the_last_bit(classes: int, blends: bool, method: str | None) -> None:
    one, table = version(classes, blends, method), rows(classes)
    other = load(one.dump())
    assert type(other) is type(one)
    assert other.dump() == one.dump()
    for name in ("algorithm", "task", "label", "classes", "weight", "reads", "schema", "reference"):
        assert getattr(other, name) == getattr(one, name), name
    output = one.predict(table)
    assert other.predict(table).tobytes() == output.tobytes()
    assert surely(other, output).tobytes() == surely(one, output).tobytes()
    assert bare(other).predict(table).tobytes() == bare(one).predict(table).tobytes()


@every
def test_made_again_of_the_same_rows_it_has_the_same_bytes(
    classes: int, blends: bool, method: str | None
) -> None:
    assert version.__wrapped__(classes, blends, method).dump() == version(classes, blends, method).dump()


@every
def test_a_row_is_answered_alike_alone_among_others_and_in_any_order(
    classes: int, blends: bool, method: str | None
) -> None:
    one, table = version(classes, blends, method), rows(classes)
    whole = one.predict(table)
    assert whole.shape == ((20, classes) if classes else (20,)) and np.isfinite(whole).all()
    order = np.random.default_rng(0).permutation(20)
    np.testing.assert_allclose(one.predict(table.take(order)), whole[order], rtol=1e-10, atol=1e-14)
    alone = np.concatenate([one.predict(table.take(np.array([at]))) for at in range(20)])
    np.testing.assert_allclose(alone, whole, rtol=1e-10, atol=1e-14)
    assert one.predict(table.take(np.arange(0))).shape == ((0, classes) if classes else (0,))


@every
def test_the_order_of_columns_and_what_else_stands_there_change_no_bit(
    classes: int, blends: bool, method: str | None
) -> None:
    one, table = version(classes, blends, method), rows(classes)
    more = Table((Numbers("more", np.arange(20.0)), *reversed(table.columns)))
    assert one.predict(more).tobytes() == one.predict(table).tobytes()


@every
def test_classes_have_probabilities_and_the_likeliest_one_is_always_plausible(
    classes: int, blends: bool, method: str | None
) -> None:
    one, table = version(classes, blends, method), rows(classes)
    output = one.predict(table)
    found = surely(one, output)
    if classes:
        np.testing.assert_allclose(output.sum(axis=1), 1.0, rtol=1e-12)
        assert ((output >= 0.0) & (output <= 1.0)).all()
        assert method is None or found[np.arange(20), output.argmax(axis=1)].all()
    else:
        assert method is None or ((found[:, 0] <= output) & (output <= found[:, 1])).all()


@every
def test_its_predictions_are_counted_in_its_own_bins(classes: int, blends: bool, method: str | None) -> None:
    one, table = version(classes, blends, method), rows(classes)
    counter = Counter(one.reference)
    counter.observe(table, one.predict(table), 1.0)
    assert sum(one.reference.prediction.counts) == 120
    assert {bins.name for bins in one.reference.features} == set(one.reads)


@every
def test_a_row_that_is_too_large_is_named_and_hinders_no_other_one(
    classes: int, blends: bool, method: str | None
) -> None:
    one, table = version(classes, blends, method), rows(classes)
    b = table["b"].values.copy()  # type: ignore[attr-defined]
    b[2] = 1.7e308
    huge = Table((table["a"], Numbers("b", b), table["colour"]))
    others = np.delete(np.arange(20), 2)
    try:
        with np.errstate(all="ignore"):
            output = one.predict(huge)
    except InvalidData as error:
        assert error.row == 3
    else:
        assert np.isfinite(output).all()
        np.testing.assert_allclose(output[others], one.predict(table)[others], rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(
        one.predict(huge.take(others)), one.predict(table)[others], rtol=1e-10, atol=1e-14
    )


def numbers(count: int = 90) -> NDArray[np.float64]:
    return np.random.default_rng(2).normal(size=(count, 3))


def test_a_blend_of_values_is_that_of_scikit_learn() -> None:
    X = numbers()
    y = X @ [1.0, -2.0, 0.5] + np.random.default_rng(3).normal(size=len(X))
    named = [(name, ESTIMATORS[name, "regression"]()) for name in MEMBERS["regression"]]
    theirs = VotingRegressor(named, weights=SHARES).fit(X, y)
    ours = load(Plan("regression").fit(numbers_table(X, Numbers(LABEL, y))))
    features = numbers_table(numbers(30), Numbers(LABEL, np.zeros(30))).without(LABEL)
    np.testing.assert_allclose(ours.predict(features), theirs.predict(numbers(30)), rtol=1e-10)


def test_a_blend_is_calibrated_by_isotonic_regression_as_scikit_learn_does_it() -> None:
    """But for the ends: what never happened among so many rows may still happen."""
    X = numbers(200)
    y = (X[:, 0] + np.random.default_rng(3).normal(size=len(X)) > 0).astype(np.int64)
    fold = np.arange(len(X)) % 4
    output = np.zeros((len(X), 2))
    for number in range(4):
        rest = fold != number
        output[~rest] = VersionClassifier().fit(X[rest], y[rest]).predict_proba(X[~rest])
    model = VersionClassifier()
    theirs = CalibratedClassifierCV(model, method="isotonic", cv=PredefinedSplit(fold), ensemble=False)
    wanted = theirs.fit(X, y).predict_proba(numbers(50))
    made = Isotonic.fit(output, y, np.ones(len(X)))
    found = made.calibrated(model.fit(X, y).predict_proba(numbers(50)))
    low, high = 1 / ((y == 0).sum() + 2), (y.sum() + 1) / (y.sum() + 2)
    np.testing.assert_allclose(found[:, 1], np.clip(wanted[:, 1], low, high), rtol=1e-9)
