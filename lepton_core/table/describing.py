"""The figures of the columns of a source, from one pass over its parts."""

from collections.abc import Iterable, Mapping
from typing import Any

from lepton_core.table.kinds import Figures, kind_of
from lepton_core.table.schema import ColumnSchema, Schema
from lepton_core.table.source import Source


def describe(source: Source) -> list[dict[str, Any]]:
    """One JSON object a column: ``name``, ``kind``, ``missing`` and figures of the cells that are there.

    Numbers: ``mean``, ``std`` (population), ``min``, ``max``, left out if every cell is missing. Categories:
    ``distinct``, the number of levels that occur. However the rows are cut into parts, the figures are those of the
    whole, up to rounding. Raises ``ValueError`` for a source without parts.

    >>> import numpy as np
    >>> from lepton_core.table import Categories, Numbers, Table
    >>> ages = Numbers("age", np.array([31.0, 33.0, np.nan]))
    >>> describe(Table((ages, Categories.of("sex", ["f", "m", "f"]))))
    [{'name': 'age', 'kind': 'number', 'missing': 1, 'mean': 32.0, 'std': 1.0, 'min': 31.0, 'max': 33.0},
     {'name': 'sex', 'kind': 'category', 'missing': 0, 'distinct': 2}]
    """
    found: dict[str, Figures] = {}
    for part in source.parts():
        for name in source.schema.names:
            figures = kind_of(part[name]).figures(part[name])
            found[name] = found[name].merge(figures) if name in found else figures
    if len(found) != len(source.schema.columns):
        raise ValueError("a source without parts has no figures")
    return [
        {"name": column.name, "kind": column.kind, **found[column.name].as_dict()}
        for column in source.schema.columns
    ]


def described_schema(figures: Iterable[Mapping[str, Any]]) -> Schema:
    """The names and kinds that `describe` told, without levels: no table has to be read for them.

    >>> described_schema([{"name": "sex", "kind": "category", "missing": 0, "distinct": 2}]).kinds
    {'sex': 'category'}
    """
    return Schema(tuple(ColumnSchema(one["name"], one["kind"]) for one in figures))
