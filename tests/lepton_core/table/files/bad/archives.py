"""Packed files, whole and broken, and what each comes to."""

import bz2
import gzip
import lzma
import zipfile
import zlib

from tests.lepton_core.table.files.bad.made import GOOD, encrypted, zipped

T = "age integer, town category, paid integer"

# fmt: off
FILES: dict[str, tuple[bytes, str]] = {
    "gzip": (gzip.compress(GOOD.encode()), f"40 rows: {T}"),
    "gzip of two members": (gzip.compress(GOOD.encode()[:200]) + gzip.compress(GOOD.encode()[200:]), f"40 rows: {T}"),
    "gzip with zeros behind": (gzip.compress(GOOD.encode()) + bytes(512), f"40 rows: {T}"),
    "gzip with other bytes behind": (gzip.compress(GOOD.encode()) + b"more", f"40 rows: {T}"),
    "gzip cut short": (
        gzip.compress(GOOD.encode())[:-20],
        "invalid_data: the gzip file is broken: it ends too early; get it again, or pack it again",
    ),
    "gzip with a wrong checksum": (
        gzip.compress(GOOD.encode())[:-8] + bytes(8),
        "invalid_data: the gzip file is broken: Error -3 while decompressing data: incorrect d",
    ),
    "gzip of nothing": (gzip.compress(b""), "invalid_data: the file is empty"),
    "gzip, its first bytes only": (
        b"\x1f\x8b",
        "invalid_data: the gzip file is broken: it ends too early; get it again, or pack it again",
    ),
    "gzip of gzip": (
        gzip.compress(gzip.compress(GOOD.encode())),
        "invalid_data: this file is packed twice; unpack it once",
    ),
    "gzip of a tar archive": (
        gzip.compress(b"a.csv".ljust(257, b"\0") + b"ustar\x0000" + bytes(760) + GOOD.encode()),
        "invalid_data: line 1: the header cannot be read: it holds a NUL byte; a table has non",
    ),
    "bzip2": (bz2.compress(GOOD.encode()), f"40 rows: {T}"),
    "bzip2 of two streams": (bz2.compress(GOOD.encode()[:200]) + bz2.compress(GOOD.encode()[200:]), f"40 rows: {T}"),
    "bzip2 cut short": (
        bz2.compress(GOOD.encode())[:-20],
        "invalid_data: the bzip2 file is broken: it ends too early; get it again, or pack it again",
    ),
    "bzip2 that is none": (
        b"BZh91AY&SY" + bytes(100),
        "invalid_data: the bzip2 file is broken: Invalid data stream; get it again, or pack it again",
    ),
    "xz": (lzma.compress(GOOD.encode()), f"40 rows: {T}"),
    "xz cut short": (
        lzma.compress(GOOD.encode())[:-20],
        "invalid_data: the xz file is broken: it ends too early; get it again, or pack it again",
    ),
    "xz that is none": (
        b"\xfd7zXZ\0" + bytes(100),
        "invalid_data: the xz file is broken: Corrupt input data; get it again, or pack it again",
    ),
    "lzma of old": (
        lzma.compress(GOOD.encode(), format=lzma.FORMAT_ALONE),
        "invalid_data: line 1: the header cannot be read: it holds a NUL byte; a table has non",
    ),
    "zip": (zipped(a=GOOD.encode()), f"40 rows: {T}"),
    "zip with a folder and what macOS adds": (
        zipped(**{"d/": b"", "d/a.csv": GOOD.encode(), "__MACOSX/d/._a.csv": b"x"}),
        f"40 rows: {T}",
    ),
    "zip with what macOS and Windows hide": (
        zipped(**{"a.csv": GOOD.encode(), ".DS_Store": b"x", "Thumbs.db": b"x", "desktop.ini": b"x"}),
        f"40 rows: {T}",
    ),
    "zip of two files": (
        zipped(a=GOOD.encode(), b=GOOD.encode()),
        "invalid_data: the zip archive holds 2 files, and must hold one: a, b; unpack it and g",
    ),
    "zip of a table and a text that explains it": (
        zipped(**{"a.csv": GOOD.encode(), "README.txt": b"about"}),
        "invalid_data: the zip archive holds 2 files, and must hold one: a.csv, README.txt; un",
    ),
    "zip of no file": (zipped(), "invalid_data: the zip archive holds no file; pack the table into it"),
    "zip of an empty file": (zipped(a=b""), "invalid_data: the file is empty"),
    "zip of a zip": (zipped(a=zipped(a=GOOD.encode())), "invalid_data: this file is packed twice; unpack it once"),
    "zip of gzip": (
        zipped(**{"a.csv.gz": gzip.compress(GOOD.encode())}),
        "invalid_data: this file is packed twice; unpack it once",
    ),
    "zip that is encrypted": (encrypted(), "invalid_data: the zip archive is encrypted; unpack it"),
    "zip cut short": (
        zipped(a=GOOD.encode())[:-30],
        "invalid_data: the zip archive is broken: File is not a zip file; get it again, or pack it again",
    ),
    "zip with a wrong checksum": (
        zipped(a=GOOD.encode()).replace(zlib.crc32(GOOD.encode()).to_bytes(4, "little"), bytes(4)),
        "invalid_data: the zip archive is broken: Bad CRC-32 for file 'a'; get it again, or pa",
    ),
    "zip whose file leads out": (zipped(**{"../../a.csv": GOOD.encode()}), f"40 rows: {T}"),
    "gzip of many members": (
        b"".join(gzip.compress(line.encode() + b"\n") for line in GOOD.splitlines()),
        f"40 rows: {T}",
    ),
    "gzip of UTF-16": (gzip.compress(GOOD.encode("utf-16")), f"40 rows: {T}"),
    "zip of a file that is packed with bzip2": (
        zipped(zipfile.ZIP_BZIP2, a=GOOD.encode()),
        "invalid_data: the zip archive is packed in an unusual way; pack it again with Deflate, or with gzip",
    ),
    "zip of a file that is packed with LZMA": (
        zipped(zipfile.ZIP_LZMA, a=GOOD.encode()),
        "invalid_data: the zip archive is packed in an unusual way; pack it again with Deflate, or with gzip",
    ),
    "zip of a file that is not packed": (zipped(zipfile.ZIP_STORED, a=GOOD.encode()), f"40 rows: {T}"),
    "gzip of JSON": (gzip.compress(b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n'), "2 rows: a integer, b category"),
}
# fmt: on
