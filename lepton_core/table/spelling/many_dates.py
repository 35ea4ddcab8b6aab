"""Many dates at once: those of ISO 8601 as arrays, all others one distinct text at a time."""

import math
from collections.abc import Iterator, Sequence
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
    out = np.full(len(texts), math.nan)
    is_open = np.ones(len(texts), dtype=bool)
    lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    for length in _LAYOUTS.keys() & set(lengths.tolist() if len(texts) > _FEW else ()):
        rows = np.flatnonzero(lengths == length)
        chosen = texts if len(rows) == len(texts) else [texts[row] for row in rows.tolist()]
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


def _iso(letters: NDArray[np.uint8], layout: str) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which of m texts, by their letters (length of the layout, m), are dates of it, and the values of those."""
    is_read = np.ones(letters.shape[1], dtype=bool)
    for place, expected in zip(letters, layout, strict=True):
        if expected == "0":
            # Below the digits the unsigned difference wraps around.
            is_read &= (place - np.uint8(ord("0"))) <= 9
        else:
            instead = _INSTEAD.get(expected, expected)
            is_read &= (place == ord(expected)) | (place == ord(instead))
    if not is_read.all():
        letters = letters[:, is_read]
    year, month, day, *clock = [_number(letters[begin:end]) for begin, end in _numbers(layout)]
    first_days = _first_days()
    at = year * 12 + np.clip(month, 1, 12) - 1
    days = first_days[at] + day - 1
    good = (year > 0) & (month >= 1) & (month <= 12) & (day >= 1) & (days < first_days[at + 1])
    micro = days * 86_400_000_000
    if layout.endswith("+00:00"):
        *clock, hours, minutes = clock
        good &= (hours < 24) & (minutes < 60)
        ahead = np.where(letters[-6] == ord("-"), -1, 1)
        micro -= ahead * (hours * 60 + minutes) * np.int64(60_000_000)
    for value, unit, most in zip(clock, (3_600_000_000, 60_000_000, 1_000_000), (24, 60, 60), strict=False):
        micro += value * np.int64(unit)
        good &= value < most
    if len(clock) > 3:
        micro += clock[3] * (1 if ".000000" in layout else 1000)
    is_read[is_read] = good
    return is_read, micro[good] / 1e6


def _numbers(layout: str) -> Iterator[tuple[int, int]]:
    """Where each number of the layout begins and ends."""
    begin = None
    for at, sign in enumerate(layout + "|"):
        if sign == "0" and begin is None:
            begin = at
        elif sign != "0" and begin is not None:
            yield begin, at
            begin = None


def _number(letters: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The numbers of digits (places, m)."""
    value = np.zeros(letters.shape[1], dtype=np.int32)
    for place in letters:
        value = value * np.int32(10) + (place - np.uint8(ord("0")))
    return value


@cache
def _first_days() -> NDArray[np.int64]:
    """Days since 1970-01-01 of the first of each month from the year 0 to January 10000."""
    months = np.arange("0000-01", "10000-02", dtype="datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64)
