"""The best split of each node of a level by each feature, with missing values on the side that suits them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.algorithm import Array
from lepton_core.models.learners.node_costs import Costs
from lepton_core.models.trees.arrays import Ints

_AT_ONCE = 2**18
"""So many cells are looked at together: their temporaries fit into the cache."""


@dataclass(frozen=True, eq=False)
class Grown:
    """The rows that a tree is grown on: ``columns`` ``(n, m)`` float32, ``y`` ``(m,)``, ``targets`` ``(m, K)``.

    ``weights`` ``(m,)`` are positive. ``signs`` ``(n,)`` say where a prediction may only rise (1), fall (-1) or both
    (0) with a feature, and ``leaf`` is the fewest rows on either side of a split.
    """

    columns: NDArray[np.float32]
    y: NDArray[np.float64]
    targets: Array
    weights: Array
    costs: Costs
    signs: NDArray[np.int8]
    leaf: int


@dataclass(frozen=True, eq=False)
class Level:
    """The nodes of one depth, p of them: ``order`` ``(n, m)`` are their rows, node after node, sorted by each feature.

    ``starts`` ``(p,)`` are where the rows of each begin, ``low`` and ``high`` ``(p,)`` the bounds of what it may say,
    and ``open`` ``(p, k)`` the groups whose features it may still be split by.
    """

    order: Ints
    starts: Ints
    low: Array
    high: Array
    open: NDArray[np.bool_]

    @property
    def counts(self) -> Ints:
        """How many rows each has, ``(p,)``."""
        return np.diff(np.append(self.starts, self.order.shape[1]))

    @property
    def nodes(self) -> Ints:
        """The node of each place in a row of ``order``, ``(m,)``."""
        return np.repeat(np.arange(len(self.starts)), self.counts)


@dataclass(frozen=True, eq=False)
class Sums:
    """Of each node: ``W`` ``(p,)`` its weight, ``S`` ``(p, K)`` that of its targets, ``mean`` the same by weight,
    ``value`` ``(p, K)`` what it says, ``cost`` ``(p,)`` of that, and whether all its targets are the same, ``pure``."""

    W: Array
    S: Array
    mean: Array
    value: Array
    cost: Array
    pure: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Splits:
    """The best split of each node by each feature, ``(n, p)``: how much it ``gain``s, -inf where there is none.

    It goes behind place ``at`` of the feature's row of ``Level.order``; ``missing_left``: missing values go left.
    """

    gain: Array
    at: Ints
    missing_left: NDArray[np.bool_]


def sums(data: Grown, level: Level) -> Sums:
    """The sums ``(p,)`` of the nodes of ``level``.

    >>> rows = Grown(np.zeros((1, 2), np.float32), np.array([1.0, 3.0]), np.array([[1.0], [3.0]]), np.ones(2), Costs(),
    ...     np.zeros(1, np.int8), 1)
    >>> level = Level(np.array([[0, 1]]), np.array([0]), np.array([-np.inf]), np.array([1.5]), np.ones((1, 1), bool))
    >>> sums(rows, level).value.tolist()
    [[1.5]]
    """
    rows = level.order[0]
    w, y = data.weights[rows], data.y[rows]
    W = np.add.reduceat(w, level.starts)
    S = np.add.reduceat(w[:, None] * data.targets[rows], level.starts, axis=0)
    lowest, highest = np.minimum.reduceat(y, level.starts), np.maximum.reduceat(y, level.starts)
    mean = S / W[:, None]
    pure = lowest == highest
    mean[pure] = data.targets[rows[level.starts[pure]]]  # without the rounding of a mean
    value = np.clip(mean, level.low[:, None], level.high[:, None])
    return Sums(W, S, mean, value, data.costs.of(W, S, value), pure)


def best_splits(data: Grown, level: Level, of: Sums, asked: NDArray[np.bool_] | None = None) -> Splits:
    """The best split of each node of ``level`` by each feature, ``(n, p)`` each; of those ``asked`` for, if any are.

    A split by a feature with a sign must leave what its sides say in that order. What they say lies within the bounds
    of the node, and their costs are those of such values. Missing values are tried on both sides.

    >>> X, y = np.array([[1.0, 2.0, 3.0]], np.float32), np.array([0.0, 0.0, 6.0])
    >>> rows = Grown(X, y, y[:, None], np.ones(3), Costs(), np.zeros(1, np.int8), 1)
    >>> free = np.array([-np.inf]), np.array([np.inf]), np.ones((1, 1), np.bool_)
    >>> level = Level(np.array([[0, 1, 2]]), np.array([0]), *free)
    >>> best = best_splits(rows, level, sums(rows, level))
    >>> best.gain.tolist(), best.at.tolist()
    ([[24.0]], [[1]])
    """
    n, p = len(data.columns), len(level.starts)
    found = Splits(np.full((n, p), -np.inf), np.zeros((n, p), np.int64), np.zeros((n, p), np.bool_))
    nodes, targets = level.nodes, data.targets
    if not data.costs.entropy:
        targets, level, of = _centred(data, level, of, nodes)
    for some in pieces(n, len(nodes)):
        sides = _Sides.of(data, level, some, nodes, targets, asked)
        if len(sides.place):
            signs = data.signs[some][sides.feature]
            right = _gains(data, level, of, sides, signs, missing_left=False)
            left = _gains(data, level, of, sides, signs, missing_left=True)
            _take_best(found, sides, level.counts, right, left, some.start)
    return found


def _centred(data: Grown, level: Level, of: Sums, nodes: Ints) -> tuple[Array, Level, Sums]:
    """All that is a target, or a bound of one, less the mean of its node: sums of these do not drown in rounding."""
    targets = np.zeros_like(data.targets)
    targets[level.order[0]] = data.targets[level.order[0]] - of.mean[nodes]
    value, S = of.value - of.mean, of.S - of.W[:, None] * of.mean
    centred = replace(of, S=S, value=value, cost=data.costs.of(of.W, S, value))
    middle = of.mean[:, 0]
    return targets, replace(level, low=level.low - middle, high=level.high - middle), centred


def pieces(n: int, a: int) -> Iterator[slice]:
    """Slices of ``n`` features, of ``a`` rows each, whose cells fit into the cache together.

    >>> list(pieces(3, 10))
    [slice(0, 3, None)]
    """
    step = max(1, _AT_ONCE // max(a, 1))
    for first in range(0, n, step):
        yield slice(first, min(first + step, n))


@dataclass(frozen=True, eq=False)
class _Sides:
    """Of c places behind which some feature can split: the sums of what lies left of it, and of what is missing.

    ``feature``, ``place``, ``node``, ``count`` and ``W`` are ``(c,)``, ``S`` is ``(c, K)``; ``*_lost`` are of the
    missing values of the node, and ``whole`` tells the split of all others from these.
    """

    feature: Ints
    place: Ints
    node: Ints
    count: Ints
    W: Array
    S: Array
    count_lost: Ints
    W_lost: Array
    S_lost: Array
    whole: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        data: Grown,
        level: Level,
        some: slice,
        nodes: Ints,
        targets: Array,
        asked: NDArray[np.bool_] | None,
    ) -> "_Sides":
        order = level.order[some]
        x = np.take_along_axis(data.columns[some], order, axis=1)
        lost = np.isnan(x)
        splits = np.zeros(x.shape, np.bool_)
        whole = ~lost[:, :-1] & lost[:, 1:]
        splits[:, :-1] = (x[:, 1:] > x[:, :-1]) | whole
        splits[:, :-1] &= nodes[1:] == nodes[:-1]
        if asked is not None:
            splits &= asked[some][:, nodes]
        flat, starts = np.flatnonzero(splits), level.starts
        feature, place = np.divmod(flat, x.shape[1])
        node = nodes[place]
        pair = feature * len(starts) + node
        weights = data.weights[order]
        S, S_lost = np.zeros((2, len(place), targets.shape[1]))
        W, W_lost, count_lost = np.empty(0), np.zeros(len(place)), np.zeros(len(place), np.int64)
        if lost.any():
            count_lost = np.add.reduceat(lost, starts, axis=1, dtype=np.int64).take(pair)
            W_lost = np.add.reduceat(np.where(lost, weights, 0.0), starts, axis=1).take(pair)
        # Missing values stand behind all others of their node.
        W = _upto(weights, starts, flat, pair)
        for k in range(targets.shape[1]):
            t = targets[:, k][order] * weights
            S[:, k] = _upto(t, starts, flat, pair)
            if lost.any():
                S_lost[:, k] = np.add.reduceat(np.where(lost, t, 0.0), starts, axis=1).take(pair)
        whole = lost.take(flat + 1)
        return cls(feature, place, node, place - starts[node] + 1, W, S, count_lost, W_lost, S_lost, whole)


def _upto(cells: Array, starts: Ints, flat: Ints, pair: Ints) -> Array:
    """The sums ``(c,)`` of ``cells`` ``(n, m)`` from the start of the node up to the place ``flat``.

    ``pair`` is the place of feature and node in ``(n, p)``.
    """
    total = np.cumsum(cells, axis=1)
    before = np.concatenate((np.zeros((len(cells), 1)), total[:, starts[1:] - 1]), axis=1)
    return np.asarray(total.take(flat) - before.take(pair))


def _gains(
    data: Grown, level: Level, of: Sums, sides: _Sides, signs: NDArray[np.int8], *, missing_left: bool
) -> Array:
    """By how much each split lessens the cost, ``(c,)``; -inf where it must not be. ``signs`` are ``(c,)``."""
    gain = np.full(len(sides.node), -np.inf)
    count, W, S = sides.count, sides.W, sides.S
    allowed = np.ones(len(gain), np.bool_)
    if missing_left:
        allowed = (sides.count_lost > 0) & ~sides.whole
        if not allowed.any():
            return gain
        count, W, S = count + sides.count_lost, W + sides.W_lost, S + sides.S_lost
    allowed &= np.minimum(count, level.counts[sides.node] - count) >= data.leaf
    at = np.flatnonzero(allowed)
    node, W, S = sides.node[at], W[at], S[at]
    W_other, S_other = of.W[node] - W, of.S[node] - S
    there = (W > 0.0) & (W_other > 0.0)  # a difference of sums may lose a very small weight
    if not there.all():
        at, node = at[there], node[there]
        W, S, W_other, S_other = W[there], S[there], W_other[there], S_other[there]
    low, high = level.low[node], level.high[node]
    one, other = data.costs.value(W, S, low, high), data.costs.value(W_other, S_other, low, high)
    gained = of.cost[node] - data.costs.of(W, S, one) - data.costs.of(W_other, S_other, other)
    gained[signs[at] * (other[:, 0] - one[:, 0]) < 0.0] = -np.inf
    gain[at] = gained
    return gain


def _take_best(found: Splits, sides: _Sides, counts: Ints, right: Array, left: Array, first: int) -> None:
    """Enter the best of the places ``(c,)`` of each feature and node, the first of equals."""
    gain = np.maximum(right, left)
    new = (np.diff(sides.feature, prepend=-1) != 0) | (np.diff(sides.node, prepend=-1) != 0)
    pair, start = np.cumsum(new) - 1, np.flatnonzero(new)
    best = np.flatnonzero(gain == np.maximum.reduceat(gain, start)[pair])
    at = best[np.unique(pair[best], return_index=True)[1]]
    feature, node = sides.feature[at] + first, sides.node[at]
    found.gain[feature, node] = gain[at]
    found.at[feature, node] = sides.place[at]
    # Without a missing value they would go where most rows go.
    most = sides.count[at] * 2 > counts[node]
    found.missing_left[feature, node] = np.where(sides.count_lost[at] > 0, left[at] > right[at], most)
