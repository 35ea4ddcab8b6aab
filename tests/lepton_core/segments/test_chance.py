"""What chance does: tails beside scipy's, and a correction that is wrong about one of many in 5 % of cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lepton_core.segments.chance import gamma_tail, holm, tail_of_sum, wilson


def test_the_tail_of_a_skewed_sum_is_scipys() -> None:
    rng = np.random.default_rng(0)
    z, skewness = rng.uniform(0.01, 6, 2000), 10 ** rng.uniform(-4, 1.2, 2000)
    expected = stats.pearson3.sf(z, skewness)
    np.testing.assert_allclose(tail_of_sum(z, skewness), expected, rtol=0.01)


def test_without_skewness_it_is_normal_and_below_the_mean_nothing_is_shown() -> None:
    z = np.array([0.5, 2.0, 8.0])
    for skewness in (0.0, -1.0):
        found = tail_of_sum(z, np.full(3, skewness))
        np.testing.assert_allclose(found, stats.norm.sf(z), rtol=1e-9)
    assert tail_of_sum(np.array([-1.0, 0.0]), np.array([3.0, 0.0])).tolist() == [1.0, 1.0]


def test_the_tail_of_a_gamma_distribution_is_scipys_on_both_sides_of_its_mean() -> None:
    rng = np.random.default_rng(1)
    shape = 10 ** rng.uniform(-3, 3, 2000)
    x = shape * rng.uniform(0.01, 4, 2000)
    np.testing.assert_allclose(gamma_tail(shape, x), stats.gamma.sf(x, shape), rtol=1e-7, atol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_rejects_step_by_step(p: list[float]) -> None:
    """Its definition: from the least on, each against what the number of those left allows, until one fails."""
    for level in (0.05, 0.3):
        rejected = set()
        for step, at in enumerate(np.argsort(p, kind="stable").tolist()):
            if p[at] * (len(p) - step) > level:
                break
            rejected.add(at)
        assert set(np.flatnonzero(holm(np.array(p)) <= level).tolist()) == rejected


@pytest.mark.parametrize(("hits", "rows"), [(0, 20), (20, 20), (3, 25), (180, 200)])
def test_the_interval_of_a_share_is_scipys(hits: int, rows: int) -> None:
    expected = stats.binomtest(hits, rows).proportion_ci(method="wilson")
    assert wilson(hits / rows, rows) == pytest.approx((expected.low, expected.high))
