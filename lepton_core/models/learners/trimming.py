"""What is taken away from a tree that was grown as far as its rows allow: leaves beyond a number, weak branches."""

from dataclasses import dataclass, fields, replace
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from lepton_core.models.algorithm import Array
from lepton_core.models.trees.arrays import Ints


@dataclass(frozen=True, eq=False)
class Nodes:
    """The p nodes of a tree, each behind its parent: ``children`` ``(p, 2)``, left and right, -1 of a leaf.

    ``feature``, ``threshold`` and ``missing_left`` ``(p,)`` are of splits, ``value`` ``(p, K)`` of all. ``risk``
    ``(p,)`` is what its rows cost under its value, and ``gain`` ``(p,)`` by how much its split lessens that.
    """

    children: Ints
    feature: Ints
    threshold: NDArray[np.float32]
    missing_left: NDArray[np.bool_]
    value: Array
    risk: Array
    gain: Array

    @classmethod
    def leaves(cls, value: Array, risk: Array) -> "Nodes":
        """Nodes without a split, of the ``value`` ``(p, K)`` and the ``risk`` ``(p,)``.

        >>> Nodes.leaves(np.array([[1.0]]), np.zeros(1)).children.tolist()
        [[-1, -1]]
        """
        p = len(value)
        ints, reals = np.zeros(p, np.int64), np.zeros(p)
        return cls(
            np.full((p, 2), -1), ints, reals.astype(np.float32), np.zeros(p, np.bool_), value, risk, reals
        )

    @classmethod
    def joined(cls, levels: "list[Nodes]") -> "Nodes":
        """All nodes of ``levels``, one after the other, ``(p,)`` in all; ``children`` are numbered so already.

        >>> one = Nodes.leaves(np.array([[1.0]]), np.zeros(1))
        >>> Nodes.joined([one, one]).value.tolist()
        [[1.0], [1.0]]
        """
        return cls(
            **{
                one.name: np.concatenate([getattr(level, one.name) for level in levels])
                for one in fields(cls)
            }
        )


def of_most_leaves(nodes: Nodes, most: int) -> Nodes:
    """The tree with at most ``most`` leaves, for which the splits of the greatest gain are taken first.

    >>> chain = Nodes.leaves(np.zeros((5, 1)), np.zeros(5))
    >>> chain.children[0], chain.children[1], chain.gain[:2] = (1, 2), (3, 4), (2.0, 1.0)
    >>> of_most_leaves(chain, 2).children[:2].tolist()
    [[1, 2], [-1, -1]]
    """
    children = np.full_like(nodes.children, -1)
    waiting: list[tuple[float, int]] = []
    _wait(waiting, nodes, 0)
    leaves = 1
    while waiting and leaves < most:
        node = heappop(waiting)[1]
        children[node] = nodes.children[node]
        leaves += 1
        for child in children[node]:
            _wait(waiting, nodes, int(child))
    return replace(nodes, children=children)


def _wait(waiting: list[tuple[float, int]], nodes: Nodes, node: int) -> None:
    if nodes.children[node, 0] >= 0:
        heappush(waiting, (-float(nodes.gain[node]), node))


def pruned(nodes: Nodes, alpha: float) -> Nodes:
    """The smallest tree of the least ``risk + alpha leaves`` among those that are cut off at some of the nodes.

    That is minimal cost-complexity pruning (Breiman and others 1984, "Classification and regression trees").

    >>> stump = Nodes.leaves(np.zeros((3, 1)), np.array([3.0, 1.0, 1.0]))
    >>> stump.children[0] = 1, 2
    >>> [pruned(stump, alpha).children[0].tolist() for alpha in (0.5, 1.0)]
    [[1, 2], [-1, -1]]
    """
    children, cost = nodes.children.copy(), nodes.risk + alpha
    for node in np.flatnonzero(children[:, 0] >= 0)[::-1]:
        below = cost[children[node]].sum()
        if below < cost[node]:
            cost[node] = below
        else:
            children[node] = -1
    return replace(nodes, children=children)
