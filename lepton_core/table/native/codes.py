"""Cells by code, by a table of hashes that knows the bytes of each text."""

from collections.abc import Sequence
from ctypes import CDLL
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import CodeArray
from lepton_core.table.native.library import at, demand_short
from lepton_core.table.spans import PAD, WORD, Octets, Spans, TextBlock

T = TypeVar("T", bound=np.generic)

_FIRST_CODES, _FIRST_OCTETS = 64, 1024
_NO_HASHES = np.zeros(0, dtype=np.uint64)
_NO_OFFSETS = np.zeros(1, dtype=np.int64)
_NO_OCTETS: Octets = np.zeros(WORD, dtype=np.uint8)
_NO_SLOTS = np.zeros(1, dtype=np.int32)
"""There is no room in these for a text: of a wide table most columns never have one."""

_MOST_AT_ONCE = 1 << 30
"""Bytes: places have 31 bits."""

_SEED = hash("the codes of cells") & (2**64 - 1)
"""Another one in each process: nobody can make a file of texts that all share one hash."""


class NativeCodes:
    """As `lepton_core.table.span_codes.SpanCodes`."""

    def __init__(self, library: CDLL) -> None:
        self._library = library
        self._known = np.zeros(1, dtype=np.int64)
        self._hashes = _NO_HASHES
        self._offsets = _NO_OFFSETS
        self._octets = _NO_OCTETS
        self._slots = _NO_SLOTS

    def __len__(self) -> int:
        return int(self._known[0])

    @property
    def texts(self) -> list[str]:
        """All texts so far, by code."""
        return self.texts_from(0)

    def texts_from(self, code: int) -> list[str]:
        """The texts from ``code`` on."""
        ends = self._offsets[code : len(self) + 1] - self._offsets[code]
        raw = self._octets[self._offsets[code] : self._offsets[len(self)]].tobytes()
        return [raw[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(ends.tolist())]

    def codes_of(self, texts: Sequence[str]) -> CodeArray:
        """The codes of ``texts`` (m,), int32 (m,)."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        if len(encoded) > 1 and sum(map(len, encoded)) > _MOST_AT_ONCE:
            half = len(texts) // 2
            return np.concatenate([self.codes_of(texts[:half]), self.codes_of(texts[half:])])
        ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        starts = ends - np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        room = b" " * PAD
        block = TextBlock(b"".join((room, *encoded, room)))
        return self._found(Spans(block, starts + PAD, ends + PAD))

    def codes(self, cells: Spans) -> CodeArray:
        """The code of each of the ``cells`` (m,), int32 (m,)."""
        if cells.doubled is None:
            return self._found(cells)
        codes = np.empty(len(cells), dtype=np.int32)
        codes[~cells.doubled] = self._found(cells.pick(~cells.doubled))
        codes[cells.doubled] = self.codes_of(cells.pick(cells.doubled).texts())
        return codes

    def _found(self, cells: Spans) -> CodeArray:
        demand_short(len(cells.block.raw))
        if not len(self._hashes):
            self._grow(0)
        raw, codes = cells.block.raw, np.empty(len(cells), dtype=np.int32)
        starts, ends = (np.ascontiguousarray(places, dtype=np.int32) for places in (cells.starts, cells.ends))
        done = 0
        while done < len(cells):
            done += self._library.lepton_codes(
                raw,
                at(starts[done:], np.int32),
                at(ends[done:], np.int32),
                len(cells) - done,
                _SEED,
                at(self._slots, np.int32),
                len(self._slots) - 1,
                at(self._hashes, np.uint64),
                at(self._offsets, np.int64),
                len(self._hashes),
                at(self._octets, np.uint8),
                len(self._octets) - WORD,
                at(self._known, np.int64),
                at(codes[done:], np.int32),
            )
            if done < len(cells):
                self._grow(int(ends[done] - starts[done]))
        return codes

    def _grow(self, size: int) -> None:
        """Make room for twice as many texts, and for one of ``size`` bytes."""
        known = len(self)
        if known == len(self._hashes) or 4 * (known + 1) > 3 * len(self._slots):
            self._hashes = _longer(self._hashes, max(_FIRST_CODES, 2 * len(self._hashes)))
            self._offsets = _longer(self._offsets, len(self._hashes) + 1)
            self._slots = np.zeros(2 * len(self._hashes), dtype=np.int32)
            self._library.lepton_place(
                at(self._hashes, np.uint64), known, at(self._slots, np.int32), len(self._slots) - 1
            )
        used = int(self._offsets[known])
        if len(self._octets) - WORD - used < size:
            self._octets = _longer(self._octets, max(_FIRST_OCTETS, 2 * (used + size) + WORD))


def _longer(array: npt.NDArray[T], size: int) -> npt.NDArray[T]:
    longer = np.empty(size, dtype=array.dtype)
    longer[: len(array)] = array
    return longer
