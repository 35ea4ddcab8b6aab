"""Cells of a block of bytes: where they are, and what many of them mean at once."""

from ctypes import CDLL, c_uint8

import numpy as np

from lepton_core.table.columns import FloatArray, IndexArray, Mask
from lepton_core.table.native.library import at, demand_short
from lepton_core.table.spans import PAD, Octets, OctetWords, ShortPlaces, Spans, TextBlock


def split(
    library: CDLL, block: TextBlock, delimiter: str, width: int, size: int, *, quoted: bool
) -> tuple[tuple[ShortPlaces, ShortPlaces, Mask | None], int, int] | None:
    """Where the cells of k = ``width`` columns start and end, (k, m) each, and which of them hold doubled quotes.

    And how many of the ``size`` bytes of the block are these rows, and in how many lines they are. They end before the
    first one that is not as `lepton_core.table.files.splitting.split_rows` says; None if that is the first of all.
    """
    lines = library.lepton_lines(block.raw, PAD, PAD + size)
    if not lines:
        return None
    room = min(
        lines, size // width + 1
    )  # blank lines are no rows, and a row has a byte for each cell at least
    starts, ends = np.empty((2, width, room), dtype=np.int32)
    doubled = np.empty((width, room) if quoted else (1, 1), dtype=np.bool_)
    read = np.empty(1, dtype=np.int64)
    rows = library.lepton_split(
        block.raw,
        PAD,
        PAD + size,
        ord(delimiter),
        ord(block.quote) if quoted else -1,
        width,
        room,
        at(starts, np.int32),
        at(ends, np.int32),
        at(doubled, np.bool_),
        at(read, np.int64),
    )
    if read[0] == PAD:
        return None
    return (
        (starts[:, :rows], ends[:, :rows], doubled[:, :rows] if quoted else None),
        int(read[0]) - PAD,
        library.lepton_lines(block.raw, PAD, int(read[0])),
    )


def stripped(library: CDLL, cells: Spans) -> Spans:
    """The ``cells`` without the ASCII blanks around them."""
    if not len(cells):
        return cells
    starts, ends = np.empty((2, len(cells)), dtype=np.int32)
    if not library.lepton_strip(*_given(cells), at(starts, np.int32), at(ends, np.int32)):
        return cells
    return cells.like(starts, ends, *cells.parts[2:])


def numbers(library: CDLL, cells: Spans, decimal: str) -> tuple[FloatArray, Mask]:
    """See `lepton_core.table.span_numbers.span_numbers`: values, and which are none, (m,) each."""
    values, bad = np.empty(len(cells)), np.empty(len(cells), dtype=np.bool_)
    if len(cells):
        library.lepton_numbers(*_given(cells), ord(decimal), at(values, np.float64), at(bad, np.bool_))
    return values, bad


def dates(library: CDLL, cells: Spans) -> FloatArray:
    """See `lepton_core.table.spelling.many_dates.dates_in_numpy`, (m,)."""
    values = np.empty(len(cells))
    if len(cells):
        library.lepton_dates(*_given(cells), at(values, np.float64))
    return values


def absent(library: CDLL, cells: Spans, words: OctetWords) -> tuple[Mask, bool]:
    """Which ``cells`` are empty or one of ``words`` of at most eight bytes (m,); whether all begin and end in ASCII."""
    others = 0
    gone = np.empty(len(cells), dtype=np.bool_)
    if len(cells):
        some = words if len(words) else np.zeros(1, dtype=np.uint64)
        others = library.lepton_absent(*_given(cells), at(some, np.uint64), len(words), at(gone, np.bool_))
    return gone, not others


def joined(library: CDLL, cells: Spans, gone: Mask) -> tuple[Octets, IndexArray]:
    """The bytes (n,) of the ``cells`` that are not ``gone``, one behind the other, and where each begins: (m + 1,)."""
    octets = np.empty(int(cells.sizes.sum(dtype=np.int64)), dtype=np.uint8)
    offsets = np.zeros(len(cells) + 1, dtype=np.int64)
    if len(octets):
        library.lepton_join(
            *_given(cells),
            at(gone, np.bool_),
            None if cells.doubled is None else at(np.ascontiguousarray(cells.doubled), np.bool_),
            ord(cells.block.quote or '"'),
            at(octets, np.uint8),
            at(offsets, np.int64),
        )
    return octets[: offsets[-1]], offsets


def _given(cells: Spans) -> tuple[bytes, c_uint8, c_uint8, int]:
    """What each function takes first: the bytes, where cells start and end in them, and how many there are."""
    demand_short(len(cells.block.raw))
    starts, ends = (np.ascontiguousarray(places, dtype=np.int32) for places in (cells.starts, cells.ends))
    return cells.block.raw, at(starts, np.int32), at(ends, np.int32), len(cells)
