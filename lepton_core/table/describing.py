"""The figures of the columns of a source, from one pass over its parts."""

from collections.abc import Iterable

from lepton_core.table.kinds import ColumnFigures, Figures, kind_of
from lepton_core.table.schema import ColumnSchema, Schema
from lepton_core.table.source import Source
from lepton_core.table.table import Table


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
    found = Describing()
    for part in source.parts():
        found.add(part)
    return found.figures(source.schema)


class Describing:
    """The figures of a source whose parts come one after the other."""

    def __init__(self) -> None:
        self._found: dict[str, Figures] = {}

    def add(self, part: Table) -> None:
        """The next rows."""
        for column in part.columns:
            figures = kind_of(column).figures(column)
            before = self._found.get(column.name)
            self._found[column.name] = figures if before is None else before.merge(figures)

    def figures(self, schema: Schema) -> tuple[ColumnFigures, ...]:
        """Those of all rows, in the order of the schema. Raises ``ValueError`` if none came."""
        if len(self._found) != len(schema.columns):
            raise ValueError("a source without parts has no figures")
        return tuple(self._found[column.name].describe(column) for column in schema.columns)


def described_schema(columns: Iterable[ColumnFigures]) -> Schema:
    """The names and kinds that `describe` told, without levels: no table has to be read for them.

    >>> described_schema([ColumnFigures("sex", "category", missing=0, distinct=2)]).kinds
    {'sex': 'category'}
    """
    return Schema(
        tuple(ColumnSchema(one.name, one.kind, (), one.notation, one.missing_words) for one in columns)
    )
