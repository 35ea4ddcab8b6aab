"""Coordinates in which neither the units of the features nor their offsets matter."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import (
    Array,
    Blocks,
    Matrix,
    column_means,
    column_range,
    column_squares,
    dense,
    gram,
    row_chunks,
)

_STILL = 1e-14
_LEAST = 1e-150
_MOST = 1e300


@dataclass(frozen=True, eq=False)
class Coordinates:
    """The features less ``center`` ``(n,)`` over ``unit`` ``(n,)``: of mean 0, at most 1 in size.

    A score ``w x + b`` is ``w' x' + b'`` with ``w' = unit w`` and ``b' = b + center w``. A feature that does not vary
    (``still``, ``(n,)``) is 0 for every row: it says nothing that the intercept does not.

    >>> rows = next(Coordinates.of(np.array([[1e12], [3e12]])).rows(np.array([[1e12], [3e12]])))
    >>> rows.tolist()
    [[-1.0, 1.0], [1.0, 1.0]]
    """

    center: Array
    unit: Array
    still: NDArray[np.bool_]

    @classmethod
    def of(cls, X: Matrix, s: Array | None = None) -> "Coordinates":
        """Those of the rows of ``X`` ``(m, n)`` with shares ``s`` ``(m,)``, all above 0."""
        center, (low, high) = column_means(X, s), column_range(X)
        unit = np.maximum(high - center, center - low)
        still = unit <= _STILL * np.abs(center)
        return cls(
            center, np.where(still, np.maximum(np.abs(center), _LEAST), np.maximum(unit, _LEAST)), still
        )

    @property
    def scale(self) -> Array:
        """What a difference from the center is multiplied by, ``(n,)``: 0 for features that are still."""
        return np.where(self.still, 0.0, 1.0 / self.unit)

    def take(self, columns: NDArray[np.intp]) -> "Coordinates":
        """Those of the features ``columns`` ``(k,)``."""
        return Coordinates(self.center[columns], self.unit[columns], self.still[columns])

    def rows(self, X: Matrix, copies: int = 1) -> Iterator[Array]:
        """The rows of ``X`` ``(m, n)`` in these coordinates with a 1 at the end, ``(b, n + 1)`` at a time, in order.

        There are fewer at a time where each becomes ``copies`` times as many numbers.
        """
        scale = self.scale
        for at in row_chunks(X, copies, expanded=True):
            part = dense(X[at])
            rows = np.ones((len(part), X.shape[1] + 1))
            np.subtract(part, self.center, out=rows[:, :-1])
            rows[:, :-1] *= scale
            yield rows

    def gradient(self, gradient: Array, W: Array, l2: float) -> Array:
        """The derivatives in these coordinates from those in the weights ``W``, both ``(..., n + 1)``.

        ``gradient`` is that of a loss and ``l2/2 |w|^2``, all there is to the derivative of a feature that is still.
        """
        result = gradient.copy()
        result[..., :-1] -= gradient[..., -1:] * self.center
        result[..., :-1] = np.where(self.still, l2 * W[..., :-1], result[..., :-1]) / self.unit
        return result

    def move(self, change: Array) -> Array:
        """The change of weights that is ``change`` ``(..., n + 1)`` in these coordinates."""
        result = change.copy()
        result[..., :-1] /= self.unit
        result[..., -1] -= result[..., :-1] @ self.center
        return result

    def ridge(self, l2: float) -> Array:
        """The second derivatives ``(n + 1,)`` of ``l2/2 |w|^2`` in these coordinates: none for the intercept."""
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return np.append(np.minimum(l2 / np.square(self.unit), _MOST) if l2 else 0.0 * self.unit, 0.0)

    def squares(self, X: Matrix, s: Array | None = None) -> Array:
        """The means ``(n + 1,)`` of the squares of the rows of ``X`` ``(m, n)`` in these coordinates, shares ``s``
        ``(m,)``."""
        if isinstance(X, Blocks):
            shares = np.ones(len(X)) if s is None else s
            return self.squares_of(X, shares) / len(X)
        total, done = np.zeros(X.shape[1] + 1), 0
        for rows in self.rows(X):
            part = slice(done, done := done + len(rows))
            total += (
                np.einsum("ij,ij->j", rows, rows)
                if s is None
                else np.einsum("i,ij,ij->j", s[part], rows, rows)
            )
        return total / len(X)

    def squares_of(self, X: Blocks, R: Array) -> Array:
        """The sums ``(..., n + 1)`` of the squares of the rows in these coordinates, each times ``R`` ``(..., m)``."""
        result = np.empty((*R.shape[:-1], X.shape[1] + 1))
        result[..., :-1] = column_squares(X, R, self.center) * np.square(self.scale)
        result[..., -1] = R.sum(axis=-1)
        return result

    def gram(self, X: Blocks, R: Array) -> Array:
        """The sums ``(n + 1, n + 1)`` of the products of the rows in these coordinates, times ``R`` ``(m,)``."""
        scale = np.append(self.scale, 1.0)
        return np.asarray(gram(X, R, self.center) * scale * scale[:, None])
