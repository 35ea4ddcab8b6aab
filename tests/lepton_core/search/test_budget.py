"""The seconds of a search: kept with the fits that follow, used, and the defaults compared as far as there is time."""

import math
from functools import cache

import numpy as np
import pytest

from lepton_core.search import FOLDS, Search, Trial, Tried, contenders, standings, winner
from tests.support.searching import Machine

PROFILES = 60


def profile(seed: int) -> Machine:
    """Costs from a hundredth of the seconds to most of them, of a first fold that may find what the others are given.

    The model's own algorithm is candidate 0, and a cheaper one opens the search if there is one.
    """
    rng = np.random.default_rng(seed)
    seconds, count = float(rng.choice([10, 60, 300])), 40
    costs = np.exp(rng.uniform(math.log(0.001), math.log(0.5), count)) * seconds
    costs[0] = math.exp(rng.uniform(math.log(0.01), math.log(0.8))) * seconds
    costs[1] = math.exp(rng.uniform(math.log(0.001), math.log(0.1))) * seconds
    finding = np.where(rng.random(count) < 0.3, rng.uniform(2, 5, count), 1.0)
    return Machine(
        seconds,
        costs.tolist(),
        (costs / finding).tolist(),
        (0.5 + 0.1 * rng.random(count)).tolist(),
        opener=int(costs[1] < costs[0]),
        seed=seed,
        noise=float(rng.choice([0.05, 0.2])),
        between=0.002 * seconds,
    )


@cache
def played(seed: int) -> tuple[Machine, Search]:
    """A search of such costs at its end."""
    machine = profile(seed)
    return machine, machine.run()


def share(machine: Machine, search: Search) -> float:
    """Of the seconds, how many the search took with the fits of what won."""
    return (search.spent() + machine.fits_of(winner(search))) / machine.seconds


@pytest.mark.parametrize("seed", range(PROFILES))
def test_the_seconds_are_kept_if_the_first_fold_and_its_fits_can_be_done_in_them(seed: int) -> None:
    machine, search = played(seed)
    first = machine.finding[machine.opener] + machine.fits_of(machine.opener)
    if first <= machine.seconds:
        assert share(machine, search) <= 1.1
        assert search.affords(winner(search))


@pytest.mark.parametrize("seed", range(PROFILES))
def test_most_of_the_seconds_are_used_while_there_are_candidates_that_fit(seed: int) -> None:
    machine, search = played(seed)
    opened = {trial.candidate for trial in search.done}
    left = machine.seconds - search.spent() - machine.fits_of(winner(search))
    unopened = [one for one in range(len(machine.means)) if one not in opened]
    if any(machine.finding[one] + machine.fits_of(one) <= left for one in unopened):
        assert share(machine, search) >= 0.6


@pytest.mark.parametrize("seed", range(PROFILES))
def test_the_defaults_are_compared_and_what_wins_is_not_shown_to_be_worse(seed: int) -> None:
    machine, search = played(seed)
    first = search.done[Trial(0, 0)]
    if first.late:
        assert machine.finding[0] > 0.2 * machine.seconds
        assert search.failed(0) is not None
        return
    won = winner(search)
    assert not search.affords(0) or not search.is_shown_worse(won, 0)
    if search.reached(0) < search.reached(won):
        following = Trial(search.reached(0), 0)
        late = search.done.get(following, Tried()).late
        assert late or search.expected(following) > search.left(), "there was time"


def test_the_same_costs_make_the_same_search() -> None:
    for seed in range(5):
        machine, search = profile(seed), played(seed)[1]
        assert standings(machine.run()) == standings(search)
        shuffled = dict(sorted(search.done.items(), key=lambda pair: (pair[1].worked, pair[0])))
        again = Search(
            shuffled,
            search.candidates,
            search.seconds,
            fits=search.fits,
            members=search.members,
            opener=search.opener,
            finders=search.finders,
        )
        assert (again.plan(), standings(again)) == (search.plan(), standings(search))


def test_a_cheap_one_opens_and_the_defaults_come_next() -> None:
    search = Search({}, 20, 60.0, fits=2.25, opener=1)
    assert search.plan() == [Trial(0, 1)]
    done = {Trial(0, 1): Tried((0.5,), ((0.0, 0.5),))}
    search = Search(done, 20, 60.0, fits=2.25, opener=1)
    assert search.plan() == [Trial(0, 0)]
    [limit] = search.limits(search.plan())
    assert limit is not None and limit * (1 + 2.25 * FOLDS / (FOLDS - 1)) < 60
    done[Trial(0, 0)] = Tried((0.4,), ((0.5, 3.0),))
    assert 0 not in {one.candidate for one in Search(done, 20, 60.0, fits=2.25, opener=1).plan()}


def test_all_that_is_planned_together_may_take_its_limit_and_be_the_best() -> None:
    done = {Trial(0, 0): Tried((0.5,), ((0.0, 0.1),))}
    search = Search(done, 40, 10.0, fits=2.25)
    limits = [one for one in search.limits(search.plan()) if one is not None]
    assert len(limits) > 3
    fits = max(limits) * 2.25 * FOLDS / (FOLDS - 1)
    assert search.spent() + sum(limits) + fits <= 10.0 + 1e-9


def test_what_a_kind_is_known_to_cost_is_not_begun_where_there_is_no_time_for_it() -> None:
    kinds = ["linear", *["forest", "network"] * 6]
    done = {
        Trial(0, 0): Tried((0.5,), ((0.0, 0.1),)),
        Trial(0, 1): Tried((), ((0.1, 3.0),), late=True),
        Trial(0, 2): Tried((0.4,), ((3.0, 3.2),)),
    }
    search = Search(done, len(kinds), 10.0, kinds=kinds)
    planned = [kinds[one.candidate] for one in search.plan()]
    assert planned and "forest" not in planned


def test_of_a_kind_of_unknown_cost_one_is_opened_at_a_time() -> None:
    kinds = ["linear", "forest", "forest", "network", "network"]
    search = Search({Trial(0, 0): Tried((0.5,), ((0.0, 0.1),))}, 5, 60.0, kinds=kinds)
    assert [one.candidate for one in search.plan()] == [1, 3]


def test_who_was_given_up_in_a_later_rung_keeps_what_it_was_measured_on() -> None:
    done = {Trial(0, one): Tried((0.5 + one,), ((one, one + 1.0),)) for one in range(3)}
    done |= {Trial(1, one): Tried((0.5 + one,), ((3.0 + one, 4.0 + one),)) for one in range(3)}
    done[Trial(2, 0)] = Tried((0.5,), ((6.0, 7.5),), late=True)
    search = Search(done, 3, 60.0)
    assert Trial(2, 0) not in search.plan() and search.failed(0) is None
    assert [len(one.losses) for one in standings(search) if one.candidate == 0] == [2]


def test_who_cannot_be_fitted_in_time_does_not_win() -> None:
    done = {
        Trial(0, 0): Tried((0.1,), ((0.0, 4.0),)),
        Trial(0, 1): Tried((0.5,), ((4.0, 4.5),)),
    }
    search = Search(done, 2, 10.0, fits=2.25)
    assert standings(search)[0].candidate == 0 and not search.affords(0)
    assert [one.candidate for one in contenders(search)] == [1]
    alone = Search({Trial(0, 0): done[Trial(0, 0)]}, 2, 10.0, fits=2.25)
    assert winner(alone) == 0, "there is a version even if the time is too short"
