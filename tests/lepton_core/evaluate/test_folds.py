from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidInput
from lepton_core.evaluate import cross_validation_loss, folds, group_folds, time_folds

labels = st.lists(st.integers(0, 4), min_size=2, max_size=80).map(np.array)


@settings(deadline=None, max_examples=100)
@given(labels, st.data(), st.integers(0, 2**32 - 1), st.booleans())
def test_every_row_is_held_out_once_and_sizes_differ_by_at_most_one(y, data, seed, stratify):
    k = data.draw(st.integers(2, len(y)))

    pairs = folds(y, k, seed=seed, stratify=stratify)

    assert sorted(np.concatenate([held_out for _, held_out in pairs])) == list(range(len(y)))
    for train, held_out in pairs:
        assert train.dtype == held_out.dtype == np.int64
        assert sorted([*train, *held_out]) == list(range(len(y)))
        assert list(train) == sorted(train)
        assert list(held_out) == sorted(held_out)
    sizes = [len(held_out) for _, held_out in pairs]
    assert max(sizes) - min(sizes) <= 1


@settings(deadline=None, max_examples=100)
@given(labels, st.data(), st.integers(0, 2**32 - 1))
def test_class_counts_of_stratified_folds_differ_by_at_most_one(y, data, seed):
    k = data.draw(st.integers(2, len(y)))

    counts = [Counter(y[held_out].tolist()) for _, held_out in folds(y, k, seed=seed, stratify=True)]

    for label in set(y.tolist()):
        of_label = [count[label] for count in counts]
        assert max(of_label) - min(of_label) <= 1


def test_the_same_seed_gives_the_same_folds_and_another_seed_others():
    y = np.arange(60) % 3
    first, again, other = (folds(y, 5, seed=seed, stratify=True) for seed in (7, 7, 8))

    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a[1], b[1]) for a, b in zip(first, other, strict=True))


def test_folds_take_texts_and_real_numbers():
    assert len(folds(np.array(["a", "b", "a", "b"]), 2, seed=0, stratify=True)) == 2
    assert len(folds(np.array([0.5, 1.5, 2.5]), 3, seed=0, stratify=False)) == 3


@pytest.mark.parametrize("k", [-1, 0, 1, 4])
def test_an_impossible_number_of_folds_is_named(k):
    with pytest.raises(InvalidInput, match=f"{k} folds of 3 rows") as caught:
        folds(np.zeros(3), k, seed=0, stratify=False)
    assert caught.value.field == "folds"


@settings(deadline=None, max_examples=100)
@given(labels, st.data(), st.integers(0, 2**32 - 1), st.booleans())
def test_copies_of_a_row_are_dealt_out_evenly(y, data, seed, stratify):
    k = data.draw(st.integers(2, len(y)))
    alike = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(y), max_size=len(y))))

    pairs = folds(y, k, seed=seed, stratify=stratify, alike=alike)

    assert sorted(np.concatenate([held_out for _, held_out in pairs])) == list(range(len(y)))
    kinds = zip(y.tolist(), alike.tolist(), strict=True) if stratify else zip(alike.tolist(), strict=True)
    of_row = list(kinds)
    counts = [Counter(of_row[row] for row in held_out) for _, held_out in pairs]
    for one in set(of_row):
        of_one = [count[one] for count in counts]
        assert max(of_one) - min(of_one) <= 1


def test_rows_without_copies_are_dealt_as_if_nobody_had_looked_for_any():
    y = np.arange(60) % 3
    pairs = zip(
        *(folds(y, 5, seed=1, stratify=True, alike=a) for a in (None, np.arange(60)[::-1])), strict=True
    )
    assert all(np.array_equal(one[1], other[1]) for one, other in pairs)


@settings(deadline=None, max_examples=100)
@given(labels, st.data(), st.integers(0, 2**32 - 1))
def test_groups_stay_together_and_every_row_is_held_out_once(groups, data, seed):
    y = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(groups), max_size=len(groups))))
    distinct = len(set(groups.tolist()))
    if distinct < 2:
        with pytest.raises(InvalidInput, match="2 folds of 1 groups"):
            group_folds(groups, y, 2, seed=seed)
        return
    k = data.draw(st.integers(2, distinct))

    pairs = group_folds(groups, y, k, seed=seed)

    assert sorted(np.concatenate([held_out for _, held_out in pairs])) == list(range(len(y)))
    for train, held_out in pairs:
        assert len(held_out) > 0
        assert not set(groups[train].tolist()) & set(groups[held_out].tolist())
        assert sorted([*train, *held_out]) == list(range(len(y)))


def test_folds_of_many_groups_are_alike_in_size_and_classes():
    rng = np.random.default_rng(0)
    groups = rng.integers(500, size=5000)
    y = (groups % 5 == 0).astype(np.int64)
    for _, held_out in group_folds(groups, y, 5, seed=0):
        assert abs(len(held_out) - 1000) < 20
        assert abs(y[held_out].sum() - y.sum() / 5) < 10


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 9), min_size=3, max_size=60), st.data())
def test_a_fold_of_time_trains_on_what_came_before_it(given_times, data):
    times = np.array(given_times, dtype=float)
    distinct = len(set(given_times))
    if distinct < 3:
        with pytest.raises(InvalidInput, match="different times") as caught:
            time_folds(times, 2)
        assert caught.value.field == "folds"
        return
    k = data.draw(st.integers(2, distinct - 1))

    pairs = time_folds(times, k)

    assert len(pairs) == k
    known = set(pairs[0][0].tolist())
    for train, held_out in pairs:
        assert set(train.tolist()) == known
        assert times[train].max() < times[held_out].min()
        known |= set(held_out.tolist())
    assert known == set(range(len(times)))


def test_blocks_of_time_are_of_one_size_where_times_differ():
    sizes = [len(held_out) for _, held_out in time_folds(np.arange(100.0)[::-1], 4)]
    assert sizes == [20, 20, 20, 20]


def test_the_cross_validation_loss_is_the_mean_of_the_fold_losses():
    assert cross_validation_loss([1.0, 2.0, 6.0]) == 3.0
    with pytest.raises(ValueError, match="no fold losses"):
        cross_validation_loss([])
