"""Whether intervals and sets of forecasts hold as many rows as they say: six kinds of series, the last fifth held out.

``python -m tests.benchmarks.forecasts docs/benchmarks/forecasts.md`` writes the figures between the page's marks;
without a page they are printed. It takes some minutes; set OMP_NUM_THREADS=1.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.out_of_fold import classes_of, out_of_fold, truth
from lepton_core.table import Categories, Numbers, Split, Table
from lepton_core.table.lagged import Lags, lagged
from lepton_core.train import Recipe, train
from lepton_core.uncertainty.conformal import Intervals, Sets
from lepton_core.validation import fold_rows
from tests.benchmarks.defaults import write_or_print
from tests.benchmarks.measured import measured_at

Floats = NDArray[np.float64]
Rng = np.random.Generator

FOLDS = 5
LAGS = (1, 2, 7)
COVERAGE = 0.9
OF_CLASSES = "logistic_regression"
SERIES = {"linear_regression": 40, "gradient_boosting": 5, OF_CLASSES: 20}
"""How many series of each rule each algorithm forecasts."""

ROWS = {"linear_regression": (700, 1500), "gradient_boosting": (700,), OF_CLASSES: (700,)}
DAY = 86400.0


def going_on(rng: Rng, days: int) -> Floats:
    """Noise of which four fifths go on to the next day."""
    found = np.zeros(days)
    for at, each in enumerate(rng.normal(size=days)):
        found[at] = 0.8 * found[at - 1] + each
    return found


def waves(days: int, period: float) -> Floats:
    """A wave that comes again after so many days."""
    return np.sin(2 * np.pi * np.arange(days) / period)


RULES: dict[str, Callable[[Rng, int], Floats]] = {
    "random walk": lambda rng, days: np.cumsum(rng.normal(size=days)),
    "week and year, and noise that goes on": lambda rng, days: (
        3 * waves(days, 7) + 8 * waves(days, 365) + going_on(rng, days)
    ),
    "year, and skewed noise": lambda rng, days: 8 * waves(days, 365) + 2 * rng.exponential(size=days),
    "straight trend, waves, and noise that goes on": lambda rng, days: (
        0.02 * np.arange(days) + 3 * waves(days, 30) + going_on(rng, days)
    ),
    "random walk with a drift": lambda rng, days: np.cumsum(0.2 + rng.normal(size=days)),
    "growth by a rate, so that errors grow": lambda rng, days: (
        100 * np.exp(np.cumsum(0.002 + 0.02 * rng.normal(size=days)))
    ),
}


@dataclass(frozen=True)
class Found:
    """Of one series and one way to learn: the share of the held-out rows inside, and the mean size.

    That is the width of an interval in standard deviations of a step, or how many classes a set has.
    """

    inside: float
    size: float


def table(series: Floats, algorithm: str) -> Table:
    """A series as `with_lags` gives it: the day, the values before it and the value, or whether it falls or rises."""
    days, value = Numbers("day", DAY * np.arange(len(series)), "date"), Numbers("value", series)
    made = lagged(Table((days, value)), Lags({"value": LAGS}, "day"))
    if algorithm != OF_CLASSES:
        return made
    steps = np.diff(series)
    third = np.digitize(steps, np.quantile(steps, [1 / 3, 2 / 3]))
    named = Categories.of("value", np.array(["falls", "stays", "rises"])[third].tolist())
    known = made.without("value").take(np.arange(1, len(series)))
    return Table((*known.columns, named))


def measured(series: Floats, algorithm: str) -> tuple[Found, Found]:
    """What intervals or sets are worth that all folds teach, and those of the later half, as a version has them."""
    data = table(series, algorithm)
    recipe = Recipe(algorithm, "value", {})
    y = truth(data["value"], classes_of(recipe, data))
    training, held_out = np.split(np.arange(data.rows), [int(0.8 * data.rows)])
    by = data["day"]
    dealt = fold_rows(recipe, data, training, FOLDS, seed=0, split=Split("time-1", 0.2, "day"), by=by)
    made = [(out_of_fold(recipe, data, *pair), pair[1]) for pair in dealt]
    parts = [(one.output, y[places]) for one, places in made if one is not None]
    output = train(recipe, data, training, watched=False).predict(data.take(held_out).without("value"))
    step = float(np.std(np.diff(series)))

    def worth(parts: list[Any]) -> Found:
        outputs, truths = (np.concatenate(each) for each in zip(*parts, strict=True))
        if algorithm == OF_CLASSES:
            sets = Sets.of(outputs, truths).inside(output, COVERAGE)
            return Found(
                float(sets[np.arange(len(sets)), y[held_out]].mean()), float(sets.sum(axis=1).mean())
            )
        ends = Intervals.of(outputs, truths).around(output, COVERAGE)
        inside = (ends[:, 0] <= y[held_out]) & (y[held_out] <= ends[:, 1])
        return Found(float(inside.mean()), float(np.diff(ends).mean()) / step)

    return worth(parts), worth(parts[len(parts) // 2 :])


def shown(rule: str, rows: int, algorithm: str, count: int) -> str:
    """The line of a rule: means over so many series, with the standard error of the shares."""
    found = [measured(RULES[rule](np.random.default_rng(seed), rows), algorithm) for seed in range(count)]
    sides = []
    for side in (0, 1):
        inside = np.array([pair[side].inside for pair in found])
        size = float(np.mean([pair[side].size for pair in found]))
        error = float(np.std(inside, ddof=1)) / count**0.5
        sides.append(f"{inside.mean():.1%} | {error:.1%} | {size:.2f}")
    return f"| {rule} | {rows} | {' | '.join(sides)} |"


def figures() -> Iterator[str]:
    """The lines of the page."""
    yield ""
    yield measured_at("numpy", "scikit-learn")
    for algorithm, count in SERIES.items():
        yield ""
        size = "classes" if algorithm == OF_CLASSES else "width"
        sides = "".join(f" {folds}: inside | +- | {size} |" for folds in ("all folds", "later half"))
        yield f"| {algorithm}, {count} series each | rows |{sides}"
        yield "|---" * 8 + "|"
        for rule in RULES:
            for rows in ROWS[algorithm]:
                yield shown(rule, rows, algorithm, count)
                sys.stderr.write(f"{algorithm} {rule} {rows}\n")


if __name__ == "__main__":
    write_or_print(sys.argv[1:], figures())
