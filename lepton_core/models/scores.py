"""From scores to what a model answers: none of them beyond all numbers, and as probabilities."""

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.models.algorithm import Array


def finite(scores: Array) -> Array:
    """The ``scores`` themselves, ``(m,)`` or ``(m, K)``. Raises `InvalidData` naming a row if one is not finite.

    >>> finite(np.array([1.0, np.inf]))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 2: the values are too large for the model
    """
    inside = np.isfinite(scores)
    if not inside.all():
        row = int(np.flatnonzero(~inside.reshape(len(scores), -1).all(axis=1))[0])
        raise InvalidData("the values are too large for the model", row=row + 1)
    return scores


def probabilities(scores: Array) -> Array:
    """Log-odds ``(m,)`` of the second of two classes, or ``(m, K)``, as probabilities ``(m, 2)`` or ``(m, K)``.

    >>> probabilities(np.array([0.0, 1000.0])).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    >>> probabilities(np.zeros((1, 4))).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    if scores.ndim == 1:
        small = np.exp(-np.abs(scores))
        sides = np.empty((len(scores), 2))
        sides[:, 0] = np.where(scores > 0.0, small, 1.0)
        sides[:, 1] = np.where(scores > 0.0, 1.0, small)
        sides /= (1.0 + small)[:, None]
        return sides
    result: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    result /= result.sum(axis=1, keepdims=True)
    return result
