"""Times as programs count them: numbers of seconds or milliseconds since the beginning of 1970."""

import re
from collections.abc import Iterable
from typing import Literal

Unit = Literal["seconds", "milliseconds"]

PER_SECOND: dict[Unit, int] = {"seconds": 1, "milliseconds": 1000}

_FIRST, _LAST = 1_000_000_000, 2_000_000_000
"""From September 2001 to May 2033: ten digits, of which the first is 1."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,9})?")


def unit_of(texts: Iterable[str]) -> Unit | None:
    """The unit in which all cells, one at least, are times of our days; None if there is none.

    >>> unit_of(["1700000000", "1700000060.5"]), unit_of(["1700000000000"]), unit_of(["1700000000", "17"])
    ('seconds', 'milliseconds', None)
    """
    numbers = [float(text) if _NUMBER.fullmatch(text.strip()) else 0.0 for text in texts]
    for unit, many in PER_SECOND.items():
        if numbers and all(_FIRST * many <= number < _LAST * many for number in numbers):
            return unit
    return None


def read_epoch(text: str, unit: Unit) -> float | None:
    """Seconds since 1970-01-01 UTC; None if the cell is no number.

    >>> read_epoch("1700000000500", "milliseconds"), read_epoch("soon", "seconds")
    (1700000000.5, None)
    """
    text = text.strip()
    return float(text) / PER_SECOND[unit] if _NUMBER.fullmatch(text) else None
