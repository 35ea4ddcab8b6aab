"""Figures of a classifier: accuracy, precision, recall, F1, the confusion matrix, log loss."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ClassScores:
    """One entry a class, each of shape (K,). What would divide by zero is 0.

    ``support`` counts the rows of the class, ``predicted`` those that were given it.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]
    predicted: NDArray[np.int64]

    @property
    def occurring(self) -> NDArray[np.bool_]:
        """Classes that are true or predicted somewhere, bool (K,); macro averages run over these."""
        return (self.support > 0) | (self.predicted > 0)


def accuracy_score(y_true: NDArray[Any], y_pred: NDArray[Any]) -> float:
    """The share of rows, both of shape (m,), that are predicted right.

    Raises ``ValueError`` if the shapes differ, or there is no row.

    >>> accuracy_score(np.array([0, 1, 1, 1]), np.array([0, 1, 0, 1]))
    0.75
    """
    if y_true.shape != y_pred.shape or not y_true.size:
        raise ValueError(f"two equal, non-empty shapes are needed, not {y_true.shape} and {y_pred.shape}")
    return float(np.mean(y_true == y_pred))


def confusion_matrix(y_true: NDArray[Any], y_pred: NDArray[Any], n_classes: int) -> NDArray[np.int64]:
    """Counts C of shape (K, K): C[i, j] rows of class i were predicted as class j.

    ``y_true`` and ``y_pred`` are class indices of shape (m,) in 0 .. K-1.

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    cells = y_true.astype(np.int64) * n_classes + y_pred.astype(np.int64)
    counts = np.bincount(cells, minlength=n_classes * n_classes)
    return counts.astype(np.int64).reshape(n_classes, n_classes)


def precision_recall_f1(confusion: NDArray[np.int64]) -> ClassScores:
    """Precision tp/(tp+fp), recall tp/(tp+fn), F1 2tp/(2tp+fp+fn) of each class of a (K, K) confusion matrix.

    >>> precision_recall_f1(np.array([[1, 1], [0, 1]])).recall
    array([0.5, 1. ])
    """
    hits = np.diag(confusion).astype(np.float64)
    support, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    return ClassScores(
        precision=_ratio(hits, predicted),
        recall=_ratio(hits, support),
        f1=_ratio(2 * hits, support + predicted),
        support=support,
        predicted=predicted,
    )


def log_loss(y_true: NDArray[Any], probabilities: NDArray[np.float64]) -> float:
    """-1/m sum log p(true class), in nats; p is clipped to [e, 1 - e] with e = 2.2e-16, as scikit-learn does.

    ``y_true`` (m,) holds class indices, ``probabilities`` (m, K) one distribution a row.

    >>> round(log_loss(np.array([0, 1]), np.array([[0.5, 0.5], [0.75, 0.25]])), 4)
    1.0397
    """
    smallest = np.finfo(np.float64).eps
    chosen = probabilities[np.arange(len(y_true)), y_true]
    return float(np.mean(-np.log(np.clip(chosen, smallest, 1 - smallest))))


def _ratio(above: NDArray[np.float64], below: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
