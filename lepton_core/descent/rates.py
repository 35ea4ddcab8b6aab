"""A learning rate from the data: the reciprocal of how fast the gradient can change."""

import numpy as np

from lepton_core.descent.curvature import NARROW, second_moments
from lepton_core.descent.losses import Array, Loss, Squared
from lepton_core.matrix import Matrix, row_products, row_squares

_SETTLED = 1e-4
_LEAST = 20  # an estimate can stand still for some steps before a direction that began small takes over
_MOST = 200


def lipschitz(
    loss: Loss, X: Matrix, s: Array | None = None, *, l2: float = 0.0, batch: int | None = None
) -> float:
    """Lipschitz constant of the gradient of ``loss + l2/2 |w|^2``: ``curvature * lambda + l2``.

    ``lambda`` is the largest eigenvalue of ``[X 1]' [X 1] / m`` for ``X`` ``(m, n)``: exact, from one pass,
    where ``m`` or ``n`` is at most 300; else by power iteration, 20 passes and more, which comes near it from
    below. For random batches of ``b`` rows it is replaced by the expected smoothness (Gower and others,
    2019), ``[m (b - 1) lambda + (m - b) max_i (|x_i|^2 + 1)] / [b (m - 1)]``. With shares ``s`` ``(m,)`` of mean 1,
    row i counts ``s_i`` times in both.
    inf when the squares of ``X`` leave the finite numbers.

    >>> float(round(lipschitz(Squared(), np.array([[3.0], [-3.0]])), 6))
    9.0
    """
    m = len(X)
    with np.errstate(over="ignore", invalid="ignore"):
        largest = _largest_eigenvalue(X, s)
        if batch is not None and batch < m:
            of_rows = row_squares(X) + 1.0
            row = float((of_rows if s is None else s * of_rows).max())
            largest = (m * (batch - 1) * largest + (m - batch) * row) / (batch * (m - 1))
    result = loss.curvature * largest + l2
    return result if np.isfinite(result) else float("inf")


def _largest_eigenvalue(X: Matrix, s: Array | None) -> float:
    m, n = X.shape
    if min(m, n) > NARROW:
        return _by_power_iteration(X, s)
    if n < m:
        moments = second_moments(X, s)
    else:
        moments = (row_products(X) + 1.0) / m
        moments *= 1.0 if s is None else np.sqrt(np.outer(s, s))
    return float(np.linalg.eigvalsh(moments)[-1]) if np.isfinite(moments).all() else float("inf")


def _by_power_iteration(X: Matrix, s: Array | None) -> float:
    # The gradient of the squared loss at v with targets 0 is the matrix times v.
    targets = np.zeros(len(X))
    vector = np.random.default_rng(0).standard_normal(X.shape[1] + 1)
    vector /= np.linalg.norm(vector)
    estimate = 0.0
    for iteration in range(_MOST):
        _, image = Squared().value_and_gradient(vector, X, targets, s)
        before, estimate = estimate, float(np.linalg.norm(image))
        if not np.isfinite(estimate) or estimate == 0.0:
            break
        if iteration >= _LEAST and abs(estimate - before) <= _SETTLED * estimate:
            break
        vector = image / estimate
    return estimate
