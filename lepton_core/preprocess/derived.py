"""The columns of the matrix that are neither cells nor levels: readings of cells, and curves of other features."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Sparse
from lepton_core.preprocess.feature import (
    Curve,
    Made,
    Matrix,
    NumberFeature,
    ReadFeatures,
    Reading,
    SparseReading,
)
from lepton_core.table import Table

Evaluate = Callable[[Table], Matrix]
"""The values (m, q) of some features in a table, NaN where one is missing."""


class Derived(Protocol):
    """Some columns of the matrix that are computed together."""

    @property
    def at(self) -> NDArray[np.int64]:
        """Their places in the matrix, (k,)."""
        ...

    def values(self, table: Table) -> Matrix:
        """Their x, (m, k), NaN where it is missing."""
        ...


@dataclass(frozen=True, eq=False)
class Readings:
    """Features of one column and one reading: numbers ``places`` (k,) of those that each cell becomes."""

    at: NDArray[np.int64]
    source: str
    reading: Reading
    places: NDArray[np.int64]

    def values(self, table: Table) -> Matrix:
        """See `Derived.values`, (m, k)."""
        found = self.reading.values(table[self.source])
        everything = found.shape[1] == len(self.places) and (np.diff(self.places) == 1).all()
        return found if everything else found[:, self.places]


@dataclass(frozen=True, eq=False)
class SparseReadings(Readings):
    """Readings that are mostly 0, in the order of their ``places``."""

    reading: SparseReading

    def block(self, table: Table) -> Sparse:
        """What `values` gives, (m, k), as rows with few numbers."""
        found = self.reading.sparse(table[self.source])
        return found if found.width == len(self.places) else found.columns(self.places)


@dataclass(frozen=True, eq=False)
class Curves:
    """Features that curves make of others: ``inputs`` gives these (m, n), ``spans`` says whose is which."""

    at: NDArray[np.int64]
    curves: tuple[Curve, ...]
    inputs: Evaluate
    spans: tuple[slice, ...]

    def values(self, table: Table) -> Matrix:
        """See `Derived.values`, (m, k)."""
        inputs = self.inputs(table)
        made = [curve.values(inputs[:, span]) for curve, span in zip(self.curves, self.spans, strict=True)]
        return np.column_stack(made)


def derived(
    parts: Sequence[tuple[int, Made]], evaluate: Callable[[Sequence[NumberFeature]], Evaluate]
) -> tuple[Derived, ...]:
    """Those of ``parts``, see `placed`, that have a reading or a curve, each once; ``evaluate`` gives values (m, n)."""
    read: dict[tuple[str, Reading], list[tuple[int, Made]]] = {}
    # A reading of many weights takes long to hash: once for all neighbours that share it.
    for _, run in groupby(parts, lambda at: (at[1].source, id(at[1].reading))):
        (j, part), *others = run
        if part.reading is not None:
            read.setdefault((part.source, part.reading), []).extend([(j, part), *others])
    found: list[Derived] = [_readings(source, reading, some) for (source, reading), some in read.items()]
    curved = [
        (j, part.curve) for j, part in parts if isinstance(part, NumberFeature) and part.curve is not None
    ]
    if curved:
        found.append(_curves(curved, evaluate))
    return tuple(found)


def _readings(source: str, reading: Reading, parts: Sequence[tuple[int, Made]]) -> Readings:
    spans = [(j, 0, len(part)) if isinstance(part, ReadFeatures) else (j, part.place, 1) for j, part in parts]
    at = np.concatenate([np.arange(j, j + count) for j, _, count in spans])
    places = np.concatenate([np.arange(first, first + count) for _, first, count in spans])
    if isinstance(reading, SparseReading) and (np.diff(places) > 0).all():
        return SparseReadings(at, source, reading, places)
    return Readings(at, source, reading, places)


def _curves(
    curved: Sequence[tuple[int, Curve]], evaluate: Callable[[Sequence[NumberFeature]], Evaluate]
) -> Curves:
    inputs: list[NumberFeature] = []
    spans = []
    for _, curve in curved:
        spans.append(slice(len(inputs), len(inputs) + len(curve.inputs)))
        inputs += curve.inputs
    return Curves(
        at=np.array([j for j, _ in curved]),
        curves=tuple(curve for _, curve in curved),
        inputs=evaluate(inputs),
        spans=tuple(spans),
    )
