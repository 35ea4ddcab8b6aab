"""A 64-bit hash of one cell, the same whether it stands among numbers or among texts."""

import struct
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from lepton_core.table.cells import is_not_finite, is_number

HashArray = npt.NDArray[np.uint64]

_BEGINS_NUMBER = np.zeros(256, dtype=np.bool_)
_BEGINS_NUMBER[list(b"0123456789+-.")] = True
"""Which octets a number may begin with."""

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


def text_hashes(
    octets: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], gone: npt.NDArray[np.bool_]
) -> HashArray:
    """`text_hash` of the texts ``octets[offsets[i]:offsets[i + 1]]`` in UTF-8, uint64 (m,); `MISSING_HASH` where gone.

    >>> octets = np.frombuffer(b"ab3", dtype=np.uint8)
    >>> found = text_hashes(octets, np.array([0, 2, 3, 3]), np.array([False, False, True]))
    >>> found.tolist() == [text_hash("ab"), text_hash("3"), int(MISSING_HASH)]
    True
    """
    joined, ends = octets.tobytes(), offsets.tolist()
    texts = [joined[start:end] for start, end in pairwise(ends)]
    digests = b"".join([blake2b(text, digest_size=8).digest() for text in texts])
    found = np.frombuffer(digests, dtype="<u8").astype(np.uint64)
    # A number begins like one. Only of those texts it is asked whether they are one.
    starts = np.append(octets, np.uint8(0))[offsets[:-1]]
    for row in np.flatnonzero(_BEGINS_NUMBER[starts] & ~gone).tolist():
        found[row] = text_hash(texts[row].decode())
    found[gone] = MISSING_HASH
    return found


def text_hash(text: str) -> int:
    """The hash of ``text``; a text that spells a number has the number's.

    >>> text_hash("3") == int(number_hashes(np.array([3.0]))[0])
    True
    """
    if is_number(text) and not is_not_finite(text):
        return int(number_hashes(np.array([float(text)]))[0])
    found: int = struct.unpack("<Q", blake2b(text.encode(), digest_size=8).digest())[0]
    return found
