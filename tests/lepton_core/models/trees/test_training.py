from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.models import Fit, Problem
from lepton_core.models.trees import training

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


@settings(max_examples=60, deadline=None)
@given(
    exponent=st.integers(-150, 149),
    ratio=st.sampled_from([0.0, 1.0, 1e5, 1e12]),
    weighted=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_targets_come_back_from_their_own_unit(exponent, ratio, weighted, seed):
    rng = np.random.default_rng(seed)
    y = (rng.normal(size=30) + ratio) * 10.0 ** (exponent - 12)
    problem = Problem(np.zeros((30, 1)), y, 0, weights=rng.uniform(0.1, 2.0, 30) if weighted else None)
    found = training.rows(problem, FLOAT64)
    assert np.log2(found.scale) % 1 == 0
    np.testing.assert_allclose(found.offset + found.scale * found.y, y, rtol=1e-15, atol=0)
    spread = np.sqrt(np.average((found.y - np.average(found.y)) ** 2))
    assert 1e-5 < spread < 1e7
    assert abs(found.y.mean()) < 2e3 * spread
    if -2 < exponent - 12 < 4 and ratio < 2:
        assert (found.offset, found.scale) == (0.0, 1.0)


def test_targets_that_are_all_alike_have_no_spread():
    for value in (0.0, 3.0, -1e-300, 1e150):
        found = training.rows(Problem(np.zeros((3, 1)), np.full(3, value), 0), FLOAT64)
        assert np.isfinite(found.y).all()
        assert (found.offset + found.scale * found.y == value).all()


def test_rows_without_weight_are_left_out():
    X, y = np.arange(8.0).reshape(4, 2), np.array([0, 1, 0, 1])
    found = training.rows(Problem(X, y, 2, weights=np.array([1.0, 0.0, 3.0, 0.0])), FLOAT32)
    assert found.X.tolist() == [[0.0, 1.0], [4.0, 5.0]]
    assert found.weights.tolist() == [0.25, 0.75]
    assert training.rows(Problem(X, y, 2, weights=np.full(4, 7.0)), FLOAT32).weights is None


def test_data_on_which_no_tree_can_be_grown():
    X, y = np.ones((3, 2)), np.array([1.0, 2.0, 3.0])
    good = Problem(X, y, 0)
    training.check(good, "a tree", FLOAT32)
    large = X.copy()
    large[1, 1] = 1e39
    training.check(replace(good, X=large), "a tree", FLOAT64)
    missing = X.copy()
    missing[2] = np.nan
    training.check(replace(good, X=missing), "a tree", FLOAT32)
    with pytest.raises(InvalidData, match="row 2: the features are too large for a tree"):
        training.check(replace(good, X=large), "a tree", FLOAT32)
    for bad in (np.nan, np.inf):
        with pytest.raises(InvalidData, match="row 1"):
            training.check(replace(good, y=np.array([bad, 2.0, 3.0])), "a tree", FLOAT32)
    with pytest.raises(InvalidData, match="targets are too large"):
        training.check(replace(good, y=y * 1e160), "a tree", FLOAT32)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**16), weighted=st.booleans())
def test_the_loss_is_that_of_scikit_learn(seed, weighted):
    rng = np.random.default_rng(seed)
    predicted = rng.dirichlet(np.full(3, 0.2), size=20)
    y, share = rng.integers(3, size=20), rng.uniform(0.1, 2.0, 20) if weighted else None
    expected = log_loss(y, predicted, sample_weight=share, labels=[0, 1, 2])
    assert training.loss(predicted, y, share) == pytest.approx(expected, rel=1e-9)


def test_a_checkpoint_of_other_settings_is_refused():
    problem = Problem(np.ones((3, 2)), np.array([0, 1, 1]), 2)
    fit = Fit(0, 1, np.zeros(0), training.mark(problem, "a"))
    training.check_mark(fit, problem, "a")
    for other, hyper in (
        (problem, "b"),
        (replace(problem, seed=1), "a"),
        (replace(problem, X=np.ones((3, 3))), "a"),
        (replace(problem, levels=(0, 2)), "a"),
    ):
        with pytest.raises(InvalidArtifact):
            training.check_mark(fit, other, hyper)
