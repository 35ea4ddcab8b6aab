"""Two tables in one file: the second may have other columns than the first, or as many.

Lines above the names are titles and what is said of the file: few, ragged, or a word and what it stands for. A block of
lines that are all as wide, the first of which has names for the others, is a table.
"""

from collections.abc import Iterator, Sequence

from lepton_core.errors import InvalidData
from lepton_core.remedy import call
from lepton_core.table.files.likely_names import has_names, holds_values
from lepton_core.table.files.lines import RawRecord
from lepton_core.table.files.spelling import is_missing, is_value, plain_name
from lepton_core.table.files.values import Note

_MOST_ABOVE = 30
"""More lines than these above the names are a table of their own."""

_FEWEST = 3
"""A table has names and two rows."""

_MANY = 10
"""So many rows are a table though nothing but their number says so."""


def demand_one_table(records: Sequence[RawRecord], place: int) -> None:
    """Raise `InvalidData` if a table is among the lines above the one at ``place``, where the names or the rows begin.

    >>> lines = [("a", "b"), ("1", "2"), ("3", "4")]
    >>> above = [RawRecord(line, 1, cells) for line, cells in enumerate(lines, start=1)]
    >>> demand_one_table([*above, RawRecord(5, 1, ("c", "d", "e"))], 3)
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: there seem to be two tables in the file, one from line 1 and one from line 5, ...
    """
    blocks = list(_blocks(records[:place], records[place].line))
    first = next((block[0] for block in blocks if _is_table(block)), None)
    if (
        first is None
        and sum(len(record.cells) > 1 and not record.fault for record in records[:place]) > _MOST_ABOVE
    ):
        first = records[0]
    if first is not None:
        way = call(header=records[place].line)
        raise InvalidData(
            f"there seem to be two tables in the file, one from line {first.line} and one from line "
            f"{records[place].line}, with another number of cells; make a file of each, or read the second: "
            f"{way}",
            remedies=(way,),
        )


def header_within(
    records: Sequence[RawRecord], body: int, width: int, header: Sequence[str] | None
) -> tuple[Note, ...]:
    """A note if a line of names stands among the rows, which begin at ``body``: a table as wide may begin there.

    The names of the ``header`` that come again are none, in whatever case.
    """
    names = None if header is None else [*map(plain_name, header)]
    rows = [
        record
        for record in records[body:]
        if not record.fault and len(record.cells) == width and [*map(plain_name, record.cells)] != names
    ]
    columns = [_but_for_words(column) for column in zip(*(row.cells for row in rows), strict=True)]
    within = [words for words in columns if words is not None]
    if len(within) < 2:
        return ()
    for place in sorted(set.intersection(*within) - {0, len(rows) - 1})[:1]:
        line, cells = rows[place].line, rows[place].cells
        if len(set(cells)) == width and not any(is_value(cell) or is_missing(cell) for cell in cells):
            message = f"line {line} has words where the others have numbers: if another table begins there, "
            return (Note("header_within", f"{message}make a file of each", line=line),)
    return ()


def _but_for_words(column: Sequence[str]) -> set[int] | None:
    """The places of the words in a column of values; None of a column that has other words, too, or none."""
    words = {place for place, cell in enumerate(column) if not is_missing(cell) and not is_value(cell)}
    there = sum(not is_missing(cell) for cell in column)
    return words if 0 < len(words) <= max(1, there // _MANY) and there > 2 else None


def _blocks(records: Sequence[RawRecord], stop: int) -> Iterator[Sequence[RawRecord]]:
    """The records as blocks, each of which ends with an empty line; ``stop`` is the line behind all."""
    begin = 0
    for place, record in enumerate(records):
        after = records[place + 1].line if place + 1 < len(records) else stop
        if _is_empty(record):
            begin = place + 1
        elif record.line + record.lines < after or (
            place + 1 < len(records) and _is_empty(records[place + 1])
        ):
            yield records[begin : place + 1]
            begin = place + 1


def _is_empty(record: RawRecord) -> bool:
    return not record.fault and not any(cell.strip() for cell in record.cells)


def _is_table(block: Sequence[RawRecord]) -> bool:
    """Whether a block has names and rows; a word and what it stands for, in each line, are none."""
    names = [cell.strip() for cell in block[0].cells]
    width = len(names)
    if len(block) < _FEWEST or width < 2 or any(one.fault or len(one.cells) != width for one in block):
        return False
    if len(set(names)) < width or any(is_missing(name) or is_value(name) for name in names):
        return False
    rows = [one.cells for one in block[1:]]
    if not has_names(names, rows):
        return False
    columns = list(zip(*rows, strict=True))
    holding = sum(holds_values(column) for column in columns)
    if width == 2 and not holds_values(columns[0]) and len({names[0], *columns[0]}) == len(block):
        return len(rows) >= _MANY and all(map(is_value, columns[1]))
    return bool(holding) or len(rows) >= _MANY
