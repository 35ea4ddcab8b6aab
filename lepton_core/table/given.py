"""Columns as a program holds them: arrays and lists of values, of which only texts have to be read.

What the program says counts: a bool is a truth value, a text is a text and never a missing cell, unless it is blank.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from numbers import Integral, Real
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

_SPELLED = ("Interval", "Period")
"""Types of pandas that are texts here."""

_Family = tuple[str, Callable[[Any], Any]]


def given_column(name: str, values: npt.NDArray[Any] | Sequence[Any]) -> Column:
    """The column of an array (m,) or a list: of kind number, integer, boolean, date, duration, or text.

    None, NaN, NaT, NA and blank texts are missing. Dates and times with a zone are those of UTC; what is less than a
    microsecond is cut off, outside of `FINE_YEARS` what is less than a second. float32 and float16 are read as the
    shortest decimal number that stands for them: 0.1 is 0.1. Texts wait to be read, see
    `lepton_core.table.reading_given`. Raises `InvalidData` naming row and column for infinity, bytes, half a surrogate
    pair and what is no cell at all.

    >>> given_column("age", [31, None]).values, given_column("zip", ["01010", ""]).as_list()
    (array([31., nan]), ['01010', None])
    >>> given_column("paid", np.array([True, False])).kind, given_column("x", [True, "NA"]).as_list()
    ('boolean', ['True', 'NA'])
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in _OF_DTYPE:
        return _OF_DTYPE[values.dtype.kind](name, values)
    cells = values.tolist() if isinstance(values, np.ndarray) else values
    return _of_objects(name, cells)


def given_cell(value: Any, row: int, column: str) -> float | int | str | bool | None:
    """One value as a JSON cell, as `given_column` takes it. Raises `InvalidData` naming ``row`` and ``column``.

    >>> given_cell(timedelta(days=1), 1, "age"), given_cell(date(2024, 5, 1), 1, "when")
    (86400.0, '2024-05-01')
    """
    if type(value) is str:
        demand_unicode(value, row, column)
        return value
    if value is None or type(value) is int or type(value) is bool:
        return value
    family, plain = _family(value, row, column)
    found: Any = plain(value) if family else None
    if isinstance(found, float) and not np.isfinite(found):
        raise InvalidData(f"{found} is not a finite number", row=row, column=column)
    if family == "duration":
        return float(found / timedelta(seconds=1))
    return as_text(found) if family == "date" else found


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


def _of_floats(name: str, values: npt.NDArray[Any]) -> Column:
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        raise InvalidData(f"{values[row]} is not a finite number", row=row + 1, column=name)
    if values.dtype.itemsize < np.dtype(np.float64).itemsize:
        values = values.astype("U")
    return Numbers(name, values.astype(np.float64))


def _of_dates(name: str, values: npt.NDArray[Any]) -> Column:
    moments = values.astype("datetime64[us]")
    begin, end = (np.datetime64(str(year), "us") for year in FINE_YEARS)
    coarse = moments.astype("datetime64[s]").astype("datetime64[us]")
    return Numbers(name, _seconds(np.where((moments >= begin) & (moments < end), moments, coarse)), "date")


def _of_durations(name: str, values: npt.NDArray[Any]) -> Column:
    return Numbers(name, _seconds(values.astype("timedelta64[us]")), "duration")


def _seconds(values: npt.NDArray[Any]) -> FloatArray:
    return np.where(np.isnat(values), np.nan, values.astype(np.int64) / 1e6)


_OF_DTYPE: Mapping[str, Callable[[str, npt.NDArray[Any]], Column]] = {
    "b": _of_bools, "i": _of_integers, "u": _of_integers, "f": _of_floats, "M": _of_dates, "m": _of_durations,
}  # fmt: skip


_NEVER_NAN = frozenset({int, bool})
"""Of other types of numbers each value has to be looked at."""


def _of_objects(name: str, cells: Sequence[Any]) -> Column:
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
            if type(cell) in _NEVER_NAN or not isinstance(cell, Real | Decimal):
                families[type(cell)] = known
        family, convert = known
        plain.append(convert(cell) if family else None)
        if family:
            seen.add(family)
    if len(seen) == 1:
        [only] = seen
        made = _of_one_family(name, plain, only)
        if made is not None:
            return made
    return _of_texts(name, plain)


def _of_one_family(name: str, cells: Sequence[Any], family: str) -> Column | None:
    if family == "boolean":
        return Numbers(name, np.array(cells, dtype=np.float64), "boolean", TRUTH)
    if family == "date":
        return _of_dates(name, np.array(cells, dtype="datetime64[us]"))
    if family == "duration":
        return _of_durations(name, np.array(cells, dtype="timedelta64[us]"))
    if family != "number":
        return None
    whole = all(cell is None or isinstance(cell, int) for cell in cells)
    if whole and any(cell is not None and abs(cell) > MOST_EXACT for cell in cells):
        return None
    found = _of_floats(name, np.array(cells, dtype=np.float64))
    return Numbers(name, found.values, "integer") if whole else found


def _of_texts(name: str, cells: Sequence[Any]) -> Texts:
    texts = [cell if cell is None or type(cell) is str else _spelled(cell) for cell in cells]
    try:
        return Texts.of(name, texts)
    except UnicodeEncodeError:
        for row, text in enumerate(texts, start=1):
            demand_unicode(text or "", row, name)
        raise


def _spelled(cell: Any) -> str:
    if isinstance(cell, timedelta):
        return written(cell / timedelta(seconds=1))
    if isinstance(cell, date):
        return as_text(cell)
    return written(cell) if isinstance(cell, float) and np.isfinite(cell) else str(cell)


def _family(cell: Any, row: int, column: str) -> _Family:
    """What ``cell`` is, empty if it is missing, and how values of its type become plain Python."""
    if _is_missing(cell):
        return "", _itself
    if isinstance(cell, np.generic) and cell.dtype.kind in _OF_SCALAR:
        return _of_scalar(cell)
    for types, family, convert in _FAMILIES:
        if isinstance(cell, types):
            return family, convert
    if type(cell).__name__ in _SPELLED:
        return "text", str
    if isinstance(cell, bytes | bytearray):
        raise InvalidData(f"{shown(cell)} are bytes; decode them to text first", row=row, column=column)
    if hasattr(cell, "__float__") and getattr(cell, "ndim", 0) == 0:
        return "number", float
    raise InvalidData(f"{shown(cell)} is neither a number nor text", row=row, column=column)


def _is_missing(cell: Any) -> bool:
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(cell, np.datetime64 | np.timedelta64):
        return bool(np.isnat(cell))
    return isinstance(cell, Real | Decimal) and math.isnan(cell)


def _of_scalar(cell: Any) -> _Family:
    family = _OF_SCALAR[cell.dtype.kind]
    if cell.dtype.kind in "mM":
        unit = "datetime64[us]" if family == "date" else "timedelta64[us]"
        return family, lambda one: one.astype(unit).item()
    if cell.dtype.kind == "f" and cell.dtype.itemsize < np.dtype(np.float64).itemsize:
        return family, lambda one: float(str(one))
    return family, lambda one: one.item()


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
    (timedelta, "duration", _itself),
    ((UUID, time), "text", str),
)
