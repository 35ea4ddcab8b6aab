"""What an Excel file grows to, told before a library opens it: how much it unpacks to, and how far its cells reach.

A library holds a sheet as a rectangle, so that two cells far apart, a few bytes, would take all memory there is; and it
holds a text once for each cell that has it.
"""

import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator

from lepton_core.errors import InvalidData, TooLarge
from lepton_core.table.files import MOST_BYTES
from lepton_core.table.files.streams import decompressed, small_parts
from lepton_core.table.files.unpacking import most_of
from lepton_core.table.formats.excel_formulas import columns_without_value
from lepton_core.table.formats.given_file import demand_dense

_LONGEST = 1 << 16
_MARKS = (b"<row", b":row", b"<c ", b":c ")
"""Where a row or a cell begins, also with a prefix before its name."""


# Each begins at the "<" of an element, and looks no further than the next one: a text is passed over once.
_CELL = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
_PLACE = re.compile(rb"""<(?:[\w.-]+:)?c\s(?:[^<>]*?\s)?r=["']([A-Z]{1,3})([1-9][0-9]{0,6})["']""")
_SHARED = re.compile(rb"""<(?:[\w.-]+:)?c(?>[^<>]*?\st=["']s["'])[^<>]*>\s*<[^<>]*?v>([0-9]{1,9})<""")
_TEXT = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")
_TEXTS = "xl/sharedStrings.xml"


def demand_bounded(data: bytes, archive: zipfile.ZipFile) -> dict[str, Counter[int]]:
    """Raise `TooLarge` if ``data``, the ``archive`` that an Excel file is, would take far more memory than its length
    tells.

    Return how many formulas without a value each part of it has, by the number of their column, from 1. `InvalidData`
    for cells that do not say where they stand, and for parts that are encrypted.
    """
    most = most_of(sum(one.compress_size for one in archive.infolist()))
    octets = 0
    reaches: list[tuple[int, int]] = []
    texts: Counter[int] = Counter()
    formulas: dict[str, Counter[int]] = {}
    for member in archive.infolist():
        if member.flag_bits & 1:
            raise InvalidData("the Excel file is encrypted; save it without a password")
        columns = rows = 0
        for piece in _pieces(data, member):
            octets += len(piece)
            if octets > most:
                raise TooLarge(f"the Excel file unpacks to more than {most} bytes")
            places = _PLACE.findall(piece)
            if len(places) != len(_CELL.findall(piece)):
                raise InvalidData(
                    "the cells of the Excel file do not say where they stand; save it again with Excel"
                )
            if places:
                columns = max(columns, *map(_column, {letters for letters, _ in places}))
                rows = max(rows, *map(int, {digits for _, digits in places}))
            if b't="s"' in piece or b"t='s'" in piece:
                texts.update(map(int, _SHARED.findall(piece)))
            for letters, many in columns_without_value(piece).items():
                formulas.setdefault(member.filename, Counter())[_column(letters)] += many
        reaches.append((rows, columns))
    for rows, columns in reaches:
        demand_dense(rows, columns, octets)
    _demand_texts(data, archive, texts)
    return formulas


def _pieces(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """What the member unpacks to, cut between cells."""
    rest = b""
    for piece in _unpacked(data, member):
        joined = rest + piece
        # A ":c " may as well stand in a text, where the "<" before it is that of another element.
        begins = joined.rfind(b"<", 0, 1 + max(joined.rfind(mark) for mark in _MARKS))
        cut = (
            begins if begins > len(joined) - _LONGEST else max(0, joined.rfind(b"<"), len(joined) - _LONGEST)
        )
        rest = joined[cut:]
        yield joined[:cut]
    yield rest


def _unpacked(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """All that is there, whatever length the archive gives: so does a library read it."""
    lengths = data[member.header_offset + 26 : member.header_offset + 30]
    start = member.header_offset + 30 + sum(struct.unpack("<HH", lengths))
    packed = data[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise InvalidData("the Excel file is packed in an unusual way; save it again with Excel")
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for part in small_parts([packed]):
        yield from decompressed(stream, part)
        if stream.eof:
            return
    raise InvalidData("the Excel file is broken: it ends too early")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _demand_texts(data: bytes, archive: zipfile.ZipFile, used: Counter[int]) -> None:
    if not used or _TEXTS not in archive.namelist():
        return
    texts = b"".join(_unpacked(data, archive.getinfo(_TEXTS)))
    begins = [found.start() for found in _TEXT.finditer(texts)]
    ends = [*begins[1:], len(texts)]
    total = sum(count * (ends[one] - begins[one]) for one, count in used.items() if one < len(begins))
    if total > MOST_BYTES:
        raise TooLarge(f"the texts of the Excel file take more than {MOST_BYTES} bytes")
