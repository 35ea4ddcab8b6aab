"""Keys that stand twice in a row of a JSON body: of these a decoder takes the last, and says nothing."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput

_COLON, _QUOTE, _BACKSLASH, _BLANK = b":"[0], b'"'[0], b"\\"[0], b" "[0]
_SECOND_IS_COLON = np.uint16(_COLON << 8)
_BLOCK = 1 << 16
_ENDS = 64
_SMALL = 4096
"""Up to so many bytes Python counts as fast as numpy."""


def refuse_twice(raw: bytes, rows: Sequence[Any], around: int) -> None:
    r"""Raise `InvalidData` naming row and key if an object in ``raw`` has a key twice, a row's own or one in a cell.

    ``rows`` are those that were decoded from its key "rows", and ``around`` counts the keys beside them, that one too.
    Where there are as many colons as keys none is there twice, and no more is looked at.

    >>> refuse_twice(b'{"rows": [{"a": 1}, {"a": 1, "b": 2, "a": 3}]}', [{"a": 1}, {"a": 3, "b": 2}], 1)
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 2, column 'a': the key is there twice in the row
    """
    keys = _keys(rows) + around
    if _colons(raw) != keys and not _is_sure(raw, keys):
        _refuse(raw)


def keys_around(raw: bytes, said: Mapping[str, bool]) -> int:
    """How many keys a body has: that of its rows, those that were ``said``, and one that says false at either end."""
    return 1 + sum(given or says_false(raw, name) for name, given in said.items())


def says_false(raw: bytes, name: str) -> bool:
    """Whether the first or the last key of the body itself is ``name``, with false.

    >>> says_false(b'{"rows": [], "explain": false}', "explain")
    True
    >>> says_false(b'{"rows": [{"explain": false}]}', "explain")
    False
    """
    key = rf'"{name}"\s*:\s*false\s*'.encode()
    first, last = rb"\s*\{\s*" + key + b",", rb".*,\s*" + key + rb"\}\s*\Z"
    return bool(re.match(first, raw[:_ENDS]) or re.match(last, raw[-_ENDS:], re.DOTALL))


def _keys(rows: Sequence[Any]) -> int:
    kinds = set(map(type, rows))
    if dict not in kinds:
        return 0
    return sum(map(len, rows)) if len(kinds) == 1 else sum(len(row) for row in rows if type(row) is dict)


def _colons(raw: bytes) -> int:
    """Those of the keys, and those within texts."""
    if len(raw) < _SMALL:
        return raw.count(b":")
    octets = np.frombuffer(raw, np.uint8)
    # Some at a time stay in the cache.
    blocks = (octets[at : at + _BLOCK] for at in range(0, len(octets), _BLOCK))
    return int(sum(np.count_nonzero(block == _COLON) for block in blocks))


def _is_sure(raw: bytes, keys: int) -> bool:
    """Whether the other colons stand within texts: behind no quote, as those of keys do, if no blank is between."""
    octets, escapes = np.frombuffer(raw, np.uint8), b"\\" in raw
    for begin in (0, 1):  # each octet but the last one and the next are a pair of one of the two
        pairs = np.frombuffer(raw[begin:], "<u2", (len(raw) - begin) // 2)
        for at in range(0, len(pairs), _BLOCK):
            # Where the second of a pair is a colon, this is the first; elsewhere it is larger than any octet.
            before = pairs[at : at + _BLOCK] - _SECOND_IS_COLON
            quoted = before == _QUOTE
            keys -= int(np.count_nonzero(quoted))
            if (before <= _BLANK).any():
                return False
            # A quote behind a backslash may stand within a text.
            if escapes and (octets[begin - 1 + 2 * (at + np.flatnonzero(quoted))] == _BACKSLASH).any():
                return False
    return keys == 0


@dataclass
class _Twice:
    key: str


def _object(pairs: list[tuple[str, Any]]) -> Any:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    return _Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]


def _refuse(raw: bytes) -> None:
    # No number is looked at, and Python makes none of very many digits.
    found = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_object, parse_int=str)
    if isinstance(found, _Twice):
        raise InvalidInput("is there twice in the body", field=found.key)
    for number, row in enumerate(found["rows"], start=1):
        twice = _twice_in(row)
        if twice is not None:
            raise InvalidData("the key is there twice in the row", row=number, column=twice)


def _twice_in(value: Any, above: str = "") -> str | None:
    """The name of the first key that is twice in ``value`` or in an object inside it."""
    if isinstance(value, _Twice):
        return above + value.key
    inside = value.items() if isinstance(value, dict) else ()
    return next(filter(None, (_twice_in(one, f"{above}{key}.") for key, one in inside)), None)
