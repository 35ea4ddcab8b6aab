"""The records in some lines of text, read with care: what is wrong in one must not touch the next."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lepton_core.table.files.values import Dialect

LINE_LETTERS = 1 << 24
"""Most letters of one line."""

_MOST_JOINED = 1 << 20
"""Most letters of a record of several lines."""

_MOST_TRIES = 50
"""So often one looks whether a record ends; more often if it has no more cells than a row, and few failed so."""

_MOST_FAILED = 10_000

_FAR = 50
"""Lines that one looks ahead for the end of quoting that went wrong."""
_MOSTLY = 0.8
_ROWS = 3
"""Lines in between that are rows by themselves, so that the quote above them must be the mistake."""
FEWEST_HIDDEN = 20
"""So many lines of a cell that is closed are hidden rows, if they are rows by themselves: texts seldom have so many.

Fewer are a text as it is written: lines of an address may have as many commas as the table.
"""

OPEN = "a quote is opened and never closed"
BEHIND = "there is text behind a closing quote"
LONG = f"the line is longer than {LINE_LETTERS} letters"
NUL = "it holds a NUL byte"
IS_EMPTY = "the file is empty; a table has the names of its columns in a line, and rows below it"

IS_BINARY = "; a table has none: is it another kind of file, or in an encoding that can be named?"


@dataclass(frozen=True)
class RawRecord:
    """What ``lines`` lines of text, the first of which is ``line``, hold: ``cells``, or the ``fault`` in them.

    ``stray`` says that a cell which is not quoted holds a quote, ``quoted`` how many cells are quoted.
    """

    line: int
    lines: int
    cells: tuple[str, ...]
    fault: str = ""
    stray: bool = False
    quoted: int = 0


@dataclass
class _Tried:
    """How often one looked in vain whether records end."""

    failed: int = 0


@dataclass(frozen=True)
class _Split:
    """The ``cells`` of a text, up to one that is "open", or has text "behind" it; ``rest`` begins with an open one."""

    cells: tuple[str, ...]
    state: Literal["whole", "open", "behind"]
    stray: bool
    quoted: int = 0
    rest: str = ""


def read_records(
    lines: Sequence[str], dialect: Dialect, first: int = 1, width: int | None = None, *, whole: bool = True
) -> Iterator[RawRecord]:
    """The records of ``lines``, each with its end of line; the number of the first of them is ``first``.

    A record of another number of cells than ``width`` has a fault. Blank lines give none. Not ``whole``: the text goes
    on behind the lines, and what is still open at their end gives no record.

    A quote that is opened and not closed properly costs its own line, or all lines up to where quoting is in order
    again; but lines in between which are rows by themselves stay rows.

    >>> for record in read_records(['a,"b\\n', 'c,d\\n'], Dialect(), width=2):
    ...     print(record.line, record.cells, record.fault)
    1 ('a',) a quote is opened and never closed
    2 ('c', 'd')
    """
    at, tried = 0, _Tried()
    while at < len(lines):
        if _is_blank(lines[at], dialect, width):
            at += 1
            continue
        record = _record(lines, at, dialect, first, width, whole, tried)
        if record is None:
            return
        yield record
        at += record.lines


def _is_blank(line: str, dialect: Dialect, width: int | None) -> bool:
    if line.strip(" \r\n"):
        return False
    # Where blanks keep cells apart, as many as a row has say that all its cells are empty.
    by_blanks = dialect.delimiter == " " and not dialect.runs
    return not (by_blanks and line.count(" ") + 1 == width and width > 1)


def split(text: str, dialect: Dialect) -> _Split:
    """The cells of a text without its end of line, and whether its quoting is in order.

    >>> split('1;"x ""y"" z"', Dialect(";")).cells
    ('1', 'x "y" z')
    """
    quote, delimiter = dialect.quote, dialect.delimiter
    if dialect.runs:
        text = text.replace("\t", delimiter).strip(delimiter)
    if not quote or quote not in text:
        cells = re.split(f"{re.escape(delimiter)}+", text) if dialect.runs else text.split(delimiter)
        if dialect.blanks:
            cells = [cell.lstrip(" ") for cell in cells]
        if dialect.escape == "backslash" and "\\" in text:
            cells = [_plain(cell, dialect) for cell in cells]
        return _Split(tuple(cells), "whole", False)
    quoted, opening = _patterns(dialect)
    found: list[str] = []
    at, stray, marked = 0, False, 0
    while True:
        start = opening.match(text, at)
        if start is not None:
            cell = quoted.match(text, start.end())
            if cell is None:
                return _Split((*found,), "open", stray, marked, text[at:])
            found.append(_plain(cell[1], dialect))
            marked += 1
            end = cell.end()
            if end < len(text) and not text.startswith(delimiter, end):
                return _Split((*found,), "behind", stray)
        else:
            end = text.find(delimiter, at)
            end = len(text) if end < 0 else end
            plain = text[at:end].lstrip(" ") if dialect.blanks else text[at:end]
            is_escaped = dialect.escape == "backslash" and "\\" in plain
            stray = stray or quote in (_escaped(quote).sub("", plain) if is_escaped else plain)
            found.append(_plain(plain, dialect) if is_escaped else plain)
        if end >= len(text):
            return _Split((*found,), "whole", stray, marked)
        at = end + len(delimiter)
        while dialect.runs and text.startswith(delimiter, at):
            at += len(delimiter)


@lru_cache(maxsize=64)
def _patterns(dialect: Dialect) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of what is in quotes, behind the first; and of the first quote."""
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    blanks = "" if dialect.delimiter == " " else " *"
    inside = {
        "doubled": f"([^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+){quote}{blanks}",
        "backslash": rf"([^{quote}\\]*+(?:\\.[^{quote}\\]*+)*+){quote}{blanks}",
        "nothing": rf"(.*?){quote}{blanks}(?={delimiter}|\Z)",
    }[dialect.escape]
    return re.compile(inside, re.DOTALL), re.compile((blanks if dialect.blanks else "") + quote)


def _plain(text: str, dialect: Dialect) -> str:
    quote = dialect.quote
    if dialect.escape == "doubled":
        return text.replace(quote * 2, quote)
    if dialect.escape == "backslash":
        return _escaped(quote).sub(lambda found: found[1], text)
    return text


@lru_cache(maxsize=16)
def _escaped(quote: str) -> re.Pattern[str]:
    return re.compile(rf"\\([\\{re.escape(quote)}])")


def _record(
    lines: Sequence[str],
    at: int,
    dialect: Dialect,
    first: int,
    width: int | None,
    whole: bool,
    tried: _Tried,
) -> RawRecord | None:
    line, text = first + at, lines[at].rstrip("\r\n")
    if len(text) > LINE_LETTERS:
        return RawRecord(line, 1, (), LONG)
    if "\0" in text:
        return RawRecord(line, 1, split(text[: text.index("\0")], dialect).cells[:-1], NUL)
    parts = split(text, dialect)
    if parts.state == "whole":
        return _checked(RawRecord(line, 1, parts.cells, stray=parts.stray, quoted=parts.quoted), width)
    if parts.state == "open":
        record, unfinished = _longer(lines, at, dialect, line, width, tried)
        if record is not None and _hides_rows(lines[at : at + record.lines], parts, dialect, width):
            record = None
        broken = RawRecord(line, 1, parts.cells, OPEN) if record is None else _checked(record, width)
    else:
        end = _broken_until(lines, at, dialect)
        unfinished = end is None
        broken = RawRecord(line, 1 if end is None else end - at + 1, parts.cells, BEHIND)
    return None if unfinished and not whole else _kept(broken, lines, at, dialect, width)


def _longer(
    lines: Sequence[str], at: int, dialect: Dialect, line: int, width: int | None, tried: _Tried
) -> tuple[RawRecord | None, bool]:
    """The record that begins with line ``at`` and goes on below, if its quote is closed; and whether it may be yet."""
    most = width or lines[0].count(dialect.delimiter)
    goes_on = dialect.escape == "doubled" and not dialect.runs  # each try ends a cell, which is done with
    cells, stray, quoted = list[str](), False, 0
    text, tries, size = [lines[at]], 0, len(lines[at])
    for end in range(at + 1, len(lines)):
        text.append(lines[end])
        size += len(lines[end])
        is_hopeless = not goes_on or len(cells) > most or tried.failed > _MOST_FAILED
        if size > _MOST_JOINED or (tries > _MOST_TRIES and is_hopeless):
            tried.failed += tries
            return None, False
        inside = lines[end].replace(dialect.quote * 2, "") if dialect.escape == "doubled" else lines[end]
        if dialect.quote not in inside:  # nothing closes the cell
            continue
        tries += 1
        joined = "".join(text)
        plain = joined.rstrip("\r\n")
        parts = split(plain, dialect)
        if dialect.escape == "nothing" and any(
            "\n" in cell and dialect.quote in cell for cell in parts.cells
        ):
            return None, False  # nothing tells where such a cell ends
        if parts.state == "behind":
            return None, False
        if parts.state == "open" and dialect.runs:  # there the blanks around all of a text count
            continue
        cells += parts.cells
        stray, quoted = stray or parts.stray, quoted + parts.quoted
        if parts.state == "whole":
            return RawRecord(line, end - at + 1, tuple(cells), stray=stray, quoted=quoted), False
        text = [parts.rest + joined[len(plain) :]]
    tried.failed += tries
    return None, True


def _hides_rows(lines: Sequence[str], first: _Split, dialect: Dialect, width: int | None) -> bool:
    """Whether the ``lines`` of a record are rows by themselves, the ``first`` and the last with a quote in a text.

    Two quotes that belong to no other, such as those of `"open` and `5"`, make a cell of all that is between them.
    """
    if width is None or width < 2 or len(lines) < FEWEST_HIDDEN + 2:
        return False
    begun = len(first.cells) + 1 + first.rest.count(dialect.delimiter)
    last = split(lines[-1].rstrip("\r\n"), dialect)
    if begun != width or last.state != "whole" or len(last.cells) != width:
        return False
    between = lines[1:-1]
    return sum(_row_cells(line, dialect) == width for line in between) >= _MOSTLY * len(between)


def may_hide_rows(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell in quotes has lines between its first and its last one that may be rows of so many cells.

    >>> may_hide_rows("open,1" + "\\n2,3" * 20 + "\\n8", ",", 2), may_hide_rows("a" + "\\nb" * 21, ",", 2)
    (True, False)
    """
    if cell.count("\n") <= FEWEST_HIDDEN:
        return False
    between = cell.split("\n")[1:-1]
    return sum(line.count(delimiter) >= width - 1 for line in between) >= _MOSTLY * len(between)


def _checked(record: RawRecord, width: int | None) -> RawRecord:
    if width is None or len(record.cells) == width:
        return record
    return RawRecord(
        record.line, record.lines, record.cells, f"{len(record.cells)} cells, where the header has {width}"
    )


def _kept(record: RawRecord, lines: Sequence[str], at: int, dialect: Dialect, width: int | None) -> RawRecord:
    """``record``, or its first line alone if nearly all below are rows by themselves."""
    between = lines[at + 1 : at + record.lines - 1]
    if record.fault and between and (len(between) >= _ROWS or (record.fault == BEHIND and width is not None)):
        counts = Counter(filter(None, (_row_cells(other, dialect) for other in between)))
        wanted = max(counts, key=lambda cells: counts[cells], default=1) if width is None else width
        if wanted > 1 and counts[wanted] >= _MOSTLY * len(between):
            return RawRecord(record.line, 1, record.cells, OPEN)
    return record


def _broken_until(lines: Sequence[str], at: int, dialect: Dialect) -> int | None:
    """The line in which the quotes that are odd in line ``at`` are even again; that line if they are even there.

    Also if no line near has them; None if the lines end before.
    """
    if lines[at].count(dialect.quote) % 2 == 0:
        return at
    for end in range(at + 1, at + _FAR):
        if end == len(lines):
            return None
        if lines[end].count(dialect.quote) % 2:
            return end
    return at


def _row_cells(text: str, dialect: Dialect) -> int:
    """The number of cells of a line that is a row by itself; 0 of another."""
    parts = split(text.rstrip("\r\n"), dialect)
    return len(parts.cells) if parts.state == "whole" and not parts.stray else 0
