"""How the objective of a linear score curves, bounded from the products of its features."""

import numpy as np

from lepton_core.descent.lbfgs import Inverse
from lepton_core.descent.losses import Array, Loss, chunks

NARROW = 300
"""Up to so many features (or rows), all their products cost less than what they save."""

_ROWS = 30
_ROWS_OF_MANY = 1000
_SEED = 0
_DAMPING = 1e-10
_CONSTANT = 1e-20


def second_moments(X: Array, s: Array | None = None) -> Array:
    """``[X 1]' diag(s) [X 1] / m``, shape ``(n + 1, n + 1)``, of the rows of ``X``, shape ``(m, n)``.

    ``s`` is ``(m,)``, how much each row counts, with mean 1; None: all alike.

    >>> second_moments(np.array([[3.0], [-3.0]])).tolist()
    [[9.0, 0.0], [0.0, 1.0]]
    >>> second_moments(np.array([[3.0], [-3.0]]), np.array([2.0, 0.0])).tolist()
    [[9.0, 3.0], [3.0, 1.0]]
    """
    m, n = X.shape
    moments = np.zeros((n + 1, n + 1))
    if s is None:
        moments[:n, :n] = X.T @ X
        moments[n, :n] = moments[:n, n] = X.sum(axis=0)
    else:
        for at in chunks(X):  # a weighted copy of all rows would need as much memory again
            moments[:n, :n] += X[at].T @ (s[at, None] * X[at])
        moments[n, :n] = moments[:n, n] = s @ X
    moments /= m
    moments[n, n] = 1.0
    return moments


def inverse_curvature(loss: Loss, X: Array, s: Array | None = None, *, l2: float = 0.0) -> Inverse:
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
    units = np.sqrt(curved)
    rows = rows / units
    bound = rows.T @ rows
    np.fill_diagonal(bound, 1.0 + _DAMPING)
    inverse: Array = np.linalg.inv(bound).astype(np.float64, copy=False)
    inverse += inverse.T.copy()
    inverse /= 2.0 * np.outer(units, units)
    return inverse
