"""Figures of a regression: RMSE, MAE, R2, the mean residual."""

import sys

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
