"""A 64-bit hash of one cell, the same whether it stands among numbers or among texts."""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from lepton_core.table.cells import is_not_finite, is_number

HashArray = npt.NDArray[np.uint64]
HashForm = Literal[1, 2]
"""How a text is hashed. 1: by BLAKE2b, as strata, models and older keys of rows do; 2: by `word_hashes`, which takes a
tenth of the time."""

_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_BEGINS_NUMBER, _ENDS_NUMBER = np.zeros(256, dtype=np.bool_), np.zeros(256, dtype=np.bool_)
_BEGINS_NUMBER[list(b"0123456789+-.")] = _ENDS_NUMBER[list(b"0123456789.")] = True
"""Which octets a number may begin and end with."""

_PIECE = 1 << 26
"""Bytes of the longest text that may be a number."""

_TOGETHER = 1 << 24
"""Bytes that are looked at together, but for a longer text."""

_EACH = 128
"""Bytes of a short text as an object, beside its own."""

_TEXTS = 1 << 16
"""So many become objects at a time."""

_MANY = 4096
"""Of so many numbers it is worth while to look for what is compiled."""

MISSING_HASH = np.float64(np.nan).view(np.uint64)
"""The hash of every missing cell."""


def number_hashes(values: npt.NDArray[np.float64]) -> HashArray:
    """The bits of ``values`` (m,), uint64 of shape (m,); both zeros have one hash, and every NaN has.

    >>> hashes = number_hashes(np.array([0.0, -0.0]))
    >>> bool(hashes[0] == hashes[1])
    True
    """
    if len(values) >= _MANY:
        from lepton_core.table.native import hashes as compiled  # noqa: PLC0415  (as `_by_words`)
        from lepton_core.table.native.library import native  # noqa: PLC0415

        library = native()
        if library is not None:
            return compiled.number_hashes(library, values)
    bits = (values + 0.0).view(np.uint64)
    bits[np.isnan(values)] = MISSING_HASH
    return bits


def text_hashes(
    octets: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    gone: npt.NDArray[np.bool_],
    form: HashForm = 1,
) -> HashArray:
    """`text_hash` of the texts ``octets[offsets[i]:offsets[i + 1]]`` in UTF-8, uint64 (m,); `MISSING_HASH` where gone.

    >>> octets = np.frombuffer(b"ab3", dtype=np.uint8)
    >>> found = text_hashes(octets, np.array([0, 2, 3, 3]), np.array([False, False, True]))
    >>> found.tolist() == [text_hash("ab"), text_hash("3"), int(MISSING_HASH)]
    True
    """
    found = _by_digest(octets, offsets) if form == 1 else _by_words(octets, offsets)
    rows = _like_numbers(octets, offsets) & ~gone
    if rows.any():
        places = np.flatnonzero(rows)
        values, are_numbers = _numbers(octets, offsets, places)
        found[places[are_numbers]] = number_hashes(values[are_numbers])
    found[gone] = MISSING_HASH
    return found


def level_hashes(texts: Sequence[str], form: HashForm = 1) -> HashArray:
    """`text_hash` of each of ``texts``, uint64 (m,).

    >>> level_hashes(["ab", "3"]).tolist() == [text_hash("ab"), text_hash("3")]
    True
    """
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    octets = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    return text_hashes(octets, offsets, np.zeros(len(encoded), dtype=np.bool_), form)


def text_hash(text: str, form: HashForm = 1) -> int:
    """The hash of ``text``; a text that spells a number has the number's.

    >>> text_hash("3") == text_hash("3.0", 2) == int(number_hashes(np.array([3.0]))[0])
    True
    """
    return int(level_hashes([text], form)[0])


def _by_digest(octets: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> HashArray:
    found = np.empty(len(offsets) - 1, dtype=np.uint64)
    for begin in range(0, len(found), _TEXTS):
        some = offsets[begin : begin + _TEXTS + 1]
        joined, ends = octets[some[0] : some[-1]].tobytes(), (some - some[0]).tolist()
        digests = [blake2b(joined[start:end], digest_size=8).digest() for start, end in pairwise(ends)]
        found[begin : begin + _TEXTS] = np.frombuffer(b"".join(digests), dtype="<u8")
    return found


def _by_words(octets: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> HashArray:
    # Loaded when a file is taken in: predictions need none of it.
    from lepton_core.table.native import hashes as compiled  # noqa: PLC0415
    from lepton_core.table.native.library import native  # noqa: PLC0415
    from lepton_core.table.word_hashing import word_hashes  # noqa: PLC0415

    found, library = word_hashes(octets, offsets), native()
    if library is None:
        mix(found)
    else:
        compiled.scramble(library, found)
    return found


def _like_numbers(octets: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which texts begin and end as numbers do."""
    found = np.zeros(len(offsets) - 1, dtype=np.bool_)
    begun = int(np.searchsorted(offsets[:-1], len(octets)))  # texts behind it are empty
    rows = np.flatnonzero(_BEGINS_NUMBER[octets[offsets[:begun]]])
    found[rows] = _ENDS_NUMBER[octets[offsets[rows + 1] - 1]] & (offsets[rows + 1] > offsets[rows])
    return found


def _numbers(
    octets: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """The texts at ``rows`` (k,) as numbers, and which of them are, (k,); whole numbers many at once.

    Their bytes are gone through a piece at a time, for places in a block have 31 bits; a longer text is no number.
    """
    values, are_numbers = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=np.bool_)
    sizes = offsets[rows + 1] - offsets[rows]
    pieces = np.cumsum(np.minimum(sizes, _PIECE) + _EACH) // _TOGETHER
    for piece in np.unique(pieces).tolist():
        some = np.flatnonzero((pieces == piece) & (sizes <= _PIECE))
        if len(some):
            values[some], are_numbers[some] = _numbers_at(octets, offsets, rows[some])
    return values, are_numbers


def _numbers_at(
    octets: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """As `_numbers`, of texts that fit into one block."""
    from lepton_core.table.span_numbers import span_numbers  # noqa: PLC0415
    from lepton_core.table.spans import PAD, Spans, TextBlock  # noqa: PLC0415  (as `_by_words`)

    room = b" " * PAD
    pairs = zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)
    texts = [octets[start:end].tobytes() for start, end in pairs]
    ends = np.cumsum([len(text) for text in texts]) + PAD
    starts = ends - np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    block = TextBlock(b"".join((room, *texts, room)))
    values, bad = span_numbers(Spans(block, starts, ends, ends, np.zeros(len(rows), dtype=np.int8)))
    for place in np.flatnonzero(bad).tolist():
        text = block.raw[starts[place] : ends[place]].decode()
        if is_number(text) and not is_not_finite(text):
            values[place], bad[place] = float(text), False
    return values, ~bad


def mix(block: HashArray) -> None:
    """Change ``block`` (m,) in place, so that each bit of the outcome depends on each bit: a bijection of 64 bits.

    The mixer of splitmix64 (Steele, Lea and Flood 2014), variant 13 of Stafford.
    """
    block ^= block >> np.uint64(30)
    block *= _FIRST
    block ^= block >> np.uint64(27)
    block *= _SECOND
    block ^= block >> np.uint64(31)
