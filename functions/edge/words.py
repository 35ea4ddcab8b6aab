"""What msgspec says of a body that is not of its type, in plain words that name the field."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "object": "an object",
    "array": "a list",
}
_WRONG = re.compile(r"Expected `([^`]*)`(.*?)(?:, got `([^`]*)`)?", re.DOTALL)


def wrong_type(message: str) -> str | None:
    """What a field must be, if ``message`` is about the type, or the size, of its value; None if not.

    >>> wrong_type("Expected `array | null`, got `object`"), wrong_type("Expected `int` >= 1")
    ('must be a list or null, not an object', 'must be a whole number >= 1')
    """
    found = _WRONG.fullmatch(message)
    if found is None:
        return None
    wanted, how, got = found.groups()
    return f"must be {_words(wanted)}{how}{f', not {_words(got)}' if got else ''}"


def unknown_field(field: str, name: str, known: Sequence[str]) -> str:
    """That the body, or the part of it at ``field`` without ``name``, has no field ``name``; which one was meant.

    >>> unknown_field("row", "row", ["rows", "columns"]), unknown_field("policy.x", "x", ["update"])
    ("'row' is no field of this call; did you mean 'rows'?", "'x' is no field of policy; there are: update")
    """
    of = field.removesuffix(name).rstrip(".") or "this call"
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(known)}" if known else ""
    return f"{name!r} is no field of {of}{hint}"


def _words(types: str) -> str:
    names = types.split(" | ")
    said = [_TYPES.get(name, name) for name in names if name != "int" or "float" not in names]
    return " or ".join(said)
