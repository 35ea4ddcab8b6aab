"""How the objective of a linear score curves, bounded from the products of its features."""

import numpy as np

from lepton_core.descent.lbfgs import Inverse
from lepton_core.descent.losses import Array, Loss

NARROW = 300
"""Up to so many features (or rows), all their products cost less than what they save."""

_ROWS = 30
_ROWS_OF_MANY = 1000
_SEED = 0
_DAMPING = 1e-10
_CONSTANT = 1e-20


def second_moments(X: Array) -> Array:
    """``[X 1]' [X 1] / m``, shape ``(n + 1, n + 1)``, of the rows of ``X``, shape ``(m, n)``.

    >>> second_moments(np.array([[3.0], [-3.0]])).tolist()
    [[9.0, 0.0], [0.0, 1.0]]
    """
    m, n = X.shape
    moments = np.empty((n + 1, n + 1))
    moments[:n, :n] = X.T @ X
    moments[n, :n] = moments[:n, n] = X.sum(axis=0)
    moments /= m
    moments[n, n] = 1.0
    return moments


def inverse_curvature(loss: Loss, X: Array, *, l2: float = 0.0) -> Inverse:
    """From a gradient ``(..., n + 1)`` to ``H^-1`` times it, with an estimate ``H`` of the Hessian.

    ``H = k [X 1]' [X 1] / m + l2``, with the loss's curvature k, bounds the Hessian of ``loss + l2/2 |w|^2``
    for one row of weights; that of `Squared` it is. The moments are those of rows drawn at random, always the
    same: at most 30 a feature. Above 300 features they are of 1000 rows, what two features have in common is
    left out, and the result divided by n, so that it does not lead too far. Features that are constant, or
    that depend on each other, do no harm, and means of any size cost no digits: with the covariances C, the
    means c and the gradient (g, h), the result is ``v = (k C + l2)^-1 (g - h c)`` and ``h / k - c.v``.

    >>> from lepton_core.descent.losses import Squared
    >>> inverse_curvature(Squared(), np.array([[5.0], [1.0]]))(np.array([3.0, 1.0])).round(6).tolist()
    [0.0, 1.0]
    """
    n, k = X.shape[1], loss.curvature
    rows = _sample(X)
    center = rows.mean(axis=0)
    rows = rows - center
    spread = np.einsum("ij,ij->j", rows, rows) / len(rows)
    constant = spread <= _CONSTANT * np.square(center)
    if constant.any():  # in the sample: what is rare must not pass for nothing
        rows[:, constant] = 0.0
        spread[constant] = (np.einsum("ij,ij->j", X, X) / len(X))[constant]
    curved = k * spread + l2
    curved[curved == 0.0] = 1.0
    narrow = n <= NARROW
    part = 1.0 if narrow else 1.0 / n
    inverse = _inverse(np.sqrt(k / len(rows)) * rows, curved) if narrow else part / curved

    def times(gradient: Array) -> Array:
        apart = gradient[..., :n] - gradient[..., n:] * center
        result = np.empty_like(gradient)
        result[..., :n] = apart @ inverse if narrow else apart * inverse
        result[..., n] = part / k * gradient[..., n] - result[..., :n] @ center
        return result

    return times


def _sample(X: Array) -> Array:
    m, n = X.shape
    rows = _ROWS * (n + 1) if n <= NARROW else _ROWS_OF_MANY
    if m <= rows:
        return X
    return X.take(np.sort(np.random.default_rng(_SEED).integers(0, m, rows)), axis=0)


def _inverse(rows: Array, curved: Array) -> Array:
    # In units in which the diagonal is 1, the units of the features make no difference to what counts as small.
    units = np.sqrt(curved)
    rows = rows / units
    bound = rows.T @ rows
    np.fill_diagonal(bound, 1.0 + _DAMPING)
    inverse: Array = np.linalg.inv(bound).astype(np.float64, copy=False)
    inverse += inverse.T.copy()
    inverse /= 2.0 * np.outer(units, units)
    return inverse
