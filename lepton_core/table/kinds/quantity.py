"""What all kinds have in common whose cells are kept as float64: numbers, and what is counted by numbers."""

import math
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lepton_core import fields
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.moments import moments
from lepton_core.table.cells import Faults, are_texts, number_of, shown, written
from lepton_core.table.columns import Categories, Column, FloatArray, IndexArray, Mask, Numbers, Texts
from lepton_core.table.hashing import HashArray, HashForm, number_hashes
from lepton_core.table.kinds.base import (
    ColumnFigures,
    DefaultStep,
    Drawing,
    Known,
    NumberFigures,
    Values,
    is_absent,
)
from lepton_core.table.kinds.bins import Bins, some_rows
from lepton_core.table.kinds.number_bins import MOST_NUMBER_ROWS, NumberBins
from lepton_core.table.spelling.decision import bare, class_spellings

if TYPE_CHECKING:
    from lepton_core.table.kinds.quantity_reader import QuantityReader
    from lepton_core.table.spans import Spans

HISTOGRAM_BARS = 12
"""Bars of a drawing."""

_LONG = 1 << 13
_FEW_ROWS = 16
"""Up to here the columns are sooner read together."""

_NONE = frozenset({None})
_TEXTS = frozenset({str, type(None)})
_BARE = frozenset({float, int})


class Quantity:
    """See `Kind`. Cells are `Numbers`; a kind says by `value_of` and `spelled` how they are written."""

    name = ""
    quantitative = True
    has_levels = False
    arrays: tuple[str, ...] = ("",)
    left_out = ""
    wider = ""
    notation_options: frozenset[str] = frozenset()
    is_open = False
    moves = False
    recurs = False
    given_notation: str | None = ""
    given_type: type = float
    given_decides = True

    notation_spells = False
    """Whether the notation alone says how each value is spelled."""

    akin: frozenset[str] = frozenset()
    """The other kinds whose cells may be of this one: numbers may be integers."""

    def value_of(self, text: str, notation: str) -> float | None:
        """The number that ``text`` stands for; None if it is missing or does not fit.

        Each kind has its own; here it raises `NotImplementedError`.
        """
        raise NotImplementedError

    def present_value(self, text: str, column: Known) -> float | None:
        """See `value_of`; None for a word that stands for a missing cell, even if it is a number as -999 is."""
        if column.missing_words is not None and is_absent(text, column):
            return None
        return self.value_of(text, column.notation)

    def otherwise(self, text: str, notation: str) -> str:
        """How the cells of the column are written, behind a semicolon, if ``text`` is one that is written otherwise.

        Empty if ``text`` is no cell in any way of writing. This kind has one way only.
        """
        return ""

    def values_of(self, cells: Sequence[str], column: Known) -> FloatArray | None:
        """All ``cells`` at once, (k,), NaN where missing; None: they must be read one by one."""
        return None

    def values_in(self, cells: "Spans", column: Known) -> tuple[FloatArray, IndexArray]:
        """All ``cells`` that can be read at once, (m,), NaN where missing; and which (k,) must be read one by one."""
        return np.full(len(cells), np.nan), np.arange(len(cells))

    def holds(self, values: FloatArray) -> Mask:
        """Which of these finite numbers (k,) may be cells of this kind, (k,)."""
        return np.full(values.shape, True)

    def spelled(self, value: float, notation: str) -> str:
        """A text that `value_of` reads as ``value``."""
        return written(value)

    def cell(self, value: float, notation: str) -> Any:
        """``value`` as a JSON cell."""
        return value

    def reads(self, notation: str) -> bool:
        """Only the empty one."""
        return not notation

    def find_notation(
        self,
        counts: Mapping[str, int],
        missing: Collection[str],
        *,
        decimal: str = "",
        day_first: bool | None = None,
    ) -> str:
        """The empty one."""
        return ""

    def reader(self, column: Known, rows: int = 0) -> "QuantityReader":
        """See `Kind.reader`."""
        # What reads files is loaded when a file is read: predictions need none of it.
        from lepton_core.table.kinds.quantity_reader import QuantityReader  # noqa: PLC0415

        return QuantityReader(self, column, rows)

    def check_given(self, column: Numbers) -> None:
        """Raises `InvalidData` for a cell (of m) that `holds` says no to, or that is infinite."""
        values = column.values
        fits = np.isfinite(values) & self.holds(values)
        if fits.all():
            return
        wrong = ~fits & ~column.missing
        if wrong.any():
            row = int(wrong.argmax())
            raise InvalidData(f"{values[row]:g} is no {self.name}", row=row + 1, column=column.name)

    def from_given(self, column: Column, known: Known) -> Numbers | None:
        """The same numbers, if `holds` says so and their kind is this one or `akin` to it."""
        if column.kind != self.name and column.kind not in self.akin:
            return None
        there = column.values[~column.missing]
        return self.made(column.values, known) if self.holds(there).all() else None

    def given_cells(self, column: Numbers) -> list[Any]:
        """Those of `cells`."""
        return self.cells(column)

    def made(self, values: FloatArray, column: Known) -> Numbers:
        """``column`` of this kind with these ``values`` (m,)."""
        return Numbers(column.name, values, self.name, column.notation, column.missing_words)

    plain_cells: frozenset[type] = frozenset({float, int, type(None)})
    """The types of JSON cells that are read as `float` reads them, if they are finite."""

    def without_words(self, column: Numbers, words: Collection[str]) -> Numbers:
        """``column`` of a program with NaN for those values that stand for a missing cell, as -999 may."""
        return replace(column, values=self._without(column.values, words, column.notation))

    def _present(self, values: FloatArray, column: Known) -> FloatArray:
        words = column.missing_words
        return self._without(values, words, column.notation) if words else values

    def numbers_among(self, column: Known) -> list[float]:
        """What the words for a missing cell would be as numbers, those that are any."""
        words = column.missing_words or ()
        read = (self.value_of(word, column.notation) for word in words)
        return [number for number in read if number is not None]

    def _without(self, values: FloatArray, words: Collection[str], notation: str) -> FloatArray:
        numbers = [number for word in words if (number := self.value_of(word, notation)) is not None]
        gone = np.isin(values, numbers)
        return np.where(gone, np.nan, values) if gone.any() else values

    def from_cells(self, cells: Sequence[Sequence[Any]], columns: Sequence[Known]) -> list[Numbers]:
        """The cells of few rows in one array, as a prediction of one row is mostly this; of more each column."""
        flat = list(chain.from_iterable(cells)) if len(cells[0]) <= _FEW_ROWS else ()
        values = self._plain(flat) if flat else None
        if values is not None:
            of_columns = values.reshape(len(columns), len(flat) // len(columns))
            return [
                self.made(self._present(own, column), column)
                for own, column in zip(of_columns, columns, strict=True)
            ]
        faults, made = Faults(), []
        for own, column in zip(cells, columns, strict=True):
            try:
                made.append(self.made(self._present(self._read(own, column), column), column))
            except InvalidData as error:
                faults.add(error)
        faults.demand_none()
        return made

    def from_typed(self, column: Column, cell_type: type, known: Known) -> Numbers | None:
        """The same values, if cells of this type are read as they are."""
        if cell_type not in self.plain_cells:
            return None
        return self.made(self._present(column.values, known), known)

    def _plain(self, cells: Sequence[Any]) -> FloatArray | None:
        """The cells as `float` reads them; None if one of them has to be looked at."""
        if self.plain_cells >= _BARE:
            try:  # a quarter of the time of `numpy.array`
                values = np.frombuffer(struct.pack(f"{len(cells)}d", *cells))
            except struct.error:  # a text or a missing cell; an integer that is too large
                pass
            else:  # True was taken for 1
                suspects = np.flatnonzero((values == 0) | (values == 1)).tolist()
                fit = np.isfinite(values).all() and self.plain_cells.issuperset(
                    map(type, map(cells.__getitem__, suspects))
                )
                return values if fit else None
        return _finite(cells) if self.plain_cells.issuperset(map(type, cells)) else None

    def _read(self, cells: Sequence[Any], column: Known) -> FloatArray:
        found = self._plain(cells)
        if found is None and are_texts(cells):
            found = self.values_of(cells, column)
        elif found is None and _TEXTS.issuperset(map(type, cells)):
            found = self.values_of(["" if cell is None else cell for cell in cells], column)
        return self._one_by_one(cells, column) if found is None else found

    def _one_by_one(self, cells: Sequence[Any], column: Known) -> FloatArray:
        faults, values = Faults(), []
        for row, cell in enumerate(cells, start=1):
            try:
                values.append(self.read_cell(cell, row, column))
            except InvalidData as error:
                faults.add(error)
        faults.demand_none()
        return np.array(values, dtype=np.float64)

    def read_cell(self, cell: Any, row: int, column: Known) -> float:
        """A JSON cell as a number; NaN if it is missing. Raises `InvalidData` naming ``row`` and the column."""
        if isinstance(cell, str):
            value = self.present_value(cell, column)
            if value is not None:
                return value
            if is_absent(cell, column):
                return math.nan
            fault = f"{shown(cell)} is no {self.name}{self.otherwise(cell, column.notation)}"
            raise InvalidData(fault, row=row, column=column.name)
        if type(cell) is bool and bool in self.plain_cells:
            return float(cell)
        return number_of(cell, row, column.name)

    def cells(self, column: Numbers) -> list[Any]:
        """See `cell`."""
        return [
            None if absent else self.cell(value, column.notation)
            for value, absent in zip(column.values.tolist(), column.missing.tolist(), strict=True)
        ]

    def usual_cell(self, column: Known, bins: Bins | None) -> Any:
        """The edge in the middle; 0 without one."""
        edges = bins.edges if isinstance(bins, NumberBins) else ()
        return self.cell(edges[len(edges) // 2] if edges else 0.0, column.notation)

    def pack(self, column: Numbers) -> dict[str, npt.NDArray[Any]]:
        """The values (m,)."""
        return {"": column.values}

    def unpack(self, arrays: Mapping[str, npt.NDArray[Any]], column: Known, rows: int) -> Numbers:
        """The column of the values (m,). Raises `InvalidArtifact` for infinities, too."""
        array = arrays[""]
        if not isinstance(array, np.ndarray) or array.dtype != np.float64 or array.shape != (rows,):
            raise InvalidArtifact(f"column {column.name!r} is not {rows} cells of float64")
        if np.isinf(array).any():
            raise InvalidArtifact(f"column {column.name!r} holds an infinity")
        return self.made(array, column)

    def concatenate(self, columns: Sequence[Numbers], levels: tuple[str, ...]) -> Numbers:
        """All values."""
        # Of parts that came later, more classes may be spelled.
        notation = max((column.notation for column in columns), key=lambda one: len(class_spellings(one)))
        return replace(
            columns[0], values=np.concatenate([column.values for column in columns]), notation=notation
        )

    def compact(self, column: Numbers) -> Numbers:
        """The column itself."""
        return column

    def figures(self, column: Numbers) -> NumberFigures:
        """Mean, standard deviation and range."""
        return NumberFigures(int(column.missing.sum()), moments(column.values))

    def only_value(self, figures: ColumnFigures) -> str | None:
        """The value that is smallest and largest."""
        low = figures.min
        if low is None or low != figures.max:
            return None
        return self.only_named(self.spelled(low, figures.notation))

    def only_named(self, name: str) -> str:
        """It is a value."""
        return f"value ({name})"

    def distinct(self, column: Numbers) -> tuple[Values, IndexArray]:
        """The numbers, ascending, and the place (m,) of each cell."""
        if len(column) > _LONG:  # sorting takes several times the memory of the column, and its time
            from lepton_core.table.kinds.few_values import few_values  # noqa: PLC0415  (as `reader`)

            if (few := few_values(column.values)) is not None:
                return tuple(few[0].tolist()), few[1]
        found, places = np.unique(column.values, return_inverse=True)
        values = found[~np.isnan(found)]
        return tuple(values.tolist()), np.where(places < len(values), places, -1).astype(np.int64)

    def names(self, column: Numbers) -> tuple[str, ...]:
        """See `spelled`; the classes of a label as its file spells them."""
        values, _ = self.distinct(column)
        notation = bare(column.notation)
        known = {self.value_of(text, notation): text for text in class_spellings(column.notation)}
        numbers = map(float, values)
        return tuple(known.get(value) or self.spelled(value, notation) for value in numbers)

    def texts(self, column: Numbers) -> Categories:
        """As a file would spell them, see `spelled`."""
        _, codes = self.distinct(column)
        of_values = Categories.of(column.name, [*self.names(column), None])
        return Categories(column.name, of_values.codes[codes], of_values.levels)

    def one_by_one(self, column: Numbers) -> Texts:
        """As `texts` spells them."""
        by_code = self.texts(column)
        return Texts.of(column.name, [*by_code.levels, None]).take(by_code.codes)

    def is_constant(self, column: Numbers) -> bool:
        """Compares values."""
        values = column.values[~column.missing]
        return bool((values == values[:1]).all())

    def cell_hashes(self, column: Numbers, form: HashForm = 1) -> HashArray:
        """See `number_hashes`, (m,)."""
        return number_hashes(column.values)

    def reference(self, column: Numbers) -> NumberBins:
        """See `NumberBins.of`, of `MOST_NUMBER_ROWS` rows at most."""
        m = len(column)
        some = column.values if m <= MOST_NUMBER_ROWS else column.values[some_rows(m, MOST_NUMBER_ROWS)]
        return NumberBins.of(column.name, some, self.name)

    def histogram(self, column: Numbers) -> NumberBins:
        """Of every row."""
        return NumberBins.of(column.name, column.values, self.name)

    def read_bins(self, given: Mapping[str, Any], name: str) -> NumberBins:
        """Edges must be finite and rising, and the counts fit to them."""
        edges = fields.rising(fields.part(given, "edges"), f"{name}.edges")
        counts = fields.counts(fields.part(given, "counts"), f"{name}.counts", len(edges) + 2)
        return NumberBins(name, edges, counts, self.name)

    def default_steps(
        self, column: Numbers, *, scaled: bool, missing: bool, most_codes: int, sparse: bool
    ) -> tuple[DefaultStep, ...]:
        """Fill with the mean (with 0 where there is none), also where no row lacks a value; then Normalize."""
        empty = bool(column.missing.all())
        steps = []
        if not missing:
            constant = (("strategy", "constant"), ("value", 0.0)) if empty else ()
            steps.append(DefaultStep("Impute", constant))
        if scaled and not (missing and empty):
            steps.append(DefaultStep("Normalize"))
        return tuple(steps)

    def draw(self, column: Numbers) -> Drawing:
        """A histogram of at most `HISTOGRAM_BARS` bars of equal width."""
        gone = column.missing
        values = column.values[~gone]
        if not len(values):
            return Drawing((), (), missing=len(gone))
        low, high = float(values.min()), float(values.max())
        shares = np.arange(HISTOGRAM_BARS + 1) / HISTOGRAM_BARS
        edges = np.unique(low * (1 - shares) + high * shares) if low < high else np.array([low, high])
        places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        counts = np.bincount(places, minlength=len(edges) - 1)
        return Drawing(
            labels=tuple(f"{a:.4g} to {b:.4g}" for a, b in pairwise(edges)),
            counts=tuple(counts.tolist()),
            edges=tuple(edges.tolist()),
            missing=int(gone.sum()),
        )


def _finite(cells: Sequence[Any]) -> FloatArray | None:
    """The cells as numbers, NaN for None; None if one of them is NaN or infinite."""
    try:
        values = np.fromiter(cells, np.float64, len(cells))
    except OverflowError:
        return None
    others = np.flatnonzero(~np.isfinite(values)).tolist()
    return values if _NONE.issuperset(map(cells.__getitem__, others)) else None
