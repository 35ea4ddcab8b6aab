"""One tree by scikit-learn, as arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.algorithm import Array
from lepton_core.models.learners import scikit_learn
from lepton_core.models.learners.growth import Growth, float32_below
from lepton_core.models.trees.arrays import MAX_DEPTH, Trees, ordered
from lepton_core.models.trees.training import TreeRows


def grow(rows: TreeRows, n_classes: int, growth: Growth, weights: Array | None, random_state: int) -> Trees:
    """One tree, of leaf values ``(k, K)``, K the number of classes or 1; ``weights`` ``(m,)``, or all rows alike.

    Raises `InvalidInput` if scikit-learn is not installed.

    >>> rows = TreeRows(np.array([[1.0], [2.0]], dtype=np.float32), np.array([3.0, 4.0]), None)
    >>> trees = grow(rows, 0, Growth(), None, random_state=0)
    >>> trees.left.tolist(), trees.threshold[0].tolist(), trees.value.tolist()
    ([1, 1, 2], 1.5, [[3.0], [4.0]])
    """
    if any(growth.signs) or growth.groups:
        from lepton_core.models.learners.constrained import grow_constrained  # noqa: PLC0415  (rare, and no prediction needs it)

        return grow_constrained(rows, n_classes, growth, weights, random_state)
    module = scikit_learn("a tree", "sklearn.tree")
    kind = module.DecisionTreeClassifier if n_classes else module.DecisionTreeRegressor
    learner = kind(
        criterion=growth.criterion or ("gini" if n_classes else "squared_error"),
        max_depth=growth.max_depth or MAX_DEPTH,
        # scikit-learn makes room for all that it may have; there cannot be more than rows.
        max_leaf_nodes=growth.max_leaf_nodes and min(growth.max_leaf_nodes, max(2, len(rows.y))),
        min_samples_split=growth.min_samples_split,
        min_samples_leaf=growth.min_samples_leaf,
        max_features=growth.max_features,
        ccp_alpha=growth.ccp_alpha,
        random_state=random_state,
    )
    learner.fit(rows.X, rows.y, sample_weight=weights)
    present = learner.classes_ if n_classes else np.array([0])
    return as_arrays(learner.tree_, present, n_classes, rows.offset, rows.scale)


def as_arrays(
    tree: Any, present: NDArray[np.int64], n_classes: int, offset: float = 0.0, scale: float = 1.0
) -> Trees:
    """A tree of scikit-learn, the ``tree_`` of an estimator, as arrays; leaf values are ``(k, K)``.

    ``present`` ``(n,)`` are the classes that it knows; the values of a regression are ``offset + scale * value``.

    >>> from sklearn.tree import DecisionTreeRegressor
    >>> made = DecisionTreeRegressor().fit([[1.0], [2.0]], [3.0, 4.0])
    >>> as_arrays(made.tree_, np.array([0]), n_classes=0).value.tolist()
    [[3.0], [4.0]]
    """
    value = np.zeros((tree.node_count, max(n_classes, 1)))
    value[:, present] = tree.value[:, 0, :]
    value = value / value.sum(axis=1, keepdims=True) if n_classes else offset + scale * value
    return ordered(
        roots=np.array([0]),
        children=np.stack((tree.children_left, tree.children_right), axis=1),
        feature=tree.feature,
        threshold=float32_below(tree.threshold),
        missing_left=np.asarray(tree.missing_go_to_left, dtype=np.bool_),
        value=value,
    )
