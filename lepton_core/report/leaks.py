"""Columns that alone predict the label: most such columns are known only after it."""

from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from lepton_core.moments import reach
from lepton_core.report.auc import LEAST_OF_A_CLASS, macro_auc
from lepton_core.report.label import Classes
from lepton_core.table.columns import Column, FloatArray, IndexArray
from lepton_core.table.kinds import kind_of

BoolArray = npt.NDArray[np.bool_]

LEAK = 0.98
"""From this AUC, or share of the variance of the label's ranks, on, a column alone tells the label."""

PERFECT = 0.9995
"""This much is no luck in any table, however few its rows."""

PRESENT = 0.9
"""A column that has a value in the rows of one class only, but for one in ten of them, is filled in after the label."""

LUCK = 1_000_000
"""Ways to choose a class, so many that a column hits upon the right one by luck in no table."""

_FEWEST = 5

LEAK_ROWS = 20_000
"""More rows would not change the answer."""

_BINS = 64
_ROWS_OF_A_BIN = 8
_OWN_BINS = 256
"""Up to so many different numbers have a bin each."""


@dataclass(frozen=True)
class Told:
    """How well a column alone predicts the label: ``how_well``, and the least that is likely, ``at_least``."""

    how_well: float
    at_least: float

    @property
    def all_of_it(self) -> bool:
        """Whether little or nothing is left that the column does not tell."""
        return self.at_least >= LEAK or self.how_well >= PERFECT


def tells_alone(column: Column, label: Classes) -> Told | None:
    """How well ``column`` alone predicts the label of each half of the rows from the other half; 1 is perfect.

    The rows are in no order, see `lepton_core.report.sampling`. The column is cut into bins, and each bin predicts what
    its rows of the other half have: shares of the classes, whose AUC is the answer; or, of a quantity, the mean rank,
    for which it is the R2 of ranks. ``at_least`` is a standard error of the smallest class below. None for too few
    rows.

    >>> from lepton_core.report.label import classes_of
    >>> from lepton_core.table import Categories
    >>> paid = Categories.of("paid", ["no", "yes"] * 100)
    >>> refund = Categories.of("refund", ["none", "all"] * 100)
    >>> dealt = np.random.default_rng(0).permutation(200)
    >>> tells_alone(refund.take(dealt), classes_of(paid.take(dealt)))
    Told(how_well=1.0, at_least=0.993)
    """
    if len(column) > LEAK_ROWS:
        column = column.take(np.arange(LEAK_ROWS))
    even = np.arange(len(column)) % 2 == 0
    if label.values is not None:
        ranks = _ranks(label.values[:LEAK_ROWS])
        halves = [_told_ranks(_places(column, own), ranks, own) for own in (even, ~even)]
        told = [one for one in halves if one is not None]
        return Told(min(told), min(told)) if told else None
    found = label.places[:LEAK_ROWS]
    halves = [_told_classes(_places(column, own), found, label.many, own) for own in (even, ~even)]
    areas = [one for one in halves if one is not None]
    if len(areas) < 2:
        return None
    area = sum(areas) / 2
    rows = np.bincount(found, minlength=label.many)
    return Told(
        area, round(area - _error(area, int(rows[rows >= LEAST_OF_A_CLASS].min(initial=len(found)))), 3)
    )


def present_tells(column: Column, label: Classes) -> int | None:
    """The class of whose rows, and of hardly any others, ``column`` has a value (or none); None if there is none.

    >>> from lepton_core.report.label import classes_of
    >>> from lepton_core.table import Categories, Numbers
    >>> died = classes_of(Categories.of("died", ["no", "no", "yes"] * 20))
    >>> present_tells(Numbers("day_of_death", np.array([np.nan, np.nan, 7.0] * 20)), died)
    1
    """
    there = (~column.missing).astype(np.int64)
    if label.values is not None or not 0 < int(there.sum()) < len(there):
        return None
    counts = np.bincount(label.places * 2 + there, minlength=2 * label.many).reshape(-1, 2)
    classes, both = counts.sum(axis=1), counts.sum(axis=0)
    enough = np.flatnonzero(np.minimum(classes, len(there) - classes) >= LEAST_OF_A_CLASS).tolist()
    for side in (1, 0):
        for place in enough:
            wrong = int(classes[place] + both[side] - 2 * counts[place, side])
            if wrong <= (1 - PRESENT) * min(classes[place], len(there) - classes[place]):
                return place
    return None


def classes_have_values(column: Column, label: Classes) -> bool:
    """Whether each class has values of ``column`` of its own: a text, or numbers on one side of all others.

    For labels of which a class has too few rows for halves, see `tells_alone`. Few rows may be told apart by luck, so
    there must be `LUCK` ways to choose those of the smallest class.

    >>> from lepton_core.report.label import classes_of
    >>> from lepton_core.table import Categories, Numbers
    >>> fraud = classes_of(Categories.of("fraud", ["yes"] * 6 + ["no"] * 94))
    >>> classes_have_values(Numbers("refunded", np.array([5.0, 9.0] * 3 + [0.0] * 94)), fraud)
    True
    >>> classes_have_values(Categories.of("town", ["Ulm"] * 7 + ["Bonn"] * 93), fraud)
    False
    """
    there = ~column.missing
    found = label.places[there]
    rows = np.bincount(found, minlength=label.many)
    fewest = int(rows.min())
    if label.values is not None or label.many < 2 or fewest < _FEWEST or comb(len(found), fewest) < LUCK:
        return False
    kind = kind_of(column)
    cells = column.values if kind.quantitative else kind.distinct(column)[1]
    _, places = np.unique(cells[there], return_inverse=True)
    many = (int(places.max()) + 1) * label.many
    table = np.bincount(places * label.many + found, minlength=many).reshape(-1, label.many)
    if (np.count_nonzero(table, axis=1) > 1).any():
        return False
    owners = table.argmax(axis=1)
    ranges = 1 + int(np.count_nonzero(owners[1:] != owners[:-1]))
    return (ranges if kind.quantitative else len(owners)) == label.many


def _error(area: float, rows: int) -> float:
    """A standard error of an area that ``rows`` of the smallest class tell; never 0: half a row more may be wrong."""
    likely = (area * rows + 0.5) / (rows + 1)
    return float(np.sqrt(likely * (1 - likely) / rows))


def _told_classes(places: IndexArray, found: IndexArray, many: int, own: BoolArray) -> float | None:
    """The AUC on the rows that are not the ``own`` ones, from which the rates are."""
    table = np.bincount(places[own] * many + found[own], minlength=(int(places.max(initial=0)) + 1) * many)
    table = table.reshape(-1, many)
    prior = np.bincount(found[own], minlength=many) / max(1, int(own.sum()))
    rates = (table + prior) / (table.sum(axis=1, keepdims=True) + 1)
    return macro_auc(rates[places[~own]], found[~own])


def _told_ranks(places: IndexArray, ranks: FloatArray, even: BoolArray) -> float | None:
    if len(ranks) < 40:
        return None
    many = int(places.max(initial=0)) + 1
    rows = np.bincount(places[even], minlength=many)
    sums = np.bincount(places[even], weights=ranks[even], minlength=many)
    means = np.where(rows, sums / np.maximum(rows, 1), ranks[even].mean())
    held = ranks[~even]
    total = float(((held - held.mean()) ** 2).sum())
    return 1 - float(((held - means[places[~even]]) ** 2).sum()) / total if total else None


def _places(column: Column, even: BoolArray) -> IndexArray:
    """The bin of each row: missing cells have one, a text has its own, and numbers have many by their order."""
    kind = kind_of(column)
    if not kind.quantitative:
        return kind.distinct(column)[1] + 1
    values = column.values
    seen = np.unique(values[even & ~np.isnan(values)])
    if not len(seen):
        return np.isnan(values).astype(np.int64)
    most = int(np.count_nonzero(even)) // _ROWS_OF_A_BIN
    own = len(seen) <= min(_OWN_BINS, most)
    cuts = seen[:-1] / 2 + seen[1:] / 2 if own else _quantiles(values[even], max(2, min(_BINS, most)))
    return np.where(np.isnan(values), 0, np.searchsorted(cuts, values) + 1)


def _quantiles(values: FloatArray, bins: int) -> FloatArray:
    there = values[~np.isnan(values)]
    exponent = reach(there)
    cuts = np.quantile(np.ldexp(there, -exponent), np.arange(1, bins) / bins)
    return np.unique(np.ldexp(cuts, exponent))


def _ranks(values: FloatArray) -> FloatArray:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return ((np.cumsum(counts) - counts / 2) / len(values))[places]
