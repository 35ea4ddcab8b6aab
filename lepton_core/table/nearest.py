"""The name that somebody meant who wrote another one."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

_MOST_COMPARED = 2000
"""Names that are compared with one: it takes microseconds each."""

_LETTERS = 100


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one among ``names`` that is like ``name`` but for case, or is spelled most like it; None if none is.

    >>> nearest("agee", ["town", "age"]), nearest("TOWN", ["town", "age"]), nearest("x", ["town", "age"])
    ('age', 'town', None)
    """
    return _nearest(name, tuple(names)[:_MOST_COMPARED])


def meant(name: str, names: Iterable[str]) -> str:
    """The question whether the nearest one is meant, behind a semicolon; empty if none is like it.

    >>> meant("agee", ["town", "age"])
    "; did you mean 'age'?"
    """
    found = nearest(name, names)
    return "" if found is None else f"; did you mean {found[:_LETTERS]!r}?"


@lru_cache(maxsize=1000)
def _nearest(name: str, names: tuple[str, ...]) -> str | None:
    same = next((one for one in names if one.lower() == name.lower()), None)
    return same or next(iter(get_close_matches(name, names, n=1)), None)
