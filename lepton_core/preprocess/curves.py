"""What no scaling does to a number: a logarithm, a place in a distribution, a product, a mean by levels."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lepton_core.normal import quantiles_of_normal
from lepton_core.preprocess.feature import Matrix, NumberFeature

FloatArray = NDArray[np.float64]

FARTHEST = 1e-7
"""The share of a normal distribution beyond which no value is placed: 5.2 standard deviations from the middle."""


@dataclass(frozen=True)
class SignedLog:
    """sign(x) log(1 + |x|).

    >>> SignedLog((NumberFeature("a", "a"),)).values(np.array([[0.0], [np.e - 1], [1 - np.e]])).tolist()
    [0.0, 1.0, -1.0]
    """

    inputs: tuple[NumberFeature, ...]

    def values(self, inputs: Matrix) -> FloatArray:
        """See `Curve.values`, (m,)."""
        x = inputs[:, 0]
        return np.sign(x) * np.log1p(np.abs(x))


@dataclass(frozen=True)
class QuantileCurve:
    """The share of the fitted rows below x, by the straight lines between ``quantiles``; ``normal``: its z-score.

    Where several quantiles are equal, it is the middle of their shares. Outside of them it is 0 or 1.

    >>> curve = QuantileCurve((NumberFeature("a", "a"),), (0.0, 10.0, 20.0), normal=False)
    >>> curve.values(np.array([[-5.0], [5.0], [20.0], [np.nan]])).tolist()
    [0.0, 0.25, 1.0, nan]
    """

    inputs: tuple[NumberFeature, ...]
    quantiles: tuple[float, ...]
    normal: bool

    def values(self, inputs: Matrix) -> FloatArray:
        """See `Curve.values`, (m,)."""
        x, (edges, shares) = inputs[:, 0], self._edges
        from_below = np.interp(x, edges, shares)
        from_above = np.interp(-x, -edges[::-1], -shares[::-1])
        found: FloatArray = 0.5 * (from_below - from_above)
        found[x >= edges[-1]], found[x <= edges[0]] = 1.0, 0.0
        return quantiles_of_normal(np.clip(found, FARTHEST, 1 - FARTHEST)) if self.normal else found

    @cached_property
    def _edges(self) -> tuple[FloatArray, FloatArray]:
        return np.array(self.quantiles), np.linspace(0, 1, len(self.quantiles))


@dataclass(frozen=True)
class Product:
    """The product of its two inputs.

    >>> Product((NumberFeature("a", "a"), NumberFeature("b", "b"))).values(np.array([[2.0, 3.0]])).tolist()
    [6.0]
    """

    inputs: tuple[NumberFeature, ...]

    def values(self, inputs: Matrix) -> FloatArray:
        """See `Curve.values`, (m,)."""
        with np.errstate(over="ignore"):
            return inputs[:, 0] * inputs[:, 1]


@dataclass(frozen=True)
class LevelMeans:
    """The mean of a level, by the level's place, which is the first input; one without a place has the last mean.

    ``means`` are one tuple, or one for each fold; then a second input says the fold.

    >>> of = LevelMeans((NumberFeature("town", "town", codes=("Bonn", "Ulm")),), ((0.2, 0.8, 0.5),))
    >>> of.values(np.array([[1.0], [np.nan]])).tolist()
    [0.8, 0.5]
    """

    inputs: tuple[NumberFeature, ...]
    means: tuple[tuple[float, ...], ...]

    def values(self, inputs: Matrix) -> FloatArray:
        """See `Curve.values`, (m,); never NaN."""
        places = inputs[:, 0]
        at = np.where(np.isnan(places), -1.0, places).astype(np.int64)
        fold = np.int64(0) if len(self.inputs) == 1 else inputs[:, 1].astype(np.int64)
        found: FloatArray = self._means[fold, at]
        return found

    @cached_property
    def _means(self) -> FloatArray:
        return np.array(self.means)
