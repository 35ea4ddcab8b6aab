"""Isotonic regression: a probability as steps that never fall, whatever their form.

Zadrozny and Elkan (2002), "Transforming classifier scores into accurate multiclass probability estimates"; the steps
are found as Ayer and others (1955) do, by pooling adjacent violators.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.models.algorithm import Array

MOST_STEPS = 1000
"""Most points of a curve: of more, evenly chosen ones are kept."""

_X, _Y, _COUNTS = "isotonic.x", "isotonic.y", "isotonic.counts"


def pooled(y: Array, weights: Array) -> Array:
    """The non-decreasing values (m,) nearest to ``y`` (m,) in the sum of squares, weighted by ``weights`` (m,).

    >>> pooled(np.array([1.0, 3.0, 2.0, 4.0]), np.ones(4)).tolist()
    [1.0, 2.5, 2.5, 4.0]
    """
    means: list[float] = []
    totals: list[float] = []
    sizes: list[int] = []
    for value, weight in zip(y.tolist(), weights.tolist(), strict=True):
        mean, total, size = value, weight, 1
        while means and means[-1] >= mean:
            before, its = means.pop(), totals.pop()
            mean = (before * its + mean * total) / (its + total)
            total += its
            size += sizes.pop()
        means.append(mean)
        totals.append(total)
        sizes.append(size)
    return np.repeat(np.array(means), sizes)


@dataclass(frozen=True)
class Steps:
    """A calibrated probability as a function of the raw one: through the points ``x`` and ``y``, (k,), on lines.

    Both ascend. Before the first point and behind the last one it is level.
    """

    x: Array
    y: Array

    def __call__(self, p: Array) -> Array:
        """The calibrated probabilities (m,) of raw ones ``p`` (m,)."""
        return np.interp(p, self.x, self.y)


def fit_curve(p: Array, positive: NDArray[np.bool_], share: Array) -> Steps:
    """The curve of probabilities ``p`` (m,) of a class, whether they came true, (m,), and how much each counts, (m,).

    Its ends are kept away from 0 and 1 as Platt's targets are: with N1 rows of the class and N0 others it lies between
    1 / (N0 + 2) and (N1 + 1) / (N1 + 2), for what never happened among so many rows may still happen.

    >>> made = fit_curve(np.array([0.2, 0.4, 0.6, 0.8]), np.array([False, True, False, True]), np.ones(4))
    >>> made.x.tolist(), made.y.tolist()
    ([0.2, 0.4, 0.6, 0.8], [0.25, 0.5, 0.5, 0.75])
    """
    counted = share > 0.0
    x, places = np.unique(p[counted], return_inverse=True)
    weights = np.bincount(places, weights=share[counted]).astype(np.float64)
    y = pooled(np.bincount(places, weights=share[counted] * positive[counted]) / weights, weights)
    up, down = float(share[positive].sum()), float(share[~positive].sum())
    y = np.clip(y, 1.0 / (down + 2.0), (up + 1.0) / (up + 2.0))
    # Of a step both ends are enough.
    ends = np.ones(len(y), dtype=bool)
    ends[1:-1] = (y[1:-1] != y[:-2]) | (y[1:-1] != y[2:])
    at = np.flatnonzero(ends)
    if len(at) > MOST_STEPS:
        at = at[np.linspace(0, len(at) - 1, MOST_STEPS).round().astype(np.int64)]
    return Steps(x[at], y[at])


@dataclass(frozen=True)
class Isotonic:
    """A curve for the second of two classes, or one for each of more, each against the rest: these are normalised.

    The order of two rows is never turned round, though they may become equal.
    """

    curves: tuple[Steps, ...]
    method = "isotonic"
    line = None

    @classmethod
    def fit(cls, output: Array, y: NDArray[np.int64], share: Array) -> "Isotonic":
        """The curves for probabilities ``output`` (m, K) of rows of classes ``y`` (m,), ``share`` (m,) each."""
        shown = [1] if output.shape[1] == 2 else range(output.shape[1])
        return cls(tuple(fit_curve(output[:, k], y == k, share) for k in shown))

    def calibrated(self, output: Array) -> Array:
        """Probabilities (m, K) for ``output`` (m, K): rows that sum to 1."""
        if len(self.curves) == 1:
            p = self.curves[0](output[:, 1])
            return np.stack([1.0 - p, p], axis=1)
        found = np.stack([curve(output[:, k]) for k, curve in enumerate(self.curves)], axis=1)
        found /= found.sum(axis=1, keepdims=True)
        return found

    def packed(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Its arrays, the points of all curves one after the other as (k,), and what is said beside them."""
        return {
            _X: np.concatenate([curve.x for curve in self.curves]),
            _Y: np.concatenate([curve.y for curve in self.curves]),
            _COUNTS: np.array([len(curve.x) for curve in self.curves], dtype=np.int64),
        }, {"method": self.method}

    @classmethod
    def unpacked(cls, arrays: Mapping[str, NDArray[Any]], classes: int) -> "Isotonic":
        """The curves of so many ``classes`` out of ``arrays`` as `packed` made them, (k,) each.

        Raises `InvalidArtifact` for points that are no curve of probabilities.
        """
        x, y, counts = (arrays[name] for name in (_X, _Y, _COUNTS))
        wanted = 1 if classes == 2 else classes
        if counts.dtype != np.int64 or counts.shape != (wanted,) or classes < 2:
            raise InvalidArtifact("there is not one curve a class", field=_COUNTS)
        fits = all(one.dtype == np.float64 and one.ndim == 1 for one in (x, y)) and x.shape == y.shape
        if not fits or (counts < 1).any() or (counts > MOST_STEPS).any() or int(counts.sum()) != len(x):
            raise InvalidArtifact("the curves are not made of so many points", field=_X)
        if not ((x >= 0.0) & (x <= 1.0) & (y > 0.0) & (y < 1.0)).all():
            raise InvalidArtifact("the curves lead out of the probabilities", field=_Y)
        ends = np.cumsum(counts)
        curves = tuple(Steps(x[end - n : end], y[end - n : end]) for end, n in zip(ends, counts, strict=True))
        if not all((one.x[1:] > one.x[:-1]).all() and (one.y[1:] >= one.y[:-1]).all() for one in curves):
            raise InvalidArtifact("the curves do not ascend", field=_Y)
        return cls(curves)
