"""Each loss against its formula, and each gradient against central finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from lepton_core.descent import Huber, Logistic, Loss, Softmax, Squared
from lepton_core.matrix import measures

quick = settings(deadline=None, max_examples=25)
LOSSES = [Logistic(), Softmax(2), Softmax(4), Squared(), Huber(0.8)]
WEIGHTED = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])


def targets(loss: Loss, rng: np.random.Generator, rows: int) -> np.ndarray:
    if isinstance(loss, Softmax):
        return rng.integers(0, loss.classes, rows)
    return rng.integers(0, 2, rows) if isinstance(loss, Logistic) else rng.normal(size=rows)


def shares(weighted: bool, seed: int, rows: int) -> np.ndarray | None:
    return np.random.default_rng(seed).exponential(size=rows) if weighted else None


def example(loss: Loss, seed: int, rows: int, features: int):
    rng = np.random.default_rng(seed)
    X, W = rng.normal(size=(rows, features)), rng.normal(size=loss.shape(features))
    return W, X, targets(loss, rng, rows)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@WEIGHTED
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 12), features=st.integers(0, 5))
@quick
def test_the_gradient_is_the_derivative(loss: Loss, weighted: bool, seed: int, rows: int, features: int):
    W, X, y = example(loss, seed, rows, features)
    s = shares(weighted, seed, rows)
    _, gradient = loss.value_and_gradient(W, X, y, s)
    h = 1e-5
    for at in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[at] = h
        slope = (loss.value(W + step, X, y, s) - loss.value(W - step, X, y, s)) / (2 * h)
        # Where Huber's bend lies between the two points, the slopes on its sides differ by what h allows.
        assert gradient[at] == pytest.approx(
            slope, rel=1e-6, abs=1e-8 if not isinstance(loss, Huber) else 1e-4
        )


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@WEIGHTED
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 50), features=st.integers(0, 5))
@quick
def test_the_value_is_the_same_with_and_without_the_gradient(loss, weighted, seed, rows, features):
    W, X, y = example(loss, seed, rows, features)
    s = shares(weighted, seed, rows)
    assert loss.value_and_gradient(W, X, y, s)[0] == pytest.approx(loss.value(W, X, y, s), rel=1e-13)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 30), features=st.integers(0, 5))
@quick
def test_a_share_of_k_is_a_row_that_occurs_k_times(loss: Loss, seed: int, rows: int, features: int):
    W, X, y = example(loss, seed, rows, features)
    times = np.random.default_rng(seed).integers(0, 4, rows)
    times[0] += 1
    value, gradient = loss.value_and_gradient(W, X, y, times / times.mean())
    expected, slope = loss.value_and_gradient(W, np.repeat(X, times, axis=0), np.repeat(y, times))
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_shares_of_1_change_nothing_but_rounding(loss: Loss):
    W, X, y = example(loss, 9, 50, 4)
    value, gradient = loss.value_and_gradient(W, X, y, np.ones(50))
    assert value == pytest.approx(loss.value(W, X, y), rel=1e-14)
    np.testing.assert_allclose(gradient, loss.value_and_gradient(W, X, y)[1], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_deterministic_loss_is_the_same_at_every_batch(loss: Loss):
    assert loss.at(3, 7) is loss


@given(seed=st.integers(0, 10**6), rows=st.integers(1, 30), delta=st.floats(1e-3, 10.0))
@quick
def test_huber_is_the_published_formula(seed: int, rows: int, delta: float):
    w, X, y = example(Huber(delta), seed, rows, 3)
    error = np.abs(X @ w[:-1] + w[-1] - y)
    each = np.where(error <= delta, error**2 / 2, delta * (error - delta / 2))
    assert Huber(delta).value(w, X, y) == pytest.approx(each.mean(), rel=1e-12)


def test_huber_of_small_errors_is_squared_and_of_large_ones_no_longer_grows_in_slope():
    w, X, y = example(Squared(), 10, 30, 3)
    assert Huber(1e6).value(w, X, y) == pytest.approx(Squared().value(w, X, y), rel=1e-14)
    far, farther = (Huber(1.0).value_and_gradient(w, X, y + shift)[1] for shift in (1e6, 1e9))
    np.testing.assert_allclose(far, farther, rtol=1e-12)


@given(seed=st.integers(0, 10**6), rows=st.integers(1, 20))
@quick
def test_logistic_is_the_published_formula(seed: int, rows: int):
    w, X, y = example(Logistic(), seed, rows, 3)
    s = 1 / (1 + np.exp(-(X @ w[:-1] + w[-1])))
    value, gradient = Logistic().value_and_gradient(w, X, y)
    assert value == pytest.approx(-np.mean(y * np.log(s) + (1 - y) * np.log(1 - s)), rel=1e-10)
    np.testing.assert_allclose(gradient, np.column_stack([X, np.ones(rows)]).T @ (s - y) / rows, atol=1e-14)


def test_softmax_is_the_mean_log_probability_of_the_truth():
    W, X, y = example(Softmax(4), 1, 30, 3)
    logs = log_softmax(X @ W[:, :-1].T + W[:, -1], axis=1)
    assert Softmax(4).value(W, X, y) == pytest.approx(-logs[np.arange(30), y].mean(), rel=1e-13)


def test_squared_is_half_the_mean_square():
    w, X, y = example(Squared(), 1, 30, 3)
    assert Squared().value(w, X, y) == pytest.approx(np.mean((X @ w[:-1] + w[-1] - y) ** 2) / 2, rel=1e-13)


def test_softmax_of_two_classes_is_logistic():
    w, X, y = example(Logistic(), 3, 30, 4)
    value, gradient = Softmax(2).value_and_gradient(np.stack([np.zeros_like(w), w]), X, y)
    expected, slope = Logistic().value_and_gradient(w, X, y)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(gradient, [-slope, slope], atol=1e-15)


def test_labels_may_be_whole_or_floating_numbers():
    w, X, y = example(Logistic(), 4, 30, 4)
    np.testing.assert_array_equal(
        Logistic().value_and_gradient(w, X, y)[1], Logistic().value_and_gradient(w, X, y.astype(float))[1]
    )


@pytest.mark.parametrize("score", [40.0, 800.0, 1e6, 1e300])
def test_huge_margins_neither_overflow_nor_lose_the_small_side(score: float):
    X, w = np.array([[1.0]]), np.array([score, 0.0])
    right, wrong = np.array([1]), np.array([0])
    with np.errstate(all="raise", under="ignore"):
        value, gradient = Logistic().value_and_gradient(w, X, right)
        assert value == pytest.approx(np.exp(-score), rel=1e-12)
        assert gradient[0] == pytest.approx(-np.exp(-score), rel=1e-12)
        value, gradient = Logistic().value_and_gradient(w, X, wrong)
        assert (value, gradient[0]) == (score, 1.0)
        value, gradient = Softmax(2).value_and_gradient(np.stack([np.zeros(2), w]), X, wrong)
        assert (value, gradient[1, 0]) == (score, 1.0)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@WEIGHTED
def test_chunks_change_nothing_but_rounding(loss: Loss, weighted: bool, monkeypatch: pytest.MonkeyPatch):
    W, X, y = example(loss, 5, 101, 3)
    s = shares(weighted, 5, 101)
    value, gradient = loss.value_and_gradient(W, X, y, s)
    monkeypatch.setattr(measures, "_CHUNK_BYTES", 0)
    in_chunks = loss.value_and_gradient(W, X, y, s)
    assert in_chunks[0] == pytest.approx(value, rel=1e-13)
    assert loss.value(W, X, y, s) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(in_chunks[1], gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_the_curvature_bounds_the_change_of_the_gradient(loss: Loss):
    W, X, y = example(loss, 6, 40, 3)
    other = np.random.default_rng(7).normal(size=W.shape)
    change = loss.value_and_gradient(W, X, y)[1] - loss.value_and_gradient(other, X, y)[1]
    wide = np.column_stack([X, np.ones(40)])
    bound = loss.curvature * np.linalg.eigvalsh(wide.T @ wide / 40).max()
    assert np.linalg.norm(change) <= bound * np.linalg.norm(W - other)


def placed(array: np.ndarray, offset: int) -> np.ndarray:
    """A copy that begins ``offset`` bytes after a cache line does."""
    memory = np.empty(array.nbytes + 128, np.uint8)
    first = -memory.ctypes.data % 64 + offset
    copy = memory[first : first + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("shape", [(7, 3), (100, 13), (569, 30)], ids=str)
@WEIGHTED
def test_no_bit_depends_on_where_the_data_lies_in_memory(loss: Loss, shape: tuple[int, int], weighted: bool):
    W, X, y = example(loss, 8, *shape)
    s = shares(weighted, 8, shape[0])
    results = set()
    for offset in (0, 8, 16, 40):
        value, gradient = loss.value_and_gradient(
            placed(W, offset),
            placed(X, 56 - offset),
            placed(y, offset),
            None if s is None else placed(s, offset),
        )
        results.add((value, gradient.tobytes()))
    assert len(results) == 1
