"""A new version of a dataset has the columns of the one before, but for those that were left out on purpose."""

from collections.abc import Iterable

from lepton_core.errors import InvalidData
from lepton_core.table import ReadingOptions, Table


def demand_columns(table: Table, before: Iterable[str], reading: ReadingOptions) -> None:
    """Raises `InvalidData` for a column of ``before`` that is neither there nor excluded by the ``reading``.

    >>> import numpy as np
    >>> from lepton_core.table import Numbers
    >>> demand_columns(Table((Numbers("age", np.zeros(1)),)), ["age", "zip"], ReadingOptions())
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: column 'zip': is missing, and the version before has it; to go on without it:
    Data.from_csv(path, exclude=['zip'])
    """
    excluded = reading.exclude or ()
    for name in before:
        if name not in table and name not in excluded:
            call = reading.call(exclude=(*excluded, name))
            raise InvalidData(
                f"is missing, and the version before has it; to go on without it: {call}", column=name
            )
