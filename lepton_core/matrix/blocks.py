"""A design matrix that is never expanded: blocks of numbers, of coded categories and of sparse rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix.coded import Coded
from lepton_core.matrix.parts import Array, Block, Dense, Places
from lepton_core.matrix.sparse import Sparse

__all__ = ["Array", "Block", "Blocks", "Coded", "Dense", "Matrix", "Sparse", "Transposed"]


@dataclass(frozen=True, eq=False)
class Blocks:
    """A matrix ``(m, n)`` of parts: ``parts[i]`` has the columns ``places[i]`` (indices, ascending) of it.

    Its entry is ``x * scale + shift`` of the part's entry x; both are ``(n,)``, or None, where nothing is scaled or
    shifted. They are folded into weights and sums, so that an indicator that was normalized stays a code.

    It takes the place of an array in what follows, and in nothing else: ``len``, ``shape``, ``size``, rows ``X[a:b]``
    and ``X[indices]``, columns ``X[:, indices]``, ``X.take(indices, axis=0)``, ``X @ w`` and ``X @ W`` of weights
    ``(n,)`` and ``(n, K)``, ``r @ X`` and ``R @ X`` of ``(m,)`` and ``(K, m)``, ``W @ X.T`` of ``(K, n)``.
    `lepton_core.matrix.measures` has what else is asked of both.

    >>> X = Blocks.of([Dense(np.array([[0.5], [1.5]])), Coded.of([np.array([1, 0])], [2])])
    >>> X.shape, (X @ np.array([2.0, 10.0, 20.0])).tolist(), (np.ones(2) @ X).tolist()
    ((2, 3), [21.0, 13.0], [2.0, 1.0, 1.0])
    """

    parts: tuple[Block, ...]
    places: tuple[Places, ...]
    scale: Array | None = None
    shift: Array | None = None
    dtype: np.dtype[Any] = np.dtype(np.float64)  # noqa: RUF009  (no dtype ever changes)

    __array_ufunc__ = None  # an array on the left leaves the product to this class

    @staticmethod
    def of(
        parts: Sequence[Block],
        places: Sequence[Places] | None = None,
        *,
        scale: Array | None = None,
        shift: Array | None = None,
    ) -> "Blocks":
        """The matrix of at least one part, of equally many rows; without ``places`` they lie beside each other.

        ``scale`` and ``shift`` are ``(n,)``. Raises ``ValueError`` for parts that do not fit together.
        """
        if places is None:
            ends = np.cumsum([0, *(part.shape[1] for part in parts)])
            places = [np.arange(a, b, dtype=np.intp) for a, b in pairwise(ends)]
        made = Blocks(tuple(parts), tuple(places), scale, shift)
        columns = np.concatenate(made.places)
        if len({part.shape[0] for part in parts}) != 1:
            raise ValueError("parts of differently many rows")
        if any(part.shape[1] != len(place) for part, place in zip(parts, places, strict=True)):
            raise ValueError("a part has another number of columns than of places")
        if not np.array_equal(np.sort(columns), np.arange(len(columns))):
            raise ValueError("the places are not each column once")
        if any(of is not None and of.shape != columns.shape for of in (scale, shift)):
            raise ValueError("scale and shift must have one number a column")
        return made

    ndim = 2

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.parts[0].shape[0], sum(len(place) for place in self.places)

    @property
    def size(self) -> int:
        """How many entries there are, most of them in no memory."""
        rows, columns = self.shape
        return rows * columns

    @property
    def stored(self) -> int:
        """How many numbers are in memory."""
        return sum(part.stored for part in self.parts)

    def __len__(self) -> int:
        """How many rows there are."""
        return self.parts[0].shape[0]

    def __getitem__(self, at: Any) -> "Blocks":
        """Rows: a slice without a step, indices or a mask; or, ``[:, indices]``, columns, ascending."""
        if isinstance(at, tuple):
            _, columns = at
            return self._columns(np.asarray(columns))
        if isinstance(at, slice):
            if at.step not in (None, 1):
                raise IndexError("a slice of rows goes one by one")
            return replace(self, parts=tuple(part.rows(at) for part in self.parts))
        rows = np.asarray(at)
        return self.take(np.flatnonzero(rows) if rows.dtype == np.bool_ else rows)

    def take(self, at: NDArray[Any], axis: int = 0) -> "Blocks":
        """Copies of the rows ``at`` ``(k,)``; the only ``axis`` is 0, another raises ``ValueError``."""
        if axis != 0:
            raise ValueError("rows can be taken, and nothing else")
        rows = np.asarray(at, dtype=np.intp)
        return replace(self, parts=tuple(part.take(rows) for part in self.parts))

    def _columns(self, at: Places) -> "Blocks":
        parts, places = [], []
        for part, place in zip(self.parts, self.places, strict=True):
            some = np.isin(place, at)
            if some.any():
                parts.append(part.columns(np.flatnonzero(some)))
                places.append(np.searchsorted(at, place[some]))
        if not parts:
            parts, places = [Dense(np.empty((len(self), 0)))], [np.empty(0, dtype=np.intp)]
        scale, shift = (None if of is None else of[at] for of in (self.scale, self.shift))
        return Blocks(tuple(parts), tuple(places), scale, shift)

    def scores(self, W: Array) -> Array:
        """``W X'``, ``(m,)`` or ``(K, m)``, for weights ``W`` ``(n,)`` or ``(K, n)``."""
        scaled = W if self.scale is None else W * self.scale
        result, *others = (
            part.scores(scaled[..., place]) for part, place in zip(self.parts, self.places, strict=True)
        )
        for other in others:
            result += other
        if self.shift is not None:
            result += (W @ self.shift)[..., None]
        return result

    def pull(self, R: Array) -> Array:
        """``R X``, ``(n,)`` or ``(K, n)``, for ``R`` ``(m,)`` or ``(K, m)``."""
        result = self.gathered([part.pull(R) for part in self.parts])
        if self.scale is not None:
            result *= self.scale
        if self.shift is not None:
            result += R.sum(axis=-1)[..., None] * self.shift
        return result

    def gathered(self, of: Sequence[Array]) -> Array:
        """What each part has of its columns, ``(..., k)`` each, as one array ``(..., n)``."""
        if len(of) == 1:
            return of[0]
        result = np.empty((*of[0].shape[:-1], self.shape[1]))
        for each, place in zip(of, self.places, strict=True):
            result[..., place] = each
        return result

    def astype(self, dtype: Any, *, copy: bool = True) -> "Blocks":
        """The matrix that expands to arrays of ``dtype``; its products stay float64, and nothing is copied."""
        return replace(self, dtype=np.dtype(dtype))

    def dense(self) -> Array:
        """All entries as an array ``(m, n)``, row after row: for few rows only."""
        out = np.empty(self.shape)
        for part, place in zip(self.parts, self.places, strict=True):
            if len(place) and place[-1] - place[0] == len(place) - 1:
                part.write(out[:, place[0] : place[-1] + 1])
            else:
                some = np.empty(part.shape)
                part.write(some)
                out[:, place] = some
        if self.scale is not None:
            out *= self.scale
        if self.shift is not None:
            out += self.shift
        return out.astype(self.dtype, copy=False)

    def __matmul__(self, w: Array) -> Array:
        """``X w``, ``(m,)``, or ``X W``, ``(m, K)``, for ``w`` ``(n,)`` and ``W`` ``(n, K)``."""
        return self.scores(w) if w.ndim == 1 else self.scores(w.T).T

    def __rmatmul__(self, r: Array) -> Array:
        """``r X``, ``(n,)``, or ``R X``, ``(K, n)``, for ``r`` ``(m,)`` and ``R`` ``(K, m)``."""
        return self.pull(r)

    @property
    def T(self) -> "Transposed":  # noqa: N802  (as of an array)
        """The transposed matrix, for products ``W @ X.T`` and ``X.T @ r``."""
        return Transposed(self)


@dataclass(frozen=True, eq=False)
class Transposed:
    """The transposed matrix ``X'`` of blocks ``X`` ``(m, n)``, for products only."""

    T: Blocks

    __array_ufunc__ = None

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows of the blocks."""
        rows, columns = self.T.shape
        return columns, rows

    def __rmatmul__(self, W: Array) -> Array:
        """``W X'``, ``(m,)`` or ``(K, m)``, for ``W`` ``(n,)`` or ``(K, n)``."""
        return self.T.scores(W)

    def __matmul__(self, r: Array) -> Array:
        """``X' r``, ``(n,)`` or ``(n, K)``, for ``r`` ``(m,)`` or ``(m, K)``."""
        return self.T.pull(r) if r.ndim == 1 else self.T.pull(r.T).T


Matrix = Array | Blocks
"""A design matrix ``(m, n)``: an array, or blocks where an array would be mostly 0."""
