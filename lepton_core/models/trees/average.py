"""A model that averages its trees: a single tree, or a forest."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.models.algorithm import Array, Explanation
from lepton_core.models.trees.arrays import TREE_ARRAYS, Trees, trees_of
from lepton_core.models.trees.check import check_names, check_shape, check_trees, shape
from lepton_core.models.trees.explain import shapley
from lepton_core.models.trees.predict import chunks, leaf_rows, prepared, summed

FLOAT32 = np.dtype(np.float32)
"""The type that scikit-learn compares with the thresholds of its trees."""

AVERAGED = (*TREE_ARRAYS, "shape")
"""The arrays of `Trees`, and ``shape`` ``(2,)`` int64: the number of features, and of classes or 0."""


def parameters(trees: Trees, n_features: int, n_classes: int) -> dict[str, NDArray[Any]]:
    """The arrays that `AVERAGED` names: those of `Trees`, ``(p,)`` and so on, and ``shape`` ``(2,)``.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> sorted(parameters(leaves(np.array([[1.0]])), 2, 0)) == sorted(AVERAGED)
    True
    """
    return trees.arrays | shape(n_features, n_classes)


def check(parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
    """Raises `InvalidArtifact` unless these are trees, shaped like `Trees`, of ``max(n_classes, 1)`` values a leaf.

    The values of a classification must be probabilities.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> check(leaves(np.array([[0.5, 0.6]])).arrays | shape(3, 2), n_features=3, n_classes=2)
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: value: a leaf's probabilities do not sum to 1
    """
    check_names(parameters, AVERAGED)
    check_shape(parameters, n_features, n_classes)
    trees = check_trees(parameters, n_features, max(n_classes, 1), FLOAT32)
    if not n_classes:
        if len(trees.value) and not np.isfinite(float(np.abs(trees.value).max()) * len(trees.roots)):
            raise InvalidArtifact("value: too large to be summed", field="value")
        return
    if (trees.value < 0.0).any() or (np.abs(trees.value.sum(axis=1) - 1.0) > 1e-12).any():
        raise InvalidArtifact("value: a leaf's probabilities do not sum to 1", field="value")


def predict(parameters: Mapping[str, NDArray[Any]], X: Array) -> Array:
    """The mean over all trees: probabilities ``(m, K)``, or values ``(m,)``, of ``X`` ``(m, n)``.

    Raises `InvalidData`, naming the row, for a value that is infinite or too large for float32.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> predict(parameters(leaves(np.array([[1.0], [2.0]])), 3, 0), np.zeros((1, 3))).tolist()
    [1.5]
    """
    trees = trees_of(parameters)
    result = summed(trees, prepared(X, FLOAT32))
    result /= len(trees.roots)
    return result if parameters["shape"][1] else result[:, 0]


def staged(parameters: Mapping[str, NDArray[Any]], X: Array, counts: Sequence[int]) -> list[Array]:
    """The `predict` of ``X`` ``(m, n)`` with the first of the trees only: as many as each of ``counts`` says.

    Raises `InvalidData` where `predict` does.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> trees = parameters(leaves(np.array([[1.0], [2.0]])), 3, 0)
    >>> [one.tolist() for one in staged(trees, np.zeros((1, 3)), [1, 2])]
    [[1.0], [1.5]]
    """
    trees, rows, upto = trees_of(parameters), prepared(X, FLOAT32), np.asarray(counts, dtype=np.intp)
    width = trees.value.shape[1]
    result = np.empty((len(upto), len(X), width))
    for some in chunks(len(X), len(trees.roots) * width):
        found = trees.value.take(leaf_rows(trees, rows[some]), axis=0)
        result[:, some] = np.add.accumulate(found, axis=0)[upto - 1]
    result /= upto[:, None, None]
    return list(result if parameters["shape"][1] else result[:, :, 0])


def explain(parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
    """Shapley values ``(m, n, K)`` of what `predict` says of ``X`` ``(m, n)`` against ``background`` ``(b, n)``.

    Raises `InvalidData` where `predict` does.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> explain(parameters(leaves(np.array([[1.0], [2.0]])), 3, 0), np.zeros((1, 3)), np.zeros((1, 3))).base.tolist()
    [1.5]
    """
    trees = trees_of(parameters)
    contributions = np.zeros((*X.shape, trees.value.shape[1]))
    if X.shape[1]:
        contributions = shapley(trees, prepared(X, FLOAT32), prepared(background, FLOAT32))
        contributions /= len(trees.roots)
    base = np.atleast_1d(predict(parameters, background).mean(axis=0))
    return Explanation(base, contributions, "probability" if parameters["shape"][1] else "value")
