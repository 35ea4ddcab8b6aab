"""How strong the penalty of a classifier should be, from the data alone: approximate leave-one-out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import (
    Full,
    Logistic,
    Penalty,
    Softmax,
    begin,
    constant,
    descend,
    inverse_curvature,
    lbfgs,
)
from lepton_core.descent.losses import Curved
from lepton_core.matrix import Matrix, dense
from lepton_core.models.algorithm import Array
from lepton_core.models.ridge import FEWEST_ROWS, MARGIN, ROWS_A_COLUMN

_PRODUCTS = 2_000_000_000  # of a Hessian: two seconds for all strengths that are tried
_MOST_WEIGHTS = 1500
_LARGEST = 1e50  # of the features: products of larger ones overflow
_FACTOR = 10**0.5
_STEPS = 4
_FEWEST_OF_MANY = 1000
_FOLDS = 5
_ITERATIONS = 200
_TOLERANCE = 1e-7


def strength(
    X: Matrix,
    y: NDArray[Any],
    s: Array | None = None,
    total: float | None = None,
    *,
    most_products: int = _PRODUCTS,
) -> float | None:
    """The ``l2`` with the least log loss by approximate leave-one-out; None if 1 / rows is hardly worse.

    ``X`` is ``(m, n)``, ``y`` ``(m,)`` are 0.0 and 1.0, or integers, the classes; ``s`` ``(m,)`` are shares of mean 1,
    None: all alike; ``total`` is how many rows they count for, None: m. Around 1 / rows the strengths are tried in
    factors of the root of 10, up to a hundred times and down to a hundredth, as long as they bring the loss down. The
    best must leave at most `MARGIN` of the loss, and gain more than the standard error of the rows' differences. A
    weaker penalty than 1 / rows must do so by more than two, and of folds, too, that are fitted: where classes are
    nearly apart, one step towards a row left out promises too much. None too where there are few rows, many for each
    weight of a class, one class only, or more than ``most_products`` for the Hessian of a thousand rows; of more rows
    as many tell, evenly spread, as cost that.

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
    scores = 1 if y.dtype.kind == "f" else len(present)
    weights = scores * (columns + 1)
    if len(present) < 2 or weights > _MOST_WEIGHTS:
        return None
    truth = places.astype(np.float64) if scores == 1 else places
    step = -(-rows * weights**2 // most_products)
    if step > 1:
        if rows // step < _FEWEST_OF_MANY:
            return None
        some = np.arange(0, rows, step)
        X, truth, s, count = (
            X[some],
            truth[some],
            None if s is None else s[some] / s[some].mean(),
            count / step,
        )
    full = dense(X)
    if np.abs(full).max(initial=0.0) > _LARGEST:
        return None
    loss: Curved = Logistic() if scores == 1 else Softmax(len(present))
    found = _Tried(loss, full, truth, s, count).best()
    return None if found is None else float(_FACTOR**found) / (count * step)


class _Tried:
    """The losses of strengths ``10^(step / 2) / total``; each fit begins at the weights of the last one."""

    def __init__(self, loss: Curved, X: Array, y: NDArray[Any], s: Array | None, total: float) -> None:
        self._data = loss, X, y, s
        self._share = np.full(len(X), 1.0 / len(X)) if s is None else s / s.sum()
        self._total = total
        self._weights = np.zeros(loss.shape(X.shape[1]))

    def best(self) -> int | None:
        """The step of the strength to take, None if that of 1 / rows is hardly worse."""
        plain = self._left_out(0)
        best, at = plain, 0
        for direction in (1, -1):
            for step in range(1, _STEPS + 1):
                found = self._left_out(direction * step)
                if not self._mean(found) < self._mean(best):
                    break
                best, at = found, direction * step
            if at:
                break
        if at > 0:
            return at if self._is_better(best, plain, errors=1.0) else None
        sure = at and self._is_better(best, plain, errors=2.0)
        return at if sure and self._is_better(self._folded(at), self._folded(0), errors=2.0) else None

    def _mean(self, losses: Array) -> float:
        """Of the rows, each as often as it counts."""
        return float(self._share @ losses)

    def _is_better(self, best: Array, plain: Array, errors: float) -> bool:
        """Whether ``best`` is lower by a share of ``plain``, and by more than so many standard errors."""
        if not np.isfinite(plain).all():
            return True
        less = plain - best
        gain = self._mean(less)
        error = np.sqrt(max(self._mean(np.square(less)) - gain**2, 0.0) / self._total)
        return gain > (1.0 - MARGIN) * self._mean(plain) and gain > errors * error

    def _left_out(self, step: int) -> Array:
        """What `leave_one_out` says of it, ``(m,)``."""
        loss, X, y, s = self._data
        l2 = float(_FACTOR**step) / self._total
        self._weights = _minimum(loss, X, y, s, l2, self._weights)
        return leave_one_out(loss, self._weights, X, y, s, l2=l2, total=self._total)

    def _folded(self, step: int) -> Array:
        """The losses of all rows, ``(m,)``, each of a fit without its fold: every fifth row is of the same one."""
        loss, X, y, s = self._data
        found, fold = np.empty(len(X)), np.arange(len(X)) % _FOLDS
        for each in range(_FOLDS):
            rest, part = fold != each, fold == each
            shares = None if s is None else s[rest] / s[rest].mean()
            l2 = float(_FACTOR**step) / (self._total * float(self._share[rest].sum()))
            W = _minimum(loss, X[rest], y[rest], shares, l2, self._weights)
            found[part] = _losses(_scores(W, np.column_stack((X[part], np.ones(part.sum()))))[0], y[part])
        return found


def _minimum(loss: Curved, X: Array, y: NDArray[Any], s: Array | None, l2: float, begun: Array) -> Array:
    """The weights of least loss under a penalty, from those at which it was ``begun``."""
    optimizer = lbfgs(inverse_curvature(loss, X, s, l2=l2))
    state = begin(begun, optimizer)
    parts = (loss, Penalty(l2=l2), optimizer, constant(), Full(), state, X, y, s)
    end = descend(*parts, rate=1.0, iterations=_ITERATIONS, tolerance=_TOLERANCE, patience=3)
    return end.weights


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
    return _losses(left, y)


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


def _losses(scores: Array, y: NDArray[Any]) -> Array:
    """The log loss ``(m,)`` of scores ``(K, m)``."""
    if len(scores) == 1:
        return np.asarray(np.logaddexp(0.0, (1.0 - 2.0 * y) * scores[0]))
    largest = scores.max(axis=0)
    total = largest + np.log(np.exp(scores - largest).sum(axis=0))
    return np.asarray(total - scores[y, np.arange(len(y))])
