"""The parts of a matrix of blocks: columns of numbers, categories as codes, rows with few numbers; here the first.

Each knows the same few operations. Weights are ``(n,)`` or ``(K, n)``, what is summed over rows ``(m,)`` or
``(K, m)``: the rows come last, because sums along rows of a few numbers are slow.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int32]
Places = NDArray[np.intp]


class Block(Protocol):
    """Some columns ``(m, n)`` of a matrix."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        ...

    @property
    def stored(self) -> int:
        """How many numbers are in memory."""
        ...

    def scores(self, W: Array) -> Array:
        """``W X'``, a new array ``(m,)`` or ``(K, m)``, for ``W`` ``(n,)`` or ``(K, n)``."""
        ...

    def pull(self, R: Array) -> Array:
        """``R X``, a new array ``(n,)`` or ``(K, n)``, for ``R`` ``(m,)`` or ``(K, m)``."""
        ...

    def squared(self) -> "Block":
        """The part of the squares of the entries."""
        ...

    def first_not_finite(self) -> int | None:
        """The first row with a number that is missing or infinite; None if all are finite."""
        ...

    def span(self) -> tuple[Array, Array]:
        """The smallest and the largest entry of each column, ``(n,)`` each, of at least one row."""
        ...

    def rows(self, at: slice) -> "Block":
        """The rows of a slice without a step, not copied."""
        ...

    def take(self, at: Places) -> "Block":
        """Copies of the rows ``at`` ``(k,)``."""
        ...

    def columns(self, at: Places) -> "Block":
        """The columns ``at`` ``(k,)``, ascending."""
        ...

    def write(self, out: Array) -> None:
        """Write all entries into ``out`` ``(m, n)``."""
        ...


@dataclass(frozen=True, eq=False)
class Dense:
    """Columns of numbers as they are: ``X`` ``(m, n)`` float64.

    >>> Dense(np.array([[1.0, 2.0]])).scores(np.array([3.0, 4.0])).tolist()
    [11.0]
    """

    X: Array

    @property
    def shape(self) -> tuple[int, int]:
        """See `Block`."""
        return self.X.shape[0], self.X.shape[1]

    @property
    def stored(self) -> int:
        """See `Block`."""
        return self.X.size

    def scores(self, W: Array) -> Array:
        """See `Block`; of ``W`` ``(..., n)``, ``(..., m)``."""
        return np.asarray(self.X @ W if W.ndim == 1 else W @ self.X.T)

    def pull(self, R: Array) -> Array:
        """See `Block`; of ``R`` ``(..., m)``, ``(..., n)``."""
        return np.asarray(R @ self.X)

    def squared(self) -> "Dense":
        """See `Block`."""
        return Dense(np.square(self.X))

    def first_not_finite(self) -> int | None:
        """See `Block`."""
        # One sum finds out without a temporary; only sums that overflow need the second look.
        with np.errstate(over="ignore", invalid="ignore"):
            suspect = not np.isfinite(self.X.sum())
        wrong = ~np.isfinite(self.X).all(axis=1) if suspect else np.zeros(0, dtype=np.bool_)
        return int(wrong.argmax()) if wrong.any() else None

    def span(self) -> tuple[Array, Array]:
        """See `Block`: ``(n,)`` each."""
        return self.X.min(axis=0), self.X.max(axis=0)

    def rows(self, at: slice) -> "Dense":
        """See `Block`."""
        return Dense(self.X[at])

    def take(self, at: Places) -> "Dense":
        """See `Block`; ``at`` is ``(k,)``."""
        return Dense(self.X.take(at, axis=0))

    def columns(self, at: Places) -> "Dense":
        """See `Block`; ``at`` is ``(k,)``."""
        return Dense(self.X.take(at, axis=1))

    def write(self, out: Array) -> None:
        """See `Block`; ``out`` is ``(m, n)``."""
        out[...] = self.X


def summed(codes: NDArray[np.integer], R: Array, count: int) -> Array:
    """The sums ``(..., count)`` of ``R`` ``(..., m)`` by code; those of the code ``count`` are left out."""
    places = codes.astype(np.intp, copy=False)
    if R.ndim == 1:
        return np.asarray(np.bincount(places, R, count + 1)[:count], dtype=np.float64)
    return np.stack([summed(places, each, count) for each in R])
