"""Scores of a support vector machine with a kernel from its arrays, in rows at a time, so that memory is bounded."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.losses import Array
from lepton_core.matrix import Matrix, dense
from lepton_core.models.kernel.arrays import outputs
from lepton_core.models.scores import demand_small

_NUMBERS = 1 << 20
_LARGEST = 1e300  # some room for the sums of many


def kernel_scores(parameters: Mapping[str, NDArray[Any]], X: Matrix, n_classes: int) -> Array:
    """Of ``X`` ``(m, n)`` and arrays of the shapes of `lepton_core.models.kernel.arrays`: ``(m, K')``.

    For K > 2 classes: the votes a class gets from its pairs, and in between, smaller than half a vote, what
    the pairs' scores for it come to, ``t / (3 (|t| + 1))``. These are scikit-learn's decision functions.
    Raises `InvalidData` naming the rows that are too large for the model.

    >>> from lepton_core.models.kernel.arrays import constant, form
    >>> kernel_scores(constant(2, 0, 0.5) | {"form": form("rbf", 1.0, 0.0, 3)}, np.zeros((1, 2)), 0).tolist()
    [[0.5]]
    """
    result = np.empty((len(X), outputs(n_classes)))
    for place, each in pair_scores(parameters, X, n_classes):
        result[place] = _votes(each, n_classes) if n_classes > 2 else each
    return result


def pair_scores(
    parameters: Mapping[str, NDArray[Any]], X: Matrix, n_classes: int
) -> Iterator[tuple[slice, Array]]:
    """Of some rows of ``X`` ``(m, n)`` at a time: where they lie, and the score of each pair, ``(c, K (K - 1) / 2)``.

    Raises `InvalidData` naming the rows that are too large for the model, once it has seen all.
    """
    support = np.asarray(parameters["support"])
    step = max(1, _NUMBERS // max(1, *support.shape, len(parameters["intercept"])))
    small = np.ones(len(X), dtype=bool)
    for first in range(0, len(X), step):
        rows = dense(X[first : first + step])
        with np.errstate(over="ignore", invalid="ignore"):
            each = _pairs(parameters, _alike(parameters["form"], rows, support), n_classes)
        fits = small[first : first + len(rows)] = (np.abs(each) <= _LARGEST).all(axis=1)
        each[~fits] = 0.0
        yield slice(first, first + len(rows)), each
    demand_small(small)


def _alike(form: Array, rows: Array, support: Array) -> Array:
    poly, gamma, coef0, degree = form.tolist()
    if poly:
        return np.asarray((gamma * (rows @ support.T) + coef0) ** int(degree))
    if not len(support):
        return np.zeros((len(rows), 0))
    center = support.mean(axis=0)  # distances stay; what |x|^2 + |z|^2 - 2 x.z rounds off becomes small
    rows, support = rows - center, support - center
    apart = np.asarray(-2.0 * (rows @ support.T))
    apart += np.einsum("ij,ij->i", rows, rows)[:, None]
    apart += np.einsum("ij,ij->i", support, support)
    np.maximum(apart, 0.0, out=apart)
    apart *= -gamma
    return np.asarray(np.exp(apart, out=apart))


def _pairs(parameters: Mapping[str, NDArray[Any]], alike: Array, n_classes: int) -> Array:
    coefficients, intercept = parameters["coefficients"], parameters["intercept"]
    if n_classes <= 2:
        return np.asarray(alike @ coefficients.T + intercept)
    ends = np.cumsum(parameters["counts"]).tolist()
    rows = [slice(end - count, end) for end, count in zip(ends, parameters["counts"].tolist(), strict=True)]
    # What the support vectors of each class add to each of its pairs: (m, K - 1) a class.
    parts = [alike[:, at] @ coefficients[:, at].T for at in rows]
    each, place = np.empty((len(alike), len(intercept))), 0
    for i in range(n_classes):
        for j in range(i + 1, n_classes):
            each[:, place] = parts[i][:, j - 1] + parts[j][:, i] + intercept[place]
            place += 1
    return each


def _votes(each: Array, n_classes: int) -> Array:
    votes, total = np.zeros((len(each), n_classes)), np.zeros((len(each), n_classes))
    place = 0
    for i in range(n_classes):
        for j in range(i + 1, n_classes):
            score = each[:, place]
            votes[:, i] += score >= 0.0
            votes[:, j] += score < 0.0
            total[:, i] += score
            total[:, j] -= score
            place += 1
    return votes + total / (3.0 * (np.abs(total) + 1.0))
