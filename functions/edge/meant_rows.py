"""Rows in a JSON body that are not as the route takes them: what is meant by them, or what to write."""

import json
from codecs import BOM_UTF8
from collections.abc import Collection
from typing import Any

import msgspec

from lepton_core.errors import InvalidInput
from lepton_core.table.nested import flattened, is_nested

_MOST_SHOWN = 200
"""Letters of a row that an error repeats."""


class _Body(msgspec.Struct, frozen=True):
    rows: list[dict[str, Any] | list[Any] | None]


def flat_rows(raw: bytes, columns: Collection[str] = ()) -> list[Any] | None:
    """The rows in a body, with a column for each key of an object in a cell; None if no cell is an object or a list.

    Raises `InvalidData` naming row and column for a list in a cell, and an object where the ``columns`` have a cell.

    >>> flat_rows(b'{"rows": [{"at": {"zip": "01010"}}]}')
    [{'at.zip': '01010'}]
    """
    try:
        rows = msgspec.json.decode(raw.removeprefix(BOM_UTF8), type=_Body).rows
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not any(isinstance(row, dict) and is_nested(row) for row in rows):
        return None
    return [
        flattened(row, at, columns) if isinstance(row, dict) else row for at, row in enumerate(rows, start=1)
    ]


def refuse_bare(given: Any) -> None:
    """Raise `InvalidInput` for rows that were sent without the object around them."""
    match given:
        case [*rows] if rows and all(isinstance(row, dict | list) for row in rows):
            sent = rows[0]
        case {"rows": dict(row)}:
            sent = row
        case dict() if (
            given
            and "rows" not in given
            and not any(isinstance(cell, dict | list) for cell in given.values())
            and not given.keys() & {"columns", "explain"}
        ):
            sent = given
        case _:
            return
    shown = json.dumps(sent)
    example = shown if len(shown) <= _MOST_SHOWN else '{"column": 1}'
    raise InvalidInput(f'rows must be a list of rows: send {{"rows": [{example}]}}', field="rows")
