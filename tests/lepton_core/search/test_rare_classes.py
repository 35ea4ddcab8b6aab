"""A class of which most folds have no row: being sure that it never comes is no reason to drop the others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.out_of_fold import out_of_fold, truth
from lepton_core.search import FOLDS, Candidate, Search, Trial, Tried, folds_of, winner
from lepton_core.search.noise import block_losses, is_worse, unseen
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe
from lepton_core.validation import fold_rows

ROWS, RARE = 240, 2

CANDIDATES = [
    Candidate("decision_tree", {"min_samples_leaf": 20}),
    Candidate("naive_bayes", {}),
    Candidate("decision_tree", {}),
    Candidate("naive_bayes", {"var_smoothing": 0.001}),
    Candidate("decision_tree", {"min_samples_leaf": 6}),
    Candidate("decision_tree", {"max_depth": 3}),
    Candidate("logistic_regression", {"l2": 10.0}),
    Candidate("logistic_regression", {"l2": 0.1}),
]
"""Those of the end know what shares the classes have; in a fold without the rare one the others cost less."""


def without_signal(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    label = np.array(["no"] * (ROWS - RARE) + ["yes"] * RARE)[rng.permutation(ROWS)]
    numbers = (Numbers(name, rng.normal(size=ROWS)) for name in "ab")
    return Table((*numbers, Categories.of("label", label.tolist())))


def searched(table: Table) -> Search:
    """A search of the `CANDIDATES` at its end."""
    rare = truth(table["label"], ("no", "yes"))
    folds = fold_rows(Recipe("svm", "label", {}), table, np.arange(ROWS), FOLDS, seed=0)
    done: dict[Trial, Tried] = {}
    while trials := Search(done, len(CANDIDATES)).plan():
        for trial in trials:
            one = CANDIDATES[trial.candidate]
            recipe = Recipe(one.algorithm, "label", one.hyperparameters)
            found = [out_of_fold(recipe, table, *folds[fold]) for fold in folds_of(trial.rung)]
            done[trial] = Tried(
                tuple(fold.loss for fold in found),
                blocks=tuple(block_losses(fold.losses) for fold in found),
                unseen=unseen([rare[held_out] for _, held_out in folds], folds_of(trial.rung)),
            )
    return Search(done, len(CANDIDATES))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_what_wins_is_not_worse_than_the_shares_of_the_classes(seed: int) -> None:
    found = searched(without_signal(seed))
    loss = float(np.mean(found.losses(winner(found), found.rungs)))
    share = RARE / ROWS
    shares = -share * np.log(share) - (1 - share) * np.log1p(-share)
    assert loss < 1.3 * shares


@given(st.lists(st.floats(0, 1), min_size=2, max_size=16), st.floats(0.001, 1))
def test_rows_that_nobody_saw_excuse_what_they_could_cost(losses: list[float], share: float) -> None:
    better, worse = [losses], [[one + 1e-3 for one in losses]]
    assert is_worse(worse, better)
    assert not is_worse(worse, better, unseen=share)
    assert is_worse([[one + 36.1 for one in losses]], better, unseen=share)


def test_folds_that_have_all_classes_drop_as_before() -> None:
    folds = [np.array([0, 1, 2]), np.array([0, 0, 1])]
    assert [unseen(folds, one) for one in ([0], [1], [0, 1])] == [0.0, 1 / 6, 0.0]
