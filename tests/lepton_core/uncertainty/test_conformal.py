"""Intervals and sets hold as many truths as they say, whatever the noise, and the likeliest class in any case."""

from collections.abc import Callable
from itertools import pairwise
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.uncertainty.conformal import Intervals, Sets, check_coverage
from lepton_core.uncertainty.quantiles import MOST_KEPT, Quantiles

Floats = NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
COVERAGES = (0.5, 0.8, 0.9, 0.95)

NOISE: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "normal": lambda rng, m: rng.normal(size=m),
    "heavy tails": lambda rng, m: rng.standard_cauchy(size=m),
    "skewed": lambda rng, m: rng.lognormal(sigma=1.5, size=m),
    "two values": lambda rng, m: rng.choice([0.0, 10.0], m),
    "none": lambda rng, m: np.zeros(m),
    "biased": lambda rng, m: rng.normal(size=m) + 5.0,
}


@settings(max_examples=60)
@given(SEEDS, st.integers(1, 5000), st.floats(0.5, 0.99))
def test_a_quantile_is_the_order_statistic_or_one_just_above(seed: int, m: int, level: float) -> None:
    scores = np.random.default_rng(seed).normal(size=m)
    made = Quantiles.of(scores)
    assert len(made.values) <= MOST_KEPT
    rank = ceil((m + 1) * level - 1e-9)
    if rank > m:
        with pytest.raises(ValueError, match="do not say"):
            made.at(level)
        return
    ordered = np.sort(scores)
    assert ordered[rank - 1] <= made.at(level) <= ordered[min(m, rank + ceil(m / 2000)) - 1]
    if m <= 1000:
        assert made.at(level) == ordered[rank - 1]


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("m", [60, 700])
def test_intervals_hold_as_many_truths_as_they_say_for_any_noise(noise: str, m: int) -> None:
    """Over draws of exchangeable rows: the mean share is within c and c + 2 / (m + 1), but where errors are equal."""
    rng = np.random.default_rng(7)
    draws, asked = 400, 50
    shares = np.zeros((draws, len(COVERAGES)))
    for draw in range(draws):
        errors = NOISE[noise](rng, m + asked)
        made = Intervals.of(np.zeros(m), errors[:m])
        for at, coverage in enumerate(COVERAGES):
            low, high = made.around(np.zeros(1), coverage)[0]
            shares[draw, at] = np.mean((low <= errors[m:]) & (errors[m:] <= high))
    error = shares.std(axis=0, ddof=1) / np.sqrt(draws)
    assert (shares.mean(axis=0) >= np.array(COVERAGES) - 4 * error).all()
    if noise not in ("two values", "none"):
        assert (shares.mean(axis=0) <= np.array(COVERAGES) + 2 / (m + 1) + 0.001 + 4 * error).all()


@pytest.mark.parametrize("hundredths", [(10, 20, 30, 40), (14, 29, 57), (7, 93)])
def test_a_set_learnt_from_seven_digits_of_a_probability_holds_the_whole_of_it(
    hundredths: tuple[int, ...],
) -> None:
    """The leaves of trees give many rows the very same probability, and a search keeps it in four bytes."""
    output = np.tile(np.array(hundredths) / 100, (200, 1))
    y = np.repeat(np.arange(len(hundredths)), 200)[: 200 * len(hundredths) : len(hundredths)]
    kept, whole = Sets.of(output.astype("<f4").astype(np.float64), y), Sets.of(output, y)
    for coverage in COVERAGES:
        np.testing.assert_array_equal(kept.inside(output, coverage), whole.inside(output, coverage))


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("right", [True, False])
def test_sets_hold_as_many_truths_as_they_say_whatever_the_probabilities(classes: int, right: bool) -> None:
    rng = np.random.default_rng(3)
    draws, m, asked = 300, 120, 50
    shares = np.zeros((draws, len(COVERAGES)))
    for draw in range(draws):
        truth = rng.dirichlet(np.ones(classes), m + asked)
        y = (truth.cumsum(axis=1) < rng.random((m + asked, 1))).sum(axis=1).clip(0, classes - 1)
        output = truth if right else rng.dirichlet(np.ones(classes), m + asked)
        made = Sets.of(output[:m], y[:m])
        for at, coverage in enumerate(COVERAGES):
            shares[draw, at] = made.inside(output[m:], coverage)[np.arange(asked), y[m:]].mean()
    error = shares.std(axis=0, ddof=1) / np.sqrt(draws)
    assert (shares.mean(axis=0) >= np.array(COVERAGES) - 4 * error).all()


@settings(max_examples=40)
@given(SEEDS, st.integers(2, 6))
def test_a_set_holds_the_likeliest_class_and_grows_with_the_coverage(seed: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    output, y = rng.dirichlet(np.ones(classes), 150), rng.integers(0, classes, 150)
    made = Sets.of(output, y)
    sets = [made.inside(output, coverage) for coverage in (0.5, 0.7, 0.9, 0.99)]
    for inside in sets:
        assert inside[np.arange(150), output.argmax(axis=1)].all()
        # What is likelier than a class that is inside is inside, too.
        assert (np.where(inside, output, 2).min(axis=1) >= np.where(inside, -1, output).max(axis=1)).all()
    assert all((one <= other).all() for one, other in pairwise(sets))


@settings(max_examples=40)
@given(SEEDS)
def test_intervals_ascend_and_grow_with_the_coverage(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = Intervals.of(rng.normal(size=300), rng.normal(size=300))
    ends = np.array([made.around(np.array([1.0]), coverage)[0] for coverage in (0.5, 0.7, 0.9, 0.99)])
    assert (ends[:, 0] <= ends[:, 1]).all()
    assert (np.diff(ends[:, 0]) <= 0).all() and (np.diff(ends[:, 1]) >= 0).all()


def test_an_interval_lies_where_the_errors_do() -> None:
    y = np.random.default_rng(0).exponential(size=2000)
    low, high = Intervals.of(np.zeros(2000), y).around(np.array([10.0]), 0.9)[0]
    assert low > 10.0 and high > 12.0


def test_numbers_beyond_all_bounds_have_finite_ends() -> None:
    made = Intervals.of(np.full(50, -1e308), np.full(50, 1e308))
    assert np.isfinite(made.around(np.array([1e308, -1e308]), 0.9)).all()


@pytest.mark.parametrize("coverage", [0.49, 0.991, 1.0, 0.0, -1.0, float("nan")])
def test_a_coverage_that_there_is_not_is_refused(coverage: float) -> None:
    made = Sets.of(np.full((500, 2), 0.5), np.zeros(500, dtype=np.int64))
    with pytest.raises(InvalidInput, match=r"from 0\.5 to 0\.99") as caught:
        made.inside(np.full((1, 2), 0.5), coverage)
    assert caught.value.field == "coverage"


def test_few_rows_tell_little_and_the_error_says_how_much() -> None:
    with pytest.raises(InvalidInput, match=r"ask for at most 0\.904"):
        Intervals.of(np.zeros(20), np.arange(20.0)).around(np.zeros(1), 0.95)
    with pytest.raises(InvalidInput, match="train on more rows"):
        check_coverage(0.5, Intervals.of(np.zeros(2), np.zeros(2)).highest)
    made = Intervals.of(np.zeros(39), np.arange(39.0))
    assert made.around(np.zeros(1), 0.95).tolist() == [[0.0, 38.0]]


@pytest.mark.parametrize(
    ("ranks", "values"),
    [
        ([1, 2, 4], [0.1, 0.2, 0.3]),
        ([1, 3, 3], [0.1, 0.2, 0.3]),
        ([0, 1, 3], [0.1, 0.2, 0.3]),
        ([3], [0.3]),
        ([1, 2, 3], [0.3, 0.2, 0.1]),
        ([1, 2, 3], [0.1, 0.2, np.inf]),
        ([1, 2, 3], [0.1, 0.2, 1.5]),
        ([1, 2], [0.1, 0.2, 0.3]),
        ([], []),
    ],
)
def test_what_are_no_quantiles_is_refused(ranks: list[int], values: list[float]) -> None:
    arrays = {"sets.missing.ranks": np.array(ranks, np.int64), "sets.missing.values": np.array(values)}
    with pytest.raises(InvalidArtifact):
        Sets.unpacked(arrays, 3)
