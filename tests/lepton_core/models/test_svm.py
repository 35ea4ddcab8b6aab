from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import PredefinedSplit
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from lepton_core.errors import Diverged, InvalidArtifact, InvalidData, InvalidInput
from lepton_core.evaluate import folds
from lepton_core.models import Problem
from lepton_core.models.algorithms.svm import ALGORITHM as SVM
from lepton_core.models.kernel import hyper as settings_of_svm
from tests.support.algorithms import Case, carried, never, same

pytestmark = pytest.mark.slow

CONTRACT = {"unlike_repetition": "the folds of the calibration hold out rows, and not their copies"}

ROOT = Path(__file__).parents[3]
WAYS = {
    "interior point": {},
    "interior point, hinge": {"loss": "hinge"},
    "rbf": {"kernel": "rbf"},
    "poly": {"kernel": "poly", "degree": 2, "coef0": 1.0},
    "subgradient": {"loss": "hinge", "iterations": 10, "batch_size": 8},
    "lbfgs": {"optimizer": "lbfgs", "iterations": 10},
}
every_way = pytest.mark.parametrize("way", list(WAYS.values()), ids=list(WAYS))
every_task = pytest.mark.parametrize("case", [Case(SVM, k) for k in (0, 2, 3)], ids=["values", "2", "3"])


def fitted(problem: Problem, **given):
    hyper = SVM.configure(given)
    return SVM.advance(SVM.start(problem, hyper), problem, hyper, never)


def trained(problem: Problem, **given):
    return SVM.parameters(fitted(problem, **given))


def scaled(load, classes: int = 0, rows: int = 300) -> Problem:
    X, y = load(return_X_y=True)
    at = np.random.default_rng(0).permutation(len(X))[:rows]
    X, y = StandardScaler().fit_transform(X[at]), y[at]
    return Problem(X, y.astype(np.int64) if classes else y.astype(float), classes)


@every_way
@every_task
def test_paused_at_every_iteration_it_has_the_same_bits(case: Case, way):
    problem = case.problem(weights=np.random.default_rng(0).integers(0, 4, 40).astype(float), seed=7)
    hyper = SVM.configure(way)
    whole = SVM.advance(SVM.start(problem, hyper), problem, hyper, never)
    fit, slices = carried(SVM.start(problem, hyper)), 0
    while not fit.finished:
        copied = replace(problem, X=problem.X.copy(), y=problem.y.copy(), weights=problem.weights.copy())
        fit, slices = carried(SVM.advance(fit, copied, hyper, lambda fit: True)), slices + 1
    assert slices == whole.iteration == len(whole.losses) <= whole.iterations
    same(fit, whole)


@every_way
@every_task
def test_a_checkpoint_of_something_else_is_refused(case: Case, way):
    problem, hyper = case.problem(), SVM.configure(way)
    fit = SVM.start(problem, hyper)
    for other in (replace(problem, X=problem.X[:, :-1]), case.problem(30)):
        # Gradient descent keeps nothing that depends on how many rows there are.
        if other.X.shape[1] == 3 or not (way.get("iterations")):
            with pytest.raises(InvalidArtifact):
                SVM.advance(fit, other, hyper, never)
    for name, array in fit.arrays.items():
        without = {other: fit.arrays[other] for other in fit.arrays if other != name}
        for arrays in (without, {**fit.arrays, name: array[None]}, {**fit.arrays, "fold9.more": np.zeros(1)}):
            with pytest.raises(InvalidArtifact):
                SVM.advance(replace(fit, arrays=arrays), problem, hyper, never)


@every_way
@every_task
def test_a_row_of_weight_0_is_as_if_absent(case: Case, way):
    problem = case.problem(60, weights=np.random.default_rng(2).uniform(0.1, 3.0, 60))
    kept = np.arange(60) % 3 > 0
    wild = problem.X.copy()
    wild[~kept] *= 1000.0
    absent = replace(problem, X=problem.X[kept], y=problem.y[kept], weights=problem.weights[kept])
    ignored = replace(problem, X=wild, weights=np.where(kept, problem.weights, 0.0))
    one, other = (SVM.predict(trained(of, **way), problem.X) for of in (ignored, absent))
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def degenerate(problem: Problem):
    some = (np.arange(40) % 2).astype(problem.y.dtype)
    rare = np.zeros_like(problem.y)
    rare[3] = 1
    yield replace(problem, X=np.ones_like(problem.X))
    yield replace(problem, X=problem.X * [1e140, 1e-140, 1.0, 0.0])
    yield replace(problem, X=np.tile(problem.X, 15))
    yield Problem(problem.X[:1], problem.y[:1], problem.n_classes)
    yield Problem(problem.X[:2], some[:2], problem.n_classes)
    yield replace(problem, y=np.full_like(problem.y, 0))
    yield replace(problem, y=np.full_like(problem.y, 1))
    yield replace(problem, y=some)
    yield replace(problem, y=rare)


@pytest.mark.sampled(8)
@every_way
@every_task
def test_degenerate_problems_train(case: Case, way):
    for problem in degenerate(case.problem()):
        wide = problem.X.max() > 1e100
        try:
            parameters = trained(problem, **way)
        except InvalidData:
            assert wide
            continue
        except Diverged:
            assert "batch_size" in way  # subgradients of a constant rate never rest
            continue
        SVM.check(parameters, problem.X.shape[1], case.n_classes)
        assert np.isfinite(SVM.predict(parameters, problem.X)).all()


@every_way
def test_two_rows_are_told_apart(way):
    problem = Problem(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1]), 2)
    shown = SVM.predict(trained(problem, **way), problem.X)
    np.testing.assert_array_equal(shown.argmax(axis=1), [0, 1])
    assert (shown.max(axis=1) < 0.7).all()  # two rows prove little: Platt's targets are 1/3 and 2/3


@every_way
def test_a_class_of_one_row_is_found(way):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(41, 2)), np.zeros(41, np.int64)
    X[20:] += [6.0, 0.0]
    X[40] = [0.0, 30.0]
    y[20:], y[40] = 1, 2
    shown = SVM.predict(trained(Problem(X, y, 3), **way), X)
    assert (shown[:40].argmax(axis=1) == y[:40]).all()
    assert shown[40, 2] > shown[:40, 2].max()


# --- kernels ---------------------------------------------------------------------------------------------------------


def test_the_limit_of_the_interior_point(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings_of_svm, "MOST_UNKNOWNS", 3)
    assert "lbfgs" in fitted(Case(SVM, 2).problem()).note
    with pytest.raises(InvalidInput, match="at most 3 rows or features") as caught:
        fitted(Case(SVM, 2).problem(), loss="hinge")
    assert caught.value.field == "loss"


@pytest.mark.parametrize("way", [{"loss": "hinge"}, {"kernel": "rbf", "gamma": 0.05}], ids=str)
@pytest.mark.parametrize(("load", "k"), [(load_breast_cancer, 2), (load_wine, 3)])
def test_probabilities_are_those_of_calibrated_classifier_cv(load, k, way):
    if k > 2 and "kernel" not in way:
        pytest.skip("SVC(kernel='linear') has a score a pair, here a linear one has a score a class")
    problem = scaled(load, k)
    held = np.empty(len(problem.X), int)
    for number, (_, rows) in enumerate(folds(problem.y, 5, seed=0, stratify=True)):
        held[rows] = number
    options = {"kernel": "linear", "tol": 1e-8} | {name: of for name, of in way.items() if name != "loss"}
    made = CalibratedClassifierCV(SVC(**options), ensemble=False, cv=PredefinedSplit(held), method="sigmoid")
    wanted = made.fit(problem.X, problem.y).predict_proba(problem.X)
    parameters = trained(problem, tolerance=1e-8, **way)
    shown = SVM.predict(parameters, problem.X)
    np.testing.assert_allclose(shown, wanted, atol=1e-5)
    np.testing.assert_array_equal(shown.argmax(axis=1), made.predict(problem.X))


@every_way
def test_probabilities_are_calibrated(way):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 2))
    true = 1 / (1 + np.exp(-2.0 * X[:, 0] - 1.0))
    y = (rng.random(3000) < true).astype(np.int64)
    shown = SVM.predict(trained(Problem(X[:600], y[:600], 2), **way), X[600:])[:, 1]
    assert abs(shown.mean() - true[600:].mean()) < 0.05
    # A kernel follows the noise of 600 rows, and no sigmoid takes that away.
    assert np.abs(shown - true[600:]).mean() < (0.12 if "kernel" in way else 0.05)


@every_way
def test_a_higher_score_never_has_a_lower_probability(way):
    for k in (2, 3):
        problem = Case(SVM, k).problem()
        parameters = trained(problem, **way)
        assert (parameters["slope"] >= 0.0).all()
        if k == 2:
            order = np.argsort(SVM.scores(parameters, problem.X))
            assert (np.diff(SVM.predict(parameters, problem.X)[order, 1]) >= 0.0).all()


# --- the rest --------------------------------------------------------------------------------------------------------


def test_contributions_of_a_linear_machine_sum_to_its_scores():
    for k, unit in ((0, "value"), (2, "score"), (3, "score")):
        problem = Case(SVM, k).problem()
        parameters = trained(problem)
        found = SVM.explain(parameters, problem.X, problem.X[:10])
        assert found.unit == unit
        sums = found.base + found.contributions.sum(axis=1)
        np.testing.assert_allclose(
            sums.reshape(40, -1), SVM.scores(parameters, problem.X).reshape(40, -1), rtol=1e-9
        )
    with pytest.raises(InvalidInput, match="no exact contributions") as caught:
        SVM.explain(trained(problem, kernel="rbf"), problem.X, problem.X)
    assert caught.value.field == "explain"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kernel": "rbf", "iterations": 3}, "iterations"),
        ({"kernel": "rbf", "optimizer": "adam"}, "optimizer"),
        ({"kernel": "poly", "loss": "squared_hinge"}, "loss"),
        ({"optimizer": "interior_point", "learning_rate": 0.1}, "learning_rate"),
        ({"optimizer": "lbfgs", "loss": "hinge"}, "loss"),
        ({"optimizer": "line_search", "batch_size": 3}, "batch_size"),
        ({"optimizer": "newton"}, "optimizer"),
        ({"C": 0.0}, "C"),
    ],
    ids=str,
)
def test_settings_that_do_not_go_together_are_named(given, field):
    with pytest.raises(InvalidInput) as caught:
        SVM.configure(given)
    assert caught.value.field == field


def test_the_note_says_what_was_decided():
    assert "interior_point: converged, at most" in fitted(Case(SVM, 2).problem()).note
    assert "; C 2." in fitted(Case(SVM, 0).problem()).note
    assert "not yet at rest" in fitted(Case(SVM, 2).problem(), optimizer="interior_point", iterations=2).note
    assert fitted(Case(SVM, 3).problem(), kernel="rbf").note.startswith("gamma 0.2")


def test_a_linear_machine_begins_where_an_earlier_one_ended_and_others_from_nothing():
    problem, hyper = Case(SVM, 3).problem(), SVM.configure({})
    linear, rbf = trained(problem), trained(problem, kernel="rbf")
    warm = SVM.start(problem, hyper, linear)
    for name, array in SVM.parameters(warm).items():
        np.testing.assert_array_equal(array, linear[name])
    cold = SVM.start(problem, hyper)
    first, other = (SVM.advance(of, problem, hyper, lambda fit: True).losses[0] for of in (warm, cold))
    assert first < other
    same(SVM.start(problem, hyper, rbf), cold)
    hyper = SVM.configure({"kernel": "rbf"})
    again = SVM.start(problem, hyper, linear)
    assert "trained anew" in again.note
    again = SVM.advance(again, problem, hyper, never)
    np.testing.assert_array_equal(SVM.parameters(again)["coefficients"], rbf["coefficients"])


@pytest.mark.parametrize(
    "way", [{}, {"optimizer": "lbfgs"}, {"kernel": "rbf"}], ids=["exact", "lbfgs", "rbf"]
)
def test_the_curve_is_a_mean_over_what_rows_count_for(way):
    rows = scaled(load_breast_cancer, 2, rows=60)
    weighted = fitted(replace(rows, weights=np.full(60, 2.0)), **way)
    twice = fitted(replace(rows, X=np.repeat(rows.X, 2, axis=0), y=np.repeat(rows.y, 2)), **way)
    assert weighted.losses[-1] == pytest.approx(twice.losses[-1], rel=1e-2 if way.get("kernel") else 1e-8)


@pytest.mark.parametrize("big", [1e200, 1e308])
def test_an_earlier_version_that_is_far_off_is_left_behind(big):
    problem, hyper = scaled(load_breast_cancer, 2, rows=60), SVM.configure({})
    far = {
        "weights": np.full(30, big),
        "intercept": np.array([-big]),
        "slope": np.ones(1),
        "offset": np.zeros(1),
    }
    same(SVM.advance(SVM.start(problem, hyper, far), problem, hyper, never), fitted(problem))


def test_costs_without_end_are_refused_and_costs_of_nothing_teach_nothing():
    problem = scaled(load_breast_cancer, 2, rows=60)
    with pytest.raises(InvalidInput, match="add up to more than a number can hold") as refused:
        fitted(problem, C=1e308)
    assert refused.value.field == "C"
    assert np.abs(trained(problem, C=1e-308)["weights"]).max() < 1e-300


def test_a_row_of_weight_0_may_be_of_any_size():
    problem = scaled(load_breast_cancer, 2, rows=60)
    X, weights = problem.X.copy(), np.ones(60)
    X[7], weights[7] = 1e200, 0.0
    at = np.flatnonzero(weights)
    without = replace(problem, X=X[at], y=problem.y[at])
    same(fitted(replace(problem, X=X, weights=weights)), fitted(without))
