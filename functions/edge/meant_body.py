"""A JSON body of rows that is not as the route takes it: what is meant by it, or what to write."""

import json
from typing import Any, TypeVar

import msgspec

from lepton_core.errors import InvalidInput

Body = TypeVar("Body", bound=msgspec.Struct)

_MOST_SHOWN = 200
"""Letters of a row that an error repeats."""


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
