"""Of a long column of few numbers the different ones are found as of a short one."""

import numpy as np
import pytest

from lepton_core.table import Numbers, kind_of
from lepton_core.table.kinds.few_values import few_values

LONG_ROWS = 1 << 20
"""From more on the few values of a column are found without sorting it."""


@pytest.mark.sampled(5)
@pytest.mark.parametrize("many", [1, 2, 200, 256, 257, 5000])
@pytest.mark.parametrize("gaps", [False, True])
def test_values_and_places_are_those_of_sorting_all(many: int, gaps: bool) -> None:
    rng = np.random.default_rng(many)
    values = rng.normal(size=many)[rng.integers(0, many, LONG_ROWS + 1)]
    values[:many] = np.unique(values)[-1]
    if gaps:
        values[rng.random(len(values)) < 0.1] = np.nan
    found, places = np.unique(values, return_inverse=True)
    there = found[~np.isnan(found)]
    column = Numbers("x", values)
    given, at = kind_of(column).distinct(column)
    assert given == tuple(there.tolist())
    assert at.dtype == np.int64
    assert np.array_equal(at, np.where(places < len(there), places, -1))
    few = few_values(values)
    assert (few is None) == (len(there) + gaps > 256)


def test_a_long_column_without_a_number_has_no_values() -> None:
    column = Numbers("x", np.full(LONG_ROWS + 1, np.nan))
    values, places = kind_of(column).distinct(column)
    assert values == ()
    assert (places == -1).all()
