"""Columns that alone predict the label: most such columns are known only after it."""

import numpy as np

from lepton_core.report.auc import macro_auc
from lepton_core.report.label import Classes
from lepton_core.table.columns import Column, FloatArray, IndexArray
from lepton_core.table.kinds import kind_of

LEAK = 0.98
"""From this AUC, or share of the variance of the label's ranks, on, a column alone tells the label."""

LEAK_ROWS = 20_000
"""More rows would not change the answer."""

_BINS = 64
_ROWS_OF_A_BIN = 8
_OWN_BINS = 256
"""Up to so many different numbers have a bin each."""


def tells_alone(column: Column, label: Classes) -> float | None:
    """How well ``column`` alone predicts the label of the odd rows from the even ones; 1 is perfect.

    The rows are in no order, see `lepton_core.report.sampling`. The column is cut into bins, and each bin predicts what
    its even rows have: shares of the classes, whose AUC is the answer; or, of a quantity, the mean rank, for which it
    is the R2 of ranks. None for too few rows.

    >>> from lepton_core.report.label import classes_of
    >>> from lepton_core.table import Categories
    >>> paid = Categories.of("paid", ["no", "yes"] * 30)
    >>> refund = Categories.of("refund", ["none", "all"] * 30)
    >>> dealt = np.random.default_rng(0).permutation(60)
    >>> tells_alone(refund.take(dealt), classes_of(paid.take(dealt)))
    1.0
    """
    if len(column) > LEAK_ROWS:
        column = column.take(np.arange(LEAK_ROWS))
    even = np.arange(len(column)) % 2 == 0
    places = _places(column, even)
    if label.values is not None:
        return _told_ranks(places, _ranks(label.values[:LEAK_ROWS]), even)
    found = label.places[:LEAK_ROWS]
    many = label.many
    table = np.zeros((int(places.max(initial=0)) + 1, many))
    np.add.at(table, (places[even], found[even]), 1)
    prior = np.bincount(found[even], minlength=many) / max(1, int(even.sum()))
    rates = (table + prior) / (table.sum(axis=1, keepdims=True) + 1)
    return macro_auc(rates[places[~even]], found[~even])


def _told_ranks(places: IndexArray, ranks: FloatArray, even: IndexArray) -> float | None:
    if len(ranks) < 40:
        return None
    many = int(places.max(initial=0)) + 1
    rows = np.bincount(places[even], minlength=many)
    sums = np.bincount(places[even], weights=ranks[even], minlength=many)
    means = np.where(rows, sums / np.maximum(rows, 1), ranks[even].mean())
    held = ranks[~even]
    total = float(((held - held.mean()) ** 2).sum())
    return 1 - float(((held - means[places[~even]]) ** 2).sum()) / total if total else None


def _places(column: Column, even: IndexArray) -> IndexArray:
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
    return np.unique(np.quantile(there, np.arange(1, bins) / bins))


def _ranks(values: FloatArray) -> FloatArray:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return ((np.cumsum(counts) - counts / 2) / len(values))[places]
