"""A blend, its calibration, intervals and sets are what scikit-learn's models and tools make of real tables.

Scikit-learn fits each member once more and predicts the same folds; what is made of that is written out here.
"""

from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Any

import numpy as np
import pytest
from sklearn import datasets, linear_model, naive_bayes
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.isotonic import IsotonicRegression

from lepton_core.blend import blended
from lepton_core.ensemble import Ensemble
from lepton_core.load import load
from lepton_core.out_of_fold import out_of_fold
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe, train
from lepton_core.uncertain import Uncertain
from lepton_core.uncertainty.choice import fitted
from lepton_core.uncertainty.conformal import Intervals, Sets
from lepton_core.uncertainty.learnt import Uncertainty
from lepton_core.validation import fold_rows
from tests.support.blended import LABEL, numbers_table

pytestmark = pytest.mark.slow

SHARES = (0.375, 0.625)
L2, SMOOTHING = 0.01, 1e-3
FOLDS = 5
SETTINGS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "regression": [("linear_regression", {"l2": 0.0}), ("linear_regression", {"l2": L2})],
    "classification": [
        ("logistic_regression", {"l2": L2}),
        ("naive_bayes", {"var_smoothing": SMOOTHING}),
    ],
}
TABLES = ("diabetes", "breast_cancer", "wine")
OF_CLASSES = TABLES[1:]
COVERAGES = (0.5, 0.8, 0.9, 0.95)
NEAR = {"rtol": 1e-6, "atol": 1e-9}


def theirs(task: str, rows: int) -> list[BaseEstimator]:
    """The members as scikit-learn has them for so many rows."""
    if task == "regression":
        return [linear_model.LinearRegression(), linear_model.Ridge(alpha=L2 * rows, solver="svd")]
    return [
        linear_model.LogisticRegression(C=1 / (L2 * rows), tol=1e-12, max_iter=1000, solver="newton-cg"),
        naive_bayes.GaussianNB(var_smoothing=SMOOTHING),
    ]


@dataclass(frozen=True)
class Both:
    """A table, and what the blend says of all its rows and out of fold: scikit-learn's numbers, and the engine's."""

    table: Table
    y: np.ndarray
    task: str
    blend: Ensemble
    all_rows: np.ndarray
    places: np.ndarray
    their_folds: np.ndarray
    our_folds: np.ndarray

    @property
    def features(self) -> Table:
        """The table without its label."""
        return self.table.without(LABEL)

    def version(self, made: Uncertainty) -> Uncertain:
        """The version as it is read from its file."""
        found = load(Uncertain.of(self.blend, made, self.features).dump())
        assert isinstance(found, Uncertain)
        return found


@cache
def both(name: str) -> Both:
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    task = "regression" if name == "diabetes" else "classification"
    if task == "classification":
        X = X[:, :2]  # of all columns a model is so sure that no set has a second class
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    label = Numbers(LABEL, y) if task == "regression" else Categories.of(LABEL, [f"c{k}" for k in y])
    table, rows = numbers_table(X, label), np.arange(len(X))
    recipes = [
        Recipe(algorithm, LABEL, given, Preprocessor.empty(), task=task)
        for algorithm, given in SETTINGS[task]
    ]
    folds = fold_rows(recipes[0], table, rows, FOLDS, seed=0)
    ours = [np.concatenate([out_of_fold(one, table, *fold).output for fold in folds]) for one in recipes]  # type: ignore[union-attr]
    return Both(
        table,
        y,
        task,
        Ensemble.of([train(one, table, rows) for one in recipes], SHARES, table),
        mean(task, X, y, rows, rows),
        np.concatenate([test for _, test in folds]),
        np.concatenate([mean(task, X, y, *fold) for fold in folds]),
        blended(ours, SHARES),
    )


def mean(task: str, X: np.ndarray, y: np.ndarray, training: np.ndarray, test: np.ndarray) -> np.ndarray:
    """What scikit-learn's members say of the rows ``test``: the mean of values, or of log-probabilities, normalised."""
    fits = [one.fit(X[training], y[training]) for one in theirs(task, len(training))]
    if task == "regression":
        return np.average([one.predict(X[test]) for one in fits], axis=0, weights=SHARES)
    least = np.finfo(float).eps  # no member is so sure that the others have no say
    logs = [np.log(np.maximum(one.predict_proba(X[test]), least)) for one in fits]
    raised = np.exp(np.average(logs, axis=0, weights=SHARES))
    return raised / raised.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("name", TABLES)
def test_a_blend_is_the_mean_of_scikit_learns_members_out_of_fold_as_well(name: str) -> None:
    of = both(name)
    np.testing.assert_allclose(load(of.blend.dump()).predict(of.features), of.all_rows, **NEAR)
    np.testing.assert_allclose(of.our_folds, of.their_folds, **NEAR)


class Odds(ClassifierMixin, BaseEstimator):
    """Log-odds that are there already, for scikit-learn to calibrate."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Odds":
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        return X[:, 0]

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.classes_[(X[:, 0] > 0).astype(int)]


def log_odds(p: np.ndarray) -> np.ndarray:
    return np.log(p[:, 1:] / p[:, :1])


def test_platts_sigmoid_of_a_blend_is_scikit_learns() -> None:
    of = both("breast_cancer")
    truth = of.y[of.places]
    made = fitted("platt", of.our_folds, truth, np.ones(len(truth)))
    sigmoid = CalibratedClassifierCV(Odds(), method="sigmoid", ensemble=False)
    sigmoid.fit(log_odds(of.their_folds), truth)
    found = of.version(Uncertainty(made)).predict(of.features)
    np.testing.assert_allclose(found, sigmoid.predict_proba(log_odds(of.all_rows)), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", OF_CLASSES)
def test_isotonic_steps_of_a_blend_are_scikit_learns(name: str) -> None:
    of = both(name)
    truth = of.y[of.places]
    made = fitted("isotonic", of.our_folds, truth, np.ones(len(truth)))
    columns = []
    for k in range(of.their_folds.shape[1]):
        up = int((truth == k).sum())
        ends = 1 / (len(truth) - up + 2), (up + 1) / (up + 2)
        steps = IsotonicRegression(y_min=ends[0], y_max=ends[1], out_of_bounds="clip")
        columns.append(steps.fit(of.their_folds[:, k], truth == k).predict(of.all_rows[:, k]))
    if len(columns) == 2:
        columns[0] = 1 - columns[1]
    expected = np.stack(columns, axis=1)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(of.version(Uncertainty(made)).predict(of.features), expected, rtol=1e-3)


def order(values: np.ndarray, share: float) -> float:
    """The ceil((m + 1) share)-th smallest of m values."""
    return float(np.sort(values)[ceil(round((len(values) + 1) * share, 9)) - 1])


@pytest.mark.parametrize("coverage", COVERAGES)
def test_intervals_of_a_blend_lie_where_scikit_learns_errors_out_of_fold_do(coverage: float) -> None:
    of = both("diabetes")
    made = of.version(Uncertainty(None, Intervals.of(of.our_folds, of.y[of.places])))
    errors = of.y[of.places] - of.their_folds
    side = (1 + coverage) / 2
    expected = np.stack([of.all_rows - order(-errors, side), of.all_rows + order(errors, side)], axis=1)
    conformal = made.uncertainty.conformal
    assert isinstance(conformal, Intervals)
    np.testing.assert_allclose(conformal.around(made.predict(of.features), coverage), expected, rtol=1e-6)


@pytest.mark.parametrize("coverage", COVERAGES)
@pytest.mark.parametrize("name", OF_CLASSES)
def test_sets_of_a_blend_hold_what_scikit_learns_probabilities_out_of_fold_do_not_exclude(
    name: str, coverage: float
) -> None:
    of = both(name)
    truth = of.y[of.places]
    made = of.version(Uncertainty(None, Sets.of(of.our_folds, truth)))
    lacking = order(1 - of.their_folds[np.arange(len(truth)), truth], coverage)
    expected = 1 - of.all_rows <= lacking
    expected[np.arange(len(expected)), of.all_rows.argmax(axis=1)] = True
    conformal = made.uncertainty.conformal
    assert isinstance(conformal, Sets)
    found = conformal.inside(made.predict(of.features), coverage)
    near = np.abs(1 - of.all_rows - lacking) < 1e-5  # either way, by the last digits of both
    assert (found == expected)[~near].all()
    assert near.mean() < 0.02
