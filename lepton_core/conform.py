"""A new version of a dataset keeps the columns of the one before, or is refused with the place that differs."""

from collections.abc import Collection, Mapping

from lepton_core.errors import InvalidData
from lepton_core.table import BY_NAME, Column, Table, kind_of


def conform(table: Table, kinds: Mapping[str, str], required: Collection[str] = ()) -> Table:
    """``table`` with its columns of the ``kinds`` that they had before; columns that are new stay as they are.

    A column of numbers where text was becomes text. Errors: `InvalidData` for a ``required`` column that is not
    there, and for text where numbers were, with the first such row.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> conform(Table((Numbers("zip", np.array([1010.0, 2020.0])),)), {"zip": "category"}, ["zip"])["zip"].levels
    ('1010', '2020')
    """
    for name in required:
        if name not in table.names:
            raise InvalidData("is missing; every earlier version of this dataset has it", column=name)
    return Table(tuple(_typed(column, kinds.get(column.name, column.kind)) for column in table.columns))


def _typed(column: Column, wanted: str) -> Column:
    if column.kind == wanted:
        return column
    typed: Column = BY_NAME[wanted].from_texts(kind_of(column).texts(column))
    return typed
