"""Every algorithm with signs and groups keeps to them, whatever the table; the others say who does."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from threadpoolctl import threadpool_limits

from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.models import ALGORITHMS, Fit, Problem, algorithm
from lepton_core.models.trees.training import mark
from tests.support.algorithms import never, quick

CONSTRAINED = ("decision_tree", "gradient_boosting", "random_forest")
EVERY = pytest.mark.parametrize("name", CONSTRAINED)
TASKS = pytest.mark.parametrize("n_classes", [0, 2])


def fit(name: str, problem: Problem, **given) -> Fit:
    of = algorithm(name)
    hyper = of.configure(quick(of, max_depth=None) | given)
    return of.advance(of.start(problem, hyper), problem, hyper, never)


def predictor(name: str, problem: Problem, **given):
    """What it learnt, as a function of rows: a value, or the probability of the second class."""
    of = algorithm(name)
    parameters = of.parameters(fit(name, problem, **given))
    of.check(parameters, problem.X.shape[1], problem.n_classes)

    def predict(X: np.ndarray) -> np.ndarray:
        found = of.predict(parameters, X)
        return found[:, 1] if problem.n_classes else found

    return predict


def table(seed: int, n_classes: int, *, name: str, rows: int = 160, **more) -> Problem:
    """Five columns, the last a category where the algorithm takes such; gaps; weights; effects against the signs."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 5)).round(rng.integers(0, 3))
    score = np.sin(2 * X[:, 0]) + X[:, 1] ** 2 - X[:, 2] + X[:, 0] * X[:, 3]
    categories = algorithm(name).inputs.categories
    X[:, 4] = rng.integers(0, 4, rows)
    score += np.array([0.0, 1.0, -1.0, 0.5])[X[:, 4].astype(int)] * X[:, 3] + rng.normal(size=rows)
    X[rng.random(X.shape) < 0.1 * (seed % 3)] = np.nan
    y = (score > np.median(score)).astype(np.int64) if n_classes else score
    weights = rng.integers(0, 3, rows).astype(np.float64) if seed % 2 else None
    levels = (0, 0, 0, 0, 4) if categories else ()
    return Problem(X, y, n_classes, seed=seed, weights=weights, levels=levels, **more)


def moved(problem: Problem, column: int, rng: np.random.Generator) -> np.ndarray:
    """``(k, g, n)``: some rows, each with g rising values in that column, beyond the ends too."""
    values = problem.X[:, column]
    ends = np.nanmin(values) - 1, np.nanmax(values) + 1
    grid = np.sort(np.concatenate((rng.choice(values[~np.isnan(values)], 25), rng.uniform(*ends, 25), ends)))
    rows = problem.X[rng.choice(len(problem.X), 25)]
    found = np.repeat(rows[:, None], len(grid), axis=1)
    found[:, :, column] = grid
    return found


@EVERY
@TASKS
@pytest.mark.parametrize("seed", range(6))
def test_predictions_never_fall_where_they_are_to_rise(name, n_classes, seed):
    signs = [(1, -1, 0, 1, 0), (0, 1, 1, 0, 0), (-1, -1, -1, -1, 0)][seed % 3]
    problem = table(seed, n_classes, name=name, signs=signs)
    predict = predictor(name, problem)
    for column, sign in enumerate(signs):
        rows = moved(problem, column, np.random.default_rng(seed))
        found = predict(rows.reshape(-1, 5)).reshape(rows.shape[:2])
        if sign:
            assert (sign * np.diff(found, axis=1)).min() >= -1e-12
    if seed == 0:
        free = predictor(name, replace(problem, signs=()))
        rows = moved(problem, 1, np.random.default_rng(seed))
        assert np.diff(free(rows.reshape(-1, 5)).reshape(rows.shape[:2]), axis=1).max() > 0.01


@EVERY
@TASKS
@pytest.mark.parametrize("groups", [((0, 1), (2,), (3, 4)), ((0, 1, 4), (1, 2), (3,))], ids=str)
def test_columns_of_no_group_together_add_up(name, n_classes, groups):
    problem = table(1, n_classes, name=name, groups=groups)
    of = algorithm(name)
    parameters = of.parameters(fit(name, problem))

    def score(X):
        found = of.predict(parameters, X)
        if not n_classes:
            return found
        return np.log(found[:, 1] / found[:, 0]) if name == "gradient_boosting" else found[:, 1]

    rng = np.random.default_rng(0)
    rows, others = (problem.X[rng.choice(len(problem.X), 200)] for _ in range(2))
    together = {(a, b) for group in groups for a in group for b in group}

    def moved_to_others(*columns: int) -> np.ndarray:
        X = rows.copy()
        X[:, columns] = others[:, columns]
        return score(X)

    met = 0.0
    for a in range(5):
        for b in range(a):
            both = moved_to_others(a, b) - moved_to_others(a) - moved_to_others(b) + moved_to_others()
            if (a, b) not in together:
                assert np.abs(both).max() < 1e-10
            met = max(met, np.abs(both).max())
    assert met > 0.01  # those of one group do act together


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("load", [load_diabetes, load_breast_cancer])
def test_boosting_is_that_of_scikit_learn_under_the_same_constraints(load, weighted):
    X, y = load(return_X_y=True)
    n_classes = 0 if load is load_diabetes else 2
    signs, groups = [0] * X.shape[1], ((0, 1, 2), tuple(range(3, X.shape[1])))
    signs[2], signs[3], signs[7] = 1, 1, -1
    weights = np.random.default_rng(0).integers(1, 4, len(y)).astype(float) if weighted else None
    kind = HistGradientBoostingClassifier if n_classes else HistGradientBoostingRegressor
    theirs = kind(
        max_iter=20,
        random_state=0,
        early_stopping=False,
        monotonic_cst=signs,
        interaction_cst=[set(group) for group in groups],
    )
    with threadpool_limits(1):
        theirs.fit(X, y, sample_weight=None if weights is None else weights / weights.mean())
        expected = theirs.predict_proba(X)[:, 1] if n_classes else theirs.predict(X)
    y = y.astype(np.int64 if n_classes else np.float64)
    problem = Problem(X, y, n_classes, weights=weights, signs=tuple(signs), groups=groups)
    found = predictor("gradient_boosting", problem, iterations=20, max_leaf_nodes=31)(X)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("load", [load_diabetes, load_breast_cancer])
def test_a_forest_with_signs_is_as_good_as_that_of_scikit_learn_and_groups_cost_little(load):
    X, y = load(return_X_y=True)
    n_classes = 0 if load is load_diabetes else 2
    y = y.astype(np.int64 if n_classes else np.float64)
    signs = (0, -1, 1, 1, 0, 0, -1, 0, 1, 0) if n_classes == 0 else (-1,) * X.shape[1]
    problem = Problem(X[::2], y[::2], n_classes, signs=signs)
    given = {"min_samples_leaf": 3, "max_features": 0.3}
    theirs = (RandomForestClassifier if n_classes else RandomForestRegressor)(
        60, monotonic_cst=signs, random_state=0, **given
    ).fit(X[::2], y[::2])
    expected = theirs.predict_proba(X[1::2])[:, 1] if n_classes else theirs.predict(X[1::2])
    error = np.square(expected - y[1::2]).mean()
    found = predictor("random_forest", problem, trees=60, **given)(X[1::2])
    assert np.square(found - y[1::2]).mean() <= 1.05 * error
    groups = (tuple(range(5)), tuple(range(5, X.shape[1])))
    found = predictor("random_forest", replace(problem, groups=groups), trees=60, **given)(X[1::2])
    assert np.square(found - y[1::2]).mean() <= 1.2 * error


@EVERY
def test_three_classes_have_groups_and_no_signs(name):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 2))
    problem = Problem(X, rng.integers(0, 3, 90), 3, groups=((0,), (1,)))
    of = algorithm(name)
    assert of.parameters(fit(name, problem))["shape"].tolist() == [2, 3]
    with pytest.raises(InvalidInput, match="two classes") as caught:
        fit(name, replace(problem, signs=(1, 0)))
    assert caught.value.field == "monotone"


@EVERY
@TASKS
def test_signs_and_groups_that_say_nothing_change_no_bit(name, n_classes):
    problem = table(3, n_classes, name=name)
    plain, said = fit(name, problem), fit(name, replace(problem, signs=(0,) * 5))
    of = algorithm(name)
    for key, array in of.parameters(plain).items():
        assert array.tobytes() == of.parameters(said)[key].tobytes()


@EVERY
def test_what_was_begun_without_them_goes_on_and_with_others_does_not(name):
    problem, of = table(3, 0, name=name), algorithm(name)
    hyper = of.configure(quick(of))
    assert "monotone" not in repr(hyper) and "interactions" not in repr(hyper)
    begun = of.start(replace(problem, signs=(1, 0, 0, 0, 0)), hyper)
    assert mark(problem, hyper)["of"].tobytes() == of.start(problem, hyper).arrays["of"].tobytes()
    with pytest.raises(InvalidArtifact, match="other data or other hyperparameters"):
        of.advance(begun, problem, hyper, never)


@EVERY
def test_a_forest_in_pieces_and_folds_of_boosting_keep_to_them(name):
    """Boosting finds its number of trees by fits without some rows, which keep to the signs as well."""
    problem = table(4, 0, name=name, rows=220, signs=(1, 1, 1, 1, 0))
    of = algorithm(name)
    given = {"iterations": None} if name == "gradient_boosting" else {}
    hyper = of.configure(quick(of) | given)
    part, whole = of.start(problem, hyper), fit(name, problem, **{**quick(of), **given})
    while not part.finished:
        part = of.advance(part, problem, hyper, lambda one: True)
    assert part.losses.tobytes() == whole.losses.tobytes()
    for key, array in of.parameters(whole).items():
        assert array.tobytes() == of.parameters(part)[key].tobytes()


@pytest.mark.parametrize("name", sorted(ALGORITHMS))
def test_the_others_say_who_keeps_to_constraints(name):
    for setting, value in (("monotone", {"age": 1}), ("interactions", [["age"]])):
        if name in CONSTRAINED:
            assert getattr(algorithm(name).configure({setting: value}), setting)
            continue
        with pytest.raises(InvalidInput) as caught:
            algorithm(name).configure({setting: value})
        assert caught.value.field == setting
        for other in CONSTRAINED:
            assert other in caught.value.message
        assert [str(way) for way in caught.value.remedies] == [
            "algorithm='gradient_boosting'",
            "model.train()",
        ]


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("monotone", ["age"], "must be an object"),
        ("monotone", {"age": 2}, "column 'age': must be 1, -1 or 0, not 2"),
        ("monotone", {"age": True}, "column 'age': must be 1, -1 or 0, not True"),
        ("monotone", {"age": "up"}, "column 'age': must be 1, -1 or 0, not 'up'"),
        ("monotone", {"": 1}, "'' is no name of a column"),
        ("interactions", {"age": 1}, "must be a list of groups"),
        ("interactions", ["age"], "each group must be a list of columns, not 'age'"),
        ("interactions", [[]], "each group must be a list of columns"),
        ("interactions", [[1]], "1 is no name of a column"),
        ("interactions", [["a", "a"]], "names a column twice"),
    ],
)
def test_other_forms_are_refused(setting, value, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        algorithm("random_forest").configure({setting: value})
    assert caught.value.field == setting


def test_what_does_not_fit_to_the_columns_is_no_problem():
    X, y = np.zeros((3, 2)), np.zeros(3)
    for wrong in ({"signs": (1,)}, {"groups": ((0,),)}, {"groups": ((0, 1, 2),)}):
        with pytest.raises(ValueError, match=r"signs|groups"):
            Problem(X, y, 0, **wrong)
