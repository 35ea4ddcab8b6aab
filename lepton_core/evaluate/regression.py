"""Figures of a regression: RMSE, MAE, R2, the mean residual."""

import sys
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData


@dataclass(frozen=True)
class RegressionReport:
    """How far predictions are from the truth, in the units of the target (``r2`` has none).

    ``r2`` is None for a single row; ``mean_residual`` is the mean of truth minus prediction.
    """

    task: Literal["regression"] = field(default="regression", kw_only=True)
    rmse: float
    mae: float
    r2: float | None
    mean_residual: float


def regression_report(y_true: NDArray[np.float64], y_pred: NDArray[np.float64]) -> RegressionReport:
    """All figures of the predictions ``y_pred`` for the truth ``y_true``, both of shape (m,).

    Errors: `InvalidData` if there is no row; ``ValueError`` for unequal shapes or values that are not finite.

    >>> regression_report(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.5])).r2
    0.875
    """
    if y_true.shape != y_pred.shape or y_true.ndim != 1:
        raise ValueError(f"two equal shapes (m,) are needed, not {y_true.shape} and {y_pred.shape}")
    if not len(y_true):
        raise InvalidData("there is no row to evaluate")
    if not (np.isfinite(y_true).all() and np.isfinite(y_pred).all()):
        raise ValueError("values and predictions must be finite")
    unit = unit_for(y_true, y_pred)
    true, predicted = y_true / unit, y_pred / unit
    return RegressionReport(
        rmse=in_units(root_mean_squared_error(true, predicted), unit),
        mae=in_units(mean_absolute_error(true, predicted), unit),
        r2=r2_score(true, predicted) if len(true) > 1 else None,
        mean_residual=in_units(float(np.mean(true - predicted)), unit),
    )


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
