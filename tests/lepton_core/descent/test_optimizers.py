"""Optimizers against their textbook forms."""

import numpy as np
import pytest

from lepton_core.descent import (
    Full,
    Logistic,
    Penalty,
    Squared,
    begin,
    constant,
    descend,
    gradient_descent,
    inverse_time,
    momentum,
)

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
y = (X @ [1.0, -2.0, 0.5, 0.0] + rng.normal(size=60) > 0.3).astype(float)


LOGISTIC, NO_PENALTY, CONSTANT = Logistic(), Penalty(), constant()


def run(optimizer, loss=LOGISTIC, penalty=NO_PENALTY, schedule=CONSTANT, rate=0.3, iterations=50):
    state = begin(np.zeros(5), optimizer)
    return descend(loss, penalty, optimizer, schedule, Full(), state, X, y, rate=rate, iterations=iterations)


def slope(w):
    wide = np.column_stack([X, np.ones(len(X))])
    return wide.T @ (1 / (1 + np.exp(-wide @ w)) - y) / len(X)


def test_gradient_descent_is_the_textbook_loop():
    w = np.zeros(5)
    for _ in range(50):
        w = w - 0.3 * slope(w)
    np.testing.assert_allclose(run(gradient_descent()).weights, w, rtol=1e-12)


def test_a_schedule_scales_each_step():
    w = np.zeros(5)
    for i in range(50):
        w = w - 0.3 / (1 + 0.1 * i) * slope(w)
    np.testing.assert_allclose(run(gradient_descent(), schedule=inverse_time(0.1)).weights, w, rtol=1e-12)


def test_momentum_is_the_velocity_form():
    w, velocity = np.zeros(5), np.zeros(5)
    for _ in range(50):
        velocity = 0.8 * velocity + slope(w)
        w = w - 0.3 * velocity
    np.testing.assert_allclose(run(momentum(0.8)).weights, w, rtol=1e-11)


def test_nesterov_looks_ahead():
    w, velocity = np.zeros(5), np.zeros(5)
    for _ in range(50):
        velocity = 0.8 * velocity - 0.3 * slope(w + 0.8 * velocity)
        w = w + velocity
    np.testing.assert_allclose(run(momentum(0.8, nesterov=True)).weights, w, rtol=1e-11)


@pytest.mark.parametrize("optimizer", [gradient_descent(), momentum(), momentum(nesterov=True)])
def test_all_find_the_same_minimum_with_an_l1_penalty(optimizer):
    end = run(optimizer, loss=Squared(), penalty=Penalty(l1=0.1, l2=0.05), iterations=600)
    w, gradient = end.weights, Squared().value_and_gradient(end.weights, X, y)[1]
    pull = gradient[:-1] + 0.05 * w[:-1]
    assert gradient[-1] == pytest.approx(0, abs=1e-9)
    assert 0 < np.count_nonzero(w[:-1]) < 4
    np.testing.assert_allclose(pull[w[:-1] != 0], -0.1 * np.sign(w[:-1][w[:-1] != 0]), atol=1e-9)
    assert (np.abs(pull[w[:-1] == 0]) <= 0.1).all()


@pytest.mark.parametrize("optimizer", [gradient_descent(), momentum(), momentum(nesterov=True)])
def test_an_update_changes_nothing_in_place(optimizer):
    weights, gradient = np.ones(3), np.ones(3)
    slots = optimizer.init(weights)
    weights.flags.writeable = gradient.flags.writeable = False
    value, after, later = optimizer.step(lambda point: (7.0, gradient), slots, weights, 0.5)
    assert (value, after.tolist()) == (7.0, [0.5, 0.5, 0.5])
    assert set(later) == set(slots)
