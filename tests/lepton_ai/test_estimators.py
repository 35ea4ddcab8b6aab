"""Estimators of scikit-learn over the engine: the same bits, and what a user of scikit-learn does with them.

That each of them is an estimator, scikit-learn's own tests say: `tests/lepton_core/models/test_check_estimator.py`.
"""

import inspect
import subprocess
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, ParameterGrid, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from lepton_ai import estimators
from lepton_ai.estimators import ESTIMATORS
from lepton_core.errors import InvalidInput
from lepton_core.models import ALGORITHMS, Problem
from lepton_core.models.listing import listed
from tests.support.algorithms import quick, same_arrays

every = pytest.mark.parametrize("key", list(ESTIMATORS), ids="-".join)
TREES = ("decision_tree", "gradient_boosting", "random_forest")


def small(key: tuple[str, str], **more: Any) -> Any:
    """An estimator that trains quickly."""
    return ESTIMATORS[key](**quick(ALGORITHMS[key[0]], **more))


def rows(task: str, count: int = 40, classes: int = 2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(count, 3))
    score = X @ [1.0, -2.0, 0.0] + 0.3 * rng.normal(size=count)
    if task == "regression":
        return X, score
    codes = np.arange(count) % classes
    codes[classes:] = np.digitize(score, np.linspace(-1.0, 1.0, classes - 1))[classes:]
    return X, np.array(["no", "maybe", "yes"])[codes]


def output(model: Any, X: Any) -> np.ndarray:
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


@every
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_what_it_predicts_are_the_bits_of_the_engine(key: tuple[str, str], data: st.DataObject) -> None:
    name, task = key
    of, seed = ALGORITHMS[name], data.draw(st.integers(0, 2**40))
    X, y = rows(task, data.draw(st.integers(20, 40)), data.draw(st.integers(2, 3)), seed % 100)
    if of.inputs.missing and data.draw(st.booleans()):
        X[::7, 1] = np.nan
    weights = data.draw(st.none() | st.just(1.0 + np.arange(len(X)) % 3))
    model = small(key).set_params(random_state=seed).fit(X, y, sample_weight=weights)

    classes, codes = np.unique(y, return_inverse=True) if task == "classification" else ((), y)
    problem, hyper = Problem(X, codes, len(classes), seed=seed, weights=weights), of.configure(quick(of))
    fit = of.advance(of.start(problem, hyper), problem, hyper, lambda _: False)
    same_arrays(model.parameters_, of.parameters(fit))
    assert output(model, X).tobytes() == of.predict(of.parameters(fit), X).tobytes()
    assert (model.n_iter_, model.loss_curve_.tobytes()) == (max(1, fit.iteration), fit.losses.tobytes())
    if task == "classification":
        assert model.classes_.tolist() == list(classes)
        assert model.predict(X).tolist() == [classes[at] for at in output(model, X).argmax(axis=1)]


def test_every_algorithm_has_a_class_for_each_task_under_a_name_of_its_own() -> None:
    assert set(ESTIMATORS) == {(name, task) for name, of in ALGORITHMS.items() for task in of.tasks}
    names = [one.__name__ for one in ESTIMATORS.values()]
    assert sorted(["ESTIMATORS", *names]) == sorted(estimators.__all__) and len({*names}) == len(names)
    assert all(getattr(estimators, one.__name__) is one for one in ESTIMATORS.values())
    assert {"GradientBoostingClassifier", "RandomForestRegressor", "LogisticRegression"} <= {*names}
    assert {"LinearRegression", "SVMClassifier", "SVMRegressor", "NaiveBayesClassifier"} <= {*names}


@every
def test_its_parameters_are_those_of_the_algorithm_with_their_defaults(key: tuple[str, str]) -> None:
    of, kind = ALGORITHMS[key[0]], ESTIMATORS[key]
    wanted = {one.name: getattr(of.defaults, one.name) for one in fields(of.defaults)} | {"random_state": 0}
    signature = inspect.signature(kind)
    assert {name: one.default for name, one in signature.parameters.items()} == wanted
    assert all(one.kind is one.KEYWORD_ONLY for one in signature.parameters.values())
    assert kind().get_params() == wanted
    for setting in listed(key[0]).hyperparameters:
        assert f"\n{setting.name} : {setting.type}" in (kind.__doc__ or "")


@every
def test_what_is_set_is_kept_as_it_is_and_cloned(key: tuple[str, str]) -> None:
    given = {name: object() for name in ESTIMATORS[key]().get_params()}
    for model in (ESTIMATORS[key](**given), ESTIMATORS[key]().set_params(**given)):
        assert all(getattr(model, name) is value for name, value in given.items())
    model = small(key).set_params(random_state=7)
    assert clone(model).get_params() == model.get_params()


@every
def test_each_of_its_hyperparameters_is_refused_by_its_name_and_when_it_is_fitted(
    key: tuple[str, str],
) -> None:
    data = rows(key[1])
    for setting in listed(key[0]).hyperparameters:
        lower = [] if setting.low is None or setting.type not in ("int", "float") else [setting.low - 1]
        for value in (object(), *lower):
            with pytest.raises(ValueError, match=f"^{setting.name}: must be "):
                ESTIMATORS[key](**{setting.name: value}).fit(*data)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("RandomForestClassifier", {"max_depth": 0}, "max_depth: must be at least 1, not 0"),
    ("RandomForestClassifier", {"trees": "many"}, "trees: must be a whole number, not str"),
    ("SVMClassifier", {"kernel": "rfb"}, "kernel: must be one of "),
    ("LinearRegression", {"l2": np.float64("nan")}, "l2: must be a finite number"),
    (
        "LogisticRegression",
        {"optimizer": "lbfgs", "batch_size": 3},
        "without batch_size: LogisticRegression(optimizer='lbfgs')",
    ),
    (
        "GradientBoostingClassifier",
        {"monotone": {"x00": 1}, "max_depth": 2},
        "there is no column 'x00'; did you mean 'x0'? GradientBoostingClassifier(max_depth=2, monotone={'x0': 1})",
    ),
    ("DecisionTreeClassifier", {"random_state": -1}, "random_state: must be at least 0, not -1"),
    ("DecisionTreeClassifier", {"random_state": "one"}, "'one' cannot be used to seed"),
]


@pytest.mark.parametrize(("name", "wrong", "message"), REFUSED)
def test_a_value_out_of_range_is_a_value_error_that_names_it(
    name: str, wrong: dict[str, Any], message: str
) -> None:
    model = getattr(estimators, name)(**wrong)
    with pytest.raises(ValueError) as caught:
        model.fit(*rows(model._task))
    assert message in str(caught.value)


UNKNOWN: list[tuple[str, dict[str, Any], str]] = [
    ("RandomForestClassifier", {"tress": 3}, "no hyperparameter 'tress'; did you mean 'trees'?"),
    (
        "RandomForestRegressor",
        {"iterations": 30, "max_depth": 4, "random_state": 1},
        "no hyperparameter 'iterations': a random forest has trees, and no iterations; instead: "
        "RandomForestRegressor(max_depth=4, trees=30)",
    ),
    ("LinearRegression", {"monotone": {"x0": 1}}, "create a model with GradientBoostingRegressor()"),
]


@pytest.mark.parametrize(("name", "wrong", "message"), UNKNOWN)
def test_an_unknown_name_is_told_by_the_name_that_was_meant(
    name: str, wrong: dict[str, Any], message: str
) -> None:
    kind = getattr(estimators, name)
    with pytest.raises(TypeError) as caught:
        kind(**wrong)
    assert message in str(caught.value)
    with pytest.raises(ValueError) as refused:
        kind().set_params(**wrong)
    assert str(refused.value) == str(caught.value)


@pytest.mark.slow
@every
def test_a_grid_over_its_hyperparameters_is_searched(key: tuple[str, str]) -> None:
    drawn = {one.name: one.metadata["search"] for one in fields(ALGORITHMS[key[0]].defaults)}
    drawn = {name: of for name, of in drawn.items() if of is not None and name != "kernel"}
    rng = np.random.default_rng(0)
    grid = {name: [drawn[name].draw(rng) for _ in range(2)] for name in [*drawn][:2]}
    X, y = rows(key[1], 60)
    search = GridSearchCV(small(key), grid, cv=2, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == len(ParameterGrid(grid))
    again = small(key).set_params(**search.best_params_).fit(X, y)
    assert output(search, X).tobytes() == output(again, X).tobytes()


def test_a_grid_made_with_numpy_is_one_of_plain_numbers() -> None:
    X, y = rows("classification", 60)
    grid = {"max_depth": np.arange(1, 3), "ccp_alpha": np.linspace(0.0, 0.1, 2)}
    found = GridSearchCV(estimators.DecisionTreeClassifier(), grid, cv=2, error_score="raise").fit(X, y)
    assert found.best_score_ > 0.5
    for one in (np.True_, np.False_):
        model = estimators.GradientBoostingClassifier(iterations=3, early_stopping=one).fit(X, y)
        plain = estimators.GradientBoostingClassifier(iterations=3, early_stopping=bool(one)).fit(X, y)
        assert model.predict_proba(X).tobytes() == plain.predict_proba(X).tobytes()


def test_a_step_of_a_pipeline_is_searched_by_its_parameters_and_by_itself() -> None:
    X, y = rows("classification", 60)
    X[::5, 0] = np.nan
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), estimators.LogisticRegression())
    grid = [
        {"logisticregression__l2": [0.01, 1.0]},
        {
            "logisticregression": [
                estimators.RandomForestClassifier(trees=3),
                estimators.NaiveBayesClassifier(),
            ]
        },
    ]
    search = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert accuracy_score(y, search.predict(X)) > 0.7
    with pytest.raises(ValueError, match="no hyperparameter 'l3'"):
        pipeline.set_params(logisticregression__l3=1.0)


@every
def test_missing_numbers_are_taken_where_the_algorithm_takes_them(key: tuple[str, str]) -> None:
    takes = ALGORITHMS[key[0]].inputs.missing
    assert get_tags(small(key)).input_tags.allow_nan == takes
    X, y = rows(key[1])
    X[3, 1] = np.nan
    if takes:
        assert np.isfinite(output(small(key).fit(X, y), X)).all()
    else:
        with pytest.raises(ValueError, match="NaN"):
            small(key).fit(X, y)


@every
def test_the_names_of_a_frame_are_kept_and_demanded(key: tuple[str, str]) -> None:
    X, y = rows(key[1])
    frame = pd.DataFrame(X, columns=["age", "bmi", "bp"])
    model = small(key).fit(frame, y)
    assert model.feature_names_in_.tolist() == ["age", "bmi", "bp"]
    assert output(model, frame).tobytes() == output(small(key).fit(X, y), X).tobytes()
    with pytest.raises(ValueError, match="names"):
        model.predict(frame[["bmi", "age", "bp"]])


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("named", [True, False])
def test_constraints_are_said_of_columns_by_their_names(name: str, named: bool) -> None:
    X, y = rows("regression", 80)
    names = ["age", "bmi", "bp"] if named else ["x0", "x1", "x2"]
    given = pd.DataFrame(X, columns=names) if named else X
    model = small((name, "regression"), max_depth=None)
    model.set_params(monotone={names[1]: -1}, interactions=[[names[0]]]).fit(given, y)
    of = ALGORITHMS[name]
    problem = Problem(X, y, 0, signs=(0, -1, 0), groups=((0,), (1, 2)))
    hyper = of.configure({key: value for key, value in model.get_params().items() if key != "random_state"})
    fit = of.advance(of.start(problem, hyper), problem, hyper, lambda _: False)
    same_arrays(model.parameters_, of.parameters(fit))


@every
def test_a_weight_of_two_for_all_is_none_and_a_number_is_one_for_all(key: tuple[str, str]) -> None:
    X, y = rows(key[1])
    one, other = (small(key).fit(X, y, sample_weight=given) for given in (2.0, [2.0] * len(X)))
    assert output(one, X).tobytes() == output(other, X).tobytes()
    assert len(cross_val_score(one, X, y, cv=2)) == 2
    for wrong in ([1.0], [-1.0] * len(X), [0.0] * len(X), [np.nan] * len(X), [[1.0]] * len(X)):
        with pytest.raises(ValueError, match=r"(?i)weight"):
            small(key).fit(X, y, sample_weight=wrong)


@pytest.mark.parametrize("state", [np.random.RandomState(3), None])
def test_a_random_state_is_drawn_from_and_none_draws_another_each_time(state: Any) -> None:
    X, y = rows("classification")
    model = estimators.RandomForestClassifier(trees=5, random_state=state)
    assert model.fit(X, y).predict_proba(X).tobytes() != model.fit(X, y).predict_proba(X).tobytes()
    twice = [clone(model).set_params(random_state=np.random.RandomState(3)).fit(X, y) for _ in range(2)]
    assert twice[0].predict_proba(X).tobytes() == twice[1].predict_proba(X).tobytes()


@every
def test_a_row_that_is_too_large_is_refused_by_its_number_or_predicted(key: tuple[str, str]) -> None:
    X, y = rows(key[1])
    model, huge = small(key).fit(X, y), np.where(np.arange(40)[:, None] == 2, 1e308, X)
    try:
        wanted = ALGORITHMS[key[0]].predict(model.parameters_, huge)
    except InvalidInput as error:
        with pytest.raises(ValueError, match="row 3"):
            model.predict(huge)
        assert error.row == 3
    else:
        assert output(model, huge).tobytes() == wanted.tobytes()


READING = """
import importlib, sys
way, path = sys.argv[1:]
with open(path, "rb") as file:
    fitted = importlib.import_module(way).load(file)
for model, X, wanted in fitted:
    found = model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)
    assert found.tobytes() == wanted, model
print("read")
"""


@pytest.mark.parametrize("way", ["pickle", "joblib"])
def test_what_was_fitted_is_kept_and_read_by_another_process(tmp_path: Path, way: str) -> None:
    fitted = []
    for key in ESTIMATORS:
        X, y = rows(key[1])
        model = small(key).fit(X, y)
        fitted.append((model, X, output(model, X).tobytes()))
    with (tmp_path / "fitted").open("wb") as file:
        import_module(way).dump(fitted, file)
    command, root = [sys.executable, "-c", READING, way, str(tmp_path / "fitted")], Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "read\n"), done.stderr


def test_a_class_of_ones_own_may_stand_on_one_of_these() -> None:
    class Doubled(estimators.DecisionTreeRegressor):  # type: ignore[name-defined, misc]
        def __init__(self, *, twice: bool = True, max_depth: int | None = None) -> None:
            super().__init__(max_depth=max_depth)
            self.twice = twice

    X, y = rows("regression")
    model = clone(Doubled().set_params(twice=False, max_depth=2)).fit(X, y)
    assert model.get_params() == {"twice": False, "max_depth": 2}
    plain = estimators.DecisionTreeRegressor(max_depth=2).fit(X, y)
    assert model.predict(X).tobytes() == plain.predict(X).tobytes()


def test_scikit_learn_is_loaded_by_this_module_alone() -> None:
    root = Path(__file__).parents[2]
    code = (
        "import sys, lepton_ai, lepton_ai.model, lepton_ai.predictions; before = 'sklearn' in sys.modules; "
        "import lepton_ai.estimators; print(before, 'sklearn' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False", "True"]
