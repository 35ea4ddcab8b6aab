"""Dates and date-times: how a column writes them, and one cell as seconds since 1970."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from lepton_core.errors import InvalidInput
from lepton_core.table.spelling.clock import CLOCK, ZONE, microseconds, offset_minutes
from lepton_core.table.spelling.epochs import PER_SECOND, Unit, read_epoch
from lepton_core.table.spelling.missing import (
    LEAST_READ,
    is_only_number,
    present_cells,
    typical,
)
from lepton_core.table.spelling.months import MONTHS, WEEKDAYS, lowered

PIVOT = 69
"""Two digits from here on are years 19xx, below it 20xx, as POSIX has it: 69 is 1969, 68 is 2068."""

Order = Literal["dmy", "mdy", "ymd"]
Zone = Literal["none", "utc", "offsets"]

_NAME = r"(?P<name>[^\W\d_]{3,12})\.?"
_SHAPES = tuple(
    re.compile(rf"{shape}(?:(?:[ T]|, ?| at ){CLOCK} ?{ZONE}?)?{later}")
    for shape, later in (
        (r"(?P<y>[0-9]{4})(?P<s>[-/. ])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})", ""),
        (r"(?P<one>[0-9]{1,2})(?P<s>[-/. ])(?P<two>[0-9]{1,2})(?P=s)(?P<three>[0-9]{4}|[0-9]{2})", ""),
        (
            rf"(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?[- /]?(?:of )?{_NAME}[- /,]{{0,2}}(?P<year>[0-9]{{4}}|[0-9]{{2}})",
            "",
        ),
        (rf"{_NAME}[- /]?(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:, ?| |-|/)(?P<year>[0-9]{{4}})", ""),
        (rf"(?P<y>[0-9]{{4}})[- /.]?{_NAME}[- /.]?(?P<d>[0-9]{{1,2}})", ""),
        # Of C's asctime and of Twitter: the year is behind the clock.
        (rf"{_NAME} +(?P<d>[0-9]{{1,2}})", r" (?P<year>[0-9]{4})"),
    )
)  # fmt: skip
_WITHOUT_DAY = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<y>[0-9]{4})[-/](?P<m>[0-9]{1,2})",
        r"(?P<m>[0-9]{1,2})[-/](?P<y>[0-9]{4})",
        rf"{_NAME}[- /,]{{0,2}}(?P<y>[0-9]{{4}})",
        rf"(?P<y>[0-9]{{4}})[- /]?{_NAME}",
        rf"{_NAME}(?:-| ?')(?P<year>[0-9]{{2}})",
        r"(?P<y>[0-9]{4})[- /]?[Qq](?P<q>[1-4])",
        r"[Qq](?P<q>[1-4])[- /]?(?P<y>[0-9]{4})",
        r"(?P<y>[0-9]{4})-?W(?P<w>[0-9]{2})(?:-?(?P<wd>[1-7]))?",
    )
)
_COMPACT = re.compile(
    r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"
    rf"(?:T?(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?P<second>[0-9]{{2}})?(?P<fraction>)(?P<half>\b\B)?{ZONE}?)?"
)
_NAMES_ZONE = re.compile(r"(.*[0-9]) ?\[[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+\]")
_SEASON = re.compile(r"([0-9]{4})[-/]([0-9]{2})")
_WEEKDAY = re.compile(r"((?:[^\W\d_]|['-]){2,14})\.?,? +")
_EVERYDAY = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])|[-./] ?[0-9]{2}(?![0-9]).*[^\W\d_]")
"""What dates have that are written in another way: a year of four digits, or a short one and a word of the clock."""

_LONGEST = 100
"""A cell of more letters is no date; the longest ones name their zone."""

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class DateNotation:
    """How the dates of a column are written: the order of day, month and year, and whether they name a zone.

    Dates that begin with the year, or name the month, say themselves what is what; ``order`` is for the others. Dates
    without a zone are taken as UTC; others are counted from their own zone. ``unit``: most are no dates to read, but
    numbers of seconds or milliseconds since 1970.

    >>> DateNotation("dmy", "offsets").as_text()
    'dmy offsets'
    """

    order: Order = "ymd"
    zone: Zone = "none"
    unit: Unit | None = None

    def as_text(self) -> str:
        """The order and the zone, a blank between, or the unit; nothing for the plain way, "ymd none"."""
        if self.unit is not None:
            return self.unit
        return "" if self == DateNotation() else f"{self.order} {self.zone}"

    @classmethod
    def from_text(cls, text: str) -> "DateNotation":
        """The notation that `as_text` wrote. Raise `InvalidInput` for any other text.

        >>> DateNotation.from_text("ymd utc")
        DateNotation(order='ymd', zone='utc', unit=None)
        """
        if not text:
            return cls()
        for unit in PER_SECOND:
            if text == unit:
                return cls(unit=unit)
        for order in get_args(Order):
            for zone in get_args(Zone):
                if text == f"{order} {zone}":
                    return cls(order, zone)
        raise InvalidInput(f"{text[:40]!r} is no notation of dates, as 'dmy none'", field="notation")


def date_notation(texts: Mapping[str, int], day_first: bool | None = None) -> DateNotation | None:
    """How a column's dates are written, from its distinct cells and their counts; None if it is no date column.

    The order is the one that reads the most cells: one day beyond 12 decides. If no cell decides, the month is first
    between slashes (``1/2/2024`` is January 2), the day elsewhere (``1.2.2024`` is February 1); see `is_guess`. With
    ``day_first`` somebody said whether the day is before the month, and the other order is none. It must read
    `LEAST_READ` of the present cells. Digits without a sign between them (``20241231``) are dates only if all cells are
    such, of years from 1900 to 2099. Years alone are numbers, and ``2009-10, 2010-11, ...`` are seasons.

    >>> date_notation({"1/2/2024": 5, "31/1/2024": 1})
    DateNotation(order='dmy', zone='none', unit=None)
    >>> date_notation({"20240131": 1, "12345678": 1}), date_notation({"1998": 5})
    (None, None)
    """
    present = present_cells(texts)
    if not any(map(parsed, typical(present))) or _are_seasons(present):
        return None
    digits = {text for text in present if text.strip().isdecimal()}
    are_compact = len(digits) == len(present) and all(map(_is_compact, digits))
    weights = _weights({text: present[text] for text in present if are_compact or text not in digits})
    excluded = {None: "", True: "mdy", False: "dmy"}[day_first]
    order = max((one for one in _preferred(present) if one != excluded), key=lambda one: weights[one])
    if weights[order] < LEAST_READ * sum(present.values()):
        return None
    return DateNotation(order, _zone(present))


def is_guess(texts: Mapping[str, int]) -> bool:
    """Whether a column's cells leave open which is the day and which the month.

    >>> is_guess({"1/2/2024": 5}), is_guess({"1/13/2024": 5}), is_guess({"2024-01-02": 5}), is_guess({"1/1/2024": 5})
    (True, False, False, False)
    """
    if all(one.is_sure for text in texts if (one := parsed(text)) is not None):
        return False
    weights = _weights(texts)
    if weights["dmy"] != weights["mdy"]:
        return False
    return any(read_date(text, _DAY_FIRST) != read_date(text, _MONTH_FIRST) for text in texts)


def mixed_orders(texts: Mapping[str, int]) -> str:
    """What to say of cells that are dates, nearly all, some with the day first and some with the month; "" of others.

    >>> mixed_orders({"31/1/2024": 9, "1/30/2024": 8, "3/4/2024": 9})
    "its cells are dates, but not written in one way: '31/1/2024' has the day first, '1/30/2024' the month"
    """
    present = present_cells(texts)
    if not any(map(parsed, typical(present))):
        return ""
    orders = [(text, read_date(text, _DAY_FIRST), read_date(text, _MONTH_FIRST)) for text in present]
    read = sum(present[text] for text, *values in orders if values != [None, None])
    day = next((text for text, day, month in orders if month is None is not day), None)
    month = next((text for text, day, month in orders if day is None is not month), None)
    if day is None or month is None or read < LEAST_READ * sum(present.values()):
        return ""
    said = f"{day[:_LONGEST]!r} has the day first, {month[:_LONGEST]!r} the month"
    return f"its cells are dates, but not written in one way: {said}"


def read_date(text: str, notation: DateNotation = DateNotation()) -> float | None:
    """Seconds since 1970-01-01 UTC, or None if the cell is no date: the whole cell is read or nothing of it.

    The value is the float64 next to the microsecond that is written: from 1698 to 2242 no two of them are the same.
    A month, quarter or week without a day is its first day. Not read: hour 24 and second 60, zones by their name other
    than UTC, GMT and those that `ZONE` has.

    >>> read_date("1970-01-02"), read_date("1970-01-01T02:00:00.5+02:00")
    (86400.0, 0.5)
    >>> read_date("1.2.1970", DateNotation("dmy")), read_date("1.2.1970", DateNotation("mdy"))
    (2678400.0, 86400.0)
    >>> read_date("2024-02-30") is None
    True
    """
    counted = None if notation.unit is None else read_epoch(text, notation.unit)
    if counted is not None:
        return counted
    found = parsed(text)
    if found is None:
        return None
    days = found.days(notation.order)
    return None if days is None else (days * 86_400_000_000 + found.microseconds) / 1e6


class Parsed(NamedTuple):
    """A date before it is said which of its parts is the day: three numbers, or year, month and day for sure.

    ``short`` is a year of two digits, ``sign`` what stands between the numbers, ``microseconds`` those since midnight,
    the zone's offset taken off.
    """

    parts: tuple[int, int, int]
    is_sure: bool
    short: bool
    sign: str
    microseconds: int
    zone: Zone

    def days(self, order: Order) -> int | None:
        """Days since 1970-01-01, or None if there is no such day in that order."""
        one, two, three = self.parts
        if self.is_sure:
            year, month, day = self.parts
        elif order == "ymd":
            year, month, day = (one if self.short else 0), two, three
        else:
            month, day = (two, one) if order == "dmy" else (one, two)
            year = three
        if self.short:
            year = full_year(year)
        if month > 12 or day > 31:  # most orders fail here, and an exception costs more
            return None
        try:
            return date(year, month, day).toordinal() - _EPOCH
        except ValueError:
            return None


def full_year(year: int) -> int:
    """A year of two digits as one of four, see `PIVOT`.

    >>> full_year(69), full_year(68)
    (1969, 2068)
    """
    return year + (1900 if year >= PIVOT else 2000)


def parsed(text: str) -> Parsed | None:
    """The parts of a cell that may be a date; None if it can be none.

    >>> parsed("Dec 31, 2024").parts
    (2024, 12, 31)
    """
    return None if len(text) > _LONGEST or is_only_number(text) else _parsed(text.strip())


def lacks_offset(text: str) -> bool:
    """Whether a time names its zone, and not how far that is from UTC: only a list of all zones would tell.

    >>> lacks_offset("2024-03-31T02:30:00[Europe/Berlin]"), lacks_offset("2024-03-31T02:30+02:00[Europe/Berlin]")
    (True, False)
    """
    named = _NAMES_ZONE.fullmatch(text.strip())
    found = None if named is None else parsed(named[1])
    return found is not None and found.zone == "none"


@lru_cache(maxsize=1 << 14)
def _parsed(text: str) -> Parsed | None:
    weekday = _WEEKDAY.match(text)
    if weekday is not None and lowered(weekday[1]) in WEEKDAYS and text[weekday.end() :][:1].isalnum():
        without = _parsed(text[weekday.end() :])
        if without is not None:
            return without
    found = next(_readings(text), None)
    if found is not None or _EVERYDAY.search(text) is None:
        return found
    from lepton_core.table.spelling.everyday_dates import everyday  # noqa: PLC0415  (most dates are plain)

    return next(_readings(everyday(text)), None)


def _readings(text: str) -> Iterator[Parsed]:
    for shape in (*_SHAPES, _COMPACT):
        found = shape.fullmatch(text)
        if found is not None:
            one = _with_day(found.groupdict())
            if one is not None:
                yield one
    for shape in _WITHOUT_DAY:
        found = shape.fullmatch(text)
        if found is not None:
            parts = _without_day(found.groupdict())
            if parts is not None:
                yield Parsed(parts, True, False, "", 0, "none")


def _with_day(part: dict[str, str | None]) -> Parsed | None:
    clock = microseconds(part) if part["hour"] is not None else 0
    offset = offset_minutes(part["zone"])
    if clock is None or offset is None:
        return None
    zone: Zone = "none" if part["zone"] is None else "offsets" if offset else "utc"
    clock -= offset * 60_000_000
    if part.get("three"):
        one, two, three = (int(part[name] or 0) for name in ("one", "two", "three"))
        short = len(part["three"] or "") == 2
        # Blanks between three short numbers are those of a list.
        if short and part["s"] == " ":
            return None
        return Parsed((one, two, three), False, short, part["s"] or "", clock, zone)
    month = _month(part)
    year = _year(part)
    if month is None or year is None or part["d"] is None:
        return None
    return Parsed((year, month, int(part["d"])), True, False, "", clock, zone)


def _without_day(part: dict[str, str | None]) -> tuple[int, int, int] | None:
    year = _year(part)
    if year is None:
        return None
    if part.get("w"):
        try:
            monday = date.fromisocalendar(year, int(part["w"] or 0), int(part["wd"] or 1))
        except ValueError:
            return None
        return monday.year, monday.month, monday.day
    month = int(part["q"] or 0) * 3 - 2 if part.get("q") else _month(part)
    return None if month is None else (year, month, 1)


def _month(part: Mapping[str, str | None]) -> int | None:
    if number := part.get("m"):
        return int(number)
    return MONTHS.get(lowered(part.get("name") or ""))


def _year(part: Mapping[str, str | None]) -> int | None:
    if year := part.get("y"):
        return int(year)
    year = part.get("year")
    if year is None:
        return None
    return full_year(int(year)) if len(year) == 2 else int(year)


_DAY_FIRST, _MONTH_FIRST = DateNotation("dmy"), DateNotation("mdy")


def _weights(texts: Mapping[str, int]) -> dict[Order, int]:
    """How many cells each order reads."""
    found = [(one, count) for text, count in texts.items() if (one := parsed(text)) is not None]
    sure = sum(count for one, count in found if one.is_sure and one.days("ymd") is not None)
    rest = [(one, count) for one, count in found if not one.is_sure]
    return {
        order: sure + sum(count for one, count in rest if one.days(order) is not None)
        for order in get_args(Order)
    }


def _preferred(texts: Mapping[str, int]) -> tuple[Order, ...]:
    """The orders, of which the first wins a tie."""
    open_ones = [one for text in texts if (one := parsed(text)) is not None and not one.is_sure]
    if not open_ones:
        return "ymd", "dmy", "mdy"
    slashes = sum(one.sign == "/" for one in open_ones)
    return ("mdy", "dmy", "ymd") if 2 * slashes > len(open_ones) else ("dmy", "mdy", "ymd")


def _zone(texts: Mapping[str, int]) -> Zone:
    zones = {one.zone for text in texts if (one := parsed(text)) is not None}
    return "offsets" if "offsets" in zones else "utc" if "utc" in zones else "none"


def _is_compact(text: str) -> bool:
    """Whether digits are a date of our times, alone or with the time of day."""
    text = text.strip()
    return len(text) in {8, 12, 14} and "1900" <= text[:4] <= "2099" and parsed(text) is not None


def _are_seasons(texts: Mapping[str, int]) -> bool:
    """Whether all cells are as ``2009-10``: a year and the last digits of the next one."""
    found = [_SEASON.fullmatch(text.strip()) for text in texts]
    return len(found) > 1 and all(one is not None and (int(one[1]) + 1) % 100 == int(one[2]) for one in found)
