"""The different numbers of a long column, if they are few: then the column need not be sorted."""

from itertools import pairwise

import numpy as np

from lepton_core.table.columns import FloatArray, IndexArray

_FIRST_ROWS = 1 << 12
"""Of a column with many values these rows show it."""

_PIECE_ROWS = 1 << 18
_MOST_VALUES = 256


def few_values(values: FloatArray) -> tuple[FloatArray, IndexArray] | None:
    """The different numbers of ``values`` (m,), ascending, float64 (k,), and the place of each, int64 (m,).

    NaN is none of them and has the place -1. None if there are many.

    >>> few_values(np.array([2.0, 1.0, np.nan, 2.0]))
    (array([1., 2.]), array([ 1,  0, -1,  1]))
    """
    found = np.zeros(0)
    starts = (0, *range(_FIRST_ROWS, len(values), _PIECE_ROWS))
    for at, stop in pairwise((*starts, len(values))):
        found = np.union1d(found, values[at:stop])
        if len(found) > _MOST_VALUES:
            return None
    found = found[~np.isnan(found)]
    places = np.searchsorted(found, values)
    places[places == len(found)] = -1  # NaN stands behind all numbers
    return found, places
