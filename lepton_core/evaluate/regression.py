"""Figures of a regression: RMSE, MAE, R2, the mean residual."""

import sys
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def root_mean_squared_error(y_true: NDArray[np.float64], y_pred: NDArray[np.float64]) -> float:
    """sqrt(1/m sum (y - p)^2) of truth y and predictions p, both (m,); in the units of y.

    >>> root_mean_squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0])) == 2**0.5
    True
    """
    return float(np.sqrt(np.mean(np.square(y_true - y_pred))))


def mean_absolute_error(y_true: NDArray[np.float64], y_pred: NDArray[np.float64]) -> float:
    """1/m sum |y - p| of truth y and predictions p, both (m,); in the units of y.

    >>> mean_absolute_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    1.0
    """
    return float(np.mean(np.abs(y_true - y_pred)))


def r2_score(y_true: NDArray[np.float64], y_pred: NDArray[np.float64]) -> float:
    """1 - sum (y - p)^2 / sum (y - mean y)^2: 1 is perfect, 0 is as good as always predicting the mean.

    y and p are (m,). Where all of y is one value, 1 if every prediction is right, else 0 (as scikit-learn defines it).

    >>> r2_score(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0]))
    0.0
    """
    missed = float(np.sum(np.square(y_true - y_pred)))
    spread = float(np.sum(np.square(y_true - np.mean(y_true))))
    if spread == 0:
        return 1.0 if missed == 0 else 0.0
    return 1 - missed / spread


def unit_for(*values: NDArray[np.float64]) -> float:
    """In which unit to measure the numbers of some arrays, each (m,): 1, or the largest if squares overflow or vanish.

    >>> unit_for(np.array([3.0])), unit_for(np.array([3.0]), np.array([-2e200])), unit_for(np.array([0.0, 2e-200]))
    (1.0, 2e+200, 2e-200)
    """
    largest = float(max(np.abs(one).max() for one in values))
    return largest if largest > 1e150 or 0.0 < largest < 1e-150 else 1.0


def in_units(value: float, unit: float) -> float:
    """``value`` times ``unit``; the largest number stands for what is beyond it, as JSON has no infinity."""
    return float(np.clip(value * unit, -sys.float_info.max, sys.float_info.max))


@dataclass(frozen=True)
class ByPrediction:
    """Rows in the order of their predictions, in B bins of about equal counts; one entry a bin.

    ``predicted`` and ``true`` are means, ``low`` to ``high`` the middle 80 % of the truth, all in the units of the
    target; ``count`` are the rows. Errors: ``ValueError`` if the lengths differ.
    """

    predicted: tuple[float, ...]
    true: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    count: tuple[int, ...]

    def __post_init__(self) -> None:
        if len({len(one) for one in (self.predicted, self.true, self.low, self.high, self.count)}) != 1:
            raise ValueError("not rows by their predictions: its fields differ in length")


def by_prediction(y_true: NDArray[np.float64], y_pred: NDArray[np.float64], bins: int = 10) -> ByPrediction:
    """What is true where so much was predicted: truth and predictions (m,), m >= 1, in at most ``bins`` bins.

    Rows of one prediction may be in two bins. Of fewer rows than bins each is a bin.

    >>> by_prediction(np.array([3.0, 1.0, 2.0, 5.0]), np.array([2.0, 1.0, 1.0, 4.0]), bins=2).true
    (1.5, 4.0)
    """
    unit = unit_for(y_true, y_pred)
    order = np.argsort(y_pred, kind="stable")
    ends = np.round(np.linspace(0, len(order), min(bins, len(order)) + 1)).astype(np.int64)
    parts = [order[start:stop] for start, stop in pairwise(ends.tolist())]
    tenths = [np.quantile(y_true[part] / unit, (0.1, 0.9)) for part in parts]
    return ByPrediction(
        tuple(in_units(float(np.mean(y_pred[part] / unit)), unit) for part in parts),
        tuple(in_units(float(np.mean(y_true[part] / unit)), unit) for part in parts),
        tuple(in_units(float(low), unit) for low, _ in tenths),
        tuple(in_units(float(high), unit) for _, high in tenths),
        tuple(len(part) for part in parts),
    )
