"""Linear models as arrays: ``weights`` ``(n,)`` and ``intercept`` ``(1,)``, or ``(K, n)`` and ``(K,)``."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput
from lepton_core.matrix import Matrix, dense
from lepton_core.models.algorithm import Array, Explanation
from lepton_core.models.scores import finite

_LARGE = 1e300
"""From here on, and where terms have overflown on the way, the order of adding may decide whether a score is finite."""


def scores(parameters: Mapping[str, NDArray[Any]], X: Matrix) -> Array:
    """``X w + b`` of ``X`` ``(m, n)``: ``(m,)`` or ``(m, K)``. Raises `InvalidData` naming a row that overflows.

    Whether one does depends on no other row, and on no order in which its terms are added.

    >>> scores({"weights": np.array([2.0]), "intercept": np.array([1.0])}, np.array([[3.0]])).tolist()
    [7.0]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        made: Array = X @ parameters["weights"].T
        made += parameters["intercept"]
        large = ~(np.abs(made) < _LARGE)
    if large.any():
        rows = np.flatnonzero(large.reshape(len(made), -1).any(axis=1))
        made[rows] = _alone(dense(X[rows]), parameters["weights"], parameters["intercept"])
    return finite(made)


def _alone(X: Array, weights: Array, intercept: Array) -> Array:
    """The scores of rows ``X`` ``(r, n)``, each added up by itself, in units in which no term is beyond 1."""
    of_rows = np.frexp(np.abs(X).max(axis=1, initial=0.0))[1]
    sums = []
    for w, b in zip(np.atleast_2d(weights), intercept, strict=True):
        of_output = int(np.frexp(np.abs(w).max(initial=0.0))[1])
        exponent = of_rows + of_output
        with np.errstate(over="ignore", invalid="ignore"):
            terms = np.ldexp(X, -of_rows[:, None]) * np.ldexp(w, -of_output)
            sums.append(np.ldexp(terms.sum(axis=1) + np.ldexp(b, -exponent), exponent))
    return sums[0] if weights.ndim == 1 else np.stack(sums, axis=1)


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
