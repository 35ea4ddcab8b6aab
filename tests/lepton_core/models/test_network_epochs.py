"""How many epochs a network is trained for: as many as bring down the loss of rows that are kept aside."""

from dataclasses import replace

import numpy as np
import pytest

from lepton_core import train as core
from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.followed import advance_followed, followed_rows
from lepton_core.models import Fit, Problem, algorithm
from lepton_core.models.network.aside import sides
from lepton_core.models.network.hyper import EARLY_PATIENCE
from lepton_core.promotion import held_out_loss, mean_loss
from lepton_core.table import Numbers, Table
from tests.support.algorithms import carried, never, same, same_arrays

pytestmark = pytest.mark.slow

OF = algorithm("deep_learning")
EARLY = {"early_stopping": True, "hidden": [8], "learning_rate": 0.03}


def trained(problem: Problem, warm=None, **given) -> Fit:
    hyper = OF.configure(EARLY | given)
    return OF.advance(OF.start(problem, hyper, warm), problem, hyper, never)


def noisy(n_classes: int, rows: int = 300, columns: int = 5, seed: int = 0, **more) -> Problem:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, columns))
    score = X[:, 0] + rng.normal(size=rows)
    if not n_classes:
        return Problem(X, score, 0, **more)
    cuts = np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1])
    return Problem(X, np.searchsorted(cuts, score).astype(np.int64), n_classes, **more)


def weighted(n_classes: int) -> Problem:
    return noisy(n_classes, weights=np.random.default_rng(1).uniform(0.5, 2.0, 300), seed=5)


@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.parametrize(
    "given", [{}, {"dropout": 0.3}, {"batch_size": 500}, {"precision": "float32"}], ids=str
)
def test_paused_packed_and_resumed_after_every_epoch_it_has_the_same_bits(n_classes, given):
    problem, hyper = weighted(n_classes), OF.configure(EARLY | {"iterations": 60, "patience": 9} | given)
    whole = OF.advance(OF.start(problem, hyper), problem, hyper, never)
    fit, slices = carried(OF.start(problem, hyper)), 0
    while not fit.finished:
        fit, slices = carried(OF.advance(fit, problem, hyper, lambda _: True)), slices + 1
    assert slices == whole.iteration
    same(fit, whole)
    same_arrays(OF.parameters(fit), OF.parameters(whole))


@pytest.mark.parametrize("n_classes", [0, 2, 3])
def test_the_weights_are_those_of_the_epoch_after_which_rows_kept_aside_lose_least(n_classes):
    problem, hyper = noisy(n_classes), OF.configure(EARLY)
    aside, losses, weights = sides(problem).aside, [], []

    def look(fit: Fit) -> bool:
        if not fit.finished:  # then the weights would be those that are kept
            weights.append(OF.parameters(fit))
            losses.append(mean_loss(aside.y, OF.predict(weights[-1], aside.X)))
        return False

    fit = OF.advance(OF.start(problem, hyper), problem, hyper, look)
    best = int(np.argmin(losses))
    same_arrays(OF.parameters(fit), weights[best])
    assert fit.iteration == best + 1 + EARLY_PATIENCE == len(fit.losses)
    assert fit.note.endswith(f"; epoch {best + 1} of {fit.iteration}, by {len(aside.y)} rows kept aside")
    assert OF.found(fit, problem, hyper) == {"iterations": best + 1, "early_stopping": False}


def test_what_was_found_is_done_on_all_rows_and_nothing_is_found_again():
    problem = noisy(2)
    found = OF.found(trained(problem), problem, OF.configure(EARLY))
    again = trained(problem, **found)
    assert (again.iteration, "kept.weights" in again.arrays) == (found["iterations"], False)
    assert OF.found(again, problem, OF.configure(EARLY | found)) == {}


def test_it_loses_less_than_all_epochs_where_they_learn_by_heart():
    problem, later = noisy(2, columns=40), noisy(2, rows=3_000, columns=40, seed=1)

    def loss(**given) -> float:
        fit = trained(problem, hidden=[100], **given)
        return mean_loss(later.y, OF.predict(OF.parameters(fit), later.X))

    assert loss() < 0.9 * loss(early_stopping=False, iterations=200)


def test_iterations_that_are_given_are_the_most():
    fit = trained(noisy(2), iterations=5, patience=50)
    assert (fit.iteration, fit.iterations) == (5, 5)
    assert "early stopping" not in fit.note


@pytest.mark.parametrize("n_classes", [0, 2])
def test_rows_of_weight_0_are_on_no_side(n_classes):
    problem = weighted(n_classes)
    weights = problem.weights * (np.arange(300) % 4 > 0)
    kept = weights > 0
    absent = replace(problem, X=problem.X[kept], y=problem.y[kept], weights=weights[kept])
    wild = np.where(kept[:, None], problem.X, 1000.0)
    same(trained(absent), trained(replace(problem, X=wild, weights=weights)))


def test_what_the_rows_kept_aside_are_like_does_not_matter_to_an_epoch():
    problem = noisy(0)
    aside = np.isin(problem.y, sides(problem).aside.y)
    other = replace(problem, y=np.where(aside, 1e6, problem.y))
    one, two = (trained(of, iterations=3, patience=50) for of in (problem, other))
    same_arrays({"weights": one.arrays["weights"]}, {"weights": two.arrays["weights"]})


def test_few_rows_are_all_learnt_from_and_the_note_says_so():
    problem = noisy(2, rows=199)
    fit, plain = trained(problem), trained(problem, early_stopping=False)
    assert "too few rows to keep some aside" in fit.note
    same_arrays(fit.arrays, plain.arrays)
    assert OF.found(fit, problem, OF.configure(EARLY)) == {"early_stopping": False}


def test_rows_all_alike_and_classes_of_one_row_train():
    alike = Problem(np.ones((300, 3)), (np.arange(300) % 3 == 0).astype(np.int64), 2)
    assert OF.predict(OF.parameters(trained(alike)), alike.X[:1])[0, 1] == pytest.approx(1 / 3, abs=0.1)
    rare = noisy(2)
    rare = replace(rare, y=np.where(np.arange(300) < 1, 2, rare.y), n_classes=3)
    assert OF.predict(OF.parameters(trained(rare)), rare.X).shape == (300, 3)
    constant = replace(noisy(0), y=np.full(300, 5.0))
    np.testing.assert_allclose(OF.predict(OF.parameters(trained(constant)), constant.X), 5.0, atol=0.5)


def test_a_warm_start_begins_anew_under_early_stopping_and_the_note_says_so():
    problem = noisy(2)
    earlier = OF.parameters(trained(problem, early_stopping=False, iterations=3))
    cold, warm = trained(problem), trained(problem, warm=earlier)
    same_arrays(cold.arrays, warm.arrays)
    assert (
        warm.note
        == f"trained anew: an earlier version may have learnt from rows that are kept aside now; {cold.note}"
    )
    assert not OF.warm_starts(OF.configure(EARLY))
    assert OF.warm_starts(OF.configure({"early_stopping": False}))


@pytest.mark.parametrize(
    "more",
    [
        {"optimizer": "lbfgs"},
        {"schedule": "cosine"},
        {"schedule": "step"},
        {"tolerance": 0.0},
        {"tolerance": 0.1},
    ],
    ids=str,
)
def test_what_ends_by_another_rule_is_refused(more):
    (name,) = more
    with pytest.raises(InvalidInput, match=f"does not go with (a )?{name}") as caught:
        OF.configure({"early_stopping": True} | more)
    assert caught.value.field == "early_stopping"
    for off in (False, None):
        assert not OF.configure({"early_stopping": off} | more).early_stopping


def test_a_checkpoint_of_the_other_kind_is_refused():
    problem = noisy(2)
    for of, other in ((True, False), (False, True)):
        begun = OF.start(problem, OF.configure(EARLY | {"early_stopping": of}))
        with pytest.raises(InvalidArtifact, match="other hyperparameters"):
            OF.advance(begun, problem, OF.configure(EARLY | {"early_stopping": other}), never)


def test_its_curve_ends_with_the_loss_of_the_weights_that_are_kept():
    problem = noisy(2, rows=500)
    columns = [Numbers(f"x{at}", column.copy()) for at, column in enumerate(problem.X.T)]
    table = Table((*columns, Numbers("y", problem.y.astype(float))))
    recipe = core.Recipe("deep_learning", "y", EARLY, task="classification")
    numbers, aside = core.prepare(recipe, table, np.arange(400)), table.take(np.arange(400, 500))
    fit, points = advance_followed(numbers, core.start(numbers), never, followed_rows(numbers, aside))
    assert points[-1].iteration == fit.iteration
    assert points[-1].held_out == pytest.approx(held_out_loss(core.finish(numbers, fit), aside), rel=1e-12)
