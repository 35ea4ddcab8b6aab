"""Rows as JSON has them that are no rows of cells: what is meant by objects, lists and NaN in them."""

import math
from collections.abc import Callable, Sequence, Set
from typing import Any

from lepton_core.errors import InvalidData
from lepton_core.table.cells import Faults, shown
from lepton_core.table.nested import flattened, is_nested
from lepton_core.table.schema import Schema

_LEAST, _MOST = -(2**63), 2**64 - 1


def meant_rows(
    rows: Sequence[Any],
    columns: Sequence[str] | None,
    schema: Schema,
    reads: Set[str],
    *,
    each: bool = False,
) -> list[Any] | None:
    """The ``rows`` with a column for each key of an object in a cell; None if nothing of them was to be changed.

    NaN in a cell becomes None: `json.dumps` writes a missing number so. Of columns that are not among those a model
    ``reads`` no cell is looked at: what is no cell of JSON there, as a list or an infinity, becomes a text. Rows that
    are lists have the ``columns``, or those of the ``schema``. Raises `InvalidData` naming row and column for a list in
    a cell of the others, and an object where they have a cell; if ``each`` row is to have an error of its own, these
    stay as they are.

    >>> from lepton_core.table import ColumnSchema
    >>> schema = Schema((ColumnSchema("at.zip", "text"),))
    >>> meant_rows([{"at": {"zip": "01010"}, "tags": ["new"]}], None, schema, {"at.zip"})
    [{'at.zip': '01010', 'tags': 'a list'}]
    >>> meant_rows([{"at.zip": float("nan")}], None, schema, {"at.zip"})
    [{'at.zip': None}]
    """
    names = schema.names if columns is None else columns
    read = [schema.name_of(name, place) in reads for place, name in enumerate(names, start=1)]
    demanded: Set[str] = frozenset() if each else reads
    made = [_meant(row, number, read, schema, reads, demanded) for number, row in enumerate(rows, start=1)]
    changed = any(one is not row and one != row for one, row in zip(made, rows, strict=True))
    return made if changed else None


def meant_or_refused(
    rows: Sequence[Any],
    columns: Sequence[str] | None,
    schema: Schema,
    reads: Set[str],
    read: Callable[[list[Any]], object],
    *,
    each: bool = False,
) -> list[Any] | None:
    """`meant_rows`; the error names the cells of all ``rows``, also those that ``read`` refuses."""
    try:
        return meant_rows(rows, columns, schema, reads, each=each)
    except InvalidData as error:

        def alone(row: list[Any]) -> None:
            faults = Faults(schema.names)
            for refuses in (_demand_cells, _demand_read):
                try:
                    refuses(row)
                except InvalidData as why:
                    faults.add(why)
            faults.demand_none()

        def _demand_cells(row: list[Any]) -> None:
            meant_rows(row, columns, schema, reads)

        def _demand_read(row: list[Any]) -> None:
            meant = meant_rows(row, columns, schema, reads, each=True)
            cells = [_without_others(one) for one in (row if meant is None else meant)]
            read(cells)

        if len(rows) == 1:
            alone(list(rows))
        raise Faults.of_rows(error, rows, alone) from None


def _meant(
    row: Any, number: int, read: Sequence[bool], schema: Schema, reads: Set[str], demanded: Set[str]
) -> Any:
    if isinstance(row, list) and len(row) == len(read):
        return [_of_json(cell) if is_read else _plain(cell) for cell, is_read in zip(row, read, strict=True)]
    if not isinstance(row, dict):
        return row
    if is_nested(row):
        row = flattened(row, number, schema.known, lambda name: schema.name_of(name, 0) in demanded)
    return {
        name: _of_json(cell) if schema.name_of(name, place) in reads else _plain(cell)
        for place, (name, cell) in enumerate(row.items(), start=1)
    }


def _without_others(row: Any) -> Any:
    """The row without what is no cell, if it has names."""
    if not isinstance(row, dict):
        return row
    return {name: None if isinstance(cell, dict | list) else cell for name, cell in row.items()}


def _of_json(cell: Any) -> Any:
    """The cell; None in place of NaN, which JSON does not have."""
    return None if type(cell) is float and math.isnan(cell) else cell


def _plain(cell: Any) -> Any:
    """The cell of a column that nobody reads: itself, if JSON has it."""
    cell = _of_json(cell)
    if cell is None or type(cell) is bool:
        return cell
    if type(cell) is int:
        return cell if _LEAST <= cell <= _MOST else shown(cell)
    if type(cell) is float:
        return cell if math.isfinite(cell) else shown(cell)
    if type(cell) is str:
        return cell.encode("utf-8", "replace").decode()
    return shown(cell)
