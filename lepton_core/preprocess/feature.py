"""A feature as a formula over one column of the table: what every chain of transformers comes down to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, overload, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Sparse
from lepton_core.table import Column

Matrix = NDArray[np.float64]


class Reading(Protocol):
    """Several numbers that each cell of a column becomes at once: the parts of a date, the words of a text.

    It is a value: equal readings give equal numbers, and have one hash.
    """

    def values(self, column: Column) -> Matrix:
        """The k numbers of each cell of ``column``, (m, k), NaN where there is none.

        Raises `InvalidData` naming row and column of a cell that it cannot read.
        """
        ...


@runtime_checkable
class SparseReading(Reading, Protocol):
    """A reading whose numbers are mostly 0, and none of which is missing."""

    def sparse(self, column: Column) -> Sparse:
        """What `values` gives, (m, k), as rows with few numbers. Errors: those of `values`."""
        ...


class Curve(Protocol):
    """A number made of those of other features, in a way that no scaling gives: a logarithm, a product."""

    @property
    def inputs(self) -> "tuple[NumberFeature, ...]":
        """The q features that it is made of."""
        ...

    def values(self, inputs: Matrix) -> NDArray[np.float64]:
        """The numbers (m,) of the values (m, q) of its inputs; NaN where one of these is missing."""
        ...


@dataclass(frozen=True)
class NumberFeature:
    """A column of the design matrix: (x - center) / divisor + offset, or ``fill`` where x is missing.

    x is the cell of column ``source``. With a ``level`` it is 1 where the cell equals that level and 0
    elsewhere; with ``others`` it is 1 where the cell is there and is none of them. With ``codes`` it is the place of
    the cell among them; where they lack it, it is missing or, ``pooled``, the place behind the last. There a missing
    cell counts as the level ``absent``. With a ``reading`` it is number ``place`` of those that the cell becomes; with
    a ``curve`` it is what that makes of other features. An infinite ``divisor`` stands for a column that holds one
    value only: whatever x is, what remains is ``offset``. ``fill`` None means that nothing replaces a missing value.
    """

    name: str
    source: str
    level: str | float | None = None
    others: tuple[str, ...] | tuple[float, ...] | None = None
    codes: tuple[str, ...] | tuple[float, ...] | None = None
    pooled: bool = False
    absent: str | float | None = None
    reading: Reading | None = None
    place: int = 0
    curve: Curve | None = None
    center: float = 0.0
    divisor: float = 1.0
    offset: float = 0.0
    fill: float | None = None

    @property
    def as_in_data(self) -> bool:
        """Whether x is the cell and nothing scales it."""
        return self.is_cell and self._is_plain

    @property
    def is_cell(self) -> bool:
        """Whether x is the cell."""
        made = (self.codes, self.reading, self.curve)
        return not self.indicates and all(of is None for of in made)

    @property
    def indicates(self) -> bool:
        """Whether x is 1 or 0, by what the cell is."""
        return self.level is not None or self.others is not None

    @property
    def sources(self) -> frozenset[str]:
        """The columns that it is made of: its own, and those of what its curve is made of.

        >>> NumberFeature("a", "a").sources
        frozenset({'a'})
        """
        of_inputs = () if self.curve is None else self.curve.inputs
        return frozenset({self.source}).union(*(feature.sources for feature in of_inputs))

    @property
    def may_lack(self) -> bool:
        """Whether its value is missing where a cell is.

        >>> NumberFeature("a", "a").may_lack, NumberFeature("a", "a", fill=0.0).may_lack
        (True, False)
        >>> NumberFeature("a=1", "a", level=1.0).may_lack
        False
        """
        if self.fill is not None or self.indicates:
            return False
        if self.curve is not None:
            return any(feature.may_lack for feature in self.curve.inputs if feature.codes is None)
        return self.reading is None or not isinstance(self.reading, SparseReading)

    @property
    def levels(self) -> int:
        """How many levels its values are codes of; 0 if they are numbers, as scaled codes are.

        >>> NumberFeature("size", "size", codes=("L", "S")).levels
        2
        """
        if self.codes is None or not self._is_plain:
            return 0
        count = len(self.codes) + self.pooled
        return count if self.fill is None or self.fill in range(count) else 0

    @property
    def _is_plain(self) -> bool:
        return (self.center, self.divisor, self.offset) == (0.0, 1.0, 0.0)

    def scaled(self, center: float, divisor: float) -> "NumberFeature":
        """The feature (this - center) / divisor.

        >>> NumberFeature("a", "a", fill=3.0).scaled(1.0, 2.0)
        NumberFeature(name='a', source='a', level=None, others=None, codes=None, pooled=False, absent=None,
        reading=None, place=0, curve=None,
        center=1.0, divisor=2.0, offset=0.0, fill=1.0)
        """
        fill = None if self.fill is None else (self.fill - center) / divisor
        if self._is_plain:
            # Subtracting the center from x first keeps every digit where both are large.
            return replace(self, center=center, divisor=divisor, fill=fill)
        offset = (self.offset - center) / divisor
        return replace(self, divisor=self.divisor * divisor, offset=offset, fill=fill)


@dataclass(frozen=True)
class TextFeature:
    """A column of text on its way to become numbers; ``fill`` replaces a missing cell."""

    name: str
    source: str
    fill: str | None = None


@dataclass(frozen=True, eq=False)
class ReadFeatures(Sequence[NumberFeature]):
    """What ``reading`` makes of the cells of ``source``: feature i is number i, called ``stem``#``labels[i]``.

    Each is made when somebody asks for it: of a text there are thousands, and a prediction needs none of them.

    >>> class Letters:
    ...     values = None
    >>> [(one.name, one.place) for one in ReadFeatures("a", "a", Letters(), (1, 7))]
    [('a#1', 0), ('a#7', 1)]
    """

    stem: str
    source: str
    reading: Reading
    labels: Sequence[int]

    def __len__(self) -> int:
        return len(self.labels)

    @overload
    def __getitem__(self, at: int) -> NumberFeature: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[NumberFeature, ...]: ...
    def __getitem__(self, at: int | slice) -> NumberFeature | tuple[NumberFeature, ...]:
        if isinstance(at, slice):
            return tuple(self)[at]
        place = range(len(self))[at]
        return NumberFeature(
            f"{self.stem}#{self.labels[place]}", self.source, reading=self.reading, place=place
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Those of its features."""
        return tuple([f"{self.stem}#{label}" for label in self.labels])

    @property
    def may_lack(self) -> bool:
        """See `NumberFeature.may_lack`."""
        return not isinstance(self.reading, SparseReading)


Feature = NumberFeature | TextFeature

FeaturePart = Feature | ReadFeatures
"""One feature, or many together."""

Made = NumberFeature | ReadFeatures
"""A part of the matrix."""


def each(parts: Iterable[FeaturePart]) -> tuple[Feature, ...]:
    """All features of ``parts``."""
    return tuple(one for part in parts for one in (part if isinstance(part, ReadFeatures) else (part,)))


def placed(parts: Iterable[Made]) -> list[tuple[int, Made]]:
    """The ``parts`` of a matrix, each with its first column."""
    found, start = [], 0
    for part in parts:
        found.append((start, part))
        start += len(part) if isinstance(part, ReadFeatures) else 1
    return found
