"""What a column looks like to people who have labelled thousands of them: a small sum of trees, and why it says so."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidArtifact
from lepton_core.table.spelling.evidence import Evidence, measured, vector

CLASSES = ("categorical", "context-specific", "list", "not-generalizable", "numeric", "sentence", "url")
"""What a column can look like: the words of Shah et al., "Towards Benchmarking Feature Type Inference for AutoML
Platforms", SIGMOD 2021. The other two of theirs, dates and dressed numbers, are told by reading them."""

FORMAT = 1
_LEAF = 255


@dataclass(frozen=True, eq=False)
class Looks:
    """Trees whose values add up to the log-odds of `CLASSES`, and the ``usual`` figures of a column, float64 (p,).

    Nodes of all trees lie one after the other, siblings side by side: ``feature`` uint8, 255 for a leaf; ``number``
    float32, the threshold or the leaf's value; ``left`` uint8, how far behind the tree's root the left child lies.
    ``roots`` int32, one a tree, tree t adds to the class t modulo K; ``baseline`` float64 (K,).
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.uint8]
    number: NDArray[np.float32]
    left: NDArray[np.uint8]
    baseline: NDArray[np.float64]
    usual: NDArray[np.float64]
    names: tuple[str, ...]

    def scores(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log-odds (m, K) of figures (m, p)."""
        leaves = self._leaves(X, *self._each(len(X)))
        return self._sums(self.number[leaves].reshape(len(X), -1))

    def scores_without(self, figures: NDArray[np.float64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """The log-odds (k, K) of the same figures (p,), each time with one of those ``chosen`` (k,) the usual one.

        A tree that does not ask for the changed figure on its way gives what it gave, and is not gone through again.
        """
        X = np.repeat(figures[None, :], len(chosen), axis=0)
        X[np.arange(len(chosen)), chosen] = self.usual[chosen]
        asked = np.zeros((len(self.roots), len(figures)), dtype=np.bool_)
        leaves = self._leaves(figures[None, :], *self._each(1), asked)
        values = np.repeat(self.number[leaves][None, :], len(chosen), axis=0)
        rows, trees = np.nonzero(asked.T[chosen])
        values[rows, trees] = self.number[self._leaves(X, rows, trees)]
        return self._sums(values)

    def _each(self, rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows and the trees of all pairs of them, (rows * trees,) each."""
        return np.repeat(np.arange(rows), len(self.roots)), np.tile(np.arange(len(self.roots)), rows)

    def _leaves(
        self,
        X: NDArray[np.float64],
        rows: NDArray[np.int64],
        trees: NDArray[np.int64],
        asked: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int64]:
        """Where row ``rows[i]`` of X (m, p) comes to in tree ``trees[i]``, (n,); ``asked`` is told of which figures."""
        root = self.roots[trees].astype(np.int64)
        node = root.copy()
        going = np.arange(len(node))
        while True:
            feature = self.feature[node[going]]
            inner = feature != _LEAF
            going, feature = going[inner], feature[inner]
            if not len(going):
                return node
            if asked is not None:
                asked[trees[going], feature] = True
            here = node[going]
            node[going] = root[going] + self.left[here] + (X[rows[going], feature] > self.number[here])

    def _sums(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the ``values`` of the trees (..., trees) add up to, (..., K)."""
        added = values.astype(np.float64).reshape(*values.shape[:-1], -1, len(CLASSES))
        return np.asarray(self.baseline + added.sum(axis=-2))

    def packed(self) -> bytes:
        """The trees as a file; `unpacked` reads it."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        return write_container(
            arrays, {"format": FORMAT, "classes": list(CLASSES), "names": list(self.names)}
        )


_ARRAYS = ("roots", "feature", "number", "left", "baseline", "usual")


@dataclass(frozen=True)
class Look:
    """What a column looks like most among some classes, and how surely (0 to 1)."""

    name: str
    probability: float
    among: frozenset[str]
    looks: Looks

    def why(self, evidence: Evidence) -> dict[str, float]:
        """The two figures of the column that speak for it most, by name.

        A figure speaks for the class by as much as its lead in log-odds falls when that figure is the usual one.
        """
        figures = vector(evidence)
        unusual = np.flatnonzero(figures != self.looks.usual)
        both = [self.looks.scores(figures[None, :]), self.looks.scores_without(figures, unusual)]
        scores = _allowed(np.concatenate(both), self.among)
        best = CLASSES.index(self.name)
        lead = scores[:, best] - np.delete(scores, best, axis=1).max(axis=1)
        fall = lead[0] - lead[1:]
        strongest = [i for i in np.argsort(-fall, kind="stable")[:2].tolist() if fall[i] > 0]
        named = list(measured(evidence).items())
        return dict(named[unusual[i]] for i in strongest)


def _allowed(scores: NDArray[np.float64], among: Collection[str]) -> NDArray[np.float64]:
    return np.where([name in among for name in CLASSES], scores, -np.inf)


def unpacked(data: bytes) -> Looks:
    """The trees in a file that `Looks.packed` wrote. Raise `InvalidArtifact` for another format or other classes."""
    arrays, meta = read_container(data)
    if meta.get("format") != FORMAT or meta.get("classes") != list(CLASSES) or set(arrays) != set(_ARRAYS):
        raise InvalidArtifact(f"these are no looks of columns in format {FORMAT}", field="format")
    names: list[Any] = meta["names"]
    return Looks(**arrays, names=tuple(names))


@cache
def shipped() -> Looks:
    """The trees that come with the package, read once."""
    return unpacked(resources.files(__package__).joinpath("classes.safetensors").read_bytes())


def look_of(evidence: Evidence, among: Collection[str] = CLASSES, looks: Looks | None = None) -> Look:
    """What a column looks like most ``among`` some classes, to the trees ``looks`` or those that are shipped.

    >>> from lepton_core.table.spelling.evidence import evidence_of
    >>> look_of(evidence_of({"red": 500, "green": 300, "blue": 200})).name
    'categorical'
    """
    looks = looks or shipped()
    scores = _allowed(looks.scores(vector(evidence)[None, :]), among)[0]
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    return Look(CLASSES[best], float(chances[best]), frozenset(among), looks)
