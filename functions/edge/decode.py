"""From the bytes of a request to typed values; everything wrong with them becomes an error that names the place."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from functions.edge import words
from functions.edge.shapes import Name
from lepton_core.errors import InvalidInput, NotFound, UnsupportedMediaType

_NAME_META = get_args(Name)[1]
_NAME = re.compile(_NAME_META.pattern)
_VERSION = re.compile(r"[1-9][0-9]{0,9}")

CURSOR = r"^(?:[A-Za-z0-9_.:@-]{1,128})?$"
ONCE = r"^[!-~](?:[ -~]{0,253}[!-~])?$"
"""The values of ``after`` and of ``Idempotency-Key``, as the OpenAPI text says them too."""

_CURSOR = re.compile(CURSOR)
_ONCE = re.compile(ONCE)
_LEAST, _MOST = -(2**63), 2**63 - 1
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_PLACE = re.compile(r" - at `(?:key` in `)?\$\.?([^`]*)`\Z")
_FIELD = re.compile(r"(unknown|required) field `(.*?)`")
_ENUM = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_SINGLE = {
    name.lower(): name
    for name in ("Authorization", "X-Api-Key", "Idempotency-Key", "Content-Type", "Content-Encoding")
}
_ENTRY = "[...]"
_MOST_ENTRIES, _MOST_LETTERS = 100, 64
_WORDS: dict[Any, tuple[str, ...]] = {bool: ("true", "false"), dict: ("an object",)}


@dataclass(frozen=True)
class Count:
    """A query parameter that is an integer in ``low..high``, both included."""

    help: str
    default: int
    low: int
    high: int


@dataclass(frozen=True)
class Flag:
    """A query parameter that is true or false; false, if it is not given."""

    help: str


@dataclass(frozen=True)
class Choice:
    """A query parameter that is one of ``values``."""

    help: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Typed:
    """A query parameter that is JSON of the msgspec type ``of``."""

    help: str
    of: Any


Query = str | Count | Flag | Choice | Typed
"""What a route says of a query parameter; a text says that any text will do."""


LIMIT = Count("The most items on the page.", default=100, low=1, high=1000)


def body_decoder(body: Any, called: str = "the body") -> Callable[[bytes], Any]:
    """The function that turns the bytes of a request into ``body``: None, or a msgspec type.

    What it raises says what is wrong with what is ``called`` so.
    """
    if body is None:
        return _nothing
    decode = msgspec.json.Decoder(body).decode

    def decode_json(raw: bytes) -> Any:
        try:
            return _in_range(decode(raw.removeprefix(BOM_UTF8) or b"{}"))
        except msgspec.ValidationError as error:
            raise _invalid(str(error), body, raw, called) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise InvalidInput(f"{called} is not valid JSON in UTF-8") from None
        except RecursionError:
            raise InvalidInput(f"{called} is nested too deeply") from None

    return decode_json


def leniently(raw: bytes) -> Any:
    """The value of a body, NaN, infinity and numbers of any length included; None if even so it is no JSON.

    Of a name that comes twice the last one counts, as above. A text may hold half a surrogate pair.
    """
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_int=_integer)
    except (ValueError, RecursionError):
        return None


def name(text: str) -> str:
    """A path parameter that is a name; what no thing can be called is simply not found."""
    if _NAME.fullmatch(text) is None:
        raise NotFound(f"nothing can have the name {text[:64]!r}")
    return text


def version(text: str) -> int:
    """A path parameter that counts from 1."""
    if _VERSION.fullmatch(text) is None:
        raise NotFound(f"{text[:64]!r} is not a version")
    return int(text)


def query_values(given: Mapping[str, Sequence[str]] | None, declared: Mapping[str, object]) -> dict[str, str]:
    """The query parameters, each declared by the route and given once."""
    found: dict[str, str] = {}
    for key, values in (given or {}).items():
        if key not in declared:
            raise InvalidInput(f"this call knows no query parameter {key[:64]!r}", field=key[:64])
        if len(values) != 1:
            raise InvalidInput("given more than once", field=key)
        found[key] = values[0]
    return found


def count(query: Mapping[str, str], key: str, wanted: Count) -> int:
    """The integer ``query[key]``, or its default."""
    text = query.get(key)
    if text is None:
        return wanted.default
    if _INTEGER.fullmatch(text) is None or not wanted.low <= int(text) <= wanted.high:
        raise InvalidInput(f"must be an integer from {wanted.low} to {wanted.high}", field=key)
    return int(text)


def flag(query: Mapping[str, str], key: str) -> bool:
    """Whether ``query[key]`` is true."""
    text = query.get(key, "false")
    if text not in _WORDS[bool]:
        raise InvalidInput(f"must be {' or '.join(_WORDS[bool])}", field=key)
    return text == "true"


def choice(query: Mapping[str, str], key: str, wanted: Choice) -> str | None:
    """The value ``query[key]``, one of those that are ``wanted``; None if it is not given."""
    text = query.get(key)
    if text is not None and text not in wanted.values:
        raise InvalidInput(f"must be one of {', '.join(wanted.values)}", field=key)
    return text


def typed(query: Mapping[str, str], key: str, wanted: Typed) -> Any:
    """The value that ``query[key]`` is as JSON; None if it is not given. An error names its field that is wrong."""
    text = query.get(key)
    if text is None:
        return None
    try:
        return body_decoder(wanted.of, key)(text.encode("utf-8", "surrogatepass"))
    except InvalidInput as error:
        raise error if error.field else InvalidInput(str(error), field=key) from None


def check_headers(every: Mapping[str, Sequence[str]] | None) -> None:
    """Raise `InvalidInput` for a header that decides something and came twice: which of the two would it be?"""
    for name, values in (every or {}).items():
        if len(values) > 1 and name.lower() in _SINGLE:
            raise InvalidInput("given more than once", field=_SINGLE[name.lower()])


def check_encoding(headers: Mapping[str, str]) -> None:
    """Raise `UnsupportedMediaType` for a body that is compressed, or encoded in another way."""
    encoding = headers.get("content-encoding", "identity")
    if encoding.strip().lower() not in ("identity", ""):
        raise UnsupportedMediaType(
            f"unsupported content encoding: {encoding[:64]}; send the body as it is", field="Content-Encoding"
        )


def idempotency_key(headers: Mapping[str, str], *, taken: bool) -> str | None:
    """The caller's own name for this request, under which it may send it again if the route has it ``taken``."""
    text = headers.get("idempotency-key")
    if text is not None and not taken:
        raise InvalidInput("this call takes none; leave the header out", field="Idempotency-Key")
    if text is not None and _ONCE.fullmatch(text) is None:
        raise InvalidInput("must be 1 to 255 printable ASCII characters", field="Idempotency-Key")
    return text


def cursor(query: Mapping[str, str]) -> str:
    """The ``after`` of a paged list; empty for the first page."""
    text = query.get("after", "")
    if _CURSOR.fullmatch(text) is None:
        raise InvalidInput("must be the `next` of an earlier page", field="after")
    return text


def _integer(text: str) -> float:
    # `int` takes time that grows with the square of the digits, and refuses more than 4300 of them.
    return int(text) if len(text) < 400 else float(text)


def _nothing(raw: bytes) -> None:
    return None


def _in_range(value: Any) -> Any:
    # JSON has no largest integer, and msgspec takes up to 4300 digits; a key, a date or a seed has no use for them.
    for key in getattr(value, "__struct_fields__", ()):
        number = getattr(value, key)
        if isinstance(number, int) and not _LEAST <= number <= _MOST:
            raise InvalidInput("integer value out of range", field=key)
    return value


def _invalid(message: str, body: Any, raw: bytes, called: str) -> InvalidInput:
    # msgspec says "Expected `int`, got `str` - at `$.rows[0]`" or "... unknown field `x` - at `$.policy`".
    # Its errors have no other mark; `tests/functions/edge/test_decode.py` holds each text that is read here.
    place = _PLACE.search(message)
    path = place[1] if place else ""
    shown = message[: place.start()] if place else message
    if repr(_NAME.pattern) in shown:
        shown = f"must be {_NAME_META.description}".rstrip(".")
    wrong, choices = _ENUM.fullmatch(shown), _choices(_at(body, path))
    if wrong is not None and choices:
        shown = f"must be one of {', '.join(choices)}, not {wrong[1]}"
    named = _FIELD.search(shown)
    name = named[2] if named else ""
    field = ".".join(part for part in (path, name) if part)
    if named is not None and named[1] == "unknown":
        known = getattr(_at(body, path), "__struct_fields__", ())
        return InvalidInput(words.unknown_field(field, name, known), field=field)
    plain = "must be there" if named else words.wrong_type(shown)
    if plain and path.endswith(_ENTRY):
        whole = path.removesuffix(_ENTRY)
        entry = _wrong_entry(message, whole, body, raw)
        if entry is not None:
            return InvalidInput(f"{entry[0]} {plain}: {entry[1]}", field=whole)
    shown = f"{field or called} {plain}" if plain else shown[:1].lower() + shown[1:]
    return InvalidInput(shown, field=field or None)


def _wrong_entry(message: str, path: str, body: Any, raw: bytes) -> tuple[str, str] | None:
    """The entry of the object ``path`` that msgspec's ``message`` is about, in words, and its value; None: not found.

    msgspec names no key. So the body is read again with one entry at a time.
    """
    if not path.isidentifier():
        return None
    whole = leniently(raw)
    if not isinstance(whole, dict) or not isinstance(entries := whole.get(path), dict):
        return None
    for name, value in list(entries.items())[:_MOST_ENTRIES]:
        try:
            msgspec.convert({**whole, path: {name: value}}, body)
        except msgspec.ValidationError as error:
            if str(error) == message:
                return f"{path} of {name[:_MOST_LETTERS]!r}", repr(value)[:_MOST_LETTERS]
    return None


def _at(hint: Any, path: str) -> Any:
    """The type of the field at ``path``, as in ``policy.update``; None if it is not that of a plain field."""
    for field in filter(None, path.split(".")):
        known = get_type_hints(hint) if hasattr(hint, "__struct_fields__") else {}
        hint = known.get(field)
    return hint


def _choices(hint: Any) -> list[str]:
    """The values that the type ``hint`` allows, in words.

    >>> _choices(bool | Literal["algorithm"])
    ['true', 'false', 'algorithm']
    """
    if get_origin(hint) is Literal:
        return [str(one) for one in get_args(hint)]
    words = _WORDS.get(get_origin(hint) or hint)
    return [*words] if words else [one for part in get_args(hint) for one in _choices(part)]
