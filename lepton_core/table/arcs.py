"""Arcs of the circle on which rows stand by their keys: those in the arc are held out, and some row is on each side."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import IndexArray, Mask
from lepton_core.table.hashing import HashArray

_ONE = np.uint64(1)
_TOGETHER = 1 << 18


def arc_of(fraction: float) -> np.uint64:
    """The length of the arc that is ``fraction`` of the circle, in (0, 1)."""
    return np.uint64(min(max(int(fraction * 2**64), 1), 2**64 - 1))


def share_of(rows: int, fraction: float) -> int:
    """How many of ``rows`` (at least 2) are held out: their share, to the nearest row, and one on each side.

    >>> share_of(10, 0.2), share_of(2, 0.2), share_of(2, 0.99)
    (2, 1, 1)
    """
    return min(max(int(fraction * rows + 0.5), 1), rows - 1)


def in_arc(keys: HashArray, starts: HashArray | np.uint64, length: np.uint64) -> Mask:
    """Which ``keys`` (m,) lie in the arcs of ``length`` that begin at ``starts``, one for all or (m,)."""
    found: Mask = keys - starts < length
    return found


def start_of(keys: HashArray, length: np.uint64, wanted: int) -> np.uint64:
    """Where an arc of ``length`` begins that holds ``wanted`` of the distinct, sorted ``keys`` (m,).

    There is one for the floor and for the ceiling of their share: as the arc goes round it holds their share on the
    average, and it loses keys one by one. So it meets each number between its least and its most right at a key, or
    right behind one. Of those that do, the nearest to 0.

    >>> keys = np.array([1, 2, 3, 2**63], dtype=np.uint64)
    >>> start = start_of(keys, arc_of(0.25), 1)
    >>> int(in_arc(keys, start, arc_of(0.25)).sum())
    1
    """
    near = 64 + 4 * int(np.sqrt(len(keys)))
    while len(keys) > 4 * near:
        start, held = _nearest(keys, np.concatenate([keys[:near], keys[-near:]]), length, wanted)
        if held == wanted:
            return start
        near *= 8
    return _nearest(keys, keys, length, wanted)[0]


def start_beside(
    keys: HashArray, length: np.uint64, wanted: int, *, row: np.uint64, held_out: bool
) -> np.uint64:
    """As `start_of`, but the key ``row`` stays in the arc (``held_out``) or out of it.

    Then about ``wanted`` of ``keys`` (m,) are in it, one at least and not all, wherever that can be.
    """
    starts = np.unique(_beside(np.append(keys, row), length))
    starts = starts[in_arc(np.full(len(starts), row), starts, length) == held_out]
    held = _held(keys, starts, length)
    fair = (held >= 1) & (held < len(keys))
    if not fair.any():
        return start_of(keys, length, wanted)
    starts, held = starts[fair], held[fair]
    best = np.lexsort((_distance(starts), np.abs(held - wanted)))[0]
    chosen: np.uint64 = starts[best]
    return chosen


def both_sides(held_out: Mask, keys: HashArray, groups: IndexArray) -> Mask:
    """``held_out`` (m,) with a row on each side for every group (number >= 0) that has two different ``keys``.

    A group without a held-out row gives its row of lowest key, one without a row to train on takes back its row of
    highest key; rows of equal keys move together.

    >>> keys = np.array([7, 3, 5], dtype=np.uint64)
    >>> both_sides(np.zeros(3, dtype=bool), keys, np.zeros(3, dtype=np.int64)).tolist()
    [False, True, False]
    """
    members = np.flatnonzero(groups >= 0)
    rows = np.bincount(groups[members])
    out = np.bincount(groups[members], weights=held_out[members])
    lopsided = (out == 0) | (out == rows)
    members = members[lopsided[groups[members]]]
    if len(members) == 0:
        return held_out
    order = members[np.lexsort((keys[members], groups[members]))]
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    ends = np.append(starts[1:], len(order)) - 1
    size = ends - starts + 1
    empty = out[groups[order[starts]]] == 0
    low, high = keys[order[starts]], keys[order[ends]]
    splits = low != high
    repaired = held_out.copy()
    for short, chosen, side in ((splits & empty, low, True), (splits & ~empty, high, False)):
        wanted = np.repeat(np.where(short, chosen, 0), size)
        moved = np.repeat(short, size) & (keys[order] == wanted)
        repaired[order[moved]] = side
    return repaired


def _nearest(keys: HashArray, at: HashArray, length: np.uint64, wanted: int) -> tuple[np.uint64, int]:
    best = (len(keys) + 1, 0, np.uint64(0), 0)
    for starts in _starts(at):
        held = _held(keys, starts, length)
        off, far = np.abs(held - wanted), _distance(starts)
        place = np.lexsort((far, off))[0]
        found = (int(off[place]), int(far[place]), starts[place], int(held[place]))
        if found[:2] < best[:2]:
            best = found
    return best[2], best[3]


def _starts(at: HashArray) -> Iterator[HashArray]:
    """Zero, ``at`` and what is right behind it, some at a time: all together are large."""
    yield np.zeros(1, dtype=np.uint64)
    for behind in (np.uint64(0), _ONE):
        for first in range(0, len(at), _TOGETHER):
            yield at[first : first + _TOGETHER] + behind


def _beside(keys: HashArray, length: np.uint64) -> HashArray:
    """Where an arc begins that begins or ends at one of ``keys``, or right behind it."""
    return np.concatenate([keys, keys + _ONE, keys - length, keys - length + _ONE])


def _held(keys: HashArray, starts: HashArray, length: np.uint64) -> npt.NDArray[np.int64]:
    """How many of the sorted ``keys`` lie in the arc from each of ``starts`` (c,): int64 (c,)."""
    ends = starts + length
    inside = np.searchsorted(keys, ends) - np.searchsorted(keys, starts)
    return (inside + np.where(ends < starts, len(keys), 0)).astype(np.int64)


def _distance(starts: HashArray) -> HashArray:
    found: HashArray = np.minimum(starts, ~starts + _ONE)
    return found
