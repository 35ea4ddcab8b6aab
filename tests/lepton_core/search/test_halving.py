"""The search as a game: trials end in any order, some fail, the driver is killed, and the answer is the same."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import Diverged, Failure
from lepton_core.search import FOLDS, Search, Standing, Trial, Tried, folds_of, standings, winner
from lepton_core.search.halving import AT_ONCE, RUNGS, staying
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
def test_the_rungs_are_those_of_successive_halving(table: Losses) -> None:
    search = played(table, {})
    rungs, size = search.rungs(), len(table)
    for at, entrants in enumerate(rungs):
        assert len(entrants) == size
        folds = sum(RUNGS[: at + 1])
        best = sorted(entrants, key=lambda one: (sum(table[one][:folds]) / folds, one))
        size = staying(size)
        if at + 1 < len(rungs):
            kept = best[:size]
            assert set(rungs[at + 1]) == set(kept if 0 in kept else [*kept[:-1], 0])
    assert len(rungs) == (1 if len(table) == 1 else len(RUNGS))
    assert search.progress() == (len(search.done), len(search.done)) == (sum(map(len, rungs)),) * 2


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
            assert search.progress()[1] == {20: 38, 200: 375}[n]


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


def test_a_rung_that_is_not_complete_does_not_decide() -> None:
    """Candidate 2 leads by the means, but over fewer folds; the others' next fold was a hard one for everybody."""
    done = {Trial(0, i): Tried((loss,)) for i, loss in enumerate([0.1, 0.2, 0.3])}
    done |= {Trial(1, i): Tried((9.0,)) for i in (0, 1)}
    search = Search(done, 3)
    assert search.plan() == [Trial(1, 2)]
    assert [one.candidate for one in standings(search)] == [0, 1, 2]
    assert standings(search)[0] == Standing(0, 0, (0.1,))
    done[Trial(1, 0)] = Tried(error=ERROR)
    assert [one.candidate for one in standings(Search(done, 3))] == [1, 2, 0]


class Workers:
    """So many workers, each trial of a candidate taking so long a fold; what is planned is seen through."""

    def __init__(self, count: int, cost: list[float], seconds: float) -> None:
        self.count, self.cost, self.seconds = count, cost, seconds
        self.done: Done = {}
        self.now = 1000.0

    def search(self) -> Search:
        return Search(dict(self.done), len(self.cost), self.seconds)

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
            self.now = max(free) + 0.5  # nobody works while it is planned; that does not count
        return self.search()


@pytest.mark.slow
@settings(max_examples=examples(100), deadline=None)
@given(
    cost=st.lists(st.floats(0.05, 3.0), min_size=200, max_size=200),
    seconds=st.floats(0.01, 60.0),
    count=st.integers(1, 4),
)
def test_a_budget_of_seconds_is_kept_but_for_what_was_under_way_and_there_is_a_winner(
    cost: list[float], seconds: float, count: int
) -> None:
    workers = Workers(count, cost, seconds)
    search = workers.run()
    assert search.complete(Trial(0, 0))
    winner(search)
    assert search.spent() <= seconds + AT_ONCE * max(cost)
    complete, all_of_them = search.progress()
    assert complete == all_of_them


def test_seconds_are_spent_on_all_rungs() -> None:
    for count in (1, 2):
        search = Workers(count, [0.1] * 200, 20.0).run()
        rungs = search.rungs()
        assert len(rungs) == len(RUNGS) and search.closed(3, rungs[3])
        assert 0.8 * 20 < search.spent() < 1.05 * 20
        assert 0.3 * 20 * count < 0.1 * len(rungs[0]) < 0.37 * 20 * count


def test_the_estimate_of_trials_to_come_grows_right() -> None:
    workers = Workers(1, [1.0] * 200, 100.0)
    assert workers.search().progress() == (0, 1)
    for i in range(10):
        workers.done[Trial(0, i)] = Tried((0.5,), ((2.0 * i, 2.0 * i + 1),))
    assert workers.search().progress() == (10, 100)


def test_time_is_counted_once_where_trials_overlap_and_not_where_nobody_worked() -> None:
    done = {
        Trial(0, 0): Tried((1.0,), ((0.0, 2.0),)),
        Trial(0, 1): Tried((1.0,), ((1.0, 1.5), (8.0, 9.0))),
        Trial(0, 2): Tried((1.0,), ((1.0, 3.0), (8.5, 8.25))),
    }
    assert Search(done, 3, 60.0).spent() == 4.0
