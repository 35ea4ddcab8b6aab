"""Yes and no in everyday spellings."""

from collections.abc import Iterable

_SPELLINGS = {
    "true": True, "t": True, "yes": True, "y": True, "on": True, "1": True,
    "false": False, "f": False, "no": False, "n": False, "off": False, "0": False,
}  # fmt: skip
_FAMILIES = (
    frozenset({"true", "false", "t", "f", "1", "0"}),
    frozenset({"yes", "no", "y", "n", "1", "0"}),
    frozenset({"on", "off", "1", "0"}),
)


def boolean_of(text: str) -> bool | None:
    """The truth value that a cell spells, in any case; None if it spells none.

    >>> [boolean_of(text) for text in ("TRUE", "t", "No", "0", "2")]
    [True, True, False, False, None]
    """
    return _SPELLINGS.get(text.strip().lower())


def are_booleans(texts: Iterable[str]) -> bool:
    """Whether all cells spell truth values of one pair: true/false, yes/no, on/off, or 1/0 beside them or alone.

    One letter alone (a column of nothing but ``F``) or one digit alone is no evidence of a pair.

    >>> are_booleans(["True", "FALSE", "1"]), are_booleans(["yes", "off"]), are_booleans(["0", "0"])
    (True, False, False)
    """
    found = set()
    for text in texts:
        if boolean_of(text) is None:
            return False
        found.add(text.strip().lower())
    if not found or (len(found) == 1 and len(next(iter(found))) == 1):
        return False
    return any(found <= family for family in _FAMILIES)
