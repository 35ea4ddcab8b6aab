"""The Hessian of a linear score's loss, and Newton's equations with it, for scores of any conditioning."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.coordinates import Coordinates
from lepton_core.descent.lbfgs import Inverse
from lepton_core.descent.losses import Array, Bounded, Curved
from lepton_core.matrix import Blocks, Matrix

_SOUND = (
    1e-9  # pivots below this part of the diagonal have few digits left: products of rows square what is small
)
_NOTHING = 1e-13  # and directions below this part of the largest have none, even in the rows themselves
_LOST = 0.1
_DAMPED = 1e-10
_STACK = 4


@dataclass(frozen=True, eq=False)
class Curvature:
    """Second derivatives at one point: row i's loss has ``diag(d_i) - q_i q_i'`` in its K scores.

    ``d`` is ``(K, m)``, ``q`` ``(K, m)`` or None, where there is one score; see `Curved`.
    """

    d: Array
    q: Array | None

    def same(self, other: "Curvature | None") -> bool:
        """Whether ``other`` is equal, and so are the Hessians."""
        if other is None or not np.array_equal(self.d, other.d):
            return False
        return self.q is None or (other.q is not None and np.array_equal(self.q, other.q))

    def times(self, scores: Array) -> Array:
        """The products of each row's matrix with its column of ``scores``, both ``(K, m)``."""
        result = self.d * scores
        if self.q is not None:
            result -= self.q * np.einsum("km,km->m", self.q, scores)
        return result

    def image(self, step: Array, X: Matrix) -> Array:
        """The product of the Hessian of the mean loss over ``X`` ``(m, n)`` with ``step``,
        ``(n + 1,)`` or ``(K, n + 1)``."""
        scores = np.atleast_2d(step[..., :-1]) @ X.T
        scores += np.atleast_1d(step[..., -1])[:, None]
        pull = self.times(scores) / len(X)
        result = np.empty((len(pull), X.shape[1] + 1))
        result[:, :-1] = pull @ X
        result[:, -1] = pull.sum(axis=1)
        return result.reshape(step.shape)

    @cached_property
    def own(self) -> Array:
        """``d - q^2``, the derivatives of each score alone, ``(K, m)``: ``q_k`` times the sum of the other scores' q.

        The difference would have no digits left where one score has it all.
        """
        if self.q is None:
            return self.d
        others = np.zeros_like(self.q)
        others[1:] = np.cumsum(self.q[:-1], axis=0)
        others[:-1] += np.cumsum(self.q[:0:-1], axis=0)[::-1]
        return self.q * others

    def products(self, X: Matrix, at: Coordinates) -> Array:
        """The Hessian ``(K (n + 1), K (n + 1))`` of the mean loss over ``X`` ``(m, n)`` in the coordinates ``at``."""
        classes, p = len(self.d), X.shape[1] + 1
        result, done = np.zeros((classes * p, classes * p)), 0
        if isinstance(X, Blocks) and self.q is not None:
            for k, j in combinations(range(classes), 2):
                block = -at.gram(X, self.q[k] * self.q[j])
                result[k * p : (k + 1) * p, j * p : (j + 1) * p] = block
                result[j * p : (j + 1) * p, k * p : (k + 1) * p] = block
        elif self.q is not None:
            for rows in at.rows(X, classes):
                part = self.q[:, done : (done := done + len(rows))]
                wide = (part.T[:, :, None] * rows[:, None, :]).reshape(len(rows), -1)
                result -= wide.T @ wide
        for k, block in enumerate(self.blocks(X, at, diagonal=False)):
            result[k * p : (k + 1) * p, k * p : (k + 1) * p] = block * len(X)
        return result / len(X)

    def blocks(self, X: Matrix, at: Coordinates, *, diagonal: bool) -> Array:
        """That Hessian's block of each score, ``(K, n + 1, n + 1)``, or only their diagonals, ``(K, n + 1)``."""
        own = self.own
        if isinstance(X, Blocks):
            squares = at.squares_of(X, own) if diagonal else np.stack([at.gram(X, bent) for bent in own])
            return squares / len(X)
        p, done = X.shape[1] + 1, 0
        result = np.zeros((len(own), p) if diagonal else (len(own), p, p))
        for rows in at.rows(X):
            part = slice(done, done := done + len(rows))
            if diagonal:
                result += own[:, part] @ np.square(rows)
                continue
            for k, bent in enumerate(own[:, part]):
                weighted = rows * np.sqrt(bent)[:, None]
                result[k] += weighted.T @ weighted
        return result / len(X)

    def triangle(self, X: Matrix, at: Coordinates) -> Array:
        """``R`` of shape ``(r, K (n + 1))`` with ``R'R`` that Hessian over ``X`` ``(m, n)``.

        It is made of the rows without their products, and so keeps twice the digits.
        """
        size = len(self.d) * (X.shape[1] + 1)
        result, held, waiting, done = np.empty((0, size)), 0, [], 0
        for rows in at.rows(X, len(self.d) ** 2):
            waiting.append(self._roots(rows, slice(done, done := done + len(rows))))
            held += len(waiting[-1])
            if held >= _STACK * size or done == len(X):
                result = np.asarray(np.linalg.qr(np.concatenate([result, *waiting]), mode="r"))
                held, waiting = 0, []
        return np.asarray(result / np.sqrt(len(X)))

    def _roots(self, rows: Array, part: slice) -> Array:
        # d = s p and q = sqrt(s) p of one share s: (I - p 1') diag(d) (I - 1 p') is diag(d) - q q', own is d (1 - p).
        d = self.d[:, part]
        if len(d) == 1:
            return np.asarray(rows * np.sqrt(d[0])[:, None])
        classes, own = len(d), self.own[:, part]
        size = np.sqrt(d)
        p = np.zeros_like(d) if self.q is None else d / np.maximum(d.sum(axis=0), np.finfo(float).tiny)
        roots = -p[None] * size[:, None]  # (score, score, row)
        each = np.arange(classes)
        roots[each, each] = np.divide(own, size, out=np.zeros_like(own), where=size > 0.0)
        return np.asarray(np.einsum("jkm,mp->mjkp", roots, rows).reshape(classes * len(rows), -1))


Solve = Callable[[Array, float], Array | None]
"""From a gradient and a damping to the Newton step, shaped like it; None where the Hessian does not bend that way."""


@dataclass(frozen=True, eq=False)
class Equations:
    """Newton's equations at one point, for the rows of ``X`` ``(m, n)`` in the coordinates ``at``."""

    curvature: Curvature
    X: Matrix
    at: Coordinates

    @cached_property
    def products(self) -> Array:
        """The Hessian, of shape ``(p, p)`` with ``p = K (n + 1)``."""
        return self.curvature.products(self.X, self.at)

    @cached_property
    def triangle(self) -> Array:
        """``R`` with ``R'R`` the Hessian, for one score ``(r, n + 1)``."""
        return self.curvature.triangle(self.X, self.at)

    def solve(self, gradient: Array, diagonal: Array, *, free: bool) -> Array | None:
        """The ``v`` of ``(H + diag(diagonal)) v = gradient``, which is ``(n + 1,)`` or ``(K, n + 1)``.

        ``diagonal`` is ``(n + 1,)``. Of K > 1 scores all may change alike and nothing else with them: the intercepts
        always, other weights if they are ``free`` of a penalty. Such a common part, which no gradient has, is made
        to cost something. None if more than a tenth of the gradient lies where rounding leaves nothing of ``H``.
        """
        common = self.common(free=free)

        def triangle() -> Array:
            return np.concatenate([self.triangle, common])

        stiff = np.tile(diagonal, len(self.curvature.d))
        step = _solve(self.products + common.T @ common, stiff, triangle, gradient.ravel())
        return None if step is None else step.reshape(gradient.shape)

    def common(self, *, free: bool) -> Array:
        """The penalty that makes a change of all K scores alike cost something: its root, of shape ``(n + 1, p)``."""
        classes, p = len(self.curvature.d), self.X.shape[1] + 1
        bent = np.diagonal(self.products).reshape(classes, p).mean(axis=0) * (self.curvature.q is not None)
        if not free:
            bent[:-1] = 0.0
        return np.tile(np.diag(np.sqrt(np.maximum(bent, 0.0))), classes)


def _solve(products: Array, diagonal: Array, triangle: Callable[[], Array], g: Array) -> Array | None:
    units = np.sqrt(np.maximum(np.diagonal(products), 0.0) + diagonal)
    if g[units == 0.0].any():
        return None
    units[units == 0.0] = inf  # what bends nowhere does not move
    bound = products / units / units[:, None]
    np.fill_diagonal(bound, np.diagonal(bound) + diagonal / np.square(units))
    scaled = g / units
    if _sound(bound):
        return np.asarray(np.linalg.solve(bound, scaled) / units)
    R = np.concatenate([triangle(), np.diag(np.sqrt(diagonal))]) / units
    sizes, basis = _singular(R)
    kept = sizes > _NOTHING * sizes.max(initial=0.0)
    along = basis[kept] @ scaled
    if np.linalg.norm(scaled - along @ basis[kept]) > _LOST * np.linalg.norm(scaled):
        return None
    return np.asarray((along / np.square(sizes[kept])) @ basis[kept] / units)


def _singular(R: Array) -> tuple[Array, Array]:
    """The singular values of ``R`` ``(r, p)``, falling, and its right singular vectors, ``(min(r, p), p)``.

    On some processors OpenBLAS finds no end for a sound matrix, now and then; the same rows in another order have one.
    """
    for rows in (R, R[::-1], np.roll(R, len(R) // 2, axis=0)):
        try:
            _, sizes, basis = np.linalg.svd(rows, full_matrices=False)
        except np.linalg.LinAlgError:
            continue
        return sizes, basis
    # The eigenvalues of R'R hold half the digits: enough for a direction, and better than none.
    squares, vectors = np.linalg.eigh(R.T @ R)
    kept = min(R.shape)
    return np.sqrt(np.maximum(squares[::-1][:kept], 0.0)), vectors.T[::-1][:kept]


def inverse(blocks: Array, diagonal: Array) -> Inverse:
    """The product with the inverse of ``blocks + diag(diagonal)``, ``diagonal`` ``(n + 1,)``, made positive definite.

    ``blocks`` is ``(K, n + 1, n + 1)`` or, their diagonals only, ``(K, n + 1)``; the products are ``(K, n + 1)``
    or, for one, ``(n + 1,)``.

    >>> inverse(np.array([[4.0, 0.0]]), np.array([0.0, 2.0]))(np.array([8.0, 8.0])).round(6).tolist()
    [2.0, 4.0]
    """
    if blocks.ndim == 2:
        bent = blocks + diagonal
        bent[bent == 0.0] = 1.0
        return lambda gradient: (np.atleast_2d(gradient) / bent).reshape(gradient.shape)
    units = np.sqrt(np.diagonal(blocks, axis1=1, axis2=2) + diagonal)
    units[units == 0.0] = 1.0
    bound = blocks / (units[:, :, None] * units[:, None, :])
    each = np.arange(len(diagonal))
    bound[:, each, each] = 1.0 + _DAMPED
    inverses = np.linalg.inv(bound)
    inverses = (inverses + inverses.transpose(0, 2, 1)) / (2.0 * units[:, :, None] * units[:, None, :])
    return lambda gradient: np.einsum("kij,kj->ki", inverses, np.atleast_2d(gradient)).reshape(gradient.shape)


def _sound(bound: Array) -> bool:
    try:
        pivots = np.diagonal(np.linalg.cholesky(bound))
    except np.linalg.LinAlgError:
        return False
    return bool(np.square(pivots.min(initial=1.0)) > _SOUND)


def bending(
    loss: Curved, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None, *, damping: float = 0.0
) -> Curvature:
    """The second derivatives at ``W`` of `Loss.shape`, for ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``.

    With damping those of a `Bounded` loss are moved towards its bounds, all the way by a damping of 1.

    >>> from lepton_core.descent.losses import Huber
    >>> X, y = np.ones((2, 1)), np.array([0.5, 4.0])
    >>> [bending(Huber(1.0), np.zeros(2), X, y, damping=damping).d.tolist() for damping in (0.0, 1.0)]
    [[[1.0, 0.0]], [[1.0, 0.25]]]
    """
    d, q = loss.curvatures(W, X, y, s)
    if damping and isinstance(loss, Bounded):
        d = d + min(1.0, damping) * (loss.bounds(W, X, y, s) - d)
    return Curvature(d, q)


def positive(X: Matrix, y: NDArray[Any], s: Array | None) -> tuple[Matrix, NDArray[Any], Array | None]:
    """``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)`` without the rows of share 0; the others' grow, so that means stay.

    >>> positive(np.array([[1.0], [2.0]]), np.array([3.0, 4.0]), np.array([0.0, 2.0]))
    (array([[2.]]), array([4.]), array([1.]))
    """
    if s is None or s.all():
        return X, y, s
    rows = np.flatnonzero(s)
    return X[rows], y[rows], s[rows] * (len(rows) / len(s))
