"""Cells of a text file that are not texts yet: where each begins and ends in a block of bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
import numpy.typing as npt

Octets = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
ShortPlaces = npt.NDArray[np.int32]
OctetWords = npt.NDArray[np.uint64]

PAD = 72
"""So many bytes stand before and behind the cells of a block, so that words may be read beyond their ends."""

WORD = 8
"""Bytes of a word."""

_FEW = 64
"""For so few cells a block is not made one text."""

_ONES = np.uint64(2**64 - 1)
LOW_BYTES = np.array([0, *(2 ** (8 * count) - 1 for count in range(1, WORD)), _ONES], dtype=np.uint64)
"""A word whose lowest k bytes, the first k of a text, are set: the entry k."""

BLANK = np.zeros(256, dtype=np.bool_)
"""Which octets are blanks of ASCII."""
BLANK[[*range(9, 14), *range(28, 33)]] = True


@dataclass(frozen=True)
class TextBlock:
    """Bytes of a text file with room around them, ``raw``; ``quote`` is how a quote within a quoted cell begins.

    ``has_returns`` says whether lines may end with a carriage return, ``has_other_marks`` whether a mark of a cell
    may be another sign than a point: a comma, or what parts cells or lines, within quotes.
    """

    raw: bytes
    quote: str = '"'
    has_returns: bool = True
    has_other_marks: bool = True

    @cached_property
    def octets(self) -> Octets:
        """The bytes, uint8 (n,)."""
        return np.frombuffer(self.raw, dtype=np.uint8)

    @cached_property
    def words(self) -> OctetWords:
        """The eight bytes from each place on, as a little-endian number: uint64 (n - 7,)."""
        return np.ndarray((len(self.raw) - WORD + 1,), "<u8", self.raw, strides=(1,))

    @cached_property
    def ascii(self) -> str | None:
        """All bytes as text, if they are ASCII."""
        return self.raw.decode("ascii") if self.raw.isascii() else None


@dataclass(frozen=True, eq=False)
class Spans(Sequence[str]):
    """m cells, each a text: that of cell i is ``block.raw[starts[i]:ends[i]]``; as a sequence they are those texts.

    ``points`` (m,) are the places of the first point or comma in each cell, ``point_counts`` (m,) how many there are, 2
    for more. ``doubled`` says which cells hold doubled quotes; None: no one does.

    >>> block = TextBlock(b" " * PAD + b"1.5,x" + b" " * PAD)
    >>> list(Spans(block, np.array([PAD, PAD + 4]), np.array([PAD + 3, PAD + 5])))
    ['1.5', 'x']
    """

    block: TextBlock
    starts: Places | ShortPlaces
    ends: Places | ShortPlaces
    points: Places | ShortPlaces | None = None
    point_counts: npt.NDArray[np.int8] | None = None
    doubled: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> "Spans": ...
    def __getitem__(self, at: int | slice) -> "str | Spans":
        return self.pick(at) if isinstance(at, slice) else self.pick(np.array([at])).texts()[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts())

    @property
    def sizes(self) -> Places:
        """How many bytes each cell has, int64 (m,)."""
        return self.ends - self.starts

    @property
    def parts(self) -> tuple[npt.NDArray[Any] | None, ...]:
        """Its arrays, (m,) or (k,) each, in the order in which `like` takes them."""
        return self.starts, self.ends, self.points, self.point_counts, self.doubled

    def like(
        self,
        starts: Places | ShortPlaces,
        ends: Places | ShortPlaces,
        points: Places | ShortPlaces | None,
        point_counts: npt.NDArray[np.int8] | None,
        doubled: npt.NDArray[np.bool_] | None,
    ) -> "Spans":
        """Other cells (m,) of the same block."""
        doubled = doubled if doubled is not None and doubled.any() else None
        return Spans(self.block, starts, ends, points, point_counts, doubled)

    def pick(self, rows: Any) -> "Spans":
        """The cells at ``rows``: a slice, or places (k,)."""
        points, counts, doubled = (None if part is None else part[rows] for part in self.parts[2:])
        return self.like(self.starts[rows], self.ends[rows], points, counts, doubled)

    def texts(self) -> list[str]:
        """The texts, m of them."""
        if not self.sizes.any():
            return [""] * len(self)
        pairs = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        text = self.block.ascii if len(self) > _FEW else None
        if text is not None:
            found = [text[start:end] for start, end in pairs]
        else:
            raw = self.block.raw
            found = [raw[start:end].decode() for start, end in pairs]
        if self.doubled is not None:
            quote = self.block.quote
            for row in np.flatnonzero(self.doubled).tolist():
                found[row] = found[row].replace(quote * 2, quote)
        return found

    def word(self, number: int) -> OctetWords:
        """Of each cell the bytes from ``8 * number`` on, at most eight, as a number; 0 beyond its end: uint64 (m,)."""
        at = self.starts + WORD * number if number else self.starts
        left = self.sizes
        left -= WORD * number
        np.minimum(left, WORD, out=left)
        np.maximum(left, 0, out=left)
        if WORD * (number + 1) > PAD:
            at = np.minimum(at, len(self.block.raw) - WORD)
        found: OctetWords = self.block.words[at] & LOW_BYTES[left]
        return found
