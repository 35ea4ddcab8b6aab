"""Cells by code: each text that is there is made once, however many cells hold it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import CodeArray, IndexArray
from lepton_core.table.native.codes import NativeCodes
from lepton_core.table.native.library import native
from lepton_core.table.spans import WORD, OctetWords, Spans

_MOST_WORDS = 4
"""Longer texts are looked up one by one."""

_MOST_KEYS = 1 << 15
"""So many texts are looked up at once; if there are more of them, most cells have a text of their own."""

_FEW = 64
"""So few cells are made texts of sooner than arrays."""

_SPREAD = 4
"""Slots for each text in the table of keys: so hardly two texts meet in one."""

_FACTORS = np.array([(0x9E3779B97F4A7C15 * (2 * i + 1)) % 2**64 | 1 for i in range(_MOST_WORDS)], np.uint64)
_NEW = -1


class CellCodes(Protocol):
    """The texts of cells, each under a number, in the order of their coming."""

    def __len__(self) -> int:
        """How many texts there are."""
        ...

    @property
    def texts(self) -> list[str]:
        """All texts so far, by code."""
        ...

    def texts_from(self, code: int) -> list[str]:
        """The texts from ``code`` on."""
        ...

    def codes_of(self, texts: Sequence[str]) -> CodeArray:
        """The codes of ``texts`` (m,), int32 (m,)."""
        ...

    def codes(self, cells: Spans) -> CodeArray:
        """The code of each of the ``cells`` (m,), int32 (m,)."""
        ...


def cell_codes() -> CellCodes:
    """Codes of which none is known yet.

    >>> cell_codes().codes_of(["a", "b", "a"]).tolist()
    [0, 1, 0]
    """
    library = native()
    return SpanCodes() if library is None else NativeCodes(library)


class SpanCodes:
    """`CellCodes` in numpy.

    >>> from lepton_core.table.spans import PAD, TextBlock
    >>> block = TextBlock(b" " * PAD + b"a,bb,a" + b" " * PAD)
    >>> known = SpanCodes()
    >>> known.codes(Spans(block, np.array([0, 2, 5]) + PAD, np.array([1, 4, 6]) + PAD)).tolist(), sorted(known.texts)
    ([0, 1, 0], ['a', 'bb'])
    """

    def __init__(self) -> None:
        self._code_of: dict[str, int] = {}
        self._texts: list[str] = []
        self._keys = np.empty(0, dtype=np.uint64)
        self._words = np.empty((0, _MOST_WORDS), dtype=np.uint64)
        self._codes = np.empty(0, dtype=np.int32)
        self._first = np.zeros(1, dtype=np.int32)
        self._shift = np.uint64(63)
        self._most = 0
        self._width = 1

    def __len__(self) -> int:
        return len(self._code_of)

    @property
    def texts(self) -> list[str]:
        """See `CellCodes.texts`."""
        return self._texts.copy()

    def texts_from(self, code: int) -> list[str]:
        """The texts from ``code`` on."""
        return self._texts[code:]

    def codes_of(self, texts: Sequence[str]) -> CodeArray:
        """The codes of ``texts`` (m,), int32 (m,)."""
        known = self._code_of
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, range(len(known), len(known) + len(new)), strict=True))
        self._texts += new
        return np.fromiter(map(known.__getitem__, texts), dtype=np.int32, count=len(texts))

    def codes(self, cells: Spans) -> CodeArray:
        """The code of each of the ``cells`` (m,), int32 (m,)."""
        longest = int(cells.sizes.max(initial=0))
        if (
            len(cells) <= _FEW
            or cells.doubled is not None
            or longest > WORD * _MOST_WORDS
            or len(self._keys) > _MOST_KEYS
        ):
            return self.codes_of(cells.texts())
        words = [cells.word(number) for number in range(max(1, -(-longest // WORD)))]
        keys = words[0] * _FACTORS[0]
        for number, word in enumerate(words[1:], start=1):
            keys += word * _FACTORS[number]
        found = self._found(keys, words)
        new = np.flatnonzero(found == _NEW)
        if len(new):
            self._learn(cells, keys, words, new)
            found[new] = self._found(keys[new], [word[new] for word in words])
            rest = np.flatnonzero(found == _NEW)  # two texts with one key
            if len(rest):
                found[rest] = self.codes_of(cells.pick(rest).texts())
        return found

    def _found(self, keys: OctetWords, words: list[OctetWords]) -> CodeArray:
        if not len(self._keys):
            return np.full(len(keys), _NEW, dtype=np.int32)
        at = self._first[keys >> self._shift]
        fits: npt.NDArray[np.bool_] = self._keys[at] == keys
        for _ in range(self._most - 1):
            others = np.flatnonzero(~fits)
            if not len(others):
                break
            at[others] = np.minimum(at[others] + 1, len(self._keys) - 1)
            fits[others] = self._keys[at[others]] == keys[others]
        width = max(self._width, len(words))
        for number in range(width if width > 1 else 0):  # of one word the key is a bijection
            fits &= self._words[at, number] == (words[number] if number < len(words) else 0)
        found: CodeArray = np.where(fits, self._codes[at], np.int32(_NEW))
        return found

    def _learn(self, cells: Spans, keys: OctetWords, words: list[OctetWords], new: IndexArray) -> None:
        self._width = max(self._width, len(words))
        fresh, first = np.unique(keys[new], return_index=True)
        unknown = ~np.isin(fresh, self._keys)
        rows = new[first[unknown]]
        learned = np.zeros((len(rows), _MOST_WORDS), dtype=np.uint64)
        for number, word in enumerate(words):
            learned[:, number] = word[rows]
        all_keys = np.concatenate([self._keys, fresh[unknown]])
        order = np.argsort(all_keys, kind="stable")
        self._keys = all_keys[order]
        self._words = np.concatenate([self._words, learned])[order]
        self._codes = np.concatenate([self._codes, self.codes_of(cells.pick(rows).texts())])[order]
        self._lay_out()

    def _lay_out(self) -> None:
        """Find where the keys of each slot begin: the highest bits of a key say which one is its slot."""
        bits = max(1, (_SPREAD * len(self._keys)).bit_length())
        self._shift = np.uint64(64 - bits)
        slots = (self._keys >> self._shift).astype(np.int64)
        sizes = np.bincount(slots, minlength=1 << bits)
        self._most = int(sizes.max())
        self._first = np.minimum(np.cumsum(sizes) - sizes, len(self._keys) - 1).astype(np.int32)
