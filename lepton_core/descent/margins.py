"""The losses of support vector machines: zero for rows on the right side of a margin, then rising.

Layout and shares are those of `lepton_core.descent.losses`. For K > 2 classes each class has a score of its own,
trained against all others, and the loss is the sum over the classes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Array, Matrix, row_chunks

_Bend = Callable[[Array, NDArray[Any]], tuple[Array, Array]]


@dataclass(frozen=True)
class SquaredHinge:
    """``L(w) = 1/m sum max(0, 1 - t z)^2`` with ``t`` +1 for the class and -1 for others, ``z = X w + b``.

    ``y`` is ``(m,)``: 0 or 1 for two classes with weights ``(n + 1,)``, else class indices with weights
    ``(K, n + 1)``. Gradient: ``-2/m sum t max(0, 1 - t z) [x 1]``; it is continuous.

    >>> X, y = np.array([[1.0], [-1.0]]), np.array([1, 0])
    >>> value, gradient = SquaredHinge().value_and_gradient(np.zeros(2), X, y)
    >>> value, gradient.tolist()
    (1.0, [-2.0, 0.0])
    """

    classes: int = 2
    curvature = 2.0

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(n + 1,)`` for n features, ``(K, n + 1)`` for K > 2 classes."""
        return (self.classes, n_features + 1) if self.classes > 2 else (n_features + 1,)

    def at(self, iteration: int, batch: int) -> "SquaredHinge":
        """Itself: nothing in it is random."""
        return self

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The mean loss at ``W`` of `shape`, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return _value(_squared_hinge, W, X, y, s)

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """That loss and its gradient, shaped like ``W``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return _value_and_gradient(_squared_hinge, W, X, y, s)


@dataclass(frozen=True)
class Hinge:
    """``L(w) = 1/m sum max(0, 1 - t z)`` with ``t`` +1 for the class and -1 for others, ``z = X w + b``.

    ``y`` and weights as for `SquaredHinge`. At its corners it has no gradient, and what is called so is one of
    its subgradients, ``-1/m sum t [t z < 1] [x 1]``; ``curvature`` 1 only sets the scale of a chosen rate.

    >>> X, y = np.array([[1.0], [-1.0]]), np.array([1, 0])
    >>> value, gradient = Hinge().value_and_gradient(np.zeros(2), X, y)
    >>> value, gradient.tolist()
    (1.0, [-1.0, 0.0])
    """

    classes: int = 2
    curvature = 1.0

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(n + 1,)`` for n features, ``(K, n + 1)`` for K > 2 classes."""
        return (self.classes, n_features + 1) if self.classes > 2 else (n_features + 1,)

    def at(self, iteration: int, batch: int) -> "Hinge":
        """Itself: nothing in it is random."""
        return self

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The mean loss at ``W`` of `shape`, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return _value(_hinge, W, X, y, s)

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """That loss and a subgradient, shaped like ``W``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return _value_and_gradient(_hinge, W, X, y, s)


@dataclass(frozen=True)
class EpsilonInsensitive:
    """Regression: ``L(w) = 1/m sum max(0, |z - y| - epsilon)``, ``z = X w + b``.

    ``y`` is ``(m,)``, weights are ``(n + 1,)``. Its subgradient is
    ``1/m sum sign(z - y) [|z - y| > epsilon] [x 1]``; ``curvature`` is as for `Hinge`.

    >>> EpsilonInsensitive(0.5).value(np.array([2.0, 1.0]), np.array([[1.0], [2.0]]), np.array([3.0, 4.0]))
    0.25
    """

    epsilon: float
    curvature = 1.0

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(n + 1,)`` for n features."""
        return (n_features + 1,)

    def at(self, iteration: int, batch: int) -> "EpsilonInsensitive":
        """Itself: nothing in it is random."""
        return self

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The mean loss at ``W`` ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return _value(self._bend, W, X, y, s)

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """That loss and a subgradient, ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return _value_and_gradient(self._bend, W, X, y, s)

    def _bend(self, scores: Array, y: NDArray[Any]) -> tuple[Array, Array]:
        apart = scores - y
        over = np.maximum(np.abs(apart) - self.epsilon, 0.0)
        return over, np.sign(apart) * (over > 0.0)


@dataclass(frozen=True)
class SquaredEpsilonInsensitive:
    """Regression: ``L(w) = 1/m sum max(0, |z - y| - epsilon)^2``, ``z = X w + b``.

    ``y`` is ``(m,)``, weights are ``(n + 1,)``. Gradient: ``2/m sum sign(z - y) max(0, |z - y| - epsilon) [x 1]``;
    it is continuous.

    >>> SquaredEpsilonInsensitive(0.0).value(np.array([2.0, 1.0]), np.array([[1.0], [2.0]]), np.array([3.0, 4.0]))
    0.5
    """

    epsilon: float
    curvature = 2.0

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(n + 1,)`` for n features."""
        return (n_features + 1,)

    def at(self, iteration: int, batch: int) -> "SquaredEpsilonInsensitive":
        """Itself: nothing in it is random."""
        return self

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The mean loss at ``W`` ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return _value(self._bend, W, X, y, s)

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """That loss and its gradient, ``(n + 1,)``, of ``X`` ``(m, n)``, ``y`` and ``s`` ``(m,)``."""
        return _value_and_gradient(self._bend, W, X, y, s)

    def _bend(self, scores: Array, y: NDArray[Any]) -> tuple[Array, Array]:
        apart = scores - y
        over = np.maximum(np.abs(apart) - self.epsilon, 0.0)
        return np.square(over), 2.0 * np.sign(apart) * over


def _squared_hinge(scores: Array, y: NDArray[Any]) -> tuple[Array, Array]:
    side = _side(scores, y)
    over = np.maximum(1.0 - side * scores, 0.0)
    return np.square(over), -2.0 * side * over


def _hinge(scores: Array, y: NDArray[Any]) -> tuple[Array, Array]:
    side = _side(scores, y)
    over = np.maximum(1.0 - side * scores, 0.0)
    return over, -side * (over > 0.0)


def _side(scores: Array, y: NDArray[Any]) -> Array:
    if scores.ndim == 1:
        return np.asarray(2.0 * y - 1.0)
    return np.where(np.arange(len(scores))[:, None] == y, 1.0, -1.0)


def _scores(W: Array, X: Matrix) -> Array:
    # (rows,), or (classes, rows): sums over rows of K numbers are slow.
    return np.asarray(W[..., :-1] @ X.T + W[..., -1:])


def _value(bend: _Bend, W: Array, X: Matrix, y: NDArray[Any], s: Array | None) -> float:
    total = 0.0
    for at in row_chunks(X):
        each, _ = bend(_scores(W, X[at]), y[at])
        total += float(each.sum() if s is None else (each @ s[at]).sum())
    return total / len(X)


def _value_and_gradient(
    bend: _Bend, W: Array, X: Matrix, y: NDArray[Any], s: Array | None
) -> tuple[float, Array]:
    total, gradient = 0.0, np.zeros_like(W)
    for at in row_chunks(X):
        rows = X[at]
        each, pull = bend(_scores(W, rows), y[at])
        if s is not None:
            each *= s[at]
            pull = pull * s[at]
        total += float(each.sum())
        gradient[..., :-1] += pull @ rows
        gradient[..., -1] += pull.sum(axis=-1)
    gradient /= len(X)
    return total / len(X), gradient
