import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from sklearn.calibration import _sigmoid_calibration

from lepton_core.models.calibrate import fit_sigmoid, probabilities


def drawn(seed, m, scale=1.0):
    rng = np.random.default_rng(seed)
    positive = rng.random(m) > rng.uniform(0.1, 0.9)
    return scale * (1.5 * positive + rng.normal(size=m) - 0.7), positive, rng.uniform(0.0, 3.0, m)


def cost(scores, positive, s, slope, offset):
    up, down = s[positive].sum(), s[~positive].sum()
    targets = np.where(positive, (up + 1) / (up + 2), 1 / (down + 2))
    z = slope * scores + offset
    return -np.sum(s * (targets * log_expit(z) + (1 - targets) * log_expit(-z)))


@settings(deadline=None, max_examples=60, phases=(Phase.explicit, Phase.generate))
@given(st.integers(0, 10**6), st.integers(2, 300), st.sampled_from([1e-3, 1.0, 20.0]))
def test_it_is_scikit_learns_sigmoid_or_a_better_one(seed, m, scale):
    scores, positive, s = drawn(seed, m, scale)
    slope, offset = fit_sigmoid(scores, positive, s)
    a, b = _sigmoid_calibration(scores, positive.astype(float), s)
    if a > 0:  # theirs points the wrong way
        assert slope == 0.0
        return
    assert cost(scores, positive, s, slope, offset) <= cost(scores, positive, s, -a, -b) + 1e-10 * s.sum()
    np.testing.assert_allclose(expit(slope * scores + offset), expit(-(a * scores + b)), atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("m", [20, 3000])
def test_it_agrees_with_a_tight_minimum_to_1e_8(m, scale):
    scores, positive, s = drawn(3, m)
    slope, offset = fit_sigmoid(scale * scores, positive, s)
    tight = minimize(
        lambda at: cost(scores, positive, s, *at),
        [scale * slope + 0.1, offset - 0.1],
        method="Nelder-Mead",
        options={"xatol": 1e-11, "fatol": 1e-15, "maxiter": 5000},
    )
    theirs = cost(scores, positive, s, *tight.x)
    assert cost(scores, positive, s, scale * slope, offset) == pytest.approx(theirs, rel=1e-12)
    np.testing.assert_allclose([scale * slope, offset], tight.x, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 30))
def test_a_weight_of_2_is_a_score_that_occurs_twice(seed, m):
    scores, positive, _ = drawn(seed, m)
    times = np.random.default_rng(seed).integers(0, 4, m)
    times[0] += 1
    one = fit_sigmoid(scores, positive, times.astype(float))
    other = fit_sigmoid(np.repeat(scores, times), np.repeat(positive, times), np.ones(times.sum()))
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("scores", "positive"),
    [
        ([3.0], [True]),
        ([3.0, 3.0], [True, False]),
        ([0.0, 0.0, 0.0], [False, False, False]),
        ([1.0, -1.0], [False, True]),
        ([-1e300, 1e300], [False, True]),
        ([1e-300, 2e-300, 3e-300], [False, True, True]),
        ([5.0, 5.0 + 1e-15, 5.0], [True, False, True]),
    ],
)
def test_scores_that_say_little_have_a_defined_result(scores, positive):
    scores, positive = np.array(scores), np.array(positive)
    slope, offset = fit_sigmoid(scores, positive, np.ones(len(scores)))
    assert np.isfinite([slope, offset]).all()
    assert slope >= 0.0
    shown = probabilities(scores, np.array([slope]), np.array([offset]))
    if slope == 0.0:
        up, down = positive.sum(), (~positive).sum()
        mean = (up * (up + 1) / (up + 2) + down / (down + 2)) / len(scores)
        np.testing.assert_allclose(shown[:, 1], mean)
    assert ((shown > 0) & (shown < 1)).all()


def test_a_perfect_separation_is_no_certainty():
    scores = np.r_[-np.ones(8), np.ones(3)]
    slope, offset = fit_sigmoid(scores, scores > 0, np.ones(11))
    np.testing.assert_allclose(expit(slope * np.array([-1.0, 1.0]) + offset), [1 / 10, 4 / 5], rtol=1e-9)


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 4), st.data())
def test_probabilities_are_probabilities(k, data):
    number = st.floats(-1.7e308, 1.7e308)
    scores = np.array(data.draw(st.lists(st.lists(number, min_size=k, max_size=k), min_size=1, max_size=5)))
    slope = np.array(data.draw(st.lists(st.floats(0, 1e308), min_size=k, max_size=k)))
    offset = np.array(data.draw(st.lists(number, min_size=k, max_size=k)))
    shown = probabilities(scores[:, 0] if k == 1 else scores, slope, offset)
    assert shown.shape == (len(scores), max(2, k))
    assert ((shown >= 0) & (shown <= 1)).all()
    np.testing.assert_allclose(shown.sum(axis=1), 1.0, rtol=1e-12)


def test_of_more_classes_the_sigmoids_are_divided_by_their_sum():
    rng = np.random.default_rng(0)
    scores, slope, offset = rng.normal(size=(20, 4)), rng.uniform(0, 3, 4), rng.normal(size=4)
    each = expit(slope * scores + offset)
    np.testing.assert_allclose(
        probabilities(scores, slope, offset), each / each.sum(axis=1, keepdims=True), rtol=1e-13
    )
