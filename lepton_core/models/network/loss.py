"""The loss of a multi-layer perceptron, with its gradient by backpropagation."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Matrix, dense
from lepton_core.models.network.activations import ACTIVATIONS
from lepton_core.models.network.heads import head
from lepton_core.models.network.layers import layers_of, size, unflatten

Array = NDArray[np.float64]
Views = list[tuple[NDArray[Any], NDArray[Any]]]

# Rows that go through all layers together: enough for fast products, few enough to stay in the cache.
_CHUNK_NUMBERS = 1 << 16
_CHUNK_ROWS = 256
_DRAW = 2  # no other draws from the same seed end with this number


@dataclass(frozen=True)
class NetworkLoss:
    """``1/m sum_i s_i loss(z(x_i), y_i)``, where ``z`` is the score of a network of layers.

    ``a_0 = x``, ``a_j = f(a_(j-1) W_j + b_j)`` for each hidden layer with ``f`` the ``activation``, and ``z = a_k W +
    b``: one score and half the squared error for values (``n_classes`` 0), one and the logistic loss for two classes,
    K and softmax for K. Weights are one vector, see `lepton_core.models.network.layers`.

    ``dropout`` is the probability that `value_and_gradient` leaves a hidden unit of a row out; those left count
    ``1/(1 - dropout)`` times, so that `value`, which leaves out none, needs no correction. What is left out is drawn
    from ``(seed, iteration, batch)``: `at` gives the loss for one of these.

    It computes in the type of ``X``: float64, or float32 for half the time and 7 digits. Rows go through all
    layers in chunks, so that no array is as long as the data.

    >>> loss = NetworkLoss(hidden=(1,), n_classes=0)
    >>> value, gradient = loss.value_and_gradient(np.array([2.0, 0.0, 1.0, 0.0]), np.ones((1, 1)), np.array([5.0]))
    >>> value, gradient.tolist()
    (4.5, [-3.0, -3.0, -6.0, -3.0])
    """

    hidden: tuple[int, ...]
    n_classes: int
    activation: str = "relu"
    dropout: float = 0.0
    seed: int = 0
    iteration: int = 0
    batch: int = 0
    curvature = inf  # not convex: nothing bounds how fast the gradient changes

    def shape(self, n_features: int) -> tuple[int, ...]:
        """``(p,)`` of all weights of all layers."""
        return (size(self._layers(n_features)),)

    def at(self, iteration: int, batch: int) -> "NetworkLoss":
        """The loss with what dropout draws for this batch of this iteration."""
        return replace(self, iteration=iteration, batch=batch) if self.dropout else self

    def value(self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None) -> float:
        """The loss without dropout at ``W`` ``(p,)``, of ``X`` ``(m, n)``, ``y`` and shares ``s`` ``(m,)``."""
        views, total = self._views(W, X), 0.0
        for at in _chunks(X, self.hidden):
            A = dense(X[at])
            for matrix, bias in views[:-1]:
                A = ACTIVATIONS[self.activation].apply(_scores(A, matrix, bias))
            each, _ = head(self.n_classes)(_last(A, *views[-1]), y[at])
            total += _sum(each, s, at)
        return total / len(X)

    def value_and_gradient(
        self, W: Array, X: Matrix, y: NDArray[Any], s: Array | None = None
    ) -> tuple[float, Array]:
        """The loss with dropout, and its gradient ``(p,)``; the arguments are those of `value`."""
        views, total = self._views(W, X), 0.0
        rng = np.random.default_rng([self.seed, self.iteration, self.batch, _DRAW]) if self.dropout else None
        gradient = part = np.empty_like(W, dtype=X.dtype)
        for at in _chunks(X, self.hidden):
            if at.start:
                part = np.empty_like(gradient)
            inputs, slopes = self._forward(views, dense(X[at]), rng)
            each, residual = head(self.n_classes)(_last(inputs[-1], *views[-1]), y[at])
            total += _sum(each, s, at)
            residual *= 1.0 / len(X) if s is None else s[at] / len(X)
            _backward(views, inputs, slopes, residual, self._views(part, X))
            if at.start:
                gradient += part
        return total / len(X), gradient.astype(np.float64, copy=False)

    def _layers(self, n_features: int) -> tuple[int, ...]:
        return layers_of(n_features, self.hidden, self.n_classes)

    def _views(self, W: NDArray[Any], X: Matrix) -> Views:
        return unflatten(W.astype(X.dtype, copy=False), self._layers(X.shape[1]))

    def _forward(
        self, views: Views, A: NDArray[Any], rng: np.random.Generator | None
    ) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
        """The inputs of each layer, and the derivative of each hidden unit in its score."""
        inputs, slopes = [A], []
        for matrix, bias in views[:-1]:
            A, slope = ACTIVATIONS[self.activation].with_slope(_scores(A, matrix, bias))
            if rng is not None:
                kept = rng.random(A.shape, dtype=np.float32) >= self.dropout
                kept = kept * A.dtype.type(1.0 / (1.0 - self.dropout))
                A *= kept
                slope = np.multiply(slope, kept, out=kept)
            inputs.append(A)
            slopes.append(slope)
        return inputs, slopes


def _backward(
    views: Views,
    inputs: list[NDArray[Any]],
    slopes: list[NDArray[Any]],
    residual: NDArray[Any],
    into: Views,
) -> None:
    """The gradient, written ``into`` views of it, from the residuals ``(outputs, m)`` of the last layer."""
    delta, ones = residual.T, np.ones(residual.shape[1], residual.dtype)
    for layer in range(len(views) - 1, -1, -1):
        np.dot(inputs[layer].T, delta, out=into[layer][0])
        np.dot(ones, delta, out=into[layer][1])
        if layer:
            matrix = views[layer][0]
            # Products with an inner dimension of 1 are slower as matrix products.
            delta = delta * matrix[:, 0] if matrix.shape[1] == 1 else np.dot(delta, matrix.T)
            delta *= slopes[layer - 1]


def _scores(A: NDArray[Any], matrix: NDArray[Any], bias: NDArray[Any]) -> NDArray[Any]:
    scores: NDArray[Any] = np.dot(A, matrix)
    scores += bias
    return scores


def _last(A: NDArray[Any], matrix: NDArray[Any], bias: NDArray[Any]) -> NDArray[Any]:
    # As (outputs, rows), because reducing along rows of a few numbers is slow.
    scores: NDArray[Any] = np.dot(matrix.T, A.T)
    scores += bias[:, None]
    return scores


def _sum(each: NDArray[Any], s: Array | None, at: slice) -> float:
    return float(each.sum(dtype=np.float64) if s is None else np.dot(each, s[at]))


def _chunks(X: Matrix, hidden: tuple[int, ...]) -> Iterator[slice]:
    rows = max(_CHUNK_ROWS, _CHUNK_NUMBERS // max(1, X.shape[1], *hidden))
    return (slice(first, first + rows) for first in range(0, len(X), rows))
