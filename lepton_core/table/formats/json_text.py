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
_BETWEEN = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
"""What may stand between objects outside of an array; the comma is that of an array whose brackets were lost."""

_BLOCK = 1 << 18
_MOST = 1.7e308


class JsonRow(NamedTuple):
    """An object, what is wrong with it (empty: nothing), the line it begins in, and its text, cut if it is long."""

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


_CUT = 200


def json_rows(data: bytes, start: int = 0, *, cut: int = _CUT) -> Iterator[JsonRow]:
    """The objects in ``data``, in UTF-8 from ``start`` on.

    In a text of objects in lines, mostly one a line, what is no object is a row with a fault, up to the end of its
    line; elsewhere what cannot be read ends the file: `InvalidData` names the line. NaN is null, and a number beyond
    float64 infinite; a key that is there twice, half a surrogate pair and what is nested too deep are faults. Of the
    text of a row ``cut`` letters are told.

    >>> [(row.cells, row.fault) for row in json_rows(b'{"a": 1}\\n{"a": NaN}\\nx\\n')]
    [({'a': 1}, ''), ({'a': None}, ''), ({}, 'this is no JSON: Expecting value')]
    >>> [row.line for row in json_rows(b'[{"a": 1},\\n {"a": 2}]')]
    [1, 2]
    >>> [row.line for row in json_rows(b'{"a": 1}{"a": 2}')]
    [1, 1]
    """
    if _is_by_line(data, start):
        yield from _by_line(data, start, cut)
    else:
        yield from _one_behind_the_other(data[start:].decode("utf-8", "replace"), cut)


def _is_by_line(data: bytes, start: int) -> bool:
    """Whether the first line that is not blank begins and ends with braces, and can be read alone."""
    first = re.compile(rb"\s*").match(data, start)
    at = first.end() if first else start
    end = data.find(b"\n", at)
    line = data[at : end if end >= 0 else len(data)].rstrip()
    if not line.startswith(b"{"):
        return False
    if len(line) > LINE_LETTERS:  # too long to be read; alone it may be all of the objects
        return end >= 0 and line.endswith((b"}", b"},"))
    if line.endswith(b"},"):  # the end of an object, or of one inside it
        return not any(row.fault for row in _of_line(line.decode("utf-8", "replace"), 1, _CUT))
    return line.endswith(b"}") or end < 0


def _by_line(data: bytes, start: int, cut: int) -> Iterator[JsonRow]:
    number = 0
    while start < len(data):
        stop = data.find(b"\n", start + _BLOCK) + 1 or len(data)
        for line in data[start:stop].decode("utf-8", "replace").split("\n"):
            number += 1
            text = line.strip(" \t\r")
            if text:
                yield from _of_line(text, number, cut)
        number -= data.endswith(b"\n", start, stop)  # what is behind the last line is none
        start = stop


def _of_line(text: str, line: int, cut: int) -> Iterator[JsonRow]:
    """The objects in a line, up to what is none."""
    if len(text) > LINE_LETTERS:
        yield JsonRow({}, LONG, line, text[:cut])
        return
    at = 0
    while at < len(text):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield JsonRow({}, f"this is no JSON: {_why(error)}", line, text[at : at + cut])
            return
        yield _checked(value, line, text, at, end, cut)
        at = end if end == len(text) else _behind(_BETWEEN, text, end)


def _one_behind_the_other(text: str, cut: int) -> Iterator[JsonRow]:
    """The values of an array, or values between which only blanks stand."""
    at, line = _behind(_BLANK, text, 0), 1
    line += text.count("\n", 0, at)
    in_array = text.startswith("[", at)
    at = _behind(_BLANK, text, at + 1) if in_array else at
    first = True
    while at < len(text) and not (in_array and text[at] == "]"):
        if in_array and not first:
            if text[at] != ",":
                raise _unreadable(line, "a comma is missing")
            at += 1
        begin = _behind(_BLANK, text, at)
        line += text.count("\n", at, begin)
        try:
            value, end = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError) as error:
            line += text.count("\n", begin, getattr(error, "pos", begin))
            raise _unreadable(line, _why(error)) from None
        yield _checked(value, line, text, begin, end, cut)
        at = _behind(_BLANK if in_array else _BETWEEN, text, end)
        line += text.count("\n", begin, at)
        first = False
    if in_array and (at >= len(text) or _behind(_BLANK, text, at + 1) < len(text)):
        what = "it ends too early" if at >= len(text) else "there is text behind its end"
        raise _unreadable(line, what)


def _unreadable(line: int, why: str) -> InvalidData:
    return InvalidData(
        f"line {line}: the JSON cannot be read: {why}; get the file again, or write one object a line: then the lines "
        "that can be read are"
    )


def _behind(what: re.Pattern[str], text: str, at: int) -> int:
    found = what.match(text, at)
    return found.end() if found else at


def _checked(value: Any, line: int, text: str, begin: int, end: int, cut: int) -> JsonRow:
    try:
        fault = _fault(value, text, begin, end)
        if not fault and end - begin > 309 and _LONG_NUMBER.search(text, begin, end):
            value = _bounded(value)
    except RecursionError:
        fault = "it is nested too deep"
    return JsonRow(value if type(value) is dict else {}, fault, line, text[begin : min(end, begin + cut)])


def _fault(value: Any, text: str, begin: int, end: int) -> str:
    if type(value) is Twice:
        return f"the key {value.key[:80]!r} is there twice"
    if type(value) is not dict:
        return "it is no object: write each row as {name: value, ...}"
    if end - begin > LINE_LETTERS and any(
        type(cell) is str and len(cell) > LINE_LETTERS for cell in value.values()
    ):
        return LONG
    if text.find("\\u", begin, end) >= 0 and not _is_unicode(value):
        return "half a surrogate pair is no text"
    return ""


def _bounded(value: Any) -> Any:
    """The same, with an infinity for each whole number beyond float64; lists are no cells, and stay."""
    if type(value) is int and abs(value) > _MOST:
        return inf if value > 0 else -inf
    return {name: _bounded(one) for name, one in value.items()} if type(value) is dict else value


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
