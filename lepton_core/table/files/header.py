"""Where the names of the columns stand: below lines of titles, in the first line, or nowhere."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.remedy import Remedy, call
from lepton_core.table.files.likely_names import has_names, holds_values, is_second_header
from lepton_core.table.files.lines import IS_BINARY, IS_EMPTY, NUL, RawRecord
from lepton_core.table.files.spelling import is_missing, is_value
from lepton_core.table.files.two_tables import demand_one_table
from lepton_core.table.files.values import Note, Options, call_with_names

_CELLS = 20_000
"""About so many cells are looked at."""

_NEAR = 5
"""So many lines below tell whether a line with empty cells is a title."""

# What Orange writes below the names: the type of a column, and its part.
_TYPES = frozenset(["c", "continuous", "numeric", "d", "discrete", "s", "string", "text", "t", "time"])
_PARTS = frozenset(["", "class", "c", "meta", "m", "ignore", "i", "weight", "w", "multiclass"])

_RULE = re.compile(r":?-+:?|={3,}")


@dataclass(frozen=True)
class Found:
    """``header`` is the record with the names, None without one; the rows begin with the one at ``body``.

    ``width`` is the number of cells of a row.
    """

    header: RawRecord | None
    body: int
    width: int
    notes: tuple[Note, ...] = ()


def find_header(records: Sequence[RawRecord], options: Options, *, bars: bool = False) -> Found:
    """The header among ``records``, the first of a file, whose cells are kept apart by ``bars`` or not.

    A line is a title, and passed over, if it has not the number of cells that the rows have; or if half of its cells
    are empty, fewer in a line below, and none is a value; unless the empty ones stand in front of all names and the
    line below is no header. The first other line has the names, unless it looks like the lines below: values where they
    have values, or texts that occur there again. Names that are there twice are joined to those of a title above, if
    that tells them apart.

    Raises `InvalidData` for no records, for a header that does not fit the rows, and for two header lines;
    `InvalidInput` if the options name a line that is none.

    >>> lines = [("Report", ""), ("age", "sex"), ("31", "f")]
    >>> rows = [RawRecord(line, 1, cells) for line, cells in enumerate(lines, start=1)]
    >>> found = find_header(rows, Options())
    >>> found.header.cells, found.body, found.notes[0].message
    (('age', 'sex'), 2, 'the names are in line 2; the line above was passed over')
    """
    if not records:
        raise InvalidData(IS_EMPTY)
    sound = [place for place, record in enumerate(records) if not record.fault]
    if not sound:
        raise _unreadable(records[0])
    width = _width([records[place] for place in sound])
    fitting = [place for place in sound if len(records[place].cells) == width]
    if isinstance(options.header, int) and not isinstance(options.header, bool):
        return _named(records, options.header, width)
    if options.header is False:
        return Found(None, fitting[0], width, _above(records, fitting[0], None))
    first = _first(records, fitting, bars=bars)
    if options.header is None and _are_described(records, first):
        return _with_types(records, first, width)
    begin = first + 1 if options.header is True else _below_the_rule(records, first + 1, bars=bars)[0]
    rows = _sample(records, [place for place in fitting if place >= begin], width)
    below = [records[place] for place in fitting if place > first]
    quoted = _is_quoted(records[first], below)
    if options.header is None and not quoted and not has_names(records[first].cells, rows):
        return _without_names(records, first, width, rows, options.names)
    body, notes = first + 1, tuple[Note, ...]()
    if options.header is None:
        _demand_one(records, first, rows)
        body, notes = _below_the_rule(records, first + 1, bars=bars)
        notes = notes or _second(records, first, rows)
    joined = _joined(records, first)
    if joined is not None:
        header, note = joined
        return Found(header, body, width, (note, *_above(records, first - 1, header.line), *notes))
    return Found(records[first], body, width, (*_above(records, first, records[first].line), *notes))


def _below_the_rule(records: Sequence[RawRecord], place: int, *, bars: bool) -> tuple[int, tuple[Note, ...]]:
    """Where the rows begin: at ``place``, or below a line of dashes there, as Markdown has it below the names."""
    if place == len(records) or not _is_rule(records[place].cells, bars=bars):
        return place, ()
    message = "the line of dashes below the names was passed over"
    return place + 1, (Note("rule", message, (call(header=True),), line=records[place].line),)


def _is_rule(record: Sequence[str], *, bars: bool) -> bool:
    """Whether all cells are dashes; but between bars not all short ones, which stand for a missing cell."""
    cells = [cell.strip() for cell in record if cell.strip()]
    long = any(bars or len(cell.strip(":")) > 2 or ":" in cell for cell in cells)
    return long and all(map(_RULE.fullmatch, cells))


def _unreadable(record: RawRecord) -> InvalidData:
    what = f"line {record.line}: the header cannot be read: {record.fault}"
    if record.fault == NUL:
        return InvalidData(what + IS_BINARY)
    way = call(header=False)
    return InvalidData(f"{what}; correct it, or read without it: {way}", remedies=(way,))


def _are_described(records: Sequence[RawRecord], first: int) -> bool:
    """Whether the two lines below the names say what the columns are, as the program Orange writes them.

    The first has a type for each column, in a word or as a list of the levels; the second says what part it plays.
    """
    below = records[first + 1 : first + 3]
    width = len(records[first].cells)
    if len(below) < 2 or width < 2 or any(one.fault or len(one.cells) != width for one in below):
        return False
    types, parts = ([cell.strip() for cell in one.cells] for one in below)
    fits = all(not cell or cell in _TYPES or " " in cell for cell in types)
    enough = sum(cell in _TYPES for cell in types) * 2 >= width
    return fits and enough and all(cell in _PARTS or "=" in cell for cell in parts)


def _with_types(records: Sequence[RawRecord], first: int, width: int) -> Found:
    header = records[first]
    message = "the two lines below the names say what the columns are; they were passed over"
    note = Note("lines_below", message, (call(header=True),), line=records[first + 1].line)
    return Found(header, first + 3, width, (note, *_above(records, first, header.line)))


def _joined(records: Sequence[RawRecord], first: int) -> tuple[RawRecord, Note] | None:
    """The names of record ``first``, some there twice, each below the name above it that tells them apart."""
    names = [cell.strip() for cell in records[first].cells]
    above = records[first - 1] if first else None
    if above is None or above.fault or len(above.cells) != len(names) or len(set(names)) == len(names):
        return None
    spanning, found = "", []
    for cell, name in zip(above.cells, names, strict=True):
        spanning = cell.strip() or spanning
        found.append(f"{spanning} {name}".strip())
    if len(set(found)) < len(found):
        return None
    message = f"the names are those of the lines {above.line} and {records[first].line}, joined"
    note = Note("names_joined", message, (call(header=records[first].line),), line=above.line)
    return replace(records[first], cells=tuple(found), line=above.line), note


def _width(sound: Sequence[RawRecord]) -> int:
    """The number of cells of most of the records; of the longer ones between two as frequent."""
    counts = Counter(len(record.cells) for record in sound)
    return max(counts, key=lambda cells: (counts[cells], cells))


def _sample(records: Sequence[RawRecord], places: Sequence[int], width: int) -> list[tuple[str, ...]]:
    return [records[place].cells for place in places[: max(5, _CELLS // width)]]


def _first(records: Sequence[RawRecord], fitting: Sequence[int], *, bars: bool) -> int:
    """The first of the ``fitting`` records that is no title."""
    for number, place in enumerate(fitting):
        below = [records[other].cells for other in fitting[number + 1 : number + 1 + _NEAR]]
        if not _is_title(records[place].cells, below, bars=bars):
            return place
    return fitting[0]


def _is_title(cells: Sequence[str], below: Sequence[Sequence[str]], *, bars: bool) -> bool:
    """Whether half of the cells or more are empty, fewer in a line ``below``, and none is a value."""
    empty = _empty(cells)
    if empty * 2 < len(cells) or any(map(is_value, cells)):
        return False
    if len(cells) == 2 and not cells[0].strip() and empty == 1:
        return False
    if empty < len(cells) and below and _is_rule(below[0], bars=bars):
        return False
    if empty < len(cells) and not any(cell.strip() for cell in cells[:empty]) and below:
        # As pandas writes an index of several columns, which have no names.
        return has_names(below[0], below[1:])
    return empty == len(cells) or any(_empty(other) < empty for other in below)


def _empty(cells: Sequence[str]) -> int:
    return sum(not cell.strip() for cell in cells)


def _named(records: Sequence[RawRecord], line: int, width: int) -> Found:
    place = next((at for at, record in enumerate(records) if record.line == line), None)
    if place is None or records[place].fault:
        last = records[-1].line
        raise InvalidInput(
            f"there is no header in line {line}; name a line that can be read, from {records[0].line} to {last}",
            field="header",
        )
    below = [record for record in records[place:] if not record.fault]
    return Found(records[place], place + 1, width if len(records[place].cells) == width else _width(below))


def _above(records: Sequence[RawRecord], place: int, line: int | None) -> tuple[Note, ...]:
    if place == 0:
        return ()
    demand_one_table(records, place)
    count = records[place].line - records[0].line
    lines = "the line above was" if count == 1 else f"the {count} lines above were"
    where = (
        f"the rows begin in line {records[place].line}" if line is None else f"the names are in line {line}"
    )
    ways = (call(header=records[0].line),)
    return (Note("lines_above", f"{where}; {lines} passed over", ways, line=records[0].line),)


def _is_quoted(record: RawRecord, below: Sequence[RawRecord]) -> bool:
    """Whether all its cells are quoted, and never all of a line below: so names are written that look like numbers."""
    others = all(other.quoted < len(other.cells) for other in below)
    return bool(below) and record.quoted == len(record.cells) and others


def _without_names(
    records: Sequence[RawRecord],
    first: int,
    width: int,
    rows: Sequence[Sequence[str]],
    names: Sequence[str] | None,
) -> Found:
    """The rows begin with record ``first``; the one above may be a header that does not fit, or is broken."""
    above = records[first - 1] if first else None
    if above is not None and above.fault:
        raise _unreadable(above)
    if above is not None and _is_header(above):
        return _misfit(records, first, width, rows)
    line = records[first].line
    message = f"there is no header: line {line} looks like the lines below; names were made up"
    named = call_with_names([f"name_{number}" for number in range(1, width + 1)])
    note = Note("no_header", message, (call(header=True), *named), line=line)
    above_it = _above(records, first, None)
    return Found(None, first, width, (note, *above_it) if names is None else above_it)


def _misfit(records: Sequence[RawRecord], first: int, width: int, rows: Sequence[Sequence[str]]) -> Found:
    """A header above the rows that has empty names, or one name too few, or too many."""
    above = records[first - 1]
    notes = _above(records, first - 1, above.line)
    names = [cell.strip() for cell in above.cells]
    while len(names) > width and not names[-1]:
        names.pop()
    if len(names) > width and above.quoted == len(above.cells):
        return _shorter(above, first, width, notes)
    if len(names) == width:
        return Found(replace(above, cells=tuple(names)), first, width, notes)
    if len(names) == width - 1 and all(names):
        cells = [records[first].cells, *rows]
        if not any(row[-1].strip() for row in cells):
            return Found(replace(above, cells=(*names, "")), first, width, notes)
        if _are_row_names([row[0].strip() for row in cells]):
            return Found(replace(above, cells=("", *names)), first, width, notes)
    way = call(header=False)
    raise InvalidData(
        f"line {above.line}: the header has {len(above.cells)} names, and the rows have {width} cells; "
        f"correct it, or read without it: {way}",
        remedies=(way,),
    )


def _are_row_names(cells: Sequence[str]) -> bool:
    different = len(cells) > 1 and len(set(cells)) == len(cells)
    return different and (is_index(cells) or not any(map(is_value, cells)))


def _shorter(above: RawRecord, first: int, width: int, notes: tuple[Note, ...]) -> Found:
    """Rows that all end early below a header which is quoted throughout: nothing can have split a name in two."""
    gone = ", ".join(map(repr, above.cells[width : width + 5]))
    message = f"the rows end before the last names of the header, which were left out: {gone}"
    note = Note("names_without_cells", message, (call(header=False),), line=above.line)
    return Found(replace(above, cells=above.cells[:width]), first, width, (note, *notes))


def _is_header(record: RawRecord) -> bool:
    """Whether a line above rows of values is more than a title: half of its cells at least have a name."""
    cells = [cell.strip() for cell in record.cells]
    named = len(cells) - cells.count("")
    return len(cells) > 1 and named * 2 >= len(cells) and not any(map(is_value, cells))


def is_index(cells: Sequence[str]) -> bool:
    """Whether ``cells`` number the rows: whole numbers that rise by one, from 0 or 1 or wherever the file begins.

    >>> is_index(["0", "1", "2"]), is_index(["3", "1"]), is_index(["7"])
    (True, False, False)
    """
    texts = [cell.strip() for cell in cells]
    if len(texts) < 2 or not all(text.isascii() and text.isdigit() and len(text) < 16 for text in texts):
        return False
    numbers = [int(text) for text in texts]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _demand_one(records: Sequence[RawRecord], first: int, rows: Sequence[tuple[str, ...]]) -> None:
    """Refuse a second header line: two texts or more where all lines below have values, and no value itself."""
    if len(rows) < 3 or rows[0] == records[first].cells:
        return
    second, *below = rows
    holding = [
        place
        for place, column in enumerate(zip(*below, strict=True))
        if (there := [cell for cell in column if not is_missing(cell)]) and holds_values(there)
    ]
    there = [second[place] for place in holding if not is_missing(second[place])]
    if len(there) < 2 or len(there) * 2 < len(holding) or any(map(is_value, there)):
        return
    lines = [records[first].line, records[first].line + records[first].lines]
    ways = [call(header=line) for line in lines]
    which = f"the lines {lines[0]} and {lines[1]} both look like headers"
    fault = f"{which}; say which has the names: {ways[0]} or {ways[1]}"
    without = _without(records[first], lines[1])
    if without:
        fault += f"; if line {lines[1]} has units or types, leave it out: {without[0]}"
    raise InvalidData(fault, remedies=(*ways, *without))


def _without(header: RawRecord, line: int) -> tuple[Remedy, ...]:
    """The call that keeps the names of ``header`` and leaves out what is between it and the rows below ``line``."""
    names = [cell.strip() for cell in header.cells]
    return (call(header=line, names=names),) if all(names) and call_with_names(names) else ()


def _second(records: Sequence[RawRecord], first: int, rows: Sequence[tuple[str, ...]]) -> tuple[Note, ...]:
    """What to say of a line of words below the names that nothing shows to be a header for sure."""
    if not rows or rows[0] == records[first].cells or not is_second_header(rows[0], rows[1:]):
        return ()
    line = records[first].line + records[first].lines
    message = (
        "the line below the names may have units or types: no other line has its words; it was read as a row"
    )
    return (Note("second_header", message, _without(records[first], line), line=line),)
