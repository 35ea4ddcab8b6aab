"""Which rows are near-copies of others: the same but for a little in their numbers, or the same but for one cell.

Rows lie close by chance as well. Within r of a row there are about r^d others, where d is how many directions the rows
vary in: three times as far away there are three times as many, or more. Near-copies leave a gap: rows have one close
by, and hardly another one a little farther away. That needs no model of how columns depend on each other. So it is
with cells: of rows that agree in all but two of them there are more than of those that agree in all but one.

Neither says whether rows are copies or alike by nature, as customers with the same contract are. The label does:
whoever copies a row copies its label. Where labels differ as those of other rows do, a model that remembers a row gains
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core.moments import in_reach
from lepton_core.report.sampling import DIFFER
from lepton_core.table import Table
from lepton_core.table.columns import Column, FloatArray, IndexArray, Mask
from lepton_core.table.hashing import HashArray, mix
from lepton_core.table.kinds import kind_of
from lepton_core.table.kinds.bins import some_rows
from lepton_core.table.labels import FEW_NUMBERS
from lepton_core.table.near_groups import mix_in
from lepton_core.table.split import HELD_OUT_SHARE

_LEAST = 0.025
"""Of fewer of the rows nothing is said."""

_LEAST_ROWS = 50
"""A table of fewer has too few that could be told from chance."""

_LEAST_NEAR = 5

_EDGES = 0.18 * 3.0 ** -np.arange(11)
"""How far apart rows are at most, in spreads of each column: each is three times the next one."""

_QUARTILES = 1.35
"""How many standard deviations lie between the quartiles of a normal distribution."""

_AS_MANY = 5.0
"""So many times as many rows have one near as have one a little farther away."""

_EXPECTED = 0.005
"""A row has fewer near it, in a table of columns that have nothing to do with each other."""

_FEW_VALUES = 50
"""Of a table of columns with no more values than these, rows are alike in nearly all cells by nature."""

_HUGE = 1e150
"""Numbers beyond this are the same or not: their differences may be none of float64."""

_STEPS = 100.0
"""Whole numbers measure something if their spread is at least this; else they are codes or counts."""

_GLANCE = 1000
"""Rows by which a column is judged."""

_LOOKS = 4
"""How often rows are chosen, each time by other columns: rows that are chosen by the cell that differs are none."""

_CHOSEN = 1500
_IN_A_CELL = 100
_MOST_ALIKE = 0.7
"""A column in which two rows are more often in the same cell of a grid hardly tells rows apart."""

_BESIDE = 24
"""Rows behind it that each chosen row is compared with."""

_AT_ONCE = 2
_MANY = 3


@dataclass(frozen=True)
class NearCopies:
    """The ``share`` of the rows that have a near-copy, and of held-out rows that have one among the training rows.

    ``told`` says how often a near-copy has the same label, and ``otherwise`` how often the most frequent class is
    right. Of a quantity they are how far off a near-copy is, and another row, in standard deviations.
    """

    share: float
    met: float
    told: float
    otherwise: float
    quantity: bool

    @property
    def remembered(self) -> bool:
        """Whether a near-copy tells the label better than a guess does."""
        return self.told < 0.5 * self.otherwise if self.quantity else self.told > self.otherwise


@dataclass(frozen=True)
class _Judged:
    """A column, with how often two rows have the same cell, ``same``, and cells within each of the edges, (11,).

    ``spread`` is that of numbers that measure something; 0 for a column whose cells are the same or are not.
    """

    column: Column
    middle: float
    spread: float
    same: float
    within: FloatArray
    many: bool

    def scaled(self, values: FloatArray) -> FloatArray:
        """Numbers (m,) in units of their spread; far from the middle, in those of their distance to it."""
        found: FloatArray = np.arcsinh((values - self.middle) / self.spread)
        return found

    @property
    def in_grid(self) -> float:
        """How often two rows are in the same cell of a grid of half a spread, about."""
        return 2.0 * float(self.within[0]) if self.spread else self.same


@dataclass(frozen=True)
class _Pairs:
    """Rows ``one`` and ``other`` (p,) of those chosen, how ``far`` apart they are, in how many cells they ``differ``.

    ``odd`` is the logarithm of how often the cells in which they differ are the same by chance.
    """

    one: IndexArray
    other: IndexArray
    far: FloatArray
    differ: IndexArray
    odd: FloatArray

    def where(self, which: Mask) -> "_Pairs":
        return _Pairs(*(one[which] for one in vars(self).values()))


def near_copies(table: Table, label: str) -> NearCopies | None:
    """The near-copies among the rows of a labelled table; None if there are hardly any, or chance makes as many.

    Copies that agree in everything are none of them. Some rows are looked at, those whose cells are alike together.

    >>> from lepton_core.table import Numbers
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.normal(size=(2, 300)), rng.normal(size=300)
    >>> twice = [Numbers(f"x{j}", np.append(one, one + 1e-4)) for j, one in enumerate(x)]
    >>> table = Table((*twice, Numbers("y", np.append(y, y))))
    >>> near_copies(table, "y").share > 0.9, near_copies(table.take(np.arange(300)), "y")
    (True, None)
    """
    columns = [one for one in table.columns if one.name != label and not kind_of(one).left_out]
    if table.rows < _LEAST_ROWS or len(columns) < 2:
        return None
    with np.errstate(all="ignore"):
        glance = some_rows(table.rows, _GLANCE)
        judged = sorted((_judged(one, glance) for one in columns), key=lambda one: one.same)
        ways = [one for one in judged if one.many]
        looks = (_look(table, label, judged, ways, look) for look in range(_LOOKS if ways else 0))
        return max((one for one in looks if one is not None), key=lambda one: one.share, default=None)


def _judged(column: Column, glance: IndexArray) -> _Judged:
    kind = kind_of(column)
    values = _cells(column.take(glance))
    counts = np.unique(values, return_counts=True, equal_nan=True)[1]
    pairs = len(glance) * max(1, len(glance) - 1)
    same = max(float((counts * (counts - 1.0)).sum()), 1.0) / pairs
    within = np.full(len(_EDGES), same)
    middle, spread = _spread(values) if kind.quantitative and not kind.moves else (0.0, 0.0)
    one = _Judged(column, middle, spread, same, within, len(counts) > _FEW_VALUES)
    if spread:
        ordered = np.sort(one.scaled(values[~np.isnan(values)]))
        for first, last in ((0, 4), (4, len(_EDGES))):
            near = np.searchsorted(ordered, ordered + _EDGES[first], side="right")
            share = max(same, 2.0 * float((near - np.arange(len(ordered)) - 1).sum()) / pairs)
            within[first:last] = same + (share - same) * _EDGES[first:last] / _EDGES[first]
    return one


def _spread(values: FloatArray) -> tuple[float, float]:
    """The median and the spread of numbers that measure something: 0 of those that are codes or counts."""
    known = values[~np.isnan(values)]
    if not len(known) or abs(known).max() > _HUGE:
        return 0.0, 0.0
    low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
    spread = float(high - low) / _QUARTILES
    if not spread:
        others = known[known != middle]
        spread = float(others.std()) if len(others) else 0.0
    whole = spread < _STEPS and bool((known == np.floor(known)).all())
    return float(middle), 0.0 if whole else spread


def _cells(column: Column) -> npt.NDArray[Any]:
    """What can be compared: two of these (m,) are the same where the cells are, or are missing."""
    kind = kind_of(column)
    return column.values if kind.quantitative else kind.cell_hashes(column)


def _chosen(
    rows: int, judged: Sequence[_Judged], ways: Sequence[_Judged], look: int
) -> tuple[IndexArray, HashArray]:
    """About `_CHOSEN` of the ``rows`` (k,), and the cell (k,) of each: all rows of some cells, whichever these are."""
    cells = np.zeros(rows, dtype=np.uint64)
    if look < _LOOKS // 2:
        mix_in(cells, _cells(ways[look % len(ways)].column))
    else:
        _grid(cells, [one for one in judged if one is not _ahead(ways, look)], look)
    mix(cells)
    if rows <= _CHOSEN:
        return np.arange(rows), cells
    kept = np.flatnonzero(cells < np.uint64(_CHOSEN / rows * 2.0**64))
    if len(kept) > 2 * _CHOSEN:
        kept = kept[np.argsort(cells[kept], kind="stable")[: 2 * _CHOSEN]]
    return kept, cells[kept]


def _ahead(ways: Sequence[_Judged], look: int) -> _Judged:
    """The column in whose order the rows of a cell are compared."""
    return ways[(look + 1) % len(ways)]


def _grid(cells: HashArray, judged: Sequence[_Judged], look: int) -> None:
    """Change ``cells`` (m,) in place by where rows fall in some columns, until a cell has about `_IN_A_CELL` rows."""
    usable = [one for one in judged if not _is_of_texts(one.column) and one.in_grid < _MOST_ALIKE]
    turn = 3 * look % max(1, len(usable))
    population = float(len(cells))
    for one in (*usable[turn:], *usable[:turn]):
        if population <= _IN_A_CELL:
            return
        population *= one.in_grid
        values = _cells(one.column)
        mix_in(cells, np.floor(values * (2.0 / one.spread) + 0.23 * look) if one.spread else values)


def _is_of_texts(column: Column) -> bool:
    """Whether each cell would have to be hashed."""
    kind = kind_of(column)
    return kind.given_type is str and not kind.quantitative and not kind.has_levels


def _look(
    table: Table, label: str, judged: Sequence[_Judged], ways: Sequence[_Judged], look: int
) -> NearCopies | None:
    """What is to be said of some rows, chosen in one of several ways."""
    rows, cells = _chosen(table.rows, judged, ways, look)
    if len(rows) < _LEAST_ROWS:
        return None
    ahead = _ahead(ways, look)
    along = _cells(ahead.column.take(rows))
    order = np.lexsort((along, cells))
    rows, cells = rows[order], cells[order]
    seen, pairs = _seen(ahead, along[order], cells), _compared(judged, rows, cells, table.rows)
    labels = table[label].take(rows)
    found = np.zeros(len(pairs.one), dtype=bool)
    for which in (
        _close(pairs, judged, seen, table.rows),
        _but_for_one(pairs, len(rows)),
    ):
        if which.any() and _apart(labels, pairs.where(which)) <= DIFFER:
            found |= which
    if not found.any():
        return None
    pairs = pairs.where(found)
    copies = np.bincount(np.append(pairs.one, pairs.other), minlength=len(rows))
    share, met = float((copies > 0).mean()), float((1 - HELD_OUT_SHARE**copies).mean())
    return NearCopies(share, met, *_told(labels, pairs))


def _seen(ahead: _Judged, along: npt.NDArray[Any], cells: HashArray) -> FloatArray:
    """How far each row looks, (k,), in the column in whose order they are: as far as the last one it is compared with.

    That is infinitely far where its cell ends before.
    """
    apart = np.where(along[_BESIDE:] == along[:-_BESIDE], 0.0, np.inf)
    if ahead.spread:
        scaled = ahead.scaled(along)
        apart = scaled[_BESIDE:] - scaled[:-_BESIDE]
    apart[np.isnan(apart) | (cells[_BESIDE:] != cells[:-_BESIDE])] = np.inf
    ends = np.full(_BESIDE, np.inf)
    found: FloatArray = np.minimum(np.append(apart, ends), np.append(ends, apart))
    return found


def _compared(judged: Sequence[_Judged], rows: IndexArray, cells: HashArray, all_rows: int) -> _Pairs:
    """The pairs of ``rows`` (k,) of one cell, `_BESIDE` at most behind each, that may be near-copies.

    They are close, or agree in all cells but one or two, where chance makes hardly two of ``all_rows`` alike in the
    others; where it does, they count as different in `_MANY`.
    Some are compared at a time: all together would be many times as large as the rows.
    """
    chance = np.log(all_rows) + sum(float(np.log(one.same)) for one in judged) - np.log(_EXPECTED)
    taken: dict[int, npt.NDArray[Any]] = {}
    found = []
    for least in range(1, min(_BESIDE, len(rows) - 1) + 1, _AT_ONCE):
        lags = range(least, min(least + _AT_ONCE, len(rows)))
        firsts = [np.flatnonzero(cells[:-lag] == cells[lag:]) for lag in lags]
        one = np.concatenate(firsts)
        other = np.concatenate([first + lag for first, lag in zip(firsts, lags, strict=True)])
        pairs = _Pairs(one, other, np.zeros(len(one)), np.zeros(len(one), dtype=np.int64), np.zeros(len(one)))
        for place, column in enumerate(judged):
            if not len(pairs.one):
                break
            if place not in taken:
                taken[place] = _cells(column.column.take(rows))
            pairs = _compared_in(column, taken[place], pairs)
        close, unlikely = pairs.far <= _EDGES[0], pairs.odd > chance
        differ = np.where(unlikely, pairs.differ, _MANY)
        pairs = _Pairs(pairs.one, pairs.other, pairs.far, differ, pairs.odd)
        found.append(pairs.where((pairs.far > 0) & (close | unlikely)))
    return _Pairs(*map(np.concatenate, zip(*(vars(one).values() for one in found), strict=True)))


def _compared_in(column: _Judged, some: npt.NDArray[Any], pairs: _Pairs) -> _Pairs:
    """Those of the ``pairs`` that may still be near-copies, by one more column of ``some`` cells (k,)."""
    here, there = some[pairs.one], some[pairs.other]
    same = here == there
    if some.dtype == np.float64:
        same |= np.isnan(here) & np.isnan(there)
    far = np.where(same, 0.0, np.inf)
    if column.spread:
        apart = abs(column.scaled(here) - column.scaled(there))
        far = np.where(same | np.isnan(apart), far, apart)
    odd = pairs.odd + np.where(same, 0.0, np.log(column.same))
    made = _Pairs(pairs.one, pairs.other, np.maximum(pairs.far, far), pairs.differ + ~same, odd)
    return made.where((made.far <= _EDGES[0]) | (made.differ <= 2))


def _close(pairs: _Pairs, judged: Sequence[_Judged], seen: FloatArray, all_rows: int) -> Mask:
    """Which of the ``pairs`` (p,) are close in each number, bool (p,), if a gap is ``seen`` (k,) behind them."""
    rows = len(seen)
    best, most = np.zeros(len(pairs.one), dtype=bool), max(_LEAST * rows, _LEAST_NEAR)
    chance = np.log(all_rows) + sum(np.log(one.within) for one in judged)
    both = np.append(pairs.one, pairs.other)
    apart = np.append(pairs.far, pairs.far)
    wider = np.bincount(both[apart <= _EDGES[0]], minlength=rows)
    for edge, behind, expected in zip(_EDGES[1:], _EDGES, chance[1:], strict=False):
        within = np.bincount(both[apart <= edge], minlength=rows)
        near = (within > 0) & (wider <= 2 * within) & (seen >= behind)
        others = int(((wider > 0) & ~near).sum())
        if expected < np.log(_EXPECTED) and near.sum() >= max(most, _AS_MANY * others):
            most = int(near.sum()) + 1
            best = (pairs.far <= edge) & (near[pairs.one] | near[pairs.other])
        wider = within
    return best


def _but_for_one(pairs: _Pairs, rows: int) -> Mask:
    """Which of the ``pairs`` (p,) agree in all cells but one, bool (p,), if hardly any agree in all but two."""
    near, farther = (
        np.bincount(np.append(pairs.one[which], pairs.other[which]), minlength=rows) > 0
        for which in (pairs.differ == 1, pairs.differ == 2)
    )
    enough = near.sum() >= max(_LEAST * rows, _LEAST_NEAR, _AS_MANY * int((farther & ~near).sum()))
    one: Mask = (pairs.differ == 1) & enough
    return one


def _apart(label: Column, pairs: _Pairs) -> float:
    """How much of the label's own variety there is among ``pairs``: about 1 of rows that have nothing in common."""
    if _is_quantity(label):
        numbers = in_reach(label.values)
        return float(
            np.mean((numbers[pairs.one] - numbers[pairs.other]) ** 2) / max(2 * numbers.var(), 1e-300)
        )
    cells = _cells(label)
    shares = np.unique(cells, return_counts=True)[1] / len(cells)
    differ = float((cells[pairs.one] != cells[pairs.other]).mean())
    return differ / max(1 - float((shares**2).sum()), 1e-9)


def _told(label: Column, pairs: _Pairs) -> tuple[float, float, bool]:
    """How well a near-copy tells the label, how well a guess does, and whether it is a quantity: see `NearCopies`."""
    if _is_quantity(label):
        numbers = in_reach(label.values)
        size = float(numbers.std()) or 1.0
        other = np.random.default_rng(len(numbers)).permutation(numbers)
        off, by_chance = abs(numbers[pairs.one] - numbers[pairs.other]), abs(numbers - other)
        return float(off.mean()) / size, float(by_chance.mean()) / size, True
    cells = _cells(label)
    most = int(np.unique(cells, return_counts=True)[1].max())
    return float((cells[pairs.one] == cells[pairs.other]).mean()), most / len(cells), False


def _is_quantity(label: Column) -> bool:
    return kind_of(label).quantitative and len(np.unique(label.values)) > FEW_NUMBERS
