"""Backtracking: every accepted step passes Armijo's rule, the objective never rises, the minimum is found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import ElasticNet

from lepton_core.descent import (
    Full,
    Huber,
    Logistic,
    Penalty,
    Softmax,
    Squared,
    begin,
    constant,
    descend,
    line_search,
)

LOSSES = [Logistic(), Softmax(3), Squared(), Huber(0.7)]


def example(loss, seed, rows=40, features=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, features))
    score = X @ rng.normal(size=(features, 3)) + rng.normal(size=(rows, 3))
    if isinstance(loss, Softmax):
        return X, score.argmax(axis=1)
    return X, (score[:, 0] > 0.2).astype(float) if isinstance(loss, Logistic) else score[:, 0]


def run(loss, penalty, X, y, rate=1.0, iterations=300, **options):
    optimizer = line_search(penalty)
    state = begin(np.zeros(loss.shape(X.shape[1])), optimizer)
    parts = (loss, penalty, optimizer, constant(), Full(), state, X, y)
    return descend(*parts, rate=rate, iterations=iterations, **options)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@given(
    seed=st.integers(0, 10**6),
    l1=st.sampled_from([0.0, 0.05]),
    l2=st.sampled_from([0.0, 0.1]),
    rate=st.sampled_from([1e-6, 1.0, 1e6]),
)
@settings(deadline=None, max_examples=15)
def test_the_objective_never_rises_whatever_the_first_step(loss, seed, l1, l2, rate):
    X, y = example(loss, seed)
    penalty = Penalty(l1, l2)
    end = run(loss, penalty, X, y, rate, iterations=60)
    assert (np.diff(end.losses) <= 0).all()
    assert loss.value(end.weights, X, y) + penalty.value(end.weights) <= end.losses[-1]
    assert end.losses[-1] < end.losses[0]


def test_every_step_passes_the_rule():
    X, y = example(Logistic(), 1)
    optimizer, weights = line_search(), np.zeros(4)
    slots = optimizer.init(weights)

    def objective(point):
        return Logistic().value_and_gradient(point, X, y)

    for _ in range(20):
        value, after, slots = optimizer.step(objective, slots, weights, 100.0)
        gradient, t = objective(weights)[1], float(slots["length"][0])
        np.testing.assert_allclose(after, weights - t * gradient, rtol=1e-12)
        assert objective(after)[0] <= value - 1e-4 * t * gradient @ gradient
        weights = after


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.1), (0.2, 0.0), (0.1, 0.1)])
def test_it_finds_the_minimum_that_scikit_learn_finds(l1, l2):
    X, y = example(Squared(), 2)
    oracle = ElasticNet(alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), tol=1e-12, max_iter=100_000).fit(X, y)
    end = run(Squared(), Penalty(l1, l2), X, y)
    np.testing.assert_allclose(end.weights[:-1], oracle.coef_, atol=1e-7)
    np.testing.assert_array_equal(end.weights[:-1] == 0, oracle.coef_ == 0)
    assert end.weights[-1] == pytest.approx(oracle.intercept_, abs=1e-7)


def test_at_the_minimum_it_rests():
    X, y = example(Squared(), 3)
    end = run(Squared(), Penalty(), X, y, iterations=5000, tolerance=1e-12)
    assert end.finished == "converged"
    optimizer = line_search()
    there = np.linalg.lstsq(np.column_stack([X, np.ones(40)]), y, rcond=None)[0]
    slots = optimizer.init(there)
    for _ in range(2000):
        _, after, slots = optimizer.step(lambda w: Squared().value_and_gradient(w, X, y), slots, there, 1.0)
    np.testing.assert_allclose(after, there, rtol=1e-9)
    assert np.isfinite(slots["length"]).all()


def test_a_step_to_where_no_number_holds_the_loss_is_halved():
    X, y = np.array([[1.0], [-1.0]]), np.array([1e150, -1e150])
    end = run(Squared(), Penalty(), X, y, rate=1e6, iterations=100)
    assert np.isfinite(end.losses).all()
    np.testing.assert_allclose(end.weights, [1e150, 0.0], rtol=1e-3)
