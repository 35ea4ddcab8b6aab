"""A table: named columns of equal length."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lepton_core.errors import InvalidData
from lepton_core.table.columns import Chosen, Column
from lepton_core.table.schema import ColumnSchema, Schema


@dataclass(frozen=True)
class Table:
    """Typed columns of one length with distinct names. Raises ``ValueError`` if they are not that.

    >>> import numpy as np
    >>> from lepton_core.table import Categories, Numbers
    >>> table = Table((Numbers("age", np.array([31.0, 40.0])), Categories.of("sex", ["f", "m"])))
    >>> table.rows, table.names, table["sex"].levels
    (2, ('age', 'sex'), ('f', 'm'))
    """

    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        if len({column.name for column in self.columns}) != len(self.columns):
            raise ValueError("a table cannot have two columns of one name")
        if len({len(column) for column in self.columns}) > 1:
            raise ValueError("the columns of a table have one length")

    @property
    def rows(self) -> int:
        """How many rows there are (0 in a table without columns)."""
        return len(self.columns[0]) if self.columns else 0

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns in their order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def schema(self) -> Schema:
        """The columns without their rows."""
        return Schema(
            tuple(
                ColumnSchema(column.name, column.kind, column.levels, column.notation, column.missing_words)
                for column in self.columns
            )
        )

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def unused(self, name: str) -> str:
        """``name``, with as many strokes behind it as it takes to be the name of no column.

        >>> from lepton_core.table import Numbers
        >>> import numpy as np
        >>> Table((Numbers("fold", np.array([1.0])),)).unused("fold")
        "fold'"
        """
        while name in self:
            name += "'"
        return name

    def __getitem__(self, name: str) -> Column:
        """The column ``name``. Raises `InvalidData` naming it if it is absent."""
        column = self._by_name.get(name)
        if column is None:
            raise InvalidData("there is no such column", column=name)
        return column

    def parts(self) -> Iterator["Table"]:
        """Itself: a table is a `Source` of one part."""
        yield self

    def take(self, indices: Chosen) -> "Table":
        """The rows at ``indices`` (integers of shape (k,)), in that order, or in a slice; levels stay as they are."""
        return Table(tuple(column.take(indices) for column in self.columns))

    def without(self, name: str) -> "Table":
        """All columns but ``name``. Raises `InvalidData` if it is absent."""
        dropped = self[name]
        return Table(tuple(column for column in self.columns if column is not dropped))

    def select(self, names: Iterable[str]) -> "Table":
        """The columns ``names`` in that order. Raises `InvalidData` for one that is absent."""
        return Table(tuple(self[name] for name in names))
