"""Numbers and days that stand for a missing cell: -999 among shares of 1, 9999-12-31 among dates of this year."""

import re
from datetime import UTC, datetime

from lepton_core.report.values import ColumnReport, ValueCount
from lepton_core.table import BY_NAME

LEAST_SENTINEL_ROWS = 5
ALONE = 2 / 3
"""A value stands alone if so much of the way from the smallest to the largest lies empty beside it."""

_NINES = re.compile(r"-?9{2,}")
_DAYS = ("0001-01-01", "1111-11-11", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01")
_LATE_DAYS = ("1970-01-01", "2099-12-31", "2100-01-01", "2999-12-31", "9999-12-31")


def sentinel(one: ColumnReport) -> ValueCount | None:
    """The value of a column, far from all others, that is usually written for a missing one; None if there is none.

    It is the smallest or the largest, in at least `LEAST_SENTINEL_ROWS` rows: a number of nines, or a day with which
    the calendars of programs begin or end.
    >>> from lepton_core.report.values import Drawing
    >>> drawing = Drawing(("",) * 4, (9, 0, 0, 90), (-999.0, -749.0, -499.0, -249.0, 1.0))
    >>> sentinel(ColumnReport("a", "number", "", drawing=drawing, top=(ValueCount("-999", 9),)))
    ValueCount(text='-999', rows=9)
    """
    kind, drawing = BY_NAME[one.kind], one.drawing
    if drawing is None or not kind.quantitative or not drawing.edges:
        return None
    counts = [*drawing.counts]
    for end, bars in ((drawing.edges[0], counts), (drawing.edges[-1], counts[::-1])):
        for value in one.top:
            place = _place(value.text, dates=kind.moves)
            if place is None or place != end or not LEAST_SENTINEL_ROWS <= value.rows == bars[0]:
                continue
            empty = next((at for at, rows in enumerate(bars[1:]) if rows), 0)
            if empty >= ALONE * (len(bars) - 1):
                return value
    return None


def spellings(text: str, one: ColumnReport) -> list[str]:
    """How a file may spell it: a number among fractions may have one of its own, and a day the order of the column.

    >>> spellings("1900-01-31", ColumnReport("d", "date", "", notation="dmy none"))[:3]
    ['31.01.1900', '31.1.1900', '31/01/1900']
    """
    if BY_NAME[one.kind].moves:
        year, month, day = text[:10].split("-")
        if one.notation.startswith("ymd") or not one.notation:
            return [text[:10], f"{text[:10]} 00:00:00", f"{text[:10]}T00:00:00"]
        parts = [day, month] if one.notation.startswith("dmy") else [month, day]
        short = [part.lstrip("0") for part in parts]
        return list(dict.fromkeys(sign.join([*two, year]) for sign in "./-" for two in (parts, short)))
    kind = BY_NAME[one.kind]
    if kind.wider or "decimal" not in kind.notation_options:
        return [text]
    sign = "," if one.notation.startswith(",") else "."
    return [text, *(f"{text}{sign}{'0' * many}" for many in (1, 2, 3))]


def _place(text: str, *, dates: bool) -> float | None:
    if not dates:
        return float(text) if _NINES.fullmatch(text) else None
    if text[:10] not in (*_DAYS, *_LATE_DAYS):
        return None
    return datetime.fromisoformat(text[:10]).replace(tzinfo=UTC).timestamp()
