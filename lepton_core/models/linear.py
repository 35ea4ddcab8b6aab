"""Linear models as arrays: ``weights`` ``(n,)`` and ``intercept`` ``(1,)``, or ``(K, n)`` and ``(K,)``."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput
from lepton_core.matrix import Matrix
from lepton_core.models.algorithm import Array, Explanation
from lepton_core.models.scores import finite


def scores(parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
    """``X w + b`` of ``X`` ``(m, n)``: ``(m,)`` or ``(m, K)``. Raises `InvalidData` naming a row that overflows.

    >>> scores({"weights": np.array([2.0]), "intercept": np.array([1.0])}, np.array([[3.0]])).tolist()
    [7.0]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        made: Array = X @ parameters["weights"].T
        made += parameters["intercept"]
    return finite(made)


def explain(parameters: Mapping[str, NDArray[Any]], X: Array, background: Array, unit: str) -> Explanation:
    """The scores of ``X`` ``(m, n)`` against ``background`` ``(b, n)``: Shapley values ``w_j (x_j - mean_j)``.

    >>> line = {"weights": np.array([2.0]), "intercept": np.array([1.0])}
    >>> found = explain(line, np.array([[3.0]]), np.array([[0.0], [2.0]]), "value")
    >>> found.base.tolist(), found.contributions.tolist()
    ([3.0], [[[4.0]]])
    """
    weights = np.atleast_2d(parameters["weights"])
    center = background.mean(axis=0)
    contributions = (X - center)[:, :, None] * weights.T
    return Explanation(weights @ center + parameters["intercept"], contributions, unit)


def check_warm(warm: Mapping[str, NDArray[Any]], wanted: Mapping[str, tuple[int, ...]]) -> None:
    """Raises `InvalidInput` (field 'warm_start') unless ``warm`` has finite arrays of these shapes, as ``(n,)``.

    >>> check_warm({"weights": np.zeros(3)}, {"weights": (2,)})
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: cannot go on from the earlier version: weights must be finite, of shape (2,), ...
    """
    for name, of in wanted.items():
        array = warm.get(name)
        if array is None or array.shape != of or not np.isfinite(array).all():
            found = "none" if array is None else f"those of shape {array.shape}"
            raise InvalidInput(
                f"cannot go on from the earlier version: {name} must be finite, of shape {of}, not {found}; "
                "train without a warm start",
                field="warm_start",
            )
