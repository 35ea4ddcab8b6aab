"""What every registered algorithm must do under each of its tasks; a new one is covered by being registered."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, softmax

from lepton_core.errors import InvalidArtifact, InvalidData, InvalidInput, LeptonError
from lepton_core.matrix import Blocks, Dense
from lepton_core.models import Problem
from tests.support.algorithms import (
    LONGER,
    Case,
    carried,
    cases,
    declared,
    every_case,
    never,
    quick,
    same,
    same_arrays,
)

pytestmark = pytest.mark.sampled(12)


@every_case
def test_a_fit_counts_its_iterations_and_finishes(case: Case):
    problem, hyper = case.problem(), case.of.configure(quick(case.of))
    start = case.of.start(problem, hyper)
    assert (start.iteration, len(start.losses), start.finished) == (0, 0, False)
    seen = []
    end = case.of.advance(start, problem, hyper, lambda fit: seen.append(fit.iteration) or False)
    assert seen == list(range(1, end.iteration + 1))
    assert 1 <= end.iteration <= end.iterations == start.iterations
    assert len(end.losses) == end.iteration
    assert end.finished
    assert case.of.advance(end, problem, hyper, never) is end


@every_case
def test_paused_packed_and_resumed_anywhere_a_fit_has_the_same_bits(case: Case):
    problem = case.problem(weights=np.random.default_rng(0).uniform(0.5, 2.0, 40), seed=7)
    hyper = case.of.configure(quick(case.of))
    whole = case.of.advance(case.of.start(problem, hyper), problem, hyper, never)
    fit, slices = carried(case.of.start(problem, hyper)), 0
    while not fit.finished:
        copied = replace(problem, X=problem.X.copy(), y=problem.y.copy(), weights=problem.weights.copy())
        fit, slices = carried(case.of.advance(fit, copied, hyper, lambda fit: True)), slices + 1
    assert slices == whole.iteration
    same(fit, whole)


@every_case
def test_two_fits_of_one_seed_are_identical(case: Case):
    same(case.fit(case.problem(seed=3)), case.fit(case.problem(seed=3)))


@every_case
def test_predictions_have_their_shape(case: Case):
    problem, parameters = case.problem(), case.trained()
    case.of.check(parameters, 4, case.n_classes)
    whole = case.of.predict(parameters, problem.X)
    for rows in (0, 1, 40):
        predicted = case.of.predict(parameters, problem.X[:rows])
        assert predicted.dtype == np.float64
        np.testing.assert_allclose(predicted, whole[:rows], rtol=1e-12, atol=1e-15)
        if case.n_classes:
            assert predicted.shape == (rows, case.n_classes)
            np.testing.assert_allclose(predicted.sum(axis=1), 1, rtol=1e-12)
            assert ((predicted >= 0) & (predicted <= 1)).all()
        else:
            assert predicted.shape == (rows,)


@every_case
def test_all_rows_that_are_too_large_are_named_at_once(case: Case):
    """They are those that are refused alone, of an array and of blocks, which are expanded some rows at a time."""
    problem, parameters = case.problem(), case.trained()
    X = np.repeat(problem.X, 30, axis=0)
    for row, value in enumerate([1e39, -1e155, 1e200, 1.5e308, -1.7e308, 1e308]):
        X[row::217] = value
    wrong = {}
    for row in {*range(6), *range(217, 223), 500}:
        try:
            case.of.predict(parameters, X[row : row + 1])
        except InvalidData as error:
            wrong[row % 217] = error.by_row[1]
    wanted = {row + 1: wrong[row % 217] for row in range(len(X)) if row % 217 in wrong}
    for rows in (X, Blocks.of([Dense(X)], [np.arange(4)])):
        try:
            found = case.of.predict(parameters, rows)
        except InvalidData as error:
            assert error.by_row == wanted and error.row == min(wanted)
        else:
            assert not wanted and np.isfinite(found).all()


@every_case
def test_training_learns(case: Case):
    problem = case.problem(200)
    predicted = case.predictions(problem, **LONGER)
    if case.n_classes:
        assert (predicted.argmax(axis=1) == problem.y).mean() > 0.8
    else:
        assert np.corrcoef(predicted, problem.y)[0, 1] > 0.8


@every_case
def test_nothing_is_changed_in_place(case: Case):
    problem, hyper = case.problem(weights=np.ones(40) + np.arange(40.0)), case.of.configure(quick(case.of))
    start = case.of.start(problem, hyper)
    for array in (problem.X, problem.y, problem.weights, *start.arrays.values()):
        array.flags.writeable = False
    first, second = (case.of.advance(start, problem, hyper, never) for _ in range(2))
    assert start.iteration == 0
    same(first, second)
    for array in case.of.parameters(first).values():
        array[...] = 0
    same_arrays(case.of.parameters(first), case.of.parameters(second))


@every_case
def test_the_layout_of_the_data_does_not_matter(case: Case):
    problem = case.problem()
    whole = case.fit(problem)
    for X in (np.asfortranarray(problem.X), np.repeat(problem.X, 2, axis=0)[::2]):
        same(case.fit(replace(problem, X=X)), whole)


@every_case
def test_damaged_parameters_are_refused(case: Case):
    good = case.trained()
    bad = [good | {"more": np.zeros(1)}, {}]
    for name, array in good.items():
        bad.append({other: good[other] for other in good if other != name})
        other_type = np.float32 if array.dtype == np.float64 else np.float64
        bad += [good | {name: array.astype(other_type)}, good | {name: array[None]}]
        if array.ndim and array.size:
            bad.append(good | {name: array[..., :-1]})
        if array.dtype.kind == "f" and array.size:
            for value in (np.nan, np.inf, -np.inf):
                damaged = array.copy()
                damaged.flat[0] = value
                bad.append(good | {name: damaged})
    for parameters in bad:
        with pytest.raises(InvalidArtifact):
            case.of.check(parameters, 4, case.n_classes)


@every_case
def test_parameters_of_other_problems_are_refused(case: Case):
    good = case.trained()
    for n_features, n_classes in ((5, case.n_classes), (3, case.n_classes), (4, 1), (4, 7)):
        with pytest.raises(InvalidArtifact):
            case.of.check(good, n_features, n_classes)
    for n_classes in {0, 2, 3} - {case.n_classes}:
        with pytest.raises(InvalidArtifact):
            case.of.check(good, 4, n_classes)


@every_case
def test_a_checkpoint_of_something_else_is_refused(case: Case):
    problem, hyper = case.problem(), case.of.configure(quick(case.of))
    fit = case.of.advance(case.of.start(problem, hyper), problem, hyper, lambda fit: True)
    if fit.finished:
        pytest.skip("one iteration is all there is: nothing is ever half done")
    with pytest.raises(InvalidArtifact):
        case.of.advance(fit, replace(problem, X=problem.X[:, :-1]), hyper, never)
    for name, array in fit.arrays.items():
        without = {other: fit.arrays[other] for other in fit.arrays if other != name}
        for arrays in (without, {**fit.arrays, name: array[None]}, {**fit.arrays, "slot.more": np.zeros(1)}):
            with pytest.raises(InvalidArtifact):
                case.of.advance(replace(fit, arrays=arrays), problem, hyper, never)


@every_case
def test_a_warm_start_goes_on_or_is_ignored(case: Case):
    problem, hyper = case.problem(), case.of.configure(quick(case.of))
    good = case.trained(problem)
    cold = case.of.advance(case.of.start(problem, hyper), problem, hyper, never)
    warm = case.of.advance(case.of.start(problem, hyper, good), problem, hyper, never)
    assert warm.finished
    if not case.of.warm_starts(hyper):
        same_arrays(warm.arrays, cold.arrays)
        return
    assert any(array.tobytes() != cold.arrays[name].tobytes() for name, array in warm.arrays.items())
    for name, array in good.items():
        for bad in ({}, good | {name: array[..., :-1]}, good | {name: np.full(array.shape, np.nan)}):
            with pytest.raises(InvalidInput, match="earlier version") as caught:
                case.of.start(problem, hyper, bad)
            assert caught.value.field == "warm_start"


@every_case
def test_infinite_values_are_refused_and_missing_ones_where_they_are_not_taken(case: Case):
    hyper = case.of.configure(quick(case.of))
    for bad in (np.nan, np.inf, -np.inf):
        problem = case.problem()
        problem.X[2, 1] = bad
        if np.isnan(bad) and case.of.inputs.missing:
            assert np.isfinite(case.predictions(problem)).all()
            continue
        with pytest.raises(InvalidData, match="row 3"):
            case.of.start(problem, hyper)


@every_case
def test_categories_are_taken_as_codes_where_they_are(case: Case):
    if not case.of.inputs.categories:
        pytest.skip("a preprocessor makes numbers of categories")
    problem = case.problem(60)
    problem.X[:, 1] = np.arange(60) % 5
    problem.X[:, 3] = np.arange(60) % 2
    coded = replace(problem, levels=(0, 5, 0, 2))
    assert np.isfinite(case.predictions(coded)).all()
    gap = coded.X.copy()
    gap[3, 1] = np.nan
    assert np.isfinite(case.predictions(replace(coded, X=gap))).all()


@every_case
def test_problems_that_are_none_of_its_tasks_are_refused(case: Case):
    problem, hyper = case.problem(), case.of.configure(quick(case.of))
    if case.n_classes:
        with pytest.raises(InvalidData, match="one class"):
            case.of.start(Problem(problem.X, np.zeros(40, np.int64), 1), hyper)
    if len(case.of.tasks) == 1:
        of_values = Problem(problem.X, problem.X[:, 0].copy(), 0)
        of_classes = Problem(problem.X, (problem.X[:, 0] > 0).astype(np.int64), 2)
        with pytest.raises(InvalidInput) as caught:
            case.of.start(of_values if case.n_classes else of_classes, hyper)
        assert caught.value.field == "algorithm"


def degenerate(problem: Problem) -> dict[str, Problem]:
    constant, huge, tiny, twice = (problem.X.copy() for _ in range(4))
    constant[:, 1], constant[:, 2] = 0.0, 5.0
    huge[:, 0] *= 1e150
    tiny[:, 0] *= 1e-150
    twice[:, 3] = twice[:, 0]
    some = (np.arange(40) % 2).astype(problem.y.dtype)
    return {
        "constant columns": replace(problem, X=constant),
        "all columns constant": replace(problem, X=np.ones_like(problem.X)),
        "a huge column": replace(problem, X=huge),
        "a tiny column": replace(problem, X=tiny),
        "a column twice": replace(problem, X=twice),
        "one row": Problem(problem.X[:1], problem.y[:1], problem.n_classes),
        "two rows": Problem(problem.X[:2], some[:2], problem.n_classes),
        "no column": replace(problem, X=problem.X[:, :0]),
        "only the first class occurs": replace(problem, y=np.full_like(problem.y, 0)),
        "only the second class occurs": replace(problem, y=np.full_like(problem.y, 1)),
        "the last class does not occur": replace(problem, y=some),
        "more columns than rows": replace(problem, X=np.tile(problem.X, 15)),
    }


@pytest.mark.parametrize("kind", list(degenerate(next(iter(cases())).values[0].problem())))
@every_case
def test_degenerate_problems_give_finite_predictions_or_a_typed_error(case: Case, kind: str):
    problem = degenerate(case.problem())[kind]
    try:
        predicted = case.predictions(problem)
    except LeptonError:
        return
    assert np.isfinite(predicted).all()
    assert predicted.shape == ((len(problem.X), case.n_classes) if case.n_classes else (len(problem.X),))


def close(one: np.ndarray, other: np.ndarray) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)


@every_case
def test_a_row_of_weight_0_is_as_if_absent(case: Case):
    problem = case.problem(60, weights=np.random.default_rng(2).uniform(0.1, 3.0, 60))
    kept = np.arange(60) % 3 > 0
    wild = problem.X.copy()
    wild[~kept] *= 1000.0
    absent = replace(problem, X=problem.X[kept], y=problem.y[kept], weights=problem.weights[kept])
    ignored = replace(problem, X=wild, weights=np.where(kept, problem.weights, 0.0))
    close(case.predictions(ignored, problem.X), case.predictions(absent, problem.X))


@every_case
def test_a_weight_of_2_is_a_row_that_occurs_twice(case: Case):
    problem = case.problem()
    times = np.random.default_rng(3).integers(1, 4, 40)
    weighted = replace(problem, weights=times.astype(float))
    repeated = replace(problem, X=np.repeat(problem.X, times, axis=0), y=np.repeat(problem.y, times))
    one, other = (case.predictions(of, problem.X) for of in (weighted, repeated))
    reason = declared(case.of).get("unlike_repetition")
    if reason is None:
        close(one, other)
    else:
        assert len(reason) > 20
        assert not np.array_equal(one, case.predictions(problem))


@every_case
def test_weights_say_which_rows_matter(case: Case):
    problem = case.problem(200)
    sure = np.abs(problem.X[:, 0]) > 0.3
    turned = 1 - (problem.X[:, 0] > 0) if case.n_classes else -problem.X[:, 0]
    y = np.where(np.arange(200) < 100, turned, problem.X[:, 0] > 0 if case.n_classes else problem.X[:, 0])
    conflict = replace(problem, y=y.astype(problem.y.dtype))
    for heavy in (0, 1):
        weights = np.where((np.arange(200) < 100) == bool(heavy), 1.0, 1e-3)
        predicted = case.predictions(replace(conflict, weights=weights), **LONGER)
        score = predicted[:, 1] - predicted[:, 0] if case.n_classes else predicted
        agrees = np.sign(score) == np.sign(problem.X[:, 0]) * (1 if not heavy else -1)
        assert agrees[sure].mean() > 0.8


@every_case
def test_explanations_sum_to_the_prediction(case: Case):
    problem, parameters = case.problem(), case.trained()
    if not case.of.explains(case.of.configure(quick(case.of))):
        with pytest.raises(InvalidInput) as caught:
            case.of.explain(parameters, problem.X, problem.X[:10])
        assert caught.value.field == "explain"
        return
    found = case.of.explain(parameters, problem.X, problem.X[:10])
    outputs = found.base + found.contributions.sum(axis=1)
    assert found.contributions.shape == (40, 4, len(found.base))
    np.testing.assert_allclose(outputs[:10].mean(axis=0), found.base, rtol=1e-9, atol=1e-9)
    predicted = case.of.predict(parameters, problem.X)
    if found.unit == "value":
        np.testing.assert_allclose(outputs[:, 0], predicted, rtol=1e-9, atol=1e-9)
    elif found.unit == "probability":
        last = predicted[:, -len(found.base) :]
        np.testing.assert_allclose(outputs, last, rtol=1e-9, atol=1e-9)
    elif found.unit == "log-odds":
        shown = softmax(outputs, axis=1) if case.n_classes > 2 else expit(outputs)
        np.testing.assert_allclose(shown, predicted[:, -len(found.base) :], rtol=1e-9, atol=1e-9)
    else:
        assert found.unit == "score"
        if len(found.base) == 1:
            order = np.argsort(outputs[:, 0])
            assert (np.diff(predicted[order, 1]) >= -1e-12).all()


@every_case
def test_rows_far_outside_are_predicted_or_refused_by_number(case: Case):
    parameters, rows = case.trained(), case.problem().X[:3].copy()
    for huge in (1e6, 1e150, 1.7e308):
        rows[1] = huge * np.array([1.0, -1.0, 1.0, -1.0])
        try:
            assert np.isfinite(case.of.predict(parameters, rows)).all()
        except InvalidData as error:
            assert error.row == 2


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
        (X, y, 2, 0, np.ones(2)),
        (X, y, 2, 0, np.ones(3, np.float32)),
        (X, y, 2, 0, np.zeros(3)),
        (X, y, 2, 0, np.array([1.0, -1.0, 1.0])),
        (X, y, 2, 0, np.array([1.0, np.inf, 1.0])),
        (X, y, 2, 0, None, (0,)),
    ):
        with pytest.raises(ValueError, match=r"fit|wrong type|outside|finite"):
            Problem(*args)
