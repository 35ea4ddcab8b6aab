"""Losses: means over rows, each with its exact gradient.

One layout everywhere: the last weight is the intercept. For ``n`` features the weights are ``(n + 1,)``, or
``(K, n + 1)`` for K classes, and ``X`` is ``(m, n)`` without a column of ones. A pass goes over the rows in
chunks that stay in the cache between ``X w`` and its transpose, so that ``X`` is read from memory once, not
twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A second-level cache: smaller chunks pay for Python, larger ones read memory twice.
_CHUNK_BYTES = 1 << 20
_CHUNK_ROWS = 32


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

    def value(self, W: Array, X: Array, y: NDArray[Any]) -> float:
        """The mean loss over the rows of ``X``."""
        ...

    def value_and_gradient(self, W: Array, X: Array, y: NDArray[Any]) -> tuple[float, Array]:
        """The mean loss, and a new array of its derivatives, shaped like ``W``."""
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
        """``(n + 1,)``."""
        return (n_features + 1,)

    def value(self, W: Array, X: Array, y: NDArray[Any]) -> float:
        """The mean loss."""
        return sum(float(_softplus(_margin(W, X[at], y[at])[0]).sum()) for at in _chunks(X)) / len(X)

    def value_and_gradient(self, W: Array, X: Array, y: NDArray[Any]) -> tuple[float, Array]:
        """The mean loss and its gradient ``(n + 1,)``."""
        total, gradient = 0.0, np.zeros_like(W)
        for at in _chunks(X):
            rows = X[at]
            margin, side = _margin(W, rows, y[at])
            each = _softplus(margin)
            total += float(each.sum())
            margin -= each
            residual = np.exp(margin, out=margin)  # s(t) = e^(t - log(1 + e^t))
            residual *= side
            gradient[:-1] += residual @ rows
            gradient[-1] += residual.sum()
        gradient /= len(X)
        return total / len(X), gradient


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
        """``(K, n + 1)``."""
        return (self.classes, n_features + 1)

    def value(self, W: Array, X: Array, y: NDArray[Any]) -> float:
        """The mean loss."""
        return sum(_softmax(W, X[at], y[at])[0] for at in _chunks(X)) / len(X)

    def value_and_gradient(self, W: Array, X: Array, y: NDArray[Any]) -> tuple[float, Array]:
        """The mean loss and its gradient ``(K, n + 1)``."""
        total, gradient = 0.0, np.zeros_like(W)
        for at in _chunks(X):
            rows, truth = X[at], y[at]
            part, scores, sums = _softmax(W, rows, truth)
            total += part
            scores /= sums
            scores[truth, np.arange(len(truth))] -= 1.0
            gradient[:, :-1] += scores @ rows
            gradient[:, -1] += scores.sum(axis=1)
        gradient /= len(X)
        return total / len(X), gradient


@dataclass(frozen=True)
class Squared:
    """Regression: ``L(w) = 1/(2m) sum (X w + b - y)^2``; gradient ``1/m sum (X w + b - y) [x 1]``.

    ``y`` is ``(m,)`` float64; weights ``(n + 1,)``.

    >>> Squared().value(np.array([2.0, 1.0]), np.array([[1.0], [2.0]]), np.array([3.0, 4.0]))
    0.25
    """

    curvature = 1.0

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(n + 1,)``."""
        return (n_features + 1,)

    def value(self, W: Array, X: Array, y: NDArray[Any]) -> float:
        """The mean loss."""
        residuals = (_residual(W, X[at], y[at]) for at in _chunks(X))
        return sum(float(residual @ residual) for residual in residuals) / (2 * len(X))

    def value_and_gradient(self, W: Array, X: Array, y: NDArray[Any]) -> tuple[float, Array]:
        """The mean loss and its gradient ``(n + 1,)``."""
        total, gradient = 0.0, np.zeros_like(W)
        for at in _chunks(X):
            rows = X[at]
            residual = _residual(W, rows, y[at])
            total += float(residual @ residual)
            gradient[:-1] += residual @ rows
            gradient[-1] += residual.sum()
        gradient /= len(X)
        return total / (2 * len(X)), gradient


def _chunks(X: Array) -> Iterator[slice]:
    rows = max(_CHUNK_ROWS, _CHUNK_BYTES // (8 * max(1, X.shape[1])))
    return (slice(first, first + rows) for first in range(0, len(X), rows))


def _margin(W: Array, X: Array, y: NDArray[Any]) -> tuple[Array, Array]:
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


def _softmax(W: Array, X: Array, y: NDArray[Any]) -> tuple[float, Array, Array]:
    scores = W[:, :-1] @ X.T
    scores += W[:, -1:]
    scores -= scores.max(axis=0)
    chosen = float(scores[y, np.arange(len(y))].sum())
    np.exp(scores, out=scores)
    sums = scores.sum(axis=0)
    return float(np.log(sums).sum()) - chosen, scores, sums


def _residual(W: Array, X: Array, y: NDArray[Any]) -> Array:
    residual = X @ W[:-1]
    residual += W[-1]
    residual -= y
    return residual
