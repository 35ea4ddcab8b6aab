"""Gaussian naive Bayes: its formulas beside scikit-learn's, and what it refuses."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.naive_bayes import GaussianNB

from lepton_core.errors import InvalidArtifact, InvalidData, InvalidInput
from lepton_core.models import Problem, algorithm
from lepton_core.models.algorithm import Fit

ALGORITHM = algorithm("naive_bayes")


def train(problem: Problem, **given: Any) -> Fit:
    hyper = ALGORITHM.configure(given)
    return ALGORITHM.advance(ALGORITHM.start(problem, hyper), problem, hyper, pause=lambda fit: False)


def learnt(problem: Problem, **given: Any) -> dict[str, Any]:
    return ALGORITHM.parameters(train(problem, **given))


DATA = {"wine": load_wine, "iris": load_iris, "cancer": load_breast_cancer}


def problem_of(name: str) -> Problem:
    X, y = DATA[name](return_X_y=True)
    return Problem(X / X.std(axis=0), y.astype(np.int64), n_classes=int(y.max()) + 1)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("var_smoothing", [0.0, 1e-9, 0.1, 10.0])
def test_probabilities_are_those_of_scikit_learn(name: str, var_smoothing: float):
    problem = problem_of(name)
    theirs = GaussianNB(var_smoothing=var_smoothing).fit(problem.X, problem.y)
    found = learnt(problem, var_smoothing=var_smoothing)
    np.testing.assert_allclose(found["priors"], theirs.class_prior_, rtol=1e-14)
    np.testing.assert_allclose(found["means"], theirs.theta_, rtol=1e-12)
    np.testing.assert_allclose(found["variances"], theirs.var_, rtol=1e-12)
    np.testing.assert_allclose(
        ALGORITHM.predict(found, problem.X), theirs.predict_proba(problem.X), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("name", DATA)
def test_whole_weights_are_scikit_learn_with_rows_repeated(name: str):
    plain = problem_of(name)
    times = np.random.default_rng(0).integers(0, 4, len(plain.X))
    weighted = Problem(plain.X, plain.y, plain.n_classes, weights=times.astype(np.float64))
    for var_smoothing in (1e-9, 0.3):
        theirs = GaussianNB(var_smoothing=var_smoothing).fit(
            np.repeat(plain.X, times, axis=0), np.repeat(plain.y, times)
        )
        found = ALGORITHM.predict(learnt(weighted, var_smoothing=var_smoothing), plain.X)
        np.testing.assert_allclose(found, theirs.predict_proba(plain.X), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("var_smoothing", [0.0, 1e-9, 0.3])
def test_weights_are_scikit_learn_s_but_for_what_is_added(name: str, var_smoothing: float):
    """scikit-learn measures var_smoothing by the largest variance of the rows without their weights."""
    plain = problem_of(name)
    weights = np.random.default_rng(0).exponential(size=len(plain.X))
    weighted = Problem(plain.X, plain.y, plain.n_classes, weights=weights)
    middle = np.average(plain.X, axis=0, weights=weights)
    counted = np.average(np.square(plain.X - middle), axis=0, weights=weights).max()
    theirs = GaussianNB(var_smoothing=var_smoothing * counted / plain.X.var(axis=0).max())
    theirs.fit(plain.X, plain.y, sample_weight=weights)
    found = ALGORITHM.predict(learnt(weighted, var_smoothing=var_smoothing), plain.X)
    np.testing.assert_allclose(found, theirs.predict_proba(plain.X), rtol=0, atol=1e-12)


def test_the_loss_is_that_of_the_training_rows():
    problem = problem_of("wine")
    fit = train(problem, var_smoothing=0.5)
    chances = ALGORITHM.predict(ALGORITHM.parameters(fit), problem.X)
    expected = -np.log(chances[np.arange(len(problem.y)), problem.y]).mean()
    np.testing.assert_allclose(fit.losses, [expected], rtol=1e-12)


def test_contributions_to_more_classes_are_their_terms_without_what_all_have():
    problem = problem_of("wine")
    found = learnt(problem)
    seen = problem.X[::7]
    density = -0.5 * np.log(2 * np.pi * found["variances"]) - (
        np.square(problem.X[:, None] - found["means"]) / (2 * found["variances"])
    )  # (m, K, n)
    terms = density - density[::7].mean(axis=0)
    explained = ALGORITHM.explain(found, problem.X, seen)
    assert explained.unit == "log-odds"
    np.testing.assert_allclose(
        explained.contributions.transpose(0, 2, 1), terms - terms.mean(axis=1, keepdims=True), atol=1e-9
    )
    np.testing.assert_allclose(explained.contributions.sum(axis=2), 0.0, atol=1e-9)
    chances = ALGORITHM.predict(found, problem.X)
    output = explained.base + explained.contributions.sum(axis=1)
    np.testing.assert_allclose(
        output, np.log(chances) - np.log(chances).mean(axis=1, keepdims=True), atol=1e-9
    )


def test_contributions_to_two_classes_sum_to_the_log_odds_of_the_second():
    problem = problem_of("cancer")
    found = learnt(problem, var_smoothing=1.0)
    explained = ALGORITHM.explain(found, problem.X, problem.X[:50])
    chances = ALGORITHM.predict(found, problem.X)
    odds = explained.base + explained.contributions.sum(axis=1)
    assert explained.contributions.shape == (*problem.X.shape, 1)
    np.testing.assert_allclose(1 / (1 + np.exp(-odds[:, 0])), chances[:, 1], rtol=1e-9)
    whole = ALGORITHM.explain(found, problem.X[:50], problem.X[:50])
    np.testing.assert_allclose(whole.contributions.mean(axis=0), 0.0, atol=1e-9)


def test_a_constant_column_says_nothing():
    problem = problem_of("iris")
    wider = Problem(np.column_stack([problem.X, np.full(len(problem.X), 0.1)]), problem.y, 3)
    other = wider.X + np.array([0, 0, 0, 0, 100.0])
    found, expected = learnt(wider), ALGORITHM.predict(learnt(problem), problem.X)
    np.testing.assert_allclose(ALGORITHM.predict(found, other), expected, atol=1e-11)
    assert (ALGORITHM.explain(found, other, wider.X).contributions[:, 4] == 0).all()
    alone = Problem(wider.X[:, 4:], problem.y, 3)
    np.testing.assert_allclose(
        ALGORITHM.predict(learnt(alone, var_smoothing=0), alone.X[:1]), [[1 / 3] * 3], rtol=1e-15
    )


def test_a_class_without_a_row_is_never_predicted():
    problem = problem_of("iris")
    found = learnt(Problem(problem.X, problem.y, n_classes=4))
    chances = ALGORITHM.predict(found, np.vstack([problem.X, 1e6 * problem.X, -1e6 * problem.X]))
    assert chances[:, 3].max() < 1e-300
    np.testing.assert_allclose(
        chances[: len(problem.X), :3], ALGORITHM.predict(learnt(problem), problem.X), atol=1e-15
    )
    assert np.isfinite(ALGORITHM.explain(found, problem.X, problem.X).contributions).all()


def test_a_class_of_one_value_needs_smoothing():
    problem = Problem(np.array([[1.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1]), n_classes=2)
    with pytest.raises(InvalidData, match="larger var_smoothing"):
        train(problem, var_smoothing=0.0)
    sure = ALGORITHM.predict(learnt(problem), problem.X)
    np.testing.assert_allclose(sure, [[1, 0], [1, 0], [0, 1], [0, 1]], atol=1e-3)


def test_weights_of_very_different_size_are_counted():
    problem = problem_of("iris")
    weights = np.where(problem.y == 2, 1e-300, 1e20)
    found = learnt(Problem(problem.X, problem.y, 3, weights=weights))
    np.testing.assert_allclose(found["means"], learnt(problem)["means"], rtol=1e-14)


def test_less_than_no_smoothing_is_refused():
    with pytest.raises(InvalidInput) as caught:
        ALGORITHM.configure({"var_smoothing": -1e-9})
    assert caught.value.field == "var_smoothing"


@pytest.mark.parametrize("name", ["priors", "variances"])
def test_nothing_may_be_divided_by_0(name: str):
    found = learnt(problem_of("iris"))
    found[name].flat[0] = 0.0
    with pytest.raises(InvalidArtifact) as caught:
        ALGORITHM.check(found, 4, 3)
    assert caught.value.field == name


def test_a_row_that_is_too_large_is_named():
    found = learnt(problem_of("iris"))
    rows = np.ones((3, 4))
    rows[1, 2] = 1e200
    for ask in (ALGORITHM.predict, lambda found, X: ALGORITHM.explain(found, X, np.ones((1, 4)))):
        with pytest.raises(InvalidData) as caught:
            ask(found, rows)
        assert caught.value.row == 2
