"""Trains what a column looks like, by our own gradient boosting, and lays the trees out for the package."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.models import Problem, algorithm
from lepton_core.models.trees.arrays import Trees, trees_of
from lepton_core.table.spelling.classes import CLASSES, Looks
from lepton_core.table.spelling.evidence import Evidence, measured, vector
from lepton_core.table.spelling.recognise import asks_for_looks

SETTINGS = {"iterations": 150, "learning_rate": 0.08, "max_leaf_nodes": 15, "max_features": 0.3}


def trained(
    columns: Sequence[tuple[Evidence, str]], seed: int = 0, settings: Mapping[str, Any] = SETTINGS
) -> Looks:
    """The trees of columns with their labels: those that rules decide, or whose label no look has, are left out."""
    kept = [(one, label) for one, label in columns if label in CLASSES and asks_for_looks(one)]
    X = np.array([vector(one) for one, _ in kept])
    y = np.array([CLASSES.index(label) for _, label in kept], dtype=np.int64)
    problem = Problem(X, y, n_classes=len(CLASSES), seed=seed)
    boosting = algorithm("gradient_boosting")
    hyper = boosting.configure(dict(settings))
    fit = boosting.advance(boosting.start(problem, hyper), problem, hyper, lambda _: False)
    parameters = boosting.parameters(fit)
    order = np.argsort(parameters["output"], kind="stable").reshape(len(CLASSES), -1).T.ravel()
    roots, feature, number, left = _laid_out(trees_of(parameters), order)
    return Looks(
        roots,
        feature,
        number,
        left,
        parameters["baseline"],
        np.median(X, axis=0),
        tuple(measured(kept[0][0])),
    )


def _laid_out(
    trees: Trees, order: NDArray[np.intp]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.float32], NDArray[np.uint8]]:
    """The trees in that order, each level by level."""
    roots, feature, number, left = [], [], [], []
    for t in order.tolist():
        roots.append(len(feature))
        queue = [int(trees.roots[t])]
        for node in queue:
            child = int(trees.left[node])
            if child == node:
                feature.append(255)
                number.append(float(trees.value[trees.row[node], 0]))
                left.append(0)
            else:
                feature.append(int(trees.feature[node]))
                number.append(float(trees.threshold[node]))
                left.append(len(queue))
                queue += [child, child + 1]
    return (
        np.array(roots, dtype=np.int32),
        np.array(feature, dtype=np.uint8),
        np.array(number, dtype=np.float32),
        np.array(left, dtype=np.uint8),
    )
