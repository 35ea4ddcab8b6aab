"""Training on blocks gives what training on the array gives that they expand to."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from lepton_core.errors import InvalidData
from lepton_core.matrix import Blocks, Coded, Dense
from lepton_core.models import Problem, algorithm, pack_fit, unpack_fit
from tests.support.matrices import SHAPES, Shape, blocks

MIXED = Shape(rows=400, numbers=3, levels=(6, 3), sparse=5, affine=False, mixed=True, seed=3)
WIDE = Shape(rows=900, numbers=4, levels=(200, 150), sparse=30, affine=True, mixed=False, seed=5)

LINEAR: dict[str, dict[str, Any]] = {
    "gradient descent": {"iterations": 30},
    "mini-batches": {"iterations": 5, "batch_size": 64},
    "momentum": {"optimizer": "momentum", "iterations": 20},
    "nesterov": {"optimizer": "nesterov", "iterations": 20},
    "adagrad": {"optimizer": "adagrad", "iterations": 20},
    "rmsprop": {"optimizer": "rmsprop", "iterations": 20},
    "adam": {"optimizer": "adam", "iterations": 20, "batch_size": 50},
    "adamw": {"optimizer": "adamw", "iterations": 20, "learning_rate": 0.01},
    "line search": {"optimizer": "line_search", "iterations": 20, "l1": 0.01},
    "lbfgs": {"optimizer": "lbfgs", "l2": 0.01, "iterations": 150},
    "newton": {"optimizer": "newton", "l2": 0.01},
    "proximal": {"optimizer": "proximal", "l1": 0.01, "l2": 0.01},
    "auto": {"l2": 0.01},
}


def problem(X: Blocks, n_classes: int, *, weighted: bool = False, seed: int = 0) -> Problem:
    rng = np.random.default_rng(seed)
    scores = X @ rng.normal(size=X.shape[1]) + rng.normal(size=len(X))
    y = scores / (scores.std() or 1.0)
    if n_classes:
        y = np.searchsorted(np.quantile(scores, np.arange(1, n_classes) / n_classes), scores)
    return Problem(X, y, n_classes, seed, rng.random(len(X)) if weighted else None)


def expanded(of: Problem) -> Problem:
    return Problem(of.array, of.y, of.n_classes, of.seed, of.weights)


def trained(name: str, of: Problem, given: dict[str, Any]) -> dict[str, np.ndarray]:
    trainer = algorithm(name)
    hyper = trainer.configure(given)
    return trainer.parameters(trainer.advance(trainer.start(of, hyper), of, hyper, lambda _: False))


def same(name: str, of: Problem, given: dict[str, Any], tolerance: float = 1e-8) -> None:
    found, expected = trained(name, of, given), trained(name, expanded(of), given)
    assert set(found) == set(expected)
    for part, array in expected.items():
        np.testing.assert_allclose(found[part], array, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("given", LINEAR.values(), ids=LINEAR)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_every_optimizer_of_logistic_regression(n_classes: int, given: dict[str, Any]) -> None:
    same("logistic_regression", problem(blocks(MIXED), n_classes), given)


@pytest.mark.parametrize("given", [*LINEAR.values(), {"loss": "huber", "l2": 0.01}], ids=[*LINEAR, "huber"])
def test_every_optimizer_of_linear_regression(given: dict[str, Any]) -> None:
    same("linear_regression", problem(blocks(MIXED), 0), given)


@pytest.mark.parametrize("name", ["auto", "lbfgs", "newton", "proximal", "mini-batches"])
def test_weighted_rows(name: str) -> None:
    same("logistic_regression", problem(blocks(MIXED), 2, weighted=True), LINEAR[name])


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", ["gradient descent", "lbfgs", "newton", "proximal"])
@pytest.mark.parametrize("n_classes", [0, 2, 3])
def test_more_columns_than_are_multiplied_with_each_other(n_classes: int, name: str) -> None:
    kind = "logistic_regression" if n_classes else "linear_regression"
    same(kind, problem(blocks(WIDE), n_classes, weighted=n_classes == 2), LINEAR[name], 1e-6)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(SHAPES)
def test_any_shape(shape: Shape) -> None:
    of = problem(blocks(shape), 0, seed=shape.seed % 1000)
    same("linear_regression", of, {"optimizer": "newton", "l2": 0.1}, 1e-7)
    same("linear_regression", of, {"optimizer": "lbfgs", "l2": 0.1, "iterations": 100}, 1e-7)


OTHERS: dict[str, dict[str, Any]] = {
    "naive_bayes": {},
    "svm": {},
    "decision_tree": {},
    "random_forest": {"trees": 3},
    "gradient_boosting": {"iterations": 3},
    "deep_learning": {"iterations": 3, "hidden": (5,)},
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_algorithm_takes_blocks(name: str) -> None:
    same(name, problem(blocks(MIXED), 2), OTHERS[name])


@pytest.mark.parametrize("name", ["logistic_regression", *OTHERS])
def test_predictions_of_blocks(name: str) -> None:
    of = problem(blocks(MIXED), 2)
    parameters, trainer = trained(name, of, OTHERS.get(name, {})), algorithm(name)
    found, expected = trainer.predict(parameters, of.X), trainer.predict(parameters, of.array)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["logistic_regression", "naive_bayes", "deep_learning", "svm"])
def test_a_row_that_is_too_large_is_named(name: str) -> None:
    parameters = trained(name, problem(blocks(MIXED), 2), OTHERS.get(name, {}))
    X = blocks(MIXED)
    numbers = next(part for part in X.parts if isinstance(part, Dense))
    numbers.X[317] = np.inf
    with pytest.raises(InvalidData, match="row 318"):
        algorithm(name).predict(parameters, X)


@pytest.mark.slow
@pytest.mark.parametrize("given", LINEAR.values(), ids=LINEAR)
def test_a_fit_that_was_interrupted_ends_with_the_same_bits(given: dict[str, Any]) -> None:
    of, trainer = problem(blocks(MIXED), 2, weighted=True), algorithm("logistic_regression")
    hyper = trainer.configure(given)
    whole = trainer.advance(trainer.start(of, hyper), of, hyper, lambda _: False)

    fit = trainer.start(of, hyper)
    while not fit.finished:
        again = problem(blocks(MIXED), 2, weighted=True)
        fit = trainer.advance(unpack_fit(*pack_fit(fit)), again, hyper, lambda _: True)

    assert fit.iteration == whole.iteration
    np.testing.assert_array_equal(fit.arrays["weights"], whole.arrays["weights"])


@pytest.mark.parametrize("penalty", [{}, {"l2": 1e-6}])
def test_categories_alone_need_few_passes(penalty: dict[str, float]) -> None:
    rng = np.random.default_rng(0)
    levels, m = (80, 120, 60, 100), 4000
    codes = [rng.integers(0, k, m) for k in levels]
    scores = sum(rng.normal(size=k)[of] for k, of in zip(levels, codes, strict=True))
    y = (rng.random(m) < 1 / (1 + np.exp(-scores))).astype(np.int64)
    of, trainer = Problem(Blocks.of([Coded.of(codes, levels)]), y, 2), algorithm("logistic_regression")
    hyper = trainer.configure({"optimizer": "lbfgs", **penalty})
    fit = trainer.advance(trainer.start(of, hyper), of, hyper, lambda _: False)
    assert fit.iteration < 25


def test_a_missing_number_is_named() -> None:
    X = blocks(MIXED)
    next(part for part in X.parts if isinstance(part, Dense)).X[7, 1] = np.nan
    trainer = algorithm("logistic_regression")
    with pytest.raises(InvalidData, match="row 8"):
        trainer.start(Problem(X, np.arange(400) % 2, 2), trainer.configure({}))
