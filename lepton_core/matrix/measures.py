"""The figures of a design matrix that training asks for: of arrays as of blocks, which are not expanded for it."""

from collections.abc import Iterator

import numpy as np

from lepton_core.matrix.blocks import Blocks, Matrix
from lepton_core.matrix.parts import Array, Block, Dense

# A second-level cache: smaller chunks pay for Python, larger ones read memory twice.
_CHUNK_BYTES = 1 << 20
_CHUNK_ROWS = 32
_SUMS = 4  # numbers of a chunk for each sum that it ends in
_COLUMNS = 4096


def row_chunks(X: Matrix, copies: int = 1, *, expanded: bool = False) -> Iterator[slice]:
    """Slices of the rows of ``X`` ``(m, n)``, each small enough for the second-level cache, ``copies`` times over.

    With ``expanded`` the chunks are counted as arrays, also those of blocks, which else have as many rows as what is
    stored of them allows, and so many that the sums ``(n,)`` of a chunk cost less than itself.

    >>> [at.stop for at in row_chunks(np.zeros((5, 2)))], [at.stop for at in row_chunks(np.zeros((5, 2)), 64)]
    ([65536], [1024])
    """
    columns = max(1, X.shape[1])
    if isinstance(X, Blocks) and not expanded:
        each = max(1, X.stored // max(1, len(X)))
        rows = max(_CHUNK_BYTES // (8 * each * copies), _SUMS * columns // each)
    else:
        rows = _CHUNK_BYTES // (8 * columns * copies)
    rows = max(_CHUNK_ROWS, rows)
    return (slice(first, first + rows) for first in range(0, len(X), rows))


def dense(X: Matrix) -> Array:
    """``X`` ``(m, n)`` as an array; blocks are expanded: for few rows only."""
    return X.dense() if isinstance(X, Blocks) else X


def not_finite(X: Matrix) -> int | None:
    """The first row of ``X`` ``(m, n)`` with a number that is missing or infinite; None if all are finite.

    >>> not_finite(np.array([[1.0], [np.nan]]))
    1
    """
    if not isinstance(X, Blocks):
        return Dense(X).first_not_finite()
    if any(of is not None and not np.isfinite(of).all() for of in (X.scale, X.shift)):
        return 0
    return min((row for part in X.parts if (row := part.first_not_finite()) is not None), default=None)


def column_range(X: Matrix) -> tuple[Array, Array]:
    """The smallest and the largest number of each column of ``X`` ``(m, n)``, ``(n,)`` each."""
    if not isinstance(X, Blocks):
        return X.min(axis=0), X.max(axis=0)
    spans = [part.span() for part in X.parts]
    ends = np.stack([X.gathered([span[end] for span in spans]) for end in (0, 1)])
    if X.scale is not None:
        ends *= X.scale
    if X.shift is not None:
        ends += X.shift
    return ends.min(axis=0), ends.max(axis=0)


def column_means(X: Matrix, s: Array | None = None) -> Array:
    """The means of the columns of ``X`` ``(m, n)``, ``(n,)``, where row i counts ``s[i]`` times, ``s`` ``(m,)``.

    The mean of differences from one row is exact where a column does not vary, and wherever it is large.

    >>> column_means(np.array([[1e12], [3e12]])).tolist()
    [2000000000000.0]
    """
    first = dense(X[:1])[0]
    total = np.zeros(X.shape[1])
    if not isinstance(X, Blocks):
        for at in row_chunks(X):
            part = X[at] - first
            total += part.sum(axis=0) if s is None else s[at] @ part
        return np.asarray(first + total / (len(X) if s is None else s.sum()))
    shares = np.ones(len(X)) if s is None else s
    means = X.gathered(
        [
            column_means(part.X, s) if isinstance(part, Dense) else _pulled(part, shares, X) / shares.sum()
            for part in X.parts
        ]
    )
    if X.scale is not None:
        means *= X.scale
    return means if X.shift is None else means + X.shift


def column_squares(X: Matrix, R: Array | None = None, center: Array | None = None) -> Array:
    """``sum_i R_i (x_ij - center_j)^2`` of each column j of ``X`` ``(m, n)``: ``(n,)``, or ``(K, n)``.

    ``R`` ``(m,)`` or ``(K, m)`` is at least 0, None all 1; ``center`` ``(n,)``, None all 0.

    >>> column_squares(np.array([[1.0], [3.0]]), np.array([1.0, 2.0]), np.array([1.0])).tolist()
    [8.0]
    """
    weights = np.ones(len(X)) if R is None else R
    if not isinstance(X, Blocks):
        total = np.zeros((*weights.shape[:-1], X.shape[1]))
        for at in row_chunks(X):
            total += weights[..., at] @ np.square(X[at] if center is None else X[at] - center)
        return total
    scale = np.ones(X.shape[1]) if X.scale is None else X.scale
    shift = (0.0 if X.shift is None else X.shift) - (0.0 if center is None else center) + np.zeros(X.shape[1])
    found = []
    for part, place in zip(X.parts, X.places, strict=True):
        a, b = scale[place], shift[place]
        if isinstance(part, Dense):
            each = part.X if (a == 1.0).all() else part.X * a
            found.append(column_squares(each, weights, -b))
            continue
        squares = _pulled(part, weights, X, squared=True) * np.square(a)
        if b.any():
            squares += b * (2.0 * a * _pulled(part, weights, X) + b * weights.sum(axis=-1)[..., None])
        found.append(np.maximum(squares, 0.0))
    return X.gathered(found)


def row_squares(X: Matrix) -> Array:
    """The sum of the squares of each row of ``X`` ``(m, n)``, ``(m,)``.

    >>> row_squares(np.array([[3.0, 4.0]])).tolist()
    [25.0]
    """
    if not isinstance(X, Blocks):
        return np.asarray(np.einsum("ij,ij->i", X, X))
    scale = np.ones(X.shape[1]) if X.scale is None else X.scale
    shift = np.zeros(X.shape[1]) if X.shift is None else X.shift
    total = np.full(len(X), float(shift @ shift))
    for part, place in zip(X.parts, X.places, strict=True):
        a, b = scale[place], shift[place]
        for at in row_chunks(X):
            rows = part.rows(at)
            total[at] += rows.squared().scores(np.square(a))
            if b.any():
                total[at] += rows.scores(2.0 * a * b)
    return total


def _pulled(part: Block, R: Array, X: Blocks, *, squared: bool = False) -> Array:
    """``R`` times a part of ``X``, or the squares of its entries, some rows at a time: no array is as long as that."""
    total = np.zeros((*R.shape[:-1], part.shape[1]))
    for at in row_chunks(X):
        rows = part.rows(at)
        total += (rows.squared() if squared else rows).pull(R[..., at])
    return total


def row_products(X: Matrix) -> Array:
    """``X X'``, ``(m, m)``, of few rows ``X`` ``(m, n)``; blocks are expanded some columns at a time."""
    if not isinstance(X, Blocks):
        return np.asarray(X @ X.T)
    result = np.zeros((len(X), len(X)))
    for first in range(0, X.shape[1], _COLUMNS):
        some = dense(X[:, np.arange(first, min(first + _COLUMNS, X.shape[1]))])
        result += some @ some.T
    return result
