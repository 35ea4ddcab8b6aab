"""Exact Shapley values of trees against background rows ("interventional tree SHAP").

For a row x and a background row z, a coalition S of features gives the tree's value at the row that has the features
of S from x and the others from z. A leaf is reached with S if S holds all features on its path whose splits only x
passes (``a`` of them), and none of those that only z passes (``b``); if neither passes some split, never. The Shapley
value of such a game is, in closed form, ``(a-1)! b! / (a+b)!`` for each of the first, ``-a! (b-1)! / (a+b)!`` for each
of the second, times the leaf's value. What remains is to add these up over leaves, background rows and trees
(Lundberg and others 2020, "From local explanations to global understanding with explainable AI for trees").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.trees.arrays import Floats, Ints, Trees
from lepton_core.models.trees.predict import goes_right, has_missing

_AT_ONCE = 2**18
_WORD = 64


@dataclass(frozen=True, eq=False)
class _Paths:
    """Where some nodes lie: the features on the path to each, and which of the rows fail at them.

    ``features`` is ``(p, s)``, each feature of the path once, -1 after the last of ``used`` ``(p,)``. ``failed`` is
    ``(words, p, rows)`` uint64: bit i is set where a row fails a split by the i-th feature of that path.
    """

    node: Ints
    features: Ints
    used: Ints
    failed: NDArray[np.uint64]

    def take(self, chosen: Ints | slice) -> "_Paths":
        return _Paths(self.node[chosen], self.features[chosen], self.used[chosen], self.failed[:, chosen])


def shapley(trees: Trees, X: Floats, background: Floats) -> NDArray[np.float64]:
    """``(m, n, K)``: what each feature of each row adds to the sum over all trees, against the mean of ``background``.

    ``X`` is ``(m, n)`` and ``background`` ``(b, n)``, both `prepared`. For each row the sum over features is the
    trees' sum for it less the mean of that for the background rows, up to rounding.

    >>> from lepton_core.models.trees.arrays import ordered
    >>> trees = ordered(
    ...     roots=np.array([0]),
    ...     children=np.array([[1, 2], [-1, -1], [-1, -1]]),
    ...     feature=np.array([1, 0, 0]),
    ...     threshold=np.array([0.5, 0.0, 0.0]),
    ...     missing_left=np.array([True, True, True]),
    ...     value=np.array([[0.0], [1.0], [3.0]]),
    ... )
    >>> shapley(trees, np.array([[0.0, 9.0]]), np.array([[0.0, 0.0], [0.0, 1.0]])).tolist()
    [[[0.0], [1.0]]]
    """
    step = max(1, _AT_ONCE // len(background))
    some = [_summed(trees, X[first : first + step], background) for first in range(0, len(X), step)]
    return np.concatenate([np.zeros((0, X.shape[1], trees.value.shape[1])), *some]) / len(background)


def _summed(trees: Trees, X: Floats, background: Floats) -> NDArray[np.float64]:
    (m, n), width = X.shape, trees.value.shape[1]
    total = np.zeros((m * n, width))
    for paths in _leaves(trees, np.concatenate((X, background)), m):
        leaf, row, shares = _shares(paths, m)
        keys = row[:, None] * n + paths.features[leaf]
        used = np.nonzero(shares)
        keys, shares = keys[used], shares[used]
        value = trees.value[trees.row[paths.node[leaf[used[0]]]]]
        for k in range(width):
            total[:, k] += np.bincount(keys, shares * value[:, k], minlength=m * n)
    return total.reshape(m, n, width)


def _leaves(trees: Trees, rows: Floats, m: int) -> Iterator[_Paths]:
    """The paths to all leaves, some at a time; depth first, so that the nodes that wait stay few."""
    pairs = m * (len(rows) - m)
    waiting = [_start(trees, len(rows))]
    missing = has_missing(rows)
    while waiting:
        paths = waiting.pop()
        each = max(pairs, len(rows) * paths.features.shape[1])
        while (half := len(paths.node) // 2) and len(paths.node) * each > _AT_ONCE:
            waiting.append(paths.take(slice(half, None)))
            paths = paths.take(slice(0, half))
        leaf = trees.left[paths.node] == paths.node
        if leaf.any():
            yield paths.take(np.flatnonzero(leaf))
        if not leaf.all():
            waiting.append(_below(trees, paths.take(np.flatnonzero(~leaf)), rows, missing))


def _start(trees: Trees, rows: int) -> _Paths:
    p = len(trees.roots)
    return _Paths(
        trees.roots,
        np.zeros((p, 0), dtype=np.int32),
        np.zeros(p, dtype=np.intp),
        np.zeros((1, p, rows), dtype=np.uint64),
    )


def _below(trees: Trees, paths: _Paths, rows: Floats, missing: bool) -> _Paths:
    """The paths to the children of these nodes, all left ones and then all right ones."""
    feature = trees.feature[paths.node]
    each = np.arange(len(feature))
    known = paths.features == feature[:, None]
    new = ~known.any(axis=1)
    slot = np.where(new, paths.used, known.argmax(axis=1) if known.shape[1] else 0)
    features, failed = paths.features, paths.failed
    if slot.max() >= features.shape[1]:
        features = np.pad(features, ((0, 0), (0, 1)), constant_values=-1)
    if slot.max() >= _WORD * len(failed):
        failed = np.concatenate((failed, np.zeros((1, *failed.shape[1:]), dtype=np.uint64)))
    features = features.copy()
    features[each, slot] = feature
    x = rows.T[feature]
    right = goes_right(trees, np.broadcast_to(paths.node[:, None], x.shape), x, missing)
    bit = (np.uint64(1) << (slot % _WORD).astype(np.uint64))[:, None]
    both = np.concatenate((failed, failed), axis=1)
    word = slot // _WORD
    both[word, each] |= bit * right
    both[word, each + len(each)] |= bit * ~right
    left, used = trees.left[paths.node], paths.used + new
    return _Paths(
        np.concatenate((left, left + 1)),
        np.concatenate((features, features)),
        np.concatenate((used, used)),
        both,
    )


def _shares(paths: _Paths, m: int) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Leaf and row ``(p,)`` of all pairs that meet, and by how much of the leaf's value each feature on the path to it
    moves the row, summed over the background, ``(p, s)``."""
    clash = np.zeros((paths.failed.shape[1], m, paths.failed.shape[2] - m), dtype=np.bool_)
    for word in paths.failed:
        clash |= word[:, :m, None] & word[:, None, m:] != 0
    leaf, row, other = np.nonzero(~clash)
    gone = paths.failed[:, leaf, m + other]  # where only the background row fails, only the other row passes
    kept = paths.failed[:, leaf, row]
    a, b = _ones(gone), _ones(kept)
    gain, loss = _weights(int(paths.used.max()))
    first = np.flatnonzero(np.diff(leaf * m + row, prepend=-1))
    if not len(first):
        return leaf, row, np.zeros((0, paths.features.shape[1]))
    s = paths.features.shape[1]
    gains = np.add.reduceat(_bits(gone, s) * gain[a, b][:, None], first)
    losses = np.add.reduceat(loss[a, b], first)[:, None]
    return leaf[first], row[first], gains - _bits(kept[:, first], s) * losses


def _ones(words: NDArray[np.uint64]) -> Ints:
    counts: Ints = np.bitwise_count(words).sum(axis=0, dtype=np.intp)
    return counts


def _bits(words: NDArray[np.uint64], s: int) -> NDArray[np.uint8]:
    """``(p, s)``: the lowest ``s`` bits of ``words`` ``(words, p)``."""
    octets = np.ascontiguousarray(words.T, dtype="<u8").view(np.uint8)
    return np.unpackbits(octets, axis=1, count=s, bitorder="little")


@cache
def _weights(most: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``(a-1)! b! / (a+b)!`` and ``a! (b-1)! / (a+b)!`` at [a, b], up to ``most``; 0 where a or b is 0."""
    gain = np.zeros((most + 1, most + 1))
    a = np.arange(1, most + 1)
    gain[1:, 0] = 1.0 / a
    for b in range(1, most + 1):
        gain[1:, b] = gain[1:, b - 1] * b / (a + b)
    gain.flags.writeable = False
    return gain, gain.T
