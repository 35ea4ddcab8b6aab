"""The whole chain as arrays: one gather, one scaling, one check. This is what a prediction runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.preprocess.feature import Feature, NumberFeature, TextFeature
from lepton_core.preprocess.lookup import Lookup
from lepton_core.table import Categories, Column, ColumnSchema, Numbers, Schema, Table, kind_of

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Indicators:
    """Consecutive columns of the matrix, from ``start`` on: which of the levels of ``lookup`` a cell has."""

    start: int
    lookup: Lookup

    def mark(self, table: Table, out: Matrix) -> None:
        """Set the 1s of every row of ``out`` (m, p), which is 0 in these columns."""
        at = self.lookup.places(table[self.lookup.source])
        if len(out) == 1:  # the common prediction, and index arrays cost microseconds
            if at[0] >= 0:
                out[0, self.start + at[0]] = 1.0
            return
        rows = np.flatnonzero(at >= 0)
        out[rows, self.start + at[rows]] = 1.0


@dataclass(frozen=True, eq=False)
class Design:
    """The matrix's column j is (x - center[j]) / divisor[j] + offset[j], or fill[j] where x is missing.

    x is the cell of one table column (``numbers``: pairs of j and column), an indicator of one of its levels,
    or its place among them (``codes``: pairs of j and levels). The arrays have shape (p,); ``fill`` is NaN
    where nothing replaces a missing value. ``levels`` has one entry a column: 0 for numbers, k for codes
    0..k-1 that nothing scaled; it is empty if all are numbers. A linear model's weights w over the matrix are
    the weights w / divisor over x, with sum w (offset - center / divisor) added to its intercept.
    """

    features: tuple[NumberFeature, ...]
    numbers: tuple[tuple[int, str], ...]
    indicators: tuple[Indicators, ...]
    codes: tuple[tuple[int, Lookup], ...]
    center: NDArray[np.float64]
    divisor: NDArray[np.float64]
    offset: NDArray[np.float64]
    fill: NDArray[np.float64]
    shifts: bool
    levels: tuple[int, ...]

    @staticmethod
    def of(features: Sequence[NumberFeature], schema: Schema) -> "Design":
        """The design of ``features`` over tables of ``schema``."""
        offset = np.array([feature.offset for feature in features])
        levels = tuple(feature.levels for feature in features)
        return Design(
            features=tuple(features),
            numbers=tuple(
                (j, feature.source)
                for j, feature in enumerate(features)
                if feature.level is None and feature.codes is None
            ),
            indicators=_indicators(features, schema),
            codes=tuple(
                (j, Lookup.of(feature.codes, feature.absent, schema[feature.source]))
                for j, feature in enumerate(features)
                if feature.codes is not None
            ),
            center=np.array([feature.center for feature in features]),
            divisor=np.array([feature.divisor for feature in features]),
            offset=offset,
            fill=np.array([np.nan if feature.fill is None else feature.fill for feature in features]),
            shifts=bool(offset.any()),
            levels=levels if any(levels) else (),
        )

    def run(self, table: Table, *, missing: bool = False, categories: bool = False) -> Matrix:
        """The matrix of the rows of ``table``, float64 of shape (m, p) in C order; columns are found by name.

        A value that is missing and not filled is an error, unless ``missing`` lets it stay NaN, or, where the
        column holds codes, ``categories``. Errors: `InvalidData` naming the row and the column.
        """
        out = np.zeros((table.rows, len(self.features)))
        for j, name in self.numbers:
            out[:, j] = table[name].values
        for indicators in self.indicators:
            indicators.mark(table, out)
        for j, lookup in self.codes:
            out[:, j] = lookup.coded(table[lookup.source])
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            out -= self.center
            out /= self.divisor
            if self.shifts:
                out += self.offset
        if not np.isfinite(out).all():
            self._mend(table, out, missing=missing, categories=categories)
        return out

    def _mend(self, table: Table, out: Matrix, *, missing: bool, categories: bool) -> None:
        gone = np.zeros(out.shape, dtype=bool)
        for j, name in self.numbers:
            gone[:, j] = np.isnan(table[name].values)
        for j, lookup in self.codes:
            gone[:, j] = np.isnan(lookup.coded(table[lookup.source]))
        out[gone] = np.broadcast_to(self.fill, out.shape)[gone]
        wrong = ~np.isfinite(out)
        if missing:
            wrong &= ~gone
        elif categories and self.levels:
            wrong &= ~(gone & (np.array(self.levels) > 0))
        if wrong.any():
            row, j = (int(place[0]) for place in np.nonzero(wrong))
            raise InvalidData(
                self._what_is_wrong(j, gone=bool(gone[row, j])), row=row + 1, column=self.features[j].source
            )

    def _what_is_wrong(self, j: int, *, gone: bool) -> str:
        if not gone:
            return "the value is too large to be scaled"
        what = "is missing" if self.features[j].codes is None else "is missing, or no level in training"
        return f"the value {what}; add an Impute step to fill it"


def columns_of(features: Sequence[Feature], table: Table, schema: Schema) -> list[Column]:
    """The features as columns, NaN where no step filled a missing value: what the next step learns from."""
    derived = [
        feature for feature in features if isinstance(feature, NumberFeature) and not _is_cell(feature)
    ]
    values = Design.of(derived, schema).run(table, missing=True) if derived else np.empty((0, 0))
    of_derived = iter(values.T)
    columns: list[Column] = []
    for feature in features:
        if isinstance(feature, TextFeature):
            columns.append(_filled(table[feature.source], feature))
        elif _is_cell(feature):
            columns.append(Numbers(feature.name, table[feature.source].values))
        else:
            columns.append(Numbers(feature.name, next(of_derived)))
    return columns


def _is_cell(feature: NumberFeature) -> bool:
    return feature.as_in_data and feature.fill is None


def _indicators(features: Sequence[NumberFeature], schema: Schema) -> tuple[Indicators, ...]:
    found: list[Indicators] = []
    places = [(j, feature) for j, feature in enumerate(features) if feature.level is not None]
    for (source, absent), group in groupby(places, key=lambda place: (place[1].source, place[1].absent)):
        run: list[tuple[int, Any]] = []
        for j, feature in group:
            if run and not (j == run[-1][0] + 1 and run[-1][1] < feature.level):
                found.append(_run(absent, run, schema[source]))
                run = []
            run.append((j, feature.level))
        found.append(_run(absent, run, schema[source]))
    return tuple(found)


def _run(absent: str | float | None, run: Sequence[tuple[int, Any]], column: ColumnSchema) -> Indicators:
    return Indicators(run[0][0], Lookup.of(tuple(level for _, level in run), absent, column))


def _filled(column: Column, feature: TextFeature) -> Categories:
    texts: Categories = kind_of(column).texts(column)
    if feature.fill is None or not texts.missing.any():
        return Categories(feature.name, texts.codes, texts.levels)
    levels = tuple(sorted({*texts.levels, feature.fill}))
    place = {level: i for i, level in enumerate(levels)}
    codes = [*(place[level] for level in texts.levels), len(levels), place[feature.fill]]
    return Categories(feature.name, np.array(codes, dtype=np.int32)[texts.codes], levels)
