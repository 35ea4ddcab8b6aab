"""The portfolio that the measured losses give: ``python -m tests.benchmarks.portfolio.learn`` prints it.

Greedy, as Feurer, Eggensperger, Falkner, Lindauer and Hutter (2022), "Auto-Sklearn 2.0", build theirs: the next
configuration is the one by which the best of all chosen so far gets better most, on the average of the tables. Better
is the logarithm of the loss, no more than that of `MOST` times the table's best, over the square root of the seconds
that a fit takes: cheap ones come first.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from math import log, sqrt

import numpy as np

from lepton_core.search.candidates import Candidate
from tests.benchmarks.portfolio.measure import measured

LENGTH = 12
MOST = 2.0
"""Beyond so many times the best loss a configuration is no good, by whatever."""

CALL = 0.5
"""Seconds that a fit costs besides."""


def learned(lines: Iterable[Mapping[str, str]], length: int = LENGTH) -> list[Candidate]:
    """The first ``length`` configurations of the portfolio.

    >>> line = {"table": "t", "algorithm": "svm", "hyperparameters": "{}", "loss": "0.5", "seconds": "1"}
    >>> learned([line, {**line, "hyperparameters": '{"C": 2.0}', "loss": "0.4"}], 1)
    [Candidate(algorithm='svm', hyperparameters={'C': 2.0})]
    """
    losses: dict[tuple[str, str], dict[str, float]] = {}
    seconds: dict[tuple[str, str], list[float]] = {}
    for line in lines:
        key = (line["algorithm"], line["hyperparameters"])
        if np.isfinite(loss := float(line["loss"])):
            losses.setdefault(key, {})[line["table"]] = loss
            seconds.setdefault(key, []).append(float(line["seconds"]))
    best = {table: min(one[table] for one in losses.values() if table in one) for table in _tables(losses)}
    logs = {
        key: {table: log(min(loss / best[table], MOST)) for table, loss in its.items()}
        for key, its in losses.items()
    }
    reached = dict.fromkeys(best, log(MOST))
    chosen: list[tuple[str, str]] = []
    while len(chosen) < min(length, len(logs)):
        gains = {
            key: _gain(its, reached) / sqrt(CALL + float(np.mean(seconds[key]))) for key, its in logs.items()
        }
        left = [key for key in gains if key not in chosen]
        following = max(left, key=lambda key: gains[key])
        chosen.append(following)
        reached |= {table: min(loss, reached[table]) for table, loss in logs[following].items()}
    return [Candidate(name, json.loads(settings)) for name, settings in chosen]


def _tables(losses: Mapping[tuple[str, str], Mapping[str, float]]) -> set[str]:
    return {table for its in losses.values() for table in its}


def _gain(its: Mapping[str, float], reached: Mapping[str, float]) -> float:
    return sum(max(0.0, reached[table] - loss) for table, loss in its.items()) / len(reached)


def main() -> None:
    """Print a line for each."""
    for one in learned(measured()):
        sys.stdout.write(f"{one.algorithm} {dict(one.hyperparameters)}\n")


if __name__ == "__main__":
    main()
