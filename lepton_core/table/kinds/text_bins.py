"""Bins of texts that hardly repeat, by which drift is measured: by a word that many rows have, or by the length."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np

from lepton_core.table.columns import Column, FloatArray, IndexArray, Numbers, Texts
from lepton_core.table.kinds.bins import Meaning, Tally, some_rows
from lepton_core.table.kinds.category_bins import ENOUGH_ROWS
from lepton_core.table.kinds.number_bins import NumberBins

TELLING_WORD = 0.2
"""A word that at most this share of the rows has tells what a text is about."""

USUAL_WORD = 0.8
"""A word that a larger share has says only that a text is like the others."""

MOST_KNOWN_WORDS = 256
"""So many words of each sort are known: kilobytes for each column of texts."""

MOST_READ_LETTERS = 2000
MOST_TEXT_ROWS = 20_000
"""Rows that are looked at in training, so that a large table costs no more than a second."""

_IDEOGRAPHS = "぀-ヿ㐀-鿿豈-﫿"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+")
_ASCII_WORD = re.compile("[a-z0-9_]+")  # the same, and faster

_BEGIN = b"\xff"
"""Stands before the words of a text; no UTF-8 has this byte."""

_LOWER = bytes.maketrans(
    bytes(range(0x80)),
    "".join(
        letter if _ASCII_WORD.fullmatch(letter) else " " for letter in bytes(range(0x80)).decode().lower()
    ).encode(),
)
"""Letters of ASCII in lower case, blanks for what belongs to no word, and all else as it is."""


@dataclass(frozen=True)
class TextBins(NumberBins):
    """Bins of one number for each text: its first word in the order of ``words``, else its length in bytes.

    Words are known by their checksums. Word i of the K ``words`` is the number i - K, so words are below all lengths.
    First come those that at most `TELLING_WORD` of the rows have, the most frequent first; then those up to
    `USUAL_WORD`, the least frequent first. So a text stands where the most frequent of its telling words does. Where
    ``usual`` words are known, which nearly all rows have, a text with neither is -K - 1. So if all texts are replaced
    by others of the same length, few stand where they did. A checksum of whole texts would not show it: nearly all are
    new without any drift.

    Without words, as in a profile from before there were any, it is the lengths alone.
    """

    words: tuple[int, ...] = ()
    usual: tuple[int, ...] = ()

    def meanings(self) -> tuple[Meaning, ...]:
        """See `Bins.meanings`: a bin that begins below all lengths holds words.

        >>> [one.holds for one in TextBins("note", (-3.0, 7.0), (5, 5, 5, 0), "text", words=(1, 2, 3, 4)).meanings()]
        ['words', 'words', 'range', 'missing']
        """
        return tuple(
            Meaning("words") if self.words and one.holds == "range" and (one.low or -1.0) < 0 else one
            for one in super().meanings()
        )

    def tally(self, column: Column) -> Tally:
        """See `NumberBins.tally`, (k,)."""
        self._demand(column)
        return self.tally_predictions(self._values(column, self._known))

    def places_of(self, column: Column) -> IndexArray:
        """See `Bins.places_of`: int64 (m,)."""
        self._demand(column)
        return super().places_of(Numbers(self.name, self._values(column, self._known), self.kind))

    def finder(self) -> Callable[[Any, int], int]:
        """See `Bins.finder`."""
        edges, kind, known = self.edges, self.kind, self._known
        foreign = self._foreign

        def place(column: Any, row: int) -> int:
            if column.kind != kind:
                self._demand(column)
            if column.gone.item(row):
                return -1
            start, end = column.offsets.item(row), column.offsets.item(row + 1)
            if not known:
                return bisect_left(edges, end - start)
            words = _words(column.octets[start:end].tobytes().decode())
            found = min([known.get(_checksum(word), 1) for word in words], default=1)
            if found > 0 and foreign is not None:
                found = foreign
            return bisect_left(edges, found if found < 0 else end - start)

        return place

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        known = {"words": list(self.words), "usual": list(self.usual)}
        return {**super().as_dict(), **(known if self._known else {})}

    @staticmethod
    def of_lengths(column: Texts) -> "TextBins":
        """Bins of the lengths.

        >>> TextBins.of_lengths(Texts.of("note", ["a", "bb", None]))
        TextBins(name='note', edges=(1.5,), counts=(1, 1, 1), kind='text', words=(), usual=())
        """
        found = NumberBins.of(column.name, lengths(column), column.kind)
        return TextBins(found.name, found.edges, found.counts, column.kind)

    @staticmethod
    def of_words(column: Texts) -> "TextBins":
        """Bins of the words, ``counts`` those of `MOST_TEXT_ROWS` rows at most, spread evenly.

        A word is known if at least `ENOUGH_ROWS` rows have it: else it would be by luck that training saw it, and new
        rows would have other ones. So that a training row is counted as a new one would be, its own words are known if
        so many *other* rows have them.
        """
        m = len(column)
        if m > MOST_TEXT_ROWS:
            column = column.take(some_rows(m, MOST_TEXT_ROWS))
        read = _Read.of(column)
        rows: Counter[int] = Counter()
        for word, times in zip(read.words[1:], read.rows_of_each().tolist()[1:], strict=True):
            rows[crc32(word)] += times
        present = np.count_nonzero(~column.gone)
        share = {word: of / present for word, of in rows.items() if of >= ENOUGH_ROWS}
        telling = sorted((-of, word) for word, of in share.items() if of <= TELLING_WORD)[:MOST_KNOWN_WORDS]
        others = sorted((of, word) for word, of in share.items() if TELLING_WORD < of <= USUAL_WORD)[
            :MOST_KNOWN_WORDS
        ]
        usual = sorted((-of, word) for word, of in share.items() if of > USUAL_WORD)[:MOST_KNOWN_WORDS]
        names = (tuple(word for _, word in some) for some in ([*telling, *others], usual))
        bins = TextBins(column.name, (), (), column.kind, *names)
        to_itself = {word: at for word, at in bins._known.items() if rows[word] > ENOUGH_ROWS}
        found = NumberBins.of(column.name, bins._values(column, to_itself, read))
        return replace(bins, edges=found.edges, counts=found.counts)

    @cached_property
    def _known(self) -> Mapping[int, int]:
        places = {word: at - len(self.words) for at, word in enumerate(self.words)}
        return places | dict.fromkeys(self.usual, 0)

    @property
    def _foreign(self) -> int | None:
        """Where a text without a known word stands; None: at its length."""
        return -len(self.words) - 1 if self.usual else None

    def _values(self, column: Any, known: Mapping[int, int], read: "_Read | None" = None) -> FloatArray:
        values = lengths(column)
        if not known or not len(values):
            return values
        places = _least_compiled(column, known) if read is None else None
        if places is None:
            read = read or _Read.of(column)
            places = read.least([known.get(crc32(word), 1) for word in read.words])
        places[column.gone] = 0
        if self._foreign is not None:
            places[places > 0] = self._foreign
        return np.where(places < 0, places, values)


def lengths(column: Any) -> FloatArray:
    """The length of each text in bytes, float64 (m,), NaN where it is missing."""
    return np.where(column.gone, np.nan, np.diff(column.offsets))


def _least_compiled(column: Any, known: Mapping[int, int]) -> IndexArray | None:
    """What `_Read.least` gives of the ``known`` words; None if a letter is beyond ASCII, or nothing is compiled."""
    # Loaded when there are texts: other predictions need none of it.
    from lepton_core.table.native import words as compiled  # noqa: PLC0415
    from lepton_core.table.native.library import native  # noqa: PLC0415

    library = native()
    if library is None:
        return None
    checksums = np.fromiter(known.keys(), dtype=np.uint32, count=len(known))
    numbers = np.fromiter(known.values(), dtype=np.int64, count=len(known))
    order = np.argsort(checksums)
    ordered = checksums[order], numbers[order]
    return compiled.least_numbers(library, column.octets, column.offsets, MOST_READ_LETTERS, ordered)


class _Codes(dict[bytes, int]):
    """Words by the order in which somebody asked for them."""

    def __missing__(self, word: bytes) -> int:
        found = self[word] = len(self)
        return found


@dataclass(frozen=True, eq=False)
class _Read:
    """Texts as ``codes`` (k,) of their words, among the different ``words``: before those of each text stands a 0.

    So the first of the ``words`` is none.
    """

    words: Sequence[bytes]
    codes: IndexArray

    @staticmethod
    def of(column: Any) -> "_Read":
        found, codes = _words_of_all(column), _Codes({_BEGIN: 0})
        read = np.fromiter(map(codes.__getitem__, found), dtype=np.int64, count=len(found))
        return _Read(list(codes), read)

    def rows_of_each(self) -> IndexArray:
        """In how many texts each of the words (w,) is: int64 (w,)."""
        rows = np.cumsum(self.codes == 0)
        pairs = np.sort(rows * len(self.words) + self.codes)  # several times as fast as `numpy.unique`
        once = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
        return np.bincount(once % len(self.words), minlength=len(self.words)).astype(np.int64)

    def least(self, numbers: Sequence[int]) -> IndexArray:
        """The least of the ``numbers`` (w,) of the words of each text, int64 (m,); 1 if it has none."""
        found = np.array([1, *numbers[1:]], dtype=np.int64)[self.codes]
        least: IndexArray = np.minimum.reduceat(found, np.flatnonzero(self.codes == 0))
        return least


def _words_of_all(column: Any) -> list[bytes]:
    """The words of each text, as `_words` finds them, in UTF-8, and `_BEGIN` before them."""
    octets, ends = column.octets.tobytes(), column.offsets.tolist()
    texts = [octets[start:end] for start, end in pairwise(ends)]
    if not octets.isascii():
        texts = [text if text.isascii() else " ".join(_words(text.decode())).encode() for text in texts]
    if max(map(len, texts), default=0) > MOST_READ_LETTERS:
        texts = [text[:MOST_READ_LETTERS] if text.isascii() else text for text in texts]
    return (b" %b " % _BEGIN).join([b"", *texts]).translate(_LOWER).split()


def _words(text: str) -> list[str]:
    lower = text[:MOST_READ_LETTERS].lower()
    found: list[str] = (_ASCII_WORD if lower.isascii() else _WORD).findall(lower)
    return found


def _checksum(word: str) -> int:
    return crc32(word.encode())
