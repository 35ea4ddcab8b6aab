"""The products of the columns of blocks with each other, for few columns: those of categories are counts."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from lepton_core.matrix.blocks import Blocks
from lepton_core.matrix.coded import Coded
from lepton_core.matrix.measures import dense
from lepton_core.matrix.parts import Array, Ints, Places, summed

_CHUNK_NUMBERS = 1 << 17
_CHUNK_ROWS = 64
_JOINT_ROWS = 1 << 18


def gram(X: Blocks, R: Array, center: Array | None = None) -> Array:
    """``sum_i R_i [x_i - center, 1]' [x_i - center, 1]``, ``(n + 1, n + 1)``, of blocks ``(m, n)`` and ``R`` ``(m,)``.

    For few columns: the result is an array. The products of two categories are counts of the pairs of their codes;
    what is no category is expanded, some rows at a time.

    >>> gram(Blocks.of([Coded.of([np.array([0, 1, -1, 1])], [2])]), np.ones(4)).tolist()
    [[1.0, 0.0, 1.0], [0.0, 2.0, 2.0], [1.0, 2.0, 4.0]]
    """
    n = X.shape[1]
    scale = np.ones(n) if X.scale is None else X.scale
    shift = np.zeros(n) if X.shift is None else X.shift.copy()
    if center is not None:
        shift -= center
    categories = [
        _Category(codes, place[at], scale[place[at]], shift[place[at]])
        for part, place in zip(X.parts, X.places, strict=True)
        if isinstance(part, Coded)
        for codes, at in part.columns_of_codes()
    ]
    result, raw = _with_numbers(X, R, center, categories)
    sums = [raw[-1, one.place] for one in categories]
    for i, one in enumerate(categories):
        result[np.ix_(one.place, one.place)] = one.times(np.diag(sums[i]), one, sums[i], sums[i], R)
    for i, j in combinations(range(len(categories)), 2):
        one, other = categories[i], categories[j]
        block = one.times(_pairs(one, other, R), other, sums[i], sums[j], R)
        result[np.ix_(one.place, other.place)] = block
        result[np.ix_(other.place, one.place)] = block.T
    return result


@dataclass(frozen=True, eq=False)
class _Category:
    """A column of codes ``(m,)``, the columns of the matrix that are its indicators, and what these become."""

    codes: Ints
    place: Places
    scale: Array
    shift: Array

    def times(self, pairs: Array, other: "_Category", sums: Array, others: Array, R: Array) -> Array:
        """The products of the scaled and shifted columns, from those of the indicators and their sums."""
        result = self.scale[:, None] * pairs * other.scale
        if self.shift.any() or other.shift.any():
            result += np.outer(self.scale * sums, other.shift) + np.outer(self.shift, other.scale * others)
            result += R.sum() * np.outer(self.shift, other.shift)
        return result


def _with_numbers(
    X: Blocks, R: Array, center: Array | None, categories: "list[_Category]"
) -> tuple[Array, Array]:
    """The result but for products of two categories; and the sums of numbers and of 1 by code, ``(q + 1, n)``."""
    n = X.shape[1]
    other = np.setdiff1d(np.arange(n), np.concatenate([np.empty(0, np.intp), *(c.place for c in categories)]))
    numbers = X[:, other]
    raw, inner = np.zeros((len(other) + 1, n)), np.zeros((len(other) + 1, len(other) + 1))
    step = max(_CHUNK_ROWS, _CHUNK_NUMBERS // (len(other) + 1))
    for first in range(0, len(X), step):
        at = slice(first, first + step)
        rows = np.ones((len(R[at]), len(other) + 1))
        rows[:, :-1] = dense(numbers[at])
        if center is not None:
            rows[:, :-1] -= center[other]
        weighted = np.ascontiguousarray((rows * R[at, None]).T)
        inner += weighted @ rows
        for one in categories:
            raw[:, one.place] += summed(one.codes[at], weighted, len(one.place))
    result = np.zeros((n + 1, n + 1))
    edge = np.append(other, n)
    result[np.ix_(edge, edge)] = inner
    for one in categories:
        block = raw[:, one.place] * one.scale + np.outer(inner[:, -1], one.shift)
        result[np.ix_(edge, one.place)], result[np.ix_(one.place, edge)] = block, block.T
    return result, raw


def _pairs(one: _Category, other: _Category, R: Array) -> Array:
    """The sums of ``R`` by the pairs of codes of two categories."""
    rows, columns = len(one.place) + 1, len(other.place) + 1
    total = np.zeros(rows * columns)
    for first in range(0, len(R), _JOINT_ROWS):
        at = slice(first, first + _JOINT_ROWS)
        joint = one.codes[at].astype(np.intp)
        joint *= columns
        joint += other.codes[at]
        total += np.bincount(joint, R[at], rows * columns)
    return total.reshape(rows, columns)[:-1, :-1]
