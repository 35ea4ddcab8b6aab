"""The data of a support vector machine: the rows that count, and the folds that its calibration holds out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.losses import Array
from lepton_core.errors import InvalidArtifact
from lepton_core.evaluate.folds import Fold, folds
from lepton_core.models.algorithm import Problem
from lepton_core.models.descent_choices import sum_of_squares
from lepton_core.models.rows import check_targets, counted, demand

CALIBRATION_FOLDS = 5
_KEPT_BYTES = 1 << 28


@dataclass(frozen=True, eq=False)
class KernelData:
    """The rows with weight: ``X`` ``(m, n)`` in C order, ``y`` ``(m,)``, and ``weights`` ``(m,)``, 1 unless said.

    ``folds`` are those of the calibration, none for values; part 0 of the training has all rows, part j those that
    fold j - 1 trains on.
    """

    X: Array
    y: NDArray[Any]
    weights: Array
    n_classes: int
    seed: int
    folds: tuple[Fold, ...]

    @property
    def outputs(self) -> int:
        """How many scores a row has."""
        return self.n_classes if self.n_classes > 2 else 1

    @property
    def parts(self) -> range:
        """Numbers of the parts."""
        return range(len(self.folds) + 1)

    def rows(self, part: int) -> NDArray[np.int64] | None:
        """The rows ``(k,)`` of a part, None for all."""
        return None if part == 0 else self.folds[part - 1][0]

    def problem(self, part: int) -> Problem:
        """A part as a problem of its own; see `keeps`."""
        if part in self._kept:
            return self._kept[part]
        at = self.rows(part)
        X, y, weights = (of if at is None else of.take(at, axis=0) for of in (self.X, self.y, self.weights))
        made = Problem(X, y, self.n_classes, self.seed, weights)
        if self.keeps(part):
            self._kept[part] = made
        return made

    def keeps(self, part: int) -> bool:
        """Whether the rows of all parts together are few enough to be kept, or the part has none of its own."""
        return part == 0 or self.X.nbytes * len(self.folds) <= _KEPT_BYTES

    @cached_property
    def _kept(self) -> dict[int, Problem]:
        return {}

    def positive(self, output: int, rows: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
        """``(m,)`` or, of ``rows`` ``(k,)``, ``(k,)``: whether a row is of the class that this output scores."""
        y = self.y if rows is None else self.y[rows]
        return np.asarray(y == (output if self.outputs > 1 else 1))


def gather(problem: Problem) -> KernelData:
    """The data of a problem with at least two classes or none. Raises `InvalidData` if it cannot be learned from.

    >>> data = gather(Problem(np.eye(3), np.array([0, 1, 0]), 2, weights=np.array([1.0, 3.0, 0.0])))
    >>> data.weights.tolist(), len(data.folds)
    ([1.0, 3.0], 2)
    """
    demand(problem, ("classification", "regression"))
    problem = counted(problem)
    check_targets(problem)
    sum_of_squares(problem.X)
    m, weights = len(problem.X), problem.weights
    held: tuple[Fold, ...] = ()
    if problem.n_classes and m > 1:
        held = tuple(folds(problem.y, min(CALIBRATION_FOLDS, m), seed=problem.seed, stratify=True))
    return KernelData(
        problem.array,
        problem.y,
        np.ones(m) if weights is None else weights,
        problem.n_classes,
        problem.seed,
        held,
    )


def section(arrays: Mapping[str, NDArray[Any]], part: int) -> dict[str, NDArray[Any]]:
    """Of all arrays of a fit, of any shape, those of a part, by their own names.

    >>> sorted(section({"a": np.zeros(1), "fold1.b": np.zeros(1)}, 1)), prefix(0) + "a"
    (['b'], 'a')
    """
    start = prefix(part)
    return {
        name.removeprefix(start): array
        for name, array in arrays.items()
        if (name.startswith(start) if part else not name.startswith("fold"))
    }


def foreign() -> InvalidArtifact:
    """The error for a checkpoint that is not of this data and these hyperparameters."""
    return InvalidArtifact("the checkpoint belongs to other data or other hyperparameters")


def prefix(part: int) -> str:
    """The beginning of the names of a part's arrays."""
    return f"fold{part}." if part else ""
