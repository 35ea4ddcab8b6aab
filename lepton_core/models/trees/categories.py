"""Categories in trees: the codes that the training knew, numbered 0 to at most 255 in each column, are slots."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact
from lepton_core.models.algorithm import Array
from lepton_core.models.trees.arrays import BY_THRESHOLD, Ints, Trees

MOST_SLOTS = 255
"""The most categories of a column that boosting tells apart."""

_SHIFT = 32


def known_codes(
    X: Array, share: Array | None, levels: Sequence[int], most: int
) -> tuple[Ints, tuple[int, ...]]:
    """``(k, 2)`` int32, sorted: column and code of all categories that occur in ``X`` ``(m, n)``; and what is left out.

    Of a column with more than ``most`` of them the heaviest by ``share`` ``(m,)`` are taken; the second value names
    such columns. Columns with level 0 hold numbers.

    >>> X = np.array([[0.5, 3.0], [0.5, 1.0], [0.5, 3.0], [0.5, np.nan]])
    >>> known_codes(X, None, (0, 5), most=255)[0].tolist(), known_codes(X, None, (0, 5), most=1)[0].tolist()
    ([[1, 1], [1, 3]], [[1, 3]])
    """
    found, cut = [np.zeros((0, 2), dtype=np.int32)], []
    for column in np.flatnonzero(levels):
        present = ~np.isnan(X[:, column])
        codes, index = np.unique(X[present, column], return_inverse=True)
        if len(codes) > most:
            weight = np.bincount(index, None if share is None else share[present])
            codes = np.sort(codes[np.argsort(-weight, kind="stable")[:most]])
            cut.append(int(column))
        found.append(np.stack((np.full(len(codes), column), codes), axis=1).astype(np.int32))
    return np.concatenate(found), tuple(cut)


def in_slots(X: Array, known: Ints) -> Array:
    """``X`` ``(m, n)`` with slots instead of codes in the columns of ``known`` ``(k, 2)``; NaN where it is not known.

    >>> in_slots(np.array([[0.5, 3.0], [0.5, 2.0]]), np.array([[1, 1], [1, 3]])).tolist()
    [[0.5, 1.0], [0.5, nan]]
    """
    if not len(known):
        return X
    keys = _keys(known[:, 0], known[:, 1])
    columns, first = np.unique(known[:, 0], return_index=True)
    codes = X[:, columns]
    whole = np.where((codes >= 0.0) & (codes < 2.0**31), codes, -1.0).astype(np.int64)
    asked = _keys(columns, whole)
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    result = X.copy()
    result[:, columns] = np.where((keys[at] == asked) & (whole == codes), at - first, np.nan)
    return result


def check_known(known: NDArray[np.int32], trees: Trees, n_features: int) -> None:
    """Raises `InvalidArtifact` unless ``known``, int32 of shape ``(k, 2)``, gives slots to all splits by categories.

    >>> from lepton_core.models.trees.arrays import leaves
    >>> check_known(np.array([[1, 3], [1, 1]], dtype=np.int32), leaves(np.array([[1.0]])), 2)
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: known: the codes are not sorted
    """
    columns, codes = known[:, 0], known[:, 1]
    if len(known) and (columns.min() < 0 or columns.max() >= n_features or codes.min() < 0):
        raise InvalidArtifact("known: there is no such column or code", field="known")
    if (np.diff(_keys(columns, codes)) <= 0).any():
        raise InvalidArtifact("known: the codes are not sorted", field="known")
    if len(known) and np.unique(columns, return_counts=True)[1].max() > MOST_SLOTS:
        raise InvalidArtifact(f"known: a column has more than {MOST_SLOTS} codes", field="known")
    split = trees.feature[trees.row < BY_THRESHOLD]
    if not np.isin(split, columns).all():
        raise InvalidArtifact("known: a column that is split by categories has no codes", field="known")


def _keys(columns: Ints, codes: Ints) -> NDArray[np.int64]:
    return (columns.astype(np.int64) << _SHIFT) + codes.astype(np.int64)
