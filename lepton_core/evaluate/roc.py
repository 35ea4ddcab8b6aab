"""The ROC curve and the area under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput


@dataclass(frozen=True)
class Roc:
    """Points of a ROC curve from (0, 0) to (1, 1), each field of equal length.

    At ``thresholds[i]`` and above a score counts as positive; the first threshold is infinite: nothing does.
    """

    fpr: tuple[float, ...]
    tpr: tuple[float, ...]
    thresholds: tuple[float, ...]

    def thinned(self, most: int) -> "Roc":
        """At most ``most`` (>= 2) of the points, both ends among them, spread evenly along the curve.

        >>> roc_curve(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4])).thinned(2).tpr
        (0.0, 1.0)
        """
        if len(self.fpr) <= most:
            return self
        travelled = np.asarray(self.fpr) + np.asarray(self.tpr)
        kept = np.searchsorted(travelled, np.linspace(0.0, travelled[-1], most))
        kept[0], kept[-1] = 0, len(travelled) - 1
        at = np.unique(kept).tolist()
        return Roc(
            tuple(self.fpr[i] for i in at),
            tuple(self.tpr[i] for i in at),
            tuple(self.thresholds[i] for i in at),
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON; the infinite first threshold, which JSON lacks, is null."""
        thresholds = [None, *self.thresholds[1:]]
        return {"fpr": list(self.fpr), "tpr": list(self.tpr), "thresholds": thresholds}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Roc":
        """Read back what `as_dict` wrote. Errors: `InvalidInput` naming the field."""
        try:
            fpr, tpr, thresholds = (list(data[name]) for name in ("fpr", "tpr", "thresholds"))
            curve = cls(tuple(map(float, fpr)), tuple(map(float, tpr)), (np.inf, *map(float, thresholds[1:])))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"not a ROC curve: {error}", field="roc") from error
        if not len(curve.fpr) == len(curve.tpr) == len(curve.thresholds):
            raise InvalidInput("not a ROC curve: its fields differ in length", field="roc")
        return curve


def roc_curve(positive: NDArray[Any], scores: NDArray[np.float64]) -> Roc:
    """False- and true-positive rate at every threshold where the curve turns a corner.

    ``positive`` (m,) is true (or 1) for the rows of the positive class, ``scores`` (m,) is larger the more
    positive a row looks. Equal scores share one point. Points on a straight line between others are left out.

    Errors: ``ValueError`` unless both kinds of row are there: a rate has no meaning without rows.

    >>> roc_curve(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])).thresholds
    (inf, 0.8, 0.4, 0.35, 0.1)
    """
    true = np.asarray(positive, dtype=bool)
    if true.all() or not true.any():
        raise ValueError("a ROC curve needs rows of the class and rows of other classes")
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    hits = np.cumsum(true[order])[last_of_tie]
    false_alarms = 1 + last_of_tie - hits
    corner = np.ones(len(hits), dtype=bool)
    corner[1:-1] = (np.diff(false_alarms, 2) != 0) | (np.diff(hits, 2) != 0)
    return Roc(
        fpr=(0.0, *(false_alarms[corner] / false_alarms[-1]).tolist()),
        tpr=(0.0, *(hits[corner] / hits[-1]).tolist()),
        thresholds=(np.inf, *ranked[last_of_tie][corner].tolist()),
    )


def auc(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Area under the points (x, y), each of shape (n,), by the trapezoid rule.

    Raises ``ValueError`` if there are fewer than two points, or ``x`` decreases.

    >>> auc(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0]))
    0.75
    """
    if len(x) < 2 or np.any(np.diff(x) < 0):
        raise ValueError("the area needs two points or more, with x in ascending order")
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2)


def roc_auc(positive: NDArray[Any], scores: NDArray[np.float64]) -> float | None:
    """The chance that a positive row outscores a negative one, ties counting half; None without both kinds.

    ``positive`` and ``scores`` are (m,), as for `roc_curve`.

    >>> roc_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    >>> roc_auc(np.array([1, 1]), np.array([0.1, 0.4])) is None
    True
    """
    true = np.asarray(positive, dtype=bool)
    if true.all() or not true.any():
        return None
    curve = roc_curve(true, scores)
    return auc(np.asarray(curve.fpr), np.asarray(curve.tpr))
