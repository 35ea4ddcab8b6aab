"""How strong a ridge should be, from the data alone: generalized cross-validation, in closed form."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import Squared
from lepton_core.matrix import Blocks, Matrix, Sparse, dense
from lepton_core.matrix.gram import gram
from lepton_core.models.algorithm import Array
from lepton_core.models.descent_choices import sum_of_squares
from lepton_core.models.left_out import FACTOR, FEWEST_FOLDED, MARGIN, MOST_STORED, LeftOut, every, stored

ROWS_A_COLUMN = 50
"""Where each column has more rows than this, least squares lose to the best ridge by two percent at most."""

FEWEST_ROWS = 20
"""Fewer say nothing of how strong it should be."""

_PRODUCTS = 4_000_000_000  # a second of work
_RANK = 1e-10
_WEAKEST = -14  # steps of folds: a ten-millionth of the mean square of a row
_LEAST_SPARE = 1e-9
_SPREAD = 1e-28  # of the squares themselves: less is rounding
_STRENGTHS = np.logspace(-7, 1, 25)  # of the largest eigenvalue


def ridge(X: Matrix, y: NDArray[Any], s: Array | None = None, total: float | None = None) -> float | None:
    """The ``l2`` with the least error by generalized cross-validation; None if it is hardly better than none at all.

    ``X`` is ``(m, n)``, ``y`` ``(m,)``; ``s`` ``(m,)`` are shares that add up to 1, None: all alike; ``total`` is how
    many rows they count for, None: m. With Λ_j the eigenvalues of the covariances of ``X``, df = 1 + sum_j Λ_j / (Λ_j +
    l2) and E(l2) the mean squared error on the rows themselves it is the minimum of E / (1 - df / total)² (Golub, Heath
    and Wahba 1979, "Generalized cross-validation as a method for choosing a good ridge parameter"). Where the
    eigenvalues would cost too much, and of words, where a row is often all that has one while the criterion takes all
    rows to weigh alike, it is the strength with the least squared error of five folds. None too where
    there are few rows, many for each column, or too many numbers for folds.

    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(40, 30))
    >>> round(ridge(X, X[:, 0] + rng.normal(size=40), None), 2), ridge(X, X[:, 0], None)
    (0.04, None)
    """
    rows, columns = X.shape
    count = float(rows) if total is None else total
    if not FEWEST_ROWS <= count <= columns * ROWS_A_COLUMN:
        return None
    if rows * columns * min(rows, columns) > _PRODUCTS or _has_words(X):
        return _of_folds(X, y, s, count)
    share = np.full(rows, 1.0 / rows) if s is None else s
    with np.errstate(over="ignore", invalid="ignore"):
        errors = y - share @ y
        square = float(share @ errors**2)
        found = _of_columns(X, errors, share) if columns <= rows else _of_rows(X, errors, share)
    if found is None or not np.isfinite(square):
        return None
    values, parts = found
    largest = values.max(initial=0.0)
    if largest <= _SPREAD * sum_of_squares(X) / rows:
        return None
    kept = values > _RANK * largest
    strength = _best(values[kept] / largest, parts[kept], square, count)
    return None if strength is None else float(strength * largest)


def _has_words(X: Matrix) -> bool:
    return isinstance(X, Blocks) and any(isinstance(part, Sparse) for part in X.parts)


def _of_folds(X: Matrix, y: NDArray[Any], s: Array | None, count: float) -> float | None:
    rows = len(X)
    step = max(1, -(-stored(X) // MOST_STORED))
    if step > 1 and rows // step < FEWEST_FOLDED:
        return None
    X, y, s = every(step, X, y, None if s is None else s * rows)
    unit = sum_of_squares(X) / len(X)
    if not unit > 0.0:
        return None
    found = LeftOut(Squared(), X, y - y.mean(), s, count / step, unit).lowest(_WEAKEST)
    return float(unit * FACTOR**found) / step


def _best(values: Array, parts: Array, square: float, count: float) -> float | None:
    """The strength for eigenvalues of at most 1; ``square`` is the mean square, ``parts`` are theirs of it."""
    left = values + _STRENGTHS[:, None]
    means = square - (parts * values * (values + 2 * _STRENGTHS[:, None]) / left**2).sum(axis=1)
    scores = _score(means, 1 + (values / left).sum(axis=1), count)
    plain = _score(max(square - float(parts.sum()), 0.0), 1.0 + len(values), count)
    # Where least squares fit exactly, the weakest ridge stands for them.
    plain = plain if np.isfinite(plain) else scores[0]
    at = int(np.argmin(scores))
    return float(_STRENGTHS[at]) if scores[at] < MARGIN * plain else None


def _score(means: Array | float, freedom: Array | float, count: float) -> Any:
    spare = 1 - np.asarray(freedom) / count
    return np.divide(means, spare**2, out=np.full(spare.shape, np.inf), where=spare > _LEAST_SPARE)


def _of_columns(X: Matrix, errors: Array, share: Array) -> tuple[Array, Array] | None:
    """The eigenvalues of the covariances, and how much of the mean square of ``errors`` lies in each direction."""
    center = np.asarray(share @ X)
    if isinstance(X, Blocks):
        covariances = gram(X, share, center)[:-1, :-1]
        products = np.asarray((share * errors) @ X)
    else:
        centered = X - center
        covariances = (centered.T * share) @ centered
        products = (share * errors) @ centered
    if not np.isfinite(covariances).all():
        return None
    values, directions = np.linalg.eigh(covariances)
    along = (products @ directions) ** 2
    return values, np.divide(along, values, out=np.zeros_like(along), where=values > 0.0)


def _of_rows(X: Matrix, errors: Array, share: Array) -> tuple[Array, Array] | None:
    """The same from the products of the rows, which are fewer."""
    full = dense(X)
    scaled = np.sqrt(share)[:, None] * (full - share @ full)
    products = scaled @ scaled.T
    if not np.isfinite(products).all():
        return None
    values, directions = np.linalg.eigh(products)
    return values, ((np.sqrt(share) * errors) @ directions) ** 2
