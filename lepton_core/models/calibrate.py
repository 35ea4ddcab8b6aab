"""Probabilities from any scores: Platt's sigmoid.

Platt, "Probabilistic outputs for support vector machines" (1999), fitted by Newton's method as Lin, Lin and Weng,
"A note on Platt's probabilistic outputs for support vector machines" (2007).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STEPS = 100
_REST = 1e-14
_LAST = 1e-12
_RIDGE = 1e-12
_ENOUGH = 1e-4
_SHORTEST = 2.0**-40
_FLAT = 1e-13
_FAR = 1e300


def fit_sigmoid(scores: Array, positive: NDArray[Any], s: Array) -> tuple[float, float]:
    """``(slope, offset)`` of ``p = 1 / (1 + e^-(slope f + offset))`` for scores f ``(m,)``, ``positive`` ``(m,)`` bool.

    It minimises ``-sum s_i [t_i log p_i + (1 - t_i) log(1 - p_i)]`` with Platt's targets ``t = (N1 + 1) / (N1 + 2)``
    for the positive and ``1 / (N0 + 2)`` for the others, ``N1`` and ``N0`` the sums of their shares ``s``
    ``(m,)``, so that a perfect separation does not lead to certainty. ``slope`` is never negative: scores that point
    the wrong way say nothing, and then, as where all scores are alike, it is 0 and p the mean target.

    >>> slope, offset = fit_sigmoid(np.array([-1.0, 1.0]), np.array([False, True]), np.ones(2))
    >>> round(slope, 6), abs(round(offset, 6)), round(float(np.log(2)), 6)
    (0.693147, 0.0, 0.693147)
    """
    up, down = float(s[positive].sum()), float(s[~positive].sum())
    targets = np.where(positive, (up + 1.0) / (up + 2.0), 1.0 / (down + 2.0))
    share = s / s.sum()
    mean = float(share @ targets)
    start = float(np.log(mean / (1.0 - mean)))
    largest = float(np.abs(scores).max()) or 1.0
    unit = scores / largest
    center = float(share @ unit)
    spread = float(np.sqrt(share @ np.square(unit - center)))
    if spread <= _FLAT:
        return 0.0, start
    slope, offset = _newton((unit - center) / spread, targets, share, start)
    slope /= spread
    if slope <= 0.0:
        return 0.0, start
    return slope / largest, offset - slope * center


def _newton(f: Array, targets: Array, share: Array, start: float) -> tuple[float, float]:
    at = np.array([0.0, start])
    value = _loss(f, targets, share, at)
    for _ in range(_STEPS):
        p = _sigmoid(at[0] * f + at[1])
        pull = share * (p - targets)
        gradient = np.array([float(pull @ f), float(pull.sum())])
        if float(np.abs(gradient).max()) <= _REST:
            break
        curved = share * p * (1.0 - p)
        mixed = float(curved @ f)
        hessian = np.array([[float(curved @ np.square(f)), mixed], [mixed, float(curved.sum())]])
        step = np.linalg.solve(hessian + _RIDGE * np.eye(2), -gradient)
        slope, part = float(gradient @ step), 1.0
        if slope > -_LAST * value:  # so near that values tell no more, and the next step is exact
            return float(at[0] + step[0]), float(at[1] + step[1])
        while part > _SHORTEST:
            ahead = _loss(f, targets, share, at + part * step)
            if ahead <= value + _ENOUGH * part * slope:
                break
            part /= 2.0
        if part <= _SHORTEST:
            break
        at, value = at + part * step, ahead
    return float(at[0]), float(at[1])


def _loss(f: Array, targets: Array, share: Array, at: Array) -> float:
    z = at[0] * f + at[1]
    return float(share @ (_softplus(z) - targets * z))


def probabilities(scores: Array, slope: Array, offset: Array) -> Array:
    """Of scores ``(m,)`` of the second of two classes, or ``(m, K)``: ``(m, 2)`` or ``(m, K)``, rows that sum to 1.

    ``slope`` and ``offset`` are ``(1,)`` or ``(K,)``: the sigmoid of each class. For K > 2 the sigmoids, one class
    against the rest each, are divided by their sum.

    >>> probabilities(np.array([0.0, 1e308]), np.ones(1), np.zeros(1)).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    >>> probabilities(np.full((1, 4), -1e308), np.ones(4), np.zeros(4)).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    with np.errstate(over="ignore"):
        z = np.clip(scores * slope + offset, -_FAR, _FAR)
    if scores.ndim == 1:
        p = _sigmoid(np.abs(z))
        sides = np.stack([1.0 - p, p], axis=1)
        sides[:, 0] = _sigmoid(-np.abs(z))
        return np.asarray(np.where((z >= 0.0)[:, None], sides, sides[:, ::-1]))
    logs = -_softplus(-z)
    result: Array = np.exp(logs - logs.max(axis=1, keepdims=True))
    result /= result.sum(axis=1, keepdims=True)
    return result


def _softplus(z: Array) -> Array:
    return np.asarray(np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))))


def _sigmoid(z: Array) -> Array:
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0.0, 1.0, small) / (1.0 + small))
