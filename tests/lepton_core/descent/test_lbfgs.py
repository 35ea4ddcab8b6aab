"""L-BFGS: it never rises, it finds the minimum that scipy finds, and it stops where there is no lower point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from lepton_core.descent import (
    Full,
    Logistic,
    Loss,
    Penalty,
    Softmax,
    Squared,
    begin,
    constant,
    descend,
    identity,
    inverse_curvature,
    lbfgs,
)

LOSSES = [Logistic(), Softmax(3), Squared()]


def example(loss: Loss, seed: int, rows: int = 60, features: int = 4, spread: float = 0.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, features)) * 10.0 ** rng.uniform(-spread, spread, features)
    score = X @ (rng.normal(size=(features, 3)) / np.abs(X).max(axis=0, initial=1.0)[:, None])
    score += rng.normal(size=score.shape)
    if isinstance(loss, Softmax):
        return X, score.argmax(axis=1)
    return X, (score[:, 0] > 0.2).astype(float) if isinstance(loss, Logistic) else score[:, 0]


def run(loss, X, y, *, l2=0.01, inverse=identity, rate=1.0, iterations=200, tolerance=0.0):
    optimizer = lbfgs(inverse)
    state = begin(np.zeros(loss.shape(X.shape[1])), optimizer)
    args = (loss, Penalty(l2=l2), optimizer, constant(), Full(), state, X, y)
    return descend(*args, rate=rate, iterations=iterations, tolerance=tolerance, patience=3)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("kind", ["none", "units", "curvature"])
def test_it_finds_the_minimum_that_scipy_finds(loss, kind):
    X, y = example(loss, 1)
    inverse = {
        "none": identity,
        "units": lambda gradient: gradient * np.arange(1.0, 6.0),
        "curvature": inverse_curvature(loss, X, l2=0.01),
    }[kind]
    end = run(loss, X, y, inverse=inverse, iterations=100)
    penalty = Penalty(l2=0.01)

    def objective(flat):
        W = flat.reshape(end.weights.shape)
        value, gradient = loss.value_and_gradient(W, X, y)
        return value + penalty.value(W), penalty.add_gradient(gradient, W).ravel()

    oracle = minimize(objective, np.zeros(end.weights.size), jac=True, method="BFGS", options={"gtol": 1e-9})
    assert end.losses[-1] == pytest.approx(oracle.fun, rel=1e-12)
    assert np.abs(objective(end.weights.ravel())[1]).max() < 1e-7


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(1, 40),
    features=st.integers(0, 6),
    spread=st.sampled_from([0.0, 2.0, 6.0]),
    l2=st.sampled_from([0.0, 1e-3, 10.0]),
    rate=st.sampled_from([1e-6, 1.0, 1e6]),
)
@settings(max_examples=40)
def test_the_objective_never_rises(loss, seed, rows, features, spread, l2, rate):
    X, y = example(loss, seed, rows, features, spread)
    inverse = inverse_curvature(loss, X, l2=l2)
    end = run(loss, X, y, l2=l2, inverse=inverse, rate=rate, iterations=60, tolerance=1e-7)
    assert (np.diff(end.losses) <= 0).all()
    assert loss.value(end.weights, X, y) + Penalty(l2=l2).value(end.weights) <= end.losses[-1]


def test_least_squares_take_one_step_and_what_rounding_leaves():
    X, y = example(Squared(), 2, spread=3.0)
    end = run(Squared(), X, y, l2=0.0, inverse=inverse_curvature(Squared(), X), iterations=3)
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(60)]), y, rcond=None)[0]
    np.testing.assert_allclose(end.weights, exact, rtol=1e-8)
    assert end.losses[1] == pytest.approx(end.losses[2], rel=1e-6)


def test_an_iteration_is_one_pass_over_the_rows():
    X, y = example(Logistic(), 3)
    optimizer, points = lbfgs(inverse_curvature(Logistic(), X)), []

    def objective(point):
        points.append(point)
        return Logistic().value_and_gradient(point, X, y)

    weights = np.zeros(5)
    slots = optimizer.init(weights)
    for _ in range(10):
        _, weights, slots = optimizer.step(objective, slots, weights, 1.0)
    assert len(points) == 11


def test_a_step_that_is_far_too_long_is_halved():
    X, y = example(Logistic(), 4)
    end = run(Logistic(), X, y, inverse=lambda gradient: 1e9 * gradient, iterations=100)
    assert end.losses[-1] == pytest.approx(run(Logistic(), X, y).losses[-1], rel=1e-10)


def test_a_step_to_where_no_number_holds_the_loss_is_halved():
    X, y = np.array([[1.0], [-1.0]]), np.array([1e150, -1e150])
    end = run(Squared(), X, y, l2=0.0, rate=1e6, iterations=10)
    assert np.isfinite(end.losses).all()
    np.testing.assert_allclose(end.weights, [1e150, 0.0], rtol=1e-9)


def test_where_no_step_is_lower_the_weights_stay_and_the_pairs_are_forgotten():
    optimizer, weights = lbfgs(), np.array([3.0, 4.0])
    slots = dict(optimizer.init(weights))
    slots["moves"] = slots["turns"] = np.ones((10, 2))

    def kink(point):
        return float(np.abs(point - weights).sum()), np.ones(2)

    value, after, later = optimizer.step(kink, slots, weights, 1.0)
    assert (value, after.tolist()) == (0.0, [3.0, 4.0])
    assert not later["moves"].any()
    assert not later["turns"].any()


def test_a_step_changes_nothing_in_place():
    X, y = example(Logistic(), 5)
    optimizer, weights = lbfgs(), np.zeros(5)
    slots = optimizer.init(weights)
    for _ in range(3):
        for array in (weights, *slots.values()):
            array.flags.writeable = False
        _, weights, slots = optimizer.step(
            lambda point: Logistic().value_and_gradient(point, X, y), slots, weights, 1.0
        )
