"""Words and pairs of words of many texts, hashed without a loop over them."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lepton_core.table import Texts

Hashes = NDArray[np.uint64]
IntArray = NDArray[np.int64]

OCTETS_AT_ONCE = 1 << 18
"""Octets looked at in one go, which with all that is made of them stay near the processor."""

_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse modulo 2^64
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_NO_WORD, _WORD, _ALONE = 0, 1, 2
_ASCII = 128
_IDEOGRAPHS = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


@dataclass(frozen=True, eq=False)
class Words:
    """The words of some texts in their order: ``hashes`` (k,) of each, and ``rows`` (k,), the texts they stand in."""

    hashes: Hashes
    rows: IntArray

    def with_pairs(self) -> "Words":
        """The words, and then every two that follow each other in a text, in that order."""
        together = self.rows[1:] == self.rows[:-1]
        pairs = mixed(self.hashes[:-1] * _BASE + self.hashes[1:])[together]
        return Words(
            np.concatenate([self.hashes, pairs]), np.concatenate([self.rows, self.rows[1:][together]])
        )


def words(texts: Texts) -> Iterator[Words]:
    """The words of ``texts``, some rows at a time; each word counts as often as it stands there.

    A word is a run of Unicode letters, marks and digits, in lower case; an ideograph is a word of its own. A missing
    text has none.

    >>> [found] = words(Texts.of("t", ["Good, GOOD!", None, "not good"]))
    >>> found.rows.tolist(), len(set(found.hashes.tolist()))
    ([0, 0, 2, 2], 2)
    """
    for octets, offsets, start in pieces(texts):
        found = words_between(octets, offsets)
        yield Words(found.hashes, found.rows + start)


def pieces(texts: Texts) -> Iterator[tuple[NDArray[np.uint8], IntArray, int]]:
    """Some of the rows at a time: their octets (n,), the offsets (k + 1,) of the texts in these, and the first row.

    >>> [(octets.tobytes(), offsets.tolist(), start) for octets, offsets, start in pieces(Texts.of("t", ["ab", "c"]))]
    [(b'abc', [0, 2, 3], 0)]
    """
    rows, start = len(texts), 0
    while start < rows:
        within = np.searchsorted(texts.offsets, texts.offsets[start] + OCTETS_AT_ONCE, side="right") - 1
        end = min(max(int(within), start + 1), rows)
        offsets = texts.offsets[start : end + 1]
        yield texts.octets[offsets[0] : offsets[-1]], offsets - offsets[0], start
        start = end


def mixed(hashes: Hashes) -> Hashes:
    """Spread every bit of each of ``hashes`` (k,) over all bits of the result: the end of SplitMix64."""
    found = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: Hashes = found ^ (found >> np.uint64(31))
    return result


def words_between(octets: NDArray[np.uint8], offsets: IntArray) -> Words:
    """The words of the texts ``octets[offsets[i]:offsets[i + 1]]``; octets are (n,), offsets (m + 1,), from 0 to n."""
    letters, starts = _letters(octets, offsets)
    if not len(letters):
        return Words(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64))
    mixed_letters, classes = _classified(letters)
    inside = classes != _NO_WORD
    goes_on = inside[1:] & inside[:-1] & (classes[1:] != _ALONE) & (classes[:-1] != _ALONE)
    first_of_text = np.zeros(len(letters) + 1, dtype=np.bool_)
    first_of_text[starts] = True
    goes_on &= ~first_of_text[1:-1]
    begins = np.flatnonzero(inside & ~np.concatenate([[False], goes_on]))
    ends = np.flatnonzero(inside & ~np.concatenate([goes_on, [False]])) + 1
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(np.searchsorted(begins, starts)))
    return Words(_hashed(mixed_letters, begins, ends), rows)


def _hashed(letters: Hashes, begins: IntArray, ends: IntArray) -> Hashes:
    # The sum of letter i, mixed, times base^i, over base^begin: one running sum serves all words.
    powers, inverses = _powers(1 << len(letters).bit_length())
    sums = np.zeros(len(letters) + 1, dtype=np.uint64)
    np.cumsum(letters * powers[: len(letters)], out=sums[1:])
    return mixed((sums[ends] - sums[begins]) * inverses[begins])


@lru_cache(maxsize=4)
def _powers(count: int) -> tuple[Hashes, Hashes]:
    of = [np.full(count, base, dtype=np.uint64) for base in (_BASE, _INVERSE)]
    for factors in of:
        factors[0] = 1
    return np.cumprod(of[0]), np.cumprod(of[1])


def _letters(octets: NDArray[np.uint8], offsets: IntArray) -> tuple[NDArray[np.uint32], IntArray]:
    """The code points, (n,), and where each text begins among them; the last is where they end."""
    if len(octets) == 0 or octets.max() < 0x80:
        return octets.astype(np.uint32), offsets
    first_octet = (octets & 0xC0) != 0x80
    points = np.frombuffer(octets.tobytes().decode().encode("utf-32-le"), dtype=np.uint32)
    return points, np.concatenate([[0], np.cumsum(first_octet)])[offsets]


def _classified(letters: NDArray[np.uint32]) -> tuple[Hashes, NDArray[np.uint8]]:
    """Each code point in lower case, `mixed`, and whether it belongs to a word or is one."""
    size = int(letters.max()) + 1
    if size <= _ASCII:
        found, classes = letters_of_ascii()
    else:
        occurs = np.zeros(size, dtype=np.bool_)
        occurs[letters] = True
        found, classes = _table(np.flatnonzero(occurs), size)
    return found[letters], classes[letters]


@lru_cache(maxsize=1)
def letters_of_ascii() -> tuple[Hashes, NDArray[np.uint8]]:
    """The hash of each letter of ASCII, (128,), and whether it belongs to a word, (128,), 0 or 1."""
    return _table(np.arange(_ASCII), _ASCII)


def _table(points: IntArray, size: int) -> tuple[Hashes, NDArray[np.uint8]]:
    """What `_classified` gives of ``points`` (k,), all below ``size``, by the point: (size,)."""
    known = np.array([_look_up(point) for point in points.tolist()], dtype=np.uint64)
    lower, classes = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.uint8)
    lower[points], classes[points] = mixed(known[:, 0]), known[:, 1]
    return lower, classes


@lru_cache(maxsize=1 << 16)
def _look_up(point: int) -> tuple[int, int]:
    letter = chr(point)
    if unicodedata.category(letter)[0] not in "LMN":
        return point, _NO_WORD
    alone = any(low <= point <= high for low, high in _IDEOGRAPHS)
    return ord(letter.lower()[0]), _ALONE if alone else _WORD
