"""Rows with few numbers (CSR)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix.parts import Array, Ints, Places, summed


@dataclass(frozen=True, eq=False)
class Sparse:
    """Rows with few numbers (CSR): row i has ``values[a:b]`` in the columns ``indices[a:b]``, ``a, b = indptr[i:i+2]``.

    ``indptr`` is ``(m + 1,)`` int64, from 0 up; ``indices`` int32 below ``width`` and ``values`` float64 are as long as
    its last entry says. No column stands twice in a row.

    >>> rows = Sparse(np.array([0, 2, 2, 3]), np.array([0, 2, 1], dtype=np.int32), np.array([1.0, 2.0, 3.0]), 3)
    >>> rows.scores(np.array([1.0, 10.0, 100.0])).tolist(), rows.pull(np.ones(3)).tolist()
    ([201.0, 0.0, 30.0], [1.0, 3.0, 2.0])
    """

    indptr: NDArray[np.int64]
    indices: Ints
    values: Array
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """See `Block`."""
        return len(self.indptr) - 1, self.width

    @property
    def stored(self) -> int:
        """See `Block`."""
        return int(self.indptr[-1] - self.indptr[0])

    def scores(self, W: Array) -> Array:
        """See `Block`; of ``W`` ``(..., n)``, ``(..., m)``."""
        products = W.take(self._columns.astype(np.intp), axis=-1)
        products *= self._numbers
        result = np.zeros((*W.shape[:-1], self.shape[0]))
        starts = self.indptr[:-1] - self.indptr[0]
        there = np.flatnonzero(np.diff(self.indptr))
        if len(there) == len(starts):
            return np.asarray(np.add.reduceat(products, starts, axis=-1)) if len(starts) else result
        if len(there):  # an empty row would get the first number of the next one
            result[..., there] = np.add.reduceat(products, starts[there], axis=-1)
        return result

    def pull(self, R: Array) -> Array:
        """See `Block`; of ``R`` ``(..., m)``, ``(..., n)``."""
        each = np.repeat(R, np.diff(self.indptr), axis=-1)
        each *= self._numbers
        return summed(self._columns, each, self.width)

    def squared(self) -> "Sparse":
        """See `Block`."""
        return Sparse(self.indptr - self.indptr[0], self._columns, np.square(self._numbers), self.width)

    def first_not_finite(self) -> int | None:
        """See `Block`."""
        wrong = np.flatnonzero(~np.isfinite(self._numbers))
        if not len(wrong):
            return None
        return int(np.searchsorted(self.indptr - self.indptr[0], wrong[0], side="right")) - 1

    @property
    def _columns(self) -> Ints:
        return self.indices[self.indptr[0] : self.indptr[-1]]

    @property
    def _numbers(self) -> Array:
        return self.values[self.indptr[0] : self.indptr[-1]]

    def span(self) -> tuple[Array, Array]:
        """See `Block`: ``(n,)`` each; 0 is among the entries of a column that a row lacks."""
        indices, values = self._columns, self._numbers
        full = np.bincount(indices, minlength=self.width) == self.shape[0]
        low, high = np.where(full, np.inf, 0.0), np.where(full, -np.inf, 0.0)
        np.minimum.at(low, indices, values)
        np.maximum.at(high, indices, values)
        return low, high

    def rows(self, at: slice) -> "Sparse":
        """See `Block`."""
        first, stop, _ = at.indices(self.shape[0])
        return Sparse(self.indptr[first : max(first, stop) + 1], self.indices, self.values, self.width)

    def take(self, at: Places) -> "Sparse":
        """See `Block`; ``at`` is ``(k,)``."""
        lengths = np.diff(self.indptr)[at]
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(indptr[-1]) + np.repeat(self.indptr[:-1][at] - indptr[:-1], lengths)
        return Sparse(indptr, self.indices[places], self.values[places], self.width)

    def columns(self, at: Places) -> "Sparse":
        """See `Block`; ``at`` is ``(k,)``."""
        new = np.full(self.width, -1, dtype=np.int32)
        new[at] = np.arange(len(at), dtype=np.int32)
        indices = new[self._columns]
        kept = indices >= 0
        upto = np.concatenate([[0], np.cumsum(kept)])
        values = self._numbers
        return Sparse(upto[self.indptr - self.indptr[0]], indices[kept], values[kept], len(at))

    def write(self, out: Array) -> None:
        """See `Block`; ``out`` is ``(m, n)``."""
        out[...] = 0.0
        rows = np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))
        out[rows, self._columns] = self._numbers
