"""Linear models of scikit-learn as the arrays of ours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.fitted.refusal import refuse

Parameters = dict[str, NDArray[Any]]


def regression(estimator: Any) -> Parameters:
    """``weights`` ``(n,)`` and ``intercept`` ``(1,)`` of a linear model. Raises `InvalidInput` for several targets.

    >>> from sklearn.linear_model import LinearRegression
    >>> regression(LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0]))["intercept"]
    array([1.])
    """
    weights = _weights(estimator)
    if weights.ndim > 1 and len(weights) > 1:
        raise refuse(estimator, "predicts several targets", "fit one model a target")
    return {"weights": weights.reshape(-1), "intercept": _intercept(estimator, 1)}


def logistic(estimator: Any) -> Parameters:
    """The log-odds of two classes, as of `regression`, or ``(K, n)`` and ``(K,)`` of more.

    Raises `InvalidInput` for more than two classes that are each told from the rest: their probabilities are no
    softmax.
    """
    weights = _weights(estimator)
    several = len(estimator.classes_) > 2
    said = getattr(estimator, "multi_class", "auto")
    each_alone = said == "ovr" or (estimator.solver == "liblinear" and said != "multinomial")
    if several and each_alone:
        raise refuse(estimator, "tells each class from the rest", "fit it with another solver than liblinear")
    if not several and said == "multinomial":
        raise refuse(estimator, "has multi_class='multinomial' for two classes", "fit it without that")
    shown = weights if several else weights[0]
    return {"weights": shown, "intercept": _intercept(estimator, len(weights))}


def _weights(estimator: Any) -> NDArray[np.float64]:
    found = estimator.coef_
    return np.array(found.toarray() if hasattr(found, "toarray") else found, dtype=np.float64)


def _intercept(estimator: Any, outputs: int) -> NDArray[np.float64]:
    """Of each output; scikit-learn has the number 0 for all where none was fitted."""
    found = np.asarray(estimator.intercept_, dtype=np.float64).reshape(-1)
    return np.array(np.broadcast_to(found, outputs))
