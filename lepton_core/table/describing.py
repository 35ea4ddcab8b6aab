"""The figures of a table's columns."""

from typing import Any

import numpy as np

from lepton_core.table.columns import Categories, FloatArray
from lepton_core.table.table import Table


def describe(table: Table) -> list[dict[str, Any]]:
    """One JSON object a column: ``name``, ``kind``, ``missing`` and figures of the cells that are there.

    Numbers: ``mean``, ``std`` (population), ``min``, ``max``, left out if every cell is missing. Categories:
    ``distinct``, the number of levels that occur.

    >>> from lepton_core.table import Numbers
    >>> ages = Numbers("age", np.array([31.0, 33.0, np.nan]))
    >>> describe(Table((ages, Categories.of("sex", ["f", "m", "f"]))))
    [{'name': 'age', 'kind': 'number', 'missing': 1, 'mean': 32.0, 'std': 1.0, 'min': 31.0, 'max': 33.0},
     {'name': 'sex', 'kind': 'category', 'missing': 0, 'distinct': 2}]
    """
    described = []
    for column in table.columns:
        missing = column.missing
        shown: dict[str, Any] = {"name": column.name, "kind": column.kind, "missing": int(missing.sum())}
        if isinstance(column, Categories):
            shown["distinct"] = len(np.unique(column.codes[~missing]))
        elif shown["missing"] < table.rows:
            shown.update(_figures(column.values[~missing]))
        described.append(shown)
    return described


def _figures(values: FloatArray) -> dict[str, float]:
    low, high = float(values.min()), float(values.max())
    # Scaled by a power of two, which is exact, the squares of huge and of tiny numbers stay in range.
    exponent = int(np.frexp(max(abs(low), abs(high)))[1])
    scaled = np.ldexp(values, -exponent)
    mean = float(np.ldexp(scaled.mean(), exponent))
    std = float(np.ldexp(scaled.std(), exponent))
    return {"mean": min(max(mean, low), high), "std": std, "min": low, "max": high}
