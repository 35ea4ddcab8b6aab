from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from lepton_core.errors import InvalidInput
from lepton_core.models import Fit, Problem, algorithm
from tests.lepton_core.models.trees.test_explain import brute_force

pytestmark = pytest.mark.slow

BOOSTING = algorithm("gradient_boosting")

CONTRACT = {
    "settings": {"max_leaf_nodes": 4},
    "unlike_repetition": "min_samples_leaf counts rows, whatever their weights are, and so do the bins of features.",
}

THEIRS = {
    "iterations": "max_iter",
    "l2": "l2_regularization",
    "patience": "n_iter_no_change",
    "tolerance": "tol",
}


def trained(problem: Problem, pause=lambda fit: False, warm=None, **given) -> Fit:
    hyper = BOOSTING.configure(given)
    return BOOSTING.advance(BOOSTING.start(problem, hyper, warm), problem, hyper, pause)


def parameters(problem: Problem, **given):
    found = BOOSTING.parameters(trained(problem, **given))
    BOOSTING.check(found, problem.X.shape[1], problem.n_classes)
    return found


def scikit_learn(problem: Problem, X: np.ndarray, **given) -> np.ndarray:
    kind = HistGradientBoostingClassifier if problem.n_classes else HistGradientBoostingRegressor
    given = {THEIRS.get(name, name): value for name, value in given.items()}
    made = kind(
        random_state=problem.seed,
        categorical_features=np.array(problem.levels) > 0 if any(problem.levels) else None,
        **given,
    )
    with threadpool_limits(1):
        made.fit(problem.X, problem.y, sample_weight=problem.weights)
        return made.predict_proba(X) if problem.n_classes else made.predict(X)


def data(load, missing: float = 0.0) -> Problem:
    X, y = load(return_X_y=True)
    X = X.astype(np.float64)
    X[np.random.default_rng(0).random(X.shape) < missing] = np.nan
    if load is load_diabetes:
        return Problem(X, y, 0)
    return Problem(X, y.astype(np.int64), len(np.unique(y)))


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("load", [load_breast_cancer, load_wine, load_diabetes])
def test_the_model_is_that_of_scikit_learn(load, missing):
    problem = replace(data(load, missing), seed=3)
    problem = replace(problem, X=problem.X[:, :6].copy())
    weights = np.random.default_rng(1).uniform(0.5, 1.5, len(problem.X))
    given = {"iterations": 20, "min_samples_leaf": 5, "l2": 0.5, "max_depth": 4, "max_features": 0.5}
    for s in (None, weights / weights.mean()):
        case = replace(problem, weights=s)
        found = BOOSTING.predict(parameters(case, **given), case.X * 1.01)
        expected = scikit_learn(case, case.X * 1.01, **given)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def mixed(seed: int, n_classes: int, rows: int = 150) -> Problem:
    """Numbers and categories, both with gaps; the codes of the last column begin at 250."""
    rng = np.random.default_rng(seed)
    levels = (0, 4, 0, 9, 260)
    X = np.round(rng.normal(size=(rows, 5)), 1)
    X[:, 1], X[:, 3] = rng.integers(4, size=rows), rng.integers(9, size=rows)
    X[:, 4] = 250 + rng.integers(10, size=rows)
    X[rng.random(X.shape) < 0.15] = np.nan
    score = np.nan_to_num(X[:, 0]) + np.where(np.isin(X[:, 3], (1, 4, 7)), 2.0, 0.0) + (X[:, 4] % 3 == 1)
    score += 0.3 * rng.normal(size=rows)
    if not n_classes:
        return Problem(X, score, 0, levels=levels)
    edges = np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1])
    return Problem(X, np.searchsorted(edges, score).astype(np.int64), n_classes, levels=levels)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16), n_classes=st.sampled_from([0, 2, 3]))
def test_numbers_and_categories_with_gaps_go_where_scikit_learn_sends_them(seed, n_classes):
    problem = mixed(seed, n_classes)
    given = {"iterations": 8, "min_samples_leaf": 4, "learning_rate": 0.3}
    found = parameters(problem, **given)
    assert len(found["sets"])
    rng = np.random.default_rng(seed)
    asked = np.where(rng.random(problem.X.shape) < 0.3, rng.permuted(problem.X, axis=0), problem.X)
    asked[:50, [1, 3, 4]] = rng.choice([-1.0, 4.0, 9.0, 255.0, 256.0, 260.0, 2.5, 1e9], size=(50, 3))
    expected = scikit_learn(problem, asked, **given)
    np.testing.assert_allclose(BOOSTING.predict(found, asked), expected, rtol=1e-12, atol=1e-12)
    large = problem.X.copy()
    large[:, [0, 2]] *= 1e300
    expected = scikit_learn(problem, large, **given)
    np.testing.assert_allclose(BOOSTING.predict(found, large), expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**16), n_classes=st.sampled_from([0, 2, 3]))
def test_contributions_are_shapley_values_of_the_scores(seed, n_classes):
    problem = mixed(seed, n_classes)
    found = parameters(problem, iterations=5, min_samples_leaf=4)
    X, background = problem.X[:3], problem.X[10:15]

    def scores(X: np.ndarray) -> np.ndarray:
        predicted = BOOSTING.predict(found, X)
        if n_classes == 0:
            return predicted[:, None]
        logs = np.log(predicted)
        return logs - logs[:, :1] if n_classes > 2 else logs[:, 1:] - logs[:, :1]

    explanation = BOOSTING.explain(found, X, background)
    shown = explanation.contributions - (explanation.contributions[:, :, :1] if n_classes > 2 else 0.0)
    expected = [brute_force(scores, x, background) for x in X]
    np.testing.assert_allclose(shown, expected, atol=1e-9)
    assert explanation.unit == ("log-odds" if n_classes else "value")


def test_of_many_categories_the_most_frequent_are_told_apart():
    rng = np.random.default_rng(0)
    codes = np.concatenate([np.arange(400), rng.integers(200, size=2000)])
    y = (codes % 7 < 3).astype(np.int64)
    problem = Problem(np.stack([rng.normal(size=2400), codes], axis=1), y, 2, levels=(0, 400))
    fit = trained(problem, min_samples_leaf=3, iterations=100)
    assert fit.note.startswith("columns 2: the 255 most frequent categories are told apart")
    found = BOOSTING.parameters(fit)
    BOOSTING.check(found, 2, 2)
    assert len(found["known"]) == 255
    predicted = BOOSTING.predict(found, problem.X).argmax(axis=1)
    assert (predicted == y)[codes < 200].mean() > 0.95
    few = parameters(problem, max_bins=16)
    assert len(few["known"]) == 16


def test_a_column_of_one_category_tells_it_from_a_gap():
    # scikit-learn's own split of such a column loses the set of categories, as of version 1.9.
    rng = np.random.default_rng(0)
    gap = rng.random(200) < 0.5
    X = np.stack([np.where(gap, np.nan, 3.0), rng.normal(size=200)], axis=1)
    problem = Problem(X, gap.astype(np.int64), 2, levels=(5, 0))
    predicted = BOOSTING.predict(parameters(problem, iterations=20), X)
    assert (predicted.argmax(axis=1) == gap).all()
    unseen = np.array([[4.0, 0.0], [np.nan, 0.0]])
    assert BOOSTING.predict(parameters(problem, iterations=20), unseen)[:, 1].min() > 0.8


def test_it_stops_early_when_asked_or_when_there_are_many_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(10_001, 2))
    y = (X[:, 0] + rng.normal(size=10_001) > 0).astype(np.int64)
    many = trained(Problem(X, y, 2))
    assert (many.iteration < 100, many.iterations) == (True, 150)
    assert f"stopped after {many.iteration} iterations" in many.note
    assert many.losses[-11] <= many.losses[-10:].min() + 1e-7
    fewer = Problem(X[:1000], y[:1000], 2)
    given = {"iterations": 60, "early_stopping": True, "validation_fraction": 0.3, "patience": 4}
    found = BOOSTING.predict(parameters(fewer, **given), X)
    np.testing.assert_allclose(found, scikit_learn(fewer, X, **given), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rows", [1_000, 10_001])
def test_iterations_that_are_given_are_all_grown(rows):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 2))
    problem = Problem(X, (X[:, 0] + rng.normal(size=rows) > 0).astype(np.int64), 2)
    fit = trained(problem, iterations=60)
    assert (fit.iteration, fit.iterations, fit.note) == (60, 60, "")
    found = BOOSTING.predict(BOOSTING.parameters(fit), X)
    expected = scikit_learn(problem, X, iterations=60, early_stopping=False)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    assert trained(problem, iterations=60, early_stopping=False).iteration == 60
    assert trained(problem, early_stopping=False, max_leaf_nodes=3).iteration == 100


def test_without_rows_to_keep_aside_it_does_not_stop_early():
    X = np.random.default_rng(0).normal(size=(10_001, 2))
    y = np.zeros(10_001, dtype=np.int64)
    y[7] = 1
    fit = trained(Problem(X, y, 2), max_leaf_nodes=3)
    assert fit.iteration == 100
    assert "a class has too few" in fit.note
    assert np.isfinite(BOOSTING.predict(BOOSTING.parameters(fit), X)).all()
    with pytest.raises(InvalidInput) as caught:
        trained(Problem(X, y, 2), early_stopping=True)
    assert caught.value.field == "early_stopping"


@pytest.mark.parametrize("there", [0, 1, 5])
def test_a_column_that_is_almost_empty_does_no_harm(there):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    X[there:, 1] = np.nan
    X[:, 2] = np.nan
    X[:there, 2] = 3.0
    problem = Problem(X, (X[:, 0] > 0).astype(np.int64), 2, levels=(0, 0, 4))
    for seed in range(5):
        given = {"iterations": 5, "early_stopping": True, "min_samples_leaf": 1}
        found = parameters(replace(problem, seed=seed), **given)
        assert (BOOSTING.predict(found, X).argmax(axis=1) == problem.y).mean() > 0.95


def test_many_rows_of_which_few_count_are_learned_from():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(210_000, 2))
    X[200:, 1] = np.nan
    y = (X[:, 0] > 0).astype(np.int64)
    weights = np.where(np.arange(len(y)) < 200, 1e-12, 1.0)
    found = parameters(
        Problem(X, y, 2, weights=weights), iterations=2, early_stopping=False, learning_rate=1.0
    )
    assert (BOOSTING.predict(found, X).argmax(axis=1) == y).mean() > 0.99


def test_a_class_without_rows_is_not_expected():
    X = np.random.default_rng(0).normal(size=(60, 2))
    for y, n_classes in (
        (np.where(X[:, 0] > 0, 3, 1), 4),
        (np.digitize(X[:, 0], [-0.5, 0.5]) + 1, 5),
        (np.full(60, 2), 4),
        (np.full(60, 0), 2),
        (np.full(60, 1), 2),
    ):
        problem = Problem(X, y.astype(np.int64), n_classes)
        found = parameters(problem, iterations=30)
        predicted = BOOSTING.predict(found, X)
        absent = np.setdiff1d(np.arange(n_classes), y)
        assert (predicted[:, absent] < 1e-300).all()
        assert (predicted.argmax(axis=1) == y).mean() > 0.95
        explanation = BOOSTING.explain(found, X[:3], X[3:9])
        assert np.isfinite(explanation.base).all()


def test_it_is_trained_in_one_piece_and_told_in_many():
    problem = data(load_wine)
    seen = []
    fit = trained(problem, lambda fit: seen.append(fit) or fit.iteration == 3, iterations=9)
    assert [one.iteration for one in seen] == [1, 2, 3]
    assert (fit.finished, fit.iterations, len(fit.losses)) == (False, 9, 3)
    assert len(BOOSTING.parameters(fit)["roots"]) == 27
    whole = trained(problem, iterations=9)
    assert (whole.finished, len(whole.losses)) == (True, 9)
    assert (np.diff(whole.losses) < 0).all()
    assert trained(problem, warm=BOOSTING.parameters(whole)).note.startswith("trained anew:")


def test_an_attempt_is_the_same_fit_and_is_given_up_when_it_is_asked():
    problem, hyper = data(load_wine), BOOSTING.configure({})
    begun = BOOSTING.start(problem, hyper)
    asked = []
    made = BOOSTING.attempt(begun, problem, hyper, lambda: asked.append(0))
    whole = BOOSTING.advance(begun, problem, hyper, lambda fit: False)
    np.testing.assert_array_equal(made.losses, whole.losses)
    for name, array in BOOSTING.parameters(whole).items():
        np.testing.assert_array_equal(BOOSTING.parameters(made)[name], array)
    assert made.note == whole.note
    assert len(asked) > 5
    for at in (0, 1, len(asked) - 1):
        answers = iter([False] * at + [True])
        assert BOOSTING.attempt(begun, problem, hyper, lambda answers=answers: next(answers)) is None


@settings(max_examples=15, deadline=None)
@given(offset=st.sampled_from([0.0, 1e9, -1e12]), scale=st.sampled_from([1e-150, 1e-12, 1.0, 1e12, 1e130]))
def test_targets_of_any_unit_are_learned(offset, scale):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    signal = np.sign(X[:, 0]) + 2.0 * np.sign(X[:, 1])
    problem = Problem(X, scale * (signal + offset), 0)
    found = BOOSTING.predict(parameters(problem, iterations=60, learning_rate=0.5, early_stopping=True), X)
    spread = scale * 1e-3 + 1e-12 * abs(scale * offset)
    np.testing.assert_allclose(found, problem.y, rtol=0, atol=spread)


@pytest.mark.parametrize("weights", [np.full(60, 3.0), np.arange(60) % 3 + 1.0], ids=["alike", "unlike"])
def test_the_penalty_stands_beside_the_sum_of_the_weights(weights):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    problem = Problem(X, X @ np.ones(3) + rng.normal(size=60), 0, weights=weights)
    given = {"l2": 20.0, "min_samples_leaf": 1, "max_leaf_nodes": 4, "iterations": 5}
    np.testing.assert_allclose(
        BOOSTING.predict(parameters(problem, **given), X), scikit_learn(problem, X, **given), rtol=1e-6
    )
