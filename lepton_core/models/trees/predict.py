"""Rows through trees, all trees and rows at once, level by level."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, RowFault
from lepton_core.models.trees.arrays import BY_THRESHOLD, Floats, Ints, Trees

_AT_ONCE = 2**16  # (tree, row) pairs whose temporaries fit into the second-level cache


def prepared(X: NDArray[np.float64], dtype: np.dtype[Any], what: str = "model") -> Floats:
    """``X`` ``(m, n)`` row after row as ``dtype``, that of the thresholds; ``(m, 1)`` if there is no feature.

    NaN is a missing value. Raises `InvalidData`, naming the rows, for values that are infinite, or too large for it.

    >>> prepared(np.array([[1.0], [1e39]]), np.dtype(np.float32))
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 2: the values are too large for the model
    """
    if X.shape[1] == 0:
        return np.zeros((len(X), 1), dtype=dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        cast: Floats = np.ascontiguousarray(X, dtype=dtype)
        overflows = not np.isfinite(cast.sum())  # also a sum of finite values may
    infinite = np.flatnonzero(np.isinf(cast).any(axis=1)) if overflows else ()
    if len(infinite):
        large, not_finite = (
            RowFault(f"the values are too large for the {what}"),
            RowFault("a value is not finite"),
        )
        raise InvalidData.in_rows(
            {int(row) + 1: not_finite if np.isinf(X[row]).any() else large for row in infinite}
        )
    return cast


def has_missing(X: Floats) -> bool:
    """Whether there is a NaN in ``X``, of any shape. True at times without one, where a sum of its values overflows.

    >>> has_missing(np.array([1.0, np.nan])), has_missing(np.array([1.0, 2.0]))
    (True, False)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isnan(X.sum()))


def summed(trees: Trees, X: Floats) -> NDArray[np.float64]:
    """``(m, K)``: the values of the leaves that each row of ``X`` `prepared` ``(m, n)`` comes to, over all trees.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> summed(leaves(np.array([[0.25, 0.5], [1.0, 1.0]])), np.zeros((1, 3), np.float32)).tolist()
    [[1.25, 1.5]]
    """
    width = trees.value.shape[1]
    result = np.empty((len(X), width))
    for rows in chunks(len(X), len(trees.roots) * width):
        result[rows] = over_trees(trees.value.take(leaf_rows(trees, X[rows]), axis=0))
    return result


def over_trees(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of ``values``, each of any shape, over the first axis; tree after tree, so the same for one row or many.

    >>> over_trees(np.array([[1.0], [2.0]])).tolist()
    [3.0]
    """
    if len(values) and values[0].size == 1:  # numpy would add these up in another order
        return np.asarray(np.add.accumulate(values, axis=0)[-1] + 0.0)
    return np.asarray(values.sum(axis=0))


def chunks(rows: int, each: int) -> list[slice]:
    """Slices of ``rows`` so that ``each`` pairs a row stay within the cache.

    >>> chunks(3, 40_000)
    [slice(0, 1, None), slice(1, 2, None), slice(2, 3, None)]
    """
    step = max(1, _AT_ONCE // max(each, 1))
    return [slice(at, min(at + step, rows)) for at in range(0, rows, step)]


def leaf_rows(trees: Trees, X: Floats) -> Ints:
    """``(len(roots), m)``: the row in ``value`` of the leaf that each row of ``X`` ``(m, n)`` comes to in each tree.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> leaf_rows(leaves(np.array([[0.5], [1.0]])), np.zeros((3, 2), np.float32)).tolist()
    [[0, 0, 0], [1, 1, 1]]
    """
    m, columns = X.shape
    values, missing = X.ravel(), has_missing(X)
    node = np.repeat(trees.roots, m).astype(np.intp)
    start = np.tile(np.arange(m) * columns, len(trees.roots))
    # Pairs that have come to their leaves drop out, else the deepest tree would have all rows walk with it.
    settled, at = node, np.arange(len(node))
    while True:
        child = trees.left.take(node)
        inner = child != node
        left = np.count_nonzero(inner)
        if left < 0.75 * len(node):
            settled[at] = node
            if left == 0:
                break
            keep = np.flatnonzero(inner)
            at, node, child, start, inner = at[keep], node[keep], child[keep], start[keep], inner[keep]
        x = values.take(trees.feature.take(node) + start)
        right = goes_right(trees, node, x, missing)
        right &= inner
        node = np.add(child, right, dtype=np.intp)
    return trees.row.take(settled).reshape(len(trees.roots), m)


def goes_right(trees: Trees, node: Ints, x: Floats, missing: bool) -> NDArray[np.bool_]:
    """Whether each ``node`` sends the value beside it in ``x``, of the same shape, to the right.

    Without ``missing`` no value is NaN. Of a split by categories ``x`` is the slot, 0 to 255.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> goes_right(leaves(np.array([[0.5]])), np.array([0]), np.array([np.nan]), missing=True).tolist()
    [False]
    """
    right: NDArray[np.bool_] = x > trees.threshold.take(node)
    if len(trees.sets):
        row = trees.row.take(node)
        split = np.nonzero(row < BY_THRESHOLD)
        slot = np.nan_to_num(x[split]).astype(np.intp)
        bits = trees.sets[-2 - row[split], slot >> 3] >> (slot & 7)
        right[split] = bits & 1 == 0
    if missing:
        right = np.where(np.isnan(x), trees.missing_right.take(node), right)
    return right
