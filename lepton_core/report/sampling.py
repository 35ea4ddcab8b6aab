"""The rows that a report looks at: all of a small table, some of a large one, in an order that says nothing."""

import numpy as np

from lepton_core.table import Table
from lepton_core.table.hashing import HashArray
from lepton_core.table.kinds import kind_of

SAMPLED_ROWS = 50_000
"""Of more rows, so many are looked at, spread evenly over the table."""

_SEED = 2_654_435_769
_MIX = np.uint64(0x9E3779B97F4A7C15)


def sample(table: Table, most: int = SAMPLED_ROWS) -> Table:
    """At most ``most`` rows of ``table``, in an order that is the same each time and has nothing to do with theirs.

    >>> from lepton_core.table import Categories
    >>> sorted(sample(Table((Categories.of("y", ["a", "b", "c"]),)))["y"].codes.tolist())
    [0, 1, 2]
    """
    rows = table.rows
    chosen = np.arange(rows) if rows <= most else np.arange(most) * rows // most
    return table.take(np.random.default_rng(_SEED).permutation(chosen))


def duplicates(table: Table) -> int:
    """How many rows are copies of others, beyond those that chance makes where columns have few values.

    Chance is measured by dealing each column to other rows: copies then are a matter of few values, and no mistake.

    >>> from lepton_core.table import Numbers
    >>> a, b = np.arange(20.0), np.arange(20.0) / 3
    >>> duplicates(Table((Numbers("a", np.append(a, a[:4])), Numbers("b", np.append(b, b[:4])))))
    4
    >>> duplicates(Table((Numbers("a", a % 2), Numbers("b", a % 2))))
    0
    """
    rows = table.rows
    hashes = [kind_of(column).cell_hashes(column) for column in table.columns]
    found = rows - _different(hashes)
    if not found:
        return 0
    deal = np.random.default_rng(_SEED)
    dealt = [deal.permutation(one) for one in hashes]
    by_chance = rows - _different(dealt)
    return found if found > 3 * by_chance else 0


def _different(hashes: list[HashArray]) -> int:
    mixed = np.zeros(len(hashes[0]), dtype=np.uint64)
    for one in hashes:
        mixed = (mixed ^ one) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return len(np.unique(mixed))
