"""Data that breaks estimators: what every algorithm makes of it is finite, or one typed error, and never NaN."""

from collections.abc import Callable

import numpy as np
import pytest

from lepton_core.errors import LeptonError
from lepton_core.models import Problem
from tests.support.algorithms import Case, every_case

pytestmark = pytest.mark.slow

Table = tuple[np.ndarray, np.ndarray]


def separable(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(60, 3))
    X[:, 0] += np.where(X[:, 0] > 0, 5.0, -5.0)
    return X, X[:, 0]


def collinear(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(60, 2))
    return np.column_stack([X, X.sum(axis=1), 3.0 * X[:, 0], X[:, 1] + 1e-9 * rng.normal(size=60)]), X[:, 0]


def constant_columns(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(60, 4))
    X[:, 1], X[:, 2] = 0.0, 1e6
    return X, X[:, 0] - X[:, 3]


def scales(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(60, 5))
    return X * np.array([1e-12, 1e-6, 1.0, 1e6, 1e12]), X.sum(axis=1)


def offset(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(60, 3))
    return X + 1e9, X[:, 0]


def one_row_a_class(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(3, 4))
    return X, np.arange(3.0)


def more_columns_than_rows(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(15, 80))
    return X, X[:, 0]


def imbalance(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(2000, 2))
    X[-1] = 6.0
    return X, np.where(np.arange(2000) == 1999, 5.0, -1.0)


def imbalance_by_weights(rng: np.random.Generator) -> Table:
    return imbalance(rng)


def equal_rows(rng: np.random.Generator) -> Table:
    return np.ones((40, 3)), rng.normal(size=40)


def outliers(rng: np.random.Generator) -> Table:
    X = rng.standard_cauchy(size=(80, 3)) * 1e3
    return X, X[:, 0]


def binary_and_sparse(rng: np.random.Generator) -> Table:
    X = (rng.random(size=(80, 12)) < 0.05).astype(np.float64)
    return X, X[:, 0] - X[:, 1] + 0.01 * rng.normal(size=80)


def subnormal(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(40, 3))
    return X * 1e-310, X[:, 0]


def large(rng: np.random.Generator) -> Table:
    X = rng.normal(size=(40, 3))
    return X * 1e150, X[:, 0]


HARD: list[Callable[[np.random.Generator], Table]] = [
    separable,
    collinear,
    constant_columns,
    scales,
    offset,
    one_row_a_class,
    more_columns_than_rows,
    imbalance,
    imbalance_by_weights,
    equal_rows,
    outliers,
    binary_and_sparse,
    subnormal,
    large,
]


def problem(case: Case, hard: Callable[[np.random.Generator], Table], weights: bool) -> Problem:
    rng = np.random.default_rng(3)
    X, score = hard(rng)
    heavy = 10.0 ** rng.uniform(-6, 6, len(X)) if weights else None
    if hard is imbalance_by_weights:  # 1e6 to 1, in what the rows count for
        heavy = np.where(score > 0, 2e-3, 1.0)
    if not case.n_classes:
        return Problem(X, score, 0, weights=heavy)
    if hard in (imbalance, imbalance_by_weights):
        y = (score > 0).astype(np.int64)
    else:
        y = score.argsort(kind="stable").argsort() * case.n_classes // len(X)
    return Problem(X, y.astype(np.int64), case.n_classes, weights=heavy)


@pytest.mark.sampled(50)
@every_case
@pytest.mark.parametrize("weights", [False, True], ids=["alike", "weighted"])
@pytest.mark.parametrize("hard", HARD, ids=lambda hard: hard.__name__)
def test_hard_data_ends_in_finite_numbers_or_a_typed_error(
    case: Case, hard: Callable[[np.random.Generator], Table], weights: bool
) -> None:
    of, made = case.of, problem(case, hard, weights)
    hyper = of.configure({})
    try:
        fit = of.advance(of.start(made, hyper), made, hyper, lambda _: False)
        parameters = of.parameters(fit)
        of.check(parameters, made.X.shape[1], made.n_classes)
        predicted = of.predict(parameters, made.X)
    except LeptonError as error:
        assert error.message
        assert hard in (large, subnormal), f"{hard.__name__} should train: {error.message}"
        return
    assert np.isfinite(predicted).all()
    assert np.isfinite(fit.losses).all()
