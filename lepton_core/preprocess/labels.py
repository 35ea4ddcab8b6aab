"""The label of each row as a step meets it that learns from labels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

ENCODING_FOLDS = 5
"""So many parts of the rows are each described by what the others say; two rows are enough for that."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Labels:
    """``y`` (m,) as a `Target` has it: values, or the places of ``classes``, which are empty for values.

    ``weights`` (m,) say how much each row counts; 0 is a row that is not there.
    """

    y: NDArray[Any]
    classes: tuple[str, ...]
    weights: FloatArray

    @staticmethod
    def of(y: NDArray[Any], classes: Sequence[str] = (), weights: FloatArray | None = None) -> "Labels":
        """The labels ``y`` (m,); without ``weights`` (m,) each row counts once.

        >>> Labels.of(np.array([0, 1, 1]), ["no", "yes"]).described
        ('yes',)
        """
        return Labels(y, tuple(classes), np.ones(len(y)) if weights is None else weights)

    @property
    def described(self) -> tuple[str, ...]:
        """The classes whose shares say everything: the second of two, each of more; none for values."""
        return self.classes[1:] if len(self.classes) == 2 else self.classes

    def sums(self, places: IntArray, count: int) -> tuple[FloatArray, FloatArray]:
        """Of the rows of each of ``count`` places, as ``places`` (m,) has them: their weight, and that times label.

        The shapes are (count,) and (count, k), with one column of values, or 0 or 1 for each class `described`. Rows
        at place -1 are left out.

        >>> of = Labels.of(np.array([0, 1, 1, 0]), ["no", "yes"])
        >>> [found.tolist() for found in of.sums(np.array([0, 0, 1, -1]), 2)]
        [[2.0, 1.0], [[1.0], [1.0]]]
        """
        at = np.flatnonzero(places >= 0)
        places, y, weights = places[at], self.y[at], self.weights[at]
        totals = _sums(places, weights, count)
        width = len(self.described)
        if width <= 1:
            return totals, _sums(places, weights * y, count)[:, None]
        return totals, _sums(places * width + y, weights, count * width).reshape(count, width)

    def without(self, rows: NDArray[np.bool_]) -> "Labels":
        """The same with weight 0 at ``rows`` (m,).

        >>> Labels.of(np.array([1.5, 2.5])).without(np.array([True, False])).weights.tolist()
        [0.0, 1.0]
        """
        return replace(self, weights=np.where(rows, 0.0, self.weights))

    def folds(self, seed: int) -> IntArray:
        """The fold of each row, (m,), 0 to `ENCODING_FOLDS` - 1: dealt out by chance, the rows of each class alike.

        >>> np.bincount(Labels.of(np.arange(10.0)).folds(seed=0)).tolist()
        [2, 2, 2, 2, 2]
        """
        chance = np.random.default_rng(seed).permutation(len(self.y))
        order = np.lexsort((chance, self.y)) if self.classes else chance
        folds = np.empty(len(order), dtype=np.int64)
        folds[order] = np.arange(len(order)) % ENCODING_FOLDS
        return folds


def _sums(places: IntArray, values: FloatArray, count: int) -> FloatArray:
    return np.bincount(places, weights=values, minlength=count).astype(np.float64, copy=False)
