"""Figures of a regression: RMSE, MAE, R2, the mean residual."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput


@dataclass(frozen=True)
class RegressionReport:
    """How far predictions are from the truth, in the units of the target (``r2`` has none).

    ``r2`` is None for a single row; ``mean_residual`` is the mean of truth minus prediction.
    """

    rmse: float
    mae: float
    r2: float | None
    mean_residual: float

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "RegressionReport":
        """Read its fields back from JSON; other keys are passed over. Errors: `InvalidInput` naming the field."""
        figures: dict[str, Any] = {}
        for name in ("rmse", "mae", "r2", "mean_residual"):
            value = data.get(name)
            if not (isinstance(value, (int, float)) or (name == "r2" and name in data and value is None)):
                raise InvalidInput("not a number", field=name)
            figures[name] = value
        return cls(**figures)


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
    largest = float(max(np.abs(y_true).max(), np.abs(y_pred).max()))
    # Squares of numbers this large overflow, so they are measured in units of the largest.
    unit = largest if largest > 1e150 else 1.0
    true, predicted = y_true / unit, y_pred / unit
    return RegressionReport(
        rmse=_in_units(root_mean_squared_error(true, predicted), unit),
        mae=_in_units(mean_absolute_error(true, predicted), unit),
        r2=r2_score(true, predicted) if len(true) > 1 else None,
        mean_residual=_in_units(float(np.mean(true - predicted)), unit),
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


def _in_units(value: float, unit: float) -> float:
    # JSON has no infinity; the largest number stands for what is beyond it.
    return float(np.clip(value * unit, -sys.float_info.max, sys.float_info.max))
