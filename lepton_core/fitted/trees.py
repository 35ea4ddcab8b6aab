"""Trees, forests and boosting of scikit-learn as the arrays of ours.

Its trees compare what a row has, as float32, with a threshold; ours keep the greatest float32 that is not above, so
each row goes the same way.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.fitted.linear import Parameters
from lepton_core.fitted.refusal import refuse
from lepton_core.models.learners.boosting import boosted_trees
from lepton_core.models.learners.tree import as_arrays
from lepton_core.models.trees import average
from lepton_core.models.trees.arrays import MAX_DEPTH, join
from lepton_core.models.trees.check import shape

_SUMS = frozenset(
    {"AbsoluteError", "HalfBinomialLoss", "HalfMultinomialLoss", "HalfSquaredError", "PinballLoss"}
)
"""Losses of boosting whose predictions are the sums of the trees, or their probabilities; by their classes there."""


def averaged(estimator: Any, classes: int) -> Parameters:
    """The arrays that `average.AVERAGED` names, ``(p,)`` and so on, of a tree or a forest, of ``classes`` or 0.

    Raises `InvalidInput` for several targets, and for a tree that is too deep.
    """
    if estimator.n_outputs_ != 1:
        raise refuse(estimator, "predicts several targets", "fit one model a target")
    grown = getattr(estimator, "estimators_", [estimator])
    _demand_shallow(estimator, max(int(one.tree_.max_depth) for one in grown))
    present = np.arange(max(classes, 1))
    trees = join([as_arrays(one.tree_, present, classes) for one in grown])
    return average.parameters(trees, int(estimator.n_features_in_), classes)


def boosted(estimator: Any, classes: int) -> Parameters:
    """The arrays that `boosted.BOOSTED` names, ``(p,)`` and so on, of ``HistGradientBoosting``, of ``classes`` or 0.

    Raises `InvalidInput` for a loss whose predictions are no sums, for columns that it split as categories, and for a
    tree that is too deep.
    """
    loss = type(estimator._loss).__name__
    if loss not in _SUMS:
        raise refuse(
            estimator,
            f"was fitted with loss={estimator.loss!r} ({loss})",
            "fit it with loss='squared_error', for example",
        )
    categorical = estimator.is_categorical_
    if categorical is not None and np.any(categorical):
        places = ", ".join(str(at) for at in np.flatnonzero(categorical).tolist())
        raise refuse(
            estimator,
            f"splits the columns at {places} as categories",
            "fit it with categorical_features=None, on numbers",
        )
    grown = [tree.nodes["depth"].max() for step in estimator._predictors for tree in step]
    _demand_shallow(estimator, int(max(grown)))
    features = int(estimator.n_features_in_)
    trees, output = boosted_trees(estimator, np.arange(features), {}, 1.0)
    baseline: NDArray[np.float64] = np.asarray(estimator._baseline_prediction, dtype=np.float64).reshape(-1)
    return {
        **trees.arrays,
        "sets": trees.sets,
        "known": np.zeros((0, 2), dtype=np.int32),
        "baseline": np.array(baseline),
        "output": output.astype(np.int32),
        **shape(features, classes),
    }


def _demand_shallow(estimator: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise refuse(
            estimator, f"has {depth} splits between a root and a leaf", f"fit it with max_depth={MAX_DEPTH}"
        )
