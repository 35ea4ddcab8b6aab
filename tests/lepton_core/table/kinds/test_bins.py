"""A reference of a large table is made from some of its rows: spread evenly, and blind to what repeats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.drift.statistics.psi import psi
from lepton_core.table import Numbers, kind_of
from lepton_core.table.kinds.bins import some_rows
from lepton_core.table.kinds.number_bins import MOST_NUMBER_ROWS, NumberBins


@given(st.integers(0, 5_000), st.integers(1, 500))
def test_one_row_of_each_stretch_is_looked_at(rows: int, most: int) -> None:
    places = some_rows(rows, most)
    assert len(places) == min(rows, most)
    if rows <= most:
        assert places.tolist() == list(range(rows))
    else:
        ends = np.arange(most + 1) * rows // most
        assert ((ends[:-1] <= places) & (places < ends[1:])).all()


@pytest.mark.parametrize("period", [2, 7, 8, 10, 12, 24, 60, 365])
def test_what_repeats_from_row_to_row_is_seen_in_full(period: int) -> None:
    seen = np.bincount(some_rows(8 * MOST_NUMBER_ROWS, MOST_NUMBER_ROWS) % period, minlength=period)
    expected = MOST_NUMBER_ROWS / period
    assert np.abs(seen - expected).max() < 6 * np.sqrt(expected)


def test_a_reference_of_some_rows_tells_what_one_of_all_rows_does() -> None:
    random = np.random.default_rng(5)
    rows = 4 * MOST_NUMBER_ROWS + 17
    values = random.lognormal(size=rows) + np.arange(rows) / rows  # and they drift from row to row
    values[random.random(rows) < 0.03] = np.nan
    column = Numbers("x", values)
    of_some, of_all = kind_of(column).reference(column), NumberBins.of("x", values)
    assert isinstance(of_some, NumberBins)
    assert sum(of_some.counts) == MOST_NUMBER_ROWS
    assert sum(of_all.counts) == rows
    assert psi(of_some.tally(column), of_some.counts) < 0.001
    assert psi(of_all.tally(column), of_some.tally(column)) < 0.001


def test_a_reference_of_fewer_rows_is_made_from_all_of_them() -> None:
    values = np.random.default_rng(6).normal(size=MOST_NUMBER_ROWS)
    column = Numbers("x", values)
    assert kind_of(column).reference(column) == NumberBins.of("x", values)
