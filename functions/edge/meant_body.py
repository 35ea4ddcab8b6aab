"""A JSON body of rows that is not as the route takes it: what is meant by it, or what to write."""

import json
from collections.abc import Callable, Set
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from functions.edge.decode import leniently
from lepton_core.errors import InvalidInput
from lepton_core.table import Schema
from lepton_core.table.meant_rows import meant_or_refused

Body = TypeVar("Body", bound=msgspec.Struct)

_MOST_SHOWN = 200
"""Letters of a row that an error repeats."""


def lenient(raw: bytes, kind: type[Body]) -> Body | None:
    """The body of this ``kind``, whatever stands in the cells of its ``rows``; None if it is none for another reason.

    Raises `InvalidInput` for rows that were sent without the object around them.
    """
    given = leniently(raw)
    match given:
        case {"rows": list(rows), **others}:
            # Among the others may be half a surrogate pair.
            with suppress(msgspec.ValidationError, UnicodeEncodeError):
                return replace(msgspec.convert({**others, "rows": []}, kind), rows=rows)
    refuse_bare(given)
    return None


def meant_of(wanted: Any, schema: Schema, reads: Set[str], tabulate: Callable[[Any], object]) -> Any:
    """The body that ``wanted``, one of rows with whatever stands in their cells, means for the columns of ``schema``.

    Those are read that are among ``reads``. None if it means none. Raises `InvalidData` for cells that are refused,
    and what ``tabulate`` raises, which refuses a body with such rows.
    """

    def read(rows: list[Any]) -> object:
        return tabulate(replace(wanted, rows=rows))

    rows = meant_or_refused(wanted.rows, wanted.columns, schema, reads, read, each=wanted.row_errors)
    meant = wanted if rows is None else replace(wanted, rows=rows)
    body = None if rows is None else strictly(meant)
    if body is None and wanted.row_errors and is_json(meant):
        return meant  # each row with a list in a cell is refused by itself
    if body is None:
        tabulate(meant)
    return body


def is_json(body: msgspec.Struct) -> bool:
    """Whether JSON can hold the ``body``: it has no NaN, infinity or half a surrogate pair; a cell may be a list."""
    try:
        json.dumps(msgspec.structs.asdict(body), allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


def strictly(body: Body) -> Body | None:
    """The same ``body``, if JSON can hold it; else None: of NaN, infinity, a list in a cell, half a surrogate pair."""
    try:
        return msgspec.json.decode(json.dumps(msgspec.structs.asdict(body), allow_nan=False), type=type(body))
    except (ValueError, TypeError):  # those of msgspec, too
        return None


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
