"""What the protocols have in common: JSON and CSV to rows, values to JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lepton_core.errors import MOST_LETTERS, InvalidData, InvalidInput, LeptonError, UnsupportedMediaType
from lepton_core.protocols import ServedVersion, ToldOfRow
from lepton_core.table import ReadRows, read_rows

JSON = "application/json"
CSV = "text/csv"

_LONGEST_INTEGER = 400
"""Digits of an integer that is read as one; `int` takes time that grows with the square of them."""


def media_type(headers: Mapping[str, str], taken: Sequence[str], usual: str = JSON) -> str:
    """That of the body, one of ``taken``; the ``usual`` one if none is said. Raises `UnsupportedMediaType`."""
    said = headers.get("content-type", "").partition(";")[0].strip().lower() or usual
    if said not in taken:
        raise UnsupportedMediaType(
            f"unsupported media type: {said[:64]}; send {' or '.join(taken)}", field="Content-Type"
        )
    return said


def from_json(body: bytes) -> dict[str, Any]:
    """The object of a body; a bare NaN in it is None. Raises `InvalidInput`, also for a name that comes twice."""
    try:
        found = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
        )
    except RecursionError:
        raise InvalidInput("the body is nested too deeply") from None
    except ValueError:
        raise InvalidInput("the body is not valid JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise InvalidInput("the body must be an object")
    return found


def to_json(value: Any) -> bytes:
    """``value`` in UTF-8, each number with all its digits."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def sendable(text: str, most: int = MOST_LETTERS) -> str:
    """A message that fits into an answer: half a surrogate pair may come in as JSON, and cannot go out."""
    shown = text.encode(errors="backslashreplace").decode()
    return shown if len(shown) <= most else f"{shown[: most - 3]}..."


def said_of(error: LeptonError) -> str:
    """What is said of an error where there is one text for it: its field, if the message does not name it.

    >>> said_of(InvalidInput("must be a list", field="inputs")), said_of(InvalidInput("'id' is no field", field="id"))
    ('inputs: must be a list', "'id' is no field")
    """
    named = error.field is None or isinstance(error, InvalidData) or repr(error.field) in error.message
    return sendable(error.message if named else f"{error.field}: {error.message}")


def from_csv(body: bytes) -> list[list[str]]:
    """The lines of a body of CSV, none of them empty. Raises `InvalidInput`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("the body is not CSV in UTF-8") from None
    try:
        return [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise InvalidInput(f"the body is not CSV: {error}") from None


def a_list(value: Any, field: str) -> list[Any]:
    """``value``, which must be a list. Raises `InvalidInput` naming ``field``."""
    if not isinstance(value, list):
        raise InvalidInput("must be a list", field=field)
    return value


def a_text(value: Any, field: str) -> str | None:
    """``value``, which must be a text or None. Raises `InvalidInput` naming ``field``.

    One with half a surrogate pair may come in as JSON, and could not go out again.
    """
    if value is not None and (not isinstance(value, str) or sendable(value, len(value)) != value):
        raise InvalidInput("must be a text of whole characters", field=field)
    found: str | None = value
    return found


def names(value: Any, field: str) -> list[str]:
    """``value``, which must be a list of texts. Raises `InvalidInput` naming ``field``."""
    if not all(isinstance(one, str) for one in a_list(value, field)):
        raise InvalidInput("must be a list of texts", field=field)
    found: list[str] = value
    return found


@dataclass(frozen=True)
class InRows:
    """Rows as objects by name, or as lists in the order of ``columns`` (None: the trained order)."""

    version: ServedVersion
    given: Sequence[Any]
    columns: Sequence[str] | None = None

    @property
    def rows(self) -> int:
        """How many rows came."""
        return len(self.given)

    def read(self) -> ReadRows:
        """See `lepton_core.protocols.ForeignRequest`."""
        of = self.version
        return read_rows(self.given, of.schema, self.columns, ignore=of.ignored, reads=of.reads)


def as_object(row: ToldOfRow) -> dict[str, Any]:
    """What is told of a row, as the platform's own protocol says it."""
    if row.label is None:
        return {"value": row.value}
    return {"label": row.label, "probabilities": row.probabilities}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise InvalidInput(f"the key {sendable(twice, 64)!r} is there twice in one object")
    return found


def _constant(text: str) -> float | None:
    return None if text == "NaN" else float(text)


def _integer(text: str) -> float:
    return int(text) if len(text) < _LONGEST_INTEGER else float(text)
