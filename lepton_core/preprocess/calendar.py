"""The parts of a date: year, month, day and hour, out of the seconds since the beginning of 1970."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lepton_core.preprocess.feature import Matrix
from lepton_core.table import Column

SECONDS_A_DAY = 86_400
_DAYS_OF_ERA = 146_097
"""Days in 400 years, after which the calendar repeats."""
_ERA_TO_1970 = 719_468
"""Days from the first of March of the year 0 to the first of January 1970."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def civil(days: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Year, month and day of the month of ``days`` (m,), counted from the first of January 1970.

    The calendar is the Gregorian one, also before there was one. Years begin in March here, so that the leap day is
    the last of its year: Howard Hinnant, "chrono-compatible low-level date algorithms".

    >>> [part.tolist() for part in civil(np.array([0, -1, 19_782]))]
    [[1970, 1969, 2024], [1, 12, 2], [1, 31, 29]]
    """
    era, day_of_era = np.divmod(days + _ERA_TO_1970, _DAYS_OF_ERA)
    leap_days = day_of_era // 1_460 - day_of_era // 36_524 + day_of_era // 146_096
    year_of_era = (day_of_era - leap_days) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = np.where(month_from_march < 10, month_from_march + 3, month_from_march - 9)
    return year_of_era + era * 400 + (month <= 2), month, day


@dataclass(frozen=True, eq=False)
class _Moments:
    """``seconds`` (m,), none of them missing; what several parts are made of is made once."""

    seconds: FloatArray

    @cached_property
    def days(self) -> IntArray:
        return np.floor(self.seconds / SECONDS_A_DAY).astype(np.int64)

    @cached_property
    def civil(self) -> tuple[IntArray, IntArray, IntArray]:
        return civil(self.days)

    @property
    def day_of_year(self) -> IntArray:
        before = self.civil[0] - 1  # 1970-01-01 is day 719,163 of the year 1
        return self.days + 719_163 - (365 * before + before // 4 - before // 100 + before // 400)


PARTS: Mapping[str, Callable[[_Moments], IntArray | FloatArray]] = {
    "year": lambda given: given.civil[0],
    "month": lambda given: given.civil[1],
    "day": lambda given: given.civil[2],
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
