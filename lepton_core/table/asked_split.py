"""Splits that somebody asked for: by group, by time, as a column says. Each is of the held-out rows, bool (m,)."""

from datetime import UTC, datetime

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.arcs import arc_of, both_sides, in_arc
from lepton_core.table.cells import shown
from lepton_core.table.columns import Column, FloatArray, IndexArray, Mask
from lepton_core.table.hashing import HashArray
from lepton_core.table.kinds import kind_of
from lepton_core.table.row_keys import row_hashes
from lepton_core.table.table import Table
from lepton_core.table.written_numbers import written_numbers

MOST_CLASSES = 50
"""Of so many classes at most is a like share held out by groups; of more, of all rows together."""

_HOLD_OUT = frozenset({"test", "testing", "held_out", "holdout", "validation", "valid", "true", "yes", "1"})
_TRAIN = frozenset({"train", "training", "false", "no", "0"})


def places_of_groups(groups: Column, keys: HashArray) -> HashArray:
    """Where the group of each row stands on the circle, uint64 (m,); a row without a group stands for itself."""
    return np.where(groups.missing, keys, row_hashes(Table((groups,))))


def start_of_groups(places: HashArray, classes: IndexArray, fraction: float) -> np.uint64:
    """Where the arc of ``fraction`` begins whose groups hold the likest share of all rows, and of each class.

    By the place (m,) of each row's group and the number of its class (m,). Raises `InvalidData` for a single group.
    """
    found, group = np.unique(places, return_inverse=True)
    if len(found) < 2:
        raise InvalidData("a split by group needs two groups at least")
    kinds = int(classes.max()) + 1
    if kinds > MOST_CLASSES:
        kinds, classes = 1, np.zeros(len(places), dtype=np.int64)
    rows = np.bincount(group * kinds + classes, minlength=len(found) * kinds).reshape(-1, kinds)
    before = np.vstack([np.zeros((1, kinds)), np.cumsum(rows, axis=0)])
    groups_before = np.arange(len(found) + 1)
    starts = np.concatenate([np.zeros(1, dtype=np.uint64), found, found + np.uint64(1)])
    ends = starts + arc_of(fraction)
    first, last, wraps = np.searchsorted(found, starts), np.searchsorted(found, ends), ends < starts
    held = before[last] - before[first] + np.outer(wraps, before[-1])
    groups_held = groups_before[last] - groups_before[first] + wraps * len(found)
    off = abs(held.sum(axis=1) / len(places) - fraction)
    off += abs(held / np.maximum(before[-1], 1) - fraction).mean(axis=1)
    off[(groups_held == 0) | (groups_held == len(found))] = np.inf
    start: np.uint64 = starts[np.argmin(off)]
    return start


def held_out_groups(places: HashArray, start: np.uint64, fraction: float) -> Mask:
    """The rows (m,) whose groups stand in the arc; one group at least is on each side.

    Raises `InvalidData` for a single group.
    """
    if len(places) == 0 or places.min() == places.max():
        raise InvalidData("a split by group needs two groups at least")
    held_out = in_arc(places, start, arc_of(fraction))
    return both_sides(held_out, places - start, np.zeros(len(places), dtype=np.int64))


def times_of(column: Column) -> FloatArray:
    """When each row was, float64 (m,), NaN where that is missing: a number as it is, a date in seconds since 1970.

    So are texts that are all numbers, as a key that counts the rows, or dates. Raises `InvalidData` naming row and
    column of another one.

    >>> from lepton_core.table.columns import Categories
    >>> times_of(Categories.of("when", ["1970-01-02", None])).tolist()
    [86400.0, nan]
    """
    numbers = written_numbers(column)
    if numbers is not None:
        return numbers
    texts = kind_of(column).texts(column)
    found = np.full(len(texts.levels) + 1, np.nan)
    wrong = np.zeros(len(found), dtype=bool)
    for code, text in enumerate(texts.levels):
        try:
            when = datetime.fromisoformat(text.strip())
        except ValueError:
            wrong[code] = True
            continue
        found[code] = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    if wrong[texts.codes].any():
        row = int(wrong[texts.codes].argmax())
        raise InvalidData(
            f"{shown(texts.levels[texts.codes[row]])} is no date; a split by time reads numbers, and dates like "
            "2024-05-31",
            row=row + 1,
            column=column.name,
        )
    return found[texts.codes]


def cutoff(times: FloatArray, fraction: float, *, after: float | None = None) -> float:
    """The time from which on rows are held out: so that their share is nearest to ``fraction``, not before ``after``.

    ``times`` (m,) are those of the rows; rows of one time stay together. Raises `InvalidData` if no row, or every
    row, would be held out.
    """
    found, rows = np.unique(times[~np.isnan(times)], return_counts=True)
    if len(found) < 2:
        raise InvalidData("a split by time needs two different times at least")
    later = np.cumsum(rows[::-1])[::-1][1:]
    best = float(found[1:][np.argmin(abs(later / rows.sum() - fraction))])
    if after is not None and after > found[-1]:
        raise InvalidData(
            "no row is as late as those that were held out before; train without a warm start on these data"
        )
    return best if after is None else max(best, after)


def held_out_by(column: Column) -> Mask:
    """What ``column`` (m,) says: test, held_out, validation, true, yes or 1 is held out; train, false, no or 0 is not.

    Raises `InvalidData` naming row and column of another value, and the column if all rows are on one side.
    """
    texts = kind_of(column).texts(column)
    words = [text.strip().lower() for text in texts.levels]
    out = np.array([*(word in _HOLD_OUT for word in words), False])
    known = np.array([*(word in _HOLD_OUT | _TRAIN for word in words), False])
    if not known[texts.codes].all():
        row = int((~known[texts.codes]).argmax())
        code = int(texts.codes[row])
        what = "a missing cell" if code < 0 else shown(texts.levels[code])
        raise InvalidData(
            f"{what} says no side; write 'test' for a row to hold out and 'train' for one to train on",
            row=row + 1,
            column=column.name,
        )
    held_out: Mask = out[texts.codes]
    if held_out.all() or not held_out.any():
        raise InvalidData("puts all rows on one side; a split needs rows on both", column=column.name)
    return held_out
