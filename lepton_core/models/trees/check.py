"""The check that arrays are trees: after it, a prediction ends and reads nothing that is not theirs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.models.trees.arrays import BY_THRESHOLD, MAX_DEPTH, SET_BYTES, Trees, trees_of

_INT32, _FLOAT64 = np.dtype(np.int32), np.dtype(np.float64)


def check_names(parameters: Mapping[str, NDArray[Any]], names: tuple[str, ...]) -> None:
    """Raises `InvalidArtifact` unless the arrays, of any shape, are those of ``names``.

    >>> check_names({"roots": np.zeros(1)}, ("roots", "left"))
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: the model must have the arrays left, roots; it has roots
    """
    if set(parameters) != set(names):
        raise InvalidArtifact(
            f"the model must have the arrays {', '.join(sorted(names))}; it has {', '.join(sorted(parameters))}"
        )


def check_array(name: str, array: NDArray[Any], dtype: np.dtype[Any], *shape: int | None) -> None:
    """Raises `InvalidArtifact` unless ``array`` has the dtype and the shape, as ``(m,)``; None is any length.

    >>> check_array("left", np.zeros(3), np.dtype(np.int32), None)
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: left must be int32 of shape (*,), not float64 of (3,)
    """
    fits = len(shape) == array.ndim and all(
        a is None or a == b for a, b in zip(shape, array.shape, strict=True)
    )
    if array.dtype != dtype or not fits:
        wanted = str(tuple(shape)).replace("None", "*")
        raise InvalidArtifact(
            f"{name} must be {dtype} of shape {wanted}, not {array.dtype} of {array.shape}", field=name
        )
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise InvalidArtifact(f"{name} holds a value that is not finite", field=name)


def shape(n_features: int, n_classes: int) -> dict[str, NDArray[np.int64]]:
    """``{"shape": (2,) int64}``, which tells a model of other columns or another task.

    >>> shape(4, 3)["shape"].tolist()
    [4, 3]
    """
    return {"shape": np.array([n_features, n_classes], dtype=np.int64)}


def check_shape(parameters: Mapping[str, NDArray[Any]], n_features: int, n_classes: int) -> None:
    """Raises `InvalidArtifact` unless ``parameters["shape"]``, ``(2,)`` int64, names these, and no single class.

    >>> check_shape(shape(4, 3), n_features=4, n_classes=2)
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: the model is of 4 features and 3 classes, not of 4 and 2
    """
    found = parameters["shape"]
    check_array("shape", found, np.dtype(np.int64), 2)
    if found.tolist() != [n_features, n_classes]:
        raise InvalidArtifact(
            f"the model is of {found[0]} features and {found[1]} classes, not of {n_features} and {n_classes}",
            field="shape",
        )
    if n_classes == 1:
        raise InvalidArtifact("trees cannot have 1 class", field="shape")


def check_trees(
    parameters: Mapping[str, NDArray[Any]], n_features: int, width: int, dtype: np.dtype[Any]
) -> Trees:
    """The trees of ``parameters``, shaped like `Trees`, of ``n_features``, ``width`` values a leaf, and that threshold.

    Raises `InvalidArtifact` if they cannot be: so afterwards each node but the roots is the child of exactly one
    that lies before it, none is deeper than `MAX_DEPTH`, and all that nodes refer to is there.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> good = leaves(np.array([[1.0]])).arrays
    >>> check_trees(good, 3, 1, np.dtype(np.float32)).left.tolist()
    [0]
    >>> check_trees(good | {"left": np.array([1], dtype=np.int32)}, 3, 1, np.dtype(np.float32))
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: left: a child lies outside of the nodes
    """
    trees = trees_of(parameters)
    nodes = len(trees.left) if trees.left.ndim == 1 else None
    for name in ("feature", "left", "row"):
        check_array(name, parameters[name], _INT32, nodes)
    check_array("roots", trees.roots, _INT32, None)
    check_array("threshold", trees.threshold, dtype, nodes)
    check_array("missing_right", trees.missing_right, np.dtype(np.bool_), nodes)
    check_array("value", trees.value, _FLOAT64, None, width)
    check_array("sets", trees.sets, np.dtype(np.uint8), None, SET_BYTES)
    leaf = _check_links(trees)
    _check_splits(trees, leaf, n_features)
    _check_depth(trees)
    return trees


def _check_links(trees: Trees) -> NDArray[np.bool_]:
    nodes = len(trees.left)
    own = np.arange(nodes, dtype=np.int32)
    leaf: NDArray[np.bool_] = trees.left == own
    children = trees.left[~leaf]
    _refuse("roots", len(trees.roots) == 0, "there is no tree")
    _refuse("left", (children <= own[~leaf]).any(), "a child does not lie after its parent")
    _refuse("left", (children >= nodes - 1).any(), "a child lies outside of the nodes")
    outside = (trees.roots < 0) | (trees.roots >= nodes)
    _refuse("roots", outside.any(), "a root lies outside of the nodes")
    reached = np.zeros(nodes, dtype=np.bool_)
    reached[trees.roots] = True
    reached[children] = True
    reached[children + 1] = True
    once = len(trees.roots) + 2 * len(children) == nodes and reached.all()
    _refuse("left", not once, "a node is not the child of exactly one other")
    return leaf


def _check_splits(trees: Trees, leaf: NDArray[np.bool_], n_features: int) -> None:
    outside = (trees.feature < 0) | (trees.feature >= max(n_features, 1))
    _refuse("feature", outside.any(), "there is no such feature")
    _refuse("feature", n_features == 0 and not leaf.all(), "there is no such feature")
    row = trees.row[leaf]
    _refuse("row", ((row < 0) | (row >= len(trees.value))).any(), "a leaf has no values")
    row = trees.row[~leaf]
    _refuse("row", ((row > BY_THRESHOLD) | (row < -1 - len(trees.sets))).any(), "a split has no set")


def _check_depth(trees: Trees) -> None:
    level = trees.roots
    for _ in range(MAX_DEPTH + 1):
        following = trees.left[level]
        following = following[following != level]
        if not len(following):
            return
        level = np.concatenate((following, following + 1))
    _refuse("left", True, f"a tree is deeper than {MAX_DEPTH}")


def _refuse(name: str, wrong: bool | np.bool_, why: str) -> None:
    if wrong:
        raise InvalidArtifact(f"{name}: {why}", field=name)
