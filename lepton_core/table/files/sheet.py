"""A text file as names and rows of cells, whatever its encoding and dialect and wherever its names stand."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.remedy import call
from lepton_core.table.files.dialect import DELIMITERS, find_dialect
from lepton_core.table.files.encoding import Decoded, as_utf8
from lepton_core.table.files.few_wrong import demand_few
from lepton_core.table.files.header import Found, find_header
from lepton_core.table.files.lines import IS_BINARY, LINE_LETTERS, LONG, RawRecord, read_records
from lepton_core.table.files.names import MOST_COLUMNS, name_columns
from lepton_core.table.files.records import (
    Body,
    RowTally,
    SomeRows,
    read_blocks,
    read_rows,
)
from lepton_core.table.files.splitting import block_bytes
from lepton_core.table.files.two_tables import header_within
from lepton_core.table.files.unpacking import unpack
from lepton_core.table.files.values import Dialect, Note, Options, SetAside
from lepton_core.table.files.wrapped import are_wrapped, unwrapped

CHUNK_ROWS = 3_072
"""Rows of a chunk if nothing else is said."""

_SAMPLE_BYTES = 1 << 16
_SAMPLE_LINES = 20
_MOST_SAMPLE = 1 << 24
_MOST_LINES = 1000
_MOST_QUOTED = 1 << 20
_MANY_MARKS = 4
_IN_TEXTS = "\t\n\v\f\r\x1a\x1b"

_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


_ALONE = re.compile(rb"(?<![\r\n])\r(?![\r\n])")
_MANY_ALONE = 10
"""Of so many lines one that ends with a carriage return alone is no mishap: these end lines as line feeds do."""

_OBJECT = re.compile(r"""\{\s*["'].*:.*\},?""")

_NEXT_LINE = "\x85".encode()
_LONE_NEXT_LINE = re.compile(rb"(?<![\x80-\xff])\x85(?![\x80-\xff])")
"""In an encoding with letters of several bytes it would have another such byte beside it."""

_OTHER_ENDS = {
    "U+001E (a record separator)": b"\x1e",
    "U+0085 (a next line)": _NEXT_LINE,
    "U+2028 (a line separator)": "\u2028".encode(),
    "U+2029 (a paragraph separator)": "\u2029".encode(),
    "a vertical tab": b"\x0b",
    "a form feed": b"\x0c",
}


class Sheet:
    """The names of the columns of a text file, and its rows.

    ``dialect`` says how cells are kept apart, ``encoding`` what the bytes were. ``notes`` are what was guessed, dropped
    or renamed. ``names_made_up`` says that the file gives no names. After a pass over `chunks`, ``set_aside`` has the
    first hundred rows that cannot be read, ``set_aside_count`` says how many there are, and ``notes`` has what the rows
    showed.
    """

    def __init__(
        self, body: Body, options: Options, encoding: str, notes: tuple[Note, ...], made_up: bool
    ) -> None:
        self.names: tuple[str, ...] = body.names
        self.dialect = body.dialect
        self.encoding = encoding
        self.names_made_up = made_up
        self.body = body
        self._options = options
        self._notes = notes
        self._tally = RowTally()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was guessed, dropped or renamed."""
        return self._notes + self._tally.notes()

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """The first rows that the last whole pass could not read."""
        return tuple(self._tally.set_aside)

    @property
    def set_aside_count(self) -> int:
        """All rows that the last whole pass could not read."""
        return self._tally.set_aside_count

    def chunks(self, size: int = CHUNK_ROWS) -> Iterator[list[list[str]]]:
        """The rows, at most ``size`` at a time, from the beginning at each call; each has as many cells as names.

        Raises `InvalidData`, behind the last row, if more of them cannot be read than the options allow.
        """
        tally = self._begun()
        yield from read_rows(self.body, tally, size)
        self._end(tally)

    def blocks(self) -> Iterator[SomeRows]:
        """The rows of `chunks`, many at a time; where nothing is wrong no texts are made of them."""
        tally = self._begun()
        yield from read_blocks(self.body, tally)
        self._end(tally)

    @property
    def keeps_all(self) -> bool:
        """Whether a last row that looks like a total is a row: somebody said that none is left out."""
        return self._options.bad_rows == 0

    def _begun(self) -> RowTally:
        return RowTally(share=self._options.bad_rows or 0.0, keeps_all=self.keeps_all)

    def _end(self, tally: RowTally) -> None:
        self._tally = tally
        demand_few(tally, self._options, self.dialect.delimiter)


def open_sheet(
    data: bytes,
    options: Options = Options(),  # noqa: B008
    *,
    most_bytes: int | None = None,
    ends: tuple[int, int] | None = None,
) -> Sheet:
    """The sheet in ``data``, the bytes of a text file or of one that is packed.

    What the ``options`` do not say is found out, and noted if it is a guess. Packed data may grow to ``most_bytes``;
    if nothing is said, as `unpacking.unpacked` lets them. Where ``data`` is the beginning of a file, ``ends`` are the
    numbers of the first and of the last column that have a cell in any row; 0 if none has.

    Raises `InvalidData` for what is no text, an empty file, a header that does not fit, two header lines;
    `InvalidInput` for options that cannot be; `TooLarge` for packed data that grow too much.

    >>> sheet = open_sheet("Report;;\\nage;town;paid\\n31;Bonn;1\\n47;Köln;0\\n".encode("latin-1"))
    >>> sheet.names, list(sheet.chunks()), sheet.dialect.delimiter
    (('age', 'town', 'paid'), [[['31', 'Bonn', '1'], ['47', 'Köln', '0']]], ';')
    >>> [note.code for note in sheet.notes]
    ['encoding', 'delimiter', 'lines_above']
    """
    _demand_share(options)
    plain = unpack(data, most_bytes)
    text = _with_line_feeds(as_utf8(plain, options.encoding), plain)
    said, start, skipped = _separator(text, options)
    lines, whole = _sample(text, start)
    _demand_columns(lines)
    _demand_no_objects(lines)
    wrapped = options.quote is None and are_wrapped(lines)
    if wrapped:
        text, start = unwrapped(text, start), 0
        lines, whole = _sample(text, start)
    dialect = find_dialect(lines, said)
    records = list(read_records(lines, dialect, 1 + skipped))
    _demand_text(records)
    bars = dialect.delimiter == "|"
    found = find_header(records, options, bars=bars)
    rows = [one.cells for one in records[found.body :] if not one.fault and len(one.cells) == found.width]
    header = None if found.header is None else found.header.cells
    first = records[found.body] if found.body < len(records) else None
    whole_rows = Body(
        data=text.data,
        start=_offset(text, start, lines, first, skipped),
        line=first.line if first is not None else 1 + skipped + len(lines),
        dialect=dialect,
        width=found.width,
        first=0,
        last=found.width,
        names=("",) * found.width,
        header=None if header is None else list(header),
        block_bytes=block_bytes(found.width),
        wrapped=wrapped,
    )
    columns = name_columns(
        header,
        rows,
        found.width,
        options,
        ends=lambda: ends or ((0, 0) if whole else ends_of(whole_rows)),
        bars=bars,
    )
    body = replace(whole_rows, first=columns.start, last=columns.stop, names=columns.names)
    within = header_within(records, found.body, found.width, header)
    notes = (*text.notes, *_dialect_notes(dialect, said, found), *found.notes, *columns.notes, *within)
    return Sheet(body, options, text.encoding, notes, columns.made_up)


def _demand_share(options: Options) -> None:
    share = options.bad_rows
    if share is not None and not 0 <= share <= 1:
        raise InvalidInput("must be a share from 0 to 1", field="bad_rows")


def _with_line_feeds(text: Decoded, plain: bytes) -> Decoded:
    """Lines that end with a carriage return alone, as old Macs wrote them, end with a line feed.

    ``plain`` are the bytes that became the ``text``.
    """
    if b"\r" not in text.data[text.start : text.start + _MOST_SAMPLE]:
        _demand_line_ends(text, plain)
        return text
    if b"\n" not in text.data:
        return replace(text, data=text.data[text.start :].replace(b"\r", b"\n"), start=0)
    head = text.data[text.start : text.start + _SAMPLE_BYTES]
    alone = len(_ALONE.findall(head))
    if alone * _MANY_ALONE <= head.count(b"\n") or b'"' in text.data:
        return text
    return replace(text, data=_ALONE.sub(b"\n", text.data[text.start :]), start=0)


def _next_lines(plain: bytes) -> int:
    """How many U+0085 the bytes have as UTF-8 or Latin-1 writes it: once read they are letters, or an ellipsis."""
    return plain.count(b"\xc2\x85") or len(_LONE_NEXT_LINE.findall(plain))


def _demand_line_ends(text: Decoded, plain: bytes) -> None:
    """Refuse a file of one line in which another sign ends what are lines."""
    if b"\n" in text.data:
        return
    for name, mark in _OTHER_ENDS.items():
        many = text.data.count(mark, text.start)
        many = many or (_next_lines(plain) if mark == _NEXT_LINE else 0)
        if many > 1:
            raise InvalidData(
                f"line 1: it is the only line, and {name} is {many} times in it; if that ends the lines of the table, "
                "put line feeds in its place"
            )


def _separator(text: Decoded, options: Options) -> tuple[Options, int, int]:
    """What a first line ``sep=;`` says, as Excel writes it, and where the next line begins."""
    end = text.data.find(b"\n", text.start, text.start + 20)
    if end < 0:
        return options, text.start, 0
    said = _SEPARATOR.fullmatch(text.data[text.start : end].decode("utf-8", "replace"))
    if said is None:
        return options, text.start, 0
    return replace(options, delimiter=options.delimiter or said[1]), end + 1, 1


def _sample(text: Decoded, start: int) -> tuple[list[str], bool]:
    """The first lines, and whether they are all."""
    data = text.data
    stop = start
    for number in range(_MOST_LINES):
        if stop >= len(data) or (number >= _SAMPLE_LINES and stop - start > _SAMPLE_BYTES):
            break
        end = data.find(b"\n", stop, start + _MOST_SAMPLE) + 1 or min(len(data), start + _MOST_SAMPLE)
        if end == start + _MOST_SAMPLE and stop > start:
            break
        stop = end
        if stop == start + _MOST_SAMPLE:
            break
    stop = _behind_quotes(data, start, stop)
    lines = data[start:stop].decode("utf-8", "replace").split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else []), stop == len(data)


def _behind_quotes(data: bytes, start: int, stop: int) -> int:
    """``stop``, or the end of the line in which the quotes that are open there are closed, if that is near."""
    end = data.find(b'"', stop, stop + _MOST_QUOTED) if data.count(b'"', start, stop) % 2 else -1
    return stop if end < 0 else data.find(b"\n", end) + 1 or len(data)


def _demand_columns(lines: list[str]) -> None:
    for number, line in enumerate(lines[:3], start=1):
        if number == 1 and len(line) >= LINE_LETTERS:
            raise InvalidData(f"line 1: {LONG}; a table has lines: is it another kind of file?")
        if len(line) < MOST_COLUMNS or '\\"' in line:
            continue
        outside = "".join(line.split('"')[::2])
        cells = max(outside.count(mark) for mark in DELIMITERS.strip())
        if cells >= MOST_COLUMNS:
            raise InvalidData(f"line {number}: there are {cells + 1} cells; at most {MOST_COLUMNS} are taken")


def _demand_no_objects(lines: list[str]) -> None:
    """Refuse lines that are objects of JSON, or of Python, below lines that are none: cells are not in them."""
    some = [(number, line.strip()) for number, line in enumerate(lines[:_SAMPLE_LINES], start=1)]
    some = [(number, line) for number, line in some if line]
    objects = [(number, line) for number, line in some if _OBJECT.fullmatch(line)]
    if len(objects) * 2 <= len(some):
        return
    number, line = objects[0]
    way = (
        "write each with json.dumps"
        if line[1:].lstrip().startswith("'")
        else "leave out the lines that are none"
    )
    raise InvalidData(f"line {number}: here begin objects, one a line, but the file is no JSON; {way}")


def _demand_text(records: list[RawRecord]) -> None:
    """Refuse lines in which there are many control characters, as there are in bytes that are no text."""
    for record in records[:_SAMPLE_LINES]:
        marks = {mark for cell in record.cells for mark in cell if mark < " " and mark not in _IN_TEXTS}
        if len(marks) >= _MANY_MARKS:
            raise InvalidData(
                f"line {record.line}: it holds {len(marks)} different control characters{IS_BINARY}"
            )


def ends_of(body: Body) -> tuple[int, int]:
    """The numbers of the first and of the last column that have a cell in any row; 0 if none has."""
    first, last = body.width + 1, 0
    for rows in read_rows(body, RowTally(), CHUNK_ROWS):
        for row in rows:
            for place in range(1, first):
                if row[place - 1].strip(" "):
                    first = place
                    break
            for place in range(len(row), last, -1):
                if row[place - 1].strip(" "):
                    last = place
                    break
    return (first, last) if last else (0, 0)


def _offset(text: Decoded, start: int, lines: list[str], first: RawRecord | None, skipped: int) -> int:
    before = lines if first is None else lines[: first.line - 1 - skipped]
    return start + len("".join(before).encode())


def _dialect_notes(dialect: Dialect, said: Options, found: Found) -> tuple[Note, ...]:
    notes = []
    if said.delimiter is None and dialect.delimiter != "," and found.width > 1:
        name = {"\t": "a tab", " ": "a blank"}.get(dialect.delimiter, repr(dialect.delimiter))
        notes.append(Note("delimiter", f"the cells are kept apart by {name}", (call(delimiter=","),)))
    if said.quote is None and dialect.quote == "'":
        notes.append(Note("quote", "cells are quoted with an apostrophe", (call(quote='"'),)))
    if dialect.escape != "doubled":
        how = "behind a backslash" if dialect.escape == "backslash" else "as it is"
        notes.append(Note("escape", f"a quote within quotes is written {how}"))
    return tuple(notes)
