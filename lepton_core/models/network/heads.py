"""The last step of a network: from scores to each row's loss and its derivative in the scores."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Head = Callable[[Array, Array], tuple[Array, Array]]
"""Of scores ``(1, m)`` or ``(K, m)``, which it may overwrite, and targets ``(m,)``: losses ``(m,)`` and residuals,
shaped like the scores: the derivative of each row's loss in its own scores."""


def squared(scores: Array, y: Array) -> tuple[Array, Array]:
    """``(z - y)^2 / 2`` of scores ``(1, m)`` and values ``(m,)``: losses ``(m,)``, residuals ``(1, m)``.

    >>> each, residual = squared(np.array([[3.0]]), np.array([1.0]))
    >>> each.tolist(), residual.tolist()
    ([2.0], [[2.0]])
    """
    scores -= y
    each = scores[0] * scores[0]
    each *= 0.5
    return each, scores


def logistic(scores: Array, y: Array) -> tuple[Array, Array]:
    """``log(1 + e^t)``, ``t = (1 - 2y) z``, of scores ``(1, m)`` of class 1 and ``y`` ``(m,)``, floats 0 or 1.

    Losses ``(m,)``, residuals ``(1, m)``. As in `lepton_core.descent.Logistic` nothing overflows, and small residuals
    are accurate.

    >>> each, residual = logistic(np.array([[0.0, -800.0]]), np.array([1.0, 1.0]))
    >>> each.round(3).tolist(), residual.tolist()
    ([0.693, 800.0], [[-0.5, -1.0]])
    """
    side = y * -2.0
    side += 1.0
    margin = scores[0]
    margin *= side
    each = np.abs(margin)
    np.negative(each, out=each)
    np.exp(each, out=each)
    np.log1p(each, out=each)
    each += np.maximum(margin, 0.0)
    margin -= each
    np.exp(margin, out=margin)
    margin *= side
    return each, scores


def softmax(scores: Array, y: Array) -> tuple[Array, Array]:
    """``log sum_k e^(z_k) - z_y`` of scores ``(K, m)`` and class indices ``(m,)``.

    Losses ``(m,)``, residuals ``(K, m)``.

    >>> each, residual = softmax(np.zeros((2, 1)), np.array([0]))
    >>> each.round(3).tolist(), residual.tolist()
    ([0.693], [[-0.5], [0.5]])
    """
    scores -= scores.max(axis=0)
    truth = (y, np.arange(len(y)))
    chosen = scores[truth]
    np.exp(scores, out=scores)
    sums = scores.sum(axis=0)
    scores /= sums
    scores[truth] -= 1.0
    each = np.log(sums, out=sums)
    each -= chosen
    return each, scores


def head(n_classes: int) -> Head:
    """The head for so many classes; 0 for values: scores ``(1, m)``, or ``(K, m)`` of K > 2 classes.

    >>> head(3).__name__
    'softmax'
    """
    return {0: squared, 2: logistic}.get(n_classes, softmax)
