from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.preprocess.calendar import PARTS, DateReading
from lepton_core.table import Numbers

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def read(seconds, parts=tuple(PARTS)):
    return DateReading(parts).values(Numbers("when", np.array(seconds, dtype=np.float64), "date"))


@given(st.datetimes(timezones=st.just(UTC)).map(lambda when: when.replace(microsecond=0)))
def test_the_parts_of_any_second_are_those_of_datetime(when):
    [found] = read([(when - BEGINNING).total_seconds()])

    assert dict(zip(PARTS, found, strict=True)) == {
        "year": when.year,
        "month": when.month,
        "day": when.day,
        "day_of_year": when.timetuple().tm_yday,
        "day_of_week": when.weekday(),
        "hour": when.hour,
        "elapsed": (when - BEGINNING) / timedelta(days=1),
    }


def test_every_day_of_nine_hundred_years_is_that_of_pandas():
    days = pd.date_range("1600-01-01", "2499-12-31", freq="D", unit="s")
    found = read(days.as_unit("s").asi8)

    expected = [days.year, days.month, days.day, days.day_of_year, days.day_of_week]
    np.testing.assert_array_equal(found[:, :5].T, np.array(expected))


def test_a_day_ends_with_its_last_second_before_1970_as_after():
    assert read([-1, 0, 86_399, 86_400], ("day", "hour")).tolist() == [[31, 23], [1, 0], [1, 23], [2, 0]]


def test_a_missing_date_is_missing_in_each_part():
    found = read([np.nan, 0.0])
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
    assert read([]).shape == (0, len(PARTS))


def test_the_calendar_repeats_after_four_hundred_years():
    days = np.arange(-200_000, 200_000, 997)
    year, month, day = read(days * 86_400, ("year", "month", "day")).T
    later = read((days + 146_097) * 86_400, ("year", "month", "day")).T
    np.testing.assert_array_equal(later, [year + 400, month, day])
