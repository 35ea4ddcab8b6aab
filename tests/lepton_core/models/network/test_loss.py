"""The network's loss against its formula, its gradient against finite differences and scikit-learn's."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax
from sklearn.neural_network import MLPClassifier, MLPRegressor

from lepton_core.descent import Penalty
from lepton_core.models.network import (
    ACTIVATIONS,
    NetworkLoss,
    initial,
    layers_of,
    loss,
    not_biases,
    unflatten,
)
from tests.lepton_core.descent.test_losses import placed

quick = settings(deadline=None, max_examples=40)
HIDDEN = st.lists(st.integers(1, 5), max_size=3).map(tuple)
SEEDS = st.integers(0, 10**6)
CLASSES = st.sampled_from([0, 2, 3, 5])
NAMES = st.sampled_from(list(ACTIVATIONS))


def targets(n_classes: int, rng: np.random.Generator, rows: int) -> np.ndarray:
    y = rng.integers(0, n_classes, rows) if n_classes else rng.normal(size=rows)
    return y.astype(np.float64) if n_classes == 2 else y


def example(of: NetworkLoss, seed: int, rows: int, features: int):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, features))
    return rng.normal(size=of.shape(features)), X, targets(of.n_classes, rng, rows)


@given(SEEDS, HIDDEN, CLASSES, NAMES, st.sampled_from([0.0, 0.5]), st.booleans(), st.integers(0, 4))
@quick
def test_the_gradient_is_the_derivative(seed, hidden, n_classes, name, dropout, weighted, features):
    of = NetworkLoss(hidden, n_classes, name, dropout, seed).at(3, 1)
    W, X, y = example(of, seed, 6, features)
    s = np.random.default_rng(seed).uniform(0, 2, 6) if weighted else None
    value, gradient = of.value_and_gradient(W, X, y, s)
    if not dropout:
        assert value == pytest.approx(of.value(W, X, y, s), rel=1e-13)
    h = 1e-6
    for at in range(len(W)):
        step = np.zeros_like(W)
        step[at] = h
        ahead, behind = (of.value_and_gradient(W + side * step, X, y, s)[0] for side in (1, -1))
        # A kink of relu within the step shows as a slope between its two sides.
        if name == "relu" and abs(ahead + behind - 2 * value) > 1e-9 * max(1, abs(value)):
            continue
        assert gradient[at] == pytest.approx((ahead - behind) / (2 * h), rel=1e-5, abs=1e-7)


@given(SEEDS, HIDDEN, CLASSES, NAMES)
@quick
def test_a_weight_counts_a_row_so_many_times(seed, hidden, n_classes, name):
    of = NetworkLoss(hidden, n_classes, name)
    W, X, y = example(of, seed, 5, 3)
    times = np.array([0, 1, 2, 3, 4])
    value, gradient = of.value_and_gradient(W, X, y, times / times.mean())
    repeated = of.value_and_gradient(W, X.repeat(times, axis=0), y.repeat(times))
    assert value == pytest.approx(repeated[0], rel=1e-12)
    np.testing.assert_allclose(gradient, repeated[1], rtol=1e-10, atol=1e-12)
    assert of.value(W, X, y, times / times.mean()) == pytest.approx(value, rel=1e-12)


ESTIMATORS = {0: MLPRegressor, 2: MLPClassifier, 4: MLPClassifier}


def of_sklearn(n_classes, name, hidden, W, X, y, l2):
    """Loss and gradient as scikit-learn's own backpropagation gives them, in our order of weights."""
    layers = layers_of(X.shape[1], hidden, n_classes)
    network = ESTIMATORS[n_classes](hidden_layer_sizes=hidden, activation=name, alpha=l2 * len(X), max_iter=1)
    one_hot = np.eye(4)[y] if n_classes == 4 else y[:, None]
    network.partial_fit(X, y, **({"classes": range(n_classes)} if n_classes else {}))
    views = unflatten(W, layers)
    network.coefs_ = [matrix.copy() for matrix, _ in views]
    network.intercepts_ = [bias.copy() for _, bias in views]
    shapes = list(pairwise(layers))
    slopes = [np.empty(shape) for shape in shapes], [np.empty(out) for _, out in shapes]
    buffers = [X] + [np.empty((len(X), width)) for width in layers[1:]]
    deltas = [np.empty_like(one) for one in buffers[1:]]
    args = (X, one_hot, None) if takes_weights(network) else (X, one_hot)
    value, *_ = network._backprop(*args, buffers, deltas, *slopes)
    flat = [array.ravel() for pair in zip(*slopes, strict=True) for array in pair]
    return value, np.concatenate(flat)


def takes_weights(network) -> bool:
    names = network._backprop.__code__.co_varnames
    return "sample_weight" in names[: network._backprop.__code__.co_argcount]


@pytest.mark.parametrize("name", ["relu", "tanh"])
@pytest.mark.parametrize("n_classes", ESTIMATORS)
@pytest.mark.parametrize("hidden", [(7,), (100,), (9, 5), (20, 10, 5)], ids=str)
def test_value_and_gradient_are_those_of_scikit_learn(n_classes, name, hidden):
    of, l2 = NetworkLoss(hidden, n_classes, name), 0.01
    W, X, y = example(of, 1, 200, 6)
    W *= 0.3
    layers = layers_of(6, hidden, n_classes)
    expected, slope = of_sklearn(n_classes, name, hidden, W, X, y, l2)
    value, gradient = of.value_and_gradient(W, X, y)
    penalty = Penalty(l2=l2, where=not_biases(layers))
    value, gradient = value + penalty.value(W), penalty.add_gradient(gradient, W)
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-12, atol=1e-12 * abs(slope).max())


def test_the_value_is_the_mean_log_probability_of_the_truth():
    of = NetworkLoss((3,), 4, "tanh")
    W, X, y = example(of, 2, 30, 2)
    (first, bias), (last, end) = unflatten(W, (2, 3, 4))
    logs = log_softmax(np.tanh(X @ first + bias) @ last + end, axis=1)
    assert of.value(W, X, y) == pytest.approx(-logs[np.arange(30), y].mean(), rel=1e-13)


@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_chunks_change_nothing_but_rounding(n_classes, name, dropout, monkeypatch):
    of = NetworkLoss((6, 4), n_classes, name)
    W, X, y = example(of, 3, 101, 3)
    s = np.random.default_rng(0).uniform(size=101)
    value, gradient = of.value_and_gradient(W, X, y, s)
    monkeypatch.setattr(loss, "_CHUNK_NUMBERS", 0)
    monkeypatch.setattr(loss, "_CHUNK_ROWS", 7)
    in_chunks = of.value_and_gradient(W, X, y, s)
    assert in_chunks[0] == pytest.approx(value, rel=1e-13)
    assert of.value(W, X, y, s) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(in_chunks[1], gradient, rtol=1e-11, atol=1e-14)


def test_dropout_draws_anew_for_each_batch_and_the_same_for_the_same_one():
    of = NetworkLoss((50,), 2, "relu", dropout=0.5, seed=1)
    W, X, y = example(of, 4, 40, 3)
    places = [(0, 0), (0, 1), (1, 0), (1, 1)]
    values = [of.at(*place).value_and_gradient(W, X, y)[0] for place in places]
    assert len(set(values)) == 4
    assert values == [of.at(*place).value_and_gradient(W, X, y)[0] for place in places]
    assert NetworkLoss((50,), 2).at(1, 2) == NetworkLoss((50,), 2)
    assert of.at(7, 8).value(W, X, y) == NetworkLoss((50,), 2).value(W, X, y)


def test_dropout_leaves_the_expected_score_as_it_is():
    of = NetworkLoss((200,), 0, "relu", dropout=0.3)
    W, X, y = example(of, 5, 1, 3)
    _, bias = unflatten(W, (3, 200, 1))[1]
    # The gradient in the last bias is the residual itself.
    drawn = [of.at(0, batch).value_and_gradient(W, X, y)[1][-1] for batch in range(2000)]
    exact = NetworkLoss((200,), 0).value_and_gradient(W, X, y)[1][-1]
    assert np.mean(drawn) == pytest.approx(exact, abs=4 * np.std(drawn) / np.sqrt(2000))
    assert bias.shape == (1,)


@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_in_float32_it_is_the_same_to_its_digits(n_classes, name):
    of = NetworkLoss((20, 5), n_classes, name)
    W, X, y = example(of, 6, 300, 4)
    s = np.random.default_rng(0).uniform(size=300)
    W *= 0.5
    small = X.astype(np.float32), y.astype(np.float32) if n_classes < 3 else y
    value, gradient = of.value_and_gradient(W, X, y, s)
    rounded, slope = of.value_and_gradient(W, *small, s)
    assert slope.dtype == np.float64
    assert rounded == pytest.approx(value, rel=1e-5)
    assert of.value(W, *small, s) == pytest.approx(value, rel=1e-5)
    np.testing.assert_allclose(slope, gradient, atol=1e-4 * abs(gradient).max())


@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_no_bit_depends_on_where_the_data_lies_in_memory(n_classes, name, kind):
    of = NetworkLoss((33, 7), n_classes, name)
    W, X, y = example(of, 7, 203, 13)
    X = X.astype(kind)
    results = set()
    for offset in (0, 8, 16, 40):
        value, gradient = of.value_and_gradient(placed(W, offset), placed(X, 56 - offset), placed(y, offset))
        results.add((value, gradient.tobytes()))
    assert len(results) == 1


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("size", [1e3, 1e100, 1e300])
def test_huge_scores_have_their_limits(name, size):
    f = ACTIVATIONS[name]
    Z = np.array([[-size, size]])
    with np.errstate(all="raise", under="ignore"):
        A, slope = f.with_slope(Z.copy())
        np.testing.assert_array_equal(f.apply(Z.copy()), A)
    bounded = {"tanh": ([[-1.0, 1.0]], [[0.0, 0.0]])}
    expected = bounded.get(name, ([[0.0, size]], [[0.0, 1.0]]))
    np.testing.assert_array_equal(A, expected[0])
    np.testing.assert_array_equal(slope, expected[1])


def test_gelu_is_the_normal_probability_to_its_precision():
    from scipy.stats import norm

    z = np.linspace(-8, 8, 4001)
    np.testing.assert_allclose(ACTIVATIONS["gelu"].apply(z.copy()), z * norm.cdf(z), atol=5e-4)


def test_nothing_that_comes_in_is_changed():
    of = NetworkLoss((4,), 3, "gelu", dropout=0.2)
    W, X, y = example(of, 8, 20, 2)
    s = np.ones(20)
    for array in (W, X, y, s):
        array.flags.writeable = False
    of.value_and_gradient(W, X, y, s)
    of.value(W, X, y, s)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_first_weights_keep_the_size_of_the_scores(name):
    layers = (300, 300, 300, 300, 300, 1)
    A = np.random.default_rng(0).normal(size=(200, 300))
    W = initial(layers, name, seed=3)
    for matrix, bias in unflatten(W, layers)[:-1]:
        A = ACTIVATIONS[name].apply(A @ matrix + bias)
    assert 0.1 < np.sqrt(np.mean(A**2)) < 2.5
    assert not np.array_equal(W, initial(layers, name, seed=4))
