"""A random forest, tree by tree: each is grown on rows drawn with replacement, and judged by those left out.

Breiman (2001), "Random forests". Tree t depends on nothing but the data, the settings, the seed and t, so a forest
can be grown in pieces. Rows are drawn with chances like their weights, and the drawn ones then count alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.algorithm import Array
from lepton_core.models.learners.growth import Growth
from lepton_core.models.learners.tree import grow
from lepton_core.models.trees import training
from lepton_core.models.trees.arrays import TREE_ARRAYS, Ints, Trees, join, trees_of
from lepton_core.models.trees.predict import summed
from lepton_core.models.trees.training import TreeRows

BLOCK = 32
"""So many trees are kept in one set of arrays: few arrays, and little copying for each tree."""

_JUDGES = 10_000  # rows of which votes are kept


@dataclass(frozen=True, eq=False)
class Votes:
    """The votes of the trees on rows that they were not grown on: sums ``(k, K)`` and numbers of trees ``(k,)`` int64.

    ``row`` ``(k,)`` are the rows that are looked at, at most 10,000, at even distances.
    """

    row: Ints
    sums: Array
    trees: NDArray[np.int64]


def no_votes(m: int, width: int) -> Votes:
    """None yet, ``(k, width)``, of ``m`` rows.

    >>> no_votes(3, 2).row.tolist()
    [0, 1, 2]
    """
    row = np.unique(np.linspace(0, m - 1, min(m, _JUDGES)).astype(np.intp))
    return Votes(row, np.zeros((len(row), width)), np.zeros(len(row), dtype=np.int64))


def add_tree(
    rows: TreeRows, n_classes: int, growth: Growth, share_drawn: float, seed: int, number: int, votes: Votes
) -> tuple[Trees, Votes]:
    """Tree ``number`` of the forest with this ``seed``, values ``(k, K)``, and the ``votes`` with its own.

    Raises `InvalidInput` if scikit-learn is not installed.

    >>> rows = TreeRows(np.array([[1.0], [2.0]], dtype=np.float32), np.array([3.0, 4.0]), None)
    >>> tree, votes = add_tree(rows, 0, Growth(), 1.0, seed=0, number=0, votes=no_votes(2, 1))
    >>> int(votes.trees.sum()) in (0, 1)
    True
    """
    m = len(rows.y)
    rng = np.random.default_rng([seed, number])
    size = max(1, round(share_drawn * m))
    if rows.weights is None:
        drawn = rng.integers(m, size=size)
    else:
        drawn = rng.choice(m, size=size, p=rows.weights / rows.weights.sum())
    counts = np.bincount(drawn, minlength=m).astype(np.float64)
    tree = grow(rows, n_classes, growth, counts, int(rng.integers(2**32)))
    left_out = np.flatnonzero(counts[votes.row] == 0.0)
    sums, trees = votes.sums.copy(), votes.trees.copy()
    if len(left_out):
        sums[left_out] += summed(tree, rows.X[votes.row[left_out]])
        trees[left_out] += 1
    return tree, replace(votes, sums=sums, trees=trees)


def loss(rows: TreeRows, votes: Votes) -> float:
    """The loss of the forest so far, out of bag, as if one more tree had said of each row the mean over all rows.

    So a row that no tree left out has a guess as well, and few trees that err do not make an infinite log loss.

    >>> loss(TreeRows(np.zeros((2, 1)), np.array([1.0, 3.0]), None), no_votes(2, 1))
    0.5
    """
    width = votes.sums.shape[1]
    weights = None if rows.weights is None else rows.weights[votes.row]
    if width > 1:
        counts = np.bincount(rows.y, rows.weights, width)
        predicted = (votes.sums + counts / counts.sum()) / (votes.trees + 1)[:, None]
        return training.loss(predicted, rows.y[votes.row], weights)
    y = rows.offset + rows.scale * rows.y
    guess = float(np.average(y, weights=rows.weights))
    return training.loss((votes.sums[:, 0] + guess) / (votes.trees + 1), y[votes.row], weights)


def append(blocks: Mapping[str, NDArray[Any]], tree: Trees, number: int) -> dict[str, NDArray[Any]]:
    """``blocks`` with tree ``number`` as well: arrays shaped like those of `Trees`, named '3.left' for the 4th block.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> sorted(append({}, leaves(np.array([[1.0]])), 64))[:2]
    ['2.feature', '2.left']
    """
    block = number // BLOCK
    if number % BLOCK:
        earlier = trees_of({name: blocks[f"{block}.{name}"] for name in TREE_ARRAYS})
        tree = join([earlier, tree])
    return dict(blocks) | {f"{block}.{name}": array for name, array in tree.arrays.items()}


def whole(blocks: Mapping[str, NDArray[Any]], trees: int) -> dict[str, NDArray[Any]]:
    """The arrays of `Trees` and shaped like those, of all ``trees`` in ``blocks``; at least one.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> whole(append({}, leaves(np.array([[1.0]])), 0), 1)["left"].tolist()
    [0]
    """
    count = -(-trees // BLOCK)
    return join(
        [trees_of({name: blocks[f"{block}.{name}"] for name in TREE_ARRAYS}) for block in range(count)]
    ).arrays
