from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lepton_core.moments import CHUNK, Moments, merge, moments

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


def exact(values):
    """Mean and variance without rounding."""
    terms = [Fraction(float(value)) for value in values]
    mean = sum(terms) / len(terms)
    return mean, sum((term - mean) ** 2 for term in terms) / len(terms)


@settings(deadline=None, max_examples=100)
@given(st.lists(numbers, min_size=1, max_size=50))
def test_moments_are_those_of_exact_arithmetic(values):
    mean, variance = exact(values)

    found = moments(np.array(values))

    assert (found.count, found.low, found.high) == (len(values), min(values), max(values))
    assert abs(Fraction(found.mean) - mean) <= Fraction(1e-15) * max(map(abs, values)) * 4
    assert found.std == pytest.approx(sqrt(variance), rel=1e-12, abs=1e-15 * max(map(abs, values)))


@pytest.mark.parametrize("offset", [1e9, -1e12, 1e15])
def test_a_large_offset_costs_no_digits(offset):
    values = offset + np.arange(1000) % 7
    mean, variance = exact(values)

    found = moments(values)

    assert found.mean == pytest.approx(float(mean), rel=1e-15)
    assert found.std == pytest.approx(sqrt(variance), rel=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.lists(numbers, min_size=2, max_size=40), st.data())
def test_merging_parts_gives_the_moments_of_the_whole(values, data):
    cut = data.draw(st.integers(0, len(values)))
    whole = moments(np.array(values))

    merged = merge(moments(np.array(values[:cut])), moments(np.array(values[cut:])))

    size = max(map(abs, values))
    assert (merged.count, merged.low, merged.high) == (whole.count, whole.low, whole.high)
    assert merged.mean == pytest.approx(whole.mean, rel=1e-12, abs=1e-14 * size)
    assert merged.std == pytest.approx(whole.std, rel=1e-12, abs=1e-14 * size)


def test_many_chunks_give_what_numpy_gives():
    values = np.random.default_rng(0).normal(1e9, 3.0, size=3 * CHUNK + 17)
    values[::11] = np.nan

    found = moments(values)

    assert found.mean == pytest.approx(1e9 + np.nanmean(values - 1e9), rel=1e-15)
    assert found.std == pytest.approx(np.nanstd(values - 1e9), rel=1e-12)
    assert found.count == np.count_nonzero(~np.isnan(values))


@settings(deadline=None, max_examples=50)
@given(st.floats(-1e308, 1e308), st.integers(1, 3 * CHUNK))
def test_equal_values_have_a_deviation_of_exactly_zero(value, rows):
    assert moments(np.full(rows, value)) == Moments(rows, value, 0.0, value, value)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.floats(-1e3, 1e3, allow_subnormal=False), min_size=2, max_size=20),
    st.sampled_from([1e-280, 1e290]),
)
def test_squares_that_leave_the_floats_do_no_harm(values, unit):
    assume(np.ptp(values) > 1e-3)
    plain, scaled = moments(np.array(values)), moments(np.array(values) * unit)

    assert scaled.std == pytest.approx(plain.std * unit, rel=1e-9, abs=0)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]])
def test_no_values_have_a_count_of_zero(values):
    assert moments(np.array(values)).count == 0
