from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidInput
from lepton_core.evaluate import cross_validation_loss, folds

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


def test_the_cross_validation_loss_is_the_mean_of_the_fold_losses():
    assert cross_validation_loss([1.0, 2.0, 6.0]) == 3.0
    with pytest.raises(ValueError, match="no fold losses"):
        cross_validation_loss([])
