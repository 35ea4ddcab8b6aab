"""The figures of a table's columns."""

from typing import Any

from lepton_core.table.kinds import kind_of
from lepton_core.table.table import Table


def describe(table: Table) -> list[dict[str, Any]]:
    """One JSON object a column: ``name``, ``kind``, ``missing`` and figures of the cells that are there.

    Numbers: ``mean``, ``std`` (population), ``min``, ``max``, left out if every cell is missing. Categories:
    ``distinct``, the number of levels that occur.

    >>> import numpy as np
    >>> from lepton_core.table import Categories, Numbers
    >>> ages = Numbers("age", np.array([31.0, 33.0, np.nan]))
    >>> describe(Table((ages, Categories.of("sex", ["f", "m", "f"]))))
    [{'name': 'age', 'kind': 'number', 'missing': 1, 'mean': 32.0, 'std': 1.0, 'min': 31.0, 'max': 33.0},
     {'name': 'sex', 'kind': 'category', 'missing': 0, 'distinct': 2}]
    """
    return [
        {"name": column.name, "kind": column.kind, **kind_of(column).figures(column).as_dict()}
        for column in table.columns
    ]
