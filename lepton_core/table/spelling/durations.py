"""Lengths of time: `2 days`, `1 days 06:00:00`, `06:00:00`, `PT3H`, `90 min`, `1h 30m`."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput
from lepton_core.table.spelling.clock import CLOCK, fraction_of, microseconds
from lepton_core.table.spelling.missing import (
    LEAST_READ,
    LONGEST_READ,
    is_only_number,
    present_cells,
    typical,
)

_UNITS = {
    "us": 1, "µs": 1, "μs": 1, "microsecond": 1, "microseconds": 1,
    "ms": 1000, "msec": 1000, "millisecond": 1000, "milliseconds": 1000,
    "s": 10**6, "sec": 10**6, "secs": 10**6, "second": 10**6, "seconds": 10**6,
    "m": 60 * 10**6, "min": 60 * 10**6, "mins": 60 * 10**6, "minute": 60 * 10**6, "minutes": 60 * 10**6,
    "h": 3600 * 10**6, "hr": 3600 * 10**6, "hrs": 3600 * 10**6, "hour": 3600 * 10**6, "hours": 3600 * 10**6,
    "d": 86400 * 10**6, "day": 86400 * 10**6, "days": 86400 * 10**6,
    "w": 7 * 86400 * 10**6, "wk": 7 * 86400 * 10**6, "wks": 7 * 86400 * 10**6,
    "week": 7 * 86400 * 10**6, "weeks": 7 * 86400 * 10**6,
}  # fmt: skip
_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,9})?"
_PIECE = re.compile(rf"({_NUMBER}) ?([a-zµμ]+)\.?")
_WORDS = re.compile(
    rf"(?P<minus>-)? ?(?P<pieces>{_NUMBER} ?[a-zµμ]+\.?(?:(?:, ?| and | )?{_NUMBER} ?[a-zµμ]+\.?)*)"
)
_ISO = re.compile(
    rf"(?P<minus>-)?P(?=.)(?:(?P<w>{_NUMBER})W)?(?:(?P<d>{_NUMBER})D)?"
    rf"(?:T(?=.)(?:(?P<h>{_NUMBER})H)?(?:(?P<m>{_NUMBER})M)?(?:(?P<s>{_NUMBER})S)?)?"
)
_CLOCK = re.compile(
    r"(?:(?P<minus>-)?(?P<days>[0-9]{1,9}) days?(?P<comma>,)? )?(?P<late>[+-])?"
    r"(?P<one>[0-9]{1,4}):(?P<two>[0-9]{2})(?::(?P<three>[0-9]{2}))?(?:[.,](?P<fraction>[0-9]{1,9}))?"
)
_HALVES = re.compile(CLOCK)
_SAYS_CLOCK = re.compile(r"(?:[^\W\d_][^\d]{0,8})?[0-9]{1,2}[ :.\w]")


@dataclass(frozen=True)
class DurationNotation:
    """What two numbers with a colon are: ``hm`` hours and minutes, ``ms`` minutes and seconds.

    >>> DurationNotation("ms").as_text()
    'ms'
    """

    clock: Literal["hm", "ms"] = "hm"

    def as_text(self) -> str:
        """``ms``, or nothing for ``hm``."""
        return "" if self.clock == "hm" else self.clock

    @classmethod
    def from_text(cls, text: str) -> "DurationNotation":
        """The notation that `as_text` wrote. Raise `InvalidInput` for any other text.

        >>> DurationNotation.from_text("hm")
        DurationNotation(clock='hm')
        """
        if text in ("", "hm"):
            return cls("hm")
        if text == "ms":
            return cls("ms")
        raise InvalidInput(f"{text[:40]!r} is no notation of durations, as 'hm'", field="notation")


def duration_notation(texts: Mapping[str, int]) -> DurationNotation | None:
    """How a column's durations are written, from its distinct cells and their counts; None if it is no such column.

    A time of day is the duration since midnight, also as ``10:15 Uhr`` or ``10h15``. ``a:b`` is hours and minutes, but
    minutes and seconds where some cell has a first number beyond 23 or a fraction. One letter (``5m``, ``3d``) is a
    unit of time only beside cells that say more: five metres are no minutes. Months and years have no fixed length:
    they are numbers with a unit.

    >>> duration_notation({"1h 30m": 3, "45m": 2})
    DurationNotation(clock='hm')
    >>> duration_notation({"01:25.6": 1, "01:31.0": 1}).as_text()
    'ms'
    >>> duration_notation({"5m": 3}) is duration_notation({"36 months": 1}) is None
    True
    """
    present = present_cells(texts)
    if not any(map(_parsed, typical(present))):
        return None
    found = {text: one for text in present if (one := _parsed(text)) is not None}
    read = sum(present[text] for text in found)
    if (
        not found
        or read < LEAST_READ * sum(present.values())
        or not any(one.is_clear for one in found.values())
    ):
        return None
    return DurationNotation("ms" if any(one.is_short for one in found.values()) else "hm")


def read_duration(text: str, notation: DurationNotation = DurationNotation()) -> float | None:
    """Seconds, the float64 next to the microsecond written; None if the cell is no duration. Nothing is half-read.

    >>> [read_duration(text) for text in ("2 days", "1 days 06:00:00", "PT3H", "90 min", "6:00 PM", "5 km")]
    [172800.0, 108000.0, 10800.0, 5400.0, 64800.0, None]
    >>> read_duration("01:25.5", DurationNotation("ms"))
    85.5
    """
    found = _parsed(text)
    if found is None:
        return None
    if found.is_pair and notation.clock == "hm":
        return None if found.microseconds % 10**6 else found.microseconds * 60 / 1e6
    return found.microseconds / 1e6


def read_durations(texts: Sequence[str], notation: DurationNotation) -> NDArray[np.float64]:
    """Cells as seconds, float64 (m,); NaN where a cell is missing or unreadable.

    >>> read_durations(["1 min", "", "x"], DurationNotation())
    array([60., nan, nan])
    """
    values = {text: read_duration(text, notation) for text in set(texts)}
    return np.array(
        [math.nan if (value := values[text]) is None else value for text in texts], dtype=np.float64
    )


class _Parsed(NamedTuple):
    """Microseconds, those of ``a:b`` as minutes and seconds; whether the cell alone is surely a time."""

    microseconds: int
    is_clear: bool = True
    is_pair: bool = False
    is_short: bool = False


def _parsed(text: str) -> _Parsed | None:
    return None if len(text) > LONGEST_READ or is_only_number(text) else _stripped(text.strip())


@lru_cache(maxsize=1 << 14)
def _stripped(text: str) -> _Parsed | None:
    if text[:1] == "P" or text[:2] == "-P":
        return _iso(text)
    if ":" in text or text[-1:] in "mM.":
        found = _clock(text)
        if found is not None:
            return found
    return _words(text) or _with_words(text)


def _with_words(text: str) -> _Parsed | None:
    """A time of day that people write in words or with other marks: `10:15 Uhr`, `10h15`."""
    if _SAYS_CLOCK.match(text) is None:
        return None
    from lepton_core.table.spelling.everyday_dates import everyday_clock  # noqa: PLC0415  (most times are plain)

    found = _HALVES.fullmatch(everyday_clock(text) or "")
    value = None if found is None else microseconds(found.groupdict())
    return None if value is None else _Parsed(value)


def _clock(text: str) -> _Parsed | None:
    halves = _HALVES.fullmatch(text)
    if halves is not None and halves["half"]:
        value = microseconds(halves.groupdict())
        return None if value is None else _Parsed(value)
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    one, two, three = int(found["one"]), int(found["two"]), int(found["three"] or 0)
    if two > 59 or three > 59 or (found["days"] and (one > 23 or found["three"] is None)):
        return None
    is_pair = found["three"] is None
    seconds = one * 60 + two if is_pair else (one * 60 + two) * 60 + three
    value = seconds * 10**6 + fraction_of(found["fraction"])
    if found["days"] is None:
        is_short = is_pair and (one > 23 or found["fraction"] is not None)
        return _Parsed(-value if found["late"] == "-" else value, True, is_pair, is_short)
    days = int(found["days"]) * 86_400_000_000
    # Minus six hours are "-1 days +18:00:00" to pandas and "-1 day, 18:00:00" to Python: the minus is that of the days.
    if found["minus"] and found["late"] is None and found["comma"] is None:
        return _Parsed(-days - value)
    return _Parsed((-days if found["minus"] else days) + (-value if found["late"] == "-" else value))


def _iso(text: str) -> _Parsed | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    units = {"w": "week", "d": "day", "h": "hour", "m": "minute", "s": "second"}
    value = sum(_times(found[letter], _UNITS[unit]) for letter, unit in units.items() if found[letter])
    return _Parsed(-value if found["minus"] else value)


def _words(text: str) -> _Parsed | None:
    found = _WORDS.fullmatch(text.lower())
    if found is None:
        return None
    pieces = _PIECE.findall(found["pieces"])
    units = [unit for _, unit in pieces]
    if any(unit not in _UNITS for unit in units):
        return None
    sizes = [_UNITS[unit] for unit in units]
    if any(large <= small for large, small in pairwise(sizes)):
        return None
    value = sum(_times(number, _UNITS[unit]) for number, unit in pieces)
    return _Parsed(
        -value if found["minus"] else value, len(pieces) > 1 or len(units[0]) > 1 or units[0] == "h"
    )


def _times(number: str, unit: int) -> int:
    """The number of units as microseconds, rounded."""
    whole, _, fraction = number.partition(".")
    return int(whole) * unit + round(int(fraction.ljust(9, "0")) * unit / 10**9)
