from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.models import Fit, Problem, algorithm
from lepton_core.models.trees.arrays import MAX_DEPTH

TREE = algorithm("decision_tree")
DATA = {"cancer": load_breast_cancer, "digits": load_digits, "diabetes": load_diabetes, "wine": load_wine}


def data(name: str, missing: float = 0.0) -> Problem:
    X, y = DATA[name](return_X_y=True)
    X = X.astype(np.float64)
    X[np.random.default_rng(0).random(X.shape) < missing] = np.nan
    if name == "diabetes":
        return Problem(X, y.astype(np.float64), 0)
    return Problem(X, y.astype(np.int64), len(np.unique(y)))


def trained(problem: Problem, warm=None, **given) -> Fit:
    hyper = TREE.configure(given)
    return TREE.advance(TREE.start(problem, hyper, warm), problem, hyper, lambda fit: False)


def predicted(problem: Problem, X=None, **given) -> np.ndarray:
    parameters = TREE.parameters(trained(problem, **given))
    TREE.check(parameters, problem.X.shape[1], problem.n_classes)
    return TREE.predict(parameters, problem.X if X is None else X)


@pytest.mark.sampled(24)
@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"max_depth": 3, "min_samples_leaf": 7},
        {"max_leaf_nodes": 9, "min_samples_split": 20},
        {"max_features": 0.3},
        {"ccp_alpha": 0.01},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", DATA)
def test_the_tree_is_that_of_scikit_learn(name, given, missing):
    problem = replace(data(name, missing), seed=5)
    kind = DecisionTreeClassifier if problem.n_classes else DecisionTreeRegressor
    weights = np.random.default_rng(1).uniform(0.5, 2.0, len(problem.X))
    for s in (None, weights):
        theirs = kind(**given, random_state=5).fit(problem.X, problem.y, sample_weight=s)
        X = problem.X * 1.01
        expected = theirs.predict_proba(X) if problem.n_classes else theirs.predict(X)
        found = predicted(replace(problem, weights=s), X, **given)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_entropy_is_for_classes_only():
    expected = DecisionTreeClassifier(criterion="entropy", max_depth=4, random_state=0)
    problem = data("wine")
    expected.fit(problem.X, problem.y)
    found = predicted(problem, criterion="entropy", max_depth=4)
    np.testing.assert_allclose(found, expected.predict_proba(problem.X), rtol=1e-12)
    with pytest.raises(InvalidInput) as caught:
        trained(data("diabetes"), criterion="gini")
    assert caught.value.field == "criterion"


def test_it_has_no_learning_rate_and_no_iterations():
    for name in ("learning_rate", "iterations"):
        with pytest.raises(InvalidInput, match="no hyperparameter") as caught:
            TREE.configure({name: 1})
        assert caught.value.field == name


def test_the_loss_is_that_of_the_training_rows():
    problem = data("diabetes")
    fit = trained(problem, max_depth=3)
    expected = 0.5 * ((predicted(problem, max_depth=3) - problem.y) ** 2).mean()
    assert fit.losses.tolist() == [pytest.approx(expected, rel=1e-12)]


def test_a_warm_start_is_ignored_and_said():
    problem = data("wine")
    cold = trained(problem)
    warm = trained(problem, TREE.parameters(cold))
    assert (cold.note, warm.note[:13]) == ("", "trained anew:")
    assert all(warm.arrays[name].tobytes() == array.tobytes() for name, array in cold.arrays.items())


@settings(max_examples=25, deadline=None)
@given(offset=st.sampled_from([0.0, 1e9, -1e12]), scale=st.sampled_from([1e-150, 1e-12, 1.0, 1e12, 1e130]))
def test_targets_of_any_unit_are_learned(offset, scale):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    signal = np.sign(X[:, 0]) + 2.0 * np.sign(X[:, 1])
    problem = Problem(X, scale * (signal + offset), 0)
    found = predicted(problem, max_depth=3)
    np.testing.assert_allclose(found, problem.y, rtol=1e-12)


def test_a_weight_decides_however_small_the_others_are():
    problem = data("cancer")
    weights = np.where(problem.y == 0, 1e-300, 1.0)
    found = predicted(replace(problem, weights=weights), max_depth=1)
    assert (found[:, 1] > 0.99).all()
    assert np.isfinite(found).all()


def test_values_too_large_for_float32_are_refused_by_row():
    problem = data("wine")
    parameters = TREE.parameters(trained(problem))
    X = problem.X.copy()
    X[4, 2] = 1e39
    with pytest.raises(InvalidData, match="row 5"):
        TREE.start(replace(problem, X=X), TREE.configure({}))
    with pytest.raises(InvalidData, match="row 5"):
        TREE.predict(parameters, X)


def test_a_tree_ends_before_it_is_deeper_than_a_model_may_be():
    # Of classes that take turns the best split cuts off one row at an end, so that the tree is a chain.
    rows = MAX_DEPTH + 60
    X = np.arange(rows, dtype=np.float64)[:, None]
    parameters = TREE.parameters(trained(Problem(X, np.arange(rows) % 2, 2)))
    TREE.check(parameters, 1, 2)
    assert len(parameters["left"]) > 2 * MAX_DEPTH
