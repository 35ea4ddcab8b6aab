"""What a file is, found by its content, and its columns if its cells are typed."""

from lepton_core.artifact import is_container
from lepton_core.table.files.encoding import as_utf8
from lepton_core.table.files.streams import PACKED, ZIPS
from lepton_core.table.files.unpacking import unpacked
from lepton_core.table.formats.arrow import ARROW_FILE, ARROW_STREAM, PARQUET, read_arrow, read_parquet
from lepton_core.table.formats.excel import is_excel, read_excel
from lepton_core.table.formats.given_file import GivenFile
from lepton_core.table.formats.json_rows import read_json
from lepton_core.table.formats.json_text import is_json
from lepton_core.table.given_container import given_from_container
from lepton_core.table.reading_options import ReadingOptions

_HEAD = 4096


def open_file(data: bytes, reading: ReadingOptions, *, every_row: bool = False) -> bytes | GivenFile:
    r"""The columns in ``data`` if it is JSON, Parquet, Arrow, Excel or the platform's container; else the text in it.

    It may be packed (gzip, bzip2, xz, zip); then that text is unpacked. Of ``reading`` count ``exclude``, whose columns
    may hold what is no cell, for JSON ``encoding`` and ``bad_rows``, for Excel ``sheet``, ``header``, ``names`` and, if
    it is 0, ``bad_rows``. With ``every_row`` no number of rows that cannot be read refuses the file, see `GivenFile`.

    Raises what the reader of the format raises, and `InvalidData` if that needs a library that is not installed.

    >>> open_file(b"a,b\n1,2\n", ReadingOptions())
    b'a,b\n1,2\n'
    >>> open_file(b'{"a": 1, "b": "x"}\n', ReadingOptions()).table.names
    ('a', 'b')
    """
    if is_container(data):
        return GivenFile(given_from_container(data))
    if is_excel(data):
        return read_excel(data, reading.options, reading.sheet)
    plain = unpacked(data)
    exclude = reading.exclude or ()
    if plain.startswith(PARQUET):
        return read_parquet(plain, exclude, every_row=every_row)
    if plain.startswith((ARROW_FILE, ARROW_STREAM)):
        return read_arrow(plain, exclude, every_row=every_row)
    head = as_utf8(plain[:_HEAD])
    if is_json(head.data[head.start :]):
        return read_json(plain, reading.options, exclude, every_row=every_row)
    return plain


def is_packed(data: bytes) -> bool:
    r"""Whether another file is packed in ``data``, which is no Excel file.

    >>> is_packed(b"\x1f\x8b\x08"), is_packed(b"a,b\n")
    (True, False)
    """
    return data.startswith((*PACKED, *ZIPS)) and not is_excel(data)


def is_plain_text(head: bytes) -> bool:
    """Whether a file that begins so is a text of lines, or packed in one way or another, and no zip archive.

    >>> is_plain_text(b"a,b\\n1,2\\n"), is_plain_text(b'{"a": 1}\\n'), is_plain_text(b"PAR1")
    (True, False, False)
    """
    text = as_utf8(head)
    others = (*ZIPS, PARQUET, ARROW_FILE, ARROW_STREAM)
    return not (is_container(head) or head.startswith(others) or is_json(text.data[text.start :]))
