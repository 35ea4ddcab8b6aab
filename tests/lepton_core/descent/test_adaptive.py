"""Optimizers that adapt to each weight: against their formulas written by hand, and scikit-learn's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neural_network import _stochastic_optimizers as theirs

from lepton_core.descent import (
    Full,
    Mini,
    Penalty,
    Squared,
    adagrad,
    adam,
    adamw,
    begin,
    clip_by_norm,
    constant,
    cosine,
    decoupled_decay,
    descend,
    gradient_descent,
    momentum,
    rmsprop,
)

pytestmark = pytest.mark.slow

OPTIMIZERS = {
    "gradient_descent": gradient_descent(),
    "momentum": momentum(),
    "nesterov": momentum(nesterov=True),
    "adagrad": adagrad(),
    "rmsprop": rmsprop(),
    "adam": adam(),
}
ADAPTIVE = {"adagrad": 0.3, "rmsprop": 0.02, "adam": 0.02}

shapes = st.sampled_from([(3,), (2, 3)])
seeds = st.integers(0, 10**6)
quick = settings(deadline=None, max_examples=20)


def gradients(seed, shape, steps=30):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(steps, *shape)) * 10.0 ** rng.uniform(-3, 3, size=shape)


def run(optimizer, given, rate=0.01):
    """The weights after one step along each of the gradients, whatever the weights are."""
    weights = np.linspace(-1.0, 1.0, given[0].size).reshape(given[0].shape)
    slots = optimizer.init(weights)
    for one in given:
        _, weights, slots = optimizer.step(lambda point, one=one: (0.0, one), slots, weights, rate)
    return weights


def first(given):
    return np.linspace(-1.0, 1.0, given[0].size).reshape(given[0].shape)


@given(seed=seeds, shape=shapes)
@quick
def test_adagrad(seed, shape):
    given = gradients(seed, shape)
    w, total = first(given), 0.0
    for g in given:
        total = total + g**2
        w = w - 0.01 * g / (np.sqrt(total) + 1e-8)
    np.testing.assert_allclose(run(adagrad(), given), w, rtol=1e-12)


@given(seed=seeds, shape=shapes)
@quick
def test_rmsprop(seed, shape):
    given = gradients(seed, shape)
    w, v = first(given), 0.0
    for g in given:
        v = 0.9 * v + 0.1 * g**2
        w = w - 0.01 * g / (np.sqrt(v) + 1e-8)
    np.testing.assert_allclose(run(rmsprop(), given), w, rtol=1e-12)


@given(seed=seeds, shape=shapes, decay=st.sampled_from([0.0, 0.1]))
@quick
def test_adam_and_adamw(seed, shape, decay):
    given = gradients(seed, shape)
    w, m, v = first(given), 0.0, 0.0
    for t, g in enumerate(given, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        kept = w * (1 - 0.01 * decay)
        kept[..., -1] = w[..., -1]
        w = kept - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(run(adamw(decay), given), w, rtol=1e-12)
    if not decay:
        np.testing.assert_allclose(run(adam(), given), w, rtol=1e-12)


@given(seed=seeds)
@quick
def test_adam_is_scikit_learns(seed):
    given = gradients(seed, (4,))
    weights = first(given)
    # Its epsilon stands in another place, so that only without one the two are the same.
    oracle = theirs.AdamOptimizer([weights], learning_rate_init=0.01, epsilon=0.0)
    for g in given:
        oracle.update_params([weights], [g])
    np.testing.assert_allclose(run(adam(epsilon=0.0), given), weights, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("nesterov", [False, True])
@given(seed=seeds)
@quick
def test_momentum_is_scikit_learns(nesterov, seed):
    given = gradients(seed, (4,))
    weights = first(given)
    oracle = theirs.SGDOptimizer([weights], learning_rate_init=0.01, momentum=0.8, nesterov=nesterov)
    for g in given:
        oracle.update_params([weights], [g])
    found = run(momentum(0.8, nesterov=nesterov), given)
    if nesterov:  # it keeps the weights that look ahead
        before = run(momentum(0.8, nesterov=True), given[:-1])
        found = found + 0.8 * (found - before)
    np.testing.assert_allclose(found, weights, rtol=1e-11, atol=1e-11)


@given(seed=seeds, limit=st.floats(1e-3, 1e3), name=st.sampled_from(list(OPTIMIZERS)))
@quick
def test_clipping_shortens_long_gradients_and_no_others(seed, limit, name):
    given = gradients(seed, (2, 3))
    norms = np.sqrt(np.square(given).sum(axis=(1, 2), keepdims=True))
    expected = run(OPTIMIZERS[name], given * np.minimum(1.0, limit / norms))
    np.testing.assert_allclose(run(clip_by_norm(OPTIMIZERS[name], limit), given), expected, rtol=1e-9)
    whole = run(clip_by_norm(OPTIMIZERS[name], 1e9), given)
    assert whole.tobytes() == run(OPTIMIZERS[name], given).tobytes()


@given(seed=seeds, name=st.sampled_from(["gradient_descent", "adagrad", "rmsprop", "adam"]))
@quick
def test_decay_is_apart_from_the_gradient(seed, name):
    given = gradients(seed, (2, 3), steps=1)
    plain, decayed = run(OPTIMIZERS[name], given), run(decoupled_decay(OPTIMIZERS[name], 0.3), given)
    lost = 0.01 * 0.3 * first(given)
    lost[:, -1] = 0.0
    np.testing.assert_allclose(plain - decayed, lost, rtol=1e-10, atol=1e-15)
    where = np.array([[True, False, True], [False, False, True]])
    masked = run(decoupled_decay(OPTIMIZERS[name], 0.3, where), given)
    np.testing.assert_allclose(plain - masked, 0.003 * first(given) * where, rtol=1e-10, atol=1e-15)


def test_transforms_may_be_stacked_in_any_order():
    given = gradients(0, (3,))
    one = decoupled_decay(clip_by_norm(adam(), 0.5), 0.1)
    other = clip_by_norm(decoupled_decay(adam(), 0.1), 0.5)
    assert run(one, given).tobytes() == run(other, given).tobytes()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize(
    "wrap", [lambda o: o, lambda o: clip_by_norm(o, 1.0), lambda o: decoupled_decay(o, 0.1)]
)
def test_a_step_changes_nothing_in_place_and_keeps_the_names_of_the_slots(name, wrap):
    optimizer, weights, gradient = wrap(OPTIMIZERS[name]), np.ones(3), np.full(3, 2.0)
    slots = optimizer.init(weights)
    for _ in range(3):
        for array in (weights, gradient, *slots.values()):
            array.flags.writeable = False
        before = {name: (array.shape, array.dtype) for name, array in slots.items()}
        value, weights, slots = optimizer.step(lambda point: (7.0, gradient), slots, weights, 0.1)
        assert value == 7.0
        assert {name: (array.shape, array.dtype) for name, array in slots.items()} == before


rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)) * [1.0, 3.0, 0.3, 1.0]
y = X @ [1.0, -2.0, 0.1, 0.0] + 0.5 * rng.normal(size=60) + 0.3


@pytest.mark.parametrize("name", ADAPTIVE)
def test_with_l1_the_minimum_is_the_true_one_although_each_weight_has_a_rate_of_its_own(name):
    optimizer, penalty = OPTIMIZERS[name], Penalty(l1=0.1, l2=0.05)
    parts = (Squared(), penalty, optimizer, cosine(4000, 1e-6), Full(), begin(np.zeros(5), optimizer), X, y)
    w = descend(*parts, rate=ADAPTIVE[name], iterations=4000).weights
    gradient = Squared().value_and_gradient(w, X, y)[1]
    pull = gradient[:-1] + 0.05 * w[:-1]
    assert gradient[-1] == pytest.approx(0, abs=2e-4)
    zero = w[:-1] == 0
    assert 0 < zero.sum() < 4
    np.testing.assert_allclose(pull[~zero], -0.1 * np.sign(w[:-1][~zero]), atol=2e-4)
    assert (np.abs(pull[zero]) <= 0.1).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_mini_batches_come_near_the_minimum(name):
    optimizer = OPTIMIZERS[name]
    state = begin(np.zeros(5), optimizer)
    rate = {"adagrad": 0.5, "momentum": 0.003, "nesterov": 0.003}.get(name, 0.02)
    parts = (Squared(), Penalty(l2=0.1), optimizer, cosine(200, 1e-3), Mini(8), state, X, y)
    end = descend(*parts, rate=rate, iterations=200)
    best = descend(
        Squared(),
        Penalty(l2=0.1),
        momentum(),
        constant(),
        Full(),
        begin(np.zeros(5), momentum()),
        X,
        y,
        rate=0.05,
        iterations=2000,
    )
    np.testing.assert_allclose(end.weights, best.weights, atol=0.05)
