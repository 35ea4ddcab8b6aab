import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.descent import Logistic, Squared, inverse_curvature, second_moments


def wide(X):
    return np.column_stack([X, np.ones(len(X))])


def data(rows, features, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, features)) @ rng.normal(size=(features, features)) + 1.0


def hessian(X, l2=0.0):
    n = X.shape[1]
    return wide(X).T @ wide(X) / len(X) + np.diag([l2] * n + [0.0])


def matrix(X, loss=Squared(), l2=0.0):  # noqa: B008  (a value)
    return inverse_curvature(loss, X, l2=l2)(np.eye(X.shape[1] + 1))


@given(rows=st.integers(1, 30), features=st.integers(0, 6), seed=st.integers(0, 10**6))
@settings(max_examples=25)
def test_second_moments_count_the_intercept_as_a_feature_of_ones(rows, features, seed):
    X = data(rows, features, seed)
    np.testing.assert_allclose(second_moments(X), hessian(X), rtol=1e-12, atol=1e-12)


def repeated(rows, features, seed=0):
    """Rows, shares, and the rows so often as the shares say."""
    X, times = data(rows, features, seed), np.random.default_rng(seed).integers(0, 4, rows)
    times[0] += 1
    return X, times / times.mean(), np.repeat(X, times, axis=0)


@given(rows=st.integers(1, 30), features=st.integers(0, 6), seed=st.integers(0, 10**6))
@settings(max_examples=25)
def test_second_moments_count_a_row_by_its_share(rows, features, seed):
    X, s, often = repeated(rows, features, seed)
    np.testing.assert_allclose(second_moments(X, s), second_moments(often), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("features", [0, 1, 5, 310])
def test_shares_are_rows_that_occur_so_often(features):
    X, s, often = repeated(60, features)
    if features:
        X[:, 0], often[:, 0] = 3.0, 3.0
    eye = np.eye(features + 1)
    found = inverse_curvature(Logistic(), X, s, l2=0.3)(eye)
    np.testing.assert_allclose(found, inverse_curvature(Logistic(), often, l2=0.3)(eye), rtol=1e-6, atol=1e-8)


def test_many_rows_are_drawn_by_their_shares():
    X = data(5000, 5)
    X[:10] += 30.0
    s = np.where(np.arange(5000) < 10, 1e4, 1.0)
    s /= s.mean()
    found = inverse_curvature(Squared(), X, s)(np.eye(6))
    values = np.linalg.eigvals(found @ second_moments(X, s)).real
    assert 0.4 < values.min() <= values.max() < 2.5


@pytest.mark.parametrize("l2", [0.0, 0.5])
@pytest.mark.parametrize("features", [0, 1, 5])
def test_it_is_the_inverse_of_the_hessian_of_least_squares(features, l2):
    X = data(50, features)
    found = matrix(X, l2=l2)
    np.testing.assert_allclose(found, np.linalg.inv(hessian(X, l2)), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found, found.T, rtol=1e-12)


def test_it_is_four_times_that_for_logistic_loss():
    X = data(50, 5)
    np.testing.assert_allclose(matrix(X, Logistic()), 4 * matrix(X), rtol=1e-6)


def test_features_may_be_constant_or_depend_on_each_other():
    X = data(50, 3)
    X = np.column_stack([X, X[:, 0] + X[:, 1], X[:, 2], np.zeros(50), np.ones(50), np.full(50, 0.1e9)])
    assert np.linalg.eigvalsh(matrix(X)).min() > -1e-9
    gradient = wide(X).T @ data(50, 1)[:, 0] / 50
    step = inverse_curvature(Squared(), X)(gradient)
    np.testing.assert_allclose(hessian(X) @ step, gradient, rtol=1e-4)
    assert np.abs(step[5:8]).max() < 1e-6


def test_large_means_lose_no_digits():
    X = data(50, 3)
    gradient = wide(X + 1e7).T @ data(50, 1)[:, 0] / 50
    step = inverse_curvature(Squared(), X + 1e7)(gradient)
    exact = np.linalg.lstsq(wide(X), data(50, 1)[:, 0], rcond=None)[0]
    np.testing.assert_allclose(step[:3], exact[:3], rtol=1e-6)


def test_units_make_no_difference():
    X, units = data(50, 4), np.array([1e-100, 1e-3, 1.0, 1e100])
    with_one = np.append(units, 1.0)
    np.testing.assert_allclose(matrix(X * units) * np.outer(with_one, with_one), matrix(X), rtol=1e-6)


def test_of_many_features_it_knows_units_and_means_and_does_not_go_too_far():
    X, units = data(40, 301), np.geomspace(1e-3, 1e3, 301)
    found = matrix(X * units, l2=0.1)
    assert np.linalg.eigvals(found @ hessian(X * units, 0.1)).real.max() <= 1 + 1e-9


def test_of_many_rows_a_sample_tells_enough_and_is_always_the_same():
    X = data(5000, 5)
    found = matrix(X)
    assert found.tobytes() == matrix(X.copy()).tobytes()
    values = np.linalg.eigvals(found @ hessian(X)).real
    assert 0.5 < values.min() <= values.max() < 2
    assert not np.allclose(found, np.linalg.inv(hessian(X)), rtol=1e-3)


def test_what_is_too_rare_for_the_sample_is_not_taken_for_nothing():
    X = np.zeros((100_000, 2))
    X[:, 0] = np.random.default_rng(0).normal(size=100_000)
    X[77, 1] = 1.0
    step = inverse_curvature(Squared(), X)(np.array([0.0, 1e-5, 0.0]))
    assert step[1] == pytest.approx(1.0)
