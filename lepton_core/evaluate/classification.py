"""Figures of a classifier: accuracy, precision, recall, F1, confusion, log loss; and those of a rule for labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

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


@dataclass(frozen=True)
class LabelWish:
    """What is wanted of labels: ``value`` is a threshold, or the least recall or precision of the class ``label``.

    Or each class has its cost of being missed, in any unit; ``costs`` has 1 for those that were not named. ``label``
    None is the rarer one of two classes.
    """

    by: Literal["threshold", "recall", "precision", "costs"]
    value: float | None = None
    label: str | None = None
    costs: Mapping[str, float] | None = None

    def __str__(self) -> str:
        """As ``recall 0.9 of 'yes'``."""
        if self.costs is not None:
            return f"costs {', '.join(f'{name!r} {cost:g}' for name, cost in self.costs.items())}"
        return f"{self.by} {self.value:g}" + ("" if self.label is None else f" of {self.label!r}")


@dataclass(frozen=True)
class LabelRule:
    """What makes labels of probabilities in place of the most probable class.

    Of two classes a row is ``label`` if the probability of that is ``threshold`` or more, else the other one. Of more
    classes it is that with the largest ``costs[k]`` p_k: to answer it costs least where to miss k costs ``costs[k]``.
    """

    label: str | None = None
    threshold: float | None = None
    costs: Mapping[str, float] | None = None

    def __str__(self) -> str:
        """As ``'yes' from P(yes) >= 0.12 on``."""
        if self.threshold is None:
            return "the class that costs least to answer"
        return f"{self.label!r} from P({self.label}) >= {self.threshold:.12g} on"


@dataclass(frozen=True)
class Proportion:
    """``hits`` of ``rows``; ``share`` and its interval of 95 %, ``low`` to ``high``, are None of no rows.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """

    hits: int
    rows: int
    share: float | None = None
    low: float | None = None
    high: float | None = None

    def said(self, what: str = "") -> str:
        """As ``91 % of 53 'yes' (80 to 96 %)``."""
        rows = f"{self.rows} {what}".strip()
        if self.share is None or self.low is None or self.high is None:
            return f"none of {rows}"
        return f"{_percent(self.share)} % of {rows} ({_percent(self.low)} to {_percent(self.high)} %)"


@dataclass(frozen=True)
class LabelDecision:
    """A rule for labels, the wish that it was chosen by, and how it does on the ``rows`` that the version held out.

    ``recall`` of a class is of its rows, ``precision`` of those that get its label; of very many classes those that
    cost most to miss are there. ``cost`` is the mean a row where costs were given, ``usual_cost`` that of the most
    probable class. Where not every threshold of the rows is kept, ``measured_at`` is the one that the figures are of.
    ``sentence`` says all in words.
    """

    wish: LabelWish
    rule: LabelRule
    rows: int
    accuracy: float
    recall: Mapping[str, Proportion]
    precision: Mapping[str, Proportion]
    sentence: str = ""
    cost: float | None = None
    usual_cost: float | None = None
    measured_at: float | None = None

    def __str__(self) -> str:
        """The sentence."""
        return self.sentence


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


def _percent(share: float) -> str:
    """Whole percents, and a figure more where they would say all or nothing of what is neither."""
    near = 0 < share < 0.01 or 0.99 < share < 1
    return f"{100 * share:.1f}" if near else f"{100 * share:.0f}"
