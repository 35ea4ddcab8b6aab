"""How the objective of a linear score curves, bounded from the products of its features."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from lepton_core.descent.lbfgs import Inverse
from lepton_core.descent.losses import Array, Loss
from lepton_core.matrix import Blocks, Coded, Dense, Matrix, column_means, column_squares, gram, row_chunks
from lepton_core.matrix.parts import Places

NARROW = 300
"""Up to so many features (or rows), all their products cost less than what they save."""

_ROWS = 30
_ROWS_OF_MANY = 1000
_SEED = 0
_DAMPING = 1e-10
_CONSTANT = 1e-20
_LEFT = 1e-9


def second_moments(X: Matrix, s: Array | None = None) -> Array:
    """``[X 1]' diag(s) [X 1] / m``, shape ``(n + 1, n + 1)``, of the rows of ``X``, shape ``(m, n)``.

    ``s`` is ``(m,)``, how much each row counts, with mean 1; None: all alike.

    >>> second_moments(np.array([[3.0], [-3.0]])).tolist()
    [[9.0, 0.0], [0.0, 1.0]]
    >>> second_moments(np.array([[3.0], [-3.0]]), np.array([2.0, 0.0])).tolist()
    [[9.0, 3.0], [3.0, 1.0]]
    """
    m, n = X.shape
    if isinstance(X, Blocks):
        return gram(X, np.full(m, 1.0 / m) if s is None else s / m)
    moments = np.zeros((n + 1, n + 1))
    if s is None:
        moments[:n, :n] = X.T @ X
        moments[n, :n] = moments[:n, n] = X.sum(axis=0)
    else:
        for at in row_chunks(X):  # a weighted copy of all rows would need as much memory again
            moments[:n, :n] += X[at].T @ (s[at, None] * X[at])
        moments[n, :n] = moments[:n, n] = s @ X
    moments /= m
    moments[n, n] = 1.0
    return moments


def inverse_curvature(loss: Loss, X: Matrix, s: Array | None = None, *, l2: float = 0.0) -> Inverse:
    """From a gradient ``(..., n + 1)`` to ``H^-1`` times it, ``H`` an estimate of the Hessian from ``X`` ``(m, n)``.

    ``H = k [X 1]' [X 1] / m + l2``, with the loss's curvature k, bounds the Hessian of ``loss + l2/2 |w|^2``
    for one row of weights; that of `Squared` it is. The moments are those of rows drawn at random, always the
    same: at most 30 a feature. Above 300 features they are of 1000 rows, what two features have in common is
    left out, and the result divided by n, so that it does not lead too far. Features that are constant, or
    that depend on each other, do no harm, and means of any size cost no digits: with the covariances C, the
    means c and the gradient (g, h), the result is ``v = (k C + l2)^-1 (g - h c)`` and ``h / k - c.v``. With shares
    ``s`` ``(m,)`` means and products are weighted, and rows drawn by their shares.

    >>> from lepton_core.descent.losses import Squared
    >>> inverse_curvature(Squared(), np.array([[5.0], [1.0]]))(np.array([3.0, 1.0])).round(6).tolist()
    [0.0, 1.0]
    """
    n, k = X.shape[1], loss.curvature
    if isinstance(X, Blocks):
        return _of_blocks(X, s, k, l2)
    center, rows, spread = _moments(X, s)
    curved = _positive(k * spread + l2)
    narrow = n <= NARROW
    part = 1.0 if narrow else 1.0 / n
    inverse = _inverse(np.sqrt(k / len(rows)) * rows, curved) if narrow else part / curved

    def times(gradient: Array) -> Array:
        return gradient @ inverse if narrow else gradient * inverse

    return _around(center, times, part / k)


def _of_blocks(X: Blocks, s: Array | None, k: float, l2: float) -> Inverse:
    """The same for blocks: narrow from all products, wide as if parts, and columns of categories, were independent.

    The indicators of one category have the covariances ``diag(p) - p p'`` with their shares p, whose inverse is known.
    """
    n, shares = X.shape[1], (np.ones(len(X)) if s is None else s) / len(X)
    center = column_means(X, shares)
    if n <= NARROW:
        products = k * gram(X, shares, center)[:n, :n]
        curved = _positive(np.diagonal(products) + l2)
        units = np.sqrt(curved)
        product = _of_units(products / np.outer(units, units), curved)
        return _around(center, partial(np.dot, b=product), 1.0 / k)
    inverse: Inverse
    steps: list[tuple[Places, Inverse]] = []
    for part, place in zip(X.parts, X.places, strict=True):
        scale = np.ones(len(place)) if X.scale is None else X.scale[place]
        shift = np.zeros(len(place)) if X.shift is None else X.shift[place]
        if isinstance(part, Coded):
            share = (center[place] - shift) / np.where(scale == 0.0, 1.0, scale)
            inverse = _of_categories(share, scale, part.counts, k, l2)
        elif isinstance(part, Dense) and len(place) <= NARROW and (scale == 1.0).all() and not shift.any():
            center[place], rows, spread = _moments(part.X, s)
            product = _inverse(np.sqrt(k / len(rows)) * rows, _positive(k * spread + l2))
            inverse = partial(np.dot, b=product)
        else:
            alone = Blocks((part,), (np.arange(len(place)),), scale, shift)
            inverse = partial(
                np.multiply, 1.0 / _positive(k * column_squares(alone, shares, center[place]) + l2)
            )
        steps.append((place, inverse))

    def times(gradient: Array) -> Array:
        result = np.empty_like(gradient)
        for place, inverse in steps:
            result[..., place] = inverse(gradient[..., place])
        return result

    return _around(center, times, 1.0 / k)


def _of_categories(share: Array, scale: Array, levels: Sequence[int], k: float, l2: float) -> Inverse:
    """The product with the inverses of ``k S (diag(p) - p p') S + l2``, side by side: Sherman and Morrison's formula.

    ``share`` has the p of all levels, ``(n,)``, and ``scale`` the diagonal of S.
    """
    curved = _positive(k * np.square(scale) * share + l2)
    along = scale * share / curved
    some = np.array([count for count in levels if count])
    starts = np.cumsum(some) - some
    left = np.maximum(1.0 - np.add.reduceat(share, starts), 0.0) + np.add.reduceat(
        share * (l2 / curved), starts
    )
    factor = k / np.maximum(left, _LEFT)

    def times(gradient: Array) -> Array:
        common = factor * np.add.reduceat(gradient * along, starts, axis=-1)
        return np.asarray(gradient / curved + np.repeat(common, some, axis=-1) * along)

    return times


def _positive(curved: Array) -> Array:
    """``curved`` with 1 where nothing bends."""
    curved[curved == 0.0] = 1.0
    return curved


def _around(center: Array, inverse: Inverse, constant: float) -> Inverse:
    """The product with ``inverse`` of centred features ``(..., n)``, and of ``constant`` for the intercept."""
    n = len(center)

    def times(gradient: Array) -> Array:
        apart = gradient[..., :n] - gradient[..., n:] * center
        result = np.empty_like(gradient)
        result[..., :n] = inverse(apart)
        result[..., n] = constant * gradient[..., n] - result[..., :n] @ center
        return result

    return times


def _moments(X: Array, s: Array | None) -> tuple[Array, Array, Array]:
    """Of a sample: the center ``(n,)``, the rows less it, times the roots of their shares, their spread ``(n,)``."""
    rows, shares = _sample(X, s)
    center = rows.mean(axis=0) if shares is None else shares @ rows / len(rows)
    rows = rows - center
    if shares is not None:
        rows *= np.sqrt(shares)[:, None]
    spread = np.einsum("ij,ij->j", rows, rows) / len(rows)
    constant = spread <= _CONSTANT * np.square(center)
    if constant.any():  # in the sample: what is rare must not pass for nothing
        rows[:, constant] = 0.0
        spread[constant] = _squares(X[:, constant], s)
    return center, rows, spread


def _sample(X: Array, s: Array | None) -> tuple[Array, Array | None]:
    m, n = X.shape
    rows, rng = _ROWS * (n + 1) if n <= NARROW else _ROWS_OF_MANY, np.random.default_rng(_SEED)
    if m <= rows:
        return X, s
    if s is None:
        return X.take(np.sort(rng.integers(0, m, rows)), axis=0), None
    upto = np.cumsum(s)
    return X.take(np.searchsorted(upto, np.sort(rng.uniform(0.0, upto[-1], rows))), axis=0), None


def _squares(X: Array, s: Array | None) -> Array:
    squares = np.einsum("ij,ij->j", X, X) if s is None else np.einsum("i,ij,ij->j", s, X, X)
    return np.asarray(squares / len(X))


def _inverse(rows: Array, curved: Array) -> Array:
    # In units in which the diagonal is 1, the units of the features make no difference to what counts as small.
    rows = rows / np.sqrt(curved)
    return _of_units(rows.T @ rows, curved)


def _of_units(bound: Array, curved: Array) -> Array:
    units = np.sqrt(curved)
    np.fill_diagonal(bound, 1.0 + _DAMPING)
    inverse: Array = np.linalg.inv(bound).astype(np.float64, copy=False)
    inverse += inverse.T.copy()
    inverse /= 2.0 * np.outer(units, units)
    return inverse
