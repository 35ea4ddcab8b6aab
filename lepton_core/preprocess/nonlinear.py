"""What a line through the numbers of a column cannot say of the label, and what stands beside them for it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift.statistics.quantiles import chi2_quantile
from lepton_core.preprocess.default_steps import has_gaps
from lepton_core.preprocess.labels import Labels
from lepton_core.preprocess.step import Step
from lepton_core.table import Column, Table, kind_of

ALPHA = 0.05
"""The chance that anything stands beside the columns of a table whose label depends on none of them."""

FEWEST_TESTED = 50
"""Fewer rows say too little: the spread of their labels is hardly known."""

MOST_DIFFERENT = 1000
ROWS_A_LEVEL = 5
"""A column with fewer rows for each of its numbers has no levels."""

ROWS_A_WEIGHT = 2.0
"""With fewer rows for each weight of a level they would be learnt by heart, at many times the cost."""

_LOOKED_AT = 4096
_NAMED = 5
_ROUNDING = 4 * float(np.finfo(np.float64).eps)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def beside(table: Table, names: Sequence[str], labels: Labels) -> tuple[Step, ...]:
    """The steps that put features beside the numbers and dates ``names`` of ``table``, to be done before all others.

    A MissingIndicator of the columns whose gaps say something of the label, and OneHot of those whose numbers say
    more than a line through them does, as the numbers of places or of months do: of those that are surest as many as
    leave `ROWS_A_WEIGHT` rows for each weight, of which a level has one a class. The tests are those of one-way
    analysis of variance and of lack of fit, each at `ALPHA` divided by how many there are (Bonferroni): Draper and
    Smith, Applied Regression Analysis, chapters 1 and 2. Weights count as rows.
    """
    if labels.weights.sum() < FEWEST_TESTED:
        return ()
    labels = _in_unit(labels)
    columns = [table[name] for name in names]
    gaps = [column for column in columns if has_gaps(column)]
    levelled = [(column, *found) for column in columns if (found := levels_of(column)) is not None]
    tests = (len(gaps) + len(levelled)) * max(1, len(labels.described))
    level = 1.0 - ALPHA / max(1, tests)
    lack = [column.name for column in gaps if depends_on_gaps(column, labels, level)]
    curved = _curved(levelled, labels, level)
    steps = (("MissingIndicator", lack, "missing"), ("OneHot", curved, "levels"))
    return tuple(Step.of(name, found, table.unused(output), {}) for name, found, output in steps if found)


def _curved(
    levelled: Sequence[tuple[Column, FloatArray, IntArray]], labels: Labels, level: float
) -> list[str]:
    """The names of the columns that get levels, in the order of the table."""
    sure = [(off_a_line(x, places, labels, level), len(x), at) for at, (_, x, places) in enumerate(levelled)]
    left = labels.weights.sum() / ROWS_A_WEIGHT
    taken = []
    for excess, levels, at in sorted(sure, key=lambda one: -one[0]):
        weights = levels * max(1, len(labels.described))
        if excess > 1.0 and weights <= left:
            left -= weights
            taken.append(at)
    return [levelled[at][0].name for at in sorted(taken)]


def levels_of(column: Column) -> tuple[FloatArray, IntArray] | None:
    """The numbers (k,) of ``column`` and the place (m,) of each cell; None unless there are few, each in many rows.

    >>> from lepton_core.table import Numbers
    >>> levels_of(Numbers("month", np.tile([1.0, 2.0, 3.0], 10)))[0].tolist()
    [1.0, 2.0, 3.0]
    """
    kind = kind_of(column)
    if not kind.recurs:
        return None
    some = column.take(np.arange(min(len(column), _LOOKED_AT)))
    if len(kind.distinct(some)[0]) > min(MOST_DIFFERENT, max(len(some) // ROWS_A_LEVEL, 1)):
        return None
    values, places = kind.distinct(column)
    if not 2 < len(values) <= min(MOST_DIFFERENT, len(column) // ROWS_A_LEVEL):
        return None
    return np.array(values, dtype=np.float64), places


def depends_on_gaps(column: Column, labels: Labels, level: float) -> bool:
    """Whether the labels of the rows whose cell is missing differ from the others', sure to ``level``."""
    return any(
        _excess(*found, level) > 1.0 for found in _groups(column.missing.astype(np.int64), 2, labels, None)
    )


def off_a_line(x: FloatArray, places: IntArray, labels: Labels, level: float) -> float:
    """How far the mean labels at ``x`` (k,) lie off every line: above 1, surely to ``level``.

    ``places`` (m,) are those of the cells, -1 for a gap.
    """
    return max((_excess(*found, level) for found in _groups(places, len(x), labels, x)), default=0.0)


def said(steps: Sequence[Step]) -> str:
    """What a default put among the fitted ``steps`` beside or in place of numbers, for people; empty for nothing.

    >>> said([Step.of("OneHot", ["month"], "levels", {}), Step.of("Impute", ["month"], None, {})])
    'each number of month has a weight of its own'
    """
    found = {(step.transformer, step.output is not None): _named(step.input) for step in steps}
    words = (
        (("MissingIndicator", False), "of {}, which has one value, only the gaps are read"),
        (("MissingIndicator", True), "gaps of {} are marked"),
        (("OneHot", True), "each number of {} has a weight of its own"),
    )
    return "; ".join(what.format(found[key]) for key, what in words if key in found)


def _named(names: str | Sequence[str]) -> str:
    every = [names] if isinstance(names, str) else list(names)
    more = f" and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
    return ", ".join(every[:_NAMED]) + more


def _groups(
    places: IntArray, count: int, labels: Labels, x: FloatArray | None
) -> Iterator[tuple[float, int, float, float]]:
    """Of each class, or of the values: what `_excess` takes; ``x`` (count,) None: between groups, not off a line."""
    weight, sums = labels.sums(places, count)
    there = weight > 0
    weight, sums = weight[there], sums[there]
    if len(weight) < (2 if x is None else 3):
        return
    total = float(weight.sum())
    means = sums / weight[:, None]
    off = means - weight @ means / total
    between, freedom = weight @ np.square(off), len(weight) - 1
    if x is not None:
        along = x[there] / np.abs(x).max()
        along = along - weight @ along / total
        between = weight @ np.square(
            off - np.outer(along, (weight * along) @ off / (weight @ np.square(along)))
        )
        freedom -= 1
    within = _within(places, there, means, weight, labels)
    for one, rest in zip(between.tolist(), within.tolist(), strict=True):
        yield one, freedom, rest, total - len(weight)


def _within(
    places: IntArray, there: NDArray[np.bool_], means: FloatArray, weight: FloatArray, labels: Labels
) -> FloatArray:
    """The sums of squares (k,) of the labels around the ``means`` (g, k) of the groups that are ``there`` (count,)."""
    if labels.classes:
        return weight @ (means * (1.0 - means))
    at = np.flatnonzero(places >= 0)
    left = labels.y[at] - means[np.cumsum(there)[places[at]] - 1, 0]
    return np.array([labels.weights[at] @ np.square(left)])


def _excess(between: float, freedom: int, within: float, rest: float, level: float) -> float:
    """Sums of squares of so many degrees of freedom, as a share of what those within groups explain.

    Labels are at most 1, and what is within groups is at least their rounding.
    """
    within = max(within, rest * _ROUNDING**2)
    return between * rest / (chi2_quantile(level, freedom) * within) if rest > 0 else 0.0


def _in_unit(labels: Labels) -> Labels:
    """The same classes, or values around 0 that are at most 1."""
    if labels.classes:
        return labels
    y = labels.y / (np.abs(labels.y).max() or 1.0)
    return replace(labels, y=(y - np.average(y, weights=labels.weights)) / 2)
