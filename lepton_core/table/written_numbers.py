"""The numbers of a column that is of another kind: codes, and keys, that somebody wants to count or to order by."""

import numpy as np

from lepton_core.table.columns import Column, FloatArray
from lepton_core.table.kinds import kind_of
from lepton_core.table.spelling.numbers import read_number


def written_numbers(column: Column) -> FloatArray | None:
    """What the cells of ``column`` say as numbers, float64 (m,), NaN where they are missing; None if one is no number.

    >>> from lepton_core.table.columns import Categories
    >>> written_numbers(Categories.of("stars", ["3", None, "4.5"])).tolist()
    [3.0, nan, 4.5]
    >>> written_numbers(Categories.of("stars", ["3", "many"])) is None
    True
    """
    kind = kind_of(column)
    if kind.quantitative:
        return column.values
    texts = kind.texts(column)
    read = [read_number(level) for level in texts.levels]
    if None in read:
        return None
    return np.array([*read, np.nan], dtype=np.float64)[texts.codes]
