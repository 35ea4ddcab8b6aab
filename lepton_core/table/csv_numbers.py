"""The fast way through a CSV file that holds nothing but finite numbers."""

import csv
from collections.abc import Iterator

import numpy as np

from lepton_core.table.cells import NUMBER_CHARACTERS
from lepton_core.table.columns import FloatArray
from lepton_core.table.csv_records import Header


def read_numbers(data: bytes, header: Header, *, piece_size: int = 1 << 22) -> FloatArray | None:
    """All cells as float64 of shape (columns, m), or None if the file is not plain enough for this way.

    Plain is: the header on the first line, no blank line, no quotes, no blanks, and in each cell a finite
    number. What it reads is bit for bit what `float` reads; about three times as fast as the csv module.

    >>> read_numbers(b"a,b\\n1,2\\n3,4.5\\n", Header(("a", "b"), ","))
    array([[1. , 3. ], [2. , 4.5]])
    >>> read_numbers(b"a,b\\n1,\\n", Header(("a", "b"), ",")) is None
    True
    """
    start = _body(data, header)
    end = len(data)
    while end > start and data[end - 1] in b"\r\n":
        end -= 1
    if start in (0, end):
        return None
    out = np.empty((len(header.names), data.count(b"\n", start, end) + 1))
    row = 0
    for piece in _pieces(data, start, end, piece_size):
        values = _numbers(piece, header)
        if values is None:
            return None
        out[:, row : row + len(values)] = values.T
        row += len(values)
    return out


def _body(data: bytes, header: Header) -> int:
    """Where the rows begin, or 0 if the header is not exactly the first line."""
    end = data.find(b"\n")
    if end < 0:
        return 0
    line = data[:end].decode("utf-8-sig")
    try:
        records = list(csv.reader([line], delimiter=header.delimiter, strict=True))
    except csv.Error:
        return 0
    return end + 1 if [tuple(name.strip() for name in record) for record in records] == [header.names] else 0


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


def _numbers(piece: bytes, header: Header) -> FloatArray | None:
    width = len(header.names)
    delimiter = header.delimiter.encode()
    if piece.translate(None, NUMBER_CHARACTERS.encode() + delimiter + b"\n"):
        return None
    octets = np.frombuffer(piece, dtype=np.uint8)
    ends = octets == ord(b"\n")
    is_end = ends[np.flatnonzero(ends | (octets == delimiter[0]))]
    if len(is_end) % width or not is_end[width - 1 :: width].all() or is_end.sum() * width != len(is_end):
        return None
    # The number behind the last row is read only if all before it were read to their ends.
    text = piece.translate(bytes.maketrans(delimiter + b"\n", b",,")) + b"0"
    try:
        values = np.fromstring(text, sep=",")
    except (ValueError, DeprecationWarning):
        return None
    if len(values) != len(is_end) + 1 or not np.isfinite(values).all():
        return None
    return values[:-1].reshape(-1, width)
