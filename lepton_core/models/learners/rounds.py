"""How many trees boosting grows: as many as bring down the loss of rows that are left out of a fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.matrix import Matrix, dense, row_chunks
from lepton_core.models.algorithm import Array
from lepton_core.models.recurring import recur

ROUND_FOLDS = 5
"""Rows are dealt into so many parts; those of a part are left out together."""

ALL_LEFT_OUT = 2_000
"""Of no more rows each part is left out once; of more two parts tell as much."""

MANY = 1_000_000
"""Of so many numbers two parts are left out as well, and of `VERY_MANY` one: each takes a fit and a copy."""

VERY_MANY = 5_000_000

FEWEST_DEALT = 10
"""Of fewer rows a part says nothing."""

MOST_ALIKE = 10
"""Beyond so many copies of a row on the average there are few different rows."""

_FIRST = 32
_GROWTH = 1.25
_ENDLESS = 2**31 - 1  # so many trees without a lower loss are never grown


class GivenUp(Exception):
    """Nobody waits for the fit any more."""


@dataclass(frozen=True, eq=False)
class RoundsFound:
    """``losses`` ``(k,)``: the mean over rows of ``parts`` parts after 1, 2, ... trees that have not seen them."""

    losses: Array
    parts: int


def folds(
    X: Matrix, y: NDArray[Any], seed: int, *, classes: bool, parts: int = ROUND_FOLDS
) -> NDArray[np.int64]:
    """The part of each row of ``X`` ``(m, n)``, ``(m,)``: 0 to ``parts`` - 1.

    Equal rows are of one part, so that a row of weight two is two rows, and a copy tells nothing of its like. Each
    part has its share of the different rows of each class in ``y`` ``(m,)``. The order of the rows changes nothing.
    Where rows are equal in all but ``y``, or each row occurs more than `MOST_ALIKE` times on the average, new rows are
    like old ones too, and all are dealt out.

    >>> folds(np.array([[1.0], [5.0], [1.0], [np.nan]]), np.zeros(4), seed=0, classes=True).tolist()
    [1, 0, 1, 2]
    """
    keys = _keys(X, np.random.default_rng([seed, 2]))
    order = np.lexsort((y, keys))
    first = np.concatenate(([True], np.diff(keys[order]) != 0))
    different = int(np.count_nonzero(first))
    found = np.empty(len(y), dtype=np.int64)
    places = np.empty(len(y), dtype=np.int64)
    places[order] = np.cumsum(first)
    if different * MOST_ALIKE < len(y) or recur(places, y):
        found[order] = np.arange(len(y)) % parts
        return found
    stratum = y[order][first] if classes else np.zeros(different)
    turn = np.empty(different, dtype=np.int64)
    turn[np.argsort(stratum, kind="stable")] = np.arange(different) % parts
    found[order] = turn[np.cumsum(first) - 1]
    return found


def _keys(X: Matrix, rng: np.random.Generator) -> NDArray[np.uint64]:
    """A number for each row ``(m,)``, the same for equal rows; of others it is so once in 2^64 times."""
    odd = rng.integers(2**63, size=(2, X.shape[1] + 1), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    keys = np.empty(len(X), dtype=np.uint64)
    for at in row_chunks(X, expanded=True):
        rows = dense(X[at])
        cells = np.where(np.isnan(rows), np.nan, rows + 0.0).view(np.uint64)
        mixed = _mixed(cells, odd[0, :-1]) * odd[1, :-1]
        keys[at] = _mixed(mixed.sum(axis=1, dtype=np.uint64), odd[0, -1:])
    return keys


def _mixed(cells: NDArray[np.uint64], odd: NDArray[np.uint64]) -> NDArray[np.uint64]:
    half = np.uint64(32)
    mixed = (cells ^ (cells >> half)) * odd
    return mixed ^ (mixed >> half)


def parts_of(rows: int, columns: int) -> int:
    """How many of the parts are left out.

    >>> parts_of(2_000, 50), parts_of(2_001, 50), parts_of(200, 50_000)
    (5, 2, 1)
    """
    numbers = rows * columns
    if numbers > VERY_MANY:
        return 1
    return 2 if rows > ALL_LEFT_OUT or numbers > MANY else ROUND_FOLDS


def left_out(
    learner: Callable[[], Any],
    X: Array,
    y: NDArray[Any],
    share: Array | None,
    fold: NDArray[np.int64],
    *,
    classes: bool,
    most: int,
    patience: int,
    give_up: Callable[[], bool] = lambda: False,
) -> RoundsFound | None:
    """The losses of rows that are left out; None if there are too few to learn from.

    Of ``X`` ``(m, n)``, ``y`` ``(m,)`` and shares ``(m,)`` each part of ``fold`` ``(m,)`` in turn is left out
    of a fit, as many of them as `parts_of` says. All fits grow equally far, at most ``most`` trees, until
    ``patience`` trees have not brought the loss down. ``learner`` makes one that scikit-learn can continue.
    Raises `GivenUp` if ``give_up`` says so, which is asked before a part grows on, and at the end.
    """
    parts = parts_of(*X.shape)
    fits = [_Part(learner(), X, y, share, fold == each, classes) for each in range(parts)]
    if len(y) < FEWEST_DEALT or not all(fit.can for fit in fits):
        return None
    weight = np.array([fit.weight for fit in fits]) / sum(fit.weight for fit in fits)
    end = min(most, _FIRST)
    while True:
        losses = []
        for fit in fits:
            if give_up():
                raise GivenUp
            losses.append(fit.losses(end))
        if give_up():
            raise GivenUp
        found = weight @ np.array(losses)
        best = int(found.argmin()) + 1
        if end == most or end - best >= patience:
            return RoundsFound(found, parts)
        end = min(most, max(best + patience, int(_GROWTH * end)))


class _Part:
    """A fit without the rows of ``out`` ``(m,)``, and their loss. Nothing is asked of classes that it has not seen."""

    def __init__(
        self,
        learner: Any,
        X: Array,
        y: NDArray[Any],
        share: Array | None,
        out: NDArray[np.bool_],
        classes: bool,
    ) -> None:
        rest = ~out
        learnt = np.unique(y[rest])
        asked = out & np.isin(y, learnt) if classes else out
        empty = np.isnan(X[rest]).all(axis=0)
        if empty.any():  # scikit-learn cannot bin a column without any value
            X = np.where(empty, 0.0, X)
        self.weight = float(np.count_nonzero(asked) if share is None else share[asked].sum())
        self.can = bool(asked.any()) and len(learnt) > classes
        self._learner = learner
        self._rest = X[rest], y[rest], None if share is None else share[rest]
        self._asked = {
            "X_val": X[asked],
            "y_val": y[asked],
            "sample_weight_val": None if share is None else share[asked],
        }

    def losses(self, end: int) -> Array:
        """Their mean loss after 1 to ``end`` trees, ``(end,)``; those that are grown already are kept."""
        self._learner.set_params(max_iter=end, n_iter_no_change=_ENDLESS, warm_start=True)
        self._learner.fit(*self._rest, **self._asked)
        return -np.asarray(self._learner.validation_score_)[1:]
