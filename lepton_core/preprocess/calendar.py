"""The parts of a date: year, month, day and hour, out of the seconds since the beginning of 1970."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lepton_core.preprocess.feature import Matrix
from lepton_core.table import Column

SECONDS_A_DAY = 86_400

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Moments:
    """``seconds`` (m,), none of them missing; what several parts are made of is made once.

    The calendar is the Gregorian one, also before there was one.
    """

    seconds: FloatArray

    @cached_property
    def days(self) -> IntArray:
        return np.floor(self.seconds / SECONDS_A_DAY).astype(np.int64)

    @cached_property
    def months(self) -> IntArray:
        """Counted from January 1970, as are `years`."""
        return self.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)

    @cached_property
    def years(self) -> IntArray:
        return self.months // 12

    @property
    def month(self) -> IntArray:
        return self.months - 12 * self.years + 1

    @property
    def day(self) -> IntArray:
        return self.days - _first_days(self.months, "datetime64[M]") + 1

    @property
    def day_of_year(self) -> IntArray:
        return self.days - _first_days(self.years, "datetime64[Y]") + 1


def _first_days(counted: IntArray, unit: str) -> IntArray:
    """The first day of each month or year (m,), all of them counted from 1970."""
    return counted.astype(unit).astype("datetime64[D]").astype(np.int64)


PARTS: Mapping[str, Callable[[_Moments], IntArray | FloatArray]] = {
    "year": lambda given: given.years + 1970,
    "month": lambda given: given.month,
    "day": lambda given: given.day,
    "day_of_year": lambda given: given.day_of_year,
    "day_of_week": lambda given: (given.days + 3) % 7,
    "hour": lambda given: np.floor(given.seconds % SECONDS_A_DAY / 3_600),
    "elapsed": lambda given: given.seconds / SECONDS_A_DAY,
}
"""Each part as a function of moments, (m,). The day of the week is 0 on Monday."""


@dataclass(frozen=True)
class DateReading:
    """Reads ``parts`` of a date. They are those of UTC, as the column keeps it.

    >>> from lepton_core.table import Numbers
    >>> when = Numbers("when", np.array([0.0, np.nan, 1_709_208_000.0]), "date")
    >>> DateReading(("year", "month", "hour")).values(when).tolist()
    [[1970.0, 1.0, 0.0], [nan, nan, nan], [2024.0, 2.0, 12.0]]
    """

    parts: tuple[str, ...]

    def values(self, column: Column) -> Matrix:
        """See `Reading.values`: (m, k), one number a part."""
        seconds = column.values
        gone = np.isnan(seconds)
        there = ~gone if gone.any() else slice(None)  # which is no copy
        out = np.full((len(seconds), len(self.parts)), np.nan)
        known = _Moments(seconds[there])
        for place, part in enumerate(self.parts):
            out[there, place] = PARTS[part](known)
        return out
