"""The words of many texts of ASCII."""

from ctypes import CDLL

import numpy as np
import numpy.typing as npt

from lepton_core.table.native.library import at
from lepton_core.table.spans import Octets, OctetWords

Ints = npt.NDArray[np.int64]


def word_counts(
    library: CDLL,
    octets: Octets,
    offsets: Ints,
    letters: tuple[OctetWords, Octets],
    size: int,
    *,
    pairs: bool,
) -> tuple[Ints, Ints, npt.NDArray[np.float64]] | None:
    """The signed counts of `lepton_core.preprocess.hashed.counts`: rows, places and values, (k,) each.

    Text i is ``octets[offsets[i]:offsets[i + 1]]``. ``letters`` are the hash (128,) of each letter of ASCII, and
    whether it belongs to a word (128,), 0 or 1. None if a letter is beyond ASCII. Raises ``ValueError`` for ``offsets``
    that leave the octets.
    """
    texts, places = _checked(octets, offsets)
    rows = len(offsets) - 1
    # Between two words of a text is a letter that belongs to none.
    most = (1 + pairs) * (len(octets) + rows) // 2
    found = np.empty((2, most + 1), dtype=np.int64)
    values = np.empty(most + 1)
    hashes, inside = letters
    if hashes.shape != (128,) or inside.shape != (128,):
        raise ValueError("each letter of ASCII needs a hash")
    count = library.lepton_word_counts(
        at(texts, np.uint8), at(places, np.int64), rows, at(hashes, np.uint64), at(inside, np.uint8), size, pairs,
        at(found[0], np.int64), at(found[1], np.int64), at(values, np.float64)
    )  # fmt: skip
    return None if count < 0 else (found[0, :count].copy(), found[1, :count].copy(), values[:count].copy())


def least_numbers(
    library: CDLL, octets: Octets, offsets: Ints, most: int, known: tuple[npt.NDArray[np.uint32], Ints]
) -> Ints | None:
    """Of each text the least number of a known word among its first ``most`` letters, int64 (m,); 1 if there is none.

    Words are runs of letters, digits and underscores, in lower case. ``known`` are the checksums (w,) of words, rising,
    and the number (w,) of each. None if a letter is beyond ASCII. Raises ``ValueError`` for ``offsets`` that leave the
    octets.
    """
    texts, places = _checked(octets, offsets)
    checksums, numbers = known
    if checksums.shape != numbers.shape or not len(checksums):
        raise ValueError("each checksum needs a number")
    found = np.empty(len(offsets), dtype=np.int64)
    wrong = library.lepton_least_numbers(
        at(texts, np.uint8), at(places, np.int64), len(offsets) - 1, most, at(checksums, np.uint32),
        at(numbers, np.int64), len(checksums), at(found, np.int64)
    )  # fmt: skip
    return None if wrong else found[:-1]


def _checked(octets: Octets, offsets: Ints) -> tuple[Octets, Ints]:
    """Both in one piece; nothing else would stop a function that is compiled."""
    if offsets[0] < 0 or offsets[-1] > len(octets) or (offsets[1:] < offsets[:-1]).any():
        raise ValueError("texts lie outside of their octets")
    texts = np.require(octets, requirements=("C", "W")) if len(octets) else np.zeros(1, dtype=np.uint8)
    return texts, np.require(offsets, requirements=("C", "W"))
