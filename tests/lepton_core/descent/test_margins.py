import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from lepton_core.descent.margins import (
    EpsilonInsensitive,
    Hinge,
    SquaredEpsilonInsensitive,
    SquaredHinge,
)

LOSSES = [
    *(loss(k) for loss in (Hinge, SquaredHinge) for k in (2, 4)),
    *(loss(epsilon) for loss in (EpsilonInsensitive, SquaredEpsilonInsensitive) for epsilon in (0.0, 0.7)),
]
every_loss = pytest.mark.parametrize("loss", LOSSES, ids=str)


def data(loss, seed, m=30, n=3):
    rng = np.random.default_rng(seed)
    X, W = rng.normal(size=(m, n)), rng.normal(size=loss.shape(n))
    classes = getattr(loss, "classes", 0)
    y = rng.integers(0, classes, m) if classes else 2 * rng.normal(size=m)
    return W, X, y.astype(float) if classes == 2 else y, rng.uniform(0, 2, m)


def by_hand(loss, W, X, y, s):
    total = 0.0
    for x, target, share in zip(X, y, s, strict=True):
        for k, w in enumerate(np.atleast_2d(W)):
            z = w[:-1] @ x + w[-1]
            if hasattr(loss, "epsilon"):
                cost = max(0.0, abs(z - target) - loss.epsilon)
            else:
                side = 1.0 if target == (k if loss.classes > 2 else 1) else -1.0
                cost = max(0.0, 1.0 - side * z)
            total += share * (cost**2 if "Squared" in type(loss).__name__ else cost)
    return total / len(X)


@every_loss
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_the_value_is_the_formula(loss, seed):
    W, X, y, s = data(loss, seed)
    assert loss.value(W, X, y, s) == pytest.approx(by_hand(loss, W, X, y, s), rel=1e-12)
    assert loss.value(W, X, y) == pytest.approx(by_hand(loss, W, X, y, np.ones(len(X))), rel=1e-12)
    assert loss.value_and_gradient(W, X, y, s)[0] == pytest.approx(loss.value(W, X, y, s), rel=1e-13)


@every_loss
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), weighted=st.booleans())
def test_the_gradient_is_that_of_finite_differences(loss, seed, weighted):
    W, X, y, s = data(loss, seed)
    s = s if weighted else None
    found = loss.value_and_gradient(W, X, y, s)[1]
    numeric = approx_fprime(W.ravel(), lambda w: loss.value(w.reshape(W.shape), X, y, s), 1e-7)
    assert found.shape == W.shape
    np.testing.assert_allclose(found.ravel(), numeric, atol=1e-4)


@every_loss
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_a_subgradient_supports_the_loss_from_below(loss, seed):
    """At corners too: that is all that descent relies on."""
    W, X, y, s = data(loss, seed)
    W = np.round(W)
    X = np.round(X)
    value, gradient = loss.value_and_gradient(W, X, y, s)
    other = np.random.default_rng(seed + 1).normal(size=W.shape)
    assert loss.value(other, X, y, s) >= value + np.sum(gradient * (other - W)) - 1e-12


@every_loss
def test_a_share_of_2_is_a_row_that_occurs_twice(loss):
    W, X, y, _ = data(loss, 0)
    times = np.random.default_rng(1).integers(0, 3, len(X))
    twice = np.repeat(np.arange(len(X)), times)
    value, gradient = loss.value_and_gradient(W, X, y, times.astype(float))
    other, of_rows = loss.value_and_gradient(W, X[twice], y[twice])
    assert value * len(X) == pytest.approx(other * len(twice))
    np.testing.assert_allclose(gradient * len(X), of_rows * len(twice), atol=1e-12)


@every_loss
def test_the_chunks_make_no_difference(loss):
    W, X, y, s = data(loss, 0, m=70_000, n=3)
    value, gradient = loss.value_and_gradient(W, X, y, s)
    parts = [loss.value_and_gradient(W, X[at], y[at], s[at]) for at in (slice(0, 9), slice(9, None))]
    share = np.array([9, len(X) - 9]) / len(X)
    assert value == pytest.approx(share @ [part[0] for part in parts], rel=1e-12)
    mixed = sum(of * part[1] for of, part in zip(share, parts, strict=True))
    np.testing.assert_allclose(gradient, mixed, atol=1e-12)


@every_loss
def test_it_has_nothing_random_and_the_shape_of_its_weights(loss):
    assert loss.at(3, 5) is loss
    classes = getattr(loss, "classes", 0)
    assert loss.shape(7) == ((4, 8) if classes == 4 else (8,))
    assert loss.curvature == (2.0 if "Squared" in type(loss).__name__ else 1.0)
