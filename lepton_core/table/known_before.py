"""Which column of a table holds what the label was some rows earlier: then that much is known without a model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lepton_core.table.asked_split import times_of
from lepton_core.table.columns import Column, FloatArray, IndexArray, Mask
from lepton_core.table.kinds import kind_of

_MOST_ROWS = 20_000  # the last ones in time: a column that holds an earlier label does so there, too

_MOST_GROUPINGS = 30
_PROBES = 16
_AGREE = 0.9
_LOOKED_AT = 64
_FEWEST = 10

_MOST_TIES = 0.02
"""At most this share of the rows has the time of the row before, as where an hour comes twice in autumn."""


@dataclass(frozen=True)
class Before:
    """The ``column`` that holds the label so many ``steps`` earlier: the last one that a row knows."""

    column: str
    steps: int


def known_before(columns: Sequence[Column], label: FloatArray, by: Column | None = None) -> Before | None:
    """The column among ``columns`` that holds the label (m,) of the fewest rows earlier; None if there is none.

    Earlier is in the order of ``by``, or of the first of the columns of dates in which there is one: among all rows, or
    among those with the same value of another column. Whoever made the column, its cells tell: where the label has
    changed, nine tenths of them are what it was. So a row that was left out does not hide it, nor do few that have one
    time. Raises what `times_of` raises.

    >>> from lepton_core.table.columns import Numbers
    >>> days, sales = Numbers("day", np.arange(40.0)), np.random.default_rng(0).normal(size=40)
    >>> known_before([Numbers("yesterday", np.append(np.nan, sales[:-1]))], sales, days)
    Before(column='yesterday', steps=1)
    """
    dates = (one for one in columns if kind_of(one).quantitative and kind_of(one).moves)
    for one in dates if by is None else (by,):
        when = times_of(one)
        if np.isnan(when).any():
            continue
        rows = np.argsort(when, kind="stable")[-_MOST_ROWS:]
        told, y = [column.take(rows) for column in columns], label[rows]
        values = np.unique(y, return_counts=True)
        likely = [column for column in told if column.name != one.name and _is_dealt_from(column, *values)]
        for places in _groupings(told, len(y)) if likely else ():
            order = np.lexsort((when[rows], places))
            found = [
                Before(column.name, steps)
                for column in likely
                if (steps := _steps(column.values[order], y[order], places[order], when[rows][order]))
            ]
            if found:
                return min(found, key=lambda before: before.steps)
    return None


def _is_dealt_from(column: Column, values: FloatArray, counts: IndexArray) -> bool:
    """Whether most of its cells are ``values`` (v,) of the label, each about as often as its ``counts`` (v,) say."""
    if not kind_of(column).quantitative:
        return False
    cells = column.values[~np.isnan(column.values)]
    if np.isin(cells[-_LOOKED_AT:], values).sum() < min(len(cells), _LOOKED_AT) / 2:
        return False
    mine, often = np.unique(cells, return_counts=True)
    _, at, of = np.intersect1d(values, mine, assume_unique=True, return_indices=True)
    return len(mine) > 1 and int(np.minimum(counts[at], often[of]).sum()) >= len(cells) / 2


def _groupings(columns: Sequence[Column], rows: int) -> Iterator[IndexArray]:
    """The number of each row's group: all rows are one, and then the rows alike in a column."""
    yield np.zeros(rows, dtype=np.int64)
    tried = 0
    for column in columns:
        kind = kind_of(column)
        if tried == _MOST_GROUPINGS or not (kind.has_levels or kind.quantitative):
            continue
        values, places = kind.distinct(column)
        if 2 <= len(values) <= rows / 2 and (places >= 0).all():
            tried += 1
            yield places


def _steps(cells: FloatArray, label: FloatArray, places: IndexArray, when: FloatArray) -> int:
    """How many rows before the cells are the label's, all (m,) in the order of group and time; 0 if they are not."""
    if int(((np.diff(when) == 0) & (np.diff(places) == 0)).sum()) > _MOST_TIES * len(when):
        return 0
    there = np.flatnonzero(~np.isnan(cells))
    probes = there[np.linspace(len(there) // 2, len(there) - 1, _PROBES).astype(np.int64)]
    begins = np.searchsorted(places, places[probes])
    back = [
        at - begin - np.flatnonzero(label[begin:at] == cells[at])
        for at, begin in zip(probes, begins, strict=True)
    ]
    found, votes = np.unique(np.concatenate(back), return_counts=True)
    likely = found[votes >= _PROBES / 2]
    return next((int(steps) for steps in likely if _agree(cells, label, places, int(steps))), 0)


def _agree(cells: FloatArray, label: FloatArray, places: IndexArray, steps: int) -> bool:
    now, before = label[steps:], label[:-steps]
    changed: Mask = (places[steps:] == places[:-steps]) & ~np.isnan(cells[steps:]) & (now != before)
    same = cells[steps:][changed] == before[changed]
    return len(same) >= _FEWEST and float(same.mean()) >= _AGREE
