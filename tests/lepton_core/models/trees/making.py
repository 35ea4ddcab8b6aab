"""Trees at random, and what they say, slowly."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lepton_core.models.trees.arrays import Trees, ordered

SLOTS = 5


@dataclass
class Drawn:
    """Nodes in the order in which they were drawn."""

    roots: list[int] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)


def draw(rng, *, n, trees, depth, width, categories=()) -> Drawn:
    """Thresholds are -1, 0, 1 or infinite, so that values meet them."""
    drawn = Drawn()

    def node(left_to_go: int) -> int:
        at = len(drawn.nodes)
        feature = int(rng.integers(n))
        drawn.nodes.append(
            {
                "left": -1,
                "right": -1,
                "feature": feature,
                "threshold": float(rng.choice([-1.0, 0.0, 1.0, np.inf])),
                "missing_left": bool(rng.integers(2)),
                "value": rng.normal(size=width).round(1),
                "set": set(np.flatnonzero(rng.integers(2, size=SLOTS)).tolist())
                if feature in categories
                else None,
            }
        )
        if left_to_go and rng.random() < 0.8:
            drawn.nodes[at]["left"] = node(left_to_go - 1)
            drawn.nodes[at]["right"] = node(left_to_go - 1)
        return at

    for _ in range(trees):
        drawn.roots.append(node(depth))
    return drawn


def as_trees(drawn: Drawn, dtype=np.float64) -> Trees:
    nodes = drawn.nodes
    sets = [one["set"] for one in nodes if one["set"] is not None]
    set_of, bits = np.full(len(nodes), -1), np.zeros((len(sets), 256), dtype=np.uint8)
    for row, at in enumerate(at for at, one in enumerate(nodes) if one["set"] is not None):
        set_of[at] = row
        bits[row, list(nodes[at]["set"])] = 1
    return ordered(
        roots=np.array(drawn.roots),
        children=np.array([[one["left"], one["right"]] for one in nodes]),
        feature=np.array([one["feature"] for one in nodes]),
        threshold=np.array([one["threshold"] for one in nodes], dtype=dtype),
        missing_left=np.array([one["missing_left"] for one in nodes]),
        value=np.array([one["value"] for one in nodes]),
        set_of=set_of,
        sets=np.packbits(bits, axis=1, bitorder="little"),
    )


def slow_sum(drawn: Drawn, row: np.ndarray) -> np.ndarray:
    total = np.zeros_like(drawn.nodes[0]["value"])
    for root in drawn.roots:
        node = drawn.nodes[root]
        while node["left"] >= 0:
            x = row[node["feature"]]
            if np.isnan(x):
                left = node["missing_left"]
            elif node["set"] is not None:
                left = int(x) in node["set"]
            else:
                left = x <= node["threshold"]
            node = drawn.nodes[node["left" if left else "right"]]
        total = total + node["value"]
    return total


def rows(rng, m, n, categories=(), missing=0.2) -> np.ndarray:
    X = rng.choice([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0], size=(m, n))
    for column in categories:
        X[:, column] = rng.integers(SLOTS, size=m)
    X[rng.random((m, n)) < missing] = np.nan
    return X
