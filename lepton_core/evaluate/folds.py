"""K-fold cross-validation: which rows are held out when, and what the fold losses come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import Any, Literal

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
class CurvePoint:
    """The losses of a fit after an ``iteration``, on held-out rows and on rows of its training."""

    iteration: int
    held_out: float
    training: float


@dataclass(frozen=True)
class HeldOutCurve:
    """How a fit does on rows that it does not see, while it goes on, and beside it on rows that it learns from.

    ``measure`` is log loss in nats, or the root of the mean squared error in the unit of the label, both without a
    penalty and without weights of rows. ``rows`` are held out, ``training_rows`` are of the training. Each of the
    ``points`` comes about a third of its iterations after the one before.
    """

    measure: Literal["log_loss", "rmse"]
    rows: int
    training_rows: int
    points: Sequence[CurvePoint]


@dataclass(frozen=True)
class CrossValidation:
    """CV = 1/K sum of the K fold losses: the mean loss, the loss of each fold, and the mean of the other figures."""

    loss: float
    folds: tuple[float, ...]
    metrics: Mapping[str, float | None]


def folds(
    y: NDArray[Any], k: int, *, seed: int, stratify: bool, alike: NDArray[Any] | None = None
) -> list[Fold]:
    """``k`` pairs (training rows, held-out rows) over the m rows of ``y``, shape (m,).

    Each row is held out in exactly one fold; the index arrays are int64 and ascending. The sizes of the folds
    differ by at most 1 and, with ``stratify``, so do the counts of each distinct value of ``y`` among them.
    So do those of each distinct value of ``alike`` (m,) within a value of ``y``, or among all: copies of a row are
    dealt out. The same arguments give the same folds.

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
    if alike is not None:
        # Copies stand where the first of them does, so that rows without a copy stay where they are.
        _, first, of = np.unique(alike[order], return_index=True, return_inverse=True)
        order = order[np.argsort(first[of], kind="stable")]
    if stratify:
        _, group = np.unique(y, return_inverse=True)
        order = order[np.argsort(group[order], kind="stable")]
    # Dealing the rows out like cards, group after group, keeps groups and totals even at the same time.
    fold_of = np.empty(m, dtype=np.int64)
    fold_of[order] = np.arange(m) % k
    return _pairs(fold_of, k)


def group_folds(groups: NDArray[Any], y: NDArray[np.int64], k: int, *, seed: int) -> list[Fold]:
    """As `folds`, but all rows of one value of ``groups`` (m,) are in one fold.

    One group after the other, the largest first, goes to the fold that lacks it most: whose shares of the rows of its
    classes, by the numbers ``y`` >= 0 (m,), are least. Errors: `InvalidInput` (field 'folds') if ``k`` is below 2 or
    above the number of groups.

    >>> pairs = group_folds(np.array([7, 7, 8, 9]), np.zeros(4, dtype=np.int64), 2, seed=0)
    >>> sorted(held_out.tolist() for _, held_out in pairs)
    [[0, 1], [2, 3]]
    """
    found, group = np.unique(groups, return_inverse=True)
    if not 2 <= k <= len(found):
        raise InvalidInput(
            f"{k} folds of {len(found)} groups; there must be from 2 to as many folds as groups",
            field="folds",
        )
    classes = int(y.max()) + 1
    rows = np.bincount(group * classes + y, minlength=len(found) * classes).reshape(-1, classes)
    shares = rows / np.maximum(rows.sum(axis=0), 1)
    order = np.random.default_rng(seed).permutation(len(found))
    order = order[np.argsort(-rows.sum(axis=1)[order], kind="stable")]
    dealt, sizes = np.zeros((k, classes)), np.zeros(k)
    fold_of = np.empty(len(found), dtype=np.int64)
    for one in order:
        fold = int(np.lexsort((sizes, dealt @ shares[one]))[0])
        fold_of[one] = fold
        dealt[fold] += shares[one]
        sizes[fold] += 1
    return _pairs(fold_of[group], k)


def time_folds(times: NDArray[np.float64], k: int) -> list[Fold]:
    """``k`` pairs: the rows are cut into k + 1 blocks in the order of ``times`` (m,), rows of one time together.

    Fold i trains on the blocks up to i and holds the next one out; a row whose time is missing (NaN) is trained on.
    Errors: `InvalidInput` (field 'folds') if ``k`` is below 2, or there are not k + 1 different times.

    >>> [(train.tolist(), held_out.tolist()) for train, held_out in time_folds(np.array([3.0, 1.0, 2.0]), 2)]
    [([1], [2]), ([1, 2], [0])]
    """
    found, place = np.unique(times, return_inverse=True)
    there = ~np.isnan(times)
    distinct = int(np.count_nonzero(~np.isnan(found)))
    if not 2 <= k < distinct:
        raise InvalidInput(
            f"{k} folds of {distinct} different times; there must be at least 2 folds, and more times than folds",
            field="folds",
        )
    before = np.cumsum(np.bincount(place[there], minlength=distinct))
    # Each block gets its share of the rows, and one time at least.
    ends: list[int] = []
    for block in range(1, k + 1):
        end = int(np.searchsorted(before, block * before[-1] / (k + 1))) + 1
        least = ends[-1] + 1 if ends else 1
        ends.append(min(max(end, least), distinct - (k + 1 - block)))
    ends.append(distinct)
    return [
        (np.flatnonzero(~there | (place < begin)), np.flatnonzero(there & (place >= begin) & (place < end)))
        for begin, end in pairwise(ends)
    ]


def _pairs(fold_of: NDArray[np.int64], k: int) -> list[Fold]:
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
