"""The greedy portfolio: each configuration is the one that helps most beside those before it, for its seconds."""

import time
from collections import Counter
from pathlib import Path

import pytest

from lepton_core.search.candidates import Candidate
from lepton_core.search.portfolio import PORTFOLIO
from tests.benchmarks.portfolio.learn import LENGTH, Key, Losses, learned, regrets, usual
from tests.benchmarks.portfolio.measure import DRAWN, TooLong, at_most, configurations, key, measured


def line(table: str, name: str, loss: float, seconds: float = 1.0) -> dict[str, str]:
    return {
        "table": table,
        "algorithm": name,
        "hyperparameters": "{}",
        "loss": str(loss),
        "seconds": str(seconds),
    }


def names(lines: list[dict[str, str]], length: int) -> list[str]:
    return [name for name, _ in learned(Losses(lines), length)]


TWO_TABLES = [
    *(line("a", name, loss) for name, loss in (("x", 1.0), ("y", 1.05), ("z", 1.9))),
    *(line("b", name, loss) for name, loss in (("x", 1.5), ("y", 1.6), ("z", 1.0))),
]


def test_the_second_is_good_where_the_first_is_not() -> None:
    assert names(TWO_TABLES, 3) == ["x", "z", "y"]


def test_of_two_alike_the_cheap_one_comes_first_and_what_failed_never() -> None:
    lines = [line("a", "dear", 1.0, 60.0), line("a", "cheap", 1.0, 1.0), line("a", "broken", float("nan"))]
    assert names(lines, 3) == ["cheap", "dear"]


def test_a_loss_of_nothing_is_the_best_and_not_beyond_all_measure() -> None:
    lines = [line("a", name, loss) for name, loss in (("x", 0.0), ("y", 1e-9), ("z", 1.0))]
    lines += [line("a", name, 2.0) for name in ("u", "v")]
    losses = Losses([*lines, line("b", "x", 1.0), line("b", "y", 1.0), line("b", "z", 0.9)])
    assert losses.logs[("x", "{}")]["a"] == losses.logs[("y", "{}")]["a"] == 0.0
    assert losses.logs[("z", "{}")]["a"] == pytest.approx(0.6931, abs=1e-4)


def test_a_portfolio_is_judged_by_tables_that_it_did_not_learn_from() -> None:
    losses = Losses(TWO_TABLES)
    only_b: list[Key] = learned(losses, 1, {"a"})
    assert only_b == [("z", "{}")]
    assert learned(losses, 1, {"b"}) == [("x", "{}")]
    # The first try on a is then z, 1.9 times its best, and on b it is x, 1.5 times.
    unseen = regrets(losses, lambda table: learned(losses, LENGTH, {table}))
    assert unseen[0] == pytest.approx((1.9 * 1.5) ** 0.5)
    assert regrets(losses, lambda table: [("x", "{}"), ("z", "{}")]) == pytest.approx(
        [1.5**0.5] + [1.0] * (LENGTH - 1)
    )


def test_it_chooses_among_those_that_it_may() -> None:
    assert learned(Losses(TWO_TABLES), 3, among=[("y", "{}"), ("z", "{}")]) == [("y", "{}"), ("z", "{}")]


def test_a_block_is_left_once_it_has_used_its_seconds() -> None:
    with at_most(60.0):
        began = time.process_time()
    with pytest.raises(TooLong), at_most(0.01):
        while time.process_time() < began + 60.0:
            pass


def test_the_portfolio_of_a_search_is_the_one_that_is_learned() -> None:
    committed = [key(Candidate(name, dict(settings))) for name, settings in PORTFOLIO]
    assert committed == learned(Losses(measured()), LENGTH, among=usual())


def test_it_is_better_on_tables_that_it_has_not_seen_than_with_drawn_ones_and_than_the_defaults_alone() -> (
    None
):
    losses = Losses(measured())
    most = len(losses.logs)
    own = regrets(losses, lambda table: learned(losses, most, {table}, usual()))
    drawn = regrets(losses, lambda table: learned(losses, most, {table}))
    defaults = regrets(losses, lambda table: [(name, "{}") for name in DRAWN])
    assert len(losses.tables) == 27
    assert own[3] < drawn[3]
    assert own[3] < defaults[-1]


def test_what_is_measured_is_what_would_be_measured_again() -> None:
    known = {key(one) for one in configurations()}
    lines = measured()
    assert lines and {(one["algorithm"], one["hyperparameters"]) for one in lines} <= known
    places = [(one["table"], one["algorithm"], one["hyperparameters"]) for one in lines]
    assert len(set(places)) == len(places)


def test_the_documentation_says_what_the_measured_losses_do() -> None:
    losses = Losses(measured())
    own = regrets(losses, lambda table: learned(losses, len(losses.logs), {table}, usual()))
    page = " ".join((Path(__file__).parents[3] / "docs/auto-training.md").read_text().split())
    assert len(usual()) == 14 and "what fourteen configurations that people use lose on 27 tables" in page
    counts = Counter(one["table"] for one in measured()).values()
    most = f"{min(counts)} or {max(counts)}"
    lost = f"the best of the first four loses {100 * (own[3] - 1):.1f} % more than the best of the {most} that were"
    assert set(counts) == {min(counts), max(counts)} and lost in page
