import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.models.learners.rounds import ROUND_FOLDS, folds

seeds = st.integers(0, 2**32 - 1)


def table(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of which some are alike, with gaps, and a class of each that does not follow from the row."""
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(rows, 2)), 1)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, rng.integers(3, size=rows)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, rows=st.integers(50, 300))
def test_equal_rows_are_of_one_fold_wherever_they_stand(seed, rows):
    X, y = table(seed, rows)
    _, first, group = np.unique(np.nan_to_num(X, nan=99.0), axis=0, return_index=True, return_inverse=True)
    y = y[first][group]  # a copy has the label of its like
    fold = folds(X, y, seed, classes=True)
    assert len(set(zip(group.tolist(), fold.tolist(), strict=True))) == len(set(group.tolist()))
    order = np.random.default_rng(seed).permutation(rows)
    np.testing.assert_array_equal(folds(X[order], y[order], seed, classes=True), fold[order])
    times = 1 + order % 3
    repeated = folds(np.repeat(X, times, axis=0), np.repeat(y, times), seed, classes=True)
    np.testing.assert_array_equal(repeated, np.repeat(fold, times))


@settings(max_examples=30, deadline=None)
@given(seed=seeds, rows=st.integers(20, 300))
def test_each_fold_has_its_share_of_each_class(seed, rows):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(rows, 2)), rng.integers(3, size=rows)
    fold = folds(X, y, seed, classes=True)
    for one in range(3):
        counts = np.bincount(fold[y == one], minlength=ROUND_FOLDS)
        assert np.ptp(counts) <= 1
    assert np.ptp(np.bincount(folds(X, X[:, 0], seed, classes=False))) <= 1


def test_another_seed_deals_otherwise():
    X = np.random.default_rng(0).normal(size=(100, 2))
    one, other = (folds(X, np.zeros(100), seed, classes=False) for seed in (0, 1))
    assert np.count_nonzero(one != other) > 50


@pytest.mark.parametrize("classes", [True, False])
def test_copies_of_few_different_rows_are_dealt_out(classes):
    X = np.repeat([[0.0], [1.0]], [300, 100], axis=0)
    y = (np.arange(400) % 4 == 0).astype(float)
    fold = folds(X, y, 0, classes=classes)
    for row in (0.0, 1.0):
        for one in (0.0, 1.0):
            counts = np.bincount(fold[(X[:, 0] == row) & (y == one)], minlength=ROUND_FOLDS)
            assert np.ptp(counts) <= 1


def test_zeros_of_either_sign_and_gaps_of_any_make_are_alike():
    other = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    X = np.array([[0.0, np.nan], [-0.0, other], *np.random.default_rng(0).normal(size=(20, 2))])
    fold = folds(X, np.zeros(22), 0, classes=False)
    assert fold[0] == fold[1]
