"""From scores to what a model answers: none of them beyond all numbers, and as probabilities."""

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, RowFault
from lepton_core.models.algorithm import Array

_TOO_LARGE = RowFault("the values are too large for the model")


def demand_small(small: NDArray[np.bool_]) -> None:
    """Raise `InvalidData` naming all rows, of ``small`` ``(m,)``, that are too large for the model.

    >>> demand_small(np.array([True, False]))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 2: the values are too large for the model
    """
    if not small.all():
        raise InvalidData.in_rows(dict.fromkeys((np.flatnonzero(~small) + 1).tolist(), _TOO_LARGE))


def finite(scores: Array) -> Array:
    """The ``scores`` themselves, ``(m,)`` or ``(m, K)``. Raises `InvalidData` naming the rows that are not finite.

    >>> finite(np.array([1.0, np.inf]))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 2: the values are too large for the model
    """
    inside = np.isfinite(scores)
    if not inside.all():
        demand_small(np.asarray(inside.reshape(len(scores), -1).all(axis=1)))
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
