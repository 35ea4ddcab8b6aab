"""Many dates at once: those of ISO 8601 as arrays, all others one distinct text at a time."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lepton_core.table.spelling.dates import DateNotation, read_date

if TYPE_CHECKING:
    from lepton_core.table.spans import Spans

_DATE = "0000-00-00"
_CLOCKS = ("", "T00:00", "T00:00:00", "T00:00:00.000", "T00:00:00.000000")
_LAYOUTS = {
    len(text): text
    for clock in _CLOCKS
    for zone in (("", "Z", "+00:00") if clock else ("",))
    for text in (_DATE + clock + zone,)
}
"""What is read at once, by its length: 0 stands for a digit, T for itself or a blank, + for itself or a minus."""

_FEW = 64
"""Up to so many texts are sooner read one by one: each call of numpy costs a microsecond."""

_INSTEAD = {"T": " ", "+": "-"}


def read_dates(texts: Sequence[str], notation: DateNotation) -> NDArray[np.float64]:
    """Cells as seconds since 1970-01-01 UTC, float64 (m,); NaN where a cell is missing or unreadable.

    Each value is that of `read_date`.

    >>> read_dates(["1970-01-02", "", "2.1.1970", "1970-02-30"], DateNotation("dmy"))
    array([86400.,    nan, 86400.,    nan])
    """
    sizes = set(map(len, texts)) if len(texts) > _FEW else set()
    only = next(iter(sizes)) if len(sizes) == 1 else 0
    if only in _LAYOUTS:
        is_read, out = _iso(_letters(texts, only), _LAYOUTS[only])
        if is_read.all():
            return out
    out = np.full(len(texts), math.nan)
    is_open = np.ones(len(texts), dtype=bool)
    lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    for length in _LAYOUTS.keys() & sizes:
        rows = np.flatnonzero(lengths == length)
        chosen = [texts[row] for row in rows.tolist()]
        is_read, values = _iso(_letters(chosen, length), _LAYOUTS[length])
        out[rows[is_read]] = values
        is_open[rows[is_read]] = False
    rest = [texts[row] for row in np.flatnonzero(is_open).tolist()]
    known = {text: read_date(text, notation) for text in set(rest)}
    out[is_open] = np.array([known[text] for text in rest], dtype=np.float64)
    return out


def dates_in_numpy(cells: "Spans") -> NDArray[np.float64]:
    """The cells that are dates of ISO 8601, without blanks around them, as `read_dates` does; NaN for all others: (m,).

    >>> from lepton_core.table.spans import PAD, TextBlock, Spans
    >>> block = TextBlock(b" " * PAD + b"1970-01-02,x" + b" " * PAD)
    >>> dates_in_numpy(Spans(block, np.array([0, 11]) + PAD, np.array([10, 12]) + PAD))
    array([86400.,    nan])
    """
    out = np.full(len(cells), math.nan)
    sizes = cells.sizes
    for length, layout in _LAYOUTS.items():
        rows = np.flatnonzero(sizes == length)
        if len(rows):
            starts = cells.starts[rows]
            letters = cells.block.octets[starts + np.arange(length)[:, None]]
            is_read, values = _iso(letters, layout)
            out[rows[is_read]] = values
    return out


def _letters(texts: Sequence[str], length: int) -> NDArray[np.uint8]:
    """The letters of texts of one length, by their place: (length, m)."""
    # A letter beyond ASCII becomes one question mark, which no layout has.
    octets = np.frombuffer("".join(texts).encode("ascii", "replace"), dtype=np.uint8)
    return np.ascontiguousarray(octets.reshape(len(texts), length).T)


@dataclass(frozen=True, eq=False)
class _Form:
    """A layout of L letters as arrays: the ``least`` octet of each, and how much more it may be, ``room``: (L, 1).

    ``instead`` are places and the other octet that may stand there. ``weights`` (k, L) make the k ``parts`` of the
    digits: the "months" since the year 0, the "month" and the "day"; with a clock the "hour" and the "seconds" of the
    day; with a fraction the "micro" seconds; with a zone its "zone_hours" and the seconds by which it is "ahead".
    """

    least: NDArray[np.uint8]
    room: NDArray[np.uint8]
    instead: tuple[tuple[int, int], ...]
    parts: tuple[str, ...]
    weights: NDArray[np.float32]

    @staticmethod
    @cache
    def of(layout: str) -> "_Form":
        """That of one of `_LAYOUTS`."""
        least = np.array([ord(sign) for sign in layout], dtype=np.uint8)[:, None]
        room = np.where(least == ord("0"), 9, 0).astype(np.uint8)
        year, month, day, *others = _numbers(layout)
        clock, zone = (others[:-2], others[-2:]) if "+" in layout else (others, [])
        for begin, _ in (*clock[1:3], *zone[1:]):
            room[begin] = 5  # there are 60 minutes, and seconds
        made = {"months": [(year, 12), (month, 1)], "month": [(month, 1)], "day": [(day, 1)]}
        if clock:
            made |= {"hour": [(clock[0], 1)], "seconds": list(zip(clock, (3600, 60, 1), strict=False))}
        if clock[3:]:
            begin, end = clock[3]
            made["micro"] = [(clock[3], 10 ** (6 - end + begin))]
        if zone:
            made |= {"zone_hours": [(zone[0], 1)], "ahead": list(zip(zone, (3600, 60), strict=True))}
        weights = np.zeros((len(made), len(layout)), dtype=np.float32)
        for row, terms in zip(weights, made.values(), strict=True):
            for (begin, end), unit in terms:
                row[begin:end] += [unit * 10**place for place in reversed(range(end - begin))]
        instead = tuple((at, ord(_INSTEAD[sign])) for at, sign in enumerate(layout) if sign in _INSTEAD)
        return _Form(least, room, instead, tuple(made), weights)


def _iso(letters: NDArray[np.uint8], layout: str) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which of m texts, by their letters (length of the layout, m), are dates of it, and the values of those."""
    form = _Form.of(layout)
    digits = letters - form.least  # below the least one the unsigned difference wraps around
    for at, instead in form.instead:
        digits[at] *= letters[at] != instead
    is_read = (digits <= form.room).all(axis=0)
    # Where all digits are such, no part is beyond 2^24, and float32 has it.
    made = (form.weights @ digits.astype(np.float32)).astype(np.int64)
    part = dict(zip(form.parts, made, strict=True))
    months, month, day = part["months"], part["month"], part["day"]
    first_days = _first_days()
    days = first_days.take(months - 1, mode="clip") + (day - 1)
    is_read &= (months > 12) & (month >= 1) & (month <= 12)
    is_read &= (day >= 1) & (days < first_days.take(months, mode="clip"))
    seconds = days * 86_400
    if "seconds" in part:
        is_read &= part["hour"] < 24
        seconds += part["seconds"]
    if "ahead" in part:
        is_read &= part["zone_hours"] < 24
        west = letters[layout.index("+")] == ord("-")
        seconds -= np.where(west, -part["ahead"], part["ahead"])
    values = (seconds * 1_000_000 + part["micro"]) / 1e6 if "micro" in part else seconds.astype(np.float64)
    return is_read, values if is_read.all() else values[is_read]


def _numbers(layout: str) -> Iterator[tuple[int, int]]:
    """Where each number of the layout begins and ends."""
    begin = None
    for at, sign in enumerate(layout + "|"):
        if sign == "0" and begin is None:
            begin = at
        elif sign != "0" and begin is not None:
            yield begin, at
            begin = None


@cache
def _first_days() -> NDArray[np.int64]:
    """Days since 1970-01-01 of the first of each month from the year 0 to January 10000."""
    months = np.arange("0000-01", "10000-02", dtype="datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64)
