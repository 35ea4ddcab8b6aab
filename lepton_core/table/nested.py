"""Rows with objects in their cells, as JSON has them: each key of such an object is a column of its own."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from lepton_core.errors import InvalidData, RowFault

MOST_DEPTH = 8
"""Objects may be nested so deep, the row counted."""

NO_LIST = "holds a list, which is no cell"
TOO_DEEP = f"objects are nested deeper than {MOST_DEPTH}"


def flat_cells(
    row: Mapping[Any, Any], whole: Collection[str] = (), above: str = "", depth: int = 1
) -> Iterator[tuple[str, Any]]:
    """The name and the value of each cell of ``row``: what is in an object under ``a`` is called ``a.b``.

    Blanks around keys do not count, and a blank key is named after its place. What a column in ``whole`` holds is
    given as it is, and so is an object that is nested deeper than `MOST_DEPTH`.

    >>> list(flat_cells({"age": 31, "at": {"zip": "01010", "floor": {"number": 2}}}))
    [('age', 31), ('at.zip', '01010'), ('at.floor.number', 2)]
    """
    for place, (key, value) in enumerate(row.items(), start=1):
        name = above + (str(key).strip() or f"column_{place}")
        if isinstance(value, dict) and depth < MOST_DEPTH and name not in whole:
            yield from flat_cells(value, whole, f"{name}.", depth + 1)
        else:
            yield name, value


def is_nested(row: Mapping[Any, Any]) -> bool:
    """Whether a cell of ``row`` is an object or a list.

    >>> is_nested({"at": {"zip": "01010"}}), is_nested({"at": "01010"})
    (True, False)
    """
    return any(isinstance(cell, dict | list) for cell in row.values())


def flattened(
    row: Mapping[Any, Any],
    number: int,
    columns: Collection[str] = (),
    reads: Callable[[str], bool] = lambda _: True,
) -> dict[str, Any]:
    """The cells of ``row``, which is row ``number``, as `flat_cells` names them.

    What nobody ``reads``, by its name, may be anything. Else it raises `InvalidData` naming row and column of each
    list, object where ``columns`` have a cell, object that is nested too deep, and name that is there twice.

    >>> flattened({"at": {"zip": "01010"}}, 1)
    {'at.zip': '01010'}
    >>> flattened({"tags": ["new"]}, 3)
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 3, column 'tags': holds a list, which is no cell; give each of its values a
    name of its own, or leave the column out of the row
    """
    cells: dict[str, Any] = {}
    faults: list[InvalidData] = []
    for name, value in flat_cells(row, columns):
        fault = "the row has this name twice" if name in cells else _no_cell(value, of_table=name in columns)
        if fault and reads(name):
            faults.append(InvalidData(fault, row=number, column=name))
        cells[name] = value
    if faults:
        of_row = RowFault(faults[0].reason, faults[0].column, len(faults))
        raise InvalidData.together(faults, len(faults), {number: of_row})
    return cells


def _no_cell(value: Any, *, of_table: bool) -> str:
    """Why ``value`` is no cell; empty if it is one."""
    if isinstance(value, list):
        return f"{NO_LIST}; give each of its values a name of its own, or leave the column out of the row"
    if not isinstance(value, dict):
        return ""
    if of_table:
        return (
            "holds an object, and the column has one cell a row; give a number, a text, true, false or null"
        )
    return f"{TOO_DEEP}; write {{'a.b': 1}} for {{'a': {{'b': 1}}}}"
