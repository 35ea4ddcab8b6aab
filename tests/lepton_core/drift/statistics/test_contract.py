"""Every drift statistic keeps the same promises, and is what scipy says where scipy has it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance

from lepton_core.drift import STATISTICS, Statistic

any_statistic = pytest.mark.parametrize("one", STATISTICS.values(), ids=STATISTICS)
histograms = st.integers(2, 12).flatmap(
    lambda bins: st.tuples(*[st.lists(st.integers(0, 300), min_size=bins, max_size=bins)] * 2)
)
filled = histograms.filter(lambda pair: sum(pair[0]) > 0 and sum(pair[1]) > 0)
Pair = tuple[list[int], list[int]]


@any_statistic
@given(pair=histograms)
def test_it_is_symmetric_finite_and_not_negative(one: Statistic, pair: Pair) -> None:
    value = one.distance(*pair)
    assert 0 <= value < np.inf
    assert value == pytest.approx(one.distance(pair[1], pair[0]), rel=1e-9, abs=1e-9)


@any_statistic
@given(counts=st.lists(st.integers(0, 300), min_size=1, max_size=12), times=st.integers(1, 50))
def test_equal_shares_have_no_distance(one: Statistic, counts: list[int], times: int) -> None:
    # 1e-7: the root that jensen_shannon takes of a rounding error.
    assert one.distance(counts, [times * count for count in counts]) == pytest.approx(0, abs=1e-7)


@any_statistic
def test_an_empty_side_is_no_distance_and_another_shape_an_error(one: Statistic) -> None:
    assert one.distance([0, 0], [1, 2]) == one.distance([1, 2], [0, 0]) == one.distance([], []) == 0.0
    with pytest.raises(ValueError, match="cannot be compared"):
        one.distance([1, 2], [1, 2, 3])


@any_statistic
def test_only_an_ordered_one_minds_the_order_of_the_bins(one: Statistic) -> None:
    near, far = one.distance([9, 1, 0, 0], [1, 9, 0, 0]), one.distance([9, 0, 0, 1], [1, 0, 0, 9])
    apart, joined = one.distance([5, 5, 0, 0], [0, 0, 5, 5]), one.distance([5, 0, 5, 0], [0, 5, 0, 5])
    assert ((near, apart) != pytest.approx((far, joined))) is one.ordered


@any_statistic
@pytest.mark.parametrize(("n", "m"), [(2000, 500), (500, 2000)])
def test_chance_exceeds_the_noise_as_seldom_as_it_says(one: Statistic, n: int, m: int) -> None:
    rng = np.random.default_rng(1)
    p = np.full(10, 0.1)
    samples = zip(rng.multinomial(n, p, 2000), rng.multinomial(m, p, 2000), strict=True)
    values = np.array([one.distance(a, b) for a, b in samples])
    for level in (0.5, 0.9, 0.99):
        below = np.mean(values <= one.noise(level, 10, n, m))
        assert below >= level - 0.03
        assert one.ordered or below == pytest.approx(level, abs=0.03)


@any_statistic
def test_a_real_shift_is_above_the_noise(one: Statistic) -> None:
    shifted = one.distance([500, 300, 150, 50], [50, 150, 300, 500])
    assert shifted > one.noise(0.999, 4, 1000, 1000)


@any_statistic
def test_noise_needs_rows_and_a_level(one: Statistic) -> None:
    with pytest.raises(ValueError, match="rows"):
        one.noise(0.99, 10, 0, 5)
    with pytest.raises(ValueError, match="level"):
        one.noise(1.0, 10, 5, 5)


@any_statistic
def test_one_bin_makes_no_noise(one: Statistic) -> None:
    assert one.noise(0.99, 1, 10, 10) == 0.0


@given(filled)
def test_ks_is_that_of_rows_which_stand_on_their_bins(pair: Pair) -> None:
    rows = [np.repeat(np.arange(len(counts)), counts) for counts in pair]
    assert STATISTICS["ks"].distance(*pair) == pytest.approx(
        ks_2samp(*rows, method="asymp").statistic, abs=1e-12
    )


@given(filled)
def test_chi2_is_that_of_the_table_of_both(pair: Pair) -> None:
    table = np.array(pair)
    table = table[:, table.sum(axis=0) > 0]
    wanted = chi2_contingency(table, correction=False).statistic
    assert STATISTICS["chi2"].distance(*pair) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@given(filled)
def test_wasserstein_is_the_way_between_bins_as_a_share_of_all_of_it(pair: Pair) -> None:
    places = np.arange(len(pair[0]))
    wanted = wasserstein_distance(places, places, *pair) / (len(places) - 1)
    assert STATISTICS["wasserstein"].distance(*pair) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@given(filled)
def test_jensen_shannon_is_the_distance_of_base_2(pair: Pair) -> None:
    wanted = jensenshannon(*pair, base=2)
    assert STATISTICS["jensen_shannon"].distance(*pair) == pytest.approx(
        np.nan_to_num(wanted), rel=1e-6, abs=1e-7
    )
