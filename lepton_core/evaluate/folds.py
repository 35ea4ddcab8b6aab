"""K-fold cross-validation: which rows are held out when, and what the fold losses come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True)
class FoldResult:
    """What was measured on the ``rows`` of the fold that was held out; a figure is None where it is undefined."""

    loss: float
    rows: int
    metrics: Mapping[str, float | None]


@dataclass(frozen=True)
class CrossValidation:
    """CV = 1/K sum of the K fold losses: the mean loss, the loss of each fold, and the mean of the other figures."""

    loss: float
    folds: tuple[float, ...]
    metrics: Mapping[str, float | None]


def folds(y: NDArray[Any], k: int, *, seed: int, stratify: bool) -> list[Fold]:
    """``k`` pairs (training rows, held-out rows) over the m rows of ``y``, shape (m,).

    Each row is held out in exactly one fold; the index arrays are int64 and ascending. The sizes of the folds
    differ by at most 1 and, with ``stratify``, so do the counts of each distinct value of ``y`` among them.
    The same arguments give the same folds.

    Errors: `InvalidInput` (field 'folds') if ``k`` is below 2 or above m.

    >>> pairs = folds(np.array([0, 0, 1, 1]), 2, seed=0, stratify=True)
    >>> [sorted(np.array([0, 0, 1, 1])[held_out].tolist()) for _, held_out in pairs]
    [[0, 1], [0, 1]]
    """
    m = len(y)
    if not 2 <= k <= m:
        raise InvalidInput(
            f"{k} folds of {m} rows; there must be from 2 to as many folds as rows", field="folds"
        )
    order = np.random.default_rng(seed).permutation(m)
    if stratify:
        _, group = np.unique(y, return_inverse=True)
        order = order[np.argsort(group[order], kind="stable")]
    # Dealing the rows out like cards, group after group, keeps groups and totals even at the same time.
    fold_of = np.empty(m, dtype=np.int64)
    fold_of[order] = np.arange(m) % k
    return [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(k)]


def cross_validation_loss(losses: Sequence[float]) -> float:
    """CV = 1/K sum of the K fold losses, each measured on the fold that was held out; the sum is exact.

    Raises ``ValueError`` if there are none.

    >>> cross_validation_loss([0.25, 0.75])
    0.5
    """
    if not losses:
        raise ValueError("no fold losses")
    return fsum(losses) / len(losses)
