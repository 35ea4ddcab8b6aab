"""The whole chain as arrays: one gather, one scaling, one check. This is what a prediction runs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, RowFault
from lepton_core.matrix import Blocks, Coded, Dense
from lepton_core.matrix.parts import Array, Block
from lepton_core.preprocess.derived import Derived, Evaluate, SparseReadings, derived
from lepton_core.preprocess.feature import (
    Feature,
    Made,
    NumberFeature,
    ReadFeatures,
    TextFeature,
    each,
    placed,
)
from lepton_core.preprocess.lookup import Indicators, Lookup
from lepton_core.table import Categories, Column, ColumnSchema, Numbers, Schema, Table, kind_of

_EXPANDED = 1 << 18
"""Up to so many numbers an array is as quick as blocks, and two megabytes."""

_SPARSE = 4
"""Blocks must hold so many times fewer numbers than an array."""

_ROWS_AT_ONCE = 1 << 12
"""So many rows of a table of some columns stay in the cache from their first number to the check of their last."""

_FEW_ROWS = 16
"""Up to here a call of numpy costs more than what it does."""

_MOST_GAPS = 8
"""Each takes some microseconds."""

_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class Design:
    """The matrix's column j is (x - center[j]) / divisor[j] + offset[j], or fill[j] where x is missing.

    x is the cell of one table column (``numbers``: pairs of j and column), an indicator of one of its levels,
    its place among them (``codes``: pairs of j and levels), or made of it by a reading or a curve (``derived``).
    The arrays have shape (p,); ``fill`` is NaN
    where nothing replaces a missing value. ``levels`` has one entry a column: 0 for numbers, k for codes
    0..k-1 that nothing scaled; it is empty if all are numbers. A linear model's weights w over the matrix are
    the weights w / divisor over x, with sum w (offset - center / divisor) added to its intercept.
    """

    parts: tuple[Made, ...]
    numbers: tuple[tuple[int, str], ...]
    indicators: tuple[Indicators, ...]
    codes: tuple[tuple[int, Lookup], ...]
    derived: tuple[Derived, ...]
    center: NDArray[np.float64]
    divisor: NDArray[np.float64]
    offset: NDArray[np.float64]
    fill: NDArray[np.float64]
    shifts: bool
    levels: tuple[int, ...]
    schema: Schema

    @staticmethod
    def of(parts: Sequence[Made], schema: Schema) -> "Design":
        """The design of the features of ``parts`` over tables of ``schema``."""
        of_parts = placed(parts)
        features = [(j, part) for j, part in of_parts if isinstance(part, NumberFeature)]
        places = np.array([j for j, _ in features], dtype=np.int64)
        width = len(features) + sum(len(part) for part in parts if isinstance(part, ReadFeatures))

        def spread(usual: float, values: Iterable[float]) -> NDArray[np.float64]:
            found = np.full(width, usual)
            found[places] = np.fromiter(values, np.float64, len(places))
            return found

        offset = spread(0.0, (feature.offset for _, feature in features))
        levels = [0] * width
        for j, feature in features:
            levels[j] = feature.levels
        return Design(
            parts=tuple(parts),
            numbers=tuple((j, feature.source) for j, feature in features if feature.is_cell),
            indicators=_indicators(features, schema),
            codes=tuple(
                (j, Lookup.of(feature.codes, feature.absent, schema[feature.source], pooled=feature.pooled))
                for j, feature in features
                if feature.codes is not None
            ),
            derived=derived(of_parts, lambda inputs: _evaluate(inputs, schema)),
            center=spread(0.0, (feature.center for _, feature in features)),
            divisor=spread(1.0, (feature.divisor for _, feature in features)),
            offset=offset,
            fill=spread(
                np.nan, (np.nan if feature.fill is None else feature.fill for _, feature in features)
            ),
            shifts=bool(offset.any()),
            levels=tuple(levels) if any(levels) else (),
            schema=schema,
        )

    @cached_property
    def features(self) -> tuple[NumberFeature, ...]:
        """Of each of the p columns what it is; each one is made for that."""
        return tuple(one for one in each(self.parts) if isinstance(one, NumberFeature))

    @property
    def width(self) -> int:
        """p."""
        return len(self.center)

    def matrix(self, table: Table, *, missing: bool = False, categories: bool = False) -> Array | Blocks:
        """What `run` gives, (m, p), as `Blocks` where these are much smaller: a category stays codes, a text its words.

        Errors: those of `run`.
        """
        width = self.width
        if table.rows * width <= _EXPANDED or width < _SPARSE * self._stored:
            return self.run(table, missing=missing, categories=categories)
        parts: list[tuple[Block, NDArray[np.intp]]] = [(some.block(table), some.at) for some in self._sparse]
        if sum(part.stored for part, _ in parts) * _SPARSE > table.rows * width:
            return self.run(table, missing=missing, categories=categories)
        if self._plain.parts:
            plain = self._plain.run(table, missing=missing, categories=categories)
            parts.append((Dense(plain), np.flatnonzero(~self._folded)))
        if self.indicators:
            codes = (one.codes(table) for one in self.indicators)
            coded = Coded.of(codes, [one.width for one in self.indicators])
            parts.append((coded, np.flatnonzero(self._indicates)))
        blocks, places = zip(*parts, strict=True)
        scale, shift = self._affine(table.rows)
        return Blocks.of(blocks, places, scale=scale, shift=shift)

    @property
    def _stored(self) -> int:
        """How many numbers a row has as blocks, and those of sparse readings besides."""
        return int(np.count_nonzero(~self._folded)) + len(self.indicators)

    @cached_property
    def _indicates(self) -> NDArray[np.bool_]:
        found = np.zeros(self.width, dtype=bool)
        for indicators in self.indicators:
            found[indicators.start : indicators.start + indicators.width] = True
        return found

    @cached_property
    def _sparse(self) -> tuple[SparseReadings, ...]:
        return tuple(some for some in self.derived if isinstance(some, SparseReadings))

    @cached_property
    def _folded(self) -> NDArray[np.bool_]:
        """The columns whose scaling is folded into the weights: indicators, and what is mostly 0."""
        folded = self._indicates.copy()
        for some in self._sparse:
            folded[some.at] = True
        return folded

    @cached_property
    def _plain(self) -> "Design":
        """The design of all other features."""
        return Design.of([part for j, part in placed(self.parts) if not self._folded[j]], self.schema)

    def _affine(self, rows: int) -> tuple[Array | None, Array | None]:
        """What becomes of the folded columns: their scale and their shift, 1 and 0 for other ones, (p,).

        None where it changes nothing. Raises `InvalidData` for all ``rows`` if a column cannot be scaled.
        """
        scale, shift = self._scaling
        wrong = ~(np.isfinite(scale) & np.isfinite(shift))
        if wrong.any():
            fault = self._fault(int(wrong.argmax()), gone=False)
            raise InvalidData.in_rows(dict.fromkeys(range(1, rows + 1), fault))
        return (scale if (scale != 1.0).any() else None), (shift if shift.any() else None)

    @cached_property
    def _scaling(self) -> tuple[Array, Array]:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            scale = np.where(self._folded, 1.0 / self.divisor, 1.0)
            return scale, np.where(self._folded, self.offset - self.center / self.divisor, 0.0)

    def run(self, table: Table, *, missing: bool = False, categories: bool = False) -> Array:
        """The matrix of the rows of ``table``, float64 of shape (m, p) in C order; columns are found by name.

        A value that is missing and not filled is an error, unless ``missing`` lets it stay NaN, or, where the
        column holds codes, ``categories``. Errors: `InvalidData` naming all such rows, of each the first column.
        """
        out = np.zeros((table.rows, self.width))
        for indicators in self.indicators:
            indicators.mark(table, out)
        if _FEW_ROWS < table.rows <= _EXPANDED // self.width and self._gaps:
            others = self._others.run(table, missing=missing, categories=categories)
            for to, of in self._gaps:
                out[:, to] = others[:, of]
            return out
        for j, lookup in self.codes:
            out[:, j] = lookup.coded(table[lookup.source])
        for some in self.derived:
            out[:, some.at] = some.values(table)
        numbers = [(j, table[name].values) for j, name in self.numbers]
        finite = True
        for start in range(0, table.rows, _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            block = out[rows]
            for j, values in numbers:
                block[:, j] = values[rows]
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                block -= self.center
                block /= self.divisor
                if self.shifts:
                    block += self.offset
            finite = finite and bool(np.isfinite(block).all())
        if not finite:
            self._mend(
                table, out, ~np.logical_and.reduce(np.isfinite(out)), missing=missing, categories=categories
            )
        return out

    @cached_property
    def _bare(self) -> NDArray[np.bool_]:
        """The indicators that nothing scales."""
        found: NDArray[np.bool_] = (
            self._indicates & (self.center == 0) & (self.divisor == 1) & (self.offset == 0)
        )
        return found

    @cached_property
    def _others(self) -> "Design":
        """The design of all that is not `_bare`."""
        return Design.of([part for j, part in placed(self.parts) if not self._bare[j]], self.schema)

    @cached_property
    def _gaps(self) -> tuple[tuple[slice, slice], ...]:
        """Where the columns of `_others` are, and where in it; () if it is no use to make those alone.

        It is where most of the matrix is `_bare`, and the others lie in few places.
        """
        at = np.flatnonzero(~self._bare)
        if not len(at) or 2 * len(at) > self.width or self._sparse:
            return ()
        runs = np.split(np.arange(len(at)), np.flatnonzero(np.diff(at) > 1) + 1)
        gaps = ((slice(at[run[0]], at[run[-1]] + 1), slice(run[0], run[-1] + 1)) for run in runs)
        return tuple(gaps) if len(runs) <= _MOST_GAPS else ()

    def _mend(
        self, table: Table, out: Array, unsound: NDArray[np.bool_], *, missing: bool, categories: bool
    ) -> None:
        """Fill what is missing; nothing is in columns that are not ``unsound`` (p,)."""
        at = np.flatnonzero(unsound)
        gone = np.zeros((len(out), len(at)), dtype=bool)
        place = np.cumsum(unsound) - 1
        for j, name in self.numbers:
            if unsound[j]:
                gone[:, place[j]] = np.isnan(table[name].values)
        for j, lookup in self.codes:
            if unsound[j]:
                gone[:, place[j]] = np.isnan(lookup.coded(table[lookup.source]))
        for some in self.derived:
            own = unsound[some.at]
            if own.any():
                gone[:, place[some.at[own]]] = np.isnan(some.values(table)[:, own])
        mended = np.where(gone, self.fill[at], out[:, at])
        out[:, at] = mended
        wrong = ~np.isfinite(mended)
        if missing:
            wrong &= ~gone
        elif categories and self.levels:
            wrong &= ~(gone & (np.array(self.levels)[at] > 0))
        if wrong.any():
            rows = np.flatnonzero(wrong.any(axis=1))
            first = wrong[rows].argmax(axis=1)
            kinds = list(zip(at[first].tolist(), gone[rows, first].tolist(), strict=True))
            faults = {(j, absent): self._fault(j, gone=absent) for j, absent in set(kinds)}
            raise InvalidData.in_rows(
                dict(zip((rows + 1).tolist(), map(faults.__getitem__, kinds), strict=True))
            )

    def _fault(self, j: int, *, gone: bool) -> RowFault:
        column = self.features[j].source
        if not gone:
            return RowFault("the value is too large to be scaled", column)
        what = "is missing" if self.features[j].codes is None else "is missing, or no level in training"
        return RowFault(f"the value {what}; add an Impute step to fill it", column)


def columns_of(features: Sequence[Feature], table: Table, schema: Schema) -> Iterator[Column]:
    """The features as columns, NaN where no step filled a missing value: what the next step learns from.

    They are made some at a time, so that the indicators of many levels are never all there.
    """
    made = [feature for feature in features if isinstance(feature, NumberFeature) and not feature.as_in_data]
    numbers = (
        values for some in _some(made) for values in Design.of(some, schema).run(table, missing=True).T
    )
    for feature in features:
        if isinstance(feature, TextFeature):
            yield _filled(table[feature.source], feature)
        elif feature.as_in_data:
            yield _as_it_is(table[feature.source], feature)
        else:
            yield Numbers(feature.name, next(numbers))


def _some(features: Sequence[NumberFeature]) -> Iterator[Sequence[NumberFeature]]:
    """``features``, `_AT_ONCE` at a time; those of one reading together, because no cell is to be read twice."""
    some: list[NumberFeature] = []
    for feature in features:
        if len(some) >= _AT_ONCE and (
            feature.reading is None
            or (feature.source, feature.reading) != (some[-1].source, some[-1].reading)
        ):
            yield some
            some = []
        some.append(feature)
    if some:
        yield some


def _as_it_is(column: Column, feature: NumberFeature) -> Numbers:
    # Of the same kind, so that the parts of a date can be told from those of a number.
    values = column.values
    if feature.fill is not None:
        values = np.where(np.isnan(values), feature.fill, values)
    return Numbers(feature.name, values, column.kind, column.notation, column.missing_words)


def _evaluate(features: Sequence[NumberFeature], schema: Schema) -> Evaluate:
    design = Design.of(features, schema)
    return lambda table: design.run(table, missing=True)


def _indicators(features: Sequence[tuple[int, NumberFeature]], schema: Schema) -> tuple[Indicators, ...]:
    found: list[Indicators] = []
    places = [(j, feature) for j, feature in features if feature.indicates]
    for (source, absent), group in groupby(places, key=lambda place: (place[1].source, place[1].absent)):
        column = schema[source]
        run: list[tuple[int, Any]] = []
        for j, feature in group:
            follows = bool(run) and j == run[-1][0] + 1
            if feature.others is not None:
                together = follows and tuple(level for _, level in run) == feature.others
                if run and not together:
                    found.append(_run(absent, run, column))
                lookup = Lookup.of(feature.others, absent, column, pooled=True)
                found.append(
                    Indicators(run[0][0], lookup) if together else Indicators(j, lookup, len(feature.others))
                )
                run = []
                continue
            if run and not (follows and run[-1][1] < feature.level):
                found.append(_run(absent, run, column))
                run = []
            run.append((j, feature.level))
        if run:
            found.append(_run(absent, run, column))
    return tuple(found)


def _run(absent: str | float | None, run: Sequence[tuple[int, Any]], column: ColumnSchema) -> Indicators:
    return Indicators(run[0][0], Lookup.of(tuple(level for _, level in run), absent, column))


def _filled(column: Column, feature: TextFeature) -> Column:
    if feature.fill is None or not column.missing.any():
        return column
    texts: Categories = kind_of(column).texts(column)
    levels = tuple(sorted({*texts.levels, feature.fill}))
    place = {level: i for i, level in enumerate(levels)}
    codes = [*(place[level] for level in texts.levels), len(levels), place[feature.fill]]
    return Categories(feature.name, np.array(codes, dtype=np.int32)[texts.codes], levels)
