"""The search as a game: trials end in any order, some fail, the driver is killed, and the answer is the same."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import Diverged, Failure
from lepton_core.search import FOLDS, RUNGS, Search, Standing, Trial, Tried, folds_of, standings, winner
from lepton_core.search.halving import AT_ONCE, WAVE, staying
from lepton_core.search.noise import BLOCKS
from tests.support.sampling import examples

Losses = list[list[float]]
Done = dict[Trial, Tried]

tables = st.integers(1, 24).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 20).map(float), min_size=FOLDS, max_size=FOLDS), min_size=n, max_size=n
    )
)
ERROR = Failure("diverged", "training diverged")


def measure(done: Done, trial: Trial, table: Losses, failing: dict[int, int], folds: int = FOLDS) -> None:
    """What the work on a trial adds to ``done``: at most so many folds; candidate i fails at fold failing[i]."""
    before = done.get(trial, Tried())
    losses, error = [*before.losses], None
    for fold in list(folds_of(trial.rung))[len(before.losses) :][:folds]:
        if failing.get(trial.candidate) == fold:
            error = ERROR
            break
        losses.append(table[trial.candidate][fold])
    done[trial] = Tried(tuple(losses), error=error)


def played(table: Losses, failing: dict[int, int], rng: random.Random | None = None) -> Search:
    """The search at its end. With ``rng`` only some of the planned trials are ever done before it plans anew."""
    done: Done = {}
    while trials := Search(dict(done), len(table)).plan():
        assert 1 <= len(trials) <= AT_ONCE
        if rng is not None:
            trials = rng.sample(trials, rng.randint(1, len(trials)))
        for trial in trials:
            measure(done, trial, table, failing, FOLDS if rng is None else rng.randint(1, 4))
    return Search(done, len(table))


@pytest.mark.slow
@settings(max_examples=examples(80), deadline=None)
@given(
    table=tables,
    failing=st.dictionaries(st.integers(0, 23), st.integers(0, FOLDS - 1), max_size=6),
    seed=st.integers(0, 10),
)
def test_in_any_order_and_in_any_slices_the_standings_are_the_same(
    table: Losses, failing: dict[int, int], seed: int
) -> None:
    one, other = played(table, failing), played(table, failing, random.Random(seed))
    assert standings(one) == standings(other)
    assert one.progress() == other.progress()


@settings(max_examples=examples(80), deadline=None)
@given(table=tables)
def test_without_figures_of_noise_the_rungs_of_each_wave_are_those_of_successive_halving(
    table: Losses,
) -> None:
    search = played(table, {})
    waves = search.waves()
    assert [sorted(wave[0]) for wave in waves] == [
        list(range(first, min(first + WAVE, len(table)))) for first in range(0, len(table), WAVE)
    ]
    for wave in waves:
        for at, entrants in enumerate(wave[:-1]):
            folds = sum(RUNGS[: at + 1])
            best = sorted(entrants, key=lambda one: (sum(table[one][:folds]) / folds, one))
            kept = best[: staying(len(entrants))]
            assert set(wave[at + 1]) == set(kept if 0 in kept or 0 not in entrants else [*kept[:-1], 0])
        assert len(wave) == (1 if len(table) == 1 else len(RUNGS))
    assert search.progress() == (len(search.done),) * 2
    assert len(search.done) == sum(len(rung) for wave in waves for rung in wave)


@settings(max_examples=examples(40), deadline=None)
@given(
    losses=st.lists(st.integers(0, 20).map(float), min_size=2 * FOLDS, max_size=2 * FOLDS),
    n=st.integers(2, 12),
)
def test_a_second_cross_validation_is_for_those_who_finish_the_first(losses: list[float], n: int) -> None:
    table = [[loss + one for loss in losses] for one in range(n)]
    done: Done = {}
    while trials := Search(dict(done), n, repeats=2).plan():
        for trial in trials:
            measure(done, trial, table, {}, 2 * FOLDS)
    search = Search(done, n, repeats=2)
    for wave in search.waves():
        assert len(wave) == len(RUNGS) + 1 and set(wave[-1]) <= set(wave[-2])
    first = standings(search)[0]
    assert first.losses == tuple(table[first.candidate]) and len(first.losses) == 2 * FOLDS
    assert search.progress() == (len(done),) * 2


def blocks(mean: float, noise: float, rng: np.random.Generator) -> tuple[float, ...]:
    return tuple((mean + noise * rng.standard_normal(BLOCKS)).tolist())


def measured(means: list[float], noise: float, seed: int) -> Search:
    """A search at its end, of candidates of these mean losses, each fold's blocks with so much noise of their own."""
    rng = np.random.default_rng(seed)
    table = [[blocks(mean, noise, rng) for _ in range(FOLDS)] for mean in means]
    done: Done = {}
    while trials := Search(dict(done), len(means)).plan():
        for trial in trials:
            its = tuple(table[trial.candidate][fold] for fold in folds_of(trial.rung))
            done[trial] = Tried(tuple(float(np.mean(one)) for one in its), blocks=its)
    return Search(done, len(means))


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(2, 20))
def test_who_is_as_good_as_the_best_is_not_dropped_for_its_luck(seed: int, count: int) -> None:
    """Alike but for noise: in simulations of twenty such candidates 93 % were kept, and never fewer than 70 %."""
    found = standings(measured([0.5] * count, 0.1, seed))
    finalists = sum(len(one.losses) == FOLDS for one in found)
    assert finalists >= min(count, 3)
    assert finalists >= count * 0.5


def test_of_a_later_wave_only_those_stay_that_may_be_as_good_as_the_best_so_far() -> None:
    found = standings(measured([0.1] + [0.5] * 7 + [0.1] + [0.9] * 7, 0.02, 0))
    later = {one.candidate: len(one.losses) for one in found if one.candidate >= WAVE}
    assert later == {8: FOLDS, **dict.fromkeys(range(9, 16), 1)}
    first = [len(one.losses) for one in found if one.candidate < WAVE]
    assert sorted(first, reverse=True) == [8, 8, 8, 2, 1, 1, 1, 1]


@settings(max_examples=examples(30), deadline=None)
@given(table=tables)
def test_where_all_stay_each_has_the_loss_of_a_whole_cross_validation(table: Losses) -> None:
    done: Done = {}
    while trials := Search(dict(done), len(table), all_stay=True).plan():
        for trial in trials:
            measure(done, trial, table, {})
    folds = 1 if len(table) == 1 else FOLDS
    assert all(len(one.losses) == folds for one in standings(Search(done, len(table), all_stay=True)))


@settings(max_examples=examples(80), deadline=None)
@given(table=tables)
def test_the_winner_is_never_worse_than_the_defaults_on_the_same_folds(table: Losses) -> None:
    found = standings(played(table, {}))
    assert sorted(one.candidate for one in found) == list(range(len(table)))
    by_number = {one.candidate: one for one in found}
    assert by_number[0].losses == tuple(table[0][: 1 if len(table) == 1 else FOLDS])
    assert found[0].loss <= by_number[0].loss  # type: ignore[operator]
    for one in found:
        assert one.losses == tuple(table[one.candidate][: len(one.losses)])
    assert [(-one.rung, one.loss, one.candidate) for one in found] == sorted(
        (-one.rung, one.loss, one.candidate) for one in found
    )


def test_how_many_trials_there_will_be_is_known_from_the_beginning() -> None:
    for n in (*range(1, 41), 200):
        search = Search({}, n)
        table = [[float(i)] * FOLDS for i in range(n)]
        assert search.progress() == (0, len(played(table, {}).done))
        if n in (20, 200):
            assert search.progress()[1] == {20: 49, 200: 450}[n]


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(table=tables, failing=st.dictionaries(st.integers(0, 23), st.integers(0, FOLDS - 1), max_size=24))
def test_who_fails_comes_last_with_its_error_and_never_wins(table: Losses, failing: dict[int, int]) -> None:
    search = played(table, failing)
    found = standings(search)
    assert sorted(one.candidate for one in found) == list(range(len(table)))
    flags = [one.error is not None for one in found]
    assert flags == sorted(flags)
    assert all(one.error == ERROR and one.loss is None for one in found if one.error)
    if all(flags):
        with pytest.raises(Diverged, match="training diverged"):
            winner(search)
    else:
        assert winner(search) == found[0].candidate


def test_who_was_measured_on_more_folds_comes_first() -> None:
    """Candidate 2 leads by the means, but over fewer folds; the others' next fold was a hard one for everybody."""
    done = {Trial(0, i): Tried((loss,)) for i, loss in enumerate([0.1, 0.2, 0.3])}
    done |= {Trial(1, i): Tried((9.0,)) for i in (0, 1)}
    search = Search(done, 3)
    assert search.plan() == [Trial(1, 2)]
    assert [one.candidate for one in standings(search)] == [0, 1, 2]
    assert standings(search)[0] == Standing(0, 1, (0.1, 9.0))
    done[Trial(1, 0)] = Tried(error=ERROR)
    assert [one.candidate for one in standings(Search(done, 3))] == [1, 2, 0]


def test_the_best_so_far_is_measured_next_and_the_defaults_after_it() -> None:
    done = {Trial(0, i): Tried((loss,)) for i, loss in enumerate([0.9, 0.2, 0.1])}
    assert Search(done, 3).plan() == [Trial(1, 2), Trial(1, 0), Trial(1, 1)]


class Workers:
    """So many workers, each trial of a candidate taking so long a fold; what is planned is seen through."""

    def __init__(self, count: int, cost: list[float], seconds: float) -> None:
        self.count, self.cost, self.seconds = count, cost, seconds
        self.done: Done = {}
        self.now, self.planning = 1000.0, 0.05
        self.fits, self.members = 0.0, 1

    def search(self) -> Search:
        return Search(dict(self.done), len(self.cost), self.seconds, fits=self.fits, members=self.members)

    def run(self) -> Search:
        table = [[float(i)] * FOLDS for i in range(len(self.cost))]
        while trials := self.search().plan():
            free = [self.now] * self.count
            for trial in trials:
                at = free.index(min(free))
                spans = self.done.get(trial, Tried()).spans
                began, free[at] = free[at], free[at] + self.cost[trial.candidate]
                measure(self.done, trial, table, {}, folds=1)
                self.done[trial] = replace(self.done[trial], spans=(*spans, (began, free[at])))
            self.now = max(free) + self.planning  # nobody works while it is planned; that counts, too
        return self.search()


@pytest.mark.slow
@settings(max_examples=examples(100), deadline=None)
@given(
    cost=st.lists(st.floats(0.05, 3.0), min_size=200, max_size=200),
    seconds=st.floats(0.01, 60.0),
    count=st.integers(1, 4),
    planning=st.floats(0.0, 1.0),
)
def test_a_budget_of_seconds_is_kept_but_for_what_was_under_way_and_there_is_a_winner(
    cost: list[float], seconds: float, count: int, planning: float
) -> None:
    workers = Workers(count, cost, seconds)
    workers.planning = planning
    search = workers.run()
    assert search.complete(Trial(0, 0))
    winner(search)
    assert search.spent() == pytest.approx(workers.now - workers.planning - 1000.0)
    assert search.spent() <= seconds + AT_ONCE * max(cost)
    complete, all_of_them = search.progress()
    assert complete == all_of_them


def test_seconds_are_spent_on_whole_waves() -> None:
    for count in (1, 2):
        search = Workers(count, [0.1] * 200, 20.0).run()
        waves = search.waves()
        assert all(len(wave) == len(RUNGS) for wave in waves[:-1]) and len(waves) > 4 * count
        assert 0.8 * 20 < search.spent() < 1.05 * 20


def test_a_first_wave_that_is_too_dear_is_opened_in_part_and_seen_through() -> None:
    search = Workers(1, [1.0] * 200, 20.0).run()
    assert len(search.waves()) == 1
    assert 3 <= len(search.waves()[0][0]) < WAVE
    assert len(standings(search)[0].losses) >= 4
    assert search.spent() <= 21


def test_time_is_left_for_the_fits_that_follow() -> None:
    workers = Workers(1, [0.5] * 200, 20.0)
    workers.fits, workers.members = 2.25, 3
    search = workers.run()
    assert search.spent() + sum(search.seconds_of_fits(one) for one in range(3)) <= 21
    assert search.spent() > 14


def test_what_a_trial_may_take_is_a_share_of_what_is_left_and_the_first_one_is_seen_through() -> None:
    done = {Trial(0, 0): Tried((0.5,), ((0.0, 4.0),))}
    search = Search(done, 8, 20.0)
    assert search.allowed(Trial(0, 0)) is None and Search({}, 8).allowed(Trial(0, 3)) is None
    assert search.allowed(Trial(0, 1)) == 4.0
    assert search.allowed(Trial(0, 1), planned=8) == 2.0
    assert search.allowed(Trial(1, 1)) == 16.0


def test_the_estimate_of_trials_to_come_grows_right() -> None:
    workers = Workers(1, [1.0] * 200, 100.0)
    assert workers.search().progress() == (0, 1)
    for i in range(10):
        workers.done[Trial(0, i)] = Tried((0.5,), ((1.0 * i, 1.0 * i + 1),))
    assert workers.search().progress() == (10, 100)


def test_the_way_from_one_trial_to_the_next_is_time_as_well() -> None:
    done = {Trial(0, i): Tried((1.0,), ((0.3 * i, 0.3 * i + 0.1),)) for i in range(11)}
    assert Search(done, 200, 60.0).spent() == pytest.approx(3.1)


def test_time_is_counted_once_where_trials_overlap_and_not_where_nobody_worked() -> None:
    done = {
        Trial(0, 0): Tried((1.0,), ((0.0, 2.0),)),
        Trial(0, 1): Tried((1.0,), ((1.0, 1.5), (8.0, 9.0))),
        Trial(0, 2): Tried((1.0,), ((1.0, 3.0), (8.5, 8.25))),
    }
    assert Search(done, 3, 60.0).spent() == 4.0


@pytest.mark.parametrize(
    ("second", "pauses", "spent"),
    [
        ((114.0, 120.0), [], 20.0),
        ((114.0, 120.0), [(111.0, 113.0)], 18.0),  # a short pause is no way to the next trial
        ((1000.0, 1010.0), [], 20.0),
        ((1000.0, 1010.0), [(111.0, 998.0)], 23.0),  # what was spent before a long one, and behind it, counts
        ((1000.0, 1010.0), [(111.0, 500.0), (501.0, 999.0)], 23.0),  # two of them
        ((105.0, 120.0), [(102.0, 107.0)], 20.0),  # somebody worked on: that counts
        ((114.0, 120.0), [(1.0, 2.0), (130.0, 140.0)], 20.0),  # before the first trial, and behind the last
    ],
)
def test_of_a_pause_no_second_counts_in_which_no_trial_was_worked_on(
    second: tuple[float, float], pauses: list[tuple[float, float]], spent: float
) -> None:
    done = {
        Trial(0, 0): Tried((0.5,), ((100.0, 110.0),)),
        Trial(0, 1): Tried((0.4,), (second,)),
    }
    assert Search(done, 2, 60.0, pauses=pauses).spent() == spent
