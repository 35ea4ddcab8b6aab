"""The rows of a JSON text, each with its line: objects one a line, one behind the other, or in an array."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

from lepton_core.errors import InvalidData
from lepton_core.table.files.lines import LINE_LETTERS, LONG

_BEGINS = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{\]])')
_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{309}")
"""So many digits may be a whole number beyond all of float64."""

_BLANK = re.compile(r"[ \t\r\n]*")
_BLOCK = 1 << 18
_MOST = 1.7e308


class JsonRow(NamedTuple):
    """An object, what is wrong with it (empty: nothing), the line it begins in, and its text, cut."""

    cells: dict[str, Any]
    fault: str
    line: int
    text: str


@dataclass
class Twice:
    """Stands for an object that has a key twice. It has no hash, as no object has."""

    key: str


def is_json(head: bytes) -> bool:
    """Whether a text in UTF-8 that begins like this holds JSON objects.

    >>> is_json(b' {"a": 1}'), is_json(b'[{}]'), is_json(b"a,b"), is_json(b"[x],{y}")
    (True, True, False, False)
    """
    return _BEGINS.match(head) is not None


def json_rows(data: bytes, start: int = 0) -> Iterator[JsonRow]:
    """The objects in ``data``, in UTF-8 from ``start`` on.

    In a text of one object a line a line that is no object is a row with a fault; elsewhere what cannot be read ends
    the file: `InvalidData` names the line. NaN is null; a key that is there twice, infinity, numbers beyond float64,
    half a surrogate pair and what is nested too deep are faults.

    >>> [(row.cells, row.fault) for row in json_rows(b'{"a": 1}\\n{"a": NaN}\\nx\\n')]
    [({'a': 1}, ''), ({'a': None}, ''), ({}, 'this is no JSON: Expecting value')]
    >>> [row.line for row in json_rows(b'[{"a": 1},\\n {"a": 2}]')]
    [1, 2]
    """
    if _is_by_line(data, start):
        yield from _by_line(data, start)
    else:
        yield from _one_behind_the_other(data[start:].decode("utf-8", "replace"))


def _is_by_line(data: bytes, start: int) -> bool:
    """Whether the first line that is not blank begins and ends with braces."""
    first = re.compile(rb"\s*").match(data, start)
    at = first.end() if first else start
    end = data.find(b"\n", at)
    line = data[at : end if end >= 0 else len(data)].rstrip()
    return line.startswith(b"{") and (line.endswith(b"}") or end < 0)


def _by_line(data: bytes, start: int) -> Iterator[JsonRow]:
    number = 0
    while start < len(data):
        stop = data.find(b"\n", start + _BLOCK) + 1 or len(data)
        for line in data[start:stop].decode("utf-8", "replace").split("\n"):
            number += 1
            text = line.strip(" \t\r")
            if text:
                yield _row(text, number)
        number -= data.endswith(b"\n", start, stop)  # what is behind the last line is none
        start = stop


def _row(text: str, line: int) -> JsonRow:
    if len(text) > LINE_LETTERS:
        return JsonRow({}, LONG, line, text[:200])
    try:
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError) as error:
        return JsonRow({}, f"this is no JSON: {_why(error)}", line, text[:200])
    if end < len(text):
        return JsonRow({}, "there is more than one value in the line", line, text[:200])
    return _checked(value, line, text, 0, end)


def _one_behind_the_other(text: str) -> Iterator[JsonRow]:
    """The values of an array, or values between which only blanks stand."""
    at, line = _behind_blanks(text, 0), 1
    line += text.count("\n", 0, at)
    in_array = text.startswith("[", at)
    at = _behind_blanks(text, at + 1) if in_array else at
    first = True
    while at < len(text) and not (in_array and text[at] == "]"):
        if in_array and not first:
            if text[at] != ",":
                raise InvalidData(f"line {line}: the JSON cannot be read: a comma is missing")
            at += 1
        begin = _behind_blanks(text, at)
        line += text.count("\n", at, begin)
        try:
            value, end = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError) as error:
            line += text.count("\n", begin, getattr(error, "pos", begin))
            raise InvalidData(f"line {line}: the JSON cannot be read: {_why(error)}") from None
        yield _checked(value, line, text, begin, end)
        at = _behind_blanks(text, end)
        line += text.count("\n", begin, at)
        first = False
    if in_array and (at >= len(text) or _behind_blanks(text, at + 1) < len(text)):
        what = "it ends too early" if at >= len(text) else "there is text behind its end"
        raise InvalidData(f"line {line}: the JSON cannot be read: {what}")


def _behind_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _checked(value: Any, line: int, text: str, begin: int, end: int) -> JsonRow:
    try:
        fault = _fault(value, text, begin, end)
    except RecursionError:
        fault = "it is nested too deep"
    return JsonRow(value if type(value) is dict else {}, fault, line, text[begin : min(end, begin + 200)])


def _fault(value: Any, text: str, begin: int, end: int) -> str:
    if type(value) is Twice:
        return f"the key {value.key[:80]!r} is there twice"
    if type(value) is not dict:
        return "it is no object: write each row as {name: value, ...}"
    if end - begin > 309 and _LONG_NUMBER.search(text, begin, end) and _is_beyond(value):
        return "a number is beyond the range of float64"
    if text.find("\\u", begin, end) >= 0 and not _is_unicode(value):
        return "half a surrogate pair is no text"
    return ""


def _is_beyond(value: Any) -> bool:
    if type(value) is int:
        return abs(value) > _MOST
    inside = value.values() if type(value) is dict else value if type(value) is list else ()
    return any(map(_is_beyond, inside))


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except (UnicodeEncodeError, ValueError):
        return False
    return True


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return error.msg if isinstance(error, json.JSONDecodeError) else "a number has too many digits"


def _object(pairs: list[tuple[str, Any]]) -> Any:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    return Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]


def _constant(text: str) -> float | None:
    return {"NaN": None, "Infinity": inf, "-Infinity": -inf}[text]


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
