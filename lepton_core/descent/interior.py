"""A primal-dual interior point method for the objectives of support vector machines, which have kinks.

    P(w, b) = 1/2 |w|^2 + sum_ij c_i phi(rho_ij - sigma_ij (x_i w + b)),     phi(t) = max(0, t) or its square

For classes there is one side a row, with ``sigma`` +-1 and ``rho`` 1; for values there are two, one for targets
above and one for targets below. Its dual, with one multiplier ``0 <= a_ij`` (``<= c_i`` where phi is not squared)
a side of a row, ``beta_i = sum_j sigma_ij a_ij`` and ``sum beta = 0``, is to maximise

    D(a) = sum_ij rho_ij a_ij - 1/2 |X' beta|^2     (- sum_ij a_ij^2 / (4 c_i) where phi is squared)

The method is Mehrotra's predictor and corrector (1992): each step solves Newton's equations of the conditions for
the minimum, in which every product of a multiplier and its slack is to become a little smaller. It takes 10 to 40
steps whatever the data are. ``P - D`` says how far the minimum can be at most.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.bordered import CentredRows, solver
from lepton_core.descent.losses import Array

_TO_THE_WALL = 0.995
_STALLED = 8
_PROGRESS = 1e-13
_SMALL = 1e-300
_PAIRS = {"a": "slack", "room": "over"}  # each multiplier, and what it is times that ends at zero


@dataclass(frozen=True, eq=False)
class Margins:
    """The objective above: ``sigma`` and ``rho`` are ``(p, m)`` for p sides, ``cost`` is ``(m,)``, all positive.

    >>> Margins.of_classes(np.array([True, False]), np.array([1.0, 2.0]), squared=False).sigma.tolist()
    [[1.0, -1.0]]
    """

    sigma: Array
    rho: Array
    cost: Array
    squared: bool

    @classmethod
    def of_classes(cls, positive: NDArray[Any], cost: Array, *, squared: bool) -> "Margins":
        """Rows that are ``positive`` ``(m,)`` shall score 1 or more, the others -1 or less; ``cost`` is ``(m,)``."""
        sigma = np.where(positive, 1.0, -1.0)[None]
        return cls(sigma, np.ones_like(sigma), cost, squared)

    @classmethod
    def of_values(cls, y: Array, epsilon: float, cost: Array, *, squared: bool) -> "Margins":
        """Scores shall be at most ``epsilon`` from ``y`` ``(m,)``; ``cost`` is ``(m,)``."""
        sigma = np.empty((2, len(y)))
        sigma[0], sigma[1] = 1.0, -1.0
        return cls(sigma, np.stack([y - epsilon, -y - epsilon]), cost, squared)

    @property
    def one_sided(self) -> bool:
        """Whether all rows are on one side, so that an intercept alone does."""
        return bool((self.sigma == self.sigma[0, 0]).all())

    def primal(self, weights: Array, scores: Array) -> float:
        """``P`` at weights ``(n,)`` that give these scores ``(m,)``."""
        over = np.maximum(self.rho - self.sigma * scores, 0.0)
        if self.squared:
            np.square(over, out=over)
        return 0.5 * float(weights @ weights) + float((over * self.cost).sum())

    def bound(self, a: Array, rows: CentredRows) -> float:
        """``D`` at multipliers ``a`` ``(p, m)``, the heavier side of which is made lighter until ``sum beta = 0``."""
        if len(a) == 2:
            a = a - a.min(axis=0)  # what both sides of a row have in common lowers D, and costs digits
        above = self.sigma > 0.0
        up, down = float(a[above].sum()), float(a[~above].sum())
        a = a * np.where(above, min(1.0, down / max(up, _SMALL)), min(1.0, up / max(down, _SMALL)))
        normal = rows.normal((self.sigma * a).sum(axis=0))
        value = float((self.rho * a).sum()) - 0.5 * float(normal @ normal)
        if self.squared:
            value -= float((np.square(a) / (4.0 * self.cost)).sum())
        return value


@dataclass(frozen=True, eq=False)
class Interior:
    """Where the method stands; all it needs to go on, bit for bit.

    ``weights`` ``(n + 1,)`` are the best so far, intercept last, ``value`` is P there, and ``bound`` the best D:
    the minimum lies between them. ``point`` holds the iterates: ``w`` ``(n,)``, ``b`` ``(1,)`` (of centred rows),
    ``a``, ``slack`` and, unless squared, ``room`` and ``over``, all ``(p, m)``. ``stalled`` counts steps that
    brought nothing.
    """

    weights: Array
    value: float
    bound: float
    point: Mapping[str, Array]
    stalled: int = 0

    def gap(self) -> float:
        """How far the minimum can be below the value, relative to it."""
        return 0.0 if self.value == 0.0 else (self.value - self.bound) / self.value

    @property
    def stuck(self) -> bool:
        """Whether rounding lets it come no closer."""
        return self.stalled >= _STALLED


@np.errstate(over="ignore", invalid="ignore")
def begin_interior(margins: Margins, rows: CentredRows, weights: Array) -> Interior:
    """The first point for the rows, and ``weights`` ``(n + 1,)``, as zeros, as the best that is known.

    If their objective is not finite, zeros are; if that of zeros is not either, neither is the value.

    >>> margins = Margins.of_classes(np.array([False, True]), np.ones(2), squared=False)
    >>> from lepton_core.descent.bordered import Centred
    >>> rows = CentredRows(Centred(np.array([[1.0], [3.0]])))
    >>> at = begin_interior(margins, rows, np.zeros(2))
    >>> while at.gap() > 1e-9:
    ...     at = step_interior(margins, rows, at)
    >>> at.weights.round(6).tolist(), round(at.value, 6)
    ([1.0, -2.0], 0.5)
    """
    value = _value(margins, rows, weights)
    if not isfinite(value):  # weights of other data may say nothing here
        weights = np.zeros_like(weights)
        value = _value(margins, rows, weights)
    # At w = 0: the slacks make up exactly for what is missing, and for as much again, so that all are positive.
    more = float(np.abs(margins.rho).mean()) or 1.0
    over = np.maximum(margins.rho, 0.0) + more
    point = {"w": np.zeros(rows.columns), "b": np.zeros(1), "slack": over - margins.rho}
    if margins.squared:
        point["a"] = 2.0 * margins.cost * over
    else:
        half = np.broadcast_to(0.5 * margins.cost, over.shape)
        point |= {"a": half.copy(), "room": half.copy(), "over": over}
    return Interior(weights, value, -inf, point)


def _value(margins: Margins, rows: CentredRows, weights: Array) -> float:
    w = weights[:-1]
    return margins.primal(w, rows.scores(w, float(weights[-1] + rows.of.center @ w)))


def step_interior(margins: Margins, rows: CentredRows, at: Interior) -> Interior:
    """One predictor and corrector step; where numbers end, it stays and is stuck."""
    try:
        with np.errstate(all="ignore"):
            after = _stepped(margins, rows, at)
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return replace(at, stalled=_STALLED)
    finite = isfinite(after.value) and all(np.isfinite(of).all() for of in after.point.values())
    return after if finite else replace(at, stalled=_STALLED)


def _stepped(margins: Margins, rows: CentredRows, at: Interior) -> Interior:
    point = at.point
    direction = _directions(margins, rows, point)
    products = _products(point)
    ahead = direction({name: -of for name, of in products.items()})
    reach = _reach(point, ahead, 1.0)
    mean = _mean(products)
    after = _mean(_products({name: value + reach * ahead[name] for name, value in point.items()}))
    target = (after / mean) ** 3 * mean
    moves = direction(
        {name: target - of - ahead[name] * ahead[_PAIRS[name]] for name, of in products.items()}
    )
    share = min(1.0, _TO_THE_WALL * _reach(point, moves, inf))
    return _judged(margins, rows, at, {name: value + share * moves[name] for name, value in point.items()})


def _directions(
    margins: Margins, rows: CentredRows, point: Mapping[str, Array]
) -> Callable[[Mapping[str, Array]], dict[str, Array]]:
    """From the changes that the products of the pairs shall make to the step that makes them, to first order."""
    w, b, a, slack = point["w"], float(point["b"][0]), point["a"], point["slack"]
    sigma, room = margins.sigma, point.get("room")
    if room is None:
        over, yielding = a / (2.0 * margins.cost), 1.0 / (2.0 * margins.cost)
    else:
        over = point["over"]
        yielding = over / room
    broken = sigma * rows.scores(w, b) - margins.rho + over - slack
    d = 1.0 / (slack / a + yielding)
    beta = (sigma * a).sum(axis=0)
    solve = solver(rows, d.sum(axis=0))

    def direction(change: Mapping[str, Array]) -> dict[str, Array]:
        lack = change["a"] / a - broken
        if room is not None:
            lack -= change["room"] / room
        dw, db, dbeta = solve((sigma * d * lack).sum(axis=0), beta, w)
        da = _shared_out(sigma, d, lack, dbeta)
        moves = {"w": dw, "b": np.array([db]), "a": da, "slack": (change["a"] - slack * da) / a}
        if room is not None:
            moves |= {"room": -da, "over": (change["room"] + over * da) / room}
        return moves

    return direction


def _shared_out(sigma: Array, d: Array, lack: Array, dbeta: Array) -> Array:
    """``d (lack - sigma dscores)`` without ``dscores``, of which the large ``d`` would leave no digits."""
    if len(d) == 1:
        return sigma * dbeta
    part = d / d.sum(axis=0)
    return np.asarray(part[0] * d[1] * lack.sum(axis=0) + sigma * part * dbeta)


def _products(point: Mapping[str, Array]) -> dict[str, Array]:
    return {name: point[name] * point[other] for name, other in _PAIRS.items() if name in point}


def _mean(products: Mapping[str, Array]) -> float:
    return float(np.mean([of.mean() for of in products.values()]))


def _reach(point: Mapping[str, Array], moves: Mapping[str, Array], limit: float) -> float:
    for name in point:
        if name not in ("w", "b"):
            least = float((moves[name] / point[name]).min())
            if least < 0.0:
                limit = min(limit, -1.0 / least)
    return limit


def _judged(margins: Margins, rows: CentredRows, before: Interior, point: Mapping[str, Array]) -> Interior:
    w, b = point["w"], float(point["b"][0])
    value, bound = margins.primal(w, rows.scores(w, b)), margins.bound(point["a"], rows)
    progress = value < before.value * (1.0 - _PROGRESS) or bound > before.bound + _PROGRESS * abs(
        before.bound
    )
    return Interior(
        weights=np.append(w, b - rows.of.center @ w) if value < before.value else before.weights,
        value=min(value, before.value),
        bound=max(bound, before.bound),
        point=point,
        stalled=0 if progress else before.stalled + 1,
    )
