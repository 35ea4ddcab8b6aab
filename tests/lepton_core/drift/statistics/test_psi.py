"""The population stability index is its formula, and its noise is what chance makes."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.drift.statistics.psi import noise, psi
from lepton_core.drift.statistics.quantiles import chi2_quantile

histograms = st.integers(1, 12).flatmap(
    lambda bins: st.tuples(*[st.lists(st.integers(0, 500), min_size=bins, max_size=bins)] * 2)
)


def by_the_formula(expected: list[int], actual: list[int]) -> float:
    """sum (p - q) ln(p / q), bin by bin, with the half row that the docstring states."""
    n, m = sum(expected), sum(actual)
    if n == 0 or m == 0:
        return 0.0
    used = [(e, a) for e, a in zip(expected, actual, strict=True) if e or a]
    c = 1 / (2 * min(n, m))
    total = 0.0
    for e, a in used:
        p, q = (e / n + c) / (1 + len(used) * c), (a / m + c) / (1 + len(used) * c)
        total += (p - q) * log(p / q)
    return total


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(histograms)
def test_psi_is_its_formula(pair: tuple[list[int], list[int]]) -> None:
    assert psi(*pair) == pytest.approx(by_the_formula(*pair), rel=1e-9, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(histograms)
def test_psi_is_symmetric_finite_and_not_negative(pair: tuple[list[int], list[int]]) -> None:
    value = psi(*pair)
    assert 0 <= value < 1000
    assert value == pytest.approx(psi(pair[1], pair[0]), rel=1e-9, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=12), st.integers(1, 50))
def test_equal_shares_have_no_distance(counts: list[int], times: int) -> None:
    assert psi(counts, [times * count for count in counts]) == pytest.approx(0, abs=1e-12)


def test_with_many_rows_it_is_the_plain_index() -> None:
    p, q = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.3, 0.3, 0.2, 0.2])
    plain = float(np.sum((p - q) * np.log(p / q)))
    assert psi(p * 1_000_000, q * 1_000_000) == pytest.approx(plain, rel=1e-4)


def test_bins_empty_on_both_sides_do_not_count() -> None:
    assert psi([5, 0, 9], [8, 0, 1]) == psi([5, 9], [8, 1])


def test_nothing_to_compare() -> None:
    assert psi([], []) == psi([0, 0], [1, 2]) == psi([1, 2], [0, 0]) == 0.0


@pytest.mark.parametrize(("expected", "actual"), [([1, 2], [1, 2, 3]), ([[1, 2]], [[1, 2]])])
def test_other_shapes_are_an_error(expected: list[int], actual: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        psi(expected, actual)


def test_no_degree_of_freedom_makes_no_noise() -> None:
    assert chi2_quantile(0.99, 0) == noise(0.99, 1, 10, 10) == noise(0.99, 0, 10, 10) == 0.0


def test_arguments_out_of_range() -> None:
    with pytest.raises(ValueError, match="level"):
        chi2_quantile(1.0, 3)
    with pytest.raises(ValueError, match="rows"):
        noise(0.99, 10, 0, 5)


@pytest.mark.parametrize(("n", "m"), [(2000, 500), (500, 2000)])
def test_noise_is_what_chance_makes(n: int, m: int) -> None:
    rng = np.random.default_rng(1)
    p = np.full(10, 0.1)
    values = [
        psi(a, b) for a, b in zip(rng.multinomial(n, p, 4000), rng.multinomial(m, p, 4000), strict=True)
    ]
    for level in (0.5, 0.9, 0.99):
        assert np.mean(np.array(values) < noise(level, 10, n, m)) == pytest.approx(level, abs=0.025)
