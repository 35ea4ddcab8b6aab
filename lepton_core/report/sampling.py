"""The rows that a report looks at: all of a small table, some of a large one, in an order that says nothing."""

from dataclasses import dataclass

import numpy as np

from lepton_core.table import Table
from lepton_core.table.columns import IndexArray
from lepton_core.table.hashing import HashArray
from lepton_core.table.kinds import kind_of
from lepton_core.table.kinds.bins import some_rows

SAMPLED_ROWS = 50_000
"""Of more rows, so many are looked at: one of each of as many stretches of the table."""

_PIECE = 64

DIFFER = 0.15
"""Of the label's own variety: so much of it among rows that agree in all else means that they are rows of their own."""

_FEW_VALUES = 100

_SEED = 2_654_435_769
_MIX = np.uint64(0x9E3779B97F4A7C15)


def sample(table: Table, most: int = SAMPLED_ROWS) -> Table:
    """At most ``most`` rows of ``table``, in an order that is the same each time and has nothing to do with theirs.

    Of more rows they are those of `some_rows`: what repeats from row to row, as hours do, is there with its share.

    >>> from lepton_core.table import Categories
    >>> sorted(sample(Table((Categories.of("y", ["a", "b", "c"]),)))["y"].codes.tolist())
    [0, 1, 2]
    """
    places = some_rows(table.rows, most)
    return table.take(places[np.random.default_rng(_SEED).permutation(len(places))])


def pieces_of(rows: int, most: int = SAMPLED_ROWS) -> IndexArray:
    """The places (k,) of at most ``most`` of ``rows`` rows, as they come: pieces of it, one of each stretch.

    Rows of a piece stood together, so that what repeats from row to row is seen. Where a piece begins in its stretch is
    random, and the same each time.

    >>> pieces_of(3).tolist(), len(pieces_of(2_000, 512))
    ([0, 1, 2], 512)
    """
    if rows <= most:
        return np.arange(rows)
    pieces = max(1, most // _PIECE)
    ends = np.arange(pieces + 1) * rows // pieces
    starts = np.random.default_rng(_SEED).integers(ends[:-1], np.maximum(ends[1:] - _PIECE, ends[:-1]) + 1)
    return (starts[:, None] + np.arange(_PIECE)).ravel()[:most]


@dataclass(frozen=True)
class Copies:
    """How many ``rows`` are copies of others; ``natural`` if that is likely no mistake."""

    rows: int = 0
    natural: bool = False


def whole_groups(table: Table, name: str, most: int = SAMPLED_ROWS) -> Table:
    """About ``most`` rows of ``table``: all rows of some of the values of a column, whichever these are.

    >>> from lepton_core.table import Numbers
    >>> whole_groups(Table((Numbers("id", np.array([1.0, 1.0, 2.0])),)), "id").rows
    3
    """
    if table.rows <= most:
        return table
    mixed = (kind_of(table[name]).cell_hashes(table[name]) ^ np.uint64(_SEED)) * _MIX
    share = np.uint64(most * 2**32 // table.rows)
    return table.take(np.flatnonzero(mixed >> np.uint64(32) < share)[: 2 * most])


def copies_in(table: Table, label: str) -> Copies:
    """The rows that are copies of others, beyond those that chance makes where columns have few values.

    Chance is measured by dealing each column to other rows: copies then are a matter of few values, and no mistake.
    Beyond that, copies are natural where no column but the label has many values, and where rows that agree in all else
    differ in the label: whoever copies a row by mistake copies its label as well.

    >>> from lepton_core.table import Numbers
    >>> a, b = np.arange(200.0), np.arange(200.0) / 3
    >>> copies_in(Table((Numbers("a", np.append(a, a[:4])), Numbers("b", np.append(b, b[:4])))), "b")
    Copies(rows=4, natural=False)
    >>> copies_in(Table((Numbers("a", a % 2), Numbers("b", a % 2))), "b").rows
    0
    """
    rows = table.rows
    hashes = [kind_of(column).cell_hashes(column) for column in table.columns]
    found = rows - _different(hashes)
    if not found:
        return Copies()
    deal = np.random.default_rng(_SEED)
    if found <= 3 * (rows - _different([deal.permutation(one) for one in hashes])):
        return Copies()
    at = table.names.index(label)
    others = [*hashes[:at], *hashes[at + 1 :]]
    alike = rows - _different(others)
    shares = np.unique(hashes[at], return_counts=True)[1] / rows
    differ = (alike - found) / alike > DIFFER * (1 - float((shares**2).sum()))
    few = max(len(np.unique(one)) for one in others) <= _FEW_VALUES
    return Copies(found, differ or few)


def _different(hashes: list[HashArray]) -> int:
    mixed = np.zeros(len(hashes[0]), dtype=np.uint64)
    for one in hashes:
        mixed = (mixed ^ one) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return len(np.unique(mixed))
