"""Rows of a text file to be predicted: where somebody said how its cells are written, they are read so."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from lepton_ai.rows import Rows
from lepton_core.table import ReadingOptions, Table
from lepton_core.table.kinds import BY_NAME
from lepton_core.table.kinds.base import Known, is_absent
from lepton_core.table.kinds.quantity import Quantity

_Cell = str | float | None
_Reader = Callable[[str], _Cell]


def as_said(rows: Rows, table: Table, reading: ReadingOptions) -> Rows:
    """``rows`` of texts as the values that they are by ``reading``; ``table`` has the columns as they were read.

    Of ``reading`` that is what the platform cannot know: ``decimal`` of numbers, ``day_first`` of dates, and words that
    are ``missing`` cells. What cannot be read stays the text that it is.

    >>> from lepton_core.table import read_file
    >>> said = ReadingOptions(decimal=",", missing=("-",))
    >>> read = read_file(b'a;town;y\\n1,5;Ulm;n\\n-;Bonn;j\\n', said)
    >>> as_said(Rows([["1,5", "Ulm", "n"], ["-", "Bonn", "j"]], ["a", "town", "y"]), read.table, said).rows
    [[1.5, 'Ulm', 'n'], [None, 'Bonn', 'j']]
    """
    known = {one.name: one for one in table.schema.columns}
    readers = [
        (at, read)
        for at, name in enumerate(rows.columns or [])
        if name in known and (read := _reader(known[name], reading)) is not None
    ]
    if not readers:
        return rows
    return replace(rows, rows=[None if row is None else _read(list(row), readers) for row in rows.rows])


def _read(cells: list[Any], readers: Sequence[tuple[int, _Reader]]) -> list[Any]:
    for at, read in readers:
        cells[at] = read(cells[at])
    return cells


def _reader(column: Known, reading: ReadingOptions) -> _Reader | None:
    """What makes a value of a text of ``column``; None if nothing was said of its cells."""
    kind = BY_NAME[column.kind]
    is_said = any(getattr(reading, option) is not None for option in kind.notation_options)
    quantity = kind if is_said and isinstance(kind, Quantity) else None
    words = reading.missing
    has_words = words is not None and (not isinstance(words, dict) or column.name in words)
    if quantity is None and not has_words:
        return None
    known: dict[str, _Cell] = {}

    def read(text: str) -> _Cell:
        if text not in known:
            known[text] = _value(text)
        return known[text]

    def _value(text: str) -> _Cell:
        if has_words and is_absent(text, column):
            return None
        value = None if quantity is None else quantity.value_of(text, column.notation)
        return text if quantity is None or value is None else quantity.cell(value, column.notation)

    return read
