"""Hashes of many texts, and of many rows."""

from ctypes import CDLL

import numpy as np
import numpy.typing as npt

from lepton_core.table.native.library import at
from lepton_core.table.spans import Octets, OctetWords


def word_hashes(
    library: CDLL, octets: Octets, offsets: npt.NDArray[np.int64], most: int
) -> tuple[OctetWords, bool]:
    """See `lepton_core.table.word_hashing.word_hashes`, (m,), and whether there are texts of more than ``most`` bytes.

    Those, which are hashed by their digest, are hashed here as all others. Raises ``ValueError`` for ``offsets`` that
    leave the octets: nothing else would stop a function that is compiled.
    """
    if len(offsets) and (offsets[0] < 0 or offsets[-1] > len(octets) or (offsets[1:] < offsets[:-1]).any()):
        raise ValueError("texts lie outside of their octets")
    longer = 0
    found = np.empty(len(offsets) - 1, dtype=np.uint64)
    if len(found):
        texts = np.require(octets, requirements=("C", "W")) if len(octets) else np.zeros(1, dtype=np.uint8)
        places = np.require(offsets, requirements=("C", "W"))
        longer = library.lepton_word_hashes(
            at(texts, np.uint8), at(places, np.int64), len(found), most, at(found, np.uint64)
        )
    return found, longer > 0


def number_hashes(library: CDLL, values: npt.NDArray[np.float64]) -> OctetWords:
    """See `lepton_core.table.hashing.number_hashes`, (m,)."""
    found = np.empty(len(values), dtype=np.uint64)
    if len(found):
        given = np.require(values, dtype=np.float64, requirements=("C", "W"))
        library.lepton_number_hashes(at(given, np.float64), len(found), at(found, np.uint64))
    return found


def scramble(library: CDLL, hashes: OctetWords) -> None:
    """Change ``hashes`` (m,) in place, see `lepton_core.table.hashing.mix`."""
    if len(hashes):
        library.lepton_scramble(at(hashes, np.uint64), len(hashes))


def mix_into(library: CDLL, rows: OctetWords, cells: OctetWords) -> None:
    """Mix the hashes of the cells of a column into those of their ``rows``, (m,) each, in place."""
    if len(rows):
        others = np.require(cells, requirements=("C", "W"))
        library.lepton_mix(at(rows, np.uint64), at(others, np.uint64), len(rows))
