"""The interface of a kind of column: one object answers every question that depends on what the cells mean.

A new kind is a file in this folder, which reads its cells, and a place in `KINDS` of ``__init__.py``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeVar

import numpy.typing as npt

from lepton_core.moments import Moments, merge
from lepton_core.table.columns import Categories, Column, IndexArray, Texts
from lepton_core.table.hashing import HashArray, HashForm
from lepton_core.table.kinds.bins import Bins
from lepton_core.table.spelling import is_missing

C = TypeVar("C", bound=Column)
Values = tuple[str, ...] | tuple[float, ...]


class Known(Protocol):
    """A column as it was in training: `lepton_core.table.ColumnSchema`."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def kind(self) -> str:
        """The name of its kind."""
        ...

    @property
    def levels(self) -> tuple[str, ...]:
        """Its texts, sorted."""
        ...

    @property
    def notation(self) -> str:
        """How files spell its cells."""
        ...

    @property
    def missing_words(self) -> tuple[str, ...] | None:
        """The texts that stand for a missing cell; None: the usual ones."""
        ...

    @property
    def codes(self) -> Mapping[str | None, int]:
        """The code of each level, and that of None, which is a missing cell."""
        ...


class Reader(Protocol):
    """Reads one column of a file, some cells at a time."""

    @property
    def misfits(self) -> Mapping[int, str]:
        """The cells so far that are not missing and not of this kind, by the row, from 0; they count as missing."""
        ...

    @property
    def words(self) -> Mapping[str, int]:
        """How often each text came, of those that stand for a missing cell among numbers."""
        ...

    def take(self, cells: Sequence[str]) -> None:
        """Read the texts of the next k cells."""
        ...

    def column(self) -> Column:
        """The column (m,) of all the cells so far."""
        ...


@dataclass(frozen=True)
class ColumnFigures:
    """One column in a few numbers; ``kind`` is the name of its kind.

    ``mean``, ``std`` (population), ``min`` and ``max`` are those of the numbers that are there, ``distinct`` counts
    the levels that occur; of texts ``mean`` is the mean length in bytes. Categories whose levels are all numbers have
    a ``min`` and a ``max`` too. A figure that the kind does not have is None, and so are those of no number at all.
    ``notation`` and ``missing_words`` are those of `Known`.
    """

    name: str
    kind: str
    missing: int
    mean: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    distinct: int | None = None
    notation: str = ""
    missing_words: tuple[str, ...] | None = None


class Figures(Protocol):
    """What the figures of a column come from; those of its parts add up to those of the whole."""

    def merge(self, other: Self) -> Self:
        """The figures of both parts together."""
        ...

    def describe(self, column: Known) -> ColumnFigures:
        """The figures of ``column``."""
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
    def arrays(self) -> tuple[str, ...]:
        """The names of the arrays that `pack` makes; one of them may be the empty name."""
        ...

    @property
    def left_out(self) -> str:
        """Why its columns are no features unless somebody asks for it: "identifiers ..."; empty if they are."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether a later file decides anew what the column is, since this one has no cell."""
        ...

    @property
    def recurs(self) -> bool:
        """Whether numbers that recur may be codes, each of which says something of its own: places, months, grades."""
        ...

    @property
    def moves(self) -> bool:
        """Whether later rows have other cells as a matter of course, as dates are later and texts are others."""
        ...

    @property
    def notation_options(self) -> frozenset[str]:
        """Of ``decimal`` and ``day_first`` those that bear on its notation."""
        ...

    @property
    def wider(self) -> str:
        """The kind that a column turns to when a later cell needs more room, as a fraction among integers; or empty."""
        ...

    @property
    def given_notation(self) -> str | None:
        """The notation of a column that a program gave, see `given_column`; None: no program gives one of this kind."""
        ...

    @property
    def given_type(self) -> type:
        """The type of `given_cells`, but for missing ones: float, bool or str."""
        ...

    @property
    def given_decides(self) -> bool:
        """Whether a column stays of this kind because a program says so; if not, `recognise` tells from its texts."""
        ...

    def reads(self, notation: str) -> bool:
        """Whether ``notation`` is one of this kind; the empty one is."""
        ...

    def find_notation(
        self,
        counts: Mapping[str, int],
        missing: Collection[str],
        *,
        decimal: str = "",
        day_first: bool | None = None,
    ) -> str:
        """The notation in which most of these cells, with how often each occurs, are of this kind.

        ``decimal`` and ``day_first`` are what somebody said, see `ReadingOptions`; passed over if no cell is so.
        """
        ...

    def reader(self, column: Known, rows: int = 0) -> Reader:
        """Reads ``column`` of a file of about so many ``rows``, 0 if nobody knows."""
        ...

    def check_given(self, column: C) -> None:
        """Raise `InvalidData` naming the row unless all cells of ``column`` are of this kind, as 0 is a boolean."""
        ...

    def without_words(self, column: C, words: Collection[str]) -> C:
        """``column`` of a program without the values that ``words`` stand for; texts are asked when they are read."""
        ...

    def from_given(self, column: Column, known: Known) -> C | None:
        """``column`` of a program, which may be of another kind, as ``known`` of this one.

        None if its cells do not all fit, or are no numbers: then its texts have to be read.
        """
        ...

    def given_cells(self, column: C) -> list[Any]:
        """The column of a program as JSON cells of rows to be predicted, None for missing ones.

        They are those of `cells`, but for a time of day, which stands behind a blank, as CSV files mostly have it.
        """
        ...

    def from_cells(self, cells: Sequence[Sequence[Any]], columns: Sequence[Known]) -> list[C]:
        """The ``columns`` of rows to be predicted: ``cells[j]`` are the m JSON cells of ``columns[j]``.

        Raises `InvalidData` that names all cells that it cannot read, see `InvalidData.together`.
        """
        ...

    def from_typed(self, column: Column, cell_type: type, known: Known) -> C | None:
        """What `from_cells` makes of the `given_cells` of ``column``, which are of ``cell_type``, as ``known``.

        None if they must be looked at one by one.
        """
        ...

    def cells(self, column: C) -> list[Any]:
        """The column as JSON cells, None for missing ones; `from_cells` makes the same column of them."""
        ...

    def usual_cell(self, column: Known, bins: Bins | None) -> Any:
        """A JSON cell that `from_cells` takes, like those of the training rows as far as ``bins`` tell of them."""
        ...

    def pack(self, column: C) -> dict[str, npt.NDArray[Any]]:
        """What a table file holds, (m,) mostly, by the names of `arrays`.

        Raises ``ValueError`` for what cannot be stored.
        """
        ...

    def unpack(self, arrays: Mapping[str, npt.NDArray[Any]], column: Known, rows: int) -> C:
        """The column (m,) of what `pack` gave, without a copy.

        Raises `InvalidArtifact` for arrays that are not ``rows`` cells of this kind.
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

    def only_named(self, name: str) -> str:
        """What an error calls the one value of a column, of this name: "value (7)" or "class ('yes')"."""
        ...

    def distinct(self, column: C) -> tuple[Values, IndexArray]:
        """The values that occur, ascending, and the place of each cell among them: (m,), -1 for a missing one."""
        ...

    def names(self, column: C) -> tuple[str, ...]:
        """The values of `distinct` as names of classes, as files spell them."""
        ...

    def texts(self, column: C) -> Categories:
        """The cells as the texts that a row would spell them with."""
        ...

    def one_by_one(self, column: C) -> Texts:
        """The texts of `texts`, each by itself. One that is not among the levels is missing if it is not kept."""
        ...

    def is_constant(self, column: C) -> bool:
        """Whether the cells that are there, if any, are all the same."""
        ...

    def cell_hashes(self, column: C, form: HashForm = 1) -> HashArray:
        """A 64-bit hash of each cell, uint64 (m,): the same for the same cell in a column of another kind."""
        ...

    def reference(self, column: C) -> Bins:
        """The bins that drift of this column is measured in."""
        ...

    def histogram(self, column: C) -> Bins:
        """The bins that a report counts all its cells in."""
        ...

    def read_bins(self, given: Mapping[str, Any], name: str) -> Bins:
        """The bins that `Bins.as_dict` wrote. Raises `InvalidArtifact` naming the field that is wrong."""
        ...

    def default_steps(
        self, column: C, *, scaled: bool, missing: bool, most_codes: int, sparse: bool
    ) -> tuple[DefaultStep, ...]:
        """The steps, in place, of a model that was given no preprocessor.

        ``scaled``: numbers must have like units; ``missing``: missing ones may stay; ``most_codes``: the most levels
        that may be codes, 0 if there must be none; ``sparse``: thousands of columns are learnt in time, if a row has
        numbers in few of them.
        """
        ...

    def draw(self, column: C) -> Drawing:
        """A picture of the column as a few numbers."""
        ...


@dataclass(frozen=True)
class NumberFigures:
    """`Figures` of numbers: ``moments`` of those that are there, and how many are missing."""

    missing: int
    moments: Moments

    def merge(self, other: "NumberFigures") -> "NumberFigures":
        """Those of both parts, see `lepton_core.moments.merge`."""
        return NumberFigures(self.missing + other.missing, merge(self.moments, other.moments))

    def describe(self, column: Known) -> ColumnFigures:
        """Mean, standard deviation and range, unless every cell is missing."""
        found = figures_of(column, self.missing)
        if not self.moments.count:
            return found
        low, high = self.moments.low, self.moments.high
        mean = min(max(self.moments.mean, low), high)
        return replace(found, mean=mean, std=self.moments.std, min=low, max=high)


def is_absent(text: str, column: Known) -> bool:
    """Whether the cell ``text`` of ``column`` is missing."""
    words = column.missing_words
    return is_missing(text) if words is None else is_missing(text, frozenset(words))


def figures_of(column: Known, missing: int) -> ColumnFigures:
    """What every kind tells of ``column``, of which so many cells are missing."""
    return ColumnFigures(
        column.name, column.kind, missing, notation=column.notation, missing_words=column.missing_words
    )
