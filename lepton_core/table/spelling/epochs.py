"""Times as programs count them: numbers of seconds or milliseconds since the beginning of 1970."""

import re
from collections.abc import Mapping
from typing import Literal

Unit = Literal["seconds", "milliseconds"]

PER_SECOND: dict[Unit, int] = {"seconds": 1, "milliseconds": 1000}

_FIRST, _LAST = 1_000_000_000, 2_000_000_000
"""From September 2001 to May 2033: ten digits, of which the first is 1."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,9})?")


EARLIEST = -62135596800.0
"""The beginning of the year 1, in seconds since 1970: the calendar has no earlier one."""

LATEST = 253402300800.0
"""The end of the year 9999."""


def unit_of(counts: Mapping[str, int]) -> Unit | None:
    """The unit in which most cells, of distinct texts with how often each occurs, are times of our days; or None.

    >>> unit_of({"1700000000": 1, "1700000060.5": 2, "17": 1}), unit_of({"1700000000000": 1}), unit_of({"17": 1})
    ('seconds', 'milliseconds', None)
    """
    for unit in PER_SECOND:
        if 2 * sum(count for text, count in counts.items() if is_recent(text, unit)) > sum(counts.values()):
            return unit
    return None


def is_recent(text: str, unit: Unit) -> bool:
    """Whether the cell counts ``unit`` up to a time of our days.

    >>> is_recent("1700000000", "seconds"), is_recent("1700000000", "milliseconds")
    (True, False)
    """
    number = float(text) if _NUMBER.fullmatch(text.strip()) else 0.0
    return _FIRST * PER_SECOND[unit] <= number < _LAST * PER_SECOND[unit]


def read_epoch(text: str, unit: Unit) -> float | None:
    """Seconds since 1970-01-01 UTC; None if the cell is no number, or is not in the years from 1 to 9999.

    >>> read_epoch("1700000000500", "milliseconds"), read_epoch("soon", "seconds"), read_epoch("9" * 13, "seconds")
    (1700000000.5, None, None)
    """
    text = text.strip()
    found = float(text) / PER_SECOND[unit] if _NUMBER.fullmatch(text) else None
    return found if found is not None and EARLIEST <= found < LATEST else None
