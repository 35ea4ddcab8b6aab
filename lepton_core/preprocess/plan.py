"""The whole chain as arrays: one gather, one scaling, one check. This is what a prediction runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.preprocess.feature import Feature, NumberFeature, TextFeature
from lepton_core.table import MISSING, Categories, Column, ColumnSchema, Numbers, Schema, Table

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Indicators:
    """Consecutive columns of the matrix, from ``start`` on: which of ``levels`` a cell of ``source`` has.

    ``absent`` is the level that a missing cell counts as; ``known`` are the levels of the column in training,
    for which ``offsets`` holds each one's place among ``levels`` (-1: none) ready-made.
    """

    source: str
    start: int
    levels: tuple[str | float, ...]
    absent: str | float | None
    known: tuple[str, ...]
    offsets: NDArray[np.int64]

    def mark(self, column: Column, out: Matrix) -> None:
        """Set the 1s of every row of ``out`` (m, p), which is 0 in these columns."""
        at = self._of_numbers(column) if isinstance(self.levels[0], float) else self._of_texts(column)
        if len(out) == 1:  # the common prediction, and index arrays cost microseconds
            if at[0] >= 0:
                out[0, self.start + at[0]] = 1.0
            return
        rows = np.flatnonzero(at >= 0)
        out[rows, self.start + at[rows]] = 1.0

    def _of_texts(self, column: Column) -> NDArray[np.int64]:
        texts = _as_text(column) if isinstance(column, Numbers) else column
        known = self._knows(texts)
        offsets = self.offsets if known else _offsets(self.levels, texts.levels, self.absent)
        return offsets[texts.codes]

    def _knows(self, column: Categories) -> bool:
        return column.levels is self.known or column.levels == self.known

    def _of_numbers(self, column: Column) -> NDArray[np.int64]:
        values = _numbers(column)
        if self.absent is not None:
            values = np.where(np.isnan(values), self.absent, values)
        levels = np.array(self.levels, dtype=np.float64)
        at = np.minimum(np.searchsorted(levels, values), len(levels) - 1)
        return np.where(levels[at] == values, at, -1)


@dataclass(frozen=True, eq=False)
class Plan:
    """The matrix's column j is (x - center[j]) / divisor[j] + offset[j], or fill[j] where x is missing.

    x is the cell of one table column (``numbers``: pairs of j and column) or an indicator of one of its
    levels. The arrays have shape (p,); ``fill`` is NaN where nothing replaces a missing value. A linear
    model's weights w over the matrix are the weights w / divisor over x, with sum w (offset - center /
    divisor) added to its intercept.
    """

    features: tuple[NumberFeature, ...]
    numbers: tuple[tuple[int, str], ...]
    indicators: tuple[Indicators, ...]
    center: NDArray[np.float64]
    divisor: NDArray[np.float64]
    offset: NDArray[np.float64]
    fill: NDArray[np.float64]
    shifts: bool

    @staticmethod
    def of(features: Sequence[NumberFeature], schema: Schema) -> "Plan":
        """The plan of ``features`` over tables of ``schema``."""
        offset = np.array([feature.offset for feature in features])
        return Plan(
            features=tuple(features),
            numbers=tuple((j, feature.source) for j, feature in enumerate(features) if feature.level is None),
            indicators=_indicators(features, schema),
            center=np.array([feature.center for feature in features]),
            divisor=np.array([feature.divisor for feature in features]),
            offset=offset,
            fill=np.array([np.nan if feature.fill is None else feature.fill for feature in features]),
            shifts=bool(offset.any()),
        )

    def run(self, table: Table, *, complete: bool = True) -> Matrix:
        """The matrix of the rows of ``table``, float64 of shape (m, p) in C order; columns are found by name.

        With ``complete`` a value that is missing and not filled is an error; without it, it stays NaN.
        Errors: `InvalidData` naming the row and the column.
        """
        out = np.zeros((table.rows, len(self.features)))
        for j, name in self.numbers:
            column = table[name]
            out[:, j] = column.values if isinstance(column, Numbers) else _numbers(column)
        for indicators in self.indicators:
            indicators.mark(table[indicators.source], out)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            out -= self.center
            out /= self.divisor
            if self.shifts:
                out += self.offset
        if not np.isfinite(out).all():
            self._mend(table, out, complete=complete)
        return out

    def _mend(self, table: Table, out: Matrix, *, complete: bool) -> None:
        gone = np.zeros(out.shape, dtype=bool)
        for j, name in self.numbers:
            gone[:, j] = np.isnan(_numbers(table[name]))
        out[gone] = np.broadcast_to(self.fill, out.shape)[gone]
        wrong = ~np.isfinite(out)
        if not complete:
            wrong &= ~gone
        if wrong.any():
            row, j = (int(place[0]) for place in np.nonzero(wrong))
            message = (
                "the value is missing; add an Impute step to fill it"
                if gone[row, j]
                else "the value is too large to be scaled"
            )
            raise InvalidData(message, row=row + 1, column=self.features[j].source)


def columns_of(features: Sequence[Feature], table: Table, schema: Schema) -> list[Column]:
    """The features as columns, NaN where no step filled a missing value: what the next step learns from."""
    derived = [
        feature for feature in features if isinstance(feature, NumberFeature) and not _is_cell(feature)
    ]
    values = Plan.of(derived, schema).run(table, complete=False) if derived else np.empty((0, 0))
    of_derived = iter(values.T)
    columns: list[Column] = []
    for feature in features:
        if isinstance(feature, TextFeature):
            columns.append(_filled(table[feature.source], feature))
        elif _is_cell(feature):
            columns.append(Numbers(feature.name, _numbers(table[feature.source])))
        else:
            columns.append(Numbers(feature.name, next(of_derived)))
    return columns


def _is_cell(feature: NumberFeature) -> bool:
    return feature.as_in_data and feature.fill is None


def _indicators(features: Sequence[NumberFeature], schema: Schema) -> tuple[Indicators, ...]:
    found: list[Indicators] = []
    places = [(j, feature) for j, feature in enumerate(features) if feature.level is not None]
    for (source, absent), group in groupby(places, key=lambda place: (place[1].source, place[1].absent)):
        run: list[tuple[int, str | float]] = []
        for j, feature in group:
            level = feature.level
            assert level is not None  # noqa: S101  (chosen above)
            if run and not (j == run[-1][0] + 1 and run[-1][1] < level):  # type: ignore[operator]
                found.append(_run(source, absent, run, schema[source]))
                run = []
            run.append((j, level))
        found.append(_run(source, absent, run, schema[source]))
    return tuple(found)


def _run(
    source: str, absent: str | float | None, run: Sequence[tuple[int, str | float]], column: ColumnSchema
) -> Indicators:
    levels = tuple(level for _, level in run)
    return Indicators(
        source=source,
        start=run[0][0],
        levels=levels,
        absent=absent,
        known=column.levels,
        offsets=_offsets(levels, column.levels, absent),
    )


def _offsets(
    levels: Sequence[str | float], known: Sequence[str], absent: str | float | None
) -> NDArray[np.int64]:
    # A code indexes this array: 0 .. n-1 are the known levels, n an unknown one, -1 a missing cell.
    place: Mapping[str | float | None, int] = {level: i for i, level in enumerate(levels)}
    return np.array([*(place.get(level, -1) for level in known), -1, place.get(absent, -1)], dtype=np.int64)


def _numbers(column: Column) -> NDArray[np.float64]:
    if isinstance(column, Numbers):
        return column.values
    there = column.codes != MISSING
    if there.any():
        raise InvalidData("text where numbers were", row=int(np.argmax(there)) + 1, column=column.name)
    return np.full(len(column), np.nan)


def _as_text(column: Numbers) -> Categories:
    # A file whose categories all happen to look like numbers: written as the rows of a prediction would be.
    values, inverse = np.unique(column.values, return_inverse=True)
    texts = [None if np.isnan(value) else _text(float(value)) for value in values]
    of_values = Categories.of(column.name, texts)
    return Categories(column.name, of_values.codes[inverse], of_values.levels)


def _text(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _filled(column: Column, feature: TextFeature) -> Categories:
    texts = _as_text(column) if isinstance(column, Numbers) else column
    if feature.fill is None or not texts.missing.any():
        return Categories(feature.name, texts.codes, texts.levels)
    levels = tuple(sorted({*texts.levels, feature.fill}))
    place = {level: i for i, level in enumerate(levels)}
    codes = [*(place[level] for level in texts.levels), len(levels), place[feature.fill]]
    return Categories(feature.name, np.array(codes, dtype=np.int32)[texts.codes], levels)
