"""Reads the fields of stored JSON; what is not as it should be raises `InvalidArtifact` naming the field."""

from collections.abc import Mapping
from itertools import pairwise
from math import isfinite
from typing import Any, NoReturn

from lepton_core.errors import InvalidArtifact

MAX_COUNT = 2**53
"""Largest count: other readers of JSON keep integers exact up to here, and sums stay far within int64."""


def mapping(value: Any, field: str) -> dict[str, Any]:
    """``value`` if it is an object."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        refuse("an object was expected", field)
    return value


def part(value: Mapping[str, Any], key: str) -> Any:
    """``value[key]``.

    >>> part({}, "rows")
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: rows: missing
    """
    if key not in value:
        refuse("missing", key)
    return value[key]


def text(value: Any, field: str) -> str:
    """``value`` if it is a text."""
    if not isinstance(value, str):
        refuse("a text was expected", field)
    return value


def count(value: Any, field: str) -> int:
    """``value`` if it is a whole number from 0 to `MAX_COUNT`."""
    if type(value) is not int or not 0 <= value <= MAX_COUNT:
        refuse("a count was expected", field)
    return value


def counts(value: Any, field: str, length: int | None = None) -> tuple[int, ...]:
    """``value`` as a tuple, if it is a list of (``length``) counts."""
    found = items(value, field)
    if length is not None and len(found) != length:
        refuse(f"{length} counts were expected, not {len(found)}", field)
    return tuple(count(item, field) for item in found)


def texts(value: Any, field: str) -> tuple[str, ...]:
    """``value`` as a tuple, if it is a list of distinct texts."""
    found = tuple(text(item, field) for item in items(value, field))
    if len(set(found)) != len(found):
        refuse("a text stands there twice", field)
    return found


def rising(value: Any, field: str) -> tuple[float, ...]:
    """``value`` as a tuple, if it is a list of finite numbers, each greater than the one before."""
    found = items(value, field)
    if not all(type(item) in (int, float) for item in found):
        refuse("numbers were expected", field)
    try:
        numbers = tuple(map(float, found))
    except OverflowError:
        refuse("a number out of range", field)
    if not all(map(isfinite, numbers)) or any(b <= a for a, b in pairwise(numbers)):
        refuse("finite and rising numbers were expected", field)
    return numbers


def items(value: Any, field: str) -> list[Any]:
    """``value`` if it is a list."""
    if not isinstance(value, list):
        refuse("a list was expected", field)
    return value


def refuse(message: str, field: str) -> NoReturn:
    """Raise `InvalidArtifact` for ``field``."""
    raise InvalidArtifact(f"{field[:80]}: {message}", field=field[:80])
