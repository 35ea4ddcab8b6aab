import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.descent import Penalty

quick = settings(deadline=None, max_examples=30)
amounts = st.floats(0, 10)


@pytest.mark.parametrize("shape", [(4,), (3, 4)])
@given(seed=st.integers(0, 10**6), l2=amounts)
@quick
def test_the_smooth_half_has_its_derivative_as_gradient(shape, seed, l2):
    W = np.random.default_rng(seed).normal(size=shape)
    penalty, before, h = Penalty(l2=l2), np.ones(shape), 1e-5
    gradient = penalty.add_gradient(before, W)
    assert (before == 1).all()
    for at in np.ndindex(shape):
        step = np.zeros(shape)
        step[at] = h
        slope = (penalty.value(W + step) - penalty.value(W - step)) / (2 * h)
        assert gradient[at] - 1 == pytest.approx(slope, rel=1e-6, abs=1e-7)


@given(weight=st.floats(-5, 5), l1=amounts, rate=st.floats(0.01, 2))
@quick
def test_shrinking_is_the_proximal_step(weight, l1, rate):
    shrunk = Penalty(l1=l1).shrink(np.array([weight, 7.0]), rate)

    def cost(w):
        return (w - weight) ** 2 / (2 * rate) + l1 * abs(w)

    assert shrunk[1] == 7.0
    around = shrunk[0] + np.linspace(-1, 1, 201)
    assert cost(shrunk[0]) <= cost(around).min() + 1e-9


def test_shrinking_makes_exact_positive_zeros():
    shrunk = Penalty(l1=1.0).shrink(np.array([[0.5, -0.5, 9.0]]), 1.0)
    assert shrunk.tolist() == [[0.0, 0.0, 9.0]]
    assert not np.signbit(shrunk).any()


def test_the_intercept_costs_nothing():
    assert Penalty(l1=3.0, l2=5.0).value(np.array([[0.0, 1e6], [0.0, -1e6]])) == 0.0


WHERE = np.array([[True, False, True], [False, True, False]])


@given(seed=st.integers(0, 10**6), l1=amounts, l2=amounts)
@quick
def test_a_mask_says_which_weights_cost(seed, l1, l2):
    W = np.random.default_rng(seed).normal(size=(2, 3))
    masked, plain = Penalty(l1, l2, WHERE), Penalty(l1, l2)
    chosen = np.append(W[WHERE], 7.0)  # all but the last are penalised without a mask
    assert masked.value(W) == pytest.approx(plain.value(chosen), rel=1e-12)
    added = masked.add_gradient(np.zeros((2, 3)), W)
    np.testing.assert_allclose(added[WHERE], plain.add_gradient(np.zeros(4), chosen)[:-1])
    assert (added[~WHERE] == 0).all()
    shrunk = masked.shrink(W, 0.1)
    np.testing.assert_allclose(shrunk[WHERE], plain.shrink(chosen, 0.1)[:-1])
    np.testing.assert_array_equal(shrunk[~WHERE], W[~WHERE])


@pytest.mark.parametrize("where", [None, WHERE])
@given(seed=st.integers(0, 10**6), l1=amounts)
@quick
def test_each_weight_may_shrink_at_a_rate_of_its_own(where, seed, l1):
    rng = np.random.default_rng(seed)
    W, rates = rng.normal(size=(2, 3)), rng.uniform(0.0, 1.0, (2, 3))
    shrunk = Penalty(l1, where=where).shrink(W, rates)
    for at in np.ndindex(W.shape):
        only = np.zeros((2, 3), bool)
        only[at] = at[1] < 2 if where is None else where[at]
        assert shrunk[at] == Penalty(l1, where=only).shrink(W, float(rates[at]))[at]


def test_a_rate_of_0_shrinks_nothing():
    W = np.array([1e-300, -3.0, 1.0])
    assert Penalty(5.0).shrink(W, 0.0).tolist() == W.tolist()
