"""What the messages of an Arrow stream grow to, told by their headers before anything is unpacked.

A header is a flatbuffer, see https://arrow.apache.org/docs/format/Columnar.html#recordbatch-message. Its tables begin
with the distance to a list of where their fields are.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from lepton_core.errors import InvalidData

_DICTIONARY, _BATCH = 2, 3
_PREFIX = 8
"""Bytes before a compressed buffer that say how long it is unpacked."""


class MessageSizes(NamedTuple):
    """Of one message: its rows, its columns and those inside them, and the bytes that it unpacks to."""

    rows: int
    nodes: int
    octets: int


def message_sizes(header: bytes, body: memoryview) -> MessageSizes:
    """What a message holds. Raises `InvalidData` for a header that is broken."""
    try:
        message = _table(header, 0)
        kind = _number(header, message, 1, "B")
        if kind not in (_DICTIONARY, _BATCH):
            return MessageSizes(0, 0, 0)
        batch = _inner(header, message, 2)
        if kind == _DICTIONARY:
            batch = _inner(header, batch, 1)
        return _batch_sizes(header, batch, body)
    except (struct.error, IndexError):
        raise InvalidData("the Arrow file cannot be read: a header is broken") from None


def _batch_sizes(header: bytes, batch: int, body: memoryview) -> MessageSizes:
    rows = _number(header, batch, 0, "q")
    nodes, _ = _vector(header, batch, 1)
    octets = 0
    if _field(header, batch, 3):
        for offset, length in _buffers(header, batch):
            if length:
                unpacked = struct.unpack_from("<q", body, offset)[0]
                octets += length - _PREFIX if unpacked == -1 else abs(unpacked)
    return MessageSizes(abs(rows), nodes, octets)


def _buffers(header: bytes, batch: int) -> Iterator[tuple[int, int]]:
    count, start = _vector(header, batch, 2)
    for number in range(count):
        yield struct.unpack_from("<qq", header, start + 16 * number)


def _table(data: bytes, at: int) -> int:
    return at + int(struct.unpack_from("<I", data, at)[0])


def _field(data: bytes, table: int, number: int) -> int:
    """Where a field is; 0 if it is not there."""
    places = table - int(struct.unpack_from("<i", data, table)[0])
    if 4 + 2 * number >= struct.unpack_from("<H", data, places)[0]:
        return 0
    offset = int(struct.unpack_from("<H", data, places + 4 + 2 * number)[0])
    return table + offset if offset else 0


def _inner(data: bytes, table: int, number: int) -> int:
    at = _field(data, table, number)
    if not at:
        raise IndexError
    return _table(data, at)


def _number(data: bytes, table: int, number: int, form: str) -> int:
    at = _field(data, table, number)
    return int(struct.unpack_from(f"<{form}", data, at)[0]) if at else 0


def _vector(data: bytes, table: int, number: int) -> tuple[int, int]:
    """How many things a vector has, and where the first is."""
    at = _field(data, table, number)
    if not at:
        return 0, 0
    start = _table(data, at)
    return int(struct.unpack_from("<I", data, start)[0]), start + 4
