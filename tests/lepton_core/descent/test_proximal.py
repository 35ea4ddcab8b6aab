"""Proximal Newton steps and the parabola with corners: exact zeros, in any units, whatever depends on what."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import Lasso, LogisticRegression

from lepton_core.descent import Full, Huber, Logistic, Penalty, Softmax, Squared, begin, constant, descend
from lepton_core.descent.lasso import lasso
from lepton_core.descent.proximal import proximal, working_set

LOSSES = [Logistic(), Softmax(3), Squared(), Huber(0.7)]


def example(loss, seed, rows=60, features=5):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, features))
    score = X[:, : min(2, features)].sum(axis=1, keepdims=True) * [1, -1, 0] + rng.normal(size=(rows, 3))
    if isinstance(loss, Softmax):
        return X, score.argmax(axis=1)
    return X, (score[:, 0] > 0.2).astype(float) if isinstance(loss, Logistic) else score[:, 0]


def run(loss, X, y, s=None, *, l1=0.05, l2=0.0, most=1000, iterations=100, tolerance=1e-13):
    penalty = Penalty(l1=l1, l2=l2)
    optimizer = proximal(working_set(loss, X, y, s, penalty=penalty, most=most), penalty)
    state = begin(np.zeros(loss.shape(X.shape[1])), optimizer)
    parts = (loss, penalty, optimizer, constant(), Full(), state, X, y, s)
    return descend(*parts, rate=1.0, iterations=iterations, tolerance=tolerance, patience=1)


def pull(loss, W, X, y, s=None, *, l1, l2=0.0):
    """The part of the derivatives that the corners cannot hold."""
    g = Penalty(l2=l2).add_gradient(loss.value_and_gradient(W, X, y, s)[1], W)
    w, rest = W[..., :-1], g[..., :-1]
    rest = np.where(w != 0, rest + l1 * np.sign(w), np.maximum(np.abs(rest) - l1, 0.0))
    return max(np.abs(rest).max(initial=0.0), np.abs(g[..., -1]).max())


@pytest.mark.slow
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(1, 30),
    rank=st.integers(1, 40),
    part=st.sampled_from([1e-6, 1e-2, 0.5, 2.0]),
    spread=st.sampled_from([0.0, 3.0]),
    free=st.integers(0, 2),
)
@settings(max_examples=150)
def test_no_corner_is_left_that_would_be_lower(seed, size, rank, part, spread, free):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(rank, size)) * 10.0 ** rng.uniform(-spread, spread, size)
    B, r = A.T @ A / rank, A.T @ rng.normal(size=rank) / rank
    units = np.sqrt(np.diagonal(B))
    t = part * units * np.abs(r / units).max()
    t[:free] = 0.0
    u = lasso(B, r, t, rng.normal(size=size) * (rng.random(size) < 0.3) / units)
    slope = (B @ u - r) / units
    rest = np.where(
        (u != 0) | (t == 0), slope + t / units * np.sign(u), np.maximum(np.abs(slope) - t / units, 0.0)
    )
    assert np.abs(rest).max() <= 1e-9 * max(np.abs(r / units).max(), 1e-9)
    if part > 1.0 and not free:
        assert not u.any()


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@given(seed=st.integers(0, 10**6), l1=st.sampled_from([1e-4, 0.02, 0.2]), l2=st.sampled_from([0.0, 0.1]))
@settings(max_examples=15)
def test_it_comes_to_where_no_derivative_is_left(loss, seed, l1, l2):
    X, y = example(loss, seed)
    end = run(loss, X, y, l1=l1, l2=l2)
    assert end.iteration < 40
    assert (np.diff(end.losses) <= 0).all()
    assert pull(loss, end.weights, X, y, l1=l1, l2=l2) < 1e-6


def test_the_same_zeros_as_scikit_learn():
    X, y = example(Squared(), 1, features=20)
    oracle = Lasso(alpha=0.1, tol=1e-14, max_iter=100_000).fit(X, y)
    end = run(Squared(), X, y, l1=0.1)
    assert_allclose(end.weights, np.append(oracle.coef_, oracle.intercept_), atol=1e-8)
    assert_allclose(end.weights[:-1] == 0, oracle.coef_ == 0)
    assert end.iteration <= 3
    X, y = example(Logistic(), 2, features=20)
    oracle = LogisticRegression(
        C=1 / (60 * 0.05), l1_ratio=1.0, solver="saga", tol=1e-10, max_iter=20_000, random_state=0
    ).fit(X, y)
    end = run(Logistic(), X, y)
    assert_allclose(end.weights, np.append(oracle.coef_, oracle.intercept_), atol=1e-6)
    assert_allclose(end.weights[:-1] == 0, oracle.coef_[0] == 0)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_offsets_and_features_that_do_not_vary_make_no_difference(loss):
    X, y = example(loss, 3)
    strange = np.column_stack([X + np.array([0, 1, -3, 1e3, 1e5]), np.full(60, 1e9)])
    plain, other = run(loss, X, y), run(loss, strange, y)
    assert_allclose(other.weights[..., :5], plain.weights[..., :5], atol=1e-6)
    assert not other.weights[..., 5].any()


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_rows_of_share_0_are_absent_and_shares_are_counts(loss):
    X, y = example(loss, 4)
    counts = np.arange(60) % 3
    often = np.repeat(np.arange(60), counts)
    one, other = run(loss, X, y, counts / counts.mean()), run(loss, X[often], y[often])
    assert_allclose(one.weights, other.weights, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_few_weights_at_a_time_come_to_the_same_end(loss):
    X, y = example(loss, 5, features=40)
    whole, few = run(loss, X, y), run(loss, X, y, most=30 * (3 if isinstance(loss, Softmax) else 1))
    assert_allclose(few.losses[-1], whole.losses[-1], rtol=1e-8)


def test_where_nothing_is_left_to_do_nothing_is_computed():
    X, y = example(Logistic(), 6)
    penalty = Penalty(l1=0.05)
    optimizer = proximal(working_set(Logistic(), X, y, penalty=penalty), penalty)
    weights, slots, seen = np.zeros(6), optimizer.init(np.zeros(6)), []

    def objective(W):
        seen.append(W)
        value, gradient = Logistic().value_and_gradient(W, X, y)
        return value + penalty.value(W), gradient

    for _ in range(20):
        for array in (weights, *slots.values()):
            array.flags.writeable = False
        _, weights, slots = optimizer.step(objective, slots, weights, 1.0)
    assert slots["damping"].tolist() == [np.inf]
    assert len(seen) < 15
