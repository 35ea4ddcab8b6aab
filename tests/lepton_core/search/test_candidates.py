"""What is tried: drawn within the settings' own bounds, reproducibly, and never twice."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.models import ALGORITHMS, algorithm
from lepton_core.models.ranges import Between, LogUniform, OneOf, Range, as_json
from lepton_core.search import Candidate, candidates, opener, ranges
from lepton_core.search.portfolio import CHEAP, PORTFOLIO

seeds = st.integers(0, 2**32)
LINEAR = "linear_regression"


@pytest.mark.parametrize("name", ALGORITHMS)
@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_every_algorithm_takes_what_is_drawn_for_it(name: str, seed: int) -> None:
    found = candidates([name], {}, 12, seed=seed)
    assert found[0].hyperparameters == {}
    assert len(found) == 12, "a search needs settings with ranges"
    for one in found:
        algorithm(name).configure(one.hyperparameters)
        assert set(one.hyperparameters) <= set(ranges(algorithm(name), {}))
        defaults = algorithm(name).defaults
        assert all(as_json(getattr(defaults, key)) != value for key, value in one.hyperparameters.items())


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_setting_can_have_all_of_its_range(name: str) -> None:
    trainer = algorithm(name)
    for one in fields(trainer.defaults):
        for value in ends(one.metadata.get("search")):
            trainer.configure({one.name: value})


def ends(of: Range | None) -> list[Any]:
    if isinstance(of, OneOf):
        return list(of.values)
    return [] if of is None else [of.low, of.high]  # type: ignore[attr-defined]


@settings(max_examples=30, deadline=None)
@given(seed=seeds, few=st.integers(1, 10), more=st.integers(0, 30))
def test_candidates_are_the_same_every_time_and_more_of_them_begin_with_the_fewer(
    seed: int, few: int, more: int
) -> None:
    names = sorted(ALGORITHMS)
    all_of_them = candidates(names, {}, few + more, seed=seed)
    assert candidates(names, {}, few, seed=seed) == all_of_them[:few]
    assert all_of_them[0] == Candidate(names[0], {})
    told = [(one.algorithm, sorted(one.hyperparameters.items(), key=str)) for one in all_of_them]
    assert all(told.count(one) == 1 for one in told)


@pytest.mark.parametrize("own", ALGORITHMS)
def test_the_own_defaults_come_first_and_then_the_portfolio(own: str) -> None:
    names = [own, *(name for name in ALGORITHMS if name != own)]
    found = [(one.algorithm, dict(one.hyperparameters)) for one in candidates(names, {}, 40, seed=0)]
    assert found[0] == (own, {})
    assert found[1 : len(PORTFOLIO)] == [one for one in PORTFOLIO if one != (own, {})][: len(PORTFOLIO) - 1]
    assert {name for name, _ in found} == set(ALGORITHMS)


def test_every_algorithm_takes_what_the_portfolio_has_of_it_and_ranges_know_it() -> None:
    for name, changed in PORTFOLIO:
        algorithm(name).configure(changed)
        assert set(changed) <= set(ranges(algorithm(name), {}))
    assert len({str(one) for one in PORTFOLIO}) == len(PORTFOLIO)


def test_another_seed_draws_others() -> None:
    assert candidates([LINEAR], {}, 5, seed=0) != candidates([LINEAR], {}, 5, seed=1)


def test_what_is_given_stays_and_an_algorithm_that_cannot_take_it_is_left_out() -> None:
    found = candidates([LINEAR], {"l2": 0.5, "momentum": None}, 10, seed=0)
    assert all("l2" not in one.hyperparameters for one in found) and len(found) == 10
    assert candidates([LINEAR], {"l1": 0.0, "l2": 0.0}, 10, seed=0) == found[:1]
    assert candidates([LINEAR], {"no such thing": 1}, 10, seed=0) == []


def test_what_the_algorithm_refuses_together_is_not_tried() -> None:
    """lbfgs does not take l1: only l2 is left to be drawn."""
    found = candidates([LINEAR], {"optimizer": "lbfgs"}, 10, seed=0)
    assert len(found) == 10
    assert all(set(one.hyperparameters) == {"l2"} for one in found[1:])


@settings(max_examples=200, deadline=None)
@given(seed=seeds, low=st.floats(1e-9, 1e3), times=st.floats(1, 1e9), whole=st.booleans())
def test_a_logarithmic_range_holds_what_it_draws(seed: int, low: float, times: float, whole: bool) -> None:
    low, high = (float(round(low) + 1), float(round(low * times) + 2)) if whole else (low, low * times)
    value = LogUniform(low, high, whole=whole).draw(np.random.default_rng(seed))
    assert low <= value <= high
    assert type(value) is (int if whole else float)


@settings(max_examples=200, deadline=None)
@given(seed=seeds, low=st.floats(-1e3, 1e3), more=st.floats(0, 1e3))
def test_an_even_range_holds_what_it_draws(seed: int, low: float, more: float) -> None:
    value = Between(low, low + more).draw(np.random.default_rng(seed))
    assert low <= value <= low + more


def test_a_logarithmic_range_gives_every_decade_its_share() -> None:
    rng = np.random.default_rng(0)
    drawn = np.array([LogUniform(1e-4, 1.0).draw(rng) for _ in range(4000)])
    shares = np.histogram(np.log10(drawn), bins=[-4, -3, -2, -1, 0])[0] / 4000
    assert np.abs(shares - 0.25).max() < 0.03


def test_whole_numbers_and_choices_are_all_drawn() -> None:
    rng = np.random.default_rng(0)
    assert {Between(1, 4, whole=True).draw(rng) for _ in range(100)} == {1, 2, 3, 4}
    assert {str(OneOf("a", None, (1, 2)).draw(rng)) for _ in range(100)} == {"a", "None", "[1, 2]"}
    assert [str(one) for one in (LogUniform(1e-3, 1), Between(0.5, 1), OneOf(3, (5,), None))] == [
        "0.001 to 1, logarithmic",
        "0.5 to 1",
        "3, [5], left out",
    ]


def test_in_seconds_what_is_cheap_comes_before_the_rest_and_opens_the_search() -> None:
    names = ["deep_learning", *sorted(set(ALGORITHMS) - {"deep_learning"})]
    plain = candidates(names, {}, 30, seed=0)
    found = candidates(names, {}, 30, seed=0, cheap_first=True)
    assert found[0] == plain[0] == Candidate("deep_learning", {})
    cheap = [one.algorithm in CHEAP for one in found[1 : len(PORTFOLIO)]]
    assert cheap == sorted(cheap, reverse=True) and any(cheap)
    assert {(one.algorithm, str(one.hyperparameters)) for one in plain[: len(PORTFOLIO)]} == {
        (one.algorithm, str(one.hyperparameters)) for one in found[: len(PORTFOLIO)]
    }
    assert opener(found) == 1
    assert opener(candidates(["naive_bayes", *names], {}, 5, seed=0, cheap_first=True)) == 0
    assert opener(candidates(["svm"], {}, 5, seed=0, cheap_first=True)) == 0
