"""The text in a file that is compressed, and the names of files that are no text."""

import bz2
import io
import lzma
import zipfile
import zlib
from typing import Literal

from lepton_core.errors import InvalidData, TooLarge
from lepton_core.table.files.foreign import demand_archive, demand_text

MOST_BYTES = 2_000_000_000
"""Most bytes that a compressed file is let grow to if nothing else is said."""

_PIECE = 1 << 20

MOST_MEMORY = 128 << 20
"""Most bytes that xz may ask for to unpack: what its strongest setting needs, and a half more."""

GZIP = b"\x1f\x8b"
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
"""The first of an archive, and of an empty one."""

BZIP2 = b"BZh"
XZ = b"\xfd7zXZ\x00"
PACKED = (GZIP, ZIPS[0], BZIP2, XZ)


def unpack(data: bytes, most_bytes: int = MOST_BYTES) -> bytes:
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


def unpacked(data: bytes, most_bytes: int = MOST_BYTES) -> bytes:
    """The file that is packed in ``data``: with gzip, bzip2 or xz, or alone in a zip archive; else ``data`` itself.

    Raises `InvalidData` for archives of several files and broken ones, `TooLarge` if it unpacks to more than
    ``most_bytes``.

    >>> import gzip
    >>> unpacked(gzip.compress(b"a,b"))
    b'a,b'
    """
    if data.startswith(GZIP):
        found = _gunzip(data, most_bytes)
    elif data.startswith(ZIPS):
        found = _unzip(data, most_bytes)
    elif data.startswith(BZIP2):
        found = _unpack_streams(data, "bzip2", most_bytes)
    elif data.startswith(XZ):
        found = _unpack_streams(data, "xz", most_bytes)
    else:
        return data
    if found.startswith(PACKED):
        raise InvalidData("this file is packed twice; unpack it once")
    return found


def _broken(what: str, why: object) -> InvalidData:
    return InvalidData(f"{what} is broken: {why}; get it again, or pack it again")


def _gunzip(data: bytes, most_bytes: int) -> bytes:
    out = io.BytesIO()
    rest = data
    while rest.startswith(GZIP):
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            try:
                piece = member.decompress(rest, _PIECE)
            except zlib.error as error:
                raise _broken("the gzip file", error) from None
            rest = member.unused_data if member.eof else member.unconsumed_tail
            out.write(piece)
            _demand_room(out.tell(), most_bytes)
            if not piece and not member.eof:
                raise _broken("the gzip file", "it ends too early")
    return out.getvalue()


def _unpack_streams(data: bytes, packing: Literal["bzip2", "xz"], most_bytes: int) -> bytes:
    """Each stream of the file, one behind the other; bytes behind the last that begin no other are left out."""
    out = io.BytesIO()
    magic = BZIP2 if packing == "bzip2" else XZ
    rest = data
    while rest.startswith(magic):
        stream = (
            bz2.BZ2Decompressor()
            if packing == "bzip2"
            else lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY)
        )
        given = rest
        while not stream.eof:
            if not given and stream.needs_input:
                raise _broken(f"the {packing} file", "it ends too early")
            try:
                out.write(stream.decompress(given, _PIECE))
            except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
                raise _broken(f"the {packing} file", error) from None
            given = b""
            _demand_room(out.tell(), most_bytes)
        rest = stream.unused_data.lstrip(b"\0")
    return out.getvalue()


def _unzip(data: bytes, most_bytes: int) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _only_member(archive, most_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise _broken("the zip archive", error) from None


def _only_member(archive: zipfile.ZipFile, most_bytes: int) -> bytes:
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
    out = io.BytesIO()
    with archive.open(inside[0]) as member:
        while piece := member.read(_PIECE):
            out.write(piece)
            _demand_room(out.tell(), most_bytes)
    return out.getvalue()


def _is_hidden(path: str) -> bool:
    """Whether a system put a file beside what was packed."""
    name = path.rpartition("/")[2]
    return (
        path.startswith("__MACOSX/") or name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini")
    )


def _demand_room(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise TooLarge(f"the file unpacks to more than {most_bytes} bytes")
