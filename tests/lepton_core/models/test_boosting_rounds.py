"""How many trees gradient boosting has if nobody says it: as many as rows say that are left out of a fit."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from lepton_core.models import Fit, Problem, algorithm
from lepton_core.models.learners.rounds import ROUND_FOLDS, folds
from lepton_core.models.trees import training
from tests.support.algorithms import carried, never, same, same_arrays

pytestmark = pytest.mark.slow

BOOSTING = algorithm("gradient_boosting")


def trained(problem: Problem, **given) -> Fit:
    hyper = BOOSTING.configure(given)
    return BOOSTING.advance(BOOSTING.start(problem, hyper), problem, hyper, never)


def data(load) -> Problem:
    X, y = load(return_X_y=True)
    n_classes = 0 if load is load_diabetes else len(np.unique(y))
    return Problem(X.astype(np.float64), y.astype(np.int64 if n_classes else np.float64), n_classes)


def noisy(rows: int, seed: int = 0) -> Problem:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4))
    return Problem(X, (X[:, 0] + rng.normal(size=rows) > 0).astype(np.int64), 2)


def left_out(problem: Problem, trees: int) -> np.ndarray:
    """The mean loss of the rows of each fold after each number of trees, by scikit-learn's own predictions."""
    kind = HistGradientBoostingClassifier if problem.n_classes else HistGradientBoostingRegressor
    fold = folds(problem.X, problem.y, problem.seed, classes=bool(problem.n_classes))
    total = np.zeros(trees)
    for each in range(ROUND_FOLDS):
        rest, part = fold != each, fold == each
        with threadpool_limits(1):
            fit = kind(max_iter=trees, early_stopping=False).fit(problem.X[rest], problem.y[rest])
        stages = (fit.staged_predict_proba if problem.n_classes else fit.staged_predict)(problem.X[part])
        total += [training.loss(one, problem.y[part], None) * part.sum() for one in stages]
    return total / len(problem.y)


@pytest.mark.parametrize("load", [load_breast_cancer, load_wine, load_diabetes])
def test_there_are_as_many_trees_as_lose_least_on_rows_left_out_and_all_rows_grow_them(load):
    problem = data(load)
    fit = trained(problem)
    losses = left_out(problem, fit.iteration + 10)
    assert fit.iteration == losses.argmin() + 1
    np.testing.assert_allclose(fit.losses, losses[: fit.iteration], rtol=1e-9)
    assert fit.note == f"{fit.iteration} trees, by 5 folds"
    said = trained(problem, iterations=fit.iteration)
    same_arrays(BOOSTING.parameters(fit), BOOSTING.parameters(said))


def test_it_loses_less_than_a_hundred_trees_where_they_learn_by_heart():
    problem, later = noisy(300), noisy(3_000, seed=1)

    def loss(**given) -> float:
        predicted = BOOSTING.predict(BOOSTING.parameters(trained(problem, **given)), later.X)
        return training.loss(predicted, later.y, None)

    assert loss() < 0.85 * loss(iterations=100)


def test_of_more_rows_two_folds_are_left_out():
    fit = trained(noisy(2_500), max_leaf_nodes=7)
    assert fit.note == f"{fit.iteration} trees, by 2 folds"


def test_where_a_hundredth_is_learned_a_step_there_are_more_trees_up_to_a_thousand():
    problem = noisy(200)
    slow = trained(problem, learning_rate=0.01)
    assert slow.iteration > 5 * trained(problem, learning_rate=0.1).iteration
    least = trained(problem, learning_rate=1e-4, max_leaf_nodes=3)
    assert (least.iteration, least.note) == (1000, "1000 trees, the most that are tried, by 5 folds")


@pytest.mark.parametrize("load", [load_wine, load_diabetes])
def test_paused_packed_and_resumed_anywhere_it_has_the_same_bits(load):
    rng = np.random.default_rng(0)
    problem = data(load)
    problem = replace(problem, weights=rng.uniform(0.5, 2.0, len(problem.y)), seed=7)
    hyper = BOOSTING.configure({"learning_rate": 0.3})
    whole = BOOSTING.advance(BOOSTING.start(problem, hyper), problem, hyper, never)
    fit, slices = carried(BOOSTING.start(problem, hyper)), 0
    while not fit.finished:
        fit, slices = carried(BOOSTING.advance(fit, problem, hyper, lambda _: True)), slices + 1
    assert slices == whole.iteration
    same(fit, whole)


def test_a_fit_that_was_begun_when_there_were_always_a_hundred_has_a_hundred():
    problem = noisy(200)
    before = BOOSTING.configure({"iterations": 100, "max_leaf_nodes": 3})
    begun, hyper = BOOSTING.start(problem, before), BOOSTING.configure({"max_leaf_nodes": 3})
    fit = BOOSTING.advance(begun, problem, hyper, never)
    assert (fit.iteration, fit.iterations, fit.finished) == (100, 100, True)
    same(fit, BOOSTING.advance(begun, problem, before, never))


def test_rows_of_weight_0_have_no_say():
    problem = noisy(300)
    weights = np.random.default_rng(1).uniform(0.5, 2.0, 300) * (np.arange(300) % 3 > 0)
    kept = weights > 0
    absent = Problem(problem.X[kept], problem.y[kept], 2, weights=weights[kept])
    wild = np.where(kept[:, None], problem.X, 1000.0)
    one, other = trained(absent), trained(replace(problem, X=wild, weights=weights))
    assert one.iteration == other.iteration
    same_arrays(BOOSTING.parameters(one), BOOSTING.parameters(other))


def test_copies_of_rows_do_not_make_it_learn_by_heart():
    problem = noisy(300)
    times = 1 + 4 * problem.y
    copied = Problem(np.repeat(problem.X, times, axis=0), np.repeat(problem.y, times), 2)
    assert trained(copied).iteration < 60


def test_where_cases_recur_with_other_labels_all_rows_are_dealt_out():
    """Four numbers that stand for a hundred people, each seen many times: who is who is worth learning."""
    rng = np.random.default_rng(0)
    who = rng.integers(0, 100, 3_000)
    X = rng.normal(size=(100, 4)).round(1)[who]
    y = rng.normal(size=100)[who] * 3 + rng.normal(size=3_000).round(1)
    fold = folds(X, y, seed=0, classes=False)
    assert max(len(np.unique(fold[who == one])) for one in range(100)) == ROUND_FOLDS
    assert np.bincount(fold).max() - np.bincount(fold).min() <= 1
    assert trained(Problem(X, y, 0)).iteration > 40


def test_where_rows_are_few_or_a_class_has_one_it_still_learns():
    rng = np.random.default_rng(0)
    for rows in (2, 4, 9, 10, 12, 40):
        X = rng.normal(size=(rows, 3))
        X[1:, 1] = np.nan
        X[:, 2] = np.nan
        alone = (np.arange(rows) == 0).astype(np.int64)
        half = (np.arange(rows) % 2).astype(np.int64)
        for y, n_classes in (
            (alone, 2),
            (half, 2),
            (alone + half, 3),
            (X[:, 0].copy(), 0),
            (np.ones(rows), 0),
        ):
            fit = trained(Problem(X, y, n_classes, levels=(0, 0, 4)))
            assert 1 <= fit.iteration <= 100 or "by 5 folds" in fit.note
            assert np.isfinite(BOOSTING.predict(BOOSTING.parameters(fit), X)).all()
    one = trained(Problem(X, alone, 2))
    assert one.note.startswith("too few rows to find out how many trees there should be")
    assert one.iteration == 100


def test_categories_and_gaps_that_a_fold_has_not_seen_are_no_obstacle():
    rng = np.random.default_rng(0)
    X = np.stack([rng.integers(60, size=120), rng.normal(size=120)], axis=1).astype(np.float64)
    X[rng.random(X.shape) < 0.2] = np.nan
    problem = Problem(X, np.nan_to_num(X[:, 1]) + (X[:, 0] % 2 == 0), 0, levels=(60, 0))
    fit = trained(problem)
    assert np.isfinite(fit.losses).all()
