"""The interface of a kind of column: one object answers every question that depends on what the cells mean.

A new kind is a file in this folder, which reads its cells, and a place in `KINDS` of ``__init__.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import Categories, Column, FloatArray, IndexArray
from lepton_core.table.hashing import HashArray

C = TypeVar("C", bound=Column)
Tally = npt.NDArray[np.int64]
Values = tuple[str, ...] | tuple[float, ...]


class Known(Protocol):
    """A column as it was in training: `lepton_core.table.ColumnSchema`."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def levels(self) -> tuple[str, ...]:
        """Its texts, sorted."""
        ...

    @property
    def codes(self) -> Mapping[str, int]:
        """The code of each level."""
        ...


class Reader(Protocol):
    """Reads one column of a CSV file, some cells at a time."""

    def take(self, cells: Sequence[str]) -> npt.NDArray[Any] | None:
        """The texts of k cells as an array (k,) for `column`; None if one of them is not of this kind."""
        ...

    def column(self, parts: Sequence[npt.NDArray[Any]]) -> Column:
        """The column (m,) of all the parts, each (k,), that `take` gave.

        Raises `InvalidData` naming a cell that must be a mistake.
        """
        ...


@dataclass(frozen=True)
class ColumnFigures:
    """One column in a few numbers; ``kind`` is the name of its kind.

    ``mean``, ``std`` (population), ``min`` and ``max`` are those of the numbers that are there, ``distinct`` counts
    the levels that occur. A figure that the kind does not have is None, and so are those of no number at all.
    """

    name: str
    kind: str
    missing: int
    mean: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    distinct: int | None = None


class Figures(Protocol):
    """What the figures of a column come from; those of its parts add up to those of the whole."""

    def merge(self, other: Self) -> Self:
        """The figures of both parts together."""
        ...

    def describe(self, name: str) -> ColumnFigures:
        """The figures of the column, which is called ``name``."""
        ...


class Bins(Protocol):
    """Where the cells of one column fall, and how many of the training rows did."""

    @property
    def name(self) -> str:
        """The column."""
        ...

    @property
    def kind(self) -> str:
        """The name of its kind."""
        ...

    @property
    def levels(self) -> tuple[str, ...]:
        """The texts that have a bin of their own; empty for bins of numbers."""
        ...

    @property
    def counts(self) -> tuple[int, ...]:
        """The training rows in each of the B bins."""
        ...

    def tally(self, column: Column) -> Tally:
        """How many rows of ``column`` fall into each bin, int64 (B,). Raises `InvalidData` for another kind."""
        ...

    def finder(self) -> Callable[[Any, int], int]:
        """A function of a column and a row that gives the row's bin, fast for single rows.

        It raises `InvalidData` for a column of another kind. It remembers bins, and is not for several threads.
        """
        ...

    def tally_predictions(self, predictions: FloatArray) -> Tally:
        """How many of ``predictions``, (m, K) or (m,), fall into each bin, int64 (B,)."""
        ...

    def place_of_prediction(self, prediction: FloatArray) -> int:
        """The bin of one prediction, (K,) or a number."""
        ...

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `Kind.read_bins` reads it back."""
        ...


@dataclass(frozen=True)
class DefaultStep:
    """A transformer of the default preprocessor, with its options in the order of their names."""

    transformer: str
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Drawing:
    """A column as bars: ``counts[i]`` rows under ``labels[i]``, and beside them ``others`` and ``missing`` ones.

    ``edges`` are the len(counts) + 1 ends of the bars where they are intervals, and empty otherwise.
    """

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    edges: tuple[float, ...] = ()
    others: int = 0
    missing: int = 0


class Kind(Protocol[C]):
    """All that depends on what the cells of a column mean. ``C`` holds them."""

    @property
    def name(self) -> str:
        """The word for it in records, schemas and messages."""
        ...

    @property
    def quantitative(self) -> bool:
        """Whether a cell is a quantity: it can be added, scaled, and predicted by a regression."""
        ...

    @property
    def has_levels(self) -> bool:
        """Whether a schema lists the texts that occur."""
        ...

    @property
    def takes_plain_numbers(self) -> bool:
        """Whether it takes every file that holds nothing but finite numbers, as float64 and unchanged."""
        ...

    def reader(self, name: str, *, declared: bool) -> Reader:
        """Reads the column ``name`` of a CSV file; ``declared``: somebody said that it is of this kind."""
        ...

    def read_rows(self, grid: Sequence[Sequence[Any]], columns: Sequence[Known]) -> list[C]:
        """The columns of ``grid``, which has a list of len(columns) JSON cells a row, to be predicted.

        Raises `InvalidData` naming row and column of a cell that it cannot read.
        """
        ...

    def cells(self, column: C) -> list[Any]:
        """The column as JSON cells, None for missing ones; `read_rows` makes the same column of them."""
        ...

    def usual_cell(self, column: Known, bins: Bins | None) -> Any:
        """A JSON cell that `read_rows` takes, like those of the training rows as far as ``bins`` tell of them."""
        ...

    def pack(self, column: C) -> npt.NDArray[Any]:
        """The array (m,) that a table file holds. Raises ``ValueError`` for a column that cannot be stored."""
        ...

    def unpack(self, array: npt.NDArray[Any], column: Known, rows: int) -> C:
        """The column of an array (m,) that `pack` gave.

        Raises `InvalidArtifact` for an array that is not ``rows`` cells of this kind.
        """
        ...

    def concatenate(self, columns: Sequence[C], levels: tuple[str, ...]) -> C:
        """One below the other, by the codes of ``levels``, which have all levels of the ``columns``."""
        ...

    def compact(self, column: C) -> C:
        """The same cells, with those levels only that occur. Raises ``ValueError`` as `pack` does."""
        ...

    def figures(self, column: C) -> Figures:
        """The figures of ``column``."""
        ...

    def only_value(self, figures: ColumnFigures) -> str | None:
        """The one value of a column, as `figures` tell it: "value (7)" or "class"; None if there are more."""
        ...

    def distinct(self, column: C) -> tuple[Values, IndexArray]:
        """The values that occur, ascending, and the place of each cell among them: (m,), -1 for a missing one."""
        ...

    def names(self, values: Values) -> tuple[str, ...]:
        """The values of `distinct` as names of classes."""
        ...

    def texts(self, column: C) -> Categories:
        """The cells as the texts that a row would spell them with."""
        ...

    def from_texts(self, texts: Categories) -> C:
        """A column of this kind that was read as text. Raises `InvalidData` naming the first row that does not fit."""
        ...

    def cell_hashes(self, column: C) -> HashArray:
        """A 64-bit hash of each cell, uint64 (m,): the same for the same cell in a column of another kind."""
        ...

    def reference(self, column: C) -> Bins:
        """The bins that drift of this column is measured in."""
        ...

    def read_bins(self, given: Mapping[str, Any], name: str) -> Bins:
        """The bins that `Bins.as_dict` wrote. Raises `InvalidArtifact` naming the field that is wrong."""
        ...

    def default_steps(
        self, column: C, *, scaled: bool, missing: bool, most_codes: int
    ) -> tuple[DefaultStep, ...]:
        """The steps, in place, of a model that was given no preprocessor.

        ``scaled``: numbers must have like units; ``missing``: missing ones may stay; ``most_codes``: the most levels
        that may be codes, 0 if there must be none.
        """
        ...

    def draw(self, column: C) -> Drawing:
        """A picture of the column as a few numbers."""
        ...
