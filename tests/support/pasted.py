"""Calls that the product prints for people to paste, made without running text as code: names and literals only."""

import ast
from collections.abc import Mapping
from typing import Any


def paste(text: str, names: Mapping[str, Any]) -> Any:
    """What the call ``text`` gives, where it may use ``names``.

    Its arguments are literals, names, or calls of the same form. Everything else raises ``ValueError``: what a person
    pastes must not do more than it says, whatever a column is called.

    >>> paste("Text(x, sep=', ').join(['a', 'b'])", {"Text": lambda x, sep: sep, "x": 1})
    'a, b'
    >>> paste("[one for one in x]", {"x": 1})
    Traceback (most recent call last):
    ValueError: no plain call: [one for one in x]
    """
    return _value(ast.parse(text, mode="eval").body, names)


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Call(func, arguments, keywords) if all(one.arg for one in keywords):
            given = {str(one.arg): _value(one.value, names) for one in keywords}
            return _value(func, names)(*(_value(one, names) for one in arguments), **given)
        case ast.Attribute(owner, attribute) if not attribute.startswith("_"):
            return getattr(_value(owner, names), attribute)
        case ast.Name(name):
            return names[name]
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ValueError(f"no plain call: {ast.unparse(node)}") from None
