"""Dates and times of day as people of many countries write them are the same moments as in ISO 8601."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table.spelling.dates import date_notation, read_date
from lepton_core.table.spelling.durations import duration_notation, read_duration
from lepton_core.table.spelling.months import _MONTHS, LANGUAGES
from tests.support.sampling import examples

SETTINGS = settings(deadline=None, max_examples=examples(200))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)).map(
    lambda one: one.replace(second=0, microsecond=0)
)
NAMED = [(at, name) for names in _MONTHS.values() for at, name in enumerate(names.split(), 1)]

DAYS = (
    "{y}年{m}月{d}日", "{y}年{m:02}月{d:02}日(月)", "{y}年{m}月{d}日 星期一", "{y}年 {m}月 {d}日", "{y}년 {m}월 {d}일",
    "{y}. {m}. {d}.", "{y}. {m:02}. {d:02}", "{y}.{m:02}.{d:02}.", "{d}. {m}. {y}", "{d:02}.{m:02}.{y}.",
    "{d}.{m}.{y}", "{y}-{m:02}-{d:02}",
)  # fmt: skip
CLOCKS = (
    "{h}:{n:02} Uhr", "{h}.{n:02} Uhr", "{h}h{n:02}", "{h:02} h {n:02}", "{h}:{n:02} uur", "kl. {h}.{n:02}",
    "kl. {h}:{n:02}", "klo {h}.{n:02}", "um {h}:{n:02} Uhr", "à {h}h{n:02}", "o godz. {h}:{n:02}", "{h}時{n:02}分",
    "{h}时{n}分", "{h}시 {n}분", "{h}:{n:02}", "v {h}:{n:02}", "{h}點{n:02}分00秒",
)  # fmt: skip


def seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()


def read(text: str) -> float | None:
    found = date_notation({text: 1}, day_first=True)
    return None if found is None else read_date(text, found)


@pytest.mark.parametrize("form", DAYS)
@SETTINGS
@given(MOMENTS, st.sampled_from(CLOCKS))
def test_a_day_is_read_alone_and_with_each_clock(form: str, moment: datetime, clock: str) -> None:
    day = form.format(y=moment.year, m=moment.month, d=moment.day)
    assert read(day) == seconds(moment.replace(hour=0, minute=0))
    assert read(f"{day} {clock.format(h=moment.hour, n=moment.minute)}") == seconds(moment)


@SETTINGS
@given(MOMENTS, st.sampled_from([one for one in CLOCKS if not one.startswith(("{h}:{n:02}",)) or "U" in one]))
def test_a_clock_alone_is_the_time_since_midnight(moment: datetime, clock: str) -> None:
    text = clock.format(h=moment.hour, n=moment.minute)
    found = duration_notation({text: 1})
    assert found is not None, text
    assert read_duration(text, found) == moment.hour * 3600 + moment.minute * 60


@SETTINGS
@given(MOMENTS, st.sampled_from([("上午", "下午"), ("午前", "午後"), ("오전 ", "오후 ")]))
def test_morning_and_afternoon_stand_before_the_hour(moment: datetime, halves: tuple[str, str]) -> None:
    clock = f"{halves[moment.hour >= 12]}{moment.hour % 12 or 12}:{moment.minute:02}"
    assert read(f"{moment.year}年{moment.month}月{moment.day}日 {clock}") == seconds(moment)
    assert read_duration(clock) == moment.hour * 3600 + moment.minute * 60


@pytest.mark.parametrize("language", _MONTHS)
@pytest.mark.parametrize("case", [str.lower, str.title, str.upper])
def test_a_month_is_read_by_each_of_its_names(language: str, case: Callable[[str], str]) -> None:
    for month, name in enumerate(_MONTHS[language].split(), 1):
        if case(name).lower() != name:
            continue  # without a locale its capital is another letter
        for form in ("1 {}. 2024", "1. {} 2024", "{} 2024", "1-{}-24", "2024 {} 1"):
            assert read(form.format(case(name))) == seconds(datetime(2024, month, 1)), (name, form)


def test_no_name_is_that_of_two_months() -> None:
    months: dict[str, int] = {}
    for month, name in NAMED:
        assert months.setdefault(name, month) == month, name
    assert len(LANGUAGES) == 19


@pytest.mark.parametrize(
    ("text", "day"),
    [("15 maj 2024", "2024-05-15"), ("den 15 oktober 2024", "2024-10-15"), ("15. marts 2024", "2024-03-15"),
     ("15. desember 2024", "2024-12-15"), ("tiistaina 15. lokakuuta 2024", "2024-10-15"), ("15 paź 2024", "2024-10-15"),
     ("15 stycznia 2024 r.", "2024-01-15"), ("15. července 2024", "2024-07-15"), ("15. června 2024", "2024-06-15"),
     ("15 Ağustos 2024 Perşembe", "2024-08-15"), ("15 AĞUSTOS 2024", "2024-08-15"), ("15 KASIM 2024", "2024-11-15"),
     ("15 NİSAN 2024", "2024-04-15"), ("15 января 2024 г.", "2024-01-15"), ("пн, 15 янв. 2024", "2024-01-15"),
     ("15 de enero de 2024", "2024-01-15"), ("segunda-feira, 15 de janeiro de 2024", "2024-01-15"),
     ("2024. január 15., hétfő", "2024-01-15"), ("2024年5月", "2024-05-01"), ("2024년 5월", "2024-05-01")],
)  # fmt: skip
def test_everyday_forms(text: str, day: str) -> None:
    assert read(text) == seconds(datetime.fromisoformat(day))


@SETTINGS
@given(
    MOMENTS,
    st.sampled_from(
        ["+02:00[Europe/Berlin]", "+02:00[!Europe/Berlin][u-ca=gregory]", "+0200 (CEST)", "+02[Etc/GMT-2]"]
    ),
)
def test_the_name_of_a_zone_behind_its_offset_is_passed_over(moment: datetime, zone: str) -> None:
    assert read(moment.isoformat() + zone) == seconds(moment) - 7200


def test_a_zone_of_universal_time_is_known_by_its_brackets() -> None:
    found = date_notation({"2024-01-15T10:15:00.123456Z[America/Argentina/Buenos_Aires]": 1})
    assert found is not None and found.zone == "utc"


@pytest.mark.parametrize(
    "text",
    ["2024年13月15日", "2024年2月30日", "2024年度", "1. 2. 24", "15.01.2024 25:15 Uhr", "2024-01-15 10.75",
     "2024-01-15T10:15:00[Europe/Berlin]", "Room 2024 10.15", "May 5 2024 10", "version 2024.1.15", "3/4/2024 1.5",
     "15 nonsense 2024", "2024 10.15", "1.2.3 10 Uhr"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    "text", ["25:15 Uhr", "10.15", "5 u", "10h5", "room 10", "B 10h", "10:75 Uhr", "at 10"]
)
def test_what_is_no_time_of_day(text: str) -> None:
    assert duration_notation({text: 1}) is None


@SETTINGS
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.text("年月日時分上午下 .:0123456789Uhrkl", max_size=12)
)
def test_a_cell_is_read_whole_or_not_at_all(day: date, rest: str) -> None:
    text = f"{day.year}年{day.month}月{day.day}日 {rest}"
    if read(text) is not None:
        assert read(text + "x") is None
        assert read(f" {text} ") == read(text)
