"""Whether a candidate is worse than another one beyond what chance does, by the losses of blocks of the same rows."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from lepton_core.promotion import UNKNOWN_CLASS_LOSS

BLOCKS = 16
"""Blocks of a fold, of every sixteenth row: their differences tell the standard error without keeping every row's."""

BEYOND = 3.0
"""Standard errors of the mean difference that are no chance: the best of many, who is compared with, was lucky too."""

BlockLosses = Sequence[Sequence[float]]
"""Of each fold the mean losses of its blocks, as `block_losses` makes them."""


def block_losses(losses: NDArray[np.float64]) -> tuple[float, ...]:
    """The mean of every `BLOCKS`-th of the ``losses`` (m,), one for each first row; at most `BLOCKS`, m of fewer rows.

    Six digits of each are kept: they are stored with every trial.

    >>> block_losses(np.array([0.5, 0.25]))
    (0.5, 0.25)
    >>> block_losses(np.arange(32.0))[:3]
    (8.0, 9.0, 10.0)
    """
    count = min(BLOCKS, len(losses))
    places = np.arange(len(losses)) % max(1, count)
    means = np.bincount(places, weights=losses) / np.bincount(places)
    return tuple(float(f"{mean:.6g}") for mean in means)


def unseen(folds: Sequence[NDArray[np.int64]], measured: Iterable[int]) -> float:
    """The share of the rows of all ``folds`` whose class no ``measured`` fold has; each (m,) has places of classes.

    >>> unseen([np.array([0, 0]), np.array([0, 1])], [0]), unseen([np.array([0, 0]), np.array([0, 1])], [1])
    (0.25, 0.0)
    """
    known = np.concatenate([folds[fold] for fold in measured])
    return float(np.mean(~np.isin(np.concatenate(folds), known)))


def is_worse(one: BlockLosses, other: BlockLosses, unseen: float = 0.0) -> bool:
    """Whether the losses of ``one`` are above those of the ``other`` on the same rows by more than noise.

    That is: the mean difference of the blocks is more than `BEYOND` standard errors, and what the share ``unseen`` of
    all rows could change, of whose classes these have none. Each of those may cost the other one as much as a class of
    probability 2.2e-16: it costs little to be sure that a rare class never comes, until it does. If there are no two
    blocks of both, nothing speaks against it.

    >>> is_worse([[1.0, 2.0, 3.0]], [[0.9, 2.1, 2.9]]), is_worse([[1.1, 2.1, 3.2]], [[1.0, 2.0, 3.0]])
    (False, True)
    >>> is_worse([[1.1, 2.1, 3.2]], [[1.0, 2.0, 3.0]], unseen=0.01)
    False
    """
    folds = list(zip(one, other, strict=False))
    if any(len(mine) != len(its) for mine, its in folds):
        return True
    differences = np.array([a - b for mine, its in folds for a, b in zip(mine, its, strict=True)])
    if len(differences) < 2:
        return True
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return bool(differences.mean() > BEYOND * error + UNKNOWN_CLASS_LOSS * unseen)
