"""Penalties compared by the losses of rows that are left out of a fit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import (
    Full,
    Loss,
    Penalty,
    Squared,
    begin,
    constant,
    descend,
    inverse_curvature,
    lbfgs,
)
from lepton_core.errors import Diverged
from lepton_core.matrix import Blocks, Matrix
from lepton_core.models.algorithm import Array
from lepton_core.models.recurring import recur

FACTOR = 10**0.5
"""From one strength to the next."""

MARGIN = 0.99
"""The share of the loss that another strength must leave of that of the usual one, or this stays."""

MOST_STORED = 2_000_000
"""So many numbers of the features, once a score, take some seconds for all folds and strengths."""

FEWEST_FOLDED = 250
"""Fewer of many rows say too little by folds."""

_STEPS = 4
_FOLDS = 5
_ITERATIONS = 200
_TOLERANCE = 1e-7
_SEED = 0
_SAME = 1e-12


class LeftOut:
    """Losses of rows under penalties of strength ``unit * FACTOR^step``, each of a fit without the row itself.

    ``X`` is ``(m, n)``, ``y`` ``(m,)``; ``s`` ``(m,)`` are shares of mean 1, None: all alike; ``total`` is how many
    rows they count for.
    """

    def __init__(
        self, loss: Loss, X: Matrix, y: NDArray[Any], s: Array | None, total: float, unit: float
    ) -> None:
        self._data = loss, X, y, s
        self._share = np.full(len(X), 1.0 / len(X)) if s is None else s / s.sum()
        self._total = total
        self._unit = unit
        self._fold = folds(X, y)
        self._begun = np.zeros((_FOLDS, *loss.shape(X.shape[1])))

    def losses(self, step: int) -> Array:
        """Of each row, ``(m,)``: five fits, each without one of the `folds`."""
        loss, X, y, s = self._data
        found = np.empty(len(X))
        for each in range(_FOLDS):
            rest, part = np.flatnonzero(self._fold != each), np.flatnonzero(self._fold == each)
            shares = None if s is None else s[rest] / s[rest].mean()
            l2 = self._unit * float(FACTOR**step) / float(self._share[rest].sum())
            # Each fit begins at the weights of the last one.
            W = minimum(loss, X[rest], y[rest], shares, l2, self._begun[each])
            if W is None:
                return np.full(len(X), np.inf)
            self._begun[each], rows = W, np.atleast_2d(W)
            found[part] = row_losses(loss, rows[:, :-1] @ X[part].T + rows[:, -1:], y[part])
        return found

    def best(self) -> int | None:
        """The step of the strength to take, None if step 0 is hardly worse.

        A weaker penalty must be better by two standard errors of the rows' differences, a stronger one by one.
        """
        plain = self.losses(0)
        best, at = plain, 0
        for direction in (1, -1):
            for step in range(1, _STEPS + 1):
                found = self.losses(direction * step)
                if not self._mean(found) < self._mean(best):
                    break
                best, at = found, direction * step
            if at:
                break
        return at if at and self.is_sure(at, best, plain) else None

    def lowest(self, weakest: int) -> int:
        """The step with the least loss, from 0 down to ``weakest``, as long as they bring it down."""
        least, at = self._mean(self.losses(0)), 0
        for step in range(-1, weakest - 1, -1):
            found = self._mean(self.losses(step))
            if not found < least:
                break
            least, at = found, step
        return at

    def is_sure(self, at: int, best: Array, plain: Array) -> bool:
        """Whether losses ``best`` ``(m,)`` of the step ``at`` are lower than ``plain`` ``(m,)`` by more than chance."""
        return self.is_better(best, plain, errors=1.0 if at > 0 else 2.0)

    def is_better(self, best: Array, plain: Array, errors: float) -> bool:
        """Whether ``best`` ``(m,)`` is lower by a share of ``plain`` ``(m,)``, and by so many standard errors."""
        if not np.isfinite(plain).all():
            return True
        less = plain - best
        gain = self._mean(less)
        error = np.sqrt(max(self._mean(np.square(less)) - gain**2, 0.0) / self._total)
        return gain > (1.0 - MARGIN) * self._mean(plain) and gain > errors * error

    def _mean(self, losses: Array) -> float:
        """Of the rows, each as often as it counts."""
        return float(self._share @ losses)


def minimum(loss: Loss, X: Matrix, y: NDArray[Any], s: Array | None, l2: float, begun: Array) -> Array | None:
    """The weights of least loss under a penalty, of the shape of ``begun``, where it starts; None if they overflow.

    ``X`` is ``(m, n)``, ``y`` ``(m,)``, ``s`` ``(m,)`` shares of mean 1, None: all alike.
    """
    optimizer = lbfgs(inverse_curvature(loss, X, s, l2=l2))
    state = begin(begun, optimizer)
    parts = (loss, Penalty(l2=l2), optimizer, constant(), Full(), state, X, y, s)
    try:
        end = descend(*parts, rate=1.0, iterations=_ITERATIONS, tolerance=_TOLERANCE, patience=3)
    except Diverged:
        return None
    return end.weights


def row_losses(loss: Loss, scores: Array, y: NDArray[Any]) -> Array:
    """The loss ``(m,)`` of scores ``(K, m)``: squared errors, or the log loss of classes ``y`` ``(m,)``.

    >>> row_losses(Squared(), np.array([[1.0, 5.0]]), np.array([1.0, 3.0])).tolist()
    [0.0, 4.0]
    """
    if isinstance(loss, Squared):
        return np.asarray(np.square(scores[0] - y))
    if len(scores) == 1:
        return np.asarray(np.logaddexp(0.0, (1.0 - 2.0 * y) * scores[0]))
    largest = scores.max(axis=0)
    total = largest + np.log(np.exp(scores - largest).sum(axis=0))
    return np.asarray(total - scores[y, np.arange(len(y))])


def folds(X: Matrix, y: NDArray[Any]) -> NDArray[np.int64]:
    """The fold of each row, ``(m,)``, 0 to 4: equal rows have the same one, so that a row of weight two is two rows.

    Rows are dealt out along a direction that is always the same; one by one if they hardly differ in it, or if those
    that are equal differ in ``y`` ``(m,)``, so that new rows are like old ones too.

    >>> X = np.array([[1.0], [5.0], [1.0], [2.0], [3.0], [4.0]])
    >>> folds(X, np.zeros(6)).tolist(), folds(X, np.arange(6)).tolist()
    ([0, 4, 0, 1, 2, 3], [0, 0, 1, 2, 3, 4])
    """
    direction: Array = np.random.default_rng(_SEED).normal(size=(X.shape[1],))
    along = X @ direction
    order = np.argsort(along, kind="stable")
    apart = np.diff(along[order]) > _SAME * np.abs(along).max(initial=0.0)
    groups = np.concatenate([[0], np.cumsum(apart)])
    if groups[-1] < _FOLDS - 1:
        return np.arange(len(along)) % _FOLDS
    found, places = np.empty((2, len(along)), dtype=np.int64)
    places[order] = groups
    if recur(places, y):
        order = np.lexsort((y, places))
        groups = np.arange(len(along))
    found[order] = groups % _FOLDS
    return found


def every(
    step: int, X: Matrix, y: NDArray[Any], s: Array | None
) -> tuple[Matrix, NDArray[Any], Array | None]:
    """Each ``step``-th row of ``X`` ``(m, n)``, ``y`` and shares ``s`` ``(m,)``, which get the mean 1."""
    some = np.arange(0, len(X), step)
    return X[some], y[some], None if s is None else s[some] / s[some].mean()


def stored(X: Matrix) -> int:
    """How many numbers ``X`` ``(m, n)`` holds."""
    return X.stored if isinstance(X, Blocks) else X.size
