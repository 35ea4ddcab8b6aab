"""Which rows a network does not learn from, and which epoch it keeps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.descent import DescentState
from lepton_core.matrix import Blocks, Dense
from lepton_core.models import Problem
from lepton_core.models.network.aside import FEWEST_FOR_ASIDE, BestEpoch, Watch, sides

seeds = st.integers(0, 2**32 - 1)


def pairs(problem: Problem) -> list[tuple]:
    weights = np.ones(len(problem.y)) if problem.weights is None else problem.weights
    return sorted(zip(map(tuple, problem.X.tolist()), problem.y.tolist(), weights.tolist(), strict=True))


@settings(max_examples=40, deadline=None)
@given(seed=seeds, rows=st.integers(FEWEST_FOR_ASIDE, 500), classes=st.sampled_from([0, 2, 5, 40]))
def test_a_tenth_is_aside_of_each_class_alike_and_none_of_it_is_learnt_from(seed, rows, classes):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 3))
    y = rng.integers(classes, size=rows) if classes else X[:, 0].copy()
    problem = Problem(X, y, classes, seed=seed % 97, weights=rng.uniform(0.5, 2.0, rows))
    found = sides(problem)
    assert sorted(pairs(found.learnt) + pairs(found.aside)) == pairs(problem)
    assert not {x for x, *_ in pairs(found.learnt)} & {x for x, *_ in pairs(found.aside)}
    assert abs(len(found.aside.y) - rows / 10) <= 1 + (classes == 40)
    if classes:
        assert set(found.learnt.y) == set(y)
        for one in range(classes):
            assert abs(np.sum(found.aside.y == one) - np.sum(y == one) / 10) <= 1


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_the_order_of_the_rows_changes_nothing_and_copies_are_on_one_side(seed):
    rng = np.random.default_rng(seed)
    X = np.repeat(rng.normal(size=(150, 2)), 2, axis=0)
    problem = Problem(X, np.repeat(rng.integers(3, size=150), 2), 3, seed=5)
    order = rng.permutation(300)
    one, other = sides(problem), sides(replace(problem, X=X[order], y=problem.y[order]))
    assert pairs(one.aside) == pairs(other.aside)
    assert not {x for x, *_ in pairs(one.learnt)} & {x for x, *_ in pairs(one.aside)}


@pytest.mark.parametrize("seed", range(20))
def test_the_last_row_of_a_class_and_the_copies_of_it_are_learnt_from(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(300, 2))
    y = np.zeros(300, np.int64)
    X[:3], y[:3], y[3], y[4:200] = X[0], 1, 2, 3
    found = sides(Problem(X, y, 4, seed=seed))
    assert set(found.learnt.y) == {0, 1, 2, 3}
    assert set(found.aside.y) == {0, 3}


def test_of_rows_that_are_all_alike_a_tenth_is_aside():
    found = sides(Problem(np.ones((400, 2)), np.arange(400) % 2, 2))
    assert (len(found.learnt.y), len(found.aside.y)) == (360, 40)


def test_of_few_rows_none_is_aside():
    problem = Problem(
        np.random.default_rng(0).normal(size=(FEWEST_FOR_ASIDE, 2)), np.zeros(FEWEST_FOR_ASIDE), 0
    )
    assert sides(problem) is not None
    assert sides(replace(problem, X=problem.X[1:], y=problem.y[1:])) is None


def test_blocks_are_dealt_like_the_array_that_they_are():
    X = np.random.default_rng(0).normal(size=(300, 4))
    problem = Problem(X, X[:, 0].copy(), 0)
    blocks = sides(replace(problem, X=Blocks.of([Dense(X[:, :1]), Dense(X[:, 1:])])))
    assert blocks.aside.y.tolist() == sides(problem).aside.y.tolist()


@settings(max_examples=60, deadline=None)
@given(
    losses=st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, np.inf, np.nan]), min_size=1, max_size=20),
    patience=st.integers(1, 8),
)
def test_what_is_kept_is_the_first_epoch_of_the_lowest_loss(losses, patience):
    watch = Watch(BestEpoch(np.zeros(1)), lambda weights: losses[int(weights[0]) - 1], patience)
    for epoch in range(1, len(losses) + 1):
        enough = watch.enough(DescentState(epoch, np.array([float(epoch)]), {}))
        finite = np.array([np.inf if np.isnan(loss) else loss for loss in losses[:epoch]])
        assert watch.kept.at == np.argmin(finite) + 1
        assert (watch.kept.weights[0], watch.kept.loss) == (watch.kept.at, finite.min())
        assert enough == (epoch - watch.kept.at >= patience)
    again = BestEpoch.of(watch.kept.arrays)
    assert (again.at, again.loss, again.weights.tolist()) == (
        watch.kept.at,
        watch.kept.loss,
        watch.kept.weights.tolist(),
    )
