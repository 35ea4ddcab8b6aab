"""Formulas of which an Excel file keeps no value: programs that do not calculate write such files."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from html import unescape

_BOOK = "xl/workbook.xml"
_PLACES = "xl/_rels/workbook.xml.rels"

_P = rb"(?:[\w.-]+:)?"
_WITHOUT = re.compile(
    rb"<" + _P + rb"c\s([^<>]*)>\s*"
    rb"<" + _P + rb"f(?:\s[^<>]*)?(?:/>|>[^<]*</" + _P + rb"f>)\s*+"
    rb"(?:<" + _P + rb"v\s*/>|<" + _P + rb"v>\s*</" + _P + rb"v>)?\s*"
    rb"</" + _P + rb"c>"
)
_COLUMN = re.compile(rb"""(?:^|\s)r=["']([A-Z]{1,3})""")
_TEXT = re.compile(rb"""(?:^|\s)t=["']str["']""")
_ATTRIBUTE = re.compile(r"""(?<![\w:.-])([\w:.-]+)=(?:"([^"]*)"|'([^']*)')""")


def columns_without_value(piece: bytes) -> Counter[bytes]:
    r"""How many formulas without a value each column has in a ``piece`` of a sheet, which is cut between cells.

    A formula whose value is an empty text has one.

    >>> columns_without_value(b'<c r="B2"><f>A2*2</f><v/></c><c r="C2" t="str"><f>A2</f><v></v></c>')
    Counter({b'B': 1})
    """
    if b"<f" not in piece and b":f" not in piece:
        return Counter()
    cells = (found[1] for found in _WITHOUT.finditer(piece))
    columns = (_COLUMN.search(cell) for cell in cells if not _TEXT.search(cell))
    return Counter(found[1] for found in columns if found)


def member_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Where in the ``archive`` that an Excel file is the ``sheet`` stands; None if that is not told."""
    try:
        book, places = (archive.read(name).decode("utf-8", "replace") for name in (_BOOK, _PLACES))
    except KeyError:
        return None
    key = next((one.get("r:id") for one in _elements(book, "sheet") if one.get("name") == sheet), None)
    known = {one.get("Id"): one.get("Target", "") for one in _elements(places, "Relationship")}
    target = known.get(key)
    if not key or not target:
        return None
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _elements(text: str, name: str) -> Iterator[dict[str, str]]:
    for found in re.finditer(rf"<(?:[\w.-]+:)?{name}\s([^<>]*)>", text):
        yield {key: unescape(one or other) for key, one, other in _ATTRIBUTE.findall(found[1])}
