"""Dates as people of many countries write them, put into the plain forms that `dates` reads."""

import re

from lepton_core.table.spelling.months import WEEKDAYS, lowered

_OFFSET = r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?|(?:UTC|GMT)[+-]?[0-9:]{0,5})"
_ZONE_NAMED = re.compile(rf"({_OFFSET})(?:(?:\[!?[^\[\]]{{1,60}}\])+| \([^()]{{2,60}}\))\Z")
"""A zone's name behind its offset: by RFC 9557 in brackets, in JavaScript between parentheses. The offset counts."""

_EAST_ASIAN = re.compile(
    r"\A(?P<year>[0-9]{4}) ?[年년] ?(?P<month>[0-9]{1,2}) ?[月월]"
    r"(?: ?(?P<day>[0-9]{1,2}) ?[日일号號](?: ?[(（][^()（）]{1,3}[)）]| ?(?:星期|周|週)[一二三四五六日天])?)? ?"
)
_HALVES = {"上午": "AM", "午前": "AM", "오전": "AM", "下午": "PM", "午後": "PM", "오후": "PM"}

_WEEKDAY_BEHIND = re.compile(r"\.?,? \(?([^\W\d_]{2,13})\.?\)?\Z")
_YEAR_WORD = re.compile(r"(?<=[0-9]{4}) ?(?:г|года|р|року|r|roku)\b\.?")
_OF = re.compile(r"\b(?:den|del?|do) (?=[^\W_])|\bd\. ?(?=[0-9])", re.IGNORECASE)
_DOTTED = re.compile(
    r"\A(?:(?P<y>[0-9]{4})\. ?(?P<m>[0-9]{1,2})\. ?(?P<d>[0-9]{1,2})|"
    r"(?P<one>[0-9]{1,2})\. ?(?P<two>[0-9]{1,2})\. ?(?P<year>[0-9]{4}))\.?(?=\Z| )"
)
_YEAR_FIRST = re.compile(r"\A([0-9]{4})\. ?([^\W\d_]+\.? [0-9]{1,2})\.?(?=\Z| )")

_WORDS = r"at|um|om|kl\.?|klo|godz\.?|o godz\.?|à|a las|alle|ore|ora|o|v|в|о|saat|às"
_TIME = (
    rf"(?:(?P<word>{_WORDS}) )?(?P<half>{'|'.join(_HALVES)})? ?(?P<hour>[0-9]{{1,2}})"
    r"(?:(?P<mark>[:.]| ?[hHu] ?| ?[时時点點시] ?)"
    r"(?:(?P<minute>[0-9]{1,2})(?:(?:[:.]| ?[分분] ?)(?P<second>[0-9]{1,2}))?)?)?"
    rf"(?P<end> ?(?:Uhr|uhr|UHR|uur|h|[分분]|[秒초]))?"
)
"""A time of day with a word before or behind it, or with marks other than colons."""

_TIME_ALONE = re.compile(_TIME)
_BEHIND_DATE = re.compile(rf"(?P<date>.*?[^\W_]\.?),? {_TIME}(?P<zone> ?(?:{_OFFSET}|[A-Z]{{3,4}}))?")
_AFTER_YEAR = re.compile(r"[0-9]{4}\.?\Z")


def everyday(text: str) -> str:
    """``text`` with a date as other forms have it: ISO 8601 where it names the parts, the clock with colons.

    A cell that is none of them comes back as it is.

    >>> everyday("2024年1月15日 上午9时5分"), everyday("15.01.2024 um 10:15 Uhr"), everyday("15 de enero de 2024")
    ('2024-1-15 9:05 AM', '15.01.2024 10:15', '15 enero 2024')
    >>> everyday("2024-01-15T10:15:00+02:00[Europe/Berlin]"), everyday("2024. 1. 15."), everyday("2 Uhr")
    ('2024-01-15T10:15:00+02:00', '2024.1.15', '2 Uhr')
    """
    text = _ZONE_NAMED.sub(r"\1", text)
    text = _EAST_ASIAN.sub(_iso, text)
    behind = _WEEKDAY_BEHIND.search(text)
    if behind is not None and lowered(behind[1]) in WEEKDAYS:
        text = text[: behind.start()]
    text = _YEAR_WORD.sub("", text)
    text = _OF.sub("", text)
    text = _DOTTED.sub(lambda found: ".".join(filter(None, found.groups())), text)
    text = _YEAR_FIRST.sub(r"\1 \2", text)
    text = text.strip()
    found = _BEHIND_DATE.fullmatch(text)
    if found is None:
        return text
    clock = _with_colons(found)
    # A point may be that of a number, unless there is a whole date before it.
    is_time = found["mark"] == "." and len(found["minute"] or "") == 2
    if clock is None and is_time and _AFTER_YEAR.search(found["date"]):
        clock = _colons(found)
    return text if clock is None else f"{found['date']} {clock}{found['zone'] or ''}"


def everyday_clock(text: str) -> str | None:
    """A time of day alone, with colons; None if nothing says that it is one, as the colons of ``10:15`` alone.

    >>> everyday_clock("10:15 Uhr"), everyday_clock("10h15"), everyday_clock("下午3時5分"), everyday_clock("10.15")
    ('10:15', '10:15', '3:05 PM', None)
    """
    found = _TIME_ALONE.fullmatch(text)
    return None if found is None else _with_colons(found)


def _iso(found: re.Match[str]) -> str:
    return "-".join(filter(None, found.group("year", "month", "day"))) + " "


def _with_colons(found: re.Match[str]) -> str | None:
    """The time of day that `_TIME` found; None if nothing but a colon or a point says that it is one."""
    mark, minute = (found["mark"] or "").strip().lower(), found["minute"] or ""
    if mark in {"h", "u", ":", "."} and len(minute) != 2:  # hours, and perhaps something else
        return None
    if not mark and not found["end"] and not found["half"]:
        return None
    is_said = found["word"] or found["half"] or found["end"] or mark not in {"", ":", "."}
    return _colons(found) if is_said else None


def _colons(found: re.Match[str]) -> str:
    half = _HALVES.get(found["half"] or "", "")
    parts = [found["hour"], (found["minute"] or "0").zfill(2)]
    if found["second"]:
        parts.append(found["second"].zfill(2))
    return ":".join(parts) + (half and f" {half}")
