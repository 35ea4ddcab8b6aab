"""Categories as codes in place of indicators: products with weights are gathers, sums over rows are counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix.parts import Array, Ints, Places, summed

_PAIRS = 1 << 14  # combinations of levels: a table of these stays in the cache
_ROWS_A_PAIR = 8


@dataclass(frozen=True, eq=False)
class Coded:
    """Categories: each column of a table is one code a row, in place of as many indicators as it has levels.

    A cell without a level has the code behind the last; all of its indicators are 0. Neighbours whose levels have few
    pairs, triples, ... share one number a row, the place in the table of these: ``joint[g]`` ``(m,)`` int32 for the
    columns with ``levels[g]``. Make it with `of`. A product with weights is one gather a number, a sum over rows
    one count.

    >>> sizes = Coded.of([np.array([0, 1, -1, 1])], [2])
    >>> sizes.shape, sizes.scores(np.array([5.0, 7.0])).tolist(), sizes.pull(np.ones(4)).tolist()
    ((4, 2), [5.0, 7.0, 0.0, 7.0], [1.0, 2.0])
    """

    joint: Ints
    levels: tuple[tuple[int, ...], ...]

    @staticmethod
    def of(codes: Iterable[NDArray[Any]], levels: Sequence[int]) -> "Coded":
        """The part of columns of whole numbers ``(m,)``, codes or -1 for no level; of at least one column.

        Raises ``ValueError`` for a code that is not below its number of levels.
        """
        columns = iter(codes)
        first = next(columns)
        together = _together(levels, most=min(_PAIRS, len(first) // _ROWS_A_PAIR))
        joint = np.zeros((len(together), len(first)), dtype=np.int32)
        places = [(g, count) for g, group in enumerate(together) for count in group]
        for (g, count), given in zip(places, chain([first], columns), strict=True):
            if len(given) and not -1 <= int(given.min()) <= int(given.max()) < count:
                raise ValueError(f"a code lies outside of -1..{count - 1}")
            joint[g] *= count + 1
            joint[g] += np.where(given < 0, count, given).astype(np.int32)
        return Coded(joint, together)

    @property
    def shape(self) -> tuple[int, int]:
        """See `Block`."""
        return self.joint.shape[1], sum(map(sum, self.levels))

    @property
    def stored(self) -> int:
        """See `Block`."""
        return self.joint.size

    @property
    def counts(self) -> tuple[int, ...]:
        """How many levels each column has."""
        return tuple(count for group in self.levels for count in group)

    def columns_of_codes(self) -> Iterator[tuple[Ints, slice]]:
        """Of each column its codes, ``(m,)``, and the indicators that they stand for."""
        first = 0
        for joint, group in zip(self.joint, self.levels, strict=True):
            for codes, count in zip(_apart(joint, group), group, strict=True):
                yield codes, slice(first, first + count)
                first += count

    def scores(self, W: Array) -> Array:
        """See `Block`; of ``W`` ``(..., n)``, ``(..., m)``."""
        result, first = np.zeros((*W.shape[:-1], self.shape[0])), 0
        for joint, group in zip(self.joint, self.levels, strict=True):
            tables = []
            for count in group:
                tables.append(np.zeros((*W.shape[:-1], count + 1)))
                tables[-1][..., :-1] = W[..., first : first + count]
                first += count
            if self._few(group):
                for codes, table in zip(_apart(joint, group), tables, strict=True):
                    result += table.take(codes, axis=-1)
                continue
            table, *others = tables
            for other in others:
                table = (table[..., None] + other[..., None, :]).reshape(*W.shape[:-1], -1)
            result += table.take(joint.astype(np.intp), axis=-1)  # by int32 numpy gathers six times slower
        return result

    def pull(self, R: Array) -> Array:
        """See `Block`; of ``R`` ``(..., m)``, ``(..., n)``."""
        found: list[Array] = []
        for joint, group in zip(self.joint, self.levels, strict=True):
            if self._few(group):
                pairs = zip(_apart(joint, group), group, strict=True)
                found.extend(summed(codes, R, count) for codes, count in pairs)
                continue
            size = [count + 1 for count in group]
            table = summed(joint, R, prod(size)).reshape(*R.shape[:-1], *size)
            for axis, count in enumerate(group):
                others = tuple(R.ndim - 1 + other for other in range(len(group)) if other != axis)
                found.append(table.sum(axis=others)[..., :count])
        return np.concatenate(found, axis=-1)

    def _few(self, group: Sequence[int]) -> bool:
        """Whether so few rows that a table of all pairs costs more than it saves."""
        return len(group) > 1 and self.shape[0] < prod(count + 1 for count in group)

    def squared(self) -> "Coded":
        """See `Block`: what is 0 or 1 is its own square."""
        return self

    def first_not_finite(self) -> None:
        """See `Block`: all are 0 or 1."""

    def span(self) -> tuple[Array, Array]:
        """See `Block`: ``(n,)`` each."""
        rows = self.pull(np.ones(self.shape[0]))
        return (rows == self.shape[0]).astype(np.float64), (rows > 0).astype(np.float64)

    def rows(self, at: slice) -> "Coded":
        """See `Block`."""
        return Coded(self.joint[:, at], self.levels)

    def take(self, at: Places) -> "Coded":
        """See `Block`; ``at`` is ``(k,)``."""
        return Coded(self.joint.take(at, axis=1), self.levels)

    def columns(self, at: Places) -> "Coded":
        """See `Block`; ``at`` is ``(k,)``. Cells with a level that goes have none."""
        kept, levels = [], []
        for codes, place in self.columns_of_codes():
            some = at[(at >= place.start) & (at < place.stop)] - place.start
            new = np.full(place.stop - place.start + 1, -1, dtype=np.int32)
            new[some] = np.arange(len(some), dtype=np.int32)
            kept.append(new[codes])
            levels.append(len(some))
        return Coded.of(kept, levels)

    def write(self, out: Array) -> None:
        """See `Block`; ``out`` is ``(m, n)``."""
        out[...] = 0.0
        for codes, place in self.columns_of_codes():
            rows = np.flatnonzero(codes < place.stop - place.start)
            out[rows, place.start + codes[rows]] = 1.0


def _together(levels: Sequence[int], most: int) -> tuple[tuple[int, ...], ...]:
    """Neighbours with at most so many combinations, the missing level among theirs."""
    groups: list[tuple[int, ...]] = []
    for count in levels:
        if groups and prod(of + 1 for of in groups[-1]) * (count + 1) <= most:
            groups[-1] = (*groups[-1], count)
        else:
            groups.append((count,))
    return tuple(groups)


def _apart(joint: Ints, group: Sequence[int]) -> list[Ints]:
    """The codes of each column of a group, ``(m,)``, from their place in the table of all of them."""
    found = []
    for count in reversed(group[1:]):
        joint, codes = np.divmod(joint, np.int32(count + 1))
        found.append(codes)
    return [joint, *reversed(found)]
