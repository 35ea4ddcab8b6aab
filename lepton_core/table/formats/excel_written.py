"""Further cells in a sheet of an Excel file: everything else in the file stays as it is."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from lepton_core.errors import InvalidData, TooLarge
from lepton_core.table.formats.excel_formulas import member_of

_MOST_COLUMNS, _MOST_LETTERS = 16_384, 32_767
"""What a sheet, and a cell, of Excel holds."""

_ROW = re.compile(rb"<((?:[\w.-]+:)?)row(\s[^<>]*?)?(/?)>")
_NUMBER = re.compile(rb"""\sr=["']([1-9][0-9]{0,6})["']""")
_PLACE = re.compile(rb"""<(?:[\w.-]+:)?c\s(?:[^<>]*?\s)?r=["']([A-Z]{1,3})([1-9][0-9]{0,6})["']""")
_SPANS = re.compile(rb"""\sspans=["'][^"']*["']""")
_REACH = re.compile(rb"<(?:[\w.-]+:)?dimension\s[^<>]*/>")
_BARRED = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def with_cells(data: bytes, sheet: str, cells: Iterator[tuple[int, Sequence[Any]]]) -> bytes:
    """The Excel file ``data``, in whose ``sheet`` each row has further ``cells`` behind those of all rows.

    They come with the number of their row, from 1, in order. Numbers are written with all digits, other cells as texts
    whatever they look like, and a missing one is none. Formats, formulas and other sheets stay.

    Raises `TooLarge` if the sheet has no room for them, and `InvalidData` for one that is written in an unusual way.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        member = member_of(given, sheet)
        if given.namelist().count(member or "") != 1:
            raise InvalidData(f"the sheet {sheet[:80]!r} cannot be written again; send it as CSV")
        for one in given.infolist():
            text = given.read(one)
            made.writestr(one, b"".join(_pieces(text, cells)) if one.filename == member else text)
    return out.getvalue()


def _pieces(text: bytes, cells: Iterator[tuple[int, Sequence[Any]]]) -> Iterator[bytes]:
    """The sheet's XML with the further cells, piece by piece."""
    # In a comment, or in a text that is marked as one, stand rows that are none.
    if b"<!" in text or text.count(b"<?") > 1:
        raise InvalidData("the sheet is written in an unusual way; send it as CSV")
    first = 1 + max((_number(letters) for letters in {one[0] for one in _PLACE.findall(text)}), default=0)
    coming = next(cells, None)
    at = number = 0
    prefix = b""
    while (found := _ROW.search(text, at)) is not None:
        prefix, attributes = found[1], found[2] or b""
        inside, end = (b"", found.end()) if found[3] else _inside(text, found.end(), prefix)
        number = _row_number(attributes, inside, number)
        yield _REACH.sub(b"", text[at : found.start()])
        while coming is not None and coming[0] < number:
            yield _row(prefix, b' r="%d"' % coming[0], b"", first, coming)
            coming = next(cells, None)
        if coming is not None and coming[0] == number:
            yield _row(prefix, _SPANS.sub(b"", attributes), inside, first, coming)
            coming = next(cells, None)
        else:
            yield text[found.start() : end]
        at = end
    if not at:
        raise InvalidData("the sheet cannot be written again; send it as CSV")
    while coming is not None:
        yield _row(prefix, b' r="%d"' % coming[0], b"", first, coming)
        coming = next(cells, None)
    yield text[at:]


def _inside(text: bytes, begin: int, prefix: bytes) -> tuple[bytes, int]:
    """What stands in a row whose cells ``begin`` there, and where the row ends."""
    closing = b"</%brow>" % prefix
    end = text.find(closing, begin)
    if end < 0:
        raise InvalidData("a row of the sheet has no end; send it as CSV")
    return text[begin:end], end + len(closing)


def _row_number(attributes: bytes, inside: bytes, before: int) -> int:
    said = _NUMBER.search(attributes)
    if said is not None:
        return int(said[1])
    place = _PLACE.search(inside)
    return before + 1 if place is None else int(place[2])


def _row(
    prefix: bytes, attributes: bytes, inside: bytes, first: int, coming: tuple[int, Sequence[Any]]
) -> bytes:
    number, cells = coming
    if first + len(cells) - 1 > _MOST_COLUMNS:
        raise TooLarge(f"the sheet has no room for {len(cells)} more columns; send it as CSV")
    added = [_cell(prefix, _letters(first + at), number, cell) for at, cell in enumerate(cells)]
    return b"<%brow%b>%b%b</%brow>" % (prefix, attributes, inside, b"".join(added), prefix)


def _cell(prefix: bytes, letters: str, number: int, cell: Any) -> bytes:
    if cell is None:
        return b""
    name, place = prefix.decode(), f'r="{letters}{number}"'
    if isinstance(cell, int | float):
        return f"<{name}c {place}><{name}v>{cell!r}</{name}v></{name}c>".encode()
    told = _BARRED.sub(lambda one: f"_x{ord(one[0]):04X}_", str(cell)[:_MOST_LETTERS]).translate(_ESCAPES)
    text = f'<{name}is><{name}t xml:space="preserve">{told}</{name}t></{name}is>'
    return f'<{name}c {place} t="inlineStr">{text}</{name}c>'.encode()


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _letters(number: int) -> str:
    """What Excel calls the column of this ``number``, from 1.

    >>> _letters(1), _letters(26), _letters(27), _letters(16_384)
    ('A', 'Z', 'AA', 'XFD')
    """
    before, last = divmod(number - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)
