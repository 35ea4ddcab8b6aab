"""How strong the penalty of a classifier should be, from the data alone: approximate leave-one-out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import Logistic, Softmax
from lepton_core.descent.losses import Curved
from lepton_core.matrix import Matrix, column_range, dense
from lepton_core.models.algorithm import Array
from lepton_core.models.left_out import (
    FACTOR,
    FEWEST_FOLDED,
    MOST_STORED,
    LeftOut,
    every,
    minimum,
    row_losses,
    stored,
)
from lepton_core.models.ridge import FEWEST_ROWS, ROWS_A_COLUMN

_PRODUCTS = 2_000_000_000  # of a Hessian: two seconds for all strengths that are tried
_MOST_WEIGHTS = 1500  # of a Hessian
_FEWEST_OF_MANY = 1000
_LARGEST = 1e50  # of the features: products of larger ones overflow


def strength(
    X: Matrix,
    y: NDArray[Any],
    s: Array | None = None,
    total: float | None = None,
    *,
    most_products: int = _PRODUCTS,
    most_stored: int = MOST_STORED,
) -> float | None:
    """The ``l2`` with the least log loss of rows that are left out; None if 1 / rows is hardly worse.

    ``X`` is ``(m, n)``, ``y`` ``(m,)`` are 0.0 and 1.0, or integers, the classes; ``s`` ``(m,)`` are shares of mean 1,
    None: all alike; ``total`` is how many rows they count for, None: m. The losses are those of approximate
    leave-one-out, and of more weights than a Hessian is made for those of five folds. Around 1 / rows the strengths
    are tried in factors of the root of 10, up to a hundred times and down to a hundredth, as long as they bring the
    loss down. The best must leave at most `MARGIN` of the loss, and gain more than the standard error of the rows'
    differences. A weaker penalty than 1 / rows must do so by more than two, and of folds in any case: where classes
    are nearly apart, one step towards a row left out promises too much. None too where there are few rows, many for
    each weight of a class, one class only, or more than ``most_products`` for the Hessian of a thousand rows, or more
    than ``most_stored`` numbers, once a score, in 250 of them; of more rows as many tell, evenly spread, as cost that.

    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 20))
    >>> round(strength(X, (rng.normal(size=60) > 0).astype(float)) * 60), strength(X[:, :1], X[:, 0] * 0.0)
    (10, None)
    """
    rows, columns = X.shape
    count = float(rows) if total is None else total
    if not FEWEST_ROWS <= count <= columns * ROWS_A_COLUMN:
        return None
    present, places = np.unique(y, return_inverse=True)
    if len(present) < 2:
        return None
    scores = 1 if y.dtype.kind == "f" else len(present)
    truth = places.astype(np.float64) if scores == 1 else places
    weights = scores * (columns + 1)
    narrow = weights <= _MOST_WEIGHTS
    step = -(-rows * weights**2 // most_products) if narrow else -(-stored(X) * scores // most_stored)
    if step > 1:
        if rows // step < (_FEWEST_OF_MANY if narrow else FEWEST_FOLDED):
            return None
        (X, truth, s), count = every(step, X, truth, s), count / step
    low, high = column_range(X)
    if max(-low.min(), high.max()) > _LARGEST:
        return None
    loss: Curved = Logistic() if scores == 1 else Softmax(len(present))
    rest = truth, s, count, 1.0 / count
    found = (_OneByOne(loss, dense(X), *rest) if narrow else LeftOut(loss, X, *rest)).best()
    return None if found is None else float(FACTOR**found) / (count * step)


class _OneByOne(LeftOut):
    """By `leave_one_out`, of an array; a weaker penalty than 1 / rows by folds, too."""

    def __init__(
        self, loss: Curved, X: Array, y: NDArray[Any], s: Array | None, total: float, unit: float
    ) -> None:
        super().__init__(loss, X, y, s, total, unit)
        self._parts = loss, X, y, s
        self._weights = np.zeros(loss.shape(X.shape[1]))

    def losses(self, step: int) -> Array:
        """Of each row, ``(m,)``."""
        loss, X, y, s = self._parts
        l2 = self._unit * float(FACTOR**step)
        found = minimum(loss, X, y, s, l2, self._weights)
        if found is None:
            return np.full(len(X), np.inf)
        self._weights = found
        return leave_one_out(loss, found, X, y, s, l2=l2, total=self._total)

    def is_sure(self, at: int, best: Array, plain: Array) -> bool:
        """See `LeftOut`; a weaker penalty must be so by folds as well."""
        if not super().is_sure(at, best, plain):
            return False
        return at > 0 or self.is_better(super().losses(at), super().losses(0), errors=2.0)


def leave_one_out(
    loss: Curved,
    W: Array,
    X: Array,
    y: NDArray[Any],
    s: Array | None = None,
    *,
    l2: float,
    total: float | None = None,
) -> Array:
    """The log loss ``(m,)`` of each row under the weights of all other rows, by one Newton step from ``W``.

    ``loss`` is `Logistic` or `Softmax`, ``W``, of its shape, its minimum under ``l2``; ``X`` ``(m, n)``, ``y``,
    shares ``s`` ``(m,)`` of mean 1 and the rows ``total`` that they count for. With g_i and D_i the first and second
    derivatives of row i's loss in its K scores, H the Hessian of the sum of all and its penalty, and B_i = x_i' H^-1
    x_i for each pair of scores, the scores without the row are z_i + B_i (I - D_i B_i)^-1 g_i (Rad and Maleki 2020,
    "A scalable estimate of the out-of-sample prediction error via approximate leave-one-out cross-validation"). inf
    if a row is all that holds some direction.

    >>> X, y = np.array([[-2.0], [-1.0], [1.0], [2.0]]), np.array([0.0, 1.0, 0.0, 1.0])
    >>> leave_one_out(Logistic(), np.zeros(2), X, y, l2=1e6).round(2).tolist()
    [1.08, 1.08, 1.08, 1.08]
    """
    rows = len(X)
    count = float(rows) if total is None else total
    times = np.full(rows, count / rows) if s is None else s * (count / rows)
    design = np.column_stack((X, np.ones(rows)))
    scores, p, each = _scores(W, design)
    K, n = len(scores), design.shape[1]
    inverse = _inverse(p, each, design, times, count * l2)
    if inverse is None:
        return np.full(rows, np.inf)
    spread = np.empty((rows, K, K))
    for k in range(K):
        for j in range(k + 1):
            block = inverse[k * n : (k + 1) * n, j * n : (j + 1) * n]
            spread[:, k, j] = spread[:, j, k] = np.einsum("ij,ij->i", design @ block, design)
    gradient = p.T.copy()
    if K == 1:
        gradient[:, 0] -= y
    else:
        gradient[np.arange(rows), y] -= 1.0
    # A row that counts for less than one cannot be left out more than it is there.
    gone = np.minimum(times, 1.0)
    without = np.eye(K) - gone[:, None, None] * (each @ spread)
    if not np.isfinite(without).all() or np.linalg.det(without).min() <= 0.0:
        return np.full(rows, np.inf)
    moved = np.linalg.solve(without, (gone[:, None] * gradient)[..., None])
    left = scores + (spread @ moved)[..., 0].T
    return row_losses(loss, left, y)


def _scores(W: Array, design: Array) -> tuple[Array, Array, Array]:
    """Scores and probabilities ``(K, m)``, and the second derivatives of each row's loss ``(m, K, K)``."""
    scores = np.atleast_2d(W) @ design.T
    if len(scores) == 1:
        p = 0.5 * (1.0 + np.tanh(0.5 * scores))
        return scores, p, (p * (1.0 - p)).T[:, :, None]
    p = np.exp(scores - scores.max(axis=0))
    p /= p.sum(axis=0)
    each = -p.T[:, :, None] * p.T[:, None, :]
    each[:, np.arange(len(p)), np.arange(len(p))] += p.T
    return scores, p, each


def _inverse(p: Array, each: Array, design: Array, times: Array, penalty: float) -> Array | None:
    """That of the Hessian ``(K n, K n)`` of all rows and the penalty, which leaves the intercepts alone."""
    K, n = len(p), design.shape[1]
    hessian = np.empty((K * n, K * n))
    for k in range(K):
        for j in range(k + 1):
            block = design.T @ ((times * each[:, k, j])[:, None] * design)
            hessian[k * n : (k + 1) * n, j * n : (j + 1) * n] = block
            hessian[j * n : (j + 1) * n, k * n : (k + 1) * n] = block.T
    last = np.arange(K) * n + n - 1
    penalized = np.ones(K * n, bool)
    penalized[last] = False
    hessian[penalized, penalized] += penalty
    if K > 1:
        # All intercepts raised together change no probability: any curvature along them gives the same answer.
        hessian[np.ix_(last, last)] += times.sum() / K
    try:
        inverse = np.linalg.inv(hessian)
    except np.linalg.LinAlgError:
        return None
    return inverse if np.isfinite(inverse).all() else None
