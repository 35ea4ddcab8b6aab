"""The text in a file that is compressed, and the names of files that are no text."""

import bz2
import io
import lzma
import zipfile
import zlib
from typing import Literal

from lepton_core.errors import InvalidData, TooLarge

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

_MAGIC = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file", "save the sheet as CSV"),
    (b"PAR1", "a Parquet file", "pandas.read_parquet(path).to_csv('file.csv', index=False)"),
    (b"ARROW1", "an Arrow file", "pandas.read_feather(path).to_csv('file.csv', index=False)"),
    (b"FEA1", "a Feather file", "pandas.read_feather(path).to_csv('file.csv', index=False)"),
    (b"Obj\x01", "an Avro file", "write it as CSV"),
    (b"ORC", "an ORC file", "pandas.read_orc(path).to_csv('file.csv', index=False)"),
    (b"%PDF", "a PDF file", "copy the table into a sheet and save that as CSV"),
    (b"{\\rtf", "an RTF document", "save the table as CSV"),
    (b"SQLite format 3\x00", "an SQLite database", "write the table as CSV"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "write the table as CSV"),
    (b"\x93NUMPY", "a NumPy array", "Data.from_arrays(numpy.load(path), y)"),
    (b"\x89PNG", "a PNG image", "a table is needed"),
    (b"\xff\xd8\xff", "a JPEG image", "a table is needed"),
    (b"GIF8", "a GIF image", "a table is needed"),
    (b"\x7fELF", "a program", "a table is needed"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it, or compress it with gzip"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it, or compress it with gzip"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it, or compress it with gzip"),
    (b"RDX", "an R data file", "write.csv(frame, 'file.csv', row.names=FALSE) in R"),
    (b"$FL2", "an SPSS file", "pandas.read_spss(path).to_csv('file.csv', index=False)"),
    (b"<stata_dta>", "a Stata file", "pandas.read_stata(path).to_csv('file.csv', index=False)"),
    (b"\x80\x04\x95", "a Python pickle", "write the table as CSV; pickles are never opened"),
    (b"\x80\x05\x95", "a Python pickle", "write the table as CSV; pickles are never opened"),
)
_TEXTS = (
    (b"<!doctype html", "a web page", "download the file itself, not the page that shows it"),
    (b"<html", "a web page", "download the file itself, not the page that shows it"),
    (b"<?xml", "an XML file", "write the table as CSV"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file", "git lfs pull"),
    (b'{"', "a JSON file", "Data.from_pandas(pandas.read_json(path))"),
    (b"[{", "a JSON file", "Data.from_pandas(pandas.read_json(path))"),
)


def unpack(data: bytes, most_bytes: int = MOST_BYTES) -> bytes:
    """The text file that ``data`` is, or that is packed in it: with gzip, bzip2 or xz, or alone in a zip archive.

    Raises `InvalidData` that names the file for what it is, for everything that is no text, for archives of several
    files and broken ones; `TooLarge` if it unpacks to more than ``most_bytes``.

    >>> import gzip
    >>> unpack(gzip.compress(b"a,b"))
    b'a,b'
    >>> unpack(b"%PDF...")
    Traceback (most recent call last):
    ...
    lepton_core.errors.InvalidData: this is a PDF file, not CSV; copy the table into a sheet and save that as CSV
    """
    if data.startswith(GZIP):
        unpacked = _gunzip(data, most_bytes)
    elif data.startswith(ZIPS):
        unpacked = _unzip(data, most_bytes)
    elif data.startswith(BZIP2):
        unpacked = _unpack_streams(data, "bzip2", most_bytes)
    elif data.startswith(XZ):
        unpacked = _unpack_streams(data, "xz", most_bytes)
    else:
        _demand_text(data)
        return data
    if unpacked.startswith(PACKED):
        raise InvalidData("this file is packed twice; unpack it once")
    _demand_text(unpacked)
    return unpacked


def _demand_text(data: bytes) -> None:
    start = data[:64].lstrip().lower()
    for magic, what, remedy in _MAGIC:
        if data.startswith(magic):
            raise _other(what, remedy)
    for magic, what, remedy in _TEXTS:
        if start.startswith(magic):
            raise _other(what, remedy)


def _other(what: str, remedy: str) -> InvalidData:
    return InvalidData(f"this is {what}, not CSV; {remedy}")


def _gunzip(data: bytes, most_bytes: int) -> bytes:
    out = io.BytesIO()
    rest = data
    while rest.startswith(GZIP):
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            try:
                piece = member.decompress(rest, _PIECE)
            except zlib.error as error:
                raise InvalidData(f"the gzip file is broken: {error}") from None
            rest = member.unused_data if member.eof else member.unconsumed_tail
            out.write(piece)
            _demand_room(out.tell(), most_bytes)
            if not piece and not member.eof:
                raise InvalidData("the gzip file is broken: it ends too early")
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
                raise InvalidData(f"the {packing} file is broken: it ends too early")
            try:
                out.write(stream.decompress(given, _PIECE))
            except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
                raise InvalidData(f"the {packing} file is broken: {error}") from None
            given = b""
            _demand_room(out.tell(), most_bytes)
        rest = stream.unused_data.lstrip(b"\0")
    return out.getvalue()


def _unzip(data: bytes, most_bytes: int) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _only_member(archive, most_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise InvalidData(f"the zip archive is broken: {error}") from None


def _only_member(archive: zipfile.ZipFile, most_bytes: int) -> bytes:
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        excel = any(name.startswith("xl/") for name in names)
        raise _other("an Excel file" if excel else "an Office document", "save the sheet as CSV")
    if "mimetype" in names and "content.xml" in names:
        raise _other("an OpenDocument file", "save the sheet as CSV")
    inside = [
        one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")
    ]
    if len(inside) != 1:
        shown = ", ".join(one.filename[:80] for one in inside[:10])
        raise InvalidData(f"the zip archive holds {len(inside)} files, and must hold one: {shown}")
    if inside[0].flag_bits & 1:
        raise InvalidData("the zip archive is encrypted; unpack it")
    out = io.BytesIO()
    with archive.open(inside[0]) as member:
        while piece := member.read(_PIECE):
            out.write(piece)
            _demand_room(out.tell(), most_bytes)
    return out.getvalue()


def _demand_room(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise TooLarge(f"the file unpacks to more than {most_bytes} bytes")
