"""The rows of some lines in which nothing is wrong, by the csv module."""

import csv
import io
import re
from dataclasses import dataclass
from functools import lru_cache

from lepton_core.table.files.lines import may_hide_rows
from lepton_core.table.files.values import Dialect

_LINE_END = re.compile("\r\n?|\n")


@dataclass(frozen=True)
class PlainRows:
    """The ``rows`` of so many ``lines``, of which so many are ``blank``.

    ``stray`` are the lines, counted from 0, with which rows begin that have a quote in a cell that is not quoted: it is
    part of the text.
    """

    rows: list[list[str]]
    lines: int
    blank: int
    stray: list[int]


def read_plainly(text: str, dialect: Dialect, width: int) -> PlainRows | None:
    r"""All rows of ``text``, each of ``width`` cells; None if something is wrong in one.

    >>> read_plainly('1,"a, b"\n4",5"\n', Dialect(), 2)
    PlainRows(rows=[['1', 'a, b'], ['4"', '5"']], lines=2, blank=0, stray=[1])
    """
    quoted = bool(dialect.quote) and dialect.quote in text
    escaped = dialect.escape == "backslash" and "\\" in text
    if width == 1 or dialect.runs or "\0" in text or escaped or (quoted and dialect.escape == "nothing"):
        return None
    is_opened = quoted and _opening(dialect).search(text) is not None
    if is_opened and (text.count(dialect.quote) % 2 or _misplaced(dialect).search(text)):
        return None
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if is_opened else csv.QUOTE_NONE,
        skipinitialspace=dialect.blanks,
        strict=True,
    )
    try:
        found = list(reader)
    except csv.Error:
        return None
    rows = list(filter(None, found))
    if reader.line_num > len(found) and any(
        may_hide_rows(cell, dialect.delimiter, width) for row in rows for cell in row
    ):
        return None
    if not {width}.issuperset(map(len, rows)):
        return None
    return PlainRows(rows, reader.line_num, len(found) - len(rows), _stray(text, dialect) if quoted else [])


def _stray(text: str, dialect: Dialect) -> list[int]:
    """The lines with which rows begin that have a quote in a cell that is not quoted; all other quotes are closed."""
    plain = _whole(dialect).sub(lambda cell: cell[1] + "\0" * len(_LINE_END.findall(cell[2])), text)
    found, inside = list[int](), 0
    for at, row in enumerate(io.StringIO(plain, newline="")):
        if dialect.quote in row:
            found.append(at + inside)
        inside += row.count("\0")
    return found


@lru_cache(maxsize=16)
def _misplaced(dialect: Dialect) -> re.Pattern[str]:
    """A quote that has other text on both sides: it neither opens nor closes a cell, nor is it doubled."""
    other = f"[^{re.escape(dialect.delimiter + dialect.quote)}\r\n{' ' if dialect.blanks else ''}]"
    return re.compile(f"{re.escape(dialect.quote)}(?<={other}.){other}")


@lru_cache(maxsize=16)
def _opening(dialect: Dialect) -> re.Pattern[str]:
    """A quote that begins a cell, behind what is in front of it."""
    blanks = " *+" if dialect.blanks else ""
    return re.compile(f"((?:^|[{re.escape(dialect.delimiter)}\r\n]){blanks}){re.escape(dialect.quote)}")


@lru_cache(maxsize=16)
def _whole(dialect: Dialect) -> re.Pattern[str]:
    """A cell in quotes, behind what is in front of it."""
    quote = re.escape(dialect.quote)
    return re.compile(f"{_opening(dialect).pattern}([^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+){quote}")
