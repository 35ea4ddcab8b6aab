"""Losses: means over rows, each with its exact gradient.

Every loss takes shares ``s`` ``(m,)``, how much each row counts: ``1/m sum s_i loss_i`` in place of the plain mean.
None counts every row once. Shares with mean 1 (`Problem.share`) leave the scale of the objective as it is.

One layout everywhere: the last weight is the intercept. For ``n`` features the weights are ``(n + 1,)``, or
``(K, n + 1)`` for K classes, and ``X`` is ``(m, n)`` without a column of ones. A pass goes over the rows in
chunks that stay in the cache between ``X w`` and its transpose, so that ``X`` is read from memory once, not
twice.
"""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Matrix, row_chunks

Array = NDArray[np.float64]


class Loss(Protocol):
    """A differentiable, convex mean loss of a linear score.

    ``curvature`` bounds the second derivative of one row's loss in its score: with the largest eigenvalue of
    ``[X 1]' [X 1] / m`` it bounds how fast the gradient can change.
    """

    @property
    def curvature(self) -> float:
        """Largest second derivative in the score."""
        ...

    def shape(self, n_features: int) -> tuple[int, ...]:
        """Shape of the weights, intercept included."""
        ...

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The mean loss at ``W``, of `shape`, over the rows of ``X`` ``(m, n)`` with targets ``y``, ``s`` ``(m,)``."""
        ...

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """That loss, and a new array of its derivatives, shaped like ``W``; ``X`` ``(m, n)``, ``y``, ``s`` ``(m,)``."""
        ...

    def at(self, iteration: int, batch: int) -> "Loss":
        """The loss that this batch of this iteration sees; itself, unless it draws random numbers."""
        ...


class Curved(Loss, Protocol):
    """A loss whose second derivatives are known, as Newton's method needs them."""

    def curvatures(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[Array, Array | None]:
        """``d`` and ``q`` ``(K, m)``: row i's loss, times ``s_i``, has second derivatives ``diag(d_i) - q_i q_i'``.

        They are those in its K scores at ``W``, of `shape`, for ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``. With one
        score K is 1 and ``q`` None.
        """
        ...


@runtime_checkable
class Bounded(Protocol):
    """A loss that is at most a parabola of known second derivatives through the point, with its slope there.

    Newton's own may be 0 for most rows; these say how to go on from there.
    """

    def bounds(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> Array:
        """Those derivatives ``(K, m)``, times ``s``, at ``W``; of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        ...


@dataclass(frozen=True)
class Logistic:
    """Two classes: ``L(w) = -1/m sum [y log s(z) + (1 - y) log(1 - s(z))]``, ``z = X w + b``.

    ``s(z) = 1/(1 + e^-z)``. ``y`` is ``(m,)``, 0 or 1 (float64 is fastest); weights ``(n + 1,)``.
    Gradient: ``1/m sum (s(z) - y) [x 1]``.
    Computed through the margin towards the wrong side ``t = (1 - 2y) z``: a row's loss is ``log(1 + e^t)``
    and its residual ``(1 - 2y) s(t)``, which overflow nowhere and stay accurate at any margin.

    >>> X, y = np.array([[1.0], [-1.0]]), np.array([1, 0])
    >>> value, gradient = Logistic().value_and_gradient(np.zeros(2), X, y)
    >>> round(value, 6), gradient.tolist()
    (0.693147, [-0.5, 0.0])
    """

    curvature = 0.25

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(n + 1,)`` for n features."""
        return (n_features + 1,)

    def at(self, iteration: int, batch: int) -> "Logistic":
        """Itself: nothing in it is random."""
        return self

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The mean loss at ``W`` ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return sum(_sum(_softplus(_margin(W, X[at], y[at])[0]), s, at) for at in row_chunks(X)) / len(X)

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """That loss and its gradient, ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        total, gradient = 0.0, np.zeros_like(W)
        for at in row_chunks(X):
            rows = X[at]
            margin, side = _margin(W, rows, y[at])
            each = _softplus(margin)
            total += _sum(each, s, at)
            margin -= each
            residual = np.exp(margin, out=margin)  # s(t) = e^(t - log(1 + e^t))
            residual *= side
            if s is not None:
                residual *= s[at]
            gradient[:-1] += residual @ rows
            gradient[-1] += residual.sum()
        gradient /= len(X)
        return total / len(X), gradient

    def curvatures(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[Array, Array | None]:
        """``s(z) s(-z)``, ``(1, m)``, times shares ``s``; see `Curved`."""
        small = np.exp(-np.abs(X @ W[:-1] + W[-1]))
        small /= np.square(1.0 + small)
        return (small if s is None else small * s)[None], None


@dataclass(frozen=True)
class Softmax:
    """K classes: ``L(W) = 1/m sum [log sum_k e^(z_k) - z_y]``, ``z = W x + b``.

    ``y`` is ``(m,)`` of class indices 0..K-1; weights ``(K, n + 1)``. Gradient: ``1/m sum (p - e_y) [x 1]'``
    with ``p = softmax(z)`` and ``e_y`` the unit vector of the true class. Scores are shifted by their
    largest, so that no exponential overflows; they lie as (classes, rows), because reducing along rows of K
    numbers is slow.

    >>> value, gradient = Softmax(3).value_and_gradient(np.zeros((3, 2)), np.array([[3.0]]), np.array([2]))
    >>> round(value, 6) == round(float(np.log(3)), 6), gradient.round(3).tolist()
    (True, [[1.0, 0.333], [1.0, 0.333], [-2.0, -0.667]])
    """

    classes: int
    curvature = 0.5

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(K, n + 1)`` for n features."""
        return (self.classes, n_features + 1)

    def at(self, iteration: int, batch: int) -> "Softmax":
        """Itself: nothing in it is random."""
        return self

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The mean loss at ``W`` ``(K, n + 1)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return sum(_softmax(W, X[at], y[at], s, at)[0] for at in row_chunks(X)) / len(X)

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """That loss and its gradient, ``(K, n + 1)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        total, gradient = 0.0, np.zeros_like(W)
        for at in row_chunks(X):
            rows, truth = X[at], y[at]
            part, scores, sums = _softmax(W, rows, truth, s, at)
            total += part
            scores /= sums
            scores[truth, np.arange(len(truth))] -= 1.0
            if s is not None:
                scores *= s[at]
            gradient[:, :-1] += scores @ rows
            gradient[:, -1] += scores.sum(axis=1)
        gradient /= len(X)
        return total / len(X), gradient

    def curvatures(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[Array, Array | None]:
        """``p`` and ``p``, ``(K, m)``, the probabilities, times ``s`` and its root; see `Curved`."""
        _, p, sums = _softmax(W, X, y, None, slice(None))
        p /= sums
        return (p, p) if s is None else (p * s, p * np.sqrt(s))


@dataclass(frozen=True)
class Squared:
    """Regression: ``L(w) = 1/(2m) sum (X w + b - y)^2``; gradient ``1/m sum (X w + b - y) [x 1]``.

    ``y`` is ``(m,)`` float64; weights ``(n + 1,)``.

    >>> Squared().value(np.array([2.0, 1.0]), np.array([[1.0], [2.0]]), np.array([3.0, 4.0]))
    0.25
    """

    curvature = 1.0

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(n + 1,)`` for n features."""
        return (n_features + 1,)

    def at(self, iteration: int, batch: int) -> "Squared":
        """Itself: nothing in it is random."""
        return self

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The mean loss at ``W`` ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        residuals = ((_residual(W, X[at], y[at]), at) for at in row_chunks(X))
        return sum(float(residual @ _shared(residual, s, at)) for residual, at in residuals) / (2 * len(X))

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """That loss and its gradient, ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        total, gradient = 0.0, np.zeros_like(W)
        for at in row_chunks(X):
            rows = X[at]
            residual = _residual(W, rows, y[at])
            pull = _shared(residual, s, at)
            total += float(residual @ pull)
            gradient[:-1] += pull @ rows
            gradient[-1] += pull.sum()
        gradient /= len(X)
        return total / (2 * len(X)), gradient

    def curvatures(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[Array, Array | None]:
        """Ones, ``(1, m)``, times ``s``; see `Curved`."""
        return (np.ones(len(X)) if s is None else s)[None], None


@dataclass(frozen=True)
class Huber:
    """Regression that outliers cannot bend: ``L(w) = 1/m sum h(X w + b - y)`` (Huber, 1964).

    ``h(r) = r^2 / 2`` up to ``|r| = delta``, ``delta (|r| - delta/2)`` beyond; ``delta`` above 0, in the units of
    ``y``. Gradient: ``1/m sum c [x 1]`` with the residual cut at delta, ``c = min(max(r, -delta), delta)``, with which
    ``h(r) = c (r - c/2)``. ``y`` is ``(m,)`` float64; weights ``(n + 1,)``.

    >>> value, gradient = Huber(2.0).value_and_gradient(np.zeros(2), np.array([[1.0], [1.0]]), np.array([1.0, -100.0]))
    >>> value, gradient.tolist()
    (99.25, [0.5, 0.5])
    """

    delta: float
    curvature = 1.0

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(n + 1,)`` for n features."""
        return (n_features + 1,)

    def at(self, iteration: int, batch: int) -> "Huber":
        """Itself: nothing in it is random."""
        return self

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The mean loss at ``W`` ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return sum(self._cut(W, X[at], y[at], s, at)[0] for at in row_chunks(X)) / len(X)

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """That loss and its gradient, ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        total, gradient = 0.0, np.zeros_like(W)
        for at in row_chunks(X):
            rows = X[at]
            part, pull = self._cut(W, rows, y[at], s, at)
            total += part
            gradient[:-1] += pull @ rows
            gradient[-1] += pull.sum()
        gradient /= len(X)
        return total / len(X), gradient

    def curvatures(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[Array, Array | None]:
        """Ones, ``(1, m)``, and 0 for residuals beyond delta, times ``s``; see `Curved`."""
        inside = (np.abs(_residual(W, X, y)) <= self.delta).astype(np.float64)
        return (inside if s is None else inside * s)[None], None

    def bounds(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> Array:
        """``delta / |r|``, at most 1, times ``s``, ``(1, m)``, of the rows of ``X`` ``(m, n)``: see `Bounded`."""
        bent = self.delta / np.maximum(np.abs(_residual(W, X, y)), self.delta)
        return np.asarray((bent if s is None else bent * s)[None])

    def _cut(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None, at: slice) -> tuple[float, Array]:
        residual = _residual(W, X, y)
        cut = np.clip(residual, -self.delta, self.delta)
        pull = _shared(cut, s, at)
        residual -= 0.5 * cut
        return float(pull @ residual), pull


def _sum(each: Array, s: Array | None, at: slice) -> float:
    return float(each.sum() if s is None else each @ s[at])


def _shared(each: Array, s: Array | None, at: slice) -> Array:
    return each if s is None else each * s[at]


def _margin(W: Array, X: Matrix, y: NDArray[Any]) -> tuple[Array, Array]:
    side = np.multiply(y, -2.0)
    side += 1.0
    margin = X @ W[:-1]
    margin += W[-1]
    margin *= side
    return margin, side


def _softplus(t: Array) -> Array:
    # log(1 + e^t) = max(t, 0) + log(1 + e^-|t|); np.logaddexp says the same ten times slower.
    result = np.abs(t)
    np.negative(result, out=result)
    np.exp(result, out=result)
    np.log1p(result, out=result)
    result += np.maximum(t, 0.0)
    return result


def _softmax(W: Array, X: Matrix, y: NDArray[Any], s: Array | None, at: slice) -> tuple[float, Array, Array]:
    scores = W[:, :-1] @ X.T
    scores += W[:, -1:]
    scores -= scores.max(axis=0)
    chosen = _sum(scores[y, np.arange(len(y))], s, at)
    np.exp(scores, out=scores)
    sums = scores.sum(axis=0)
    return _sum(np.log(sums), s, at) - chosen, scores, sums


def _residual(W: Array, X: Matrix, y: NDArray[Any]) -> Array:
    residual = X @ W[:-1]
    residual += W[-1]
    residual -= y
    return residual
