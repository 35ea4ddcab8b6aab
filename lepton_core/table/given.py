"""Columns as a program holds them: arrays and lists of values, of which only texts have to be read.

What the program says counts: a bool is a truth value, a text is a text and never a missing cell, unless it is blank.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from numbers import Complex, Integral, Real
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidData
from lepton_core.table.cells import demand_unicode, shown, written
from lepton_core.table.columns import Column, FloatArray, Numbers, Texts
from lepton_core.table.kinds.boolean import TRUTH

MOST_EXACT = 2**53
"""Whole numbers beyond it are not all different as float64: they stay texts."""

FINE_YEARS = (1685, 2255)
"""From the first to before the second, float64 tells microseconds apart."""

_FAR_UNITS = frozenset({"Y", "M", "W", "D", "h", "m", "s", "ms", "us"})
"""Of dates: what is finer does not reach so far."""

_UTC = frozenset({"UTC", "utc", "Etc/UTC", "UTC+00:00", "+00:00", "Z"})

_SPELLED = ("Interval", "Period")
"""Types of pandas that are texts here."""

_Family = tuple[str, Callable[[Any], Any]]


def given_column(name: str, values: npt.NDArray[Any] | Sequence[Any], *, to_learn: bool = False) -> Column:
    """The column of an array (m,) or a list: of kind number, integer, boolean, date, duration, or text.

    None, NaN, NaT, NA and blank texts are missing. Dates and times with a zone are those of UTC; what is less than a
    microsecond is cut off, outside of `FINE_YEARS` what is less than a second. Of lengths of time nothing is cut off.
    float32 and float16 are read as the shortest decimal number that stands for them: 0.1 is 0.1; of longer floats the
    nearest float64 is taken. Texts wait to be read, see `lepton_core.table.reading_given`. A column ``to_learn`` from
    with an infinity, or a number that float64 does not reach, is one of the texts that a text file would have: what
    becomes of ``inf`` there, becomes of it here. Raises `InvalidData` naming row and column for such a number in
    another column, bytes, half a surrogate pair, lengths of time without a unit and what is no cell at all.

    >>> given_column("age", [31, None]).values, given_column("zip", ["01010", ""]).as_list()
    (array([31., nan]), ['01010', None])
    >>> given_column("paid", np.array([True, False])).kind, given_column("x", [True, "NA"]).as_list()
    ('boolean', ['True', 'NA'])
    >>> given_column("x", [1.5, math.inf], to_learn=True).as_list()
    ['1.5', 'inf']
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return _of_floats(name, values, to_learn=to_learn)
    if isinstance(values, np.ndarray) and values.dtype.kind in _OF_DTYPE:
        return _OF_DTYPE[values.dtype.kind](name, values)
    cells = values.tolist() if isinstance(values, np.ndarray) else values
    return _of_objects(name, cells, to_learn=to_learn)


def given_cell(value: Any, row: int, column: str) -> float | int | str | bool | None:
    """One value as a JSON cell, as `given_column` takes it. Raises `InvalidData` naming ``row`` and ``column``.

    >>> given_cell(timedelta(days=1), 1, "age"), given_cell(date(2024, 5, 1), 1, "when")
    (86400.0, '2024-05-01')
    >>> given_cell(np.timedelta64(1500, "ns"), 1, "age"), given_cell(np.float32(0.1), 1, "share")
    (1.5e-06, 0.1)
    """
    if type(value) is str:
        demand_unicode(value, row, column)
        return value
    if value is None or type(value) is int or type(value) is bool:
        return value
    family, plain = _family(value, row, column)
    found: Any = plain(value) if family else None
    if isinstance(found, float) and not np.isfinite(found):
        raise _not_finite(value, row, column)
    if family == "duration":
        return float(found)
    return as_text(found) if family == "date" else found


def column_name(name: Any) -> str:
    """The name of a column as text, blanks around it dropped; the parts of several header lines joined.

    None, NaN and NA are no name: it is empty.

    >>> column_name(" age"), column_name(3), column_name(("size", "mean")), column_name(None)
    ('age', '3', 'size_mean', '')
    """
    if isinstance(name, tuple):
        return "_".join(filter(None, map(column_name, name)))
    return "" if _is_missing(name) else str(name).strip()


def zone_said(name: str, zone: object) -> str | None:
    """What to say of a column of times in ``zone``, up to what helps; None for UTC, or times without a zone.

    >>> zone_said("when", "Asia/Tokyo")
    "'when' has the zone Asia/Tokyo and is kept as UTC: hours and days are those of UTC; to learn from local hours"
    """
    if zone is None or str(zone) in _UTC:
        return None
    return (
        f"{name!r} has the zone {zone} and is kept as UTC: hours and days are those of UTC; "
        "to learn from local hours"
    )


def as_text(moment: Any) -> str:
    """A date or a time as CSV files mostly have it, midnight as the date alone.

    >>> as_text(date(2024, 5, 1)), as_text(datetime(2024, 5, 1)), as_text(datetime(2024, 5, 1, 12, 30))
    ('2024-05-01', '2024-05-01', '2024-05-01 12:30:00')
    """
    return str(moment).removesuffix(" 00:00:00")


def _of_bools(name: str, values: npt.NDArray[Any]) -> Column:
    return Numbers(name, values.astype(np.float64), "boolean", TRUTH)


def _of_integers(name: str, values: npt.NDArray[Any]) -> Column:
    if values.size and (int(values.max()) > MOST_EXACT or int(values.min()) < -MOST_EXACT):
        return Texts.of(name, list(map(str, values.tolist())))
    return Numbers(name, values.astype(np.float64), "integer")


def _of_floats(name: str, values: npt.NDArray[Any], *, to_learn: bool = False) -> Column:
    is_short = values.dtype.itemsize < np.dtype(np.float64).itemsize
    with np.errstate(over="ignore"):  # of a longer float; it is looked at below
        found = (values.astype("U") if is_short else values).astype(np.float64)
    infinite = np.isinf(found)
    if to_learn and infinite.any():
        return _as_in_a_file(name, found.tolist())
    if infinite.any():
        row = int(infinite.argmax())
        raise _not_finite(values[row], row + 1, name)
    return Numbers(name, found)


def _not_finite(value: Any, row: int, column: str) -> InvalidData:
    text = str(value)
    reason = "not a finite number" if "inf" in text.lower() else "beyond the largest number, 1.8e308"
    return InvalidData(
        f"{text if len(text) <= 40 else text[:40] + '...'} is {reason}", row=row, column=column
    )


def _of_dates(name: str, values: npt.NDArray[Any]) -> Column:
    far = _far(values)
    if far.any():
        raise _too_far(int(far.argmax()) + 1, name)
    moments = values.astype("datetime64[us]")
    begin, end = (np.datetime64(str(year), "us") for year in FINE_YEARS)
    coarse = moments.astype("datetime64[s]").astype("datetime64[us]")
    return Numbers(name, _seconds(np.where((moments >= begin) & (moments < end), moments, coarse)), "date")


def _far(values: Any) -> Any:
    """Which dates are before year 1 or behind 9999; counted in microseconds, those would turn into others."""
    unit = np.datetime_data(values.dtype)[0]
    if unit not in _FAR_UNITS:
        return np.zeros(values.shape, dtype=np.bool_)
    first, end = np.array(["0001-01-01", "10000-01-01"], dtype=f"datetime64[{unit}]")
    return (values < first) | (values >= end)


def _too_far(row: int, column: str) -> InvalidData:
    return InvalidData("a date that is not of the years 1 to 9999", row=row, column=column)


def _of_durations(name: str, values: npt.NDArray[Any]) -> Column:
    if np.datetime_data(values.dtype)[0] == "generic" and not np.isnat(values).all():
        raise _no_unit(int(np.argmin(np.isnat(values))) + 1, name)
    return Numbers(name, _lengths(values), "duration")


def _lengths(values: Any) -> Any:
    """Lengths of time as seconds, each the nearest float64, of years and months their mean length; NaN for NaT."""
    unit = np.datetime_data(values.dtype)[0]
    return (values.astype("timedelta64[s]") if unit in ("Y", "M") else values) / np.timedelta64(1, "s")


def _no_unit(row: int, column: str) -> InvalidData:
    return InvalidData(
        "a length of time without a unit; give one, as in np.timedelta64(5, 's')", row=row, column=column
    )


def _seconds(values: npt.NDArray[Any]) -> FloatArray:
    return np.where(np.isnat(values), np.nan, values.astype(np.int64) / 1e6)


_OF_DTYPE: Mapping[str, Callable[[str, npt.NDArray[Any]], Column]] = {
    "b": _of_bools, "i": _of_integers, "u": _of_integers, "M": _of_dates, "m": _of_durations,
}  # fmt: skip


_NEVER_NAN = frozenset({int, bool})
"""Of other types of numbers each value has to be looked at."""


def _of_objects(name: str, cells: Sequence[Any], *, to_learn: bool) -> Column:
    families: dict[type, _Family] = {}
    plain: list[Any] = []
    seen: set[str] = set()
    for row, cell in enumerate(cells, start=1):
        if type(cell) is str:
            there = bool(cell) and not cell.isspace()
            plain.append(cell if there else None)
            if there:
                seen.add("text")
            continue
        known = families.get(type(cell))
        if known is None:
            known = _family(cell, row, name)
            if type(cell) in _NEVER_NAN or not isinstance(
                cell, Real | Decimal | np.datetime64 | np.timedelta64
            ):
                families[type(cell)] = known
        family, convert = known
        plain.append(convert(cell) if family else None)
        if family:
            seen.add(family)
    if len(seen) == 1:
        [only] = seen
        made = _of_one_family(name, plain, only, to_learn=to_learn)
        if made is not None:
            return made
    return _of_texts(name, plain)


def _of_one_family(name: str, cells: Sequence[Any], family: str, *, to_learn: bool) -> Column | None:
    if family == "boolean":
        return Numbers(name, np.array(cells, dtype=np.float64), "boolean", TRUTH)
    if family == "date":
        return _of_dates(name, np.array(cells, dtype="datetime64[us]"))
    if family == "duration":
        return Numbers(name, np.array(cells, dtype=np.float64), "duration")
    return _of_numbers(name, cells, to_learn=to_learn) if family == "number" else None


def _of_numbers(name: str, cells: Sequence[Any], *, to_learn: bool) -> Column | None:
    whole = all(cell is None or isinstance(cell, int) for cell in cells)
    if whole and any(cell is not None and abs(cell) > MOST_EXACT for cell in cells):
        return None
    try:
        values = np.array(cells, dtype=np.float64)
    except OverflowError:  # an integer that is larger than any float
        values = np.array(list(map(_nearest, cells)), dtype=np.float64)
    if to_learn and np.isinf(values).any():
        return _as_in_a_file(name, cells)
    return Numbers(name, values, "integer") if whole else _of_floats(name, values)


def _as_in_a_file(name: str, numbers: Sequence[Any]) -> Texts:
    """Numbers as a text file has them: of a column of other than whole ones each has a fraction, as 7.0."""
    return Texts.of(name, [None if one is None or one != one else repr(one) for one in numbers])  # noqa: PLR0124


def _of_texts(name: str, cells: Sequence[Any]) -> Texts:
    texts = [cell if cell is None or type(cell) is str else _spelled(cell) for cell in cells]
    try:
        return Texts.of(name, texts)
    except UnicodeEncodeError:
        for row, text in enumerate(texts, start=1):
            demand_unicode(text or "", row, name)
        raise


def _spelled(cell: Any) -> str:
    if isinstance(cell, date):
        return as_text(cell)
    return written(cell) if isinstance(cell, float) and np.isfinite(cell) else str(cell)


def _family(cell: Any, row: int, column: str) -> _Family:
    """What ``cell`` is, empty if it is missing, and how values of its type become plain Python."""
    if _is_missing(cell):
        return "", _itself
    if isinstance(cell, np.generic) and cell.dtype.kind in _OF_SCALAR:
        return _of_scalar(cell, row, column)
    for types, family, convert in _FAMILIES:
        if isinstance(cell, types):
            return family, convert
    if type(cell).__name__ in _SPELLED:
        return "text", str
    if isinstance(cell, bytes | bytearray):
        raise InvalidData(f"{shown(cell)} are bytes; decode them to text first", row=row, column=column)
    is_complex = isinstance(cell, Complex) and not isinstance(cell, Real)
    if hasattr(cell, "__float__") and getattr(cell, "ndim", 0) == 0 and not is_complex:
        return "number", _nearest
    raise InvalidData(f"{shown(cell)} is neither a number nor text", row=row, column=column)


def _is_missing(cell: Any) -> bool:
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(cell, np.datetime64 | np.timedelta64):
        return bool(np.isnat(cell))
    if isinstance(cell, Decimal):
        return cell.is_nan()
    return isinstance(cell, Real) and bool(cell != cell)  # noqa: PLR0124  (math.isnan takes no large integer)


def _of_scalar(cell: Any, row: int, column: str) -> _Family:
    family = _OF_SCALAR[cell.dtype.kind]
    if family == "duration":
        if np.datetime_data(cell.dtype)[0] == "generic":
            raise _no_unit(row, column)
        return family, lambda one: float(_lengths(one))
    if family == "date":
        if _far(cell):
            raise _too_far(row, column)
        return family, lambda one: one.astype("datetime64[us]").item()
    if cell.dtype.kind == "f":
        return family, _as_float
    return family, lambda one: one.item()


def _nearest(number: Any) -> float | None:
    """The nearest float64, an infinity where it does not fit."""
    if number is None:
        return None
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number > 0 or -1)


def _as_float(number: Any) -> float:
    """The number that a float of numpy stands for, see `given_column`; infinite where it does not fit."""
    is_short = number.dtype.itemsize < np.dtype(np.float64).itemsize
    with np.errstate(over="ignore"):
        return float(str(number)) if is_short else float(number)


def _itself(cell: Any) -> Any:
    return cell


def _in_utc(moment: datetime) -> datetime:
    bare = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    if not FINE_YEARS[0] <= bare.year < FINE_YEARS[1]:
        bare = bare.replace(microsecond=0)
    return bare if type(bare) is datetime else datetime.fromisoformat(bare.isoformat()[:26])


_OF_SCALAR = {"b": "boolean", "i": "number", "u": "number", "f": "number", "M": "date", "m": "duration"}

_FAMILIES: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
    (bool, "boolean", _itself),
    (Integral, "number", int),
    (str, "text", str),
    (datetime, "date", _in_utc),
    (date, "date", _itself),
    (timedelta, "duration", lambda length: length / timedelta(seconds=1)),
    ((UUID, time), "text", str),
)
