"""Many decision trees as a few flat arrays, laid out for prediction by numpy and for a model file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.floating[Any]]

_FLOAT32 = np.dtype(np.float32)

MAX_DEPTH = 512
"""The most splits between a root and a leaf: so many steps a prediction takes at most."""

SET_BYTES = 32
"""A set of categories has a bit for each of 256 slots."""

BY_THRESHOLD = -1
"""The ``row`` of a split by a threshold; a split by the set of categories s has the ``row`` -2 - s."""


@dataclass(frozen=True, eq=False)
class Trees:
    """Nodes of all trees, each after its parent, two siblings side by side; ``p`` nodes, ``(p,)`` but where said.

    ``roots`` int32, one a tree. ``left`` int32: the left child, the right one is the next; of a leaf the node itself.
    A split sends a row right if its value of ``feature`` (int32) is greater than ``threshold`` (float32 if the trees
    were grown on float32, else float64), or NaN where ``missing_right`` (bool). ``row`` int32: of a leaf its row in
    ``value`` ``(k, K)`` float64; of a split `BY_THRESHOLD`, or -2 - s if it sends left the slots in ``sets[s]``, where
    ``sets`` is ``(b, 32)`` uint8, 256 bits, the lowest first. A leaf has ``feature`` 0, ``threshold`` 0 and
    ``missing_right`` False, which nothing depends on.
    """

    roots: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    missing_right: NDArray[np.bool_]
    row: Ints
    value: NDArray[np.float64]
    sets: NDArray[np.uint8]

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The fields by name, ``(p,)`` and so on; ``sets`` only if the trees split by categories."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return named if len(self.sets) else {name: named[name] for name in TREE_ARRAYS}


TREE_ARRAYS = ("roots", "feature", "threshold", "left", "missing_right", "row", "value")
"""The arrays of trees that split by numbers alone."""


def trees_of(parameters: Mapping[str, NDArray[Any]]) -> Trees:
    """The trees among ``parameters``, shaped like ``Trees``; there may be others, and ``sets`` may be absent.

    >>> trees_of(leaves(np.array([[0.5]])).arrays).left
    array([0], dtype=int32)
    """
    sets = parameters.get("sets")
    return Trees(
        **{name: parameters[name] for name in TREE_ARRAYS}, sets=_no_sets() if sets is None else sets
    )


def leaves(value: NDArray[np.float64], dtype: np.dtype[Any] = _FLOAT32) -> Trees:
    """One tree for each row of ``value`` ``(k, K)``, that is a leaf with these values; ``dtype`` is of the thresholds.

    >>> leaves(np.array([[0.2, 0.8]])).arrays["row"].tolist()
    [0]
    """
    count = np.arange(len(value))
    return ordered(
        roots=count,
        children=np.full((len(value), 2), -1),
        feature=count,
        threshold=np.zeros(len(value), dtype),
        missing_left=np.zeros(len(value), np.bool_),
        value=value,
    )


def ordered(
    *,
    roots: Ints,
    children: Ints,
    feature: Ints,
    threshold: Floats,
    missing_left: NDArray[np.bool_],
    value: NDArray[np.float64],
    set_of: Ints | None = None,
    sets: NDArray[np.uint8] | None = None,
) -> Trees:
    """The trees with these nodes, ``(p,)`` each in any order, in the order of `Trees`.

    ``children`` is ``(p, 2)``: left and right, both negative of a leaf; ``value`` ``(p, K)``; a greatest or infinite
    threshold sends all left but missing ones. ``set_of`` is the row in ``sets`` ``(b, 32)`` of a split by categories,
    negative for others. What splits have no use for is ignored, and the values of equal leaves are kept once.

    >>> trees = ordered(
    ...     roots=np.array([0]),
    ...     children=np.array([[1, 2], [-1, -1], [-1, -1]]),
    ...     feature=np.array([4, 9, 9]),
    ...     threshold=np.array([0.5, 9.0, 9.0]),
    ...     missing_left=np.array([True, True, True]),
    ...     value=np.array([[9.0], [1.0], [1.0]]),
    ... )
    >>> trees.left.tolist(), trees.feature.tolist(), trees.row.tolist(), trees.value.tolist()
    ([1, 1, 2], [4, 0, 0], [-1, 0, 0], [[1.0]])
    """
    order, left = _by_level(roots, children)
    leaf = left == np.arange(len(order))
    top = np.finfo(threshold.dtype).max
    values, index = np.unique(value[order[leaf]], axis=0, return_inverse=True)
    row = np.full(len(order), BY_THRESHOLD, dtype=np.int32)
    if set_of is not None:
        chosen = set_of[order]
        row[chosen >= 0] = -2 - chosen[chosen >= 0]
    row[leaf] = index.reshape(-1)
    return Trees(
        roots=np.arange(len(roots), dtype=np.int32),
        feature=np.where(leaf, 0, feature[order]).astype(np.int32),
        threshold=np.where(row == BY_THRESHOLD, np.minimum(threshold[order], top), top.dtype.type(0)),
        left=left.astype(np.int32),
        missing_right=~(leaf | missing_left[order]),
        row=row,
        value=values,
        sets=_no_sets() if sets is None else sets,
    )


def join(parts: Sequence[Trees]) -> Trees:
    """All trees of ``parts``, in their order; all of one dtype and with values of one width ``K``.

    >>> join([leaves(np.array([[1.0]])), leaves(np.array([[2.0], [3.0]]))]).row.tolist()
    [0, 1, 2]
    """
    moved, nodes, values, sets = [], 0, 0, 0
    for part in parts:
        row = part.row.copy()
        row[part.row >= 0] += values
        row[part.row < BY_THRESHOLD] -= sets
        moved.append(replace(part, roots=part.roots + nodes, left=part.left + nodes, row=row))
        nodes, values, sets = nodes + len(part.left), values + len(part.value), sets + len(part.sets)
    return Trees(
        **{one.name: np.concatenate([getattr(part, one.name) for part in moved]) for one in fields(Trees)}
    )


def _by_level(roots: Ints, children: Ints) -> tuple[Ints, Ints]:
    """The old number of each node, all roots first and level after level; and each one's left child, by new numbers."""
    level, start, order, left = roots, 0, [], []
    while len(level):
        inner = children[level, 0] >= 0
        following = start + len(level)
        here = np.arange(start, following)
        here[inner] = following + 2 * np.arange(np.count_nonzero(inner))
        order.append(level)
        left.append(here)
        level, start = children[level[inner]].reshape(-1), following
    return np.concatenate(order), np.concatenate(left)


def _no_sets() -> NDArray[np.uint8]:
    return np.zeros((0, SET_BYTES), dtype=np.uint8)
