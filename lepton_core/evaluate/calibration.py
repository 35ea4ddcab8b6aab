"""Whether a predicted 0.8 comes true eight times in ten."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Calibration:
    """Bins of equal width over [0, 1]; a bin without rows has count 0 and None for its means.

    ``mean_predicted`` is the mean probability of the bin's rows, ``fraction_positive`` the share that came
    true. Errors: ``ValueError`` if the lengths differ.
    """

    mean_predicted: tuple[float | None, ...]
    fraction_positive: tuple[float | None, ...]
    count: tuple[int, ...]

    def __post_init__(self) -> None:
        if not len(self.mean_predicted) == len(self.fraction_positive) == len(self.count):
            raise ValueError("not a calibration curve: its fields differ in length")


def calibration_curve(
    positive: NDArray[Any], probability: NDArray[np.float64], bins: int = 10
) -> Calibration:
    """Predicted against observed frequency in ``bins`` bins of equal width.

    ``positive`` (m,) is true (or 1) for the rows of the class, ``probability`` (m,) what was predicted for
    it, in [0, 1]. A probability on an edge between two bins belongs to the lower one.

    >>> calibration_curve(np.array([0, 1, 1]), np.array([0.25, 0.75, 1.0]), bins=2)
    Calibration(mean_predicted=(0.25, 0.875), fraction_positive=(0.0, 1.0), count=(1, 2))
    """
    edges = np.linspace(0.0, 1.0, bins + 1)[1:-1]
    at = np.searchsorted(edges, probability)
    count = np.bincount(at, minlength=bins)
    predicted = np.bincount(at, weights=probability, minlength=bins)
    came_true = np.bincount(at, weights=np.asarray(positive, dtype=np.float64), minlength=bins)
    return Calibration(_means(predicted, count), _means(came_true, count), tuple(count.tolist()))


def calibration_error(y_true: NDArray[Any], probabilities: NDArray[np.float64], bins: int = 10) -> float:
    """How far probabilities (m, K) are from what comes true of class indices (m,): 0 is perfect, 1 the worst.

    The expected calibration error: sum_b n_b / m |mean p of bin b - share that came true|, over bins of equal width of
    the probability of the second of two classes, or the mean over more classes. Naeini, Cooper and Hauskrecht (2015),
    "Obtaining well calibrated probabilities using Bayesian binning".

    >>> round(calibration_error(np.array([0, 1]), np.array([[0.5, 0.5], [0.1, 0.9]])), 12)
    0.3
    """
    classes = probabilities.shape[1]
    found = [
        calibration_curve(y_true == k, probabilities[:, k], bins)
        for k in ([1] if classes == 2 else range(classes))
    ]
    gaps = [
        abs(p - came_true) * n
        for curve in found
        for p, came_true, n in zip(curve.mean_predicted, curve.fraction_positive, curve.count, strict=True)
        if p is not None and came_true is not None
    ]
    return sum(gaps) / (len(found) * len(y_true))


def brier_score(y_true: NDArray[Any], probabilities: NDArray[np.float64]) -> float:
    """Mean squared error of probabilities (m, K) against class indices (m,): 0 is perfect.

    For two classes 1/m sum (p - y)^2 with p of the second class, in [0, 1]; for more, the sum over the
    classes 1/m sum_k (p_k - [y = k])^2, in [0, 2]. scikit-learn scales them the same way.

    >>> brier_score(np.array([0, 1]), np.array([[0.5, 0.5], [0.0, 1.0]]))
    0.125
    """
    squares = np.square(probabilities - (y_true[:, None] == np.arange(probabilities.shape[1])))
    halved = 0.5 if probabilities.shape[1] == 2 else 1.0
    return float(halved * np.mean(np.sum(squares, axis=1)))


def _means(total: NDArray[Any], count: NDArray[Any]) -> tuple[float | None, ...]:
    return tuple(float(t / n) if n else None for t, n in zip(total, count, strict=True))
