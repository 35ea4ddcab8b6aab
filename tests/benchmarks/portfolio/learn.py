"""The portfolio that the measured losses give, and how good such ones are on tables that they did not learn from.

``python -m tests.benchmarks.portfolio.learn`` prints both.

Greedy, as Feurer, Eggensperger, Falkner, Lindauer and Hutter (2022), "Auto-Sklearn 2.0", build theirs: the next
configuration is the one by which the best of all chosen so far gets better most, on the average of the tables. Better
is the logarithm of the loss, no more than that of `MOST` times the table's best, over the fourth root of the seconds
that a fit takes: of two that are about as good the cheap one comes first. It chooses among the configurations that
people use. Drawn ones make it worse on tables that it has not seen: of many, some are good on a few tables by chance.
"""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import exp, log

import numpy as np

from lepton_core.search.candidates import Candidate
from lepton_core.search.portfolio import PORTFOLIO
from tests.benchmarks.portfolio.measure import BY_HAND, DRAWN, key, measured

LENGTH = 14
MOST = 2.0
"""Beyond so many times the best loss a configuration is no good, by whatever."""

CALL = 2.0
"""Seconds that a fit costs besides."""

LEAST = 0.001
"""Of the median loss of a table's configurations: less counts as this."""

Key = tuple[str, str]
"""The algorithm, and the hyperparameters as JSON."""


class Losses:
    """Of each configuration, by table: the logarithm of its loss beside the table's best, and the seconds of a fit."""

    def __init__(self, lines: Iterable[Mapping[str, str]]) -> None:
        found: dict[Key, dict[str, float]] = {}
        self.seconds: dict[Key, dict[str, float]] = {}
        for line in lines:
            of = line["algorithm"], line["hyperparameters"]
            if np.isfinite(loss := float(line["loss"])):
                found.setdefault(of, {})[line["table"]] = loss
                self.seconds.setdefault(of, {})[line["table"]] = float(line["seconds"])
        self.tables = sorted({table for its in found.values() for table in its})
        each = {table: [its[table] for its in found.values() if table in its] for table in self.tables}
        least = {table: LEAST * float(np.median(of)) or LEAST for table, of in each.items()}
        best = {table: max(min(of), least[table]) for table, of in each.items()}
        self.logs = {
            of: {table: log(min(max(loss, least[table]) / best[table], MOST)) for table, loss in its.items()}
            for of, its in found.items()
        }

    def regret(self, chosen: Sequence[Key], table: str) -> float:
        """The logarithm of how many times the best loss the best of those ``chosen`` has on a table."""
        return min(
            (self.logs[one].get(table, log(MOST)) for one in chosen if one in self.logs), default=log(MOST)
        )


def usual() -> list[Key]:
    """The configurations that people use: the defaults, and those by hand."""
    return [key(one) for one in (*(Candidate(name, {}) for name in DRAWN), *BY_HAND)]


def learned(
    losses: Losses,
    length: int = LENGTH,
    without: Collection[str] = (),
    among: Collection[Key] | None = None,
) -> list[Key]:
    """The first ``length`` of the portfolio, of those ``among``, which knows nothing of the tables ``without``.

    >>> line = {"table": "t", "algorithm": "svm", "hyperparameters": "{}", "loss": "0.5", "seconds": "1"}
    >>> learned(Losses([line, {**line, "hyperparameters": '{"C": 2.0}', "loss": "0.4"}]), 1)
    [('svm', '{"C": 2.0}')]
    """
    tables = [one for one in losses.tables if one not in without]
    reached = dict.fromkeys(tables, log(MOST))
    chosen: list[Key] = []
    possible = [one for one in losses.logs if among is None or one in among]
    while len(chosen) < min(length, len(possible)):
        left = [one for one in possible if one not in chosen]
        following = max(left, key=lambda one: _gain(losses, one, reached))
        chosen.append(following)
        for table in tables:
            reached[table] = min(reached[table], losses.logs[following].get(table, log(MOST)))
    return chosen


def _gain(losses: Losses, one: Key, reached: Mapping[str, float]) -> float:
    its = losses.logs[one]
    gained = sum(max(0.0, most - its[table]) for table, most in reached.items() if table in its) / len(
        reached
    )
    seconds = [took for table, took in losses.seconds[one].items() if table in reached]
    return gained / (CALL + float(np.mean(seconds or [0.0]))) ** 0.25


def regrets(losses: Losses, order: Callable[[str], Sequence[Key]]) -> list[float]:
    """How many times the best loss is reached after so many configurations, (LENGTH,): geometric means over tables.

    ``order`` gives those that are tried on a table, the first one first. What cannot learn its task is no try.
    """
    each = []
    for table in losses.tables:
        possible = [one for one in order(table) if table in losses.logs.get(one, {})]
        each.append([losses.regret(possible[: tries + 1], table) for tries in range(LENGTH)])
    return [exp(one) for one in np.mean(each, axis=0).tolist()]


def lines(losses: Losses) -> Iterator[str]:
    """What the program prints."""
    people, all_ = usual(), list(losses.logs)
    committed = [key(Candidate(name, dict(settings))) for name, settings in PORTFOLIO]
    for name, settings in learned(losses, among=people):
        yield f"{name} {settings}"
    orders: dict[str, Callable[[str], Sequence[Key]]] = {
        "committed": lambda table: committed,
        "learned from the other tables": lambda table: learned(losses, len(all_), {table}, people),
        "learned from them, drawn ones too": lambda table: learned(losses, len(all_), {table}),
    }
    yield f"times the best loss after 1 to {LENGTH} tries, on the average of {len(losses.tables)} tables:"
    for what, order in orders.items():
        yield f"{what}: {' '.join(f'{one:.3f}' for one in regrets(losses, order))}"


def main() -> None:
    """Print the portfolio, and how good it is."""
    for line in lines(Losses(measured())):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
