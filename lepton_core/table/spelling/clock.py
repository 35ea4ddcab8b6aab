"""The time of day and the zone at the end of a date."""

import re
from collections.abc import Mapping

CLOCK = (
    r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
"""A time of day, as `06:00`, `6:00:00.25`, `6:00 PM`, `6 pm`."""

ZONE = (
    r"(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?|(?:UTC|GMT)(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?"
    r"|[ECMP][SD]T|CES?T|MES?Z|WES?T|EES?T|JST)"
)
"""A zone that says how far it is from UTC: those of North America by RFC 2822, those of Europe, and Japan's."""

_NAMED = {
    "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "JST": 9,
}  # fmt: skip
_OFFSET = re.compile(r"([+-])([0-9]{1,2}):?([0-9]{2})?")


def microseconds(part: Mapping[str, str | None]) -> int | None:
    """The microseconds since midnight of what `CLOCK` found; None if there is no such time of day.

    A fraction is rounded to microseconds. A bare hour needs AM or PM.

    >>> found = re.fullmatch(CLOCK, "6:00:01.5 PM")
    >>> microseconds(found.groupdict())
    64801500000
    """
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    half = part["half"]
    if half is None and part["minute"] is None:
        return None
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return (hour * 3600 + minute * 60 + second) * 10**6 + fraction_of(part["fraction"])


def fraction_of(digits: str | None) -> int:
    """The digits behind a second's point as microseconds, rounded.

    >>> fraction_of("5"), fraction_of("1234567"), fraction_of(None)
    (500000, 123457, 0)
    """
    digits = digits or ""
    return round(int(digits.ljust(9, "0")) / 1000)


def offset_minutes(zone: str | None) -> int | None:
    """How many minutes a zone is ahead of UTC: 0 for none; None if there is no such zone.

    >>> [offset_minutes(zone) for zone in (None, "Z", "+02:00", "-0530", "EST", "MEZ", "+25:00")]
    [0, 0, 120, -330, -300, 60, None]
    """
    zone = (zone or "Z").upper()
    if zone in _NAMED:
        return _NAMED[zone] * 60
    zone = zone.removeprefix("UTC").removeprefix("GMT")
    if zone in {"Z", ""}:
        return 0
    sign, hours, minutes = _OFFSET.fullmatch(zone).groups(default="0")  # type: ignore[union-attr]  # ZONE found it
    if int(hours) > 23 or int(minutes) > 59:
        return None
    return (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)
