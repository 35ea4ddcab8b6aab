"""Durations are read as pandas reads them where it does, whole or not at all."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidInput
from lepton_core.table.spelling.durations import (
    DurationNotation,
    duration_notation,
    read_duration,
    read_durations,
)

SETTINGS = settings(deadline=None, max_examples=200)
MICROSECONDS = st.integers(-(10**15), 10**15)


@SETTINGS
@given(MICROSECONDS)
def test_what_pandas_and_python_write_is_read_back(micro: int) -> None:
    delta = pd.Timedelta(micro, unit="us")
    for text in (str(delta), str(delta.to_pytimedelta()), delta.isoformat()):
        if not (text.startswith("P-") or "-" in text[1:]):  # pandas writes signs of single parts in ISO
            assert read_duration(text) == micro / 1e6, text


@SETTINGS
@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59))
def test_words_add_up(hours: int, minutes: int, seconds: int) -> None:
    expected = float(hours * 3600 + minutes * 60 + seconds)
    for text in (
        f"{hours}h {minutes}m {seconds}s",
        f"{hours} hours, {minutes} min and {seconds} seconds",
        f"PT{hours}H{minutes}M{seconds}S",
        f"{hours}:{minutes:02}:{seconds:02}",
    ):
        assert read_duration(text) == expected


@SETTINGS
@given(st.text("0123456789:. dhmsPT-+", max_size=12))
def test_a_cell_is_read_whole_or_not_at_all(text: str) -> None:
    if read_duration(text) is not None:
        assert read_duration(text + " x") is None
        assert read_duration(f" {text} ") == read_duration(text)


@pytest.mark.parametrize(
    "cells", [["5m", "3m"], ["36 months"], ["P1Y"], ["5 km"], ["10:70"], ["PT"], ["1s 2h"], ["x"], ["3"]]
)
def test_columns_that_are_no_durations(cells: list[str]) -> None:
    assert duration_notation(dict.fromkeys(cells, 2)) is None


def test_a_letter_is_a_unit_of_time_beside_cells_that_say_more() -> None:
    found = duration_notation({"1h 30m": 1, "45m": 5})
    assert found is not None
    assert read_durations(["45m", "?"], found)[0] == 2700


def test_minutes_and_seconds_are_told_from_hours_and_minutes() -> None:
    assert duration_notation({"01:30": 1, "22:15": 1}) == DurationNotation("hm")
    assert duration_notation({"01:30": 1, "31:15": 1}) == DurationNotation("ms")
    assert duration_notation({"01:25.6": 1}) == DurationNotation("ms")
    assert read_duration("01:30", DurationNotation("hm")) == 5400
    assert read_duration("01:30", DurationNotation("ms")) == 90


def test_a_time_of_day_is_the_duration_since_midnight() -> None:
    assert read_duration("6:00 PM") == 18 * 3600
    assert read_duration("13:00 PM") is None


def test_a_notation_comes_back_from_its_text() -> None:
    for notation in (DurationNotation("hm"), DurationNotation("ms")):
        assert DurationNotation.from_text(notation.as_text()) == notation
    with pytest.raises(InvalidInput, match="no notation of durations"):
        DurationNotation.from_text("h")
