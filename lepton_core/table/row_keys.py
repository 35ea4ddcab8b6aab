"""The key of a row: where on a circle it stands, by what it holds and by how manyth copy of that it is.

    key = hash(cells) + j G  (mod 2^64),   G = 2^64 / golden ratio

j = 0, 1, 2, ... counts the rows that hold the same, in their order. Multiples of the golden ratio are spread over a
circle as evenly as any sequence can be, so each arc of the circle gets its share of the copies of a row, but for one
or two. So a split by arcs deals copies out, in place of sending all of them to one side.
"""

from hashlib import blake2b
from typing import Literal

import numpy as np
import numpy.typing as npt

from lepton_core.table.hashing import HashArray, mix
from lepton_core.table.kinds import kind_of
from lepton_core.table.table import Table

KeyForm = Literal[1, 2, 3]
"""1: the cells of a row are mixed in the order of the names of their columns; 2: in that of the columns; 3: as 2, and
texts are hashed by their words."""

NEWEST_FORM: KeyForm = 3
"""That of the rows of a new data set."""

STEP = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio, made odd, so that 2^64 copies have 2^64 keys."""

_BLOCK = 8192
"""Rows that are mixed at a time, so that they stay in the cache."""


def row_keys(
    table: Table, *, earlier: HashArray | None = None, salt: str = "", form: KeyForm = NEWEST_FORM
) -> HashArray:
    """The key of each row, uint64 (m,). ``earlier`` are the keys of the rows that stand before these.

    The same for the same rows, whether they come at once or in parts. The names of the columns (their order, in form
    1), the levels that other rows need and the sign of zero make no difference; a text that spells a number counts as
    the number.

    >>> from lepton_core.table import Numbers
    >>> whole = Table((Numbers("a", np.array([1.0, 2.0, 1.0])),))
    >>> first = row_keys(whole.take(np.array([0, 1])))
    >>> last = row_keys(whole.take(np.array([2])), earlier=first)
    >>> row_keys(whole).tolist() == [*first.tolist(), *last.tolist()]
    True
    """
    hashes = row_hashes(table, salt=salt, form=form)
    copies = copy_numbers(hashes)
    if earlier is not None and len(earlier):
        copies = copies + _copies_among(np.sort(earlier), hashes)
    keys: HashArray = hashes + copies.astype(np.uint64) * STEP
    return keys


def row_hashes(table: Table, *, salt: str = "", form: KeyForm = NEWEST_FORM) -> HashArray:
    """A 64-bit hash of what each row holds, uint64 (m,)."""
    seed = np.frombuffer(blake2b(salt.encode(), digest_size=8).digest(), dtype="<u8")[0]
    mixed = np.full(table.rows, seed, dtype=np.uint64)
    columns = table.columns if form > 1 else sorted(table.columns, key=lambda one: one.name)
    for column in columns:
        cells = kind_of(column).cell_hashes(column, 2 if form > 2 else 1)
        _mix_into(mixed, cells)
    return mixed


def _mix_into(rows: HashArray, cells: HashArray) -> None:
    """Change the hashes of ``rows`` (m,) in place by those of the cells of one more column."""
    # Loaded when a file is taken in: predictions need none of it.
    from lepton_core.table.native import hashes as compiled  # noqa: PLC0415
    from lepton_core.table.native.library import native  # noqa: PLC0415

    library = native()
    if library is not None:
        compiled.mix_into(library, rows, cells)
        return
    for at in range(0, len(rows), _BLOCK):
        block = rows[at : at + _BLOCK]
        block += STEP
        block ^= cells[at : at + _BLOCK]
        mix(block)


def copy_numbers(hashes: HashArray) -> npt.NDArray[np.int64]:
    """How many equal ``hashes`` (m,) stand before each: int64 (m,).

    >>> copy_numbers(np.array([5, 7, 5, 5], dtype=np.uint64)).tolist()
    [0, 0, 1, 2]
    """
    found = np.zeros(len(hashes), dtype=np.int64)
    ordered = np.sort(hashes)
    if (ordered[1:] != ordered[:-1]).all():
        return found
    order = np.argsort(hashes, kind="stable")
    first = np.flatnonzero(np.diff(hashes[order], prepend=hashes[order[0]] + np.uint64(1)))
    sizes = np.diff(np.append(first, len(order)))
    found[order] = np.arange(len(order)) - np.repeat(first, sizes)
    return found


def _copies_among(earlier: HashArray, hashes: HashArray) -> npt.NDArray[np.int64]:
    """How many copies of each of ``hashes`` (m,) are among the ``earlier`` keys, which are sorted: int64 (m,).

    Copies are numbered without a gap, so the first number that is not there is found by doubling and halving.
    """
    distinct, places = np.unique(hashes, return_inverse=True)

    def there(copies: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        wanted = distinct + copies.astype(np.uint64) * STEP
        at = np.minimum(np.searchsorted(earlier, wanted), len(earlier) - 1)
        found: npt.NDArray[np.bool_] = earlier[at] == wanted
        return found

    low = np.zeros(len(distinct), dtype=np.int64)
    high = np.ones(len(distinct), dtype=np.int64)
    while (more := there(high - 1) & (high <= len(earlier))).any():
        low = np.where(more, high, low)
        high = np.where(more, 2 * high, high)
    # Of `low` it is known that so many copies are there, of `high` that fewer are.
    while (high - low > 1).any():
        middle = (low + high) // 2
        more = there(middle - 1)
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return low[places]
