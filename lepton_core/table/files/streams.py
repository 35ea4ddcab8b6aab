"""The bytes that are packed in a file, about a megabyte of them at a time: with gzip, bzip2 or xz, or alone in a zip.

A few bytes may unpack to a gigabyte, and a file may be of a million streams: neither is copied more than once.
"""

import bz2
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from lepton_core.errors import InvalidData
from lepton_core.table.files.foreign import demand_archive

GZIP = b"\x1f\x8b"
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
"""The first of an archive, and of an empty one."""

BZIP2 = b"BZh"
XZ = b"\xfd7zXZ\x00"
STREAMS = (GZIP, BZIP2, XZ)
PACKED = (GZIP, ZIPS[0], BZIP2, XZ)

MOST_MEMORY = 128 << 20
"""Most bytes that xz may ask for to unpack: what its strongest setting needs, and a half more."""

_PIECE = 1 << 20
_PACKED_PIECE = 1 << 14
_LEAST = 1 << 18
"""A piece has so many bytes, but for the last one: the first shows what the text is."""


class Unpacker(Protocol):
    """One stream of a packed file."""

    @property
    def eof(self) -> bool:
        """Whether it has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came behind its end."""
        ...

    def decompress(self, data: bytes, most: int, /) -> bytes:
        """At most so many of the next bytes."""
        ...


_KINDS: dict[bytes, tuple[str, Callable[[], Unpacker]]] = {
    GZIP: ("gzip", lambda: zlib.decompressobj(wbits=31)),
    BZIP2: ("bzip2", bz2.BZ2Decompressor),
    XZ: ("xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY)),
}


def unpacked_streams(pieces: Iterable[bytes], magic: bytes) -> Iterator[bytes]:
    r"""What the streams of a file unpack to, one behind the other; each begins with ``magic``, one of `STREAMS`.

    Bytes behind the last stream that begin no other one are left out. Raises `InvalidData` for a file that is broken.

    >>> import gzip
    >>> list(unpacked_streams([gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n") + b"\0\0"], GZIP))
    [b'a,b\n1,2\n']
    """
    waiting = bytearray()
    for text in _texts(pieces, magic):
        waiting += text
        if len(waiting) >= _LEAST:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _texts(pieces: Iterable[bytes], magic: bytes) -> Iterator[bytes]:
    kind, opener = _KINDS[magic]
    what, stream, rest = f"the {kind} file", opener(), b""
    for part in small_parts(pieces):
        rest += part
        while rest:
            if stream.eof:
                rest = rest.lstrip(b"\0")
                if len(rest) < len(magic):
                    break
                if not rest.startswith(magic):
                    return
                stream = opener()
            try:
                yield from decompressed(stream, rest)
            except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError) as error:
                raise broken(what, error) from None
            rest = stream.unused_data if stream.eof else b""
    if not stream.eof:
        raise broken(what, "it ends too early")


def decompressed(stream: Unpacker, data: bytes) -> Iterator[bytes]:
    """What ``data``, a small part of a stream, unpacks to, a megabyte at a time."""
    while True:
        text = stream.decompress(data, _PIECE)
        yield text
        data = getattr(stream, "unconsumed_tail", b"")  # the others keep it themselves
        if stream.eof or len(text) < _PIECE:
            return


def small_parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of ``pieces`` in small parts: what is left of one is copied for each stream, and each megabyte."""
    for piece in pieces:
        for at in range(0, len(piece), _PACKED_PIECE):
            yield piece[at : at + _PACKED_PIECE]


def unpacked_zip(data: bytes) -> Iterator[bytes]:
    """What the only file of a zip archive unpacks to.

    Raises `InvalidData` for an archive that is broken, encrypted, or holds another number of files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(_only_member(archive)) as member:
            while piece := member.read(_PIECE):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise broken("the zip archive", error) from None


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    demand_archive(archive)
    inside = [one for one in archive.infolist() if not one.is_dir() and not _is_hidden(one.filename)]
    if not inside:
        raise InvalidData("the zip archive holds no file; pack the table into it")
    if len(inside) != 1:
        shown = ", ".join(one.filename[:80] for one in inside[:10])
        raise InvalidData(
            f"the zip archive holds {len(inside)} files, and must hold one: {shown}; unpack it and give one of them"
        )
    if inside[0].flag_bits & 1:
        raise InvalidData("the zip archive is encrypted; unpack it")
    if inside[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile unpacks the others without a bound: 4 KB of bzip2 may be gigabytes.
        raise InvalidData(
            "the zip archive is packed in an unusual way; pack it again with Deflate, or with gzip"
        )
    return inside[0]


def _is_hidden(path: str) -> bool:
    """Whether a system put a file beside what was packed."""
    name = path.rpartition("/")[2]
    return (
        path.startswith("__MACOSX/") or name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini")
    )


def broken(what: str, why: object) -> InvalidData:
    """The error for a packed file that cannot be unpacked."""
    return InvalidData(f"{what} is broken: {why}; get it again, or pack it again")
