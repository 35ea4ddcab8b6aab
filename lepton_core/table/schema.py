"""The names and kinds of columns without their rows: what a model was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from lepton_core.errors import InvalidInput
from lepton_core.table.columns import MISSING
from lepton_core.table.kinds import BY_NAME, Kind

_KEYS = ("name", "kind", "levels", "notation", "missing_words")
_PLAIN_KINDS = ("number", "integer")


@dataclass(frozen=True)
class ColumnSchema:
    """One column: ``levels`` are its texts in sorted order, empty for a kind that has none, as numbers.

    ``notation`` is how files spell its cells, as `lepton_core.table.spelling` writes it; empty for the plain way;
    ``missing_words`` are the texts that stand for a missing cell, None: the usual ones.
    """

    name: str
    kind: str
    levels: tuple[str, ...] = ()
    notation: str = ""
    missing_words: tuple[str, ...] | None = None

    @cached_property
    def codes(self) -> Mapping[str | None, int]:
        """The code of each level, and that of None, which is a missing cell."""
        return {**{level: code for code, level in enumerate(self.levels)}, None: MISSING}

    def as_dict(self) -> dict[str, Any]:
        """As JSON; ``levels`` only for a kind that has some, the rest only where something is said."""
        shown: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if BY_NAME[self.kind].has_levels:
            shown["levels"] = list(self.levels)
        if self.notation:
            shown["notation"] = self.notation
        if self.missing_words is not None:
            shown["missing_words"] = list(self.missing_words)
        return shown

    @staticmethod
    def from_dict(data: Any, *, field: str = "column") -> "ColumnSchema":
        """Read `as_dict` back. Raises `InvalidInput` naming the part below ``field`` that is wrong.

        >>> ColumnSchema.from_dict({"name": "colour", "kind": "category", "levels": ["blue", "red"]})
        ColumnSchema(name='colour', kind='category', levels=('blue', 'red'), notation='', missing_words=None)
        """
        if not isinstance(data, dict):
            raise InvalidInput("must be an object", field=field)
        for key in data:
            if key not in _KEYS:
                raise InvalidInput(f"unknown key {key!r}", field=field)
        name, kind, levels = data.get("name"), data.get("kind"), data.get("levels", [])
        if not isinstance(name, str) or not name:
            raise InvalidInput("must be a text that is not empty", field=f"{field}.name")
        if not isinstance(kind, str) or kind not in BY_NAME:
            raise InvalidInput(f"must be one of {', '.join(BY_NAME)}", field=f"{field}.kind")
        if not isinstance(levels, list) or not all(isinstance(level, str) for level in levels):
            raise InvalidInput("must be a list of texts", field=f"{field}.levels")
        if any(low >= high for low, high in pairwise(levels)):
            raise InvalidInput("must be sorted, and no text twice", field=f"{field}.levels")
        if levels and not BY_NAME[kind].has_levels:
            raise InvalidInput(f"a column of kind {kind!r} has no levels", field=f"{field}.levels")
        notation = data.get("notation", "")
        if not isinstance(notation, str) or not BY_NAME[kind].reads(notation):
            raise InvalidInput(f"is no notation of kind {kind!r}", field=f"{field}.notation")
        words = data.get("missing_words")
        if words is not None and not (
            isinstance(words, list) and all(isinstance(word, str) for word in words)
        ):
            raise InvalidInput("must be a list of texts", field=f"{field}.missing_words")
        return ColumnSchema(name, kind, tuple(levels), notation, None if words is None else tuple(words))


def name_at(given: object, place: int) -> str:
    """What a column is called under the key ``given``; one that is blank, or None, after its ``place``, from 1.

    >>> name_at(" age", 1), name_at(None, 2)
    ('age', 'column_2')
    """
    return ("" if given is None else str(given).strip()) or f"column_{place}"


@dataclass(frozen=True)
class Schema:
    """The columns of a table in their order. Raises ``ValueError`` if two have the same name.

    >>> Schema((ColumnSchema("age", "number"),)).as_dict()
    {'columns': [{'name': 'age', 'kind': 'number'}]}
    """

    columns: tuple[ColumnSchema, ...]

    def __post_init__(self) -> None:
        if len({column.name for column in self.columns}) != len(self.columns):
            raise ValueError("a schema cannot name a column twice")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def known(self) -> frozenset[str]:
        """The names as a set."""
        return frozenset(self.names)

    def name_of(self, given: object, place: int) -> str | None:
        """The column that somebody calls ``given``, blanks around it or not; None if there is none.

        What has no name is called after its ``place``, from 1, as a column of a file is.

        >>> schema = Schema((ColumnSchema("column_1", "number"), ColumnSchema("age", "number")))
        >>> schema.name_of(" age", 1), schema.name_of("", 1), schema.name_of("", 2)
        ('age', 'column_1', None)
        """
        if given in self.known:
            return str(given)
        return self._stripped.get(name_at(given, place))

    @cached_property
    def _stripped(self) -> Mapping[str, str]:
        return {name.strip(): name for name in reversed(self.names)}

    @cached_property
    def is_plain(self) -> bool:
        """Whether each finite number in a cell stands for itself: for no truth value, no time, and no missing cell."""
        return all(one.kind in _PLAIN_KINDS and not one.missing_words for one in self.columns)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The kind of each column by its name."""
        return {column.name: column.kind for column in self.columns}

    @cached_property
    def by_kind(self) -> tuple[tuple[Kind[Any], tuple[int, ...]], ...]:
        """Each kind that occurs, in the order of `KINDS`, and the places of its columns."""
        places = {
            name: [i for i, column in enumerate(self.columns) if column.kind == name] for name in BY_NAME
        }
        return tuple((BY_NAME[name], tuple(found)) for name, found in places.items() if found)

    def __getitem__(self, name: str) -> ColumnSchema:
        """The column ``name``; KeyError if there is none."""
        return self.columns[self._position[name]]

    @cached_property
    def _position(self) -> Mapping[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"columns": [column.as_dict() for column in self.columns]}

    @staticmethod
    def from_dict(data: Any, *, field: str = "schema") -> "Schema":
        """Read `as_dict` back. Raises `InvalidInput` naming the part below ``field`` that is wrong.

        >>> Schema.from_dict({"columns": [{"name": "age", "kind": "number"}]}).names
        ('age',)
        """
        if not isinstance(data, dict) or set(data) != {"columns"} or not isinstance(data["columns"], list):
            raise InvalidInput("must be an object with the one key 'columns', a list", field=field)
        columns = tuple(
            ColumnSchema.from_dict(column, field=f"{field}.columns[{i}]")
            for i, column in enumerate(data["columns"])
        )
        if len({column.name for column in columns}) != len(columns):
            raise InvalidInput("two columns have the same name", field=f"{field}.columns")
        return Schema(columns)
