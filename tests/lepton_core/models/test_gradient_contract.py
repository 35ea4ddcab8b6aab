"""What every algorithm that trains a linear score by descent must do besides what all must."""

from dataclasses import replace

import numpy as np
import pytest

from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.models import Problem, algorithm
from lepton_core.models.descent_hyper import FIRST_ORDER, OWN_STEPS
from lepton_core.models.gradient import GradientTrained
from tests.support.algorithms import Case, cases, never

descended = pytest.mark.parametrize(
    "case", [one for one in cases() if isinstance(one.values[0].of, GradientTrained)]
)


@descended
def test_iterations_that_are_asked_for_are_all_done(case: Case):
    end = case.fit(iterations=37)
    assert (end.iteration, end.iterations, end.finished) == (37, 37, True)
    assert end.note.startswith("gradient_descent: iterations is given; learning rate")


@descended
def test_a_warm_start_goes_on_from_the_earlier_parameters(case: Case):
    problem, earlier = case.problem(), case.trained(iterations=300)
    hyper = case.of.configure({"iterations": 1})
    fit = case.of.start(problem, hyper, warm=earlier)
    for name, array in case.of.parameters(fit).items():
        np.testing.assert_array_equal(array, earlier[name])
    cold = case.of.advance(case.of.start(problem, hyper), problem, hyper, never)
    assert case.of.advance(fit, problem, hyper, never).losses[0] < cold.losses[0]


@descended
@pytest.mark.parametrize("given", [{}, {"iterations": 30}, {"optimizer": "nesterov", "l2": 0.1}], ids=str)
def test_a_warm_start_on_the_same_data_does_not_get_worse(case: Case, given):
    problem, hyper = case.problem(), case.of.configure(given)
    first = case.of.advance(case.of.start(problem, hyper), problem, hyper, never)
    again = case.of.advance(case.of.start(problem, hyper, case.of.parameters(first)), problem, hyper, never)
    assert again.losses[0] <= first.losses[-1] * (1 + 1e-12)
    assert again.losses[-1] <= again.losses[0] * (1 + 1e-12)
    if not given:
        assert again.iteration < 10
        for name, array in case.of.parameters(again).items():
            np.testing.assert_allclose(array, case.of.parameters(first)[name], atol=0.01)


@descended
def test_huge_finite_features_are_no_reason_to_fail(case: Case):
    problem = case.problem()
    case.fit(replace(problem, X=problem.X * 1e60))
    for given in ({}, {"iterations": None}):
        with pytest.raises(InvalidData, match="features are too large"):
            case.fit(replace(problem, X=problem.X * 1e200), **given)
    if not case.n_classes:
        with pytest.raises(InvalidData, match="targets are too large"):
            case.fit(Problem(problem.X, problem.y * 1e160, 0))
    parameters = case.trained()
    rows = problem.X[:3].copy()
    rows[1] = 1.7e308 * np.sign(parameters["weights"].reshape(-1, 4)[0])
    scale = {name: array * 1e10 for name, array in parameters.items()}
    with pytest.raises(InvalidData, match="row 2"):
        case.of.predict(scale, rows)


@pytest.mark.sampled(24)
@descended
@pytest.mark.parametrize("optimizer", [*FIRST_ORDER, *OWN_STEPS])
def test_every_optimizer_lowers_the_objective(case: Case, optimizer: str):
    problem, hyper = case.problem(), case.of.configure({"optimizer": optimizer, "l2": 0.05})
    end = case.of.advance(case.of.start(problem, hyper), problem, hyper, never)
    assert end.losses[-1] < 0.9 * end.losses[0]
    best = case.fit(problem, optimizer="lbfgs", l2=0.05, iterations=200).losses[-1]
    assert end.losses[-1] == pytest.approx(best, rel=0.02)


@descended
@pytest.mark.parametrize("given", [{}, {"iterations": 50}, {"batch_size": 3, "iterations": 20}], ids=str)
def test_degenerate_problems_train(case: Case, given):
    problem = case.problem()
    constant = problem.X.copy()
    constant[:, 1], constant[:, 2] = 0.0, 5.0
    for one in (
        replace(problem, X=constant),
        Problem(problem.X[:1], problem.y[:1], case.n_classes),
        replace(problem, X=problem.X[:, :0]),
        replace(problem, y=np.full_like(problem.y, 1)),
        replace(problem, y=np.full_like(problem.y, 0)),
    ):
        hyper = case.of.configure(given)
        end = case.of.advance(case.of.start(one, hyper), one, hyper, never)
        assert np.isfinite(case.of.predict(case.of.parameters(end), one.X)).all()


@descended
@pytest.mark.parametrize("given", [{}, {"iterations": 20}, {"batch_size": 8}, {"l1": 0.02}], ids=str)
def test_a_row_of_weight_0_leaves_no_trace(case: Case, given):
    problem = case.problem(50, weights=np.random.default_rng(0).uniform(0.1, 3.0, 50))
    kept = np.arange(50) % 4 > 0
    weights = problem.weights * kept
    absent = replace(problem, X=problem.X[kept], y=problem.y[kept], weights=weights[kept])
    hyper = case.of.configure(given)
    ends = [
        case.of.advance(case.of.start(of, hyper), of, hyper, never)
        for of in (replace(problem, weights=weights), absent)
    ]
    assert ends[0].arrays["weights"].tobytes() == ends[1].arrays["weights"].tobytes()
    assert ends[0].note == ends[1].note


@pytest.mark.sampled(24)
@descended
@pytest.mark.parametrize("optimizer", [*FIRST_ORDER, *OWN_STEPS])
def test_weights_are_repetitions_to_every_optimizer(case: Case, optimizer: str):
    problem = case.problem(30)
    times = np.random.default_rng(0).integers(0, 3, 30)
    often = replace(problem, X=np.repeat(problem.X, times, axis=0), y=np.repeat(problem.y, times))
    hyper = case.of.configure({"optimizer": optimizer, "iterations": 20, "l2": 0.05})
    one, other = (
        case.of.parameters(case.of.advance(case.of.start(of, hyper), of, hyper, never))
        for of in (replace(problem, weights=times.astype(float)), often)
    )
    for name, array in one.items():
        np.testing.assert_allclose(array, other[name], rtol=1e-6, atol=1e-8)


def test_what_the_data_decided_must_be_in_the_checkpoint_and_in_its_range():
    case = Case(algorithm("linear_regression"), 0)
    problem, hyper = case.problem(), case.of.configure({"loss": "huber", "optimizer": "lbfgs"})
    fit = case.of.advance(case.of.start(problem, hyper), problem, hyper, lambda fit: True)
    name = "chosen.huber_delta"
    without = {other: array for other, array in fit.arrays.items() if other != name}
    for arrays in (
        without,
        without | {name: np.array([-1.0])},
        without | {name: np.array([np.nan])},
        without | {name: np.ones(2)},
        {**fit.arrays, "chosen.colour": np.ones(1)},
        {**fit.arrays, "chosen.decay": np.ones(1)},
        {**fit.arrays, "chosen.clip": -np.ones(1)},
    ):
        with pytest.raises(InvalidArtifact):
            case.of.advance(replace(fit, arrays=arrays), problem, hyper, never)


@descended
def test_a_checkpoint_under_other_hyperparameters_is_refused(case: Case):
    problem, given = case.problem(), case.of.configure({"optimizer": "momentum"})
    fit = case.of.advance(case.of.start(problem, given), problem, given, lambda fit: True)
    with pytest.raises(InvalidArtifact, match="other hyperparameters"):
        case.of.advance(fit, problem, case.of.configure({"optimizer": "adam"}), never)
