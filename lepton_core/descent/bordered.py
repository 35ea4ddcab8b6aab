"""Newton's equations of a linear score with an intercept that costs nothing: a matrix with a border."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.losses import Array

_CHUNK = 1 << 17
_KEPT = 1 << 25  # 256 MiB
_CHUNK_ROWS = 64
_BLOCK = 48
_DAMPING = 1e-14


@dataclass(frozen=True, eq=False)
class Centred:
    """``X`` ``(m, n)`` less the mean of its rows, so that no offset costs digits.

    >>> Centred(np.array([[1.0], [3.0]])).center.tolist()
    [2.0]
    """

    X: Array

    @cached_property
    def center(self) -> Array:
        """The mean of the rows, ``(n,)``."""
        return np.asarray(self.X.mean(axis=0))

    @cached_property
    def gram(self) -> Array:
        """The products of the rows less their mean, ``(m, m)``."""
        less = self.X - self.center
        return np.asarray(less @ less.T)


@dataclass(frozen=True, eq=False)
class CentredRows:
    """Some rows, ``at`` ``(k,)`` int64, of centred ones, or all if None; many are copied in chunks only."""

    of: Centred
    at: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.of.X) if self.at is None else len(self.at)

    @property
    def columns(self) -> int:
        """How many features they have."""
        return int(self.of.X.shape[1])

    @property
    def wide(self) -> bool:
        """Whether there are more features than rows."""
        return len(self.of.X) < self.columns

    def chunks(self) -> Iterator[tuple[Array, slice]]:
        """Arrays ``(k, n)`` of some rows at a time, less the center, and where they lie; not to be changed."""
        step = max(_CHUNK_ROWS, _CHUNK // max(1, self.columns))
        for first in range(0, len(self), step):
            place = slice(first, first + step)
            yield self._less(place) if self._kept is None else self._kept[place], place

    @cached_property
    def _kept(self) -> Array | None:
        return self._less(slice(None)) if len(self) * self.columns <= _KEPT else None

    def _less(self, place: slice) -> Array:
        rows = self.of.X[place] if self.at is None else self.of.X.take(self.at[place], axis=0)
        return np.asarray(rows - self.of.center)

    def scores(self, w: Array, b: float) -> Array:
        """Of weights ``(n,)``: the scores ``(k,)`` of the centred rows.

        >>> CentredRows(Centred(np.array([[1.0], [3.0]]))).scores(np.array([2.0]), 0.5).tolist()
        [-1.5, 2.5]
        """
        result = np.empty(len(self))
        for rows, place in self.chunks():
            result[place] = rows @ w
        result += b
        return result

    def normal(self, beta: Array) -> Array:
        """``X' beta``, ``(n,)``, of ``beta`` ``(k,)``.

        >>> CentredRows(Centred(np.array([[1.0], [3.0]]))).normal(np.array([2.0, 5.0])).tolist()
        [3.0]
        """
        result = np.zeros(self.columns)
        for rows, place in self.chunks():
            result += beta[place] @ rows
        return result

    def gram(self) -> Array:
        """A new array ``(k, k)`` of their products with each other."""
        return self.of.gram.copy() if self.at is None else self.of.gram[np.ix_(self.at, self.at)]


BorderedSolve = Callable[[Array, Array, Array], tuple[Array, float, Array]]
"""``(h, beta, w) -> (dw, db, dbeta)``; h, beta and dbeta are ``(k,)``, w and dw ``(n,)``. See `solver`."""


def solver(rows: CentredRows, d: Array) -> BorderedSolve:
    """A function that solves, for ``d`` ``(k,)`` positive and ``D`` its diagonal matrix, for ``dw`` ``(n,)`` and ``db``

        dw + X' D (X dw + db) = X' (h + beta) - w
             sum D (X dw + db) = sum (h + beta)

    and for ``dbeta = h - D (X dw + db)``, by one Cholesky factor of ``I + X' D X``, or, where there are fewer rows
    than features, of ``I + D^1/2 X X' D^1/2``.

    >>> solve = solver(CentredRows(Centred(np.array([[1.0], [3.0]]))), np.ones(2))
    >>> dw, db, dbeta = solve(np.array([0.0, 3.0]), np.zeros(2), np.zeros(1))
    >>> dw.round(9).tolist(), db, dbeta.round(9).tolist()
    ([1.0], 1.5, [-0.5, 0.5])
    """
    return _wide(rows, d) if rows.wide else _tall(rows, d)


def _tall(rows: CentredRows, d: Array) -> BorderedSolve:
    total = float(d.sum())
    middle = rows.normal(d) / total
    bound = np.eye(rows.columns)
    root = np.sqrt(d)
    for part, place in rows.chunks():
        apart = part - middle  # takes the intercept out of the equations
        apart *= root[place, None]
        bound += apart.T @ apart
    solve = cholesky(bound)

    def of(h: Array, beta: Array, w: Array) -> tuple[Array, float, Array]:
        both = h + beta
        lack = float(both.sum())
        dw = solve(rows.normal(both) - middle * lack - w)
        db = lack / total - float(middle @ dw)
        return dw, db, h - d * rows.scores(dw, db)

    return of


def _wide(rows: CentredRows, d: Array) -> BorderedSolve:
    root = np.sqrt(d)
    bound = rows.gram()
    bound *= root
    bound *= root[:, None]
    bound[np.diag_indices(len(d))] += 1.0
    solve = cholesky(bound)
    ones = root * solve(root)

    def of(h: Array, beta: Array, w: Array) -> tuple[Array, float, Array]:
        # As dw = X' (beta + dbeta) - w, (1/D + X X') dbeta + db = h / D - X (X' beta - w).
        left = rows.normal(beta) - w
        right = root * solve(h / root - root * rows.scores(left, 0.0))
        db = float((right.sum() + beta.sum()) / ones.sum())
        dbeta = right - db * ones
        return rows.normal(dbeta) + left, db, dbeta

    return of


def cholesky(A: Array) -> Callable[[Array], Array]:
    """A function that solves ``A x = right``, ``(n,)``, for a positive definite ``A`` ``(n, n)`` scaled to diagonal 1.

    Where rounding has left it indefinite, as little as will do is added to the diagonal.

    >>> cholesky(np.array([[4.0, 0.0], [0.0, 1e-20]]))(np.array([4.0, 1e-20])).round(9).tolist()
    [1.0, 1.0]
    """
    units = np.sqrt(np.diag(A))
    scaled = A / units
    scaled /= units[:, None]
    L = _factor(scaled)
    starts = range(0, len(A), _BLOCK)
    inverses = [np.linalg.inv(L[i : i + _BLOCK, i : i + _BLOCK]) for i in starts]

    def solve(right: Array) -> Array:
        x: Array = right / units
        for i, inverse in zip(starts, inverses, strict=True):
            x[i : i + _BLOCK] = inverse @ (x[i : i + _BLOCK] - L[i : i + _BLOCK, :i] @ x[:i])
        for i, inverse in zip(reversed(starts), reversed(inverses), strict=True):
            end = i + _BLOCK
            x[i:end] = inverse.T @ (x[i:end] - L[end:, i:end].T @ x[end:])
        x /= units
        return x

    return solve


def _factor(scaled: Array) -> Array:
    damping = _DAMPING
    while True:
        try:
            return np.asarray(np.linalg.cholesky(scaled), dtype=np.float64)
        except np.linalg.LinAlgError:
            if not np.isfinite(scaled).all():
                raise
            scaled[np.diag_indices(len(scaled))] += damping
            damping *= 100.0
