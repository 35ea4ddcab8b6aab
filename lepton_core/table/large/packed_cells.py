"""The first cells of each column of a large file. Those of a wide one are packed, and come some columns at a time."""

import sys
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import IndexArray
from lepton_core.table.files.records import SomeRows
from lepton_core.table.files.splitting import SpanRows
from lepton_core.table.large.rows import LargeRows

PACKED_BYTES = 128 << 20
"""So many bytes of packed cells are kept at most, of as many columns as that makes."""


_TOGETHER = 300_000
"""So many cells are texts of their own at once."""


@dataclass(frozen=True)
class PackedRows:
    """The cells of k columns in m ``rows``, column after column: cell i is ``text[ends[i]:ends[i + 1]]``.

    ``ends`` has shape (n + 1,) for n cells. A cell takes four bytes and its letters; a text of its own takes sixty.
    """

    text: str
    ends: npt.NDArray[np.int32]
    rows: int

    @staticmethod
    def of(block: SomeRows, places: IndexArray) -> "PackedRows":
        """The columns at the ``places`` (k,).

        >>> PackedRows.of([["1", "x", ""], ["22", "y", "z"]], np.array([0, 2])).column(1)
        ['', 'z']
        """
        parts, sizes = list[str](), [np.zeros(1, np.int32)]
        for some in np.split(
            places, range(step := max(1, _TOGETHER // max(1, len(block))), len(places), step)
        ):
            texts = _texts(block, some)
            parts.append("".join(texts))
            sizes.append(np.fromiter(map(len, texts), np.int32, len(texts)))
        return PackedRows("".join(parts), np.cumsum(np.concatenate(sizes), dtype=np.int32), len(block))

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        return sys.getsizeof(self.text) + self.ends.nbytes

    def column(self, at: int) -> list[str]:
        """The cells of the column ``at``, counted among those packed."""
        ends = self.ends[at * self.rows : (at + 1) * self.rows + 1].tolist()
        return [self.text[start:end] for start, end in pairwise(ends)]

    def narrowed(self, columns: int) -> "PackedRows":
        """The first so many columns."""
        ends = self.ends[: columns * self.rows + 1].copy()
        return PackedRows(self.text[: ends[-1]], ends, self.rows)


def _texts(block: SomeRows, places: IndexArray) -> list[str]:
    if isinstance(block, SpanRows):
        return block.texts_of(places)
    return [row[place] for place in places.tolist() for row in block]


def first_cells(
    rows: LargeRows, names: Set[str], most: int, most_bytes: int = PACKED_BYTES
) -> Iterator[tuple[str, list[str]]]:
    """The columns ``names``, in the order of the file, each with its cells in the first ``most`` rows.

    The rows are gone through again where the cells of all columns take more than ``most_bytes``.
    """
    places = np.flatnonzero([name in names for name in rows.sheet.names])
    columns = len(places)
    while len(places):
        kept, columns = _packed(rows, places[:columns], most, most_bytes)
        for at, place in enumerate(places[:columns].tolist()):
            yield rows.sheet.names[place], list(chain.from_iterable(one.column(at) for one in kept))
        places = places[columns:]


def _packed(rows: LargeRows, places: IndexArray, most: int, most_bytes: int) -> tuple[list[PackedRows], int]:
    """The first of the columns at ``places``, as many as are kept, and how many that are: one at least."""
    kept, columns = list[PackedRows](), len(places)
    for block in rows.first(most):
        kept.append(PackedRows.of(block, places[:columns]))
        while columns > 1 and sum(one.size for one in kept) > most_bytes:
            columns -= -(-columns // 4)
            kept = [one.narrowed(columns) for one in kept]
    return kept, columns
