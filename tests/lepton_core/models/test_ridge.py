import numpy as np
import pytest
from sklearn.linear_model import Ridge

from lepton_core.matrix import Blocks, Coded, Dense, Sparse
from lepton_core.models import Problem, algorithm
from lepton_core.models.left_out import MARGIN
from lepton_core.models.ridge import ridge


def drawn(seed, rows=60, columns=25, noise=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, columns)) * rng.uniform(0.5, 3, size=columns)
    return X, X[:, 0] + 0.2 * X[:, 1] + noise * rng.normal(size=rows)


def score(X, y, share, l2):
    """Generalized cross-validation as its definition has it, with the matrix that makes predictions of labels."""
    rows = len(y)
    design = np.column_stack([X, np.ones(rows)])
    penalty = l2 * np.eye(design.shape[1])
    penalty[-1, -1] = 0.0
    hat = design @ np.linalg.solve(design.T @ (share[:, None] * design) + penalty, design.T * share)
    return float(share @ (y - hat @ y) ** 2 / (1 - np.trace(hat) / rows) ** 2)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("columns", [25, 59, 90])
@pytest.mark.parametrize("weighted", [False, True])
def test_no_strength_near_it_has_a_lower_score(seed, columns, weighted):
    X, y = drawn(seed, columns=columns)
    share = np.random.default_rng(seed).uniform(0.5, 2, size=60) if weighted else np.ones(60)
    share = share / share.sum()
    found = ridge(X, y, share)
    largest = np.linalg.eigvalsh(np.cov(X.T, aweights=share, ddof=0)).max()
    scores = [score(X, y, share, strength * largest) for strength in np.logspace(-7, 1, 25)]

    if found is None:
        assert min(scores) >= MARGIN * scores[0]
    else:
        assert score(X, y, share, found) <= min(scores) * (1 + 1e-9)


def test_equal_shares_are_no_shares():
    X, y = drawn(0)
    assert ridge(X, y, np.full(60, 1 / 60)) == ridge(X, y, None)


def test_a_row_of_weight_three_is_three_rows():
    X, y = drawn(4)
    times = np.random.default_rng(4).integers(1, 4, size=60)
    many = np.repeat(np.arange(60), times)

    found = ridge(X, y, times / times.sum(), float(times.sum()))
    assert found is not None
    assert found == pytest.approx(ridge(X[many], y[many]))


def test_of_blocks_it_is_that_of_the_array():
    rng = np.random.default_rng(1)
    codes, numbers = rng.integers(-1, 20, size=80), rng.normal(size=(80, 3))
    blocks = Blocks.of([Coded.of([codes], [20]), Dense(numbers)], [np.arange(20), np.arange(20, 23)])
    full = np.column_stack([codes[:, None] == np.arange(20), numbers]).astype(float)
    y = numbers[:, 0] + rng.normal(size=80)

    assert ridge(blocks, y, None) == pytest.approx(ridge(full, y, None))


@pytest.mark.parametrize("unit", [1e-60, 1e-3, 1e60])
def test_units_make_no_difference(unit):
    X, y = drawn(2)
    found = ridge(X, y, None)
    assert ridge(X * unit, y + 7, None) == pytest.approx(found * unit**2)
    assert ridge(X, y * unit, None) == pytest.approx(found)


def test_where_it_would_hardly_help_there_is_none():
    assert ridge(*drawn(3, noise=0.0), None) is None
    assert ridge(*drawn(3, rows=2000, columns=25), None) is None
    assert ridge(*drawn(3, rows=19, columns=10), None) is None
    assert ridge(np.ones((60, 25)), np.arange(60.0), None) is None


@pytest.mark.parametrize("columns", [30, 59, 150])
def test_with_few_rows_a_column_linear_regression_predicts_better_by_default_than_least_squares(columns):
    linear = algorithm("linear_regression")

    def error(seed, **given):
        X, y = drawn(seed, rows=260, columns=columns)
        problem, hyper = Problem(X[:60], y[:60], 0), linear.configure(given)
        fit = linear.advance(linear.start(problem, hyper), problem, hyper, lambda _: False)
        return float(np.mean((linear.predict(linear.parameters(fit), X[60:]) - y[60:]) ** 2))

    by_default, least_squares = ([error(seed, **given) for seed in range(8)] for given in ({}, {"l2": 1e-10}))
    assert np.mean(by_default) < 0.95 * np.mean(least_squares)


def texts(seed, rows, columns=300, words=8):
    rng = np.random.default_rng(seed)
    places = np.sort(
        np.argsort(rng.random((rows, columns)) * np.arange(1, columns + 1), axis=1)[:, :words], axis=1
    )
    values = np.full(rows * words, words**-0.5)
    sparse = Sparse(np.arange(rows + 1) * words, places.ravel().astype(np.int32), values, columns)
    X = Blocks.of([sparse])
    return X, X @ rng.normal(size=columns) + 0.5 * rng.normal(size=rows)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_of_words_it_is_near_the_best_of_later_rows(seed):
    X, y = texts(seed, 2400)
    known, later = np.arange(400), np.arange(400, 2400)
    found = ridge(X[known], y[known], None)
    full, held_out = X[known].dense(), X[later].dense()

    def error(l2):
        learner = Ridge(alpha=l2 * len(known)).fit(full, y[known])
        return float(np.mean((learner.predict(held_out) - y[later]) ** 2))

    assert error(found) <= 1.1 * min(map(error, np.logspace(-7, 0, 29)))
    assert error(found) < 0.9 * error(1e-9)


def test_too_many_numbers_for_folds_say_nothing():
    X, y = texts(0, 300)
    many = Blocks.of([X.parts[0], Dense(np.ones((300, 8000)))])
    assert ridge(many, y, None) is None
