"""The text in a file that is compressed, and the names of files that are no text."""

from collections.abc import Iterator

from lepton_core.errors import InvalidData, TooLarge
from lepton_core.table.files.foreign import demand_text
from lepton_core.table.files.streams import PACKED, STREAMS, ZIPS, unpacked_streams, unpacked_zip

MOST_BYTES = 2_000_000_000
"""Most bytes that a compressed file is let grow to if nothing else is said."""

MOST_RATIO = 100
"""So many times its own length a file may unpack to where it is read at once."""

FEW_BYTES = 64 << 20
"""So many bytes besides are always let be."""


def unpack(data: bytes, most_bytes: int | None = None) -> bytes:
    """The text file that ``data`` is, or that is packed in it, see `unpacked`.

    Raises what `unpacked` raises, and `InvalidData` that names the file for what it is, for everything that is no text.

    >>> unpack(b"%PDF...")
    Traceback (most recent call last):
    ...
    lepton_core.errors.InvalidData: this is a PDF file, not CSV; copy the table into a sheet and save that as CSV
    """
    found = unpacked(data, most_bytes)
    demand_text(found)
    return found


def unpacked(data: bytes, most_bytes: int | None = None) -> bytes:
    """The file that is packed in ``data``: with gzip, bzip2 or xz, or alone in a zip archive; else ``data`` itself.

    Raises `InvalidData` for archives of several files and broken ones, `TooLarge` if it unpacks to more than
    ``most_bytes``, or, where nothing is said, to far more than its length tells.

    >>> import gzip
    >>> unpacked(gzip.compress(b"a,b"))
    b'a,b'
    """
    if not data.startswith((*PACKED, *ZIPS)):
        return data
    most = most_of(len(data)) if most_bytes is None else most_bytes
    out = bytearray()
    for piece in unpacked_pieces(data):
        out += piece
        if len(out) > most:
            raise TooLarge(
                f"the file unpacks to more than {most} bytes; unpack it, and send that, or a part of it"
            )
    if out.startswith(PACKED):
        raise InvalidData("this file is packed twice; unpack it once")
    return bytes(out)


def most_of(size: int) -> int:
    """Most bytes that a packed file of ``size`` bytes is let grow to where it is read at once."""
    return min(MOST_BYTES, FEW_BYTES + MOST_RATIO * size)


def unpacks_beyond(data: bytes, most: int) -> bool:
    """Whether ``data`` is packed and unpacks to more than ``most`` bytes; of a broken file counts what is whole.

    >>> import gzip
    >>> packed = gzip.compress(b"a,b" * 100)
    >>> unpacks_beyond(packed, 299), unpacks_beyond(packed, 300)
    (True, False)
    """
    size = 0
    try:
        for piece in unpacked_pieces(data) if data.startswith((*PACKED, *ZIPS)) else ():
            size += len(piece)
            if size > most:
                return True
    except InvalidData:
        return False
    return False


def unpacked_pieces(data: bytes) -> Iterator[bytes]:
    """What a packed file unpacks to, about a megabyte at a time. Raises `InvalidData` as `unpacked` does."""
    magic = next((one for one in STREAMS if data.startswith(one)), None)
    return unpacked_zip(data) if magic is None else unpacked_streams([data], magic)
