"""A frozen dataclass out of JSON that somebody else wrote: its fields say all that may stand there."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeGuard, TypeVar, Union, get_args, get_origin, get_type_hints

from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.fields import refuse

T = TypeVar("T")

_SCALARS = (str, bool, int, float, NoneType)


def of_json(value: Any, kind: type[T], field: str = "") -> T:
    """``value``, which `strict_json.parse` made, as the dataclass ``kind``; ``field`` is where it stands.

    A field may be a text, a truth value, a number, None, a dataclass, a ``tuple[X, ...]``, a ``Literal``, a mapping of
    texts, or one of several of these; ``Any`` is what JSON has. One with a default may be left out. Raises
    `InvalidArtifact` naming the field for anything else, and what the dataclass itself refuses.

    >>> from lepton_core.errors import RowError
    >>> of_json({"row": 3, "reason": "is missing"}, RowError)
    RowError(row=3, reason='is missing', column=None)
    >>> of_json({"row": 3.5, "reason": "is missing"}, RowError, "error")
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: error.row: a whole number was expected
    """
    if not isinstance(value, dict):
        refuse("an object was expected", field or "value")
    known, hints = {one.name: one for one in fields(kind)}, get_type_hints(kind)  # type: ignore[arg-type]
    for name in value:
        if name not in known:
            refuse("an unknown field", _below(field, name))
    for name, one in known.items():
        if name not in value and one.default is MISSING and one.default_factory is MISSING:
            refuse("missing", _below(field, name))
    given = {name: _read(one, hints[name], _below(field, name)) for name, one in value.items()}
    try:
        return kind(**given)
    except InvalidArtifact:
        raise
    except InvalidInput as error:
        raise InvalidArtifact(f"{field or kind.__name__}: {error.message}", field=error.field) from None


def _read(value: Any, kind: Any, field: str) -> Any:
    origin = get_origin(kind)
    if kind is Any:
        return value
    if origin in (Union, UnionType):
        return _one_of(value, get_args(kind), field)
    if origin is Literal:
        if not any(type(value) is type(one) and value == one for one in get_args(kind)):
            refuse(f"one of {', '.join(map(repr, get_args(kind)))} was expected", field)
        return value
    if origin is tuple:
        if not isinstance(value, list):
            refuse("a list was expected", field)
        return tuple(_read(one, get_args(kind)[0], f"{field}[{at}]") for at, one in enumerate(value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            refuse("an object was expected", field)
        return {name: _read(one, get_args(kind)[1], _below(field, name)) for name, one in value.items()}
    return of_json(value, kind, field) if _is_value(kind) else _scalar(value, kind, field)


def _is_value(kind: Any) -> TypeGuard[type[Any]]:
    return isinstance(kind, type) and is_dataclass(kind)


def _scalar(value: Any, kind: Any, field: str) -> Any:
    if kind not in _SCALARS:
        raise TypeError(f"{field}: no JSON is read as {kind!r}")
    if kind is float and type(value) is int and abs(value) <= 2**53:
        return float(value)
    if type(value) is not kind:
        words = {
            str: "a text",
            bool: "true or false",
            int: "a whole number",
            float: "a number",
            NoneType: "null",
        }
        refuse(f"{words[kind]} was expected", field)
    return value


def _one_of(value: Any, kinds: tuple[Any, ...], field: str) -> Any:
    """The first of ``kinds`` that the value is; of those for an object or a list the error is the last one's."""
    found: InvalidArtifact | None = None
    for kind in kinds:
        try:
            return _read(value, kind, field)
        except InvalidArtifact as error:
            is_meant = isinstance(value, dict | list) and kind not in _SCALARS
            found = error if found is None or is_meant else found
    raise found or InvalidArtifact(f"{field}: nothing is possible here", field=field)


def _below(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
