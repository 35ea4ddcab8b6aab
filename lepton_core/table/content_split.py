"""The first rule of splits, `content-1`: all copies of a row on one side. Versions that it made go on with it."""

from hashlib import blake2b

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table.arcs import both_sides
from lepton_core.table.columns import Column, IndexArray, Mask
from lepton_core.table.hashing import HashArray
from lepton_core.table.kinds import kind_of
from lepton_core.table.labels import FEW_NUMBERS
from lepton_core.table.table import Table


def split_by_content(
    table: Table, *, label: str, fraction: float = 0.2, salt: str = ""
) -> tuple[IndexArray, IndexArray]:
    """The sorted row indices to train on and to hold out, int64 (k,) and (m - k,), together every row once.

    A row is held out when hash(row) / 2^64 < ``fraction``; the hash is of the row's own cells and ``salt``.
    So equal rows stay together, and a row keeps its side in any order, in any later table, among any other
    rows.

    Chance may leave a small table lopsided; then, of the classes of ``label`` (texts, or at most 20 distinct
    numbers) that have two different rows, each that has none held out gives its row of lowest hash, and each
    that has none to train on takes back its row of highest hash. The same is done for the whole table.

    Raises `InvalidData` for an absent label or fewer than two different rows, and `InvalidInput` for a
    fraction outside (0, 1).

    >>> from lepton_core.table import Categories, Numbers
    >>> table = Table((Numbers("a", np.arange(10.0)), Categories.of("y", ["n", "y"] * 5)))
    >>> train, held_out = split_by_content(table, label="y")
    >>> sorted([*train, *held_out]) == list(range(10)), len(held_out)
    (True, 2)
    """
    if not 0 < fraction < 1:
        raise InvalidInput("must lie between 0 and 1", field="fraction")
    classes = _classes(table[label])
    hashes = content_hashes(table, salt=salt)
    if len(hashes) == 0 or hashes.min() == hashes.max():
        raise InvalidData("a table needs two different rows before one can be held out")
    line = np.uint64(min(int(fraction * 2**64), 2**64 - 1))
    held_out: Mask = hashes < line
    for groups in (classes, np.zeros(table.rows, dtype=np.int64)):
        held_out = both_sides(held_out, hashes, groups)
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def content_hashes(table: Table, *, salt: str = "") -> HashArray:
    """A 64-bit hash of each row's cells, uint64 of shape (m,).

    The order of the columns, the levels that other rows need, and the sign of zero make no difference. A text
    that spells a number hashes as the number, so a column keeps its hashes when it turns from numbers to
    categories.

    >>> from lepton_core.table import Categories, Numbers
    >>> one, two = Categories.of("a", ["3", "x"]), Numbers("a", np.array([3.0]))
    >>> bool(content_hashes(Table((one,)))[0] == content_hashes(Table((two,)))[0])
    True
    """
    columns = sorted(table.columns, key=lambda column: column.name)
    cells = np.empty((table.rows, len(columns)), dtype="<u8")
    for place, column in enumerate(columns):
        cells[:, place] = kind_of(column).cell_hashes(column)
    packed, width = cells.view(np.uint8).reshape(-1).data, cells.shape[1] * 8
    start = blake2b(salt.encode(), digest_size=32).digest()
    digests = b"".join(
        blake2b(packed[at : at + width], digest_size=8, key=start).digest()
        for at in range(0, table.rows * width, width)
    )
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _classes(label: Column) -> IndexArray:
    """The class of each row as a number; -1 for rows that belong to none."""
    kind = kind_of(label)
    values, places = kind.distinct(label)
    if kind.quantitative and len(values) > FEW_NUMBERS:
        return np.full(len(label), -1, dtype=np.int64)
    return places
