"""Which rows are held out, under each rule."""

from dataclasses import dataclass, replace

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table.asked_split import (
    cutoff,
    held_out_by,
    held_out_groups,
    places_of_groups,
    start_of_groups,
    times_of,
)
from lepton_core.table.columns import Column, IndexArray, Mask
from lepton_core.table.content_split import split_by_content
from lepton_core.table.hashing import HashArray
from lepton_core.table.row_keys import NEWEST_FORM, KeyForm, row_keys
from lepton_core.table.split import HELD_OUT_SHARE, Split
from lepton_core.table.strata import Strata, strata_of
from lepton_core.table.table import Table


@dataclass(frozen=True)
class Rows:
    """Labelled rows with their `row_keys`, uint64 (m,), of one ``form``."""

    table: Table
    keys: HashArray
    label: str
    form: KeyForm = NEWEST_FORM

    @classmethod
    def of(cls, table: Table, label: str, form: KeyForm = NEWEST_FORM) -> "Rows":
        """With the keys that the rows have among each other."""
        return cls(table, row_keys(table, form=form), label, form)


def split_rows(
    table: Table, *, label: str, fraction: float = HELD_OUT_SHARE, salt: str = ""
) -> tuple[IndexArray, IndexArray]:
    """The sorted row indices to train on and to hold out, int64 (k,) and (m - k,), together every row once.

    ``fraction`` of the rows of each stratum is held out, to the nearest row (see `Strata`), as it is of the first
    version of a data set. Copies of a row are dealt out. The order of the rows makes no difference, but that copies
    change places; the names of the columns make none.

    Raises `InvalidData` for an absent label or fewer than two rows, and `InvalidInput` for a fraction outside (0, 1).

    >>> from lepton_core.table import Categories, Numbers
    >>> table = Table((Numbers("a", np.arange(10.0)), Categories.of("y", ["n", "y"] * 5)))
    >>> train, held_out = split_rows(table, label="y")
    >>> sorted([*train, *held_out]) == list(range(10)), len(held_out)
    (True, 2)
    """
    if not 0 < fraction < 1:
        raise InvalidInput("must lie between 0 and 1", field="fraction")
    keys = row_keys(table, salt=salt)
    return both(Strata.of(keys, table[label], fraction).held_out(keys, table[label]))


def both(held_out: Mask) -> tuple[IndexArray, IndexArray]:
    """The rows to train on (k,) and those to hold out (m - k,), int64 and sorted.

    >>> both(np.array([False, True, False]))
    (array([0, 2]), array([1]))
    """
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def dealt_by(rows: Rows, first: Rows, split: Split) -> Column | None:
    """The column of the times, groups or sides of ``rows``; None for a rule that deals each row by itself.

    For near-copies it is made. ``first`` are the rows of the first version of the data set.
    """
    if split.of_near_copies:
        from lepton_core.table.near_groups import near_groups  # noqa: PLC0415  (no prediction needs it)

        own, known = rows.table.without(rows.label), first.table.without(first.label)
        return near_groups(own, known, rows.keys, first.keys)
    return None if split.column is None else rows.table[split.column]


def asked_split(
    rows: Rows, first: Rows, split: Split, by: Column | None = None
) -> tuple[Split, IndexArray, IndexArray]:
    """The split of ``rows`` by a rule that was asked for, with its cutoff in time; (k,) and (m - k,) as `split_rows`.

    ``first`` are the rows of the first version of the data set, which decide what all versions have in common; ``by``
    is what `dealt_by` gives for the rows, if that is known. Raises `InvalidData` naming the column, and a row of it,
    that cannot be split by.
    """
    table = rows.table
    column = dealt_by(rows, first, split) if by is None else by
    try:
        if column is None and split.rule == "content-1":
            return split, *split_by_content(table, label=rows.label, fraction=split.fraction)
        if column is None:
            strata = Strata.of(first.keys, first.table[first.label], split.fraction)
            label = table[rows.label]
            return split, *both(strata.extended(rows.keys, label).held_out(rows.keys, label))
        if split.rule == "group-1":
            places = places_of_groups(column, rows.keys)
            own = places if rows is first else _places(first, split)
            start = start_of_groups(own, strata_of(first.table[first.label]), split.fraction)
            return split, *both(held_out_groups(places, start, split.fraction))
        if split.rule == "time-1":
            times = times_of(column)
            found = cutoff(times, split.fraction, after=split.after)
            return replace(split, after=found), *both(times >= found)
        return split, *both(held_out_by(column))
    except InvalidData as error:
        if error.column is None and split.column is not None:
            raise InvalidData(error.message, row=error.row, column=split.column) from None
        raise


def _places(first: Rows, split: Split) -> HashArray:
    groups = dealt_by(first, first, split)
    assert groups is not None  # noqa: S101  (a split by groups has them)
    return places_of_groups(groups, first.keys)
