"""A new version of a dataset keeps the columns of the one before, or is refused with the place that differs."""

import math
from collections.abc import Collection

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table import Categories, Column, ColumnSchema, Numbers, Schema, Table
from lepton_core.table.cells import is_not_finite, is_number


def conform(table: Table, earlier: Schema, required: Collection[str] = ()) -> Table:
    """``table`` with its columns typed as in ``earlier``; columns that are new stay as they are.

    A column of numbers where text was becomes text. Errors: `InvalidData` for a ``required`` column that is not
    there, and for text where numbers were, with the first such row.

    >>> before = Schema((ColumnSchema("zip", "category", ("1010", "A-20")),))
    >>> conform(Table((Numbers("zip", np.array([1010.0, 2020.0])),)), before, ["zip"])["zip"].levels
    ('1010', '2020')
    """
    for name in required:
        if name not in table.names:
            raise InvalidData("is missing; every earlier version of this dataset has it", column=name)
    kinds = {wanted.name: wanted for wanted in earlier.columns}
    return Table(tuple(_typed(column, kinds.get(column.name)) for column in table.columns))


def _typed(column: Column, wanted: ColumnSchema | None) -> Column:
    if wanted is None or column.kind == wanted.kind:
        return column
    if isinstance(column, Numbers):
        return _as_text(column)
    unusable = [not is_number(level) or is_not_finite(level) for level in column.levels]
    wrong = np.array([*unusable, False])  # the last: missing
    rows = np.flatnonzero(wrong[column.codes])
    if len(rows):
        raise InvalidData(
            f"{column.levels[column.codes[rows[0]]]!r} is not a number; "
            "the earlier versions of this dataset hold numbers here",
            row=int(rows[0]) + 1,
            column=column.name,
        )
    values = [math.nan if bad else float(level) for bad, level in zip(unusable, column.levels, strict=True)]
    return Numbers(column.name, np.array([*values, math.nan])[column.codes])


def _as_text(column: Numbers) -> Categories:
    return Categories.of(column.name, [_text(value) for value in column.values.tolist()])


def _text(value: float) -> str | None:
    if math.isnan(value):
        return None
    return str(int(value)) if value.is_integer() else repr(value)
