"""One tree under constraints: signs that predictions keep to, and groups of features that may act together.

scikit-learn (1.9) grows no single tree with groups, and none with signs where values are missing. So such a tree is
grown here, level by level, by exact splits (CART). Where a feature with a sign splits a node, the middle of what the
two sides say is a bound for all that lies below them: the "basic" method of LightGBM.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.algorithm import Array
from lepton_core.models.learners.growth import Growth, float32_below
from lepton_core.models.learners.node_costs import Costs
from lepton_core.models.learners.split_search import (
    Grown,
    Level,
    Splits,
    Sums,
    best_splits,
    pieces,
    sums,
)
from lepton_core.models.learners.trimming import Nodes, of_most_leaves, pruned
from lepton_core.models.trees.arrays import MAX_DEPTH, Ints, Trees, ordered
from lepton_core.models.trees.training import TreeRows

_LEAST = 1e-12
"""A split under signs lessens the cost by this share at least: between bounds, others would only make trees deep."""


def grow_constrained(
    rows: TreeRows, n_classes: int, growth: Growth, weights: Array | None, random_state: int
) -> Trees:
    """One tree, of leaf values ``(k, K)``, K the number of classes or 1; ``weights`` ``(m,)``, or all rows alike.

    It keeps to ``growth.signs`` and ``growth.groups``. A sign is of the value, or of the probability of the second of
    two classes; of more classes none is kept. A column may lack values: its splits learn to which side they go.

    >>> rows = TreeRows(np.array([[1.0], [2.0], [3.0]], dtype=np.float32), np.array([1.0, 4.0, 2.0]), None)
    >>> made = grow_constrained(rows, 0, Growth(signs=(1,)), None, random_state=0)
    >>> made.threshold[0].tolist(), made.value.ravel().tolist()
    (1.5, [1.0, 3.0])
    """
    data, rng = _grown(rows, n_classes, growth, weights), np.random.default_rng(random_state)
    n = len(data.columns)
    groups = np.array([[at in group for at in range(n)] for group in growth.groups or (range(n),)], np.bool_)
    level, levels, depth = _root(data, len(groups)), [], 0
    while True:
        of = sums(data, level)
        nodes = Nodes.leaves(of.value, _risk(data, level, of))
        levels.append(nodes)
        splits = ~of.pure & (level.counts >= max(growth.min_samples_split, 2 * data.leaf))
        if not n or not splits.any() or depth == (growth.max_depth or MAX_DEPTH):
            break
        at, level, of = np.flatnonzero(splits), _only(level, splits), _sums_of(of, splits)
        found = _chosen(level, of, nodes.risk[at], data, groups, growth, rng)
        can = np.isfinite(found.gain)
        if not can.any():
            break
        found, at, level, of = _choice_of(found, can), at[can], _only(level, can), _sums_of(of, can)
        first = sum(len(one.risk) for one in levels)
        nodes.children[at] = first + np.arange(2 * len(at)).reshape(-1, 2)
        nodes.feature[at], nodes.threshold[at] = found.feature, found.threshold
        nodes.missing_left[at], nodes.gain[at] = found.missing_left, found.gain
        level, depth = _below(data, level, found, groups), depth + 1
    return _as_trees(Nodes.joined(levels), rows, n_classes, growth, float(data.weights.sum()))


@dataclass(frozen=True, eq=False)
class _Choice:
    """The split of each node, ``(p,)``; its ``gain`` is -inf where there is none."""

    feature: Ints
    threshold: NDArray[np.float32]
    missing_left: NDArray[np.bool_]
    gain: Array


def _grown(rows: TreeRows, n_classes: int, growth: Growth, weights: Array | None) -> Grown:
    w = np.ones(len(rows.y)) if weights is None else weights
    X, y, w = rows.X[w > 0.0], rows.y[w > 0.0].astype(np.float64), w[w > 0.0]
    targets = (y[:, None] == np.arange(n_classes)).astype(np.float64) if n_classes > 2 else y[:, None]
    costs = Costs(entropy=growth.criterion == "entropy", factor=2.0 if n_classes == 2 else 1.0)
    signs = np.array(growth.signs or (0,) * X.shape[1], np.int8)
    return Grown(np.ascontiguousarray(X.T), y, targets, w, costs, signs, growth.min_samples_leaf)


def _root(data: Grown, groups: int) -> Level:
    order = np.argsort(data.columns, axis=1, kind="stable").astype(np.int32)
    if not len(order):
        order = np.arange(len(data.y), dtype=np.int32)[None]
    return Level(
        order, np.zeros(1, np.int64), np.full(1, -np.inf), np.full(1, np.inf), np.ones((1, groups), np.bool_)
    )


def _risk(data: Grown, level: Level, of: Sums) -> Array:
    """What the rows of each node cost under its value, ``(p,)``."""
    if data.costs.entropy:
        return of.cost
    rows = level.order[0]
    apart = np.square(data.targets[rows] - of.value[level.nodes]).sum(axis=1) * data.weights[rows]
    return np.asarray(data.costs.factor * np.add.reduceat(apart, level.starts))


def _only(level: Level, kept: NDArray[np.bool_]) -> Level:
    """The nodes of the level that are ``kept`` ``(p,)``."""
    if kept.all():
        return level
    starts = np.cumsum(np.concatenate(([0], level.counts[kept]))[:-1])
    order = np.ascontiguousarray(level.order[:, kept[level.nodes]])
    return Level(order, starts, level.low[kept], level.high[kept], level.open[kept])


def _sums_of(of: Sums, kept: NDArray[np.bool_]) -> Sums:
    return Sums(**{one.name: getattr(of, one.name)[kept] for one in fields(Sums)})


def _choice_of(of: _Choice, kept: NDArray[np.bool_]) -> _Choice:
    return _Choice(**{one.name: getattr(of, one.name)[kept] for one in fields(_Choice)})


def _chosen(
    level: Level,
    of: Sums,
    risk: Array,
    data: Grown,
    groups: NDArray[np.bool_],
    growth: Growth,
    rng: np.random.Generator,
) -> _Choice:
    """The best split of each node among the features that its groups allow, and of these among those drawn for it.

    As in scikit-learn, where no drawn feature can split it, further ones are drawn until one can.
    """
    allowed = level.open.astype(np.float32) @ groups.astype(np.float32) > 0.0
    least = _LEAST * risk if data.signs.any() else np.full(len(risk), -np.inf)
    if growth.max_features is None:
        return _best(data, level, best_splits(data, level, of, _unless_all(allowed)), least)
    turn = np.where(allowed, rng.random(allowed.shape), 2.0).argsort(axis=1).argsort(axis=1)
    count = allowed.sum(axis=1)
    share = np.sqrt(count) if growth.max_features == "sqrt" else float(growth.max_features) * count
    drawn = turn < np.maximum(share.astype(np.int64), 1)[:, None]
    found = _best(data, level, best_splits(data, level, of, (drawn & allowed).T), least)
    none = np.isneginf(found.gain)
    if not none.any():
        return found
    rest, least = _only(level, none), least[none]
    splits = best_splits(data, rest, _sums_of(of, none), allowed[none].T)
    first = np.where(least[:, None] < splits.gain.T, turn[none], turn.shape[1]).min(axis=1)
    splits.gain[(turn[none] != first[:, None]).T] = -np.inf
    more = _best(data, rest, splits, least)
    for one in fields(_Choice):
        getattr(found, one.name)[none] = getattr(more, one.name)
    return found


def _unless_all(allowed: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    return None if allowed.all() else allowed.T


def _best(data: Grown, level: Level, splits: Splits, least: Array) -> _Choice:
    """The best split of each node, by whatever feature, that gains more than ``least`` ``(p,)``."""
    feature, node = splits.gain.argmax(axis=0), np.arange(splits.gain.shape[1])
    gain, at, order = splits.gain[feature, node], splits.at[feature, node], level.order
    low = data.columns[feature, order[feature, at]].astype(np.float64)
    high = data.columns[feature, order[feature, np.minimum(at + 1, order.shape[1] - 1)]].astype(np.float64)
    # Behind the last value there are only missing ones, and no later value lies beyond it.
    middle = np.where(np.isnan(high), np.inf, low / 2 + high / 2)
    gain = np.where(gain > least, gain, -np.inf)
    return _Choice(feature, float32_below(middle), splits.missing_left[feature, node], gain)


def _below(data: Grown, level: Level, found: _Choice, groups: NDArray[np.bool_]) -> Level:
    """The level of both sides of all nodes of ``level``, which are split as ``found``."""
    nodes, rows = level.nodes, level.order[0]
    x = data.columns[found.feature[nodes], rows]
    goes_left = np.zeros(len(data.y), np.bool_)
    goes_left[rows] = np.where(np.isnan(x), found.missing_left[nodes], x <= found.threshold[nodes])
    lefts = np.add.reduceat(goes_left[rows], level.starts, dtype=np.int64)
    order = np.empty_like(level.order)
    for some in pieces(*order.shape):
        _part(level, level.order[some], goes_left, nodes, lefts, order[some])
    starts = np.stack((level.starts, level.starts + lefts), axis=1).reshape(-1)
    open_ = np.repeat(level.open & groups[:, found.feature].T, 2, axis=0)
    sides = Level(order, starts, np.repeat(level.low, 2), np.repeat(level.high, 2), open_)
    sign = data.signs[found.feature]
    if not sign.any():
        return sides
    left, right = sums(data, sides).value[:, 0].reshape(-1, 2).T
    middle = left / 2 + right / 2
    low, high = sides.low.reshape(-1, 2).copy(), sides.high.reshape(-1, 2).copy()
    for side, rising in enumerate((-1, 1)):
        low[sign == rising, side] = middle[sign == rising]
        high[sign == -rising, side] = middle[sign == -rising]
    return replace(sides, low=low.reshape(-1), high=high.reshape(-1))


def _part(
    level: Level, order: Ints, goes_left: NDArray[np.bool_], nodes: Ints, lefts: Ints, into: Ints
) -> None:
    """Write ``order`` ``(c, m)`` with the rows that go left first within each node, else as they stood."""
    left = goes_left[order]
    upto = np.cumsum(left, axis=1, dtype=np.int64)
    before = np.concatenate((np.zeros((len(order), 1), np.int64), upto[:, level.starts[1:] - 1]), axis=1)
    upto = upto - before[:, nodes]
    place = np.arange(order.shape[1])
    start = level.starts[nodes]
    new = np.where(left, start + upto - 1, place + lefts[nodes] - upto)
    np.put_along_axis(into, new, order, axis=1)


def _as_trees(nodes: Nodes, rows: TreeRows, n_classes: int, growth: Growth, total: float) -> Trees:
    if growth.max_leaf_nodes is not None:
        nodes = of_most_leaves(nodes, growth.max_leaf_nodes)
    if growth.ccp_alpha:
        nodes = pruned(nodes, growth.ccp_alpha * total)
    value = nodes.value
    if n_classes == 2:
        value = np.concatenate((1.0 - value, value), axis=1)
    elif n_classes:
        value = value / value.sum(axis=1, keepdims=True)
    else:
        value = rows.offset + rows.scale * value
    return ordered(
        roots=np.array([0]),
        children=nodes.children,
        feature=nodes.feature,
        threshold=nodes.threshold,
        missing_left=nodes.missing_left,
        value=value,
    )
