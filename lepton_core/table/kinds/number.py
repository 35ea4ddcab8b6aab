"""Numbers: every cell is missing or one finite number."""

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core import fields
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.moments import Moments, merge, moments
from lepton_core.table.cells import (
    MISSING_WORDS,
    NUMBER_CHARACTERS,
    is_not_finite,
    is_number,
    number_of,
    written,
)
from lepton_core.table.columns import Categories, Column, FloatArray, IndexArray, Numbers
from lepton_core.table.hashing import HashArray, number_hashes
from lepton_core.table.kinds.base import Bins, ColumnFigures, DefaultStep, Drawing, Known, Tally, Values

QUANTILE_BINS = 10
HISTOGRAM_BARS = 12
"""Bars of a drawing."""

_PLAIN = frozenset({float, int, type(None)})


@dataclass(frozen=True)
class NumberBins:
    """Bins of a number: k + 1 between and beyond k rising ``edges``, then one for missing.

    Bin i holds what is above edge i - 1, up to and with edge i. ``counts`` (k + 2,) are those of the training
    rows.
    """

    name: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def kind(self) -> str:
        """``'number'``."""
        return Numbers.kind

    @property
    def levels(self) -> tuple[str, ...]:
        """None: its bins have no names."""
        return ()

    def tally(self, column: Column) -> Tally:
        """How many rows of ``column`` fall into each bin, int64 of shape (k + 2,).

        Raises `InvalidData` naming the column if it holds text.
        """
        self._demand(column)
        return self.tally_predictions(column.values)

    def finder(self) -> Callable[[Any, int], int]:
        """See `Bins.finder`."""
        edges, kind = self.edges, self.kind

        def place(column: Any, row: int) -> int:
            if column.kind != kind:
                self._demand(column)
            value = column.values.item(row)
            return -1 if value != value else bisect_left(edges, value)  # noqa: PLR0124  (NaN)

        return place

    def tally_predictions(self, predictions: FloatArray) -> Tally:
        """How many of ``predictions`` (m,) fall into each bin, int64 of shape (k + 2,)."""
        return _tally(self.edges, predictions)

    def place_of_prediction(self, prediction: FloatArray) -> int:
        """The bin of one number, a scalar or of shape (1,)."""
        value = float(prediction)
        return -1 if value != value else bisect_left(self.edges, value)  # noqa: PLR0124  (NaN)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "edges": list(self.edges),
            "counts": list(self.counts),
        }

    @staticmethod
    def of(name: str, values: FloatArray) -> "NumberBins":
        """Up to 10 bins of about equal counts of ``values`` (m,); one of at most 10 distinct values a bin for each.

        >>> NumberBins.of("x", np.array([0.0, 1.0, 1.0, np.nan]))
        NumberBins(name='x', edges=(0.5,), counts=(1, 2, 1))
        """
        distinct, seen = np.unique(values[np.isfinite(values)], return_counts=True)
        edges = _edges(distinct, seen)
        return NumberBins(name, edges, tuple(map(int, _tally(edges, values))))

    def _demand(self, column: Column) -> None:
        if column.kind != self.kind:
            raise InvalidData("numbers were expected, not text", column=self.name)


@dataclass(frozen=True)
class NumberFigures:
    """``moments`` of the numbers that are there, and how many are missing."""

    missing: int
    moments: Moments

    def merge(self, other: "NumberFigures") -> "NumberFigures":
        """Those of both parts, see `lepton_core.moments.merge`."""
        return NumberFigures(self.missing + other.missing, merge(self.moments, other.moments))

    def describe(self, name: str) -> ColumnFigures:
        """Mean, standard deviation and range, unless every cell is missing."""
        if not self.moments.count:
            return ColumnFigures(name, Numbers.kind, self.missing)
        low, high = self.moments.low, self.moments.high
        mean = min(max(self.moments.mean, low), high)
        return ColumnFigures(
            name, Numbers.kind, self.missing, mean=mean, std=self.moments.std, min=low, max=high
        )


@dataclass(frozen=True)
class _Reader:
    name: str

    def take(self, cells: Sequence[str]) -> FloatArray | None:
        return read_cells(cells)

    def column(self, parts: Sequence[npt.NDArray[Any]]) -> Numbers:
        return Numbers(self.name, np.concatenate(parts))


class Number:
    """See `Kind`. Cells are `Numbers`."""

    name = Numbers.kind
    quantitative = True
    has_levels = False
    takes_plain_numbers = True

    def reader(self, name: str, *, declared: bool) -> _Reader:
        """Takes finite numbers in ASCII digits."""
        return _Reader(name)

    def read_rows(self, grid: Sequence[Sequence[Any]], columns: Sequence[Known]) -> list[Numbers]:
        """All cells in one array: a prediction of one row is mostly this."""
        flat = grid[0] if len(grid) == 1 else list(chain.from_iterable(grid))
        values: FloatArray | None = None
        if _PLAIN.issuperset(map(type, flat)):
            try:
                values = np.array(flat, dtype=np.float64)
            except OverflowError:
                values = None
        if values is None or np.count_nonzero(np.isfinite(values)) + flat.count(None) != len(flat):
            values = np.array(
                [
                    number_of(cell, number, column.name)
                    for number, row in enumerate(grid, start=1)
                    for cell, column in zip(row, columns, strict=True)
                ],
                dtype=np.float64,
            )
        by_column = np.ascontiguousarray(values.reshape(len(grid), len(columns)).T)
        return list(map(Numbers, [column.name for column in columns], by_column))

    def cells(self, column: Numbers) -> list[float | None]:
        """The numbers."""
        return [
            None if absent else value
            for value, absent in zip(column.values.tolist(), column.missing, strict=True)
        ]

    def usual_cell(self, column: Known, bins: Bins | None) -> float:
        """The edge in the middle; 0 without one."""
        edges = bins.edges if isinstance(bins, NumberBins) else ()
        return edges[len(edges) // 2] if edges else 0.0

    def pack(self, column: Numbers) -> npt.NDArray[Any]:
        """The values (m,)."""
        return column.values

    def unpack(self, array: npt.NDArray[Any], column: Known, rows: int) -> Numbers:
        """The column of the values (m,). Raises `InvalidArtifact` for infinities, too."""
        if not isinstance(array, np.ndarray) or array.dtype != np.float64 or array.shape != (rows,):
            raise InvalidArtifact(f"column {column.name!r} is not {rows} cells of float64")
        if np.isinf(array).any():
            raise InvalidArtifact(f"column {column.name!r} holds an infinity")
        return Numbers(column.name, array)

    def concatenate(self, columns: Sequence[Numbers], levels: tuple[str, ...]) -> Numbers:
        """All values."""
        return Numbers(columns[0].name, np.concatenate([column.values for column in columns]))

    def compact(self, column: Numbers) -> Numbers:
        """The column itself."""
        return column

    def figures(self, column: Numbers) -> NumberFigures:
        """Mean, standard deviation and range."""
        return NumberFigures(int(column.missing.sum()), moments(column.values))

    def only_value(self, figures: ColumnFigures) -> str | None:
        """The value that is smallest and largest."""
        low = figures.min
        return f"value ({written(low)})" if low is not None and low == figures.max else None

    def distinct(self, column: Numbers) -> tuple[Values, IndexArray]:
        """The numbers, ascending, and the place (m,) of each cell."""
        found, places = np.unique(column.values, return_inverse=True)
        values = found[~np.isnan(found)]
        return tuple(values.tolist()), np.where(places < len(values), places, -1).astype(np.int64)

    def names(self, values: Values) -> tuple[str, ...]:
        """Whole numbers without a point."""
        return tuple(written(float(value)) for value in values)

    def texts(self, column: Numbers) -> Categories:
        """As the rows of a prediction would write them: a file may have categories that all look like numbers."""
        values, codes = self.distinct(column)
        of_values = Categories.of(column.name, [*self.names(values), None])
        return Categories(column.name, of_values.codes[codes], of_values.levels)

    def from_texts(self, texts: Categories) -> Numbers:
        """Raises `InvalidData` naming the first row whose text is not a finite number."""
        unusable = [not is_number(level) or is_not_finite(level) for level in texts.levels]
        rows = np.flatnonzero(np.array([*unusable, False])[texts.codes])  # the last: missing
        if len(rows):
            raise InvalidData(
                f"{texts.levels[texts.codes[rows[0]]]!r} is not a number; "
                "the earlier versions of this dataset hold numbers here",
                row=int(rows[0]) + 1,
                column=texts.name,
            )
        values = [
            math.nan if bad else float(level) for bad, level in zip(unusable, texts.levels, strict=True)
        ]
        return Numbers(texts.name, np.array([*values, math.nan])[texts.codes])

    def cell_hashes(self, column: Numbers) -> HashArray:
        """See `number_hashes`, (m,)."""
        return number_hashes(column.values)

    def reference(self, column: Numbers) -> NumberBins:
        """See `NumberBins.of`."""
        return NumberBins.of(column.name, column.values)

    def read_bins(self, given: Mapping[str, Any], name: str) -> NumberBins:
        """Edges must be finite and rising, and the counts fit to them."""
        edges = fields.rising(fields.part(given, "edges"), f"{name}.edges")
        counts = fields.counts(fields.part(given, "counts"), f"{name}.counts", len(edges) + 2)
        return NumberBins(name, edges, counts)

    def default_steps(
        self, column: Numbers, *, scaled: bool, missing: bool, most_codes: int
    ) -> tuple[DefaultStep, ...]:
        """Fill with the mean (with 0 where there is none), then Normalize."""
        gone = column.missing
        steps = []
        if not missing and gone.any():
            constant = (("strategy", "constant"), ("value", 0.0)) if gone.all() else ()
            steps.append(DefaultStep("Impute", constant))
        if scaled and not (missing and gone.all()):
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


NUMBER = Number()


def read_cells(cells: Sequence[str]) -> FloatArray | None:
    """The cells as float64 of shape (m,), NaN where missing; None if one is text or not finite.

    >>> read_cells(["1", " 2.5 ", "NA"]), read_cells(["1", "nan"])
    (array([1. , 2.5, nan]), None)
    """
    if _are_plain("".join(cells)) and "" not in cells:
        return _finite(cells)
    texts = [cell.strip() for cell in cells]
    missing = np.fromiter(map(MISSING_WORDS.__contains__, texts), dtype=np.bool_, count=len(texts))
    present = [text for text in texts if text not in MISSING_WORDS]
    if not _are_plain("".join(present)):
        return None
    found = _finite(present)
    if found is None:
        return None
    values = np.full(len(texts), np.nan)
    values[~missing] = found
    return values


def _are_plain(text: str) -> bool:
    return not text.strip(NUMBER_CHARACTERS)


def _finite(texts: Sequence[str]) -> FloatArray | None:
    try:
        values = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def _edges(distinct: FloatArray, seen: IndexArray) -> tuple[float, ...]:
    """Edges lie halfway between neighbouring values: a value that is rounded differently stays in its bin."""
    if len(distinct) == 1:  # of a constant, everything that is not it up to rounding is news
        constant = float(distinct[0])
        margin = max(abs(constant) * 1e-6, 1e-9)
        chosen = np.array([constant - margin, constant + margin])
    else:
        chosen = distinct[:-1] / 2 + distinct[1:] / 2
    if len(distinct) > QUANTILE_BINS:
        reached = np.cumsum(seen)
        at = np.searchsorted(reached, reached[-1] * np.arange(1, QUANTILE_BINS) / QUANTILE_BINS)
        chosen = chosen[np.unique(at[at < len(chosen)])]
    return tuple(np.unique(chosen[np.isfinite(chosen)]).tolist())


def _tally(edges: Sequence[float], values: FloatArray) -> Tally:
    # NaN sorts behind every edge, into the last bin; the one behind that is for missing.
    at = np.searchsorted(np.asarray(edges, dtype=np.float64), values) + np.isnan(values)
    return np.bincount(at, minlength=len(edges) + 2).astype(np.int64)
