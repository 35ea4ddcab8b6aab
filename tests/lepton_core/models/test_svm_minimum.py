import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR

from lepton_core.models import Problem
from lepton_core.models.algorithms.svm import ALGORITHM as SVM
from tests.support.algorithms import never

pytestmark = pytest.mark.slow


def trained(problem: Problem, **given):
    hyper = SVM.configure(given)
    return SVM.parameters(SVM.advance(SVM.start(problem, hyper), problem, hyper, never))


def objective(w, b, X, t, *, C, squared, epsilon=None, s=1.0):
    z = X @ w + b
    over = np.maximum(1.0 - t * z if epsilon is None else np.abs(z - t) - epsilon, 0.0)
    return float(0.5 * w @ w + C * np.sum(s * (over**2 if squared else over)))


def hard():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4))
    noisy = X @ [1.0, -1.0, 0.5, 0.0] + rng.normal(size=120) > 0
    rare = np.zeros(500, bool)
    rare[:2] = True
    return {
        "noisy": (X, noisy),
        "separable": (X, X[:, 0] > 0),
        "collinear": (np.c_[X, X[:, 0] + X[:, 1], X[:, 0]], noisy),
        "constant columns": (np.c_[X, np.ones(120), np.zeros(120)], noisy),
        "scales": (X * [1e-12, 1e-6, 1.0, 1e12], noisy),
        "offset": (X + 1e6, noisy),
        "more columns than rows": (rng.normal(size=(25, 80)), rng.random(25) > 0.5),
        "imbalance": (rng.normal(size=(500, 3)), rare),
        "one row a class": (X[:2], np.array([True, False])),
        "the same rows in both classes": (np.tile(X[:30], (2, 1)), np.arange(60) < 30),
    }


def tables():
    for name, data, most in (
        ("breast cancer", load_breast_cancer, 569),
        ("wine", load_wine, 178),
        ("digits", load_digits, 300),
    ):
        X, y = data(return_X_y=True)
        yield name, StandardScaler().fit_transform(X[:most]), y[:most] == 1


cases = [(name, X, y) for name, (X, y) in hard().items()] + list(tables())
every_table = pytest.mark.parametrize(("name", "X", "y"), cases, ids=[name for name, *_ in cases])


def oracle(X, y, *, C, squared):
    """SVC: an objective that can be reached, and one below which there is none, from the dual that it solves.

    Hard margins with the kernel ``K + 1/(2C)`` are the squared hinge.
    """
    least = X - X.mean(axis=0)  # the scores do not change, their rounding does
    gram = least @ least.T + (np.eye(len(X)) / (2 * C) if squared else 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        made = SVC(kernel="precomputed", C=1e12 if squared else C, tol=1e-10, max_iter=300_000).fit(gram, y)
    a = np.zeros(len(X))
    a[made.support_] = made.dual_coef_[0]
    w = a @ least
    reached = objective(w, made.intercept_[0], least, np.where(y, 1.0, -1.0), C=C, squared=squared)
    return reached, np.abs(a).sum() - 0.5 * a @ gram @ a, made.fit_status_ == 0


@pytest.mark.sampled(30)
@every_table
@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_the_minimum_is_scikit_learns_to_1e_8(name, X, y, C, loss):
    squared = loss == "squared_hinge"
    mine = trained(Problem(X, y.astype(np.int64), 2), C=C, loss=loss)
    reached = objective(mine["weights"], mine["intercept"], X, np.where(y, 1.0, -1.0), C=C, squared=squared)
    theirs, bound, converged = oracle(X, y, C=C, squared=squared)
    assert reached <= theirs * (1 + 1e-8)
    if converged:
        assert reached <= bound * (1 + 1e-8)


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
@pytest.mark.parametrize("C", [1.0, 1e4])
def test_columns_of_any_scale_cost_no_digits(C, loss):
    """A column of 1e12 is as good as free, and one of 1e-12 of no use: what is left without the last is the measure."""
    X, y = hard()["scales"]
    t, squared = np.where(y, 1.0, -1.0), loss == "squared_hinge"
    mine = trained(Problem(X, y.astype(np.int64), 2), C=C, loss=loss)
    easy = X[:, 1:] * [1.0, 1.0, 1e-6]
    theirs = trained(Problem(easy, y.astype(np.int64), 2), C=C, loss=loss)
    reached, measure = (
        objective(of["weights"], of["intercept"], of_X, t, C=C, squared=squared)
        for of, of_X in ((mine, X), (theirs, easy))
    )
    assert reached == pytest.approx(measure, rel=1e-8)


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_one_in_a_million(loss):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50_000, 2))
    y = np.zeros(50_000, np.int64)
    y[7] = 1
    problem = Problem(X, y, 2, weights=np.where(y == 1, 0.05, 1.0))
    mine = trained(problem, loss=loss)
    w, b = mine["weights"], mine["intercept"]
    found = objective(w, b, X, 2.0 * y - 1.0, C=1.0, squared=loss == "squared_hinge", s=problem.weights)
    idle = objective(
        0 * w, -np.ones(1), X, 2.0 * y - 1.0, C=1.0, squared=loss == "squared_hinge", s=problem.weights
    )
    assert 0.9 * idle < found <= idle * (1 + 1e-8)
    assert np.isfinite(SVM.predict(mine, X[:100])).all()


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_weights_count_as_scikit_learns(loss):
    rng = np.random.default_rng(1)
    X, squared = rng.normal(size=(90, 3)), loss == "squared_hinge"
    y = (X[:, 0] + rng.normal(size=90) > 0).astype(np.int64)
    problem = Problem(X, y, 2, weights=rng.uniform(0.1, 5.0, 90))
    mine = trained(problem, loss=loss, C=2.0)
    s, t = problem.weights, np.where(y, 1.0, -1.0)
    gram = X @ X.T + (np.diag(1 / (4.0 * s)) if squared else 0.0)
    cost = np.full(90, 1e9) if squared else 2.0 * s
    theirs = SVC(kernel="precomputed", C=1.0, tol=1e-9).fit(gram, y, sample_weight=cost)
    w = theirs.dual_coef_[0] @ X[theirs.support_]
    of = {"C": 2.0, "squared": squared, "s": s}
    np.testing.assert_allclose(
        objective(mine["weights"], mine["intercept"], X, t, **of),
        objective(w, theirs.intercept_, X, t, **of),
        rtol=1e-7,
    )
    np.testing.assert_allclose(mine["weights"], w, atol=1e-4)


def test_classes_are_trained_one_against_the_rest():
    X, y = load_wine(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    mine = trained(Problem(X, y.astype(np.int64), 3), loss="hinge")
    for k in range(3):
        one = trained(Problem(X, (y == k).astype(np.int64), 2), loss="hinge")
        np.testing.assert_array_equal(mine["weights"][k], one["weights"])
        np.testing.assert_array_equal(mine["intercept"][k], one["intercept"][0])


def test_without_an_offset_it_is_linear_svc():
    """Mirrored rows of the other class leave the intercept at 0, which is all that LinearSVC sees differently."""
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    X, y = np.r_[X, -X], np.r_[y, 1 - y]
    for loss in ("hinge", "squared_hinge"):
        made = LinearSVC(loss=loss, fit_intercept=False, tol=1e-9, max_iter=200_000, dual=True)
        theirs = made.fit(X, y).coef_[0]
        mine = trained(Problem(X, y.astype(np.int64), 2), loss=loss)
        of = {"X": X, "t": 2.0 * y - 1.0, "C": 1.0, "squared": loss == "squared_hinge"}
        reached = objective(mine["weights"], mine["intercept"], **of)
        np.testing.assert_allclose(reached, objective(theirs, 0.0, **of), rtol=1e-8)


@pytest.mark.parametrize(("C", "epsilon"), [(0.1, 0.0), (1.0, 5.0), (20.0, 20.0)])
def test_values_are_svrs(C, epsilon):
    X, y = load_diabetes(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    problem = Problem(X, y.astype(float), 0, weights=np.random.default_rng(0).uniform(0.5, 2.0, len(y)))
    mine = trained(problem, C=C, epsilon=epsilon)
    s = problem.weights
    theirs = SVR(kernel="linear", C=C, epsilon=epsilon, tol=1e-9).fit(X, y, sample_weight=s)
    of = {"X": X, "t": y, "C": C, "squared": False, "epsilon": epsilon, "s": s}
    reached = objective(mine["weights"], mine["intercept"], **of)
    a = np.zeros(len(X))
    a[theirs.support_] = theirs.dual_coef_[0]
    bound = y @ a - epsilon * np.abs(a).sum() - 0.5 * np.sum((X.T @ a) ** 2)
    assert reached <= objective(theirs.coef_[0], theirs.intercept_, **of) * (1 + 1e-8)
    assert reached <= bound * (1 + 1e-8)


def test_values_under_the_squared_loss_are_linear_svrs():
    X, y = load_diabetes(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    X, y = np.r_[X, -X], np.r_[y - 150.0, 150.0 - y]
    made = LinearSVR(
        loss="squared_epsilon_insensitive",
        epsilon=3.0,
        fit_intercept=False,
        tol=1e-10,
        max_iter=100_000,
        dual=True,
    )
    theirs = made.fit(X, y).coef_
    mine = trained(Problem(X, y, 0), loss="squared_hinge", C=1.0, epsilon=3.0)
    of = {"X": X, "t": y, "C": 1.0, "squared": True, "epsilon": 3.0}
    reached = objective(mine["weights"], mine["intercept"], **of)
    np.testing.assert_allclose(reached, objective(theirs, 0.0, **of), rtol=1e-8)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_the_unit_of_the_targets_makes_no_difference(unit):
    X, y = load_diabetes(return_X_y=True)
    whole, other = (
        SVM.predict(trained(Problem(X, y * of, 0), loss=loss), X) / of
        for of in (1.0, unit)
        for loss in ("hinge",)
    )
    np.testing.assert_allclose(other, whole, rtol=1e-4)
    assert np.corrcoef(whole, y)[0, 1] > 0.6


@pytest.mark.parametrize("optimizer", ["lbfgs", "line_search", "nesterov"])
def test_other_optimizers_come_to_the_same_minimum(optimizer):
    X, y = load_wine(return_X_y=True)
    problem = Problem(StandardScaler().fit_transform(X), y.astype(np.int64), 3)
    given = {"optimizer": optimizer, "tolerance": 1e-12, "loss": "squared_hinge", "C": 0.1}
    hyper, exact = SVM.configure(given), SVM.configure({"C": 0.1})
    fits = [SVM.advance(SVM.start(problem, of), problem, of, never) for of in (hyper, exact)]
    np.testing.assert_allclose(fits[0].losses[-1], fits[1].losses[-1], rtol=1e-6)


def test_textbook_subgradient_descent():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    y = (X[:, 0] > 0).astype(np.int64)
    w, b, t = np.zeros(2), 0.0, np.where(y, 1.0, -1.0)
    for _ in range(7):
        inside = (t * (X @ w + b) < 1) * t
        w, b = w - 0.1 * (w / (2.0 * 30) - inside @ X / 30), b + 0.1 * inside.mean()
    mine = trained(Problem(X, y, 2), loss="hinge", C=2.0, iterations=7, learning_rate=0.1)
    np.testing.assert_allclose(mine["weights"], w, rtol=1e-12)
    np.testing.assert_allclose(mine["intercept"], b, rtol=1e-12)
