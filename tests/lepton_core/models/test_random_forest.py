import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.models import Fit, Problem, algorithm
from lepton_core.models.learners.forest import BLOCK, loss, no_votes
from lepton_core.models.trees.training import TreeRows

pytestmark = pytest.mark.slow

FOREST = algorithm("random_forest")

CONTRACT = {
    "unlike_repetition": "Rows are drawn by their weights, and a row that occurs twice is drawn apart from itself."
}


def trained(problem: Problem, pause=lambda fit: False, **given) -> Fit:
    hyper = FOREST.configure(given)
    return FOREST.advance(FOREST.start(problem, hyper), problem, hyper, pause)


def halves(load, missing: float = 0.0):
    X, y = load(return_X_y=True)
    X = X.astype(np.float64)
    X[np.random.default_rng(0).random(X.shape) < missing] = np.nan
    return train_test_split(X, y, random_state=0, test_size=0.5)


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_classes_are_told_apart_as_well_as_by_scikit_learn(missing):
    X, X_test, y, y_test = halves(load_breast_cancer, missing)
    fit = trained(Problem(X, y.astype(np.int64), 2), min_samples_leaf=3)
    found = FOREST.predict(FOREST.parameters(fit), X_test)
    theirs = RandomForestClassifier(random_state=0, min_samples_leaf=3, oob_score=True).fit(X, y)
    assert (found.argmax(axis=1) == y_test).mean() >= theirs.score(X_test, y_test) - 0.015
    expected = log_loss(y_test, theirs.predict_proba(X_test))
    assert log_loss(y_test, found) == pytest.approx(expected, abs=0.03)
    assert fit.losses[-1] == pytest.approx(log_loss(y, theirs.oob_decision_function_), abs=0.03)


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_values_are_met_as_well_as_by_scikit_learn(missing):
    X, X_test, y, y_test = halves(load_diabetes, missing)
    given = {"min_samples_leaf": 3, "max_features": 0.5, "max_samples": 0.7}
    fit = trained(Problem(X, y, 0), **given)
    found = FOREST.predict(FOREST.parameters(fit), X_test)
    theirs = RandomForestRegressor(random_state=0, **given).fit(X, y)
    error = 0.5 * ((theirs.predict(X_test) - y_test) ** 2).mean()
    assert 0.5 * ((found - y_test) ** 2).mean() == pytest.approx(error, rel=0.05)
    assert fit.losses[-1] == pytest.approx(error, rel=0.2)


def test_a_tree_depends_on_the_seed_and_its_number_only():
    X, _, y, _ = halves(load_breast_cancer)
    problem = Problem(X[:100], y[:100].astype(np.int64), 2)
    few, more, other = (
        FOREST.parameters(trained(replace(problem, seed=seed), trees=trees))
        for seed, trees in ((0, 3), (0, BLOCK + 5), (1, 3))
    )
    nodes = len(few["left"])
    np.testing.assert_array_equal(more["threshold"][:nodes], few["threshold"])
    np.testing.assert_array_equal(more["left"][:nodes], few["left"])
    assert len(more["roots"]) == BLOCK + 5
    assert not np.array_equal(other["threshold"][:50], few["threshold"][:50])


def test_pieces_of_any_length_are_the_same_forest():
    X, _, y, _ = halves(load_diabetes)
    problem = Problem(X[:60], y[:60], 0)
    hyper = FOREST.configure({"trees": 2 * BLOCK + 3, "max_depth": 3})
    whole = FOREST.advance(FOREST.start(problem, hyper), problem, hyper, lambda fit: False)
    for length in (1, BLOCK - 1, BLOCK):
        fit = FOREST.start(problem, hyper)
        while not fit.finished:
            stop = fit.iteration + length
            fit = FOREST.advance(fit, problem, hyper, lambda fit, stop=stop: fit.iteration >= stop)
        assert fit.losses.tobytes() == whole.losses.tobytes()
        for name, array in FOREST.parameters(whole).items():
            assert FOREST.parameters(fit)[name].tobytes() == array.tobytes()


def test_the_trees_so_far_are_a_model():
    X, _, y, _ = halves(load_diabetes)
    problem = Problem(X[:60], y[:60], 0)
    fit = trained(problem, lambda fit: fit.iteration == 4, trees=50)
    parameters = FOREST.parameters(fit)
    FOREST.check(parameters, 10, 0)
    assert len(parameters["roots"]) == 4
    assert len(fit.losses) == 4


def test_rows_are_drawn_by_their_weights():
    X, _, y, _ = halves(load_breast_cancer)
    weights = np.where(y == 1, 1e-9, 1.0)
    problem = Problem(X, y.astype(np.int64), 2, weights=weights)
    found = FOREST.predict(FOREST.parameters(trained(problem, trees=10)), X)
    assert (found[:, 0] > 0.9).all()


def test_a_damaged_checkpoint_is_refused():
    X, _, y, _ = halves(load_diabetes)
    problem = Problem(X[:60], y[:60], 0)
    hyper = FOREST.configure({"trees": 5})
    fit = FOREST.advance(FOREST.start(problem, hyper), problem, hyper, lambda fit: True)
    for name in ("0.left", "0.row", "0.feature"):
        bad = dict(fit.arrays) | {name: fit.arrays[name] + np.int32(10_000)}
        with pytest.raises(InvalidArtifact):
            FOREST.advance(replace(fit, arrays=bad), problem, hyper, lambda fit: False)


def test_it_counts_trees_and_nothing_else():
    assert (
        FOREST.start(Problem(np.ones((3, 1)), np.ones(3), 0), FOREST.configure({"trees": 7})).iterations == 7
    )
    for name in ("learning_rate", "iterations", "n_estimators"):
        with pytest.raises(InvalidInput, match="no hyperparameter"):
            FOREST.configure({name: 1})
    with pytest.raises(InvalidInput) as caught:
        trained(Problem(np.ones((3, 1)), np.ones(3), 0), criterion="entropy")
    assert caught.value.field == "criterion"


def test_the_loss_of_many_classes_takes_no_row_of_numbers_a_row():
    y = np.random.default_rng(0).integers(0, 100, 200_000)
    rows, votes = TreeRows(np.zeros((len(y), 1)), y, None), no_votes(len(y), 100)
    tracemalloc.start()
    assert loss(rows, votes) == pytest.approx(np.log(100), rel=1e-2)
    assert tracemalloc.get_traced_memory()[1] < 2**25
    tracemalloc.stop()
