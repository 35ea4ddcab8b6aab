"""Trees whose values add up to scores: log-odds of classes, or values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.models.algorithm import Array, Explanation
from lepton_core.models.scores import probabilities
from lepton_core.models.trees.arrays import TREE_ARRAYS, Ints, trees_of
from lepton_core.models.trees.categories import check_known, in_slots
from lepton_core.models.trees.check import check_array, check_names, check_shape, check_trees
from lepton_core.models.trees.explain import shapley
from lepton_core.models.trees.predict import chunks, leaf_rows, over_trees, prepared

FLOAT64 = np.dtype(np.float64)
"""The type that scikit-learn's boosting compares with thresholds."""

BOOSTED = (*TREE_ARRAYS, "sets", "known", "baseline", "output", "shape")
"""The arrays of `Trees`; ``known`` ``(k, 2)`` int32, column and code of each category; ``baseline`` ``(K',)``, the
scores before the first tree; ``output`` int32, one a tree: the score to which it adds; ``shape`` ``(2,)`` int64, the
number of features, and of classes or 0."""


def width(n_classes: int) -> int:
    """K', how many scores there are: one for values and for two classes, else one a class.

    >>> width(0), width(2), width(3)
    (1, 1, 3)
    """
    return n_classes if n_classes > 2 else 1


def check(parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
    """Raises `InvalidArtifact` unless these are the arrays named `BOOSTED`, ``(p,)`` and so on as told there.

    No sum of the trees' values can overflow afterwards.

    >>> check({"left": np.zeros(1)}, n_features=1, n_classes=1)
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: the model must have the arrays ...
    """
    check_names(parameters, BOOSTED)
    check_shape(parameters, n_features, n_classes)
    trees = check_trees(parameters, n_features, 1, FLOAT64)
    check_array("known", parameters["known"], np.dtype(np.int32), None, 2)
    check_array("baseline", parameters["baseline"], FLOAT64, width(n_classes))
    check_array("output", parameters["output"], np.dtype(np.int32), len(trees.roots))
    check_known(parameters["known"], trees, n_features)
    output = parameters["output"]
    if (output < 0).any() or (output >= width(n_classes)).any():
        raise InvalidArtifact("output: there is no such score", field="output")
    most = float(np.abs(trees.value).max()) if len(trees.value) else 0.0
    if not np.isfinite(most * len(trees.roots) + float(np.abs(parameters["baseline"]).max())):
        raise InvalidArtifact("value: too large to be summed", field="value")


def scores(parameters: Mapping[str, NDArray[Any]], X: Array) -> Array:
    """``(m, K')``: the baseline and the sum over trees for each row of ``X`` ``(m, n)``.

    Raises `InvalidData`, naming the row, for a value that is infinite.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> more = {"known": np.zeros((0, 2)), "baseline": np.array([1.0]), "output": np.zeros(2)}
    >>> scores(leaves(np.array([[0.5], [0.25]])).arrays | more, np.zeros((1, 2))).tolist()
    [[1.75]]
    """
    rows = _ready(parameters, X)
    trees, baseline, output = trees_of(parameters), parameters["baseline"], parameters["output"]
    result = np.empty((len(X), len(baseline)))
    for some in chunks(len(X), len(trees.roots)):
        added = trees.value[:, 0].take(leaf_rows(trees, rows[some]))
        if len(baseline) == 1:
            result[some, 0] = over_trees(added)
        else:
            for k in range(len(baseline)):
                result[some, k] = over_trees(added[output == k])
    result += baseline
    return result


def predict(parameters: Mapping[str, NDArray[Any]], X: Array) -> Array:
    """Probabilities ``(m, K)``, or values ``(m,)``, of ``X`` ``(m, n)``.

    Raises `InvalidData` where `scores` does.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> more = {"known": np.zeros((0, 2)), "baseline": np.zeros(1), "output": np.zeros(1), "shape": np.array([2, 2])}
    >>> predict(leaves(np.array([[0.0]])).arrays | more, np.zeros((1, 2))).tolist()
    [[0.5, 0.5]]
    """
    return _outputs(parameters, scores(parameters, X))


def staged(parameters: Mapping[str, NDArray[Any]], X: Array, counts: Sequence[int]) -> list[Array]:
    """The `predict` of ``X`` ``(m, n)`` with the first of the trees only: as many as each of ``counts`` says.

    Raises `InvalidData` where `scores` does.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> more = {"known": np.zeros((0, 2)), "baseline": np.zeros(1), "output": np.zeros(2), "shape": np.array([2, 0])}
    >>> trees = leaves(np.array([[1.0], [2.0]])).arrays | more
    >>> [one.tolist() for one in staged(trees, np.zeros((1, 2)), [1, 2])]
    [[1.0], [3.0]]
    """
    rows = _ready(parameters, X)
    trees, baseline, output = trees_of(parameters), parameters["baseline"], parameters["output"]
    sums = np.zeros((len(counts), len(X), len(baseline)))
    for some in chunks(len(X), len(trees.roots)):
        added = trees.value[:, 0].take(leaf_rows(trees, rows[some]))
        for k in range(len(baseline)):
            own = output == k
            so_far = np.add.accumulate(added[own], axis=0)
            for place, count in enumerate(counts):
                if upto := int(np.count_nonzero(own[:count])):
                    sums[place, some, k] = so_far[upto - 1]
    return [_outputs(parameters, one + baseline) for one in sums]


def explain(parameters: Mapping[str, NDArray[Any]], X: Array, background: Array) -> Explanation:
    """Shapley values ``(m, n, K')`` of the scores of ``X`` ``(m, n)`` against ``background`` ``(b, n)``.

    Raises `InvalidData` where `scores` does.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> more = {"known": np.zeros((0, 2)), "baseline": np.array([1.0]), "output": np.zeros(1)}
    >>> trees = leaves(np.array([[0.5]])).arrays | more | {"shape": np.array([2, 0])}
    >>> explain(trees, np.zeros((1, 2)), np.zeros((1, 2))).contributions.tolist()
    [[[0.0], [0.0]]]
    """
    trees, baseline = trees_of(parameters), parameters["baseline"]
    contributions = np.zeros((*X.shape, len(baseline)))
    rows, others = _ready(parameters, X), _ready(parameters, background)
    if X.shape[1]:
        for k in range(len(baseline)):
            some = replace(trees, roots=trees.roots[parameters["output"] == k])
            contributions[:, :, k] = shapley(some, rows, others)[:, :, 0]
    unit = "log-odds" if parameters["shape"][1] else "value"
    return Explanation(scores(parameters, background).mean(axis=0), contributions, unit)


def _outputs(parameters: Mapping[str, NDArray[Any]], found: Array) -> Array:
    outputs = found[:, 0] if found.shape[1] == 1 else found
    return probabilities(outputs) if parameters["shape"][1] else outputs


def _ready(parameters: Mapping[str, NDArray[Any]], X: Array) -> Array:
    known: Ints = parameters["known"]
    rows: Array = prepared(X, FLOAT64).astype(np.float64, copy=False)
    return in_slots(rows, known)
