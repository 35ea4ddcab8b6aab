"""Rows that a network does not learn from: when their loss no longer falls, it begins to learn the others by heart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import Array, DescentState
from lepton_core.models.algorithm import Problem
from lepton_core.models.learners.rounds import folds

FEWEST_FOR_ASIDE = 200
"""Of fewer rows a tenth says nothing."""

_PARTS = 10
_KEPT = "kept."


@dataclass(frozen=True, eq=False)
class Sides:
    """The rows of a problem: those that are ``learnt`` from, and those kept ``aside``."""

    learnt: Problem
    aside: Problem


def sides(problem: Problem) -> Sides | None:
    """A tenth of the rows aside, see `folds`, but no class as a whole; None if rows are fewer than `FEWEST_FOR_ASIDE`.

    >>> found = sides(Problem(np.arange(300.0)[:, None], np.arange(300) % 3, n_classes=3))
    >>> np.bincount(found.learnt.y).tolist(), np.bincount(found.aside.y).tolist()
    ([90, 90, 90], [10, 10, 10])
    """
    if len(problem.X) < FEWEST_FOR_ASIDE:
        return None
    classes = bool(problem.n_classes)
    aside = folds(problem.X, problem.y, problem.seed, classes=classes, parts=_PARTS) == 0
    if classes:
        aside &= np.isin(problem.y, problem.y[~aside])
    if not aside.any() or aside.all():
        return None
    return Sides(_some(problem, ~aside), _some(problem, aside))


def _some(problem: Problem, rows: NDArray[np.bool_]) -> Problem:
    weights = None if problem.weights is None else problem.weights[rows]
    return replace(problem, X=problem.X[np.flatnonzero(rows)], y=problem.y[rows], weights=weights)


@dataclass(frozen=True, eq=False)
class BestEpoch:
    """The ``weights`` ``(p,)`` after epoch ``at``, of all epochs so far the one whose ``loss`` of rows aside is least.

    >>> begun = BestEpoch(np.zeros(1))
    >>> [kept.at for kept in (begun, begun.or_after(1, np.ones(1), 0.5), begun.or_after(1, np.ones(1), np.nan))]
    [0, 1, 1]
    """

    weights: Array
    loss: float = inf
    at: int = 0

    def or_after(self, epoch: int, weights: Array, loss: float) -> "BestEpoch":
        """This, or the ``weights`` ``(p,)`` of a later ``epoch`` if their ``loss`` is lower; no NaN ever is."""
        loss = loss if isfinite(loss) else inf
        return BestEpoch(weights, loss, epoch) if not self.at or loss < self.loss else self

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """What a checkpoint keeps of it, by name: ``kept.weights`` ``(p,)``, ``kept.loss`` and ``kept.at`` ``(1,)``."""
        each = {"weights": self.weights, "loss": np.array([self.loss]), "at": np.array([self.at])}
        return {_KEPT + name: array for name, array in each.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "BestEpoch":
        """That of a checkpoint with these arrays: ``kept.weights`` ``(p,)``, ``kept.loss`` and ``kept.at`` ``(1,)``."""
        weights, loss, at = (arrays[_KEPT + name] for name in ("weights", "loss", "at"))
        return cls(weights, float(loss[0]), int(at[0]))


class Watch:
    """What looks at each epoch of a training, keeps the best, and says whether there was none for ``patience`` epochs.

    ``loss`` gives that of the rows aside under weights ``(p,)``.
    """

    def __init__(self, kept: BestEpoch, loss: Callable[[Array], float], patience: int) -> None:
        self.kept = kept
        self._loss = loss
        self._patience = patience

    def enough(self, state: DescentState) -> bool:
        """Whether the training may end after the epoch that led to ``state``; to be asked once after each."""
        with np.errstate(over="ignore", invalid="ignore"):
            loss = self._loss(state.weights)
        self.kept = self.kept.or_after(state.iteration, state.weights, loss)
        return state.iteration - self.kept.at >= self._patience
