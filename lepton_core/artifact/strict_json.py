"""JSON from somebody we do not trust: one meaning only, no value on which the rest of the program chokes."""

import json
from math import isfinite
from typing import Any, NoReturn


def parse(text: str) -> Any:
    """The value of a JSON document.

    Refused with ``ValueError``: what JSON does not allow, a key twice in one object, NaN and infinity (1e999
    too), integers of thousands of digits, half a surrogate pair, nesting deeper than the stack.

    >>> parse('{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    """
    try:
        value = _DECODER.decode(text)
        if "\\u" in text:  # only an escape can smuggle in a character that has no UTF-8
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deep") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return made


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError("a number out of range")
    return value


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_constant=_constant)
