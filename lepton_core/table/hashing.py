"""A 64-bit hash of one cell, the same whether it stands among numbers or among texts."""

import struct
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from lepton_core.table.cells import is_not_finite, is_number

HashArray = npt.NDArray[np.uint64]

MISSING_HASH = np.float64(np.nan).view(np.uint64)
"""The hash of every missing cell."""


def number_hashes(values: npt.NDArray[np.float64]) -> HashArray:
    """The bits of ``values`` (m,), uint64 of shape (m,); both zeros have one hash, and every NaN has.

    >>> hashes = number_hashes(np.array([0.0, -0.0]))
    >>> bool(hashes[0] == hashes[1])
    True
    """
    bits = (values + 0.0).view(np.uint64)
    bits[np.isnan(values)] = MISSING_HASH
    return bits


def text_hash(text: str) -> int:
    """The hash of ``text``; a text that spells a number has the number's.

    >>> text_hash("3") == int(number_hashes(np.array([3.0]))[0])
    True
    """
    if is_number(text) and not is_not_finite(text):
        return int(number_hashes(np.array([float(text)]))[0])
    found: int = struct.unpack("<Q", blake2b(text.encode(), digest_size=8).digest())[0]
    return found
