"""Bins of numbers, by which drift is measured."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeGuard

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.columns import Column, FloatArray, IndexArray
from lepton_core.table.kinds.bins import Meaning, Tally

QUANTILE_BINS = 10

MOST_NUMBER_ROWS = 100_000
"""Training rows that a reference is made from: a tenth is right to a hundredth of itself, far less than any drift."""

_A_FEW = 1000
"""Cells that show whether a column has many distinct values."""

_MOST_EDGES = 16
"""Up to here it is quicker to compare with each edge than to search among them."""

_CELLS_AT_ONCE = 1 << 16
"""So many cells stay in the cache while they are compared."""


@dataclass(frozen=True)
class NumberBins:
    """Bins of a number: k + 1 between and beyond k rising ``edges``, then one for missing.

    Bin i holds what is above edge i - 1, up to and with edge i. ``counts`` (k + 2,) are those of the training
    rows.
    """

    name: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    kind: str = "number"

    @property
    def levels(self) -> tuple[str, ...]:
        """None: its bins have no names."""
        return ()

    def meanings(self) -> tuple[Meaning, ...]:
        """What falls into each of the k + 2 bins.

        >>> [(one.holds, one.low, one.high) for one in NumberBins("x", (0.5,), (1, 2, 1)).meanings()]
        [('range', None, 0.5), ('range', 0.5, None), ('missing', None, None)]
        """
        ranges = pairwise((None, *self.edges, None))
        return (*(Meaning("range", low=low, high=high) for low, high in ranges), Meaning("missing"))

    def tally(self, column: Column) -> Tally:
        """How many rows of ``column`` fall into each bin, int64 of shape (k + 2,).

        Raises `InvalidData` naming the column if it holds text.
        """
        self._demand(column)
        return self.tally_predictions(column.values)

    def places_of(self, column: Column) -> IndexArray:
        """See `Bins.places_of`: int64 (m,)."""
        self._demand(column)
        return _places(self.edges, column.values)

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
    def of(name: str, values: FloatArray, kind: str = "number") -> "NumberBins":
        """Up to 10 bins of about equal counts of ``values`` (m,); one of at most 10 distinct values a bin for each.

        >>> NumberBins.of("x", np.array([0.0, 1.0, 1.0, np.nan]))
        NumberBins(name='x', edges=(0.5,), counts=(1, 2, 1), kind='number')
        """
        finite = np.isfinite(values)
        known = values if finite.all() else values[finite]
        if len(np.unique(known[:_A_FEW])) > QUANTILE_BINS:
            edges, ends = _by_parts(known)
        else:
            ordered = np.sort(known)
            edges = _edges(ordered)
            ends = np.searchsorted(ordered, np.array(edges), side="right")
        if len(known) < len(values):
            return NumberBins(name, edges, tuple(map(int, _tally(edges, values))), kind)
        counts = np.diff(ends, prepend=0, append=len(known))
        return NumberBins(name, edges, (*map(int, counts), 0), kind)

    def _demand(self, column: Column) -> None:
        if column.kind != self.kind:
            raise InvalidData(
                f"a column of kind {self.kind!r} was expected, not {column.kind!r}", column=self.name
            )


class SideBySide:
    """Counts the cells of several columns together, each in its own bins: for a request's rows, calls cost the most.

    >>> from lepton_core.table import Numbers
    >>> bins = [NumberBins("x", (0.5,), (1, 2, 1)), NumberBins("y", (1.0, 2.0), (1, 2, 1, 0))]
    >>> columns = [Numbers("x", np.array([0.0, 1.0])), Numbers("y", np.array([2.0, np.nan]))]
    >>> [tally.tolist() for tally in SideBySide(bins).tallies(columns)]
    [[1, 1, 0], [0, 1, 0, 1]]
    """

    def __init__(self, bins: Sequence[NumberBins]) -> None:
        self._bins = bins
        self._lasts = np.array([len(own.edges) + 1 for own in bins], dtype=np.uint8)
        self._edges = np.full((int(self._lasts.max(initial=1)) - 1, len(bins)), np.inf)
        for at, own in enumerate(bins):
            self._edges[: len(own.edges), at] = own.edges

    @staticmethod
    def takes(bins: object) -> TypeGuard[NumberBins]:
        """Whether ``bins`` are plain ones of numbers, and few."""
        return type(bins) is NumberBins and len(bins.edges) <= _MOST_EDGES

    def tallies(self, columns: Sequence[Column]) -> list[Tally]:
        """What `NumberBins.tally` gives of each of the ``columns`` (m,), which are those of the bins in order."""
        for bins, column in zip(self._bins, columns, strict=True):
            bins._demand(column)
        values = [column.values for column in columns]
        at_once = max(1, _CELLS_AT_ONCE // max(1, len(values[0]))) if values else 1
        parts = (self._tallies(values, at, at + at_once) for at in range(0, len(values), at_once))
        return [tally for part in parts for tally in part]

    def _tallies(self, columns: Sequence[FloatArray], start: int, stop: int) -> list[Tally]:
        values, lasts = np.stack(columns[start:stop]), self._lasts[start:stop, None]
        places, above = np.zeros(values.shape, dtype=np.uint8), np.empty(values.shape, dtype=bool)
        for edge in self._edges[:, start:stop, None]:
            np.greater(values, edge, out=above)
            np.add(places, above.view(np.uint8), out=places)  # of another type numpy would copy them
        if np.isnan(values, out=above).any():
            np.copyto(places, lasts, where=above)
        bins = len(self._edges) + 2
        flat = np.add(places, bins * np.arange(len(values))[:, None], dtype=np.intp)
        counts = np.bincount(flat.ravel(), minlength=bins * len(values)).reshape(len(values), bins)
        return [own[: last + 1] for own, last in zip(counts, lasts[:, 0].tolist(), strict=True)]


def _edges(ordered: FloatArray) -> tuple[float, ...]:
    """Edges lie halfway between neighbouring values: a value that is rounded differently stays in its bin."""
    ends = _first_ends(ordered)
    if len(ends) == 1:  # of a constant, everything that is not it up to rounding is news
        constant = float(ordered[0])
        margin = max(abs(constant) * 1e-6, 1e-9)
        chosen = np.array([constant - margin, constant + margin])
    else:
        if len(ends) > QUANTILE_BINS:
            ends = np.searchsorted(ordered, ordered[_reached(len(ordered))], side="right")
        ends = ends[ends < len(ordered)]
        chosen = ordered[ends - 1] / 2 + ordered[ends] / 2
    return tuple(np.unique(chosen[np.isfinite(chosen)]).tolist())


def _reached(rows: int) -> IndexArray:
    """At which places (9,) of so many ordered rows the first nine tenths end."""
    tenths = np.ceil(rows * np.arange(1, QUANTILE_BINS) / QUANTILE_BINS).astype(np.int64)
    return tenths - 1


def _by_parts(values: FloatArray) -> tuple[tuple[float, ...], IndexArray]:
    """What `_edges` gives of the ordered ``values``, more than 10 distinct ones, and how many are at most each edge.

    Rows are ordered between the tenths only, which takes half the time of ordering all.
    """
    reached = np.unique(_reached(len(values)))
    parts = np.partition(values, reached)
    edges: dict[float, int] = {}
    for at, stop in pairwise((*reached.tolist(), len(values))):
        value, end = parts[at], stop
        above = _above(value, parts[at + 1 : end])
        if not len(above):  # the value goes on in the next part, or nothing is above it
            end = len(values)
            above = _above(value, parts[at + 1 :])
        if not len(above):
            break
        nearest = above.min()
        edge = float(value / 2 + nearest / 2)
        if edge == nearest:  # no number lies between the two
            end = len(values)
            above = _above(edge, parts[at + 1 :])
        edges[edge] = end - len(above)
    return tuple(edges), np.array(tuple(edges.values()), dtype=np.int64)


def _above(limit: float, values: FloatArray) -> FloatArray:
    return values[values > limit]


def _first_ends(ordered: FloatArray) -> IndexArray:
    """Behind which places (k,) the first distinct values end, at most one more than `QUANTILE_BINS`."""
    ends: list[int] = []
    while (at := ends[-1] if ends else 0) < len(ordered) and len(ends) <= QUANTILE_BINS:
        ends.append(int(np.searchsorted(ordered, ordered[at], side="right")))
    return np.array(ends, dtype=np.int64)


def _places(edges: Sequence[float], values: FloatArray) -> IndexArray:
    # NaN sorts behind every edge, into the last bin; the one behind that is for missing.
    found: IndexArray = np.searchsorted(np.asarray(edges, dtype=np.float64), values) + np.isnan(values)
    return found


def _tally(edges: Sequence[float], values: FloatArray) -> Tally:
    return np.bincount(_places(edges, values), minlength=len(edges) + 2).astype(np.int64)
