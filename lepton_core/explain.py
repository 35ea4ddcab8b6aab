"""Why a prediction is what it is: what the matrix's columns add to it, gathered by the columns of the table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.matrix import dense
from lepton_core.models import Explanation, Inputs, Problem

BACKGROUND_ROWS = 100
"""Most training rows that stand for a feature that is absent."""

MAX_BACKGROUND_NUMBERS = 2**20
"""Most numbers that the background may have: eight megabytes."""

MOST_KEPT_FOR_A_MEAN = 2**14
"""Up to so many numbers the rows themselves are kept where their mean would do: 131 kilobytes, as there always were."""

MAX_EXPLANATION_STEPS = 2 * 10**8
"""Most steps of one explanation, see `explanation_steps`; some seconds."""

_SAMPLING = 7919
"""Sets this use of the seed apart from every other one."""


def background(
    problem: Problem, parameters: Mapping[str, NDArray[Any]], *, mean: bool = False
) -> NDArray[np.float64]:
    """At most `BACKGROUND_ROWS` rows of the problem's ``X`` (m, n), drawn by its seed: float64 (b, n), in their order.

    Rows of weight 0 are not drawn. There are fewer for a model so large that ten rows would not be explained in
    `MAX_EXPLANATION_STEPS`. With ``mean`` their mean stands for many numbers, (1, n), unless it is beyond float64, or
    a column holds codes, of which there is none.

    >>> problem = Problem(np.arange(1000.0)[:, None], np.zeros(1000), n_classes=0, seed=3)
    >>> background(problem, {"weights": np.zeros(1)}).shape
    (100, 1)
    """
    rows = np.arange(len(problem.X)) if problem.weights is None else np.flatnonzero(problem.weights)
    most = min(
        BACKGROUND_ROWS,
        MAX_BACKGROUND_NUMBERS // max(1, problem.X.shape[1]),
        MAX_EXPLANATION_STEPS // (10 * explanation_steps(1, 1, parameters)),
    )
    if len(rows) > max(1, most):
        drawn = np.random.default_rng([problem.seed, _SAMPLING]).choice(
            len(rows), max(1, most), replace=False
        )
        rows = rows[np.sort(drawn)]
    found = dense(problem.X[rows])
    if not mean or found.size <= MOST_KEPT_FOR_A_MEAN or any(problem.levels):
        return found
    with np.errstate(over="ignore", invalid="ignore"):
        middle: NDArray[np.float64] = found.mean(axis=0, keepdims=True)
    return middle if np.isfinite(middle).all() else found


def explanation_steps(rows: int, background_rows: int, parameters: Mapping[str, NDArray[Any]]) -> int:
    """About how many steps it takes to explain so many rows: rows x background x the size of the largest array.

    The arrays are the parameters of the model, as ``(n,)`` weights and ``(1,)`` intercept.

    >>> explanation_steps(10, 100, {"weights": np.zeros(30), "intercept": np.zeros(1)})
    30000
    """
    return rows * background_rows * max([1, *(array.size for array in parameters.values())])


def check_background(array: NDArray[Any], levels: Sequence[int], n_features: int, inputs: Inputs) -> None:
    """Raises `InvalidArtifact` if ``array`` cannot be a background: float64 (b, n) of what the algorithm takes.

    ``levels`` are those of the n columns of the matrix, see `Problem`; empty: none is one of codes.

    >>> check_background(np.array([[np.nan]]), (), 1, Inputs())
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: the background rows hold a value that is not finite
    """
    if array.dtype != np.float64 or array.ndim != 2 or array.shape[1] != n_features:
        raise InvalidArtifact(
            f"the background must be float64 of shape (b, {n_features}), not {array.dtype} of {array.shape}",
            field="background",
        )
    if not 1 <= len(array) <= BACKGROUND_ROWS:
        raise InvalidArtifact(
            f"the background has {len(array)} rows, not 1 to {BACKGROUND_ROWS}", field="background"
        )
    counts = np.array(levels or [0] * n_features)
    gone = np.isnan(array) & (inputs.missing | (inputs.categories & (counts > 0)))
    if not (np.isfinite(array) | gone).all():
        raise InvalidArtifact("the background rows hold a value that is not finite", field="background")
    codes = array[:, counts > 0]
    is_code = (codes >= 0) & (codes < counts[counts > 0]) & (codes == np.floor(codes))
    if not (is_code | np.isnan(codes)).all():
        raise InvalidArtifact("the background rows hold a code beyond the levels", field="background")


def by_column(found: Explanation, sources: Sequence[str], columns: Sequence[str]) -> Explanation:
    """Contributions (m, p, K') of the matrix's p columns summed by their ``sources``: (m, C, K') of C ``columns``.

    Rows sum to the same outputs. A column that the matrix has nothing of adds 0.

    >>> found = Explanation(np.array([0.5]), np.array([[[1.0], [2.0], [4.0]]]), "value")
    >>> by_column(found, ["size", "size", "age"], ["age", "size", "id"]).contributions[0, :, 0].tolist()
    [4.0, 3.0, 0.0]
    """
    rows, _, outputs = found.contributions.shape
    place = {name: at for at, name in enumerate(columns)}
    summed = np.zeros((rows, len(columns), outputs))
    for j, source in enumerate(sources):
        summed[:, place[source]] += found.contributions[:, j]
    return Explanation(found.base, summed, found.unit)
