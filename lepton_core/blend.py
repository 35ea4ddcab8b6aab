"""Predictions of several models as one: the weighted mean where they are linear, so that contributions still add."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_PROBABILITY = float(np.finfo(np.float64).eps)
"""The least probability: no model is so sure that the others have no say."""


def linked(output: Floats) -> Floats:
    """Class probabilities (m, K) as log-probabilities, none below that of `LEAST_PROBABILITY`; values (m,) as they are.

    >>> linked(np.array([[1.0, 0.0]])).round(2).tolist()
    [[0.0, -36.04]]
    """
    return output if output.ndim == 1 else np.log(np.maximum(output, LEAST_PROBABILITY))


def unlinked(mean: Floats) -> Floats:
    """The outputs of a weighted mean of `linked` ones: probabilities (m, K) that sum to 1, or values (m,).

    >>> unlinked(np.log(np.array([[0.2, 0.2]]))).tolist()
    [[0.5, 0.5]]
    """
    if mean.ndim == 1:
        return mean
    raised: Floats = np.exp(mean - mean.max(axis=1, keepdims=True))
    raised /= raised.sum(axis=1, keepdims=True)
    return raised


def blended(outputs: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """The ``outputs`` of several models, each (m, K) or (m,), as one, with ``weights`` that sum to 1.

    Probabilities are p_k ~ prod_j p_jk^w_j: their log-odds are the weighted mean of the log-odds, as Hinton's product
    of experts has it. Values are the weighted mean.

    >>> blended([np.array([1.0]), np.array([3.0])], [0.75, 0.25]).tolist()
    [1.5]
    >>> blended([np.array([[0.9, 0.1]]), np.array([[0.1, 0.9]])], [0.5, 0.5]).tolist()
    [[0.5, 0.5]]
    """
    mean = np.zeros_like(outputs[0])
    for output, weight in zip(outputs, weights, strict=True):
        mean += weight * linked(output)
    return unlinked(mean)
