"""Values of a program become cells that mean the same, or an error that names them."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_ai.frames import table_from_arrays, table_from_frame
from lepton_core.errors import InvalidData
from lepton_core.table import given_cell, given_column

SHORT = np.array([0.1, 0.2, 16777.217], dtype=np.float32)


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(SHORT),
        pd.Series(pd.array(SHORT, dtype="Float32")),
        pd.Series(SHORT, dtype=pd.ArrowDtype(pa.float32())),
        pd.Series(SHORT).astype("category"),
        pd.Series(pd.array(SHORT, dtype="Float32")).astype("category"),
        pd.Series(pd.arrays.SparseArray(SHORT)),
        pd.Series(list(SHORT), dtype=object),
    ],
    ids=lambda series: str(series.dtype),
)
def test_a_short_float_is_its_shortest_decimal_whatever_holds_it(series):
    wanted = [0.1, 0.2, 16777.217]
    assert table_from_frame(pd.DataFrame({"x": series}))["x"].values.tolist() == wanted
    made = table_from_arrays(np.zeros((3, 1)), series, None, "y")
    assert made["y"].values.tolist() == wanted
    gone = pd.concat([series.astype(object), pd.Series([None])], ignore_index=True).astype(series.dtype)
    if str(series.dtype) != "Sparse[float32, nan]":
        found = table_from_frame(pd.DataFrame({"x": gone}))["x"]
        assert found.values[:3].tolist() == wanted
        assert found.missing.tolist() == [False, False, False, True]


NANOSECONDS = st.integers(-(2**62), 2**62)


@given(st.lists(NANOSECONDS, min_size=1, max_size=5))
def test_no_nanosecond_of_a_length_of_time_is_lost(lengths):
    wanted = [length / 10**9 for length in lengths]
    array = np.array(lengths, dtype="timedelta64[ns]")
    assert given_column("x", array).values.tolist() == wanted
    assert given_column("x", list(array)).values.tolist() == wanted
    assert [given_cell(length, 1, "x") for length in array] == wanted
    for series in (
        pd.Series(array),
        pd.Series(list(pd.Series(array)), dtype=object),
        pd.Series(array).astype("category"),
    ):
        found = table_from_frame(pd.DataFrame({"x": series}))["x"]
        assert (found.kind, found.values.tolist()) == ("duration", wanted)
    assert [given_cell(length, 1, "x") for length in pd.Series(array)] == wanted
    arrow = pd.Series(array).astype(pd.ArrowDtype(pa.duration("ns")))
    assert table_from_frame(pd.DataFrame({"x": arrow}))["x"].values.tolist() == wanted


@pytest.mark.parametrize(
    ("unit", "seconds"), [("W", 604800), ("D", 86400), ("h", 3600), ("s", 1), ("ms", 1e-3), ("ps", 1e-12)]
)
def test_every_unit_counts(unit, seconds):
    assert given_cell(np.timedelta64(5, unit), 1, "x") == 5 * seconds
    assert given_column("x", np.array([5, "NaT"], dtype=f"m8[{unit}]")).values[0] == 5 * seconds


def test_lengths_without_a_unit_are_refused_where_they_stand():
    for refused in (
        lambda: given_cell(np.timedelta64(5), 2, "x"),
        lambda: given_column("x", [np.timedelta64(1, "s"), np.timedelta64(5)]),
        lambda: given_column("x", np.array(["NaT", 5], dtype="m8")),
    ):
        with pytest.raises(InvalidData, match="row 2, column 'x': a length of time without a unit"):
            refused()


def test_a_longer_float_is_the_nearest_number():
    long = np.longdouble("0.1")
    assert type(given_cell(long, 1, "x")) is float
    assert given_cell(long, 1, "x") == 0.1
    for values in (np.array([long, 3]), [long, 3, None]):
        assert given_column("x", values).values[:2].tolist() == [0.1, 3.0]
    assert np.isnan(given_column("x", np.array([np.longdouble("nan")])).values[0])


HUGE = [np.longdouble("1e4000"), Decimal("1e400"), Fraction(10**400), -Fraction(10**400)]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("huge", HUGE, ids=lambda value: type(value).__name__)
def test_what_float64_does_not_reach_is_refused_by_row_and_column(huge):
    said = "row 2, column 'x': .* is beyond the largest number"
    with pytest.raises(InvalidData, match=said):
        given_cell(huge, 2, "x")
    with pytest.raises(InvalidData, match="row 2, column 'x'"):
        given_column("x", [1.5, huge])
    if isinstance(huge, np.longdouble):
        with pytest.raises(InvalidData, match=said):
            given_column("x", np.array([1, huge]))


@pytest.mark.filterwarnings("error")
def test_large_integers_complex_numbers_and_far_dates_are_cells_or_named():
    assert given_column("x", [10**400, 3]).as_list() == [str(10**400), "3"]
    with pytest.raises(InvalidData, match="row 2, column 'x'"):
        given_column("x", [1.5, 10**400])
    for number in (1j, np.complex128(1), np.complex64(2)):
        with pytest.raises(InvalidData, match=r"row 1, column 'x': .* is neither a number nor text"):
            given_cell(number, 1, "x")
    for unit in ("Y", "D", "s"):
        far = np.datetime64(2**60, unit)
        for refused in (
            lambda far=far: given_cell(far, 1, "x"),
            lambda far=far: given_column("x", np.array([far])),
        ):
            with pytest.raises(InvalidData, match="row 1, column 'x': a date that is not of the years"):
                refused()
    assert given_cell(np.datetime64("2024-05-01T12:00:00.5"), 1, "x") == "2024-05-01 12:00:00.500000"
    assert given_cell(dt.timedelta(microseconds=1), 1, "x") == 1e-6


def test_columns_without_a_name_are_called_after_their_place():
    for name in ("", " ", None, float("nan"), pd.NA):
        columns = pd.Index(["a", name], dtype=object)
        assert table_from_frame(pd.DataFrame([[1.5, 2.5]], columns=columns)).names == ("a", "column_2")
