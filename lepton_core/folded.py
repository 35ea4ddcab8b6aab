"""A linear model over the cells of a row themselves: the scaling before it is a part of its weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.models.algorithm import Array
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Table

_FARTHEST = 4096.0
"""A column whose center lies farther from 0 than so many of its divisors loses more digits than nobody would miss."""

_LARGE = 1e300
_SURE = 700.0
"""Log-odds from here on are a probability of 1 to the last bit; e to this power is a number."""


@dataclass(frozen=True, eq=False)
class FoldedWeights:
    """The score of a row x is ``x w + b``; the cells of x are those of the columns ``names``, p of them.

    ``weights`` is (p,), or (K, p) for K > 2 classes, and ``intercept`` (1,) or (K, 1). ``places`` says where the
    columns are in the schema; None: they are all of it, in its order. ``idle`` are the columns without any weight:
    whether their cells are numbers is looked up, as no score tells it. ``is_class``: a score becomes probabilities.
    """

    names: tuple[str, ...]
    places: NDArray[np.intp] | None
    weights: Array
    intercept: Array
    idle: NDArray[np.intp]
    is_class: bool

    @classmethod
    def of(
        cls, preprocessor: Preprocessor, parameters: Mapping[str, NDArray[Any]], *, is_class: bool
    ) -> "FoldedWeights | None":
        """Of the ``parameters`` of a linear model behind a ``preprocessor``; None where that cannot be folded.

        They are ``weights`` (p,) and ``intercept`` (1,), or (K, p) and (K,).
        It can if each column of the matrix is a column of the table of its own, moved and scaled, and none lies so far
        from 0 that the digits of the sum would suffer.
        """
        design, schema = preprocessor.design, preprocessor.schema
        at = dict(design.numbers)
        if schema is None or len(at) < design.width or design.levels or len(set(at.values())) < len(at):
            return None
        column = {name: j for j, name in design.numbers}
        names = tuple(name for name in schema.names if name in column)
        order = np.array([column[name] for name in names], np.intp)
        with np.errstate(all="ignore"):
            given = np.atleast_2d(parameters["weights"])
            weights = np.ascontiguousarray((given / design.divisor)[:, order])
            shift = design.offset - design.center / design.divisor
            terms = given * shift
        if not (np.abs(shift) <= _FARTHEST).all() or not np.isfinite(weights).all():
            return None
        pairs = zip(parameters["intercept"].tolist(), terms.tolist(), strict=True)
        try:
            intercept = np.array([[fsum([first, *more])] for first, more in pairs])
        except (OverflowError, ValueError):  # larger than any number; infinite ones of both signs
            return None
        if not np.isfinite(intercept).all():
            return None
        is_one = parameters["weights"].ndim == 1
        is_whole = names == schema.names
        return cls(
            names=names,
            places=None if is_whole else np.array([schema.names.index(name) for name in names], np.intp),
            weights=weights[0] if is_one else weights,
            intercept=intercept[0] if is_one else intercept,
            idle=np.flatnonzero((weights == 0).all(axis=0)),
            is_class=is_class,
        )

    def rows(self, table: Table) -> Array:
        """The cells (m, p) of a ``table``. Raises `InvalidData` for a missing column."""
        cells = np.empty((table.rows, len(self.names)))
        for j, name in enumerate(self.names):
            cells[:, j] = table[name].values
        return cells

    def chosen(self, X: Array) -> Array:
        """The cells (m, p) among those of all columns of the schema, (m, n)."""
        if self.places is not None:
            return np.take(X, self.places, axis=1)
        return X if X.flags.c_contiguous else np.ascontiguousarray(X)

    @np.errstate(over="ignore", invalid="ignore")
    def output(self, X: Array) -> Array | None:
        """Class probabilities (m, K), or values (m,), of cells (m, p) in C order; None if a row needs care.

        A cell that is no finite number makes a score none, so that one look at the scores is enough.
        """
        scores = self._scores(X)
        squares: Any = np.vdot(scores, scores)  # finite only if each score is
        if not squares < _LARGE or (len(self.idle) and not np.isfinite(X[:, self.idle]).all()):
            return None
        return self._told(scores, squares)

    @np.errstate(over="ignore", invalid="ignore")
    def careful(self, X: Array, scores_of: Callable[[NDArray[np.intp]], Array]) -> Array:
        """As `output`, with the scores of rows that need care from ``scores_of`` their places, (r,) or (r, K).

        Raises what that raises, in the rows of ``X``.
        """
        scores = self._scores(X)
        sound = (np.abs(scores) < _LARGE).reshape(-1, len(X)).all(axis=0)
        sound &= np.isfinite(X[:, self.idle]).all(axis=1)
        places = np.flatnonzero(~sound)
        if len(places):
            try:
                scores[..., places] = scores_of(places).T
            except InvalidData as error:
                if not error.by_row:
                    raise
                moved = {int(places[row - 1]) + 1: fault for row, fault in error.by_row.items()}
                raise InvalidData.in_rows(moved) from None
        return self._told(scores, np.inf)

    def _scores(self, X: Array) -> Array:
        """(m,), or (K, m): along columns of a few numbers numpy is slow."""
        if self.weights.ndim == 1:
            scores: Array = X.dot(self.weights)
        else:
            scores = self.weights.dot(X.T)
        scores += self.intercept
        return scores

    def _told(self, scores: Array, squares: float) -> Array:
        if not self.is_class:
            return scores
        if scores.ndim == 2:
            return softmax(scores)
        return sides_of_one(scores.item()) if len(scores) == 1 else sides(scores, squares)


def sides(scores: Array, squares: float = np.inf) -> Array:
    """Log-odds (m,) of the second of two classes as probabilities (m, 2); the scores are used up.

    The sum of their ``squares``, if it is known, may tell that none is too large.

    >>> sides(np.array([0.0, 1000.0, -1000.0])).round(3).tolist()
    [[0.5, 0.5], [0.0, 1.0], [1.0, 0.0]]
    """
    found = np.empty((2, len(scores)))
    no, yes = found
    if not squares < _SURE * _SURE:
        np.minimum(scores, _SURE, out=scores)
    np.exp(scores, out=scores)
    np.add(scores, 1.0, out=yes)
    np.divide(1.0, yes, out=no)
    np.divide(scores, yes, out=yes)
    return found.T


def sides_of_one(score: float) -> Array:
    """What `sides` makes of one score, (m, 2) of one row, but for rounding: calls of numpy cost more.

    >>> sides_of_one(0.0).tolist(), sides_of_one(1e9)[0, 1], sides_of_one(-1e9)[0, 0]
    ([[0.5, 0.5]], np.float64(1.0), np.float64(1.0))
    """
    odds = exp(min(score, _SURE))
    return np.array([[1.0 / (1.0 + odds), odds / (1.0 + odds)]])


def softmax(scores: Array) -> Array:
    """Scores (K, m) as probabilities (m, K); the scores are used up.

    >>> softmax(np.array([[0.0, -1000.0], [0.0, 1000.0]])).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    scores -= scores.max(axis=0)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=0)
    return scores.T
