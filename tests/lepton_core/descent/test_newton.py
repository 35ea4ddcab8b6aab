"""Newton's method: it never rises, needs few steps, and does not see units, offsets or dependent features."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lepton_core.descent import Full, Huber, Logistic, Penalty, Softmax, Squared, begin, constant, descend
from lepton_core.descent.coordinates import Coordinates
from lepton_core.descent.hessian import Curvature, Equations, bending
from lepton_core.descent.newton import bend, dense, newton, truncated

LOSSES = [Logistic(), Softmax(3), Squared(), Huber(0.7)]


def example(loss, seed, rows=60, features=4):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, features))
    score = X @ rng.normal(size=(features, 3)) + rng.normal(size=(rows, 3))
    if isinstance(loss, Softmax):
        return X, score.argmax(axis=1)
    return X, (score[:, 0] > 0.2).astype(float) if isinstance(loss, Logistic) else score[:, 0]


def run(loss, X, y, s=None, *, l2=0.01, by=dense, iterations=60, tolerance=0.0):
    optimizer = newton(by(loss, X, y, s, l2=l2))
    state = begin(np.zeros(loss.shape(X.shape[1])), optimizer)
    parts = (loss, Penalty(l2=l2), optimizer, constant(), Full(), state, X, y, s)
    return descend(*parts, rate=1.0, iterations=iterations, tolerance=tolerance, patience=1)


def objective(loss, W, X, y, s=None, l2=0.01):
    value, gradient = loss.value_and_gradient(W, X, y, s)
    return value + Penalty(l2=l2).value(W), Penalty(l2=l2).add_gradient(gradient, W)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@given(seed=st.integers(0, 10**6), weighted=st.booleans())
@settings(max_examples=15)
def test_second_derivatives_are_those_of_the_gradient(loss, seed, weighted):
    X, y = example(loss, seed, rows=9)
    rng = np.random.default_rng(seed)
    W, V = rng.normal(size=(2, *loss.shape(4)))
    s = rng.uniform(0.1, 2.0, 9) if weighted else None
    if isinstance(loss, Huber) and np.abs(np.abs(X @ W[:-1] + W[-1] - y) - loss.delta).min() < 1e-4:
        return
    curvature = bending(loss, W, X, y, s)
    turns = [loss.value_and_gradient(W + h * V, X, y, s)[1] for h in (1e-6, -1e-6)]
    assert_allclose(curvature.image(V, X), (turns[0] - turns[1]) / 2e-6, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_hessian_products_blocks_and_triangle_are_one_matrix(loss):
    X, y = example(loss, 0)
    rng = np.random.default_rng(1)
    W, s = rng.normal(size=loss.shape(4)), rng.uniform(0.1, 2.0, 60)
    curvature, at = bending(loss, W, X, y, s), Coordinates.of(X, s)
    H, R, p = curvature.products(X, at), curvature.triangle(X, at), 5
    assert_allclose(R.T @ R, H, atol=1e-14)
    blocks = curvature.blocks(X, at, diagonal=False)
    assert_allclose(blocks, [H[k : k + p, k : k + p] for k in range(0, len(H), p)])
    assert_allclose(curvature.blocks(X, at, diagonal=True), np.diagonal(blocks, axis1=1, axis2=2))
    V = rng.normal(size=W.shape)
    image = at.gradient(curvature.image(at.move(V), X), W, 0.0)
    assert_allclose((H @ V.ravel()).reshape(V.shape), image, atol=1e-14)


def test_the_hessian_of_certain_classes_keeps_its_digits():
    # 1 - p has none left where p is 1 but for 1e-17; the products of the other classes' p have all.
    p = np.array([[1.0], [1e-17], [2e-17]])
    curvature = Curvature(p, p)
    assert_allclose(curvature.own[:, 0], [3e-17, 1e-17, 2e-17], rtol=1e-12)
    H = curvature.products(np.zeros((1, 0)), Coordinates.of(np.zeros((1, 0))))
    assert_allclose(H.sum(axis=0), 0.0, atol=1e-30)


@pytest.mark.slow
@pytest.mark.parametrize("by", [dense, truncated])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(1, 40),
    features=st.integers(0, 6),
    spread=st.sampled_from([0.0, 6.0, 12.0]),
    l2=st.sampled_from([0.0, 1e-3, 10.0]),
)
@settings(max_examples=20)
def test_the_objective_never_rises(loss, by, seed, rows, features, spread, l2):
    X, y = example(loss, seed, rows, features)
    X = X * 10.0 ** np.random.default_rng(seed).uniform(-spread, spread, features)
    end = run(loss, X, y, l2=l2, by=by, iterations=25)
    assert (np.diff(end.losses) <= 0).all()
    assert objective(loss, end.weights, X, y, l2=l2)[0] <= end.losses[-1]


@pytest.mark.parametrize("by", [dense, truncated])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_it_comes_to_rest_in_few_steps(loss, by):
    X, y = example(loss, 2)
    end = run(loss, X, y, by=by, tolerance=1e-12)
    assert end.iteration < 15
    assert np.abs(objective(loss, end.weights, X, y)[1]).max() < 1e-8


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@given(seed=st.integers(0, 1000), l2=st.sampled_from([0.0, 1e-3]))
@settings(max_examples=10)
def test_units_and_offsets_make_no_difference(loss, seed, l2):
    X, y = example(loss, seed)
    rng = np.random.default_rng(seed)
    units = 10.0 ** rng.uniform(-12, 12, 4)
    strange = (X + rng.uniform(-10, 10, 4)) * units
    if l2:  # the penalty is in the weights' own units
        units, strange = np.ones(4), X + 1000.0
    plain, other = run(loss, X, y, l2=l2), run(loss, strange, y, l2=l2)
    assert_allclose(other.losses[-1], plain.losses[-1], rtol=1e-10)
    assert_allclose(other.weights[..., :-1] * units, plain.weights[..., :-1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_features_that_say_nothing_new_change_nothing(loss, l2):
    X, y = example(loss, 3)
    more = np.column_stack([X, X[:, 0] + X[:, 1], np.full(60, 7.3), np.zeros(60)])
    plain, other = run(loss, X, y, l2=l2), run(loss, more, y, l2=l2)
    assert np.isfinite(other.weights).all()
    assert not other.weights[..., -3:-1].any()
    if not l2:
        assert_allclose(other.losses[-1], plain.losses[-1], rtol=1e-12)


def test_a_feature_that_does_not_vary_loses_the_weight_that_it_brings():
    X, y = example(Logistic(), 4)
    X = np.column_stack([X, np.full(60, 7.3)])
    optimizer = newton(dense(Logistic(), X, y, l2=0.1))
    state = begin(np.full(6, 0.5), optimizer)
    end = descend(
        Logistic(), Penalty(l2=0.1), optimizer, constant(), Full(), state, X, y, rate=1.0, iterations=10
    )
    assert_allclose(end.weights, run(Logistic(), X, y, l2=0.1).weights, atol=1e-9)


@pytest.mark.parametrize("by", [dense, truncated])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_rows_of_share_0_are_absent_and_shares_are_counts(loss, by):
    X, y = example(loss, 5)
    counts = np.arange(60) % 3
    often = np.repeat(np.arange(60), counts)
    one = run(loss, X, y, counts / counts.mean(), by=by)
    other = run(loss, X[often], y[often], by=by)
    assert_allclose(one.weights, other.weights, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("delta", [1e-6, 1e-3, 1e3])
def test_huber_from_where_all_errors_are_too_large_to_bend(delta):
    X, y = example(Huber(1.0), 6)
    end = run(Huber(delta), X, 100.0 * y, l2=0.0, iterations=300, tolerance=1e-13)
    assert end.iteration < 60
    assert np.abs(objective(Huber(delta), end.weights, X, 100.0 * y, l2=0.0)[1]).max() < 1e-6 * delta


def test_where_nothing_is_left_to_do_nothing_is_computed():
    X, y = example(Logistic(), 7)
    optimizer = newton(dense(Logistic(), X, y, l2=0.1))
    weights, slots, seen = np.zeros(5), optimizer.init(np.zeros(5)), []

    def counted(W):
        seen.append(W)
        return objective(Logistic(), W, X, y, l2=0.1)

    for _ in range(20):
        _, weights, slots = optimizer.step(counted, slots, weights, 1.0)
    assert slots["damping"].tolist() == [np.inf]
    assert len(seen) < 15


def test_a_step_changes_nothing_in_place():
    X, y = example(Softmax(3), 8)
    optimizer, weights = newton(bend(Softmax(3), X, y)), np.zeros((3, 5))
    slots = optimizer.init(weights)
    for _ in range(3):
        for array in (weights, *slots.values()):
            array.flags.writeable = False
        _, weights, slots = optimizer.step(
            lambda W: Softmax(3).value_and_gradient(W, X, y), slots, weights, 1.0
        )


def test_equations_that_have_no_solution_say_so():
    X = np.array([[-1.0], [1.0]])
    equations = Equations(Curvature(np.zeros((1, 2)), None), X, Coordinates.of(X))
    assert equations.solve(np.array([1.0, 0.0]), np.zeros(2), free=True) is None
    assert not equations.solve(np.zeros(2), np.zeros(2), free=True).any()


def peak(action) -> int:
    tracemalloc.start()
    action()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.parametrize(
    ("classes", "features", "rows"), [(25, 10, 5000), (60, 500, 800)], ids=["dense", "truncated"]
)
def test_many_classes_do_not_multiply_the_data(classes, features, rows):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(rows, features)), rng.integers(0, classes, rows)
    X[:, 1] = X[:, 0]  # so that the rows are factored, not their products
    loss, W = Softmax(classes), np.zeros((classes, features + 1))
    gradient = loss.value_and_gradient(W, X, y)[1]
    assert peak(lambda: bend(loss, X, y, l2=1e-3)(W)(gradient, 0.0)) < 2**26
