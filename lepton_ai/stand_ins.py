"""Rows to be predicted with values that are no cells: the platform refuses them in columns that its model reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from lepton_ai.frames import is_frame, of_frame
from lepton_ai.rows import Rows, json_rows
from lepton_core.errors import InvalidData
from lepton_core.table import given_cell
from lepton_core.table.given import column_name


class NoCell(list[Any]):
    """An empty list in place of a value that is no cell, such as bytes: no model reads one. ``error`` says why.

    It is None for a list, of which the platform says so.
    """

    def __init__(self, error: InvalidData | None) -> None:
        super().__init__()
        self.error = error


def with_stand_ins(given: Any, error: InvalidData) -> Rows:
    """What `lepton_ai.rows.rows_from` takes, with a `NoCell` for each value that it refused with the ``error``.

    Raises that error for what is wrong in another way.

    >>> found = with_stand_ins({"age": 31, "photo": b"..."}, InvalidData("?"))
    >>> found.rows, found.rows[0]["photo"].error
    ([{'age': 31, 'photo': []}], InvalidData("row 1, column 'photo': b'...' are bytes; decode them to text first"))
    """
    is_series = type(given).__name__ == "Series" and hasattr(given, "items")
    if isinstance(given, Mapping) or is_series:
        return Rows([_record(dict(given.items()), 1, error)], single=True)
    if is_frame(given):
        return _of_frame(given)
    if not hasattr(given, "ndim") and (not isinstance(given, Sequence) or isinstance(given, str | bytes)):
        raise error
    rows = list(given)
    if all(isinstance(row, Mapping) for row in rows):
        return Rows([_record(row, number, error) for number, row in enumerate(rows, start=1)])
    if getattr(given, "ndim", 0) == 2 or all(isinstance(row, list | tuple) for row in rows):
        return Rows([_list(row, number) for number, row in enumerate(rows, start=1)])
    if any(isinstance(row, Mapping | list | tuple) for row in rows):
        raise error
    return Rows([_list(rows, 1)], single=True)


def _of_frame(frame: Any) -> Rows:
    wrong: dict[str, InvalidData] = {}
    while True:
        try:
            table = of_frame(frame, wrong).table
            break
        except InvalidData as error:
            if error.column is None or error.column in wrong:
                raise
            wrong[error.column] = error
    made = json_rows(table)
    places = [(table.names.index(name), why) for name, why in wrong.items()]
    for row in made.rows:
        for at, why in places:
            row[at] = NoCell(why)
    return made


def _record(given: Mapping[Any, Any], row: int, error: InvalidData) -> dict[str, Any]:
    named = {
        column_name(key) or f"column_{place}": value
        for place, (key, value) in enumerate(given.items(), start=1)
    }
    if len(named) < len(given):
        raise error
    return {name: _cell(value, row, name) for name, value in named.items()}


def _list(given: Any, row: int) -> list[Any]:
    return [_cell(value, row, str(at)) for at, value in enumerate(given, start=1)]


def _cell(value: Any, row: int, column: str) -> Any:
    if isinstance(value, dict):
        return {str(key): _cell(cell, row, f"{column}.{key}") for key, cell in value.items()}
    if isinstance(value, list):
        return NoCell(None)
    try:
        return given_cell(value, row, column)
    except InvalidData as error:
        return NoCell(error)
