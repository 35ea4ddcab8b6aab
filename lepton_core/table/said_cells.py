"""Rows of a file to be predicted: where somebody said how its texts are written, they are read so."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lepton_core.errors import InvalidInput
from lepton_core.table.cells import shown
from lepton_core.table.csv_columns import Wanted, columns_from
from lepton_core.table.kinds import BY_NAME
from lepton_core.table.kinds.base import Known, is_absent
from lepton_core.table.kinds.quantity import Quantity
from lepton_core.table.nearest import meant
from lepton_core.table.reading_options import ReadingOptions
from lepton_core.table.table import Table

_Cell = str | float | None
_Reader = Callable[[str], _Cell]
_Place = Any
"""Of a cell in its row: an index in a list, a name in an object."""


def speaks_of_cells(reading: ReadingOptions) -> bool:
    """Whether ``reading`` says how cells are written: ``decimal``, ``day_first`` or words that are ``missing``."""
    return not (reading.decimal is None and reading.day_first is None and reading.missing is None)


def as_said(rows: list[Any], columns: Sequence[str] | None, reading: ReadingOptions) -> list[Any]:
    """``rows`` with the values that their texts are by ``reading``; what cannot be read stays the text that it is.

    They are lists in the order of ``columns``, or objects if that is None; None stands for one that cannot be read.
    Of ``reading`` that is what the platform cannot know, see `speaks_of_cells`. Which columns are numbers, and which
    are dates, the texts tell, or ``kinds``. Errors: `InvalidInput` (field 'missing') for words of a column that no row
    has.

    >>> said = ReadingOptions(decimal=",", missing=("-",))
    >>> as_said([["1,5", "Ulm", "n"], ["-", "Bonn", "j"], None], ["a", "town", "y"], said)
    [[1.5, 'Ulm', 'n'], [None, 'Bonn', 'j'], None]
    """
    if not speaks_of_cells(reading):
        return rows
    places = _places(rows, columns)
    for name in reading.missing if isinstance(reading.missing, dict) else ():
        if name.strip() not in places:
            said = f"the file has no column {shown(name.strip())}{meant(name.strip(), places)}"
            raise InvalidInput(said, field="missing", column=name.strip())
    readers = {
        place: read for name, place in places.items() if (read := _reader(name, _texts(rows, place), reading))
    }
    if not readers:
        return rows
    return [None if row is None else _read(row, readers) for row in rows]


def _places(rows: list[Any], columns: Sequence[str] | None) -> dict[str, _Place]:
    if columns is not None:
        return {name: at for at, name in enumerate(columns)}
    return {name: name for row in rows if row is not None for name in row}


def _texts(rows: list[Any], place: _Place) -> list[str]:
    found = (row[place] for row in rows if row is not None and _has(row, place))
    return [cell for cell in found if type(cell) is str]


def _has(row: Any, place: _Place) -> bool:
    return not isinstance(row, dict) or place in row


def _read(row: Any, readers: dict[_Place, _Reader]) -> Any:
    made = row.copy()
    for place, read in readers.items():
        if _has(row, place) and type(row[place]) is str:
            made[place] = read(row[place])
    return made


def _known(name: str, texts: Sequence[str], reading: ReadingOptions, words: tuple[str, ...] | None) -> Known:
    """What a column of these texts is."""
    kind = (reading.kinds or {}).get(name)
    wanted = Wanted(kind, None, words, reading.decimal or "", reading.day_first)

    def blocks() -> Iterator[list[list[str]]]:
        yield [[text] for text in texts]

    return Table((columns_from([name], blocks, {name: wanted})[0].column,)).schema.columns[0]


def _words(name: str, reading: ReadingOptions) -> tuple[str, ...] | None:
    missing = reading.missing
    if not isinstance(missing, dict):
        return missing
    return next((words for column, words in missing.items() if column.strip() == name), None)


def _reader(name: str, texts: Sequence[str], reading: ReadingOptions) -> _Reader | None:
    """What makes a value of a text of the column ``name``; None if nothing was said of its cells."""
    if not texts:
        return None
    words = _words(name, reading)
    column = _known(name, texts, reading, words)
    kind = BY_NAME[column.kind]
    is_said = any(getattr(reading, option) is not None for option in kind.notation_options)
    quantity = kind if is_said and isinstance(kind, Quantity) else None
    if quantity is None and words is None:
        return None
    known: dict[str, _Cell] = {}

    def read(text: str) -> _Cell:
        if text not in known:
            known[text] = _value(text)
        return known[text]

    def _value(text: str) -> _Cell:
        if words is not None and is_absent(text, column):
            return None
        value = None if quantity is None else quantity.value_of(text, column.notation)
        return text if quantity is None or value is None else quantity.cell(value, column.notation)

    return read
