"""The fast way through a CSV file that holds nothing but finite numbers."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lepton_core.table.cells import NUMBER_CHARACTERS
from lepton_core.table.columns import FloatArray

_MAX_EXACT = 2.0**53
"""From here on not every integer is a float64."""


def read_numbers(
    data: bytes, width: int, delimiter: str, start: int = 0, *, piece_size: int = 1 << 22
) -> FloatArray | None:
    """All cells, n to a row, as float64 (n, m), or None if the file is not plain enough for this way.

    The rows are ``data`` from ``start`` on. Plain is: no blank line, no quotes, no blanks, and in each cell a finite
    number that is not padded with zeros (as 007 is) and no integer that float64 cannot hold. What it reads is bit for
    bit what `float` reads; about three times as fast as the csv module.

    >>> read_numbers(b"a,b\\n1,2\\n3,4.5\\n", 2, ",", 4)
    array([[1. , 3. ], [2. , 4.5]])
    >>> read_numbers(b"1,\\n", 2, ",") is None
    True
    """
    end = len(data)
    while end > start and data[end - 1] in b"\r\n":
        end -= 1
    if start == end:
        return None
    out = np.empty((width, data.count(b"\n", start, end) + 1))
    row = 0
    for piece in _pieces(data, start, end, piece_size):
        values = _numbers(piece, width, delimiter.encode())
        if values is None:
            return None
        out[:, row : row + len(values)] = values.T
        row += len(values)
    return out


def _pieces(data: bytes, start: int, end: int, size: int) -> Iterator[bytes]:
    """Whole lines, about ``size`` bytes at a time, each line ended by ``\\n`` alone."""
    while start < end:
        stop = data.rfind(b"\n", start, start + size) + 1 or data.find(b"\n", start, end) + 1 or end
        stop = min(stop, end)
        piece = data[start:stop]
        start = stop
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n")
        yield piece if piece.endswith(b"\n") else piece + b"\n"


def _numbers(piece: bytes, width: int, delimiter: bytes) -> FloatArray | None:
    if piece.translate(None, NUMBER_CHARACTERS.encode() + delimiter + b"\n"):
        return None
    octets = np.frombuffer(piece, dtype=np.uint8)
    ends = octets == ord(b"\n")
    is_end = ends[np.flatnonzero(ends | (octets == delimiter[0]))]
    if _has_padding(octets, ends | (octets == delimiter[0])):
        return None
    if len(is_end) % width or not is_end[width - 1 :: width].all() or is_end.sum() * width != len(is_end):
        return None
    # The number behind the last row is read only if all before it were read to their ends.
    text = piece.translate(bytes.maketrans(delimiter + b"\n", b",,")) + b"0"
    try:
        values = np.fromstring(text, sep=",")
    except (ValueError, DeprecationWarning):
        return None
    if len(values) != len(is_end) + 1 or not (np.abs(values) < _MAX_EXACT).all():
        return None
    return values[:-1].reshape(-1, width)


def _has_padding(octets: npt.NDArray[np.uint8], seps: npt.NDArray[np.bool_]) -> bool:
    """Whether a cell begins with a 0 that another digit follows; ``seps`` (n,) says where cells end."""
    starts = np.concatenate([[True], seps[:-1]])
    signed = np.concatenate([[False], (starts & ((octets == ord("+")) | (octets == ord("-"))))[:-1]])
    zeros = (starts | signed) & (octets == ord("0"))
    digits = (octets >= ord("0")) & (octets <= ord("9"))
    return bool((zeros[:-1] & digits[1:]).any())
