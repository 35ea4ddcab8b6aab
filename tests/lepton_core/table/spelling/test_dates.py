"""Dates are read as Python reads them, whole or not at all, and the day is found where the cells tell it."""

import math
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidInput
from lepton_core.table.kinds.date import DATE
from lepton_core.table.spelling.dates import DateNotation, date_notation, is_guess, read_date
from lepton_core.table.spelling.many_dates import read_dates
from tests.support.sampling import examples

SETTINGS = settings(deadline=None, max_examples=examples(200))
MANY = 80
"""Of so many texts even one alone is read among others, and not by itself."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1700, 1, 1), datetime(2242, 1, 1))
DAYS = MOMENTS.map(lambda one: one.replace(hour=0, minute=0, second=0, microsecond=0))
FORMATS = {
    "%d.%m.%Y": "dmy", "%d/%m/%Y": "dmy", "%d-%m-%Y": "dmy", "%m/%d/%Y": "mdy", "%Y-%m-%d": "ymd", "%Y/%m/%d": "ymd",
    "%d-%b-%Y": "ymd", "%d %B %Y": "ymd", "%b %d, %Y": "ymd", "%B %d %Y": "ymd", "%A, %d %B %Y": "ymd",
    "%Y-%b-%d": "ymd", "%Y%m%d": "ymd",
}  # fmt: skip
CLOCKS = ("%H:%M:%S", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M:%S.%f%p")
ISO = st.sampled_from(
    ["2024-02-29", "2023-02-29", "2024-13-01", "0000-01-01", "9999-12-31", "2024-01-01T24:00:00"]
)


def seconds(moment: datetime) -> float:
    """The nearest float64, by exact division of whole microseconds."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1) / 1e6


@SETTINGS
@given(DAYS, st.sampled_from(sorted(FORMATS)))
def test_a_date_in_any_format_is_the_same_day(day: datetime, form: str) -> None:
    assert read_date(day.strftime(form), DateNotation(FORMATS[form])) == seconds(day)  # type: ignore[arg-type]


@SETTINGS
@given(
    MOMENTS,
    st.sampled_from(sorted(set(FORMATS) - {"%Y%m%d"})),
    st.sampled_from(CLOCKS),
    st.sampled_from(" T"),
)
def test_the_time_of_day_is_read_with_it(moment: datetime, form: str, clock: str, between: str) -> None:
    moment = moment if "%f" in clock else moment.replace(microsecond=0)
    text = moment.strftime(f"{form}{between}{clock}")
    assert read_date(text, DateNotation(FORMATS[form])) == seconds(moment)  # type: ignore[arg-type]


@SETTINGS
@given(
    MOMENTS,
    st.none() | st.integers(-23 * 60, 23 * 60),
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
)
def test_iso_dates_are_read_as_python_reads_them(moment: datetime, ahead: int | None, precision: str) -> None:
    zone = None if ahead is None else timezone(timedelta(minutes=ahead))
    text = moment.replace(tzinfo=zone).isoformat(timespec=precision)
    expected = seconds(datetime.fromisoformat(text))
    assert read_date(text) == expected
    for many in (1, MANY):
        assert read_dates([text, ""] * many, DateNotation())[0] == expected


@SETTINGS
@given(MOMENTS)
def test_no_microsecond_is_lost(moment: datetime) -> None:
    value = read_date(moment.isoformat())
    assert value is not None
    assert EPOCH.replace(tzinfo=None) + timedelta(microseconds=round(Fraction(value) * 10**6)) == moment


@SETTINGS
@given(
    st.lists(
        st.one_of(
            MOMENTS.map(str),
            DAYS.map(lambda one: str(one.date())),
            ISO,
            st.text("0123456789-T: .+Z", max_size=27),
        )
    )
)
def test_many_dates_are_read_as_one_is(texts: list[str]) -> None:
    expected = [math.nan if (value := read_date(text)) is None else value for text in texts]
    for many in (1, MANY):
        np.testing.assert_array_equal(read_dates(texts * many, DateNotation()), np.array(expected * many))


@SETTINGS
@given(
    st.lists(DAYS, min_size=1, max_size=20), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%m-%d-%Y"])
)
def test_the_order_is_right_wherever_a_cell_decides(days: list[datetime], form: str) -> None:
    texts = [day.strftime(form) for day in days]
    found = date_notation(dict.fromkeys(texts, 1))
    assert found is not None
    if any(day.day > 12 for day in days):
        assert found.order == ("dmy" if form.startswith("%d") else "mdy")
        assert not is_guess(dict.fromkeys(texts, 1))
    elif any(day.day != day.month for day in days):
        assert is_guess(dict.fromkeys(texts, 1))


@SETTINGS
@given(st.text("0123456789-/.: ,TZ+janfebQW", max_size=20))
def test_a_cell_is_read_whole_or_not_at_all(text: str) -> None:
    if read_date(text, DateNotation("dmy")) is not None:
        assert read_date(text + "x", DateNotation("dmy")) is None
        assert read_date(f" {text} ", DateNotation("dmy")) == read_date(text, DateNotation("dmy"))
        # Nothing that is written is passed over: with one more digit it is another date, or none.
        assert read_date("9" + text.strip(), DateNotation("dmy")) != read_date(text, DateNotation("dmy"))


@pytest.mark.parametrize(
    ("text", "day"),
    [("2024-12", "2024-12-01"), ("12/2024", "2024-12-01"), ("2024Q3", "2024-07-01"), ("Q3 2024", "2024-07-01"),
     ("2024-W05", "2024-01-29"), ("Dec 2024", "2024-12-01"), ("Dec-24", "2024-12-01"), ("31-Dec-69", "1969-12-31"),
     ("31-Dec-68", "2068-12-31"), ("4 mars 2014", "2014-03-04"), ("31. Dezember 2024", "2024-12-31"),
     ("March 3rd, 2014", "2014-03-03"), ("Mon, 02 Jan 2017 15:04:05 GMT", "2017-01-02T15:04:05"),
     ("Mon Jan 02 15:04:05 +0000 2017", "2017-01-02T15:04:05"), ("9/1/2015 12:00:00 AM", "2015-09-01"),
     ("20241231T101112Z", "2024-12-31T10:11:12"), ("2015-01-01 10:00 EST", "2015-01-01T15:00"),
     ("2024/03/01 9:12:03 AM MEZ", "2024-03-01T08:12:03"), ("1.7.2024 10:00 MESZ", "2024-07-01T08:00"),
     ("2024-07-01 10:00 CEST", "2024-07-01T08:00"), ("2024-07-01 10:00 EEST", "2024-07-01T07:00"),
     ("2024-07-01 10:00 WET", "2024-07-01T10:00"), ("2024-07-01 10:00 JST", "2024-07-01T01:00")],
)  # fmt: skip
def test_everyday_forms(text: str, day: str) -> None:
    found = date_notation({text: 1})
    assert found is not None
    assert read_date(text, found) == seconds(datetime.fromisoformat(day))


@pytest.mark.parametrize(
    "text",
    ["", "1998", "2024-02-30", "2024-13-01", "30.02.2024", "1/2", "24-Dec", "May 5", "1.2.3", "2024-01-01 25:00",
     "1.2345", "2024-01-01 24:00", "2024-01-01 10:60", "2024-01-01 13:00 PM", "2024-01-01T10:00+25:00", "x2024-01-01",
     "١.٢.٢٠٢٤"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert date_notation({text: 1}) is None
    assert read_date(text, DateNotation("dmy")) is None


@pytest.mark.parametrize(
    "cells",
    [
        ["1998", "1999"],
        ["20241231", "12345678"],
        ["2009-10", "2010-11", "2011-12"],
        ["10.11", "12.2014"],
        ["x"],
    ],
)
def test_columns_that_are_no_dates(cells: list[str]) -> None:
    assert date_notation(dict.fromkeys(cells, 3)) is None


def test_zones_are_known() -> None:
    assert date_notation({"2024-01-01T10:00Z": 1}) == DateNotation("ymd", "utc")
    assert date_notation({"2024-01-01T10:00Z": 1, "2024-01-01T10:00+02:00": 1}) == DateNotation(
        "ymd", "offsets"
    )


def test_a_notation_comes_back_from_its_text() -> None:
    for order in ("dmy", "mdy", "ymd"):
        for zone in ("none", "utc", "offsets"):
            notation = DateNotation(order, zone)  # type: ignore[arg-type]
            assert DateNotation.from_text(notation.as_text()) == notation
    with pytest.raises(InvalidInput, match="no notation of dates"):
        DateNotation.from_text("day first")


@given(
    st.sampled_from(["seconds", "milliseconds"]),
    st.integers(-(10**11), 10**12) | st.integers(-(10**16), 10**16),
)
def test_numbers_of_a_column_that_counts_the_time_are_read_whatever_they_are_within_the_calendar(
    unit, number
):
    notation = DateNotation(unit=unit)
    assert DateNotation.from_text(notation.as_text()) == notation
    since = number / {"seconds": 1, "milliseconds": 1000}[unit]
    try:
        EPOCH + timedelta(seconds=since)
        wanted = since
    except OverflowError:
        wanted = None
    assert read_date(str(number), notation) == wanted
    for many in (1, MANY):
        found = read_dates([str(number), ""] * many, notation)
        assert str(found[0]) == str(math.nan if wanted is None else wanted)
    assert read_date("2024-01-31", notation) == read_date("2024-01-31")


def test_numbers_that_count_the_time_are_no_dates_unless_somebody_says_so():
    cells = {str(1_700_000_000 + place): 1 for place in range(50)}
    assert date_notation(cells) is None
    assert DATE.find_notation(cells, ()) == "seconds"
    assert DATE.find_notation({f"{cell}000": 1 for cell in cells}, ()) == "milliseconds"
    assert DATE.find_notation({**cells, "12": 49, "9" * 16: 1}, ()) == ""
    assert DATE.find_notation({**cells, "12": 48, "9" * 16: 1}, ()) == "seconds"
    assert DATE.find_notation({**cells, "-": 1, "": 1}, ("-",)) == "seconds"
