"""A new version of a dataset has the columns of those before, or is refused."""

from collections.abc import Collection

from lepton_core.errors import InvalidData
from lepton_core.table import Table


def demand_columns(table: Table, required: Collection[str]) -> None:
    """Raises `InvalidData` for a ``required`` column that is not there.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> demand_columns(Table((Numbers("age", np.zeros(1)),)), ["age", "zip"])
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: column 'zip': is missing; every earlier version of this dataset has it
    """
    for name in required:
        if name not in table.names:
            raise InvalidData("is missing; every earlier version of this dataset has it", column=name)
