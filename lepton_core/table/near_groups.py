"""Groups of rows that are near-copies of each other, so that a split can keep the rows of each together.

Rows are near-copies if they agree in all cells, numbers to a sixteenth of about a spread, or exactly in all cells but
one. A row joins the group of an earlier one, so that later rows change nothing for it. The rows of the first version
are the earliest ones, whatever their order in a later file. Near-copies are found by grids: rows of one cell are
compared with the earliest of it. Two of them may lie on two sides of a line of a grid, and so there are several grids,
each moved a little. All is done in steps that every machine rounds alike: hashes, comparisons, powers of two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import FloatArray, IndexArray, Numbers
from lepton_core.table.hashing import HashArray, mix
from lepton_core.table.kinds import kind_of
from lepton_core.table.row_keys import STEP
from lepton_core.table.table import Table

_NAME = "near-copies"

_NEAR = 1 / 16
_WIDTHS = (1 / 512, 1 / 64, 1 / 8, 1.0)
"""Of the cells of the grids, in about a spread: in narrow ones the first row is near where rows are many."""

_SHIFTS = 4
_MOST_SHIFTS = 16
_NUMBERS_A_SHIFT = 10

_GLANCE = 4096
"""Rows of the first version, evenly spread, by which its columns are judged."""

_STEPS = 100.0
"""Whole numbers measure something if their spread is at least this; else they are codes or counts."""

_EXPECTED = 0.05
"""A cell may be another one if fewer rows than this are alike in all others by chance."""

_MOST_ODD = 100
"""Of so many columns at most a cell may be another one."""


@dataclass(frozen=True)
class _Known:
    """A column of the first version: the unit of its numbers, 0 where cells are the same or not.

    ``same`` says how often two rows have the same cell.
    """

    name: str
    unit: float
    same: float


@dataclass(frozen=True)
class _Leaders:
    """The row that leads the group ``of_each`` row (m,), and all rows in their ``order`` (m,), the earliest first."""

    of_each: IndexArray
    order: IndexArray

    @classmethod
    def of(cls, keys: HashArray, first_keys: HashArray) -> "_Leaders":
        """Each row leads itself. Those of the first version come first, by their keys, then others as they stand."""
        rows = np.arange(len(keys))
        known = np.isin(keys, first_keys)
        return cls(rows.copy(), np.lexsort((np.where(known, keys, rows.astype(np.uint64)), ~known)))

    def left(self) -> IndexArray:
        """The rows (k,) that lead a group, the earliest first."""
        found: IndexArray = self.order[self.of_each[self.order] == self.order]
        return found

    def join(self, cells: HashArray) -> None:
        """Let leaders of one of ``cells`` (m,) follow the earliest of them, in place."""
        led = self.left()
        self.follow(led, _heads(led, cells[led]))

    def follow(self, led: IndexArray, heads: IndexArray) -> None:
        """Let the rows ``led`` (k,) follow ``heads`` (k,), in place, and whoever they lead with them."""
        self.of_each[led] = heads
        self.of_each[:] = self.of_each[self.of_each]


def _heads(led: IndexArray, cells: HashArray) -> IndexArray:
    """The first of the rows ``led`` (k,) that is in the same cell as each, int64 (k,)."""
    _, first, inverse = np.unique(cells, return_index=True, return_inverse=True)
    found: IndexArray = led[first[inverse]]
    return found


def near_groups(table: Table, first: Table, keys: HashArray, first_keys: HashArray) -> Numbers:
    """A column (m,) of numbers that name the group of each row, by the key of the row that it began with.

    ``table`` are features with the `row_keys` of their rows, ``keys`` (m,), and ``first`` those of the first version of
    the data set with its ``first_keys``, which say what is near. Columns that ``first`` lacks are not looked at.

    >>> x, keys = np.arange(6.0), np.arange(6, dtype=np.uint64) << np.uint64(20)
    >>> rows = Table((Numbers("a", np.append(x[:3], x[:3] + 0.001)), Numbers("b", np.append(x[:3], x[:3]))))
    >>> near_groups(rows, rows, keys, keys).values.tolist() == [0.0, 512.0, 1024.0] * 2
    True
    """
    with np.errstate(all="ignore"):
        known = [one for one in _known(first, first_keys) if one.name in table]
    leaders = _Leaders.of(keys, first_keys)
    hashes = [_hashes(table, one, place) for place, one in enumerate(known)]
    with np.errstate(all="ignore"):
        whole = _all_of(hashes, table.rows)
        leaders.join(whole)
        for place in _may_differ(known, first.rows):
            leaders.join(whole - hashes[place])
        _join_near(leaders, table, known, hashes)
    return Numbers(_NAME, (keys[leaders.of_each] >> np.uint64(11)).astype(np.float64))


def _known(first: Table, keys: HashArray) -> Iterator[_Known]:
    places = np.argsort(keys, kind="stable")[:_GLANCE]
    for column in first.columns:
        kind = kind_of(column)
        if kind.left_out:
            continue
        some = column.take(places)
        rows = np.unique(kind.cell_hashes(some), return_counts=True)[1].tolist()
        same = sum(count * (count - 1) for count in rows) / max(1, len(places) * (len(places) - 1))
        measures = kind.quantitative and not kind.moves
        unit = _unit(some.values) if measures else 0.0
        yield _Known(column.name, unit, max(same, len(places) ** -2.0))


def _unit(values: FloatArray) -> float:
    """About a spread, as a power of two: the next one above the distance of the quartiles; 0 for codes and counts."""
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return 0.0
    spread = float(known[3 * len(known) // 4]) - float(known[len(known) // 4])
    spread = (spread or (float(known[-1]) - float(known[0])) / 2) * 0.75
    if not spread or not np.isfinite(spread) or (spread < _STEPS and bool((known == np.floor(known)).all())):
        return 0.0
    return float(np.ldexp(1.0, int(np.frexp(spread)[1])))


def _hashes(table: Table, one: _Known, place: int) -> HashArray:
    """Hashes of the cells of a column (m,), other ones at another ``place``."""
    column = table[one.name]
    found = kind_of(column).cell_hashes(column) + np.uint64((place + 1) * int(STEP) % 2**64)
    mix(found)
    return found


def _all_of(hashes: list[HashArray], rows: int) -> HashArray:
    """One hash of several (m,) that does not depend on their order, so that each can be taken out again."""
    found = np.zeros(rows, dtype=np.uint64)
    for one in hashes:
        found += one
    return found


def _may_differ(known: list[_Known], rows: int) -> list[int]:
    """The places of the columns without which chance makes hardly two rows alike."""
    odd = []
    for place in range(min(len(known), _MOST_ODD)):
        expected = float(rows)
        for other, one in enumerate(known):
            expected *= one.same if other != place else 1.0
        if expected < _EXPECTED:
            odd.append(place)
    return odd


def _join_near(leaders: _Leaders, table: Table, known: list[_Known], hashes: list[HashArray]) -> None:
    """Let leaders follow the first one of their cell of a grid if they are near it, in place."""
    columns = [table[one.name] for one in known]
    measures = {
        place: column.values / known[place].unit
        for place, column in enumerate(columns)
        if known[place].unit and kind_of(column).quantitative
    }
    if not measures:
        return
    numbers = list(measures.values())
    alike = _all_of([one for place, one in enumerate(hashes) if place not in measures], table.rows)
    shifts = min(_MOST_SHIFTS, _SHIFTS + len(numbers) // _NUMBERS_A_SHIFT)
    for width in _WIDTHS:
        for shift in range(shifts):
            led = leaders.left()
            cells = alike[led]
            for place, values in enumerate(numbers):
                moved = (place * 0.6180339887498949 + shift / shifts) % 1.0
                mix_in(cells, np.floor(values[led] / width + moved))
            heads = _heads(led, cells)
            near = np.ones(len(led), dtype=bool)
            for values in numbers:
                apart = abs(values[led] - values[heads])
                near &= (apart <= _NEAR) | np.isnan(values[led])  # of one cell all are missing, or none
            leaders.follow(led, np.where(near, heads, led))


def mix_in(cells: HashArray, places: npt.NDArray[Any]) -> None:
    """Change ``cells`` (k,) in place by the ``places`` (k,) of one more column; NaN is one of them."""
    if places.dtype == np.float64:
        places = places + 0.0  # there are two zeros, and many that are no number
        places[np.isnan(places)] = np.nan
        cells ^= places.view(np.uint64)
    else:
        cells ^= places.astype(np.uint64)
    cells *= STEP
    cells ^= cells >> np.uint64(29)
