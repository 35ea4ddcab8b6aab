"""A 64-bit hash of many texts at once, by words of eight bytes."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from lepton_core.table.native import hashes as compiled
from lepton_core.table.native.library import native
from lepton_core.table.spans import LOW_BYTES, WORD, OctetWords

MOST_OCTETS = 4096
"""Texts of more bytes are hashed by BLAKE2b."""

_BLOCK = 8192
"""Texts that are hashed at a time, so that they stay in the cache."""

_SIZE, _FACTOR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)


def word_hashes(octets: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> OctetWords:
    """A hash of each text ``octets[offsets[i]:offsets[i + 1]]``, uint64 (m,).

    A text of n bytes is the words w_1, ..., w_k, k = n // 8 + 1, little-endian, of which the last one has the bytes
    that are left and zeros behind them. Modulo 2^64

        h_0 = n A,    x = (h_(i-1) xor w_i) B,    h_i = x xor (x >> 32),

    A and B odd, and the hash is h_k. Each step is a bijection, so two texts of one length that differ in one
    word have different hashes. Of a text of more than `MOST_OCTETS` bytes w_1 is a digest, and k = 1.

    >>> octets = np.frombuffer(b"abab", dtype=np.uint8)
    >>> first, second, third = word_hashes(octets, np.array([0, 2, 4, 4])).tolist()
    >>> first == second, first == third
    (True, False)
    """
    library = native()
    if library is not None:
        found, has_longer = compiled.word_hashes(library, octets, offsets, MOST_OCTETS)
        if not has_longer:
            return found
    else:
        found = _in_numpy(octets, offsets)
    sizes = offsets[1:] - offsets[:-1]
    for row in np.flatnonzero(sizes > MOST_OCTETS).tolist():
        text = octets[offsets[row] : offsets[row + 1]].tobytes()
        one = _begun(np.array([len(text)])) ^ np.frombuffer(
            blake2b(text, digest_size=WORD).digest(), dtype="<u8"
        )
        _step(one)
        found[row] = one[0]
    return found


def _in_numpy(octets: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> OctetWords:
    """Those of texts that are not hashed by their digest; any number for the others."""
    found = np.empty(len(offsets) - 1, dtype=np.uint64)
    # Words are read beyond the end of a text, but not beyond that of all.
    last = int(np.searchsorted(offsets[1:], len(octets) - WORD, side="right"))
    for at in range(0, last, _BLOCK):
        some = offsets[at : min(at + _BLOCK, last) + 1]
        found[at : at + len(some) - 1] = _hashed(octets, some)
    end = np.concatenate([octets[offsets[last] :], np.zeros(WORD, dtype=np.uint8)])
    found[last:] = _hashed(end, offsets[last:] - offsets[last])
    return found


def _hashed(octets: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> OctetWords:
    """Those of the texts between ``offsets``; eight bytes at least are behind the last one."""
    words = np.ndarray((len(octets) - WORD + 1,), "<u8", octets.data, strides=(1,))
    starts, sizes = offsets[:-1], np.diff(offsets)
    whole = np.where(sizes > MOST_OCTETS, 0, sizes // WORD)
    hashes = _begun(sizes)
    # The longest first: then those that have an i-th whole word are the first ones.
    order = None
    if whole.max(initial=0) > whole.min(initial=MOST_OCTETS):
        order = np.argsort((MOST_OCTETS - whole).astype(np.uint16), kind="stable")
        starts, sizes, hashes = starts[order], sizes[order], hashes[order]
    at = starts.copy()
    for count in np.cumsum(np.bincount(whole)[:0:-1])[::-1].tolist():
        some = hashes[:count]
        some ^= words[at[:count]]
        _step(some)
        at[:count] += WORD
    hashes ^= words[at] & LOW_BYTES[sizes % WORD]
    _step(hashes)
    if order is None:
        return hashes
    found = np.empty_like(hashes)
    found[order] = hashes
    return found


def _begun(sizes: npt.NDArray[np.int64]) -> OctetWords:
    begun: OctetWords = sizes.astype(np.uint64) * _SIZE
    return begun


def _step(hashes: OctetWords) -> None:
    hashes *= _FACTOR
    hashes ^= hashes >> _HALF
