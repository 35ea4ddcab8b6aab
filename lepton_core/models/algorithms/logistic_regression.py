"""Logistic regression: one score for two classes, softmax over one score a class for more."""

import numpy as np

from lepton_core.descent import Logistic, Loss, Softmax
from lepton_core.models.algorithm import Array
from lepton_core.models.gradient import GradientTrained
from lepton_core.models.recipe import DescentHyper


def loss(n_classes: int, hyper: DescentHyper) -> Loss:
    """The loss for so many classes.

    >>> loss(2, DescentHyper()), loss(3, DescentHyper())
    (Logistic(), Softmax(classes=3))
    """
    return Softmax(n_classes) if n_classes > 2 else Logistic()


def probabilities(scores: Array) -> Array:
    """Scores ``(m,)`` of the second of two classes, or ``(m, K)``, as probabilities ``(m, 2)`` or ``(m, K)``.

    >>> probabilities(np.array([0.0, 1000.0])).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    >>> probabilities(np.zeros((1, 4))).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    if scores.ndim == 1:
        small = np.exp(-np.abs(scores))
        sides = np.empty((len(scores), 2))
        sides[:, 0] = np.where(scores > 0.0, small, 1.0)
        sides[:, 1] = np.where(scores > 0.0, 1.0, small)
        sides /= (1.0 + small)[:, None]
        return sides
    result: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    result /= result.sum(axis=1, keepdims=True)
    return result


ALGORITHM = GradientTrained(
    name="logistic_regression",
    tasks=frozenset({"classification"}),
    loss=loss,
    outputs=probabilities,
    unit="log-odds",
)
