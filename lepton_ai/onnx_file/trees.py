"""Trees as one operator of ONNX, with float64 thresholds and leaves."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_ai.onnx_file.graph import ML, Graph, Tensor
from lepton_core.models.trees.arrays import BY_THRESHOLD, Trees, trees_of

_AT_MOST, _MEMBER = 0, 6
"""How a split decides: by a threshold, or by a set."""

Parameters = Mapping[str, NDArray[Any]]


def averaged(graph: Graph, parameters: Parameters, X: Tensor) -> Tensor:
    """The mean over all trees, ``(N, K)``. They compare float32, so what a row has is made that first."""
    trees = trees_of(parameters)
    seen = graph.cast(graph.cast(X, "FLOAT"))
    count, width = len(trees.roots), trees.value.shape[1]
    # A leaf of the operator has one number, so there is a copy of each tree for each of the K.
    which = np.repeat(np.arange(width), count)
    summed = _ensemble(graph, trees, seen, np.tile(trees.roots, width), which, which, width, {})
    return graph.add("Div", summed, graph.constant(float(count)))


def added(graph: Graph, parameters: Parameters, X: Tensor) -> Tensor:
    """The scores ``(N, K')``: the baseline and the sum of the trees."""
    trees, baseline, output = trees_of(parameters), parameters["baseline"], parameters["output"]
    known: dict[int, list[int]] = {}
    for column, code in parameters["known"].tolist():
        known.setdefault(column, []).append(code)
    X = _only_known(graph, X, known, int(parameters["shape"][0]))
    summed = _ensemble(graph, trees, X, trees.roots, np.zeros_like(output), output, len(baseline), known)
    return graph.add("Add", summed, graph.constant(baseline[None]))


def _only_known(graph: Graph, X: Tensor, known: Mapping[int, list[int]], width: int) -> Tensor:
    """Codes that no tree has learnt from are missing."""
    if not known:
        return X
    parts = []
    for column in range(width):
        one = graph.add("Gather", X, graph.constant([column], np.int64), axis=1)
        if column in known:
            same = graph.cast(graph.add("Equal", one, graph.constant([known[column]])))
            count = graph.add("MatMul", same, graph.constant(np.ones((len(known[column]), 1))))
            is_known = graph.add("Greater", count, graph.constant(0.0))
            one = graph.add("Where", is_known, one, graph.constant([[np.nan]]))
        parts.append(one)
    return graph.beside(parts)


def _ensemble(
    graph: Graph,
    trees: Trees,
    X: Tensor,
    roots: NDArray[Any],
    values: NDArray[Any],
    targets: NDArray[Any],
    width: int,
    known: Mapping[int, list[int]],
) -> Tensor:
    """The sums ``(N, width)`` of the trees at ``roots`` ``(t,)``: of each, column ``values[t]`` to ``targets[t]``."""
    nodes, leaves = _Nodes(trees, known), _Leaves()
    starts = []
    for root, value, target in zip(roots.tolist(), values.tolist(), targets.tolist(), strict=True):
        starts.append(
            nodes.grow(root, lambda row, of=(value, target): leaves.add(trees.value[row, of[0]], of[1]))
        )
    kinds = graph.onnx.TensorProto
    more = {"membership_values": graph.doubles("members", nodes.members)} if nodes.members else {}
    return graph.add(
        "TreeEnsemble",
        X,
        domain=ML,
        n_targets=width,
        aggregate_function=1,
        post_transform=0,
        tree_roots=starts,
        nodes_featureids=nodes.features,
        nodes_splits=graph.doubles("splits", nodes.splits),
        nodes_modes=graph.onnx.helper.make_tensor("modes", kinds.UINT8, [len(nodes.modes)], nodes.modes),
        nodes_missing_value_tracks_true=nodes.missing_left,
        nodes_truenodeids=nodes.left,
        nodes_trueleafs=nodes.left_is_leaf,
        nodes_falsenodeids=nodes.right,
        nodes_falseleafs=nodes.right_is_leaf,
        leaf_targetids=leaves.targets,
        leaf_weights=graph.doubles("weights", leaves.weights),
        **more,
    )


class _Leaves:
    def __init__(self) -> None:
        self.targets: list[int] = []
        self.weights: list[float] = []

    def add(self, weight: float, target: int) -> int:
        self.targets.append(target)
        self.weights.append(float(weight))
        return len(self.weights) - 1


class _Nodes:
    """The splits of all trees, as lists with an entry each; a set is written where its split is."""

    def __init__(self, trees: Trees, known: Mapping[int, list[int]]) -> None:
        self._trees, self._known = trees, known
        self.features: list[int] = []
        self.splits: list[float] = []
        self.modes: list[int] = []
        self.missing_left: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.left_is_leaf: list[int] = []
        self.right_is_leaf: list[int] = []
        self.members: list[float] = []

    def grow(self, root: int, leaf: Any) -> int:
        """The place of the first split of the tree at ``root``; a tree that is a leaf splits into it and itself."""
        trees = self._trees
        if trees.left[root] == root:
            place, only = self._split(root), leaf(int(trees.row[root]))
            self.left[place], self.right[place] = only, only
            self.left_is_leaf[place] = self.right_is_leaf[place] = 1
            return place
        start = self._split(root)
        waiting = [(root, start)]
        while waiting:
            node, place = waiting.pop()
            first = int(trees.left[node])
            for child, to, is_leaf in (
                (first, self.left, self.left_is_leaf),
                (first + 1, self.right, self.right_is_leaf),
            ):
                ends = trees.left[child] == child
                to[place] = leaf(int(trees.row[child])) if ends else self._split(child)
                is_leaf[place] = int(ends)
                if not ends:
                    waiting.append((child, to[place]))
        return start

    def _split(self, node: int) -> int:
        trees = self._trees
        feature, row = int(trees.feature[node]), int(trees.row[node])
        by_set = row < BY_THRESHOLD
        if by_set:
            bits = np.unpackbits(trees.sets[-2 - row], bitorder="little")
            codes = self._known[feature]
            slots = [slot for slot in np.flatnonzero(bits).tolist() if slot < len(codes)]
            # A set without any is one of a code that no row has.
            self.members += [float(codes[slot]) for slot in slots] or [-1.0]
            self.members.append(np.nan)
        self.features.append(feature)
        self.splits.append(0.0 if by_set else float(trees.threshold[node]))
        self.modes.append(_MEMBER if by_set else _AT_MOST)
        self.missing_left.append(int(not trees.missing_right[node]))
        for entries in (self.left, self.right, self.left_is_leaf, self.right_is_leaf):
            entries.append(0)
        return len(self.features) - 1
