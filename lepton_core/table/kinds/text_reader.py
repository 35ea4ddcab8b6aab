"""Reads a column of texts that hardly repeat: bytes of the file become bytes of the column."""

from collections.abc import Mapping, Sequence

import numpy as np

from lepton_core.table.columns import Mask, Texts
from lepton_core.table.growing import Growing
from lepton_core.table.kinds.base import Known, is_absent
from lepton_core.table.native import cells as compiled
from lepton_core.table.native.library import native
from lepton_core.table.spans import BLANK, PAD, WORD, Places, ShortPlaces, Spans, TextBlock
from lepton_core.table.spelling import MISSING_SPELLINGS
from lepton_core.table.stripping import stripped

_BEGINS, _FOLLOWS, _ENDS = (np.zeros(256, dtype=np.bool_) for _ in range(3))
"""The first, the second and the last bytes of blanks beyond ASCII."""
for _blank in filter(str.isspace, map(chr, range(128, 0x3001))):
    _BEGINS[_blank.encode()[0]] = _FOLLOWS[_blank.encode()[1]] = _ENDS[_blank.encode()[-1]] = True


_MORE = 1.05
"""Later texts may be longer than the first ones, by so much."""


class TextReader:
    """Keeps every cell as it is, but for blanks around it."""

    def __init__(self, kind: str, column: Known, rows: int = 0) -> None:
        self._kind = kind
        self._column = column
        self._rows = rows
        self._offsets: Growing[np.int64] = Growing(np.dtype(np.int64))
        self._offsets.add(np.zeros(1, dtype=np.int64), rows + 1)
        self._octets: Growing[np.uint8] = Growing(np.dtype(np.uint8))
        self._gone: Growing[np.bool_] = Growing(np.dtype(np.bool_))
        self._words = MISSING_SPELLINGS if column.missing_words is None else set(column.missing_words)
        short = [word.encode().ljust(WORD, b"\0") for word in self._words if len(word.encode()) <= WORD]
        self._missing = np.sort(np.frombuffer(b"".join(short), dtype="<u8"))
        self._longest = max((len(word.encode()) for word in self._words), default=0)

    @property
    def misfits(self) -> Mapping[int, str]:
        """None: every text fits."""
        return {}

    @property
    def words(self) -> Mapping[str, int]:
        """None are counted: all that the file has is known of texts."""
        return {}

    def take(self, cells: Sequence[str]) -> None:
        """See `Reader.take`."""
        some = self._in_spans(cells) if isinstance(cells, Spans) else self._in_texts(cells)
        self._offsets.add(some.offsets[1:] + len(self._octets), self._rows + 1)
        self._gone.add(some.gone, self._rows)
        octets = len(self._octets) + len(some.octets)
        self._octets.add(some.octets, int(_MORE * octets / max(1, len(self._gone)) * self._rows))

    def column(self) -> Texts:
        """See `Reader.column`."""
        known = self._column
        parts = self._offsets.whole(), self._octets.whole(), self._gone.whole()
        return Texts(known.name, *parts, self._kind, missing_words=known.missing_words)

    def _in_texts(self, cells: Sequence[str]) -> Texts:
        texts = [None if is_absent(cell, self._column) else cell.strip() for cell in cells]
        return Texts.of(self._column.name, texts, self._kind)

    def _in_spans(self, cells: Spans) -> Texts:
        cells = stripped(cells)
        library = native()
        if library is None:
            return self._in_texts(cells.texts()) if self._are_odd(cells) else self._in_numpy(cells)
        gone, ascii_ends = compiled.absent(library, cells, self._missing)
        if (self._longest > WORD or not ascii_ends) and self._are_odd(cells):
            return self._in_texts(cells.texts())
        octets, offsets = compiled.joined(library, cells, gone)
        return Texts(self._column.name, offsets, octets, gone, self._kind)

    def _in_numpy(self, cells: Spans) -> Texts:
        gone = self._absent(cells)
        sizes = np.where(gone, 0, cells.sizes)
        offsets = np.concatenate(([0], np.cumsum(sizes)))
        octets = np.frombuffer(_joined(cells.block, cells.starts, sizes, int(offsets[-1])), dtype=np.uint8)
        if cells.doubled is not None:
            # In a block that could be split quotes stand within a cell in pairs only.
            second = np.flatnonzero(octets == ord(cells.block.quote))[1::2]
            sizes -= np.bincount(np.searchsorted(offsets, second, side="right") - 1, minlength=len(sizes))
            offsets = np.concatenate(([0], np.cumsum(sizes)))
            octets = np.delete(octets, second)
        return Texts(self._column.name, offsets, octets, gone, self._kind)

    def _absent(self, cells: Spans) -> Mask:
        """Which cells are empty, or a short word for a missing one."""
        gone: Mask = cells.sizes == 0
        short = np.flatnonzero(~gone & (cells.sizes <= WORD))
        if len(short) and len(self._missing):
            words = cells.pick(short).word(0)
            at = np.minimum(np.searchsorted(self._missing, words), len(self._missing) - 1)
            gone[short] = self._missing[at] == words
        return gone

    def _are_odd(self, cells: Spans) -> bool:
        """Whether one of them may have a blank beyond ASCII at an end, or be a long word for a missing cell."""
        octets, starts, ends, sizes = cells.block.octets, cells.starts, cells.ends, cells.sizes
        if self._longest > WORD and ((sizes > WORD) & (sizes <= self._longest)).any():
            return True
        if cells.block.ascii:
            return bool((BLANK[octets[starts]] & (sizes > 0)).any())  # so many that some were left
        first, last = octets[starts], octets[ends - 1]
        blank = BLANK[first] | (_BEGINS[first] & _FOLLOWS[octets[starts + 1]])
        blank |= _ENDS[last] & (_BEGINS[octets[ends - 2]] | _BEGINS[octets[ends - 3]])
        return bool((blank & (sizes > 0)).any())


def _joined(block: TextBlock, starts: Places | ShortPlaces, sizes: Places, total: int) -> bytes:
    """The bytes of the cells, one behind the other; ``total`` are all ``sizes``."""
    size = total // max(1, len(sizes))
    if size and size < PAD and int(sizes.min()) == int(sizes.max()):
        rows = np.ndarray((len(block.raw) - size + 1,), f"V{size}", block.raw, strides=(1,))
        return rows[starts].tobytes()
    begin = np.cumsum(sizes)
    begin -= sizes
    np.subtract(starts, begin, out=begin)
    return block.octets.take(np.repeat(begin, sizes) + np.arange(total)).tobytes()
