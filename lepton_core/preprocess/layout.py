"""Which features there are after each step: the block 'X', the blocks that steps made, what was consumed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.preprocess.feature import (
    Feature,
    FeaturePart,
    Made,
    NumberFeature,
    ReadFeatures,
    TextFeature,
    each,
)
from lepton_core.table import BY_NAME, ColumnSchema, Schema

NUMBERS = frozenset({"number", "integer", "boolean", "duration"})
"""The kinds whose cells are numbers to learn from as they are."""

LEVELS = NUMBERS | {"category"}
"""The kinds that have levels."""

X = "X"
"""The block of all feature columns."""

Slot = tuple[Literal["column", "block"], str]
"""A place for features: a column of the table (as steps in place left it), or a block made by a step."""


@dataclass(frozen=True)
class Layout:
    """``slots`` in order of creation, the table's columns first; ``consumed`` ones are not in the matrix.

    ``schema`` are the columns as they were before the first step.
    """

    schema: Schema
    slots: Mapping[Slot, tuple[FeaturePart, ...]]
    consumed: frozenset[Slot] = frozenset()

    @staticmethod
    def of(schema: Schema) -> "Layout":
        """Before the first step: each column as it is.

        >>> from lepton_core.table import ColumnSchema
        >>> Layout.of(Schema((ColumnSchema("age", "number"),))).select("X")
        (('column', 'age'),)
        """
        return Layout(schema, {("column", column.name): (_as_it_is(column),) for column in schema.columns})

    def select(self, names: str | Sequence[str], kinds: Collection[str] | None = None) -> tuple[Slot, ...]:
        """The slots that a step's ``input`` means: a block, else a column; or a list of columns, else blocks.

        Of 'X' it means the columns that are of one of ``kinds`` (None: of any), see `kind`.
        A text column leaves 'X' when a step has turned it into a block of its own; a column of numbers stays,
        so that two blocks can be made from it. Errors: `InvalidInput` (field 'input').
        """
        if names == X:
            chosen = tuple(slot for slot in self.slots if slot[0] == "column" and not self._spent_text(slot))
            if not chosen:
                raise InvalidInput("no column is left in 'X'", field="input")
            return tuple(slot for slot in chosen if kinds is None or self.kind(slot) in kinds)
        if isinstance(names, str):
            return (self._find(names, ("block", "column")),)
        return tuple(self._find(name, ("column", "block")) for name in names)

    def place(
        self, chosen: Sequence[Slot], output: str | None, made: Iterable[tuple[FeaturePart, ...]]
    ) -> "Layout":
        """After a step that ``made`` these features of each chosen slot; ``output`` None: in their place.

        Raises `InvalidInput` (field 'output') if ``output`` is 'X' or the name of another block or column.
        """
        if output is None:
            replaced = dict(zip(chosen, made, strict=True))
            return replace(self, slots={**self.slots, **replaced}, consumed=self.consumed - set(chosen))
        if output == X or ("block", output) in self.slots or ("column", output) in self.slots:
            raise InvalidInput(f"{output!r} is taken by another block or column", field="output")
        block = tuple(feature for features in made for feature in features)
        return replace(
            self, slots={**self.slots, ("block", output): block}, consumed=self.consumed | set(chosen)
        )

    def only(self, chosen: Sequence[Slot]) -> "Layout":
        """These slots, and no feature in any other."""
        kept = set(chosen)
        return replace(
            self, slots={slot: features if slot in kept else () for slot, features in self.slots.items()}
        )

    def kind(self, slot: Slot) -> str:
        """The kind of the cells that a step over ``slot`` meets: that of the column until a step makes numbers of it.

        >>> from lepton_core.table import ColumnSchema
        >>> Layout.of(Schema((ColumnSchema("when", "date"),))).kind(("column", "when"))
        'date'
        """
        features = self.slots[slot]
        if slot[0] == "column" and features == (_as_it_is(self.schema[slot[1]]),):
            return self.schema[slot[1]].kind
        return "category" if any(isinstance(feature, TextFeature) for feature in features) else "number"

    @property
    def left(self) -> tuple[str, ...]:
        """The columns in the matrix that are no numbers yet."""
        return tuple(
            slot[1]
            for slot in self.slots
            if slot[0] == "column" and slot not in self.consumed and self.kind(slot) not in NUMBERS
        )

    def final(self) -> tuple[Made, ...]:
        """The columns of the design matrix, each under a name of its own.

        Errors: `InvalidData` naming a column that is still text, or if nothing is left.
        """
        names: set[str] = set()
        matrix: list[Made] = []
        for slot, parts in self._in_matrix:
            for part in parts:
                if isinstance(part, TextFeature):
                    raise InvalidData("holds text; turn it into numbers with OneHot", column=part.name)
                if isinstance(part, ReadFeatures):
                    matrix.append(part)
                    continue
                matrix.append(feature := _renamed(part, _unused(part.name, slot[1], names)))
                names.add(feature.name)
        if not matrix:
            raise InvalidData("no feature is left to learn from")
        return tuple(matrix)

    @property
    def _in_matrix(self) -> list[tuple[Slot, tuple[FeaturePart, ...]]]:
        """What is not consumed; feature by feature, if one may have the name of one of many."""
        left = [(slot, parts) for slot, parts in self.slots.items() if slot not in self.consumed]
        parts = [part for _, some in left for part in some]
        many = [f"{part.stem}#" for part in parts if isinstance(part, ReadFeatures)]
        names = [part.name for part in parts if not isinstance(part, ReadFeatures)] if many else []
        if len(set(many)) == len(many) and not any(name.startswith(tuple(many)) for name in names):
            return left
        return [(slot, each(some)) for slot, some in left]

    def _spent_text(self, slot: Slot) -> bool:
        return slot in self.consumed and any(isinstance(feature, TextFeature) for feature in self.slots[slot])

    def _find(self, name: str, kinds: tuple[Literal["column", "block"], ...]) -> Slot:
        for kind in kinds:
            if (kind, name) in self.slots:
                return (kind, name)
        near = get_close_matches(name, [known for _, known in self.slots], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InvalidInput(f"there is no block or column {name!r}{hint}", field="input")


def _as_it_is(column: ColumnSchema) -> Feature:
    if BY_NAME[column.kind].quantitative:
        return NumberFeature(column.name, column.name)
    return TextFeature(column.name, column.name)


def _unused(name: str, block: str, used: set[str]) -> str:
    if name in used:
        name = f"{block}.{name}"
    while name in used:
        name += "'"
    return name


def _renamed(feature: NumberFeature, name: str) -> NumberFeature:
    return feature if feature.name == name else replace(feature, name=name)
