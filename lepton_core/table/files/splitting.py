"""All rows of a block of bytes at once, if nothing is wrong in any of them: where each cell begins and ends.

It finds the same cells as the csv module, or none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy import typing as npt

from lepton_core.table.columns import Mask
from lepton_core.table.files.lines import FEWEST_HIDDEN, may_hide_rows
from lepton_core.table.files.values import Dialect
from lepton_core.table.native import cells
from lepton_core.table.native.library import native
from lepton_core.table.spans import PAD, WORD, Octets, ShortPlaces, Spans, TextBlock

_LINE = ord("\n")
_RETURN = ord("\r")
_ROOM = b" " * PAD

LEAST_BLOCK, _MOST_BLOCK = 1 << 18, 1 << 22
"""Bytes of a block of lines, at least and at most."""

_CELL_BYTES = 80
"""Of a wide table a block has so many bytes for each column: whatever is done once a block and column is dear."""


Part = np.ndarray[Any, np.dtype[Any]]


def block_bytes(width: int) -> int:
    """How many bytes a block has of a table of ``width`` columns.

    >>> [block_bytes(width) >> 10 for width in (20, 10_000, 90_000)]
    [256, 781, 4096]
    """
    return max(LEAST_BLOCK, min(_CELL_BYTES * width, _MOST_BLOCK))


@dataclass(frozen=True)
class SpanRows:
    """m rows of k cells of a text file: ``parts`` are those of `Spans`, (k, m) each, column after column.

    >>> found = split_rows(b"1,'a, b'\\n2,c\\n", Dialect(quote="'"), 2)
    >>> list(found.rows), found.lines
    ([['1', 'a, b'], ['2', 'c']], 2)
    """

    block: TextBlock
    parts: tuple[Part | None, ...]

    @staticmethod
    def of(cells: Spans, width: int) -> "SpanRows":
        """The rows whose ``cells`` are those of the first row, then of the second."""
        parts = tuple(
            None if part is None else np.ascontiguousarray(part.reshape(-1, width).T) for part in cells.parts
        )
        return SpanRows(cells.block, parts)

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self._starts)

    @property
    def _starts(self) -> Part:
        assert self.parts[0] is not None  # noqa: S101  (every cell starts somewhere)
        return self.parts[0]

    def __len__(self) -> int:
        return int(self._starts.shape[1])

    def __getitem__(self, rows: slice) -> "SpanRows":
        return self._picked(rows)

    def at(self, rows: npt.NDArray[np.intp]) -> "SpanRows":
        """The ``rows`` (k,), by their places."""
        return self._picked(rows)

    def __iter__(self) -> Iterator[list[str]]:
        cells = _spans(self.block, (None if part is None else part.T.ravel() for part in self.parts))
        texts = cells.texts()
        for at in range(0, len(texts), self.width):
            yield texts[at : at + self.width]

    def columns(self) -> Iterator[Spans]:
        """The cells of each column."""
        return map(self.column, range(self.width))

    def column(self, place: int) -> Spans:
        """The cells of column ``place``, in one piece of memory, for readers go through them again and again."""
        return _spans(self.block, (None if part is None else part[place] for part in self._in_pieces))

    def texts_of(self, places: npt.NDArray[np.intp]) -> list[str]:
        """The cells of the columns at ``places`` (k,), all of the first, then of the second."""
        return _spans(
            self.block, (None if part is None else part[places].ravel() for part in self.parts)
        ).texts()

    @cached_property
    def _in_pieces(self) -> tuple[Part | None, ...]:
        """The parts with each column in one piece."""
        if self._starts.strides[1] == self._starts.itemsize:
            return self.parts
        return tuple(None if part is None else np.ascontiguousarray(part) for part in self.parts)

    def narrowed(self, first: int, last: int) -> "SpanRows":
        """The columns from ``first`` to ``last``."""
        return SpanRows(self.block, tuple(None if part is None else part[first:last] for part in self.parts))

    def without(self, wanted: Sequence[str]) -> "SpanRows":
        """The rows that do not hold just the cells ``wanted``."""
        gone = self._alike([cell.encode() for cell in wanted])
        doubled = self.parts[-1]
        if doubled is not None and self.block.quote in "".join(wanted):
            rows = np.flatnonzero(doubled.any(axis=0)).tolist()
            gone = np.array(
                [row for row in rows if next(iter(self[row : row + 1])) == list(wanted)], dtype=int
            )
        return self._picked(np.delete(np.arange(len(self)), gone)) if len(gone) else self

    def _picked(self, rows: slice | npt.NDArray[np.intp]) -> "SpanRows":
        return SpanRows(self.block, tuple(None if part is None else part[:, rows] for part in self.parts))

    def _alike(self, wanted: Sequence[bytes]) -> npt.NDArray[np.intp]:
        """The rows whose cells are just these bytes, doubled quotes and all."""
        rows: npt.NDArray[np.intp] = np.arange(len(self))
        for place, cell in enumerate(wanted):
            found = self.column(place)
            rows = rows[found.sizes[rows] == len(cell)]
            for number in range(-(-len(cell) // WORD)):
                if not len(rows):
                    return rows
                word = cell[WORD * number :][:WORD].ljust(WORD, b"\0")
                alike = found.pick(rows).word(number) == np.frombuffer(word, found.block.words.dtype)[0]
                rows = rows[alike]
        return rows

    def filled(self) -> int:
        """How many rows there are up to the last one with a cell that is not blank."""
        kept = len(self)
        while kept and not any(map(str.strip, next(iter(self[kept - 1 : kept])))):
            kept -= 1
        return kept


def _spans(block: TextBlock, parts: Iterable[Part | None]) -> Spans:
    starts, ends, points, counts, doubled = parts
    assert starts is not None and ends is not None  # noqa: S101  (as above)
    return Spans(
        block, starts, ends, points, counts, doubled if doubled is not None and doubled.any() else None
    )


@dataclass(frozen=True)
class FoundRows:
    """The ``rows`` in some bytes, and in how many ``lines`` and ``octets`` of them they are."""

    rows: SpanRows
    lines: int
    octets: int


def split_rows(
    data: bytes | memoryview, dialect: Dialect, width: int, *, is_last: bool = True
) -> FoundRows | None:
    """All whole rows in ``data``, lines of UTF-8; None if there are none, or one is not as it should be.

    The rows before that one may be found all the same.

    As it should be is a row of ``width`` cells, each without quotes or quoted all through, that ends with a line feed,
    with a carriage return before it or not. Blank lines are passed over. Only the last row of a file, and ``data`` goes
    up to its end if ``is_last``, may lack its line feed.
    """
    more = b"\n" if is_last and bytes(data[-1:]) != b"\n" else b""
    raw = b"".join((_ROOM, data, more, _ROOM))
    if width == 1 or dialect.runs or not _is_simple(raw, dialect):
        return None
    quoted = bool(dialect.quote) and dialect.quote.encode() in raw
    block = TextBlock(
        raw,
        dialect.quote,
        has_returns=b"\r" in raw,
        has_other_marks=quoted or (dialect.delimiter != "," and b"," in raw),
    )
    library = native()
    if library is None:
        split = _split(block, dialect, width, len(data), quoted=quoted)
    else:
        split = None
        found = cells.split(library, block, dialect.delimiter, width, len(data) + len(more), quoted=quoted)
        if found is not None:
            (starts, ends, doubled), read, lines = found
            rows = SpanRows(block, (starts, ends, None, None, doubled))
            split = FoundRows(rows, lines, min(read, len(data)))
    return None if split is None or _may_hide_rows(split, dialect) else split


def _may_hide_rows(found: FoundRows, dialect: Dialect) -> bool:
    """Whether a cell of several lines may have rows in it, see `may_hide_rows`."""
    rows = found.rows
    if found.lines == len(rows):
        return False
    starts, ends = rows.parts[0], rows.parts[1]
    assert starts is not None and ends is not None  # noqa: S101  (every cell has them)
    long = ends - starts > FEWEST_HIDDEN * rows.width
    raw = rows.block.raw
    return any(
        raw.count(b"\n", start, end) > FEWEST_HIDDEN
        and may_hide_rows(raw[start:end].decode("utf-8", "replace"), dialect.delimiter, rows.width)
        for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True)
    )


def _is_simple(data: bytes, dialect: Dialect) -> bool:
    """Whether no sign but delimiters, quotes and ends of lines means anything in these bytes with room around them."""
    if not dialect.delimiter.isascii() or not dialect.quote.isascii() or b"\0" in data:
        return False
    if b"\r" in data and data.count(b"\r") - data.endswith(b"\r" + _ROOM) != data.count(b"\r\n"):
        return False
    if dialect.escape == "backslash" and b"\\" in data:
        return False
    quote = dialect.quote.encode()
    if not quote or quote not in data:
        return True
    return dialect.escape != "nothing" and not dialect.blanks


def _split(block: TextBlock, dialect: Dialect, width: int, size: int, *, quoted: bool) -> FoundRows | None:
    octets = block.octets[PAD:-PAD]
    delimiter = ord(dialect.delimiter)
    places = _marks(octets, delimiter, commas=block.has_other_marks and dialect.delimiter != ",")
    signs = octets[places]
    is_line = signs == _LINE
    is_end = is_line | (signs == delimiter)
    quotes = before = None
    if quoted:
        quotes = np.flatnonzero(octets == ord(dialect.quote)).astype(np.int32)
        inside = np.bincount(np.searchsorted(places, quotes), minlength=len(places) + 1)[:-1]
        before = np.cumsum(inside, dtype=np.int32)
        is_end &= (before & 1) == 0
    ends = np.flatnonzero(is_end).astype(np.int32)
    last = np.flatnonzero(is_line[ends])[-1:]
    if not len(last):
        return None
    ends = ends[: last[0] + 1]
    counts = None
    if quotes is not None and before is not None:
        counts = _steps(before[ends], 0)
        if not _are_regular(octets, quotes[: before[ends[-1]]], delimiter, ord(dialect.quote)):
            return None
    lines, read = int(np.count_nonzero(is_line[: ends[-1] + 1])), int(places[ends[-1]]) + 1
    is_last = is_line[ends]
    del signs, is_line, is_end, before  # they are as long as what comes, and that is when most is held
    found = _between(block, places, is_last, ends, counts, width)
    return None if found is None else FoundRows(SpanRows.of(found, width), lines, min(read, size))


def _marks(octets: Octets, delimiter: int, *, commas: bool) -> ShortPlaces:
    """Where cells and lines may end, and where points are."""
    marked = octets == _LINE
    for sign in (delimiter, ord("."), *([ord(",")] if commas else [])):
        marked |= octets == sign
    return np.flatnonzero(marked).astype(np.int32)


def _are_regular(octets: Octets, quotes: ShortPlaces, delimiter: int, quote: int) -> bool:
    """Whether each quote begins a cell, or ends one, or is one of two within a cell."""
    opening, closing = quotes[::2], quotes[1::2]
    before = octets[np.maximum(opening - 1, 0)]
    first = (before == delimiter) | (before == _LINE) | (before == quote)
    if not (first | (opening == 0)).all():
        return False
    behind = octets[closing + 1]  # a line feed is the last byte, and it is no quote
    last = (behind == delimiter) | (behind == _LINE) | (behind == _RETURN) | (behind == quote)
    return bool(last.all())


def _steps(values: ShortPlaces, before: int) -> ShortPlaces:
    """By how much each value (m,) is more than that before it; the first more than ``before``."""
    found = np.empty_like(values)
    found[:1] = values[:1] - before
    np.subtract(values[1:], values[:-1], out=found[1:])
    return found


def _between(
    block: TextBlock,
    places: ShortPlaces,
    is_line: Mask,
    ends: ShortPlaces,
    quotes: ShortPlaces | None,
    width: int,
) -> Spans | None:
    """The cells that end at the marks numbered ``ends``, of which a line feed ends the last one of each row.

    Those are ``is_line``; the other marks are points. ``quotes`` says how many quotes each cell has.
    """
    stops = places[ends]
    stops += PAD
    starts = np.empty_like(stops)
    starts[0] = PAD
    np.add(stops[:-1], 1, out=starts[1:])
    if block.has_returns:
        stops -= is_line & (block.octets[stops - 1] == _RETURN) & (stops > starts)
    counts = _steps(ends, -1)
    counts -= 1
    points = places[ends - counts]  # of a cell without a point it is the end
    points += PAD
    doubled = None
    blank = is_line & (stops == starts)
    if blank.any():
        blank[1:] &= is_line[:-1]
    if quotes is not None:
        inner = quotes > 0
        starts += inner
        stops -= inner
        doubled = quotes > 2
        doubled = doubled if doubled.any() else None
    found = Spans(block, starts, stops, points, np.minimum(counts, 2).astype(np.int8), doubled)
    if blank.any():
        found, is_line = found.pick(~blank), is_line[~blank]
    rows = int(np.count_nonzero(is_line))
    return found if rows * width == len(is_line) and is_line[width - 1 :: width].all() else None
