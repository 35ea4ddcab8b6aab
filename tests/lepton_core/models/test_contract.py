"""What every registered algorithm must do; a new one is covered by being registered."""

from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from lepton_core.errors import InvalidArtifact, InvalidData, InvalidInput
from lepton_core.models import ALGORITHMS, Algorithm, Problem, algorithm, pack_fit, unpack_fit


def problem(of: Algorithm, n_classes: int = 3, rows: int = 40, seed: int = 0) -> Problem:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4))
    if of.tasks == {"regression"}:
        return Problem(X, X @ [1.0, 2.0, 0.0, -1.0] + rng.normal(size=rows), 0)
    return Problem(
        X, np.argmax(X[:, :n_classes] + 0.3 * rng.normal(size=(rows, n_classes)), axis=1), n_classes
    )


def cases():
    for of in ALGORITHMS.values():
        for n_classes in (0,) if of.tasks == {"regression"} else (2, 3):
            yield pytest.param(of, problem(of, n_classes), id=f"{of.name}-{n_classes}")


every_case = pytest.mark.parametrize(("of", "problem"), list(cases()))
every = pytest.mark.parametrize("of", list(ALGORITHMS.values()), ids=list(ALGORITHMS))


def never(fit):
    return False


def trained(of: Algorithm, problem: Problem, **given):
    hyper = of.configure({"iterations": 10} | given)
    return of.advance(of.start(problem, hyper), problem, hyper, never)


def test_algorithms_are_found_by_name():
    for name, of in ALGORITHMS.items():
        assert of.name == name
        assert algorithm(name) is of
    with pytest.raises(
        InvalidInput, match=r"did you mean 'logistic_regression'.*linear_regression"
    ) as caught:
        algorithm("logistic_regresion")
    assert caught.value.field == "algorithm"


@every
def test_hyperparameters_explain_themselves(of: Algorithm):
    assert is_dataclass(of.defaults)
    for one in fields(of.defaults):
        assert one.metadata["help"].endswith(".")
        assert {"low", "high", "choices"} <= set(one.metadata)


@every_case
def test_a_fit_counts_its_iterations_and_finishes(of: Algorithm, problem: Problem):
    hyper = of.configure({"iterations": 10})
    start = of.start(problem, hyper)
    assert (start.iteration, start.iterations, len(start.losses), start.finished) == (0, 10, 0, False)
    seen = []
    end = of.advance(start, problem, hyper, lambda fit: seen.append(fit.iteration) or False)
    assert seen == list(range(1, 11))
    assert (end.iteration, len(end.losses), end.finished) == (10, 10, True)
    assert of.advance(end, problem, hyper, never) is end


@every_case
def test_predictions_have_their_shape(of: Algorithm, problem: Problem):
    parameters = of.parameters(trained(of, problem))
    of.check(parameters, 4, problem.n_classes)
    for rows in (0, 1, 40):
        predicted = of.predict(parameters, problem.X[:rows])
        assert predicted.dtype == np.float64
        if problem.n_classes:
            assert predicted.shape == (rows, problem.n_classes)
            np.testing.assert_allclose(predicted.sum(axis=1), 1, rtol=1e-14)
            assert ((predicted >= 0) & (predicted <= 1)).all()
        else:
            assert predicted.shape == (rows,)


@every_case
def test_training_learns(of: Algorithm, problem: Problem):
    predicted = of.predict(of.parameters(trained(of, problem, iterations=200)), problem.X)
    if problem.n_classes:
        assert (predicted.argmax(axis=1) == problem.y).mean() > 0.8
    else:
        assert np.corrcoef(predicted, problem.y)[0, 1] > 0.8


@every_case
def test_nothing_is_changed_in_place(of: Algorithm, problem: Problem):
    fixed = Problem(problem.X.copy(), problem.y.copy(), problem.n_classes)
    hyper = of.configure({"iterations": 3})
    start = of.start(fixed, hyper)
    for array in (fixed.X, fixed.y, *start.arrays.values()):
        array.flags.writeable = False
    first, second = (of.advance(start, fixed, hyper, never) for _ in range(2))
    assert start.iteration == 0
    assert first.losses.tobytes() == second.losses.tobytes()
    of.parameters(first)["weights"][...] = 0.0
    np.testing.assert_array_equal(of.parameters(first)["weights"], of.parameters(second)["weights"])


@every_case
def test_the_layout_of_the_data_does_not_matter(of: Algorithm, problem: Problem):
    other = Problem(np.asfortranarray(problem.X), problem.y, problem.n_classes)
    given = {"learning_rate": 0.1}
    assert trained(of, other, **given).losses.tobytes() == trained(of, problem, **given).losses.tobytes()


@every_case
def test_damaged_parameters_are_refused(of: Algorithm, problem: Problem):
    good = of.parameters(trained(of, problem))
    for name, array in good.items():
        infinite = array.copy()
        infinite.flat[0] = np.inf
        for bad in (array[..., :-1], array[None], array.astype(np.float32), infinite):
            with pytest.raises(InvalidArtifact):
                of.check(good | {name: bad}, 4, problem.n_classes)
        with pytest.raises(InvalidArtifact):
            of.check({other: good[other] for other in good if other != name}, 4, problem.n_classes)
    for n_features, n_classes in ((5, problem.n_classes), (4, 1), (4, 7)):
        with pytest.raises(InvalidArtifact):
            of.check(good, n_features, n_classes)
    with pytest.raises(InvalidArtifact):
        of.check(good | {"more": np.zeros(1)}, 4, problem.n_classes)


@every_case
def test_a_warm_start_goes_on_from_the_earlier_parameters(of: Algorithm, problem: Problem):
    earlier = of.parameters(trained(of, problem, iterations=300))
    hyper = of.configure({"iterations": 1})
    fit = of.start(problem, hyper, warm=earlier)
    for name, array in of.parameters(fit).items():
        np.testing.assert_array_equal(array, earlier[name])
    cold = of.advance(of.start(problem, hyper), problem, hyper, never)
    assert of.advance(fit, problem, hyper, never).losses[0] < cold.losses[0]


@every_case
@pytest.mark.parametrize("given", [{}, {"iterations": 30}, {"optimizer": "nesterov", "l2": 0.1}], ids=str)
def test_a_warm_start_on_the_same_data_does_not_get_worse(of: Algorithm, problem: Problem, given):
    hyper = of.configure(given)
    first = of.advance(of.start(problem, hyper), problem, hyper, never)
    again = of.advance(of.start(problem, hyper, of.parameters(first)), problem, hyper, never)
    assert again.losses[0] <= first.losses[-1]
    assert again.losses[-1] <= again.losses[0]
    if not given:
        assert again.iteration < 10
        for name, array in of.parameters(again).items():
            np.testing.assert_allclose(array, of.parameters(first)[name], atol=0.01)


@every_case
def test_a_warm_start_of_other_shapes_is_refused(of: Algorithm, problem: Problem):
    good = of.parameters(trained(of, problem))
    hyper = of.configure({})
    for bad in ({}, good | {"weights": good["weights"][..., :-1]}, good | {"intercept": np.full(9, 1.0)}):
        with pytest.raises(InvalidInput, match="earlier version") as caught:
            of.start(problem, hyper, warm=bad)
        assert caught.value.field == "warm_start"


@every_case
def test_a_checkpoint_of_something_else_is_refused(of: Algorithm, problem: Problem):
    hyper = of.configure({"iterations": 5})
    fit = of.start(problem, hyper)
    other = Problem(problem.X[:, :-1], problem.y, problem.n_classes)
    with pytest.raises(InvalidArtifact):
        of.advance(fit, other, hyper, never)
    arrays, meta = pack_fit(fit)
    del arrays["fit.weights"]
    with pytest.raises(InvalidArtifact):
        of.advance(unpack_fit(arrays, meta), problem, hyper, never)


@every_case
def test_data_that_cannot_be_learned_from_is_refused(of: Algorithm, problem: Problem):
    for bad in (np.nan, np.inf, -np.inf):
        X = problem.X.copy()
        X[2, 1] = bad
        with pytest.raises(InvalidData, match="row 3"):
            of.start(Problem(X, problem.y, problem.n_classes), of.configure({}))
    wrong_task = Problem(problem.X, problem.X[:, 0].copy(), 0) if problem.n_classes else classes(problem)
    with pytest.raises(InvalidInput):
        of.start(wrong_task, of.configure({}))
    if problem.n_classes:
        with pytest.raises(InvalidData, match="one class"):
            of.start(Problem(problem.X, np.zeros(40, np.int64), 1), of.configure({}))


def classes(problem: Problem) -> Problem:
    return Problem(problem.X, (problem.X[:, 0] > 0).astype(np.int64), 2)


@every_case
def test_huge_finite_features_are_no_reason_to_fail(of: Algorithm, problem: Problem):
    trained(of, Problem(problem.X * 1e60, problem.y, problem.n_classes))
    for given in ({}, {"iterations": None}):
        with pytest.raises(InvalidData, match="features are too large"):
            trained(of, Problem(problem.X * 1e200, problem.y, problem.n_classes), **given)
    if not problem.n_classes:
        with pytest.raises(InvalidData, match="targets are too large"):
            trained(of, Problem(problem.X, problem.y * 1e160, 0))
    parameters = of.parameters(trained(of, problem))
    rows = problem.X[:3].copy()
    rows[1] = 1.7e308 * np.sign(parameters["weights"].reshape(-1, 4)[0])
    scale = {name: array * 1e10 for name, array in parameters.items()}
    with pytest.raises(InvalidData, match="row 2"):
        of.predict(scale, rows)


@every_case
def test_degenerate_problems_train(of: Algorithm, problem: Problem):
    n_classes = problem.n_classes
    constant = problem.X.copy()
    constant[:, 1], constant[:, 2] = 0.0, 5.0
    for case in (
        Problem(constant, problem.y, n_classes),
        Problem(problem.X[:1], problem.y[:1], n_classes),
        Problem(problem.X[:, :0], problem.y, n_classes),
        Problem(problem.X, np.full_like(problem.y, 1), n_classes),
        Problem(problem.X, np.full_like(problem.y, 0), n_classes),
    ):
        for given in ({}, {"iterations": 50}, {"batch_size": 3, "iterations": 20}):
            hyper = of.configure(given)
            end = of.advance(of.start(case, hyper), case, hyper, never)
            assert np.isfinite(of.predict(of.parameters(end), case.X)).all()


def test_problems_that_make_no_sense_are_programming_errors():
    X, y = np.zeros((3, 2)), np.array([0, 1, 1])
    for args in (
        (X, y[:2], 2),
        (X[0], y, 2),
        (X[:0], y[:0], 2),
        (X, y.astype(float), 2),
        (X.astype(np.float32), y, 2),
        (X, y, 0),
        (X, y - 1, 2),
        (X, y + 1, 2),
    ):
        with pytest.raises(ValueError, match=r"fit together|wrong type|outside"):
            Problem(*args)
