"""Files that hold no table which is read here: known by their first bytes, and refused with what to do."""

import re
import zipfile
from collections.abc import Callable

from lepton_core.errors import InvalidData

_FRAME = "Data.from_pandas(pandas.{})"
_IMAGE = "a table is needed"
_UNPACK = "unpack it, or compress it with gzip"
_R = "write.csv(frame, 'file.csv', row.names=FALSE) in R"
_PAGE = "download the file itself, not the page that shows it"
_PICKLE = "pickles run code and are never opened; write the table with frame.to_parquet('file.parquet')"

_MAGIC = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file, or one with a password",
     "save the sheet as .xlsx without a password, or as CSV"),
    (b"PAR1", "a Parquet file", "Data.from_file(path)"),
    (b"ARROW1", "an Arrow file", "Data.from_file(path)"),
    (b"\xff\xff\xff\xff", "an Arrow stream", "Data.from_file(path)"),
    (b"FEA1", "a Feather file of the first version", _FRAME.format("read_feather(path)")),
    (b"Obj\x01", "an Avro file", "write it as Parquet or CSV"),
    (b"ORC", "an ORC file", _FRAME.format("read_orc(path)")),
    (b"%PDF", "a PDF file", "copy the table into a sheet and save that as CSV"),
    (b"{\\rtf", "an RTF document", "save the table as CSV"),
    (b"SQLite format 3\x00", "an SQLite database", _FRAME.format("read_sql('SELECT * FROM ...', connection)")),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", _FRAME.format("read_hdf(path)")),
    (b"\x93NUMPY", "a NumPy array", "Data.from_arrays(numpy.load(path), y)"),
    (b"\x89PNG", "a PNG image", _IMAGE),
    (b"\xff\xd8\xff", "a JPEG image", _IMAGE),
    (b"GIF8", "a GIF image", _IMAGE),
    (b"\x7fELF", "a program", _IMAGE),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"RDX", "an R data file", _R),
    (b"RDA", "an R data file", _R),
    (b"X\n\x00\x00\x00", "an R data file", _R),
    (b"$FL2", "an SPSS file", _FRAME.format("read_spss(path)")),
    (b"$FL3", "an SPSS file", _FRAME.format("read_spss(path)")),
    (b"<stata_dta>", "a Stata file", _FRAME.format("read_stata(path)")),
    (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00", "a SAS file", _FRAME.format("read_sas(path)")),
    (b"HEADER RECORD*******LIB", "a SAS transport file", _FRAME.format("read_sas(path, format='xport')")),
)  # fmt: skip
"""First bytes, what they tell, and the remedy."""

_PATTERNS = (
    (re.compile(rb"\s*(?:%[^\n]*\n\s*)*@relation\b", re.IGNORECASE), "an ARFF file, as Weka writes it",
     "write it as CSV: one line of names, then the rows below @data"),
    (re.compile(rb"\x80[\x02-\x05][\x95ccq}\](]"), "a Python pickle", _PICKLE),
    (re.compile(rb"[\x6e-\x73][\x01\x02]\x01\x00"), "a Stata file", _FRAME.format("read_stata(path)")),
)  # fmt: skip

_TEXTS = (
    (b"<!doctype html", "a web page", _PAGE),
    (b"<html", "a web page", _PAGE),
    (b"http/1.", "an answer of a web server, not the file alone", "download the file again"),
    (b"<?xml", "an XML file", "write the table as CSV"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file", "git lfs pull"),
)

_ARCHIVES: tuple[tuple[Callable[[str], bool], str, str], ...] = (
    (lambda name: name == "xl/workbook.bin", "a binary Excel file", "save the sheet as .xlsx or CSV"),
    (lambda name: name == "xl/workbook.xml", "an Excel file", "Data.from_file(path)"),
    (lambda name: name == "[Content_Types].xml", "an Office document", "save the table as CSV"),
    (lambda name: name == "content.xml", "an OpenDocument file", "save the sheet as .xlsx or CSV"),
    (lambda name: name.endswith(".npy"), "an archive of NumPy arrays", "Data.from_arrays(numpy.load(path)['X'], y)"),
    (lambda name: name.endswith("/data.pkl"), "a Python pickle", _PICKLE),
)  # fmt: skip
"""What a file in a zip archive tells; the first that fits counts."""


def demand_text(data: bytes) -> None:
    """Raise `InvalidData` that names the file for what it is, if its first bytes tell that it is no text.

    >>> demand_text(b"%PDF...")
    Traceback (most recent call last):
    ...
    lepton_core.errors.InvalidData: this is a PDF file, not CSV; copy the table into a sheet and save that as CSV
    """
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for magic, what, remedy in _MAGIC:
        if data.startswith(magic):
            raise _other(what, remedy)
    for pattern, what, remedy in _PATTERNS:
        if pattern.match(data):
            raise _other(what, remedy)
    for magic, what, remedy in _TEXTS:
        if start.startswith(magic):
            raise _other(what, remedy)


def demand_archive(archive: zipfile.ZipFile) -> None:
    """Raise `InvalidData` that names the file for what it is, if a zip archive is the form of another kind of file."""
    names = archive.namelist()
    for fits, what, remedy in _ARCHIVES:
        if any(map(fits, names)):
            raise _other(what, remedy)


def _other(what: str, remedy: str) -> InvalidData:
    return InvalidData(f"this is {what}, not CSV; {remedy}")
