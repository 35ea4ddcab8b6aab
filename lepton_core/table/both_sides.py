"""A row on each side of a split, for every group of rows that can give one."""

import numpy as np

from lepton_core.table.columns import IndexArray, Mask
from lepton_core.table.hashing import HashArray


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
