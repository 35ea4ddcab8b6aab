"""Weighted quantiles as the edges of bins.

scikit-learn (1.9) sorts a column again for each of its up to 254 edges if rows have weights, which takes minutes where
the boosting itself takes seconds. Numbers of bins instead of values, of which there are no more than it has bins, spare
it that; its thresholds are then turned back into values.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.algorithm import Array

SAMPLE = 200_000
"""Edges are found from at most so many rows, as by scikit-learn."""


def in_bins(
    X: Array, weights: Array, columns: Sequence[int], most: int, seed: int
) -> tuple[Array, dict[int, Array]]:
    """``X`` ``(m, n)`` with the number of its bin instead of each value, and by column the edges ``(k,)``.

    Bin i holds what is above edge i - 1 and not above edge i. Columns other than ``columns``, and those with no more
    than ``most`` different values, are left as they are. ``weights`` is ``(m,)``; NaN stays.

    >>> X, edges = in_bins(np.array([[1.0], [2.0], [5.0], [7.0]]), np.ones(4), [0], most=2, seed=0)
    >>> X.ravel().tolist(), edges[0].tolist()
    ([0.0, 0.0, 1.0, 1.0], [3.5])
    """
    sample: NDArray[np.intp] | slice = slice(None)
    if len(X) > SAMPLE:
        chance = weights / weights.sum()
        sample = np.random.default_rng([seed, 1]).choice(len(X), SAMPLE, p=chance)
        weights = np.ones(len(X))
    found, result = {}, X.copy()
    for column in columns:
        edges = quantiles(X[sample, column], weights[sample], most)
        if edges is not None:
            there = ~np.isnan(X[:, column])
            result[there, column] = np.searchsorted(edges, X[there, column])
            found[column] = edges
    return result, found


def quantiles(values: Array, weights: Array, most: int) -> Array | None:
    """At most ``most`` - 1 edges ``(k,)`` between ``values`` ``(m,)`` that part their ``weights`` ``(m,)`` evenly.

    None if there are no more than ``most`` different values; NaN does not count. Averaged where an edge lies exactly
    between two values, as "averaged_inverted_cdf" of numpy.

    >>> quantiles(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), most=2).tolist()
    [2.5]
    """
    there = ~np.isnan(values)
    order = np.argsort(values[there])
    values, weights = values[there][order], weights[there][order]
    if np.count_nonzero(np.diff(values)) < most:
        return None
    reached = np.cumsum(weights)
    ranks = np.linspace(0, 100, most + 1)[1:-1] / 100 * reached[-1]
    at = np.minimum(np.searchsorted(reached, ranks), len(values) - 1)
    following = np.minimum(at + 1, len(values) - 1)
    between = reached[at] - ranks <= np.finfo(np.float64).eps
    middle = 0.5 * values[at] + 0.5 * values[following]
    return np.unique(np.where(between, middle, values[at]))


def value_thresholds(threshold: Array, feature: NDArray[np.int64], edges: dict[int, Array]) -> Array:
    """``threshold`` ``(p,)``, where it is of the bins of its ``feature`` ``(p,)``, as the edge that parts those rows.

    >>> value_thresholds(np.array([0.5, 0.5]), np.array([0, 1]), {0: np.array([3.5])}).tolist()
    [3.5, 0.5]
    """
    result = threshold.copy()
    for column, values in edges.items():
        own = (feature == column) & np.isfinite(threshold)
        result[own] = values[np.floor(threshold[own]).astype(np.intp)]
    return result
