"""What the columns tell of the label, kept as counts, so that a later version can be asked whether it still holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lepton_core.report.auc import macro_auc
from lepton_core.table.columns import Column, FloatArray, IndexArray
from lepton_core.table.kinds import Bins

Rates = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Binned:
    """A column in bins: that of each row, ``places`` (m,), of ``many``."""

    places: IndexArray
    many: int


def binned(column: Column, bins: Bins) -> Binned:
    """The bins of the rows of ``column``."""
    return Binned(bins.places_of(column), len(bins.counts))


def counts_by_class(column: Binned, classes: IndexArray, many: int) -> IndexArray:
    """How many rows of each of ``many`` classes are in each bin, int64 (bins, many).

    ``classes`` (m,) are those of the rows; class -1 is passed over.

    >>> counts_by_class(Binned(np.array([0, 1, 1]), 2), np.array([0, 1, -1]), 2).tolist()
    [[1, 0], [0, 1]]
    """
    known = classes >= 0
    flat = column.places[known] * many + classes[known]
    return np.bincount(flat, minlength=column.many * many).reshape(column.many, many).astype(np.int64)


def told_apart(columns: Sequence[Binned], classes: IndexArray, many: int) -> float | None:
    """How well the columns tell the ``classes`` (m,): an AUC, or None.

    Each half of the rows is told by the counts of the other.
    """
    if not columns:
        return None
    even = np.arange(len(classes)) % 2 == 0
    scores = np.zeros((len(classes), many))
    for own in (even, ~even):
        tables = [counts_by_class(Binned(one.places[~own], one.many), classes[~own], many) for one in columns]
        scores[own] = score([one.places[own] for one in columns], tables)
    return macro_auc(scores, classes)


def score(places: Sequence[IndexArray], tables: Sequence[IndexArray]) -> FloatArray:
    """The classes' probabilities (m, K) by the counts of each column, as if columns did not depend on each other.

    >>> score([np.array([0, 1])], [np.array([[9, 0], [0, 9]])]).round(2).tolist()
    [[0.95, 0.05], [0.05, 0.95]]
    """
    total: FloatArray | None = None
    for at, table in zip(places, tables, strict=True):
        bins, many = table.shape
        rows = table.sum(axis=0)
        logs = np.log((table + 1 / bins) / (rows + 1))
        total = logs[at] if total is None else total + logs[at]
        prior = np.log((rows + 1) / (rows.sum() + many))
    assert total is not None  # noqa: S101  (`told_apart` and `told_again` have asked)
    total = total + prior
    total -= total.max(axis=1, keepdims=True)
    odds = np.exp(total)
    found: FloatArray = odds / odds.sum(axis=1, keepdims=True)
    return found


def told_again(
    columns: Mapping[str, Binned], before: Mapping[str, Rates], classes: IndexArray, many: int
) -> float | None:
    """How well the ``classes`` (m,) of new rows are told by what was counted ``before``; None for too few rows."""
    names = [name for name in columns if before.get(name)]
    known = classes >= 0
    if not names or not known.any():
        return None
    tables = [np.array(before[name], dtype=np.int64) for name in names]
    scores = score([columns[name].places[known] for name in names], tables)
    return macro_auc(scores, classes[known])
