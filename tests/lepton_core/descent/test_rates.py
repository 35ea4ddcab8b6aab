import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.descent import Logistic, Softmax, Squared, lipschitz


def largest(X):
    wide = np.column_stack([X, np.ones(len(X))])
    return np.linalg.eigvalsh(wide.T @ wide / len(X)).max()


@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(1, 40),
    features=st.integers(0, 8),
    scale=st.floats(1e-3, 1e3),
)
@settings(deadline=None, max_examples=40)
def test_it_is_the_largest_eigenvalue(seed, rows, features, scale):
    X = scale * np.random.default_rng(seed).normal(size=(rows, features))
    assert lipschitz(Squared(), X) == pytest.approx(largest(X), rel=1e-9)


@pytest.mark.parametrize(("rows", "features"), [(340, 310), (310, 340)])
def test_of_many_rows_and_features_it_is_near_the_largest_eigenvalue(rows, features):
    X = np.random.default_rng(0).normal(size=(rows, features)) + 0.1
    found = lipschitz(Squared(), X)
    assert found == pytest.approx(largest(X), rel=0.02)
    assert found <= largest(X) * (1 + 1e-12)


@pytest.mark.parametrize(("rows", "features"), [(1, 3), (20, 3), (8, 30), (340, 310)])
def test_a_share_of_k_is_a_row_that_occurs_k_times(rows, features):
    rng = np.random.default_rng(0)
    X, times = rng.normal(size=(rows, features)), rng.integers(1, 4, rows)
    often, s = np.repeat(X, times, axis=0), times / times.mean()
    assert lipschitz(Squared(), X, s) == pytest.approx(
        lipschitz(Squared(), often), rel=0.03 if features > 300 else 1e-9
    )
    if rows > 1:
        at_most = (s * (np.square(X).sum(axis=1) + 1)).max()
        assert lipschitz(Squared(), X, s, batch=1) == pytest.approx(at_most)


def test_curvature_and_penalty():
    X = np.random.default_rng(0).normal(size=(30, 3))
    L = lipschitz(Squared(), X)
    assert lipschitz(Logistic(), X, l2=2.0) == pytest.approx(L / 4 + 2)
    assert lipschitz(Softmax(3), X) == pytest.approx(L / 2)


def test_smaller_batches_need_smaller_steps():
    X = np.random.default_rng(0).normal(size=(30, 3))
    constants = [lipschitz(Squared(), X, batch=size) for size in (1, 2, 8, 30, None)]
    assert constants == sorted(constants, reverse=True)
    assert constants[0] == pytest.approx(np.square(X).sum(axis=1).max() + 1)
    assert constants[3] == constants[4]


def test_a_direction_that_begins_small_is_found():
    X = np.diag(np.r_[np.full(400, 1.0), 2.0]) * np.sqrt(401)
    assert lipschitz(Squared(), X) == pytest.approx(largest(X), rel=0.02)


def test_what_cannot_be_squared_is_infinite():
    assert lipschitz(Squared(), np.array([[1e200], [1.0]])) == float("inf")
