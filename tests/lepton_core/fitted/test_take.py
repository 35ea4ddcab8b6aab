"""What is read of a fitted estimator predicts as that does; what cannot be held is refused by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lepton_core.errors import InvalidInput
from lepton_core.fitted import predictor, table_of, take
from lepton_core.fitted.model import LEARNT_THERE
from lepton_core.predict import Predictor

Frame = Any
REGRESSORS = {
    "least squares": LinearRegression(),
    "without an intercept": LinearRegression(fit_intercept=False),
    "ridge": Ridge(alpha=2.0),
    "lasso": Lasso(alpha=0.1),
    "elastic net": ElasticNet(alpha=0.1),
    "tree": DecisionTreeRegressor(max_depth=6, random_state=0),
    "tree of absolute errors": DecisionTreeRegressor(max_depth=3, criterion="absolute_error"),
    "forest": RandomForestRegressor(20, random_state=0),
    "extra trees": ExtraTreesRegressor(20, random_state=0),
    "boosting": HistGradientBoostingRegressor(max_iter=30, random_state=0),
    "boosting of a quantile": HistGradientBoostingRegressor(loss="quantile", quantile=0.8, max_iter=10),
}
CLASSIFIERS = {
    "logistic": LogisticRegression(max_iter=5000),
    "liblinear": LogisticRegression(solver="liblinear"),
    "tree": DecisionTreeClassifier(max_depth=4, random_state=0),
    "weighed tree": DecisionTreeClassifier(criterion="entropy", class_weight="balanced", random_state=0),
    "forest": RandomForestClassifier(20, random_state=0),
    "extra trees": ExtraTreesClassifier(20, random_state=0),
    "boosting": HistGradientBoostingClassifier(max_iter=15, random_state=0),
}
TREES = ("tree", "forest", "extra trees", "boosting")


def data(load: Callable[..., Any], *, gaps: bool) -> tuple[Frame, Any, Frame]:
    """Half of the rows to fit to, with their truth, and the other half; a tenth of the cells is missing in both."""
    found = load(as_frame=True)
    frame = found.data
    if gaps:
        frame = frame.mask(np.random.default_rng(0).random(frame.shape) < 0.1)
    return frame[::2], found.target[::2], frame[1::2]


def back(estimator: Any, features: list[str] | None = None) -> Predictor:
    """What answers, out of its bytes: so it passed every check of a model file."""
    return Predictor.load(predictor(take(estimator, features), "y", None).dump())


def same(estimator: Any, rows: Frame) -> None:
    taken = take(estimator)
    found = back(estimator).predict(table_of(taken, rows, "rows"))
    expected = estimator.predict_proba(rows) if taken.classes else estimator.predict(rows)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-9 * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_regressor_predicts_as_it_did(name: str) -> None:
    X, y, rows = data(load_diabetes, gaps=name in TREES)
    same(REGRESSORS[name].fit(X, y), rows)


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_predicts_as_it_did(name: str, load: Callable[..., Any]) -> None:
    X, y, rows = data(load, gaps=name in TREES)
    if name == "liblinear":
        X, y = X[y < 2], y[y < 2]
    same(CLASSIFIERS[name].fit(X, y), rows)


def test_each_class_that_is_taken_was_looked_at() -> None:
    assert {type(one).__name__ for one in (*REGRESSORS.values(), *CLASSIFIERS.values())} == set(LEARNT_THERE)


@pytest.mark.parametrize(
    "steps",
    [
        (SimpleImputer(), StandardScaler()),
        (StandardScaler(), SimpleImputer(strategy="median")),
        (
            SimpleImputer(strategy="most_frequent"),
            StandardScaler(with_mean=False),
            StandardScaler(with_std=False),
        ),
        (SimpleImputer(strategy="constant", fill_value=-3.5), "passthrough"),
    ],
)
def test_a_pipeline_prepares_rows_as_it_did(steps: tuple[Any, ...]) -> None:
    X, y, rows = data(load_breast_cancer, gaps=True)
    X, rows = X.assign(alike=7.0), rows.assign(alike=8.0)
    named = [(str(at), step) for at, step in enumerate(steps)]
    same(Pipeline([*named, ("last", LogisticRegression(solver="liblinear"))]).fit(X, y), rows)


def test_a_tree_sends_neighbours_of_its_thresholds_as_it_did() -> None:
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(200, 2)), rng.normal(size=200)
    tree = DecisionTreeRegressor(max_depth=8, random_state=0).fit(X, y)
    inner = tree.tree_.children_left >= 0
    cuts = np.stack([tree.tree_.threshold[inner]] * 2, axis=1)
    rows = np.concatenate(
        [cuts, np.nextafter(cuts, np.inf), np.nextafter(cuts, -np.inf), cuts.astype(np.float32)]
    )
    taken = take(tree, ["a", "b"])
    assert np.array_equal(back(tree, ["a", "b"]).predict(table_of(taken, rows, "rows")), tree.predict(rows))


def test_names_and_classes_are_those_that_it_was_fitted_to() -> None:
    X, y, _ = data(load_iris, gaps=False)
    tree = DecisionTreeClassifier().fit(X, load_iris().target_names[y])
    taken = take(tree)
    assert (taken.names, taken.classes) == (tuple(X.columns), ("setosa", "versicolor", "virginica"))
    assert (taken.made_by, taken.values) == ("DecisionTreeClassifier", ("setosa", "versicolor", "virginica"))
    assert take(DecisionTreeClassifier().fit(X, y == 1)).classes == ("False", "True")
    assert take(DecisionTreeClassifier().fit(X, y.astype(float))).classes == ("0", "1", "2")
    assert take(DecisionTreeClassifier().fit(X.to_numpy(), y), ["a", "b", "c", "d"]).names == (
        "a",
        "b",
        "c",
        "d",
    )


class Other(LogisticRegression):
    """A user's own class may predict in another way."""


def refused() -> dict[str, tuple[Callable[[Any, Any], Any], str]]:
    plain = LogisticRegression(max_iter=5000)
    return {
        "svm": (SVC().fit, "^SVC is no model that is known here"),
        "calibrated": (CalibratedClassifierCV(plain, cv=2).fit, "^CalibratedClassifierCV is no model"),
        "ovr": (OneVsRestClassifier(plain).fit, "^OneVsRestClassifier is no model"),
        "own class": (Other(max_iter=5000).fit, "^Other is no model"),
        "unknown step": (make_pipeline(MinMaxScaler(), plain).fit, "^MinMaxScaler is no step"),
        "indicator": (
            make_pipeline(SimpleImputer(add_indicator=True), plain).fit,
            "^SimpleImputer adds columns",
        ),
        "other gap": (make_pipeline(SimpleImputer(missing_values=-1), plain).fit, "^SimpleImputer fills -1"),
        "several targets": (
            lambda X, y: LinearRegression().fit(X, np.stack([y, y], axis=1)),
            "^LinearRegression predicts several targets",
        ),
        "several outputs": (
            lambda X, y: RandomForestRegressor(2).fit(X, np.stack([y, y], axis=1)),
            "^RandomForestRegressor predicts several targets",
        ),
        "several labels": (
            lambda X, y: RandomForestClassifier(2).fit(X, np.stack([y, y], axis=1)),
            "^RandomForestClassifier predicts several targets",
        ),
        "poisson": (
            HistGradientBoostingRegressor(loss="poisson", max_iter=2).fit,
            "^HistGradientBoostingRegressor was fitted with loss='poisson'",
        ),
        "categories": (
            lambda X, y: HistGradientBoostingClassifier(max_iter=2, categorical_features=[1]).fit(
                X.round(), y
            ),
            "^HistGradientBoostingClassifier splits the columns at 1 as categories",
        ),
        "one class": (
            lambda X, y: DecisionTreeClassifier().fit(X, y * 0),
            "^DecisionTreeClassifier has no two",
        ),
        "not fitted": (lambda X, y: LogisticRegression(), "^LogisticRegression is not fitted"),
        "step not fitted": (
            lambda X, y: Pipeline([("scale", StandardScaler()), ("last", Ridge().fit(X, y))]),
            "^StandardScaler is not fitted",
        ),
        "no model": (lambda X, y: {"a": 1}, "^dict is no model"),
        "half a pair": (
            lambda X, y: DecisionTreeClassifier().fit(X, np.where(y > 1, "\ud800", "b")),
            "^DecisionTreeClassifier has a class with half a surrogate pair",
        ),
    }


@pytest.mark.parametrize("name", refused())
def test_what_cannot_be_held_is_refused_by_name(name: str) -> None:
    make, said = refused()[name]
    X, y, _ = data(load_iris, gaps=False)
    with pytest.raises(InvalidInput, match=said) as found:
        take(make(X, y))
    assert found.value.field == "estimator"


def test_a_column_that_the_imputer_drops_is_named() -> None:
    X, y, _ = data(load_iris, gaps=False)
    gone = X.assign(empty=np.nan)
    with pytest.warns(UserWarning, match="empty"):
        made = make_pipeline(SimpleImputer(), LogisticRegression(max_iter=5000)).fit(gone, y)
    with pytest.raises(InvalidInput, match=r"^SimpleImputer drops 'empty'"):
        take(made)


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (None, "without names"),
        (["a"], "4 different"),
        (["a", "a", "b", "c"], "4 different"),
        (["a", "b", "c", 4], "4"),
    ],
)
def test_columns_without_names_get_them_from_the_caller(features: Any, said: str) -> None:
    X, y, _ = data(load_iris, gaps=False)
    with pytest.raises(InvalidInput, match=said) as found:
        take(DecisionTreeClassifier().fit(X.to_numpy(), y), features)
    assert found.value.field == "features"


def test_other_names_than_those_of_the_frame_are_refused() -> None:
    X, y, _ = data(load_iris, gaps=False)
    with pytest.raises(InvalidInput, match="others than"):
        take(DecisionTreeClassifier().fit(X, y), ["a", "b", "c", "d"])


@pytest.mark.parametrize("kind", [tuple, np.array, pd.Index, iter])
def test_names_come_in_whatever_holds_texts(kind: Any) -> None:
    X, y, _ = data(load_iris, gaps=False)
    tree = DecisionTreeClassifier().fit(X.to_numpy(), y)
    taken = take(tree, kind(list(X.columns)))
    assert taken.names == tuple(X.columns) and {type(one) for one in taken.names} == {str}


@pytest.mark.parametrize("features", ["abcd", 4, [["a"], "b", "c", "d"], ["\ud800", " ", "c", "d"]])
def test_what_is_no_list_of_names_is_refused(features: Any) -> None:
    X, y, _ = data(load_iris, gaps=False)
    with pytest.raises(InvalidInput, match="must be 4 different names") as found:
        take(DecisionTreeClassifier().fit(X.to_numpy(), y), features)
    assert found.value.field == "features"


def test_rows_with_columns_that_are_numbers_are_taken_by_place() -> None:
    """As scikit-learn takes them, which knows no name that is no text."""
    X, y, rows = data(load_iris, gaps=False)
    numbered = {name: at for at, name in enumerate(X.columns)}
    tree = DecisionTreeClassifier().fit(X.rename(columns=numbered), y)
    taken = take(tree, tuple(X.columns))
    table = table_of(taken, rows.rename(columns=numbered), "rows")
    found = back(tree, list(X.columns)).predict(table)
    assert np.array_equal(found, tree.predict_proba(rows.rename(columns=numbered)))


def with_(estimator: Any, **changed: Any) -> Any:
    for name, value in changed.items():
        setattr(estimator, name, value)
    return estimator


def without_columns(pipeline: Any) -> Any:
    pipeline[0].mean_ = np.zeros(2)
    return pipeline


UNSOUND: dict[str, Callable[[Any, Any], Any]] = {
    "too many weights": lambda X, y: with_(
        LogisticRegression(max_iter=5000).fit(X, y), coef_=np.ones((3, 9))
    ),
    "no weights": lambda X, y: with_(Ridge().fit(X, y), coef_=None),
    "no finite weights": lambda X, y: with_(Ridge().fit(X, y), coef_=np.full(4, np.nan)),
    "more classes": lambda X, y: with_(LogisticRegression().fit(X, y < 1), classes_=np.arange(3)),
    "no trees": lambda X, y: with_(RandomForestRegressor(2).fit(X, y), estimators_=[]),
    "other trees": lambda X, y: with_(RandomForestRegressor(2).fit(X, y), estimators_=["a", "b"]),
    "no rounds": lambda X, y: with_(HistGradientBoostingRegressor(max_iter=2).fit(X, y), _predictors=[]),
    "scales of other columns": lambda X, y: without_columns(
        make_pipeline(StandardScaler(), Ridge()).fit(X, y)
    ),
    "no step": lambda X, y: Pipeline([]),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_what_is_not_as_a_fit_leaves_it_is_refused(name: str) -> None:
    X, y, _ = data(load_iris, gaps=False)
    with pytest.raises(InvalidInput, match=r"is not as a fit leaves it .*fit it again") as found:
        take(UNSOUND[name](X, y))
    assert (found.value.field, found.value.code) == ("estimator", "invalid_input")


def test_the_loss_is_that_of_the_fit() -> None:
    X, y, _ = data(load_iris, gaps=False)
    made = HistGradientBoostingRegressor(loss="poisson", max_iter=2).fit(X, y)
    with pytest.raises(InvalidInput, match=r"was fitted with .* \(HalfPoissonLoss\)"):
        take(made.set_params(loss="squared_error"))


@pytest.mark.parametrize(
    "made",
    [
        DecisionTreeRegressor(),
        RandomForestRegressor(2, bootstrap=False),
        HistGradientBoostingRegressor(
            max_iter=1, max_leaf_nodes=None, min_samples_leaf=1, early_stopping=False
        ),
    ],
)
def test_a_tree_that_is_too_deep_is_named(made: Any) -> None:
    """Each split parts off the last value that is left; boosting has 255 bins a column."""
    steps = np.arange(750.0)
    X = np.stack([np.clip(steps - first, 0, 250) for first in (0, 250, 500)], axis=1)
    with pytest.raises(InvalidInput, match=r"splits between a root and a leaf.*max_depth=512") as found:
        take(made.fit(X, steps % 2), ["a", "b", "c"])
    assert found.value.field == "estimator"


def test_weights_that_are_kept_sparse_are_read() -> None:
    X, y, rows = data(load_breast_cancer, gaps=False)
    same(LogisticRegression(solver="liblinear", C=0.01).fit(X, y).sparsify(), rows)


def test_trees_behind_a_scaling_split_at_values_of_the_data_as_they_did() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(0, 3000, (4000, 2)) * 0.37, columns=["a", "b"])
    boosting = HistGradientBoostingRegressor(max_iter=20, random_state=0)
    truth = X["a"] % 7
    same(make_pipeline(StandardScaler(), boosting).fit(X, truth), X)
    twice = make_pipeline(StandardScaler(), StandardScaler(with_mean=False), boosting).fit(X, truth)
    with pytest.raises(InvalidInput, match=r"^StandardScaler scales a second time before trees"):
        take(twice)


def test_a_column_that_was_scaled_without_a_value_is_named() -> None:
    X, y, _ = data(load_iris, gaps=False)
    gone = X.assign(empty=np.nan)
    fill = SimpleImputer(strategy="constant", fill_value=0.0, keep_empty_features=True)
    with np.errstate(invalid="ignore"):
        made = make_pipeline(StandardScaler(), fill, Ridge()).fit(gone, y)
    with pytest.raises(InvalidInput, match=r"^StandardScaler has no mean of 'empty'"):
        take(made)
