"""The figures of the columns of a source, from one pass over its parts."""

from collections.abc import Iterable

from lepton_core.table.kinds import ColumnFigures, Figures, kind_of
from lepton_core.table.schema import ColumnSchema, Schema
from lepton_core.table.source import Source


def describe(source: Source) -> tuple[ColumnFigures, ...]:
    """The figures of each column, in the order of the schema.

    However the rows are cut into parts, the figures are those of the whole, up to rounding. Raises ``ValueError`` for
    a source without parts.

    >>> import numpy as np
    >>> from lepton_core.table import Categories, Numbers, Table
    >>> ages = Numbers("age", np.array([31.0, 33.0, np.nan]))
    >>> age, sex = describe(Table((ages, Categories.of("sex", ["f", "m", "f"]))))
    >>> age.missing, age.mean, age.std, age.distinct
    (1, 32.0, 1.0, None)
    >>> sex.kind, sex.mean, sex.distinct
    ('category', None, 2)
    """
    found: dict[str, Figures] = {}
    for part in source.parts():
        for name in source.schema.names:
            figures = kind_of(part[name]).figures(part[name])
            found[name] = found[name].merge(figures) if name in found else figures
    if len(found) != len(source.schema.columns):
        raise ValueError("a source without parts has no figures")
    return tuple(found[column.name].describe(column) for column in source.schema.columns)


def described_schema(columns: Iterable[ColumnFigures]) -> Schema:
    """The names and kinds that `describe` told, without levels: no table has to be read for them.

    >>> described_schema([ColumnFigures("sex", "category", missing=0, distinct=2)]).kinds
    {'sex': 'category'}
    """
    return Schema(
        tuple(ColumnSchema(one.name, one.kind, (), one.notation, one.missing_words) for one in columns)
    )
