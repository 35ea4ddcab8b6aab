"""A matrix of blocks equals what it expands to, in every operation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.matrix import (
    Blocks,
    Coded,
    Dense,
    Sparse,
    column_means,
    column_range,
    column_squares,
    dense,
    gram,
    not_finite,
    row_chunks,
    row_products,
    row_squares,
)
from tests.support.matrices import SHAPES, Shape, blocks
from tests.support.sampling import examples

every_shape = given(SHAPES)
often = settings(deadline=None, max_examples=examples(150))
TALL = Shape(rows=500, numbers=3, levels=(7, 2, 40), sparse=20, affine=True, mixed=True, seed=1)


def same(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)


@often
@every_shape
def test_products(shape: Shape) -> None:
    X, rng = blocks(shape), np.random.default_rng(shape.seed)
    A = X.dense()
    m, n = A.shape
    w, W, r, R = rng.normal(size=n), rng.normal(size=(3, n)), rng.normal(size=m), rng.normal(size=(3, m))
    assert (X.shape, len(X), X.size, X.ndim) == (A.shape, m, A.size, 2)
    same(X @ w, A @ w)
    same(X @ W.T, A @ W.T)
    same(W @ X.T, W @ A.T)
    same(w @ X.T, w @ A.T)
    same(r @ X, r @ A)
    same(R @ X, R @ A)
    same(X.T @ r, A.T @ r)
    same(X.T @ R.T, A.T @ R.T)


@often
@every_shape
def test_rows_and_columns(shape: Shape) -> None:
    X, rng = blocks(shape), np.random.default_rng(shape.seed)
    A = X.dense()
    m, n = A.shape
    rows, mask, columns = rng.integers(0, m, 5), rng.random(m) < 0.5, np.flatnonzero(rng.random(n) < 0.5)
    first, stop = sorted(rng.integers(0, m + 1, 2).tolist())
    same(X[first:stop].dense(), A[first:stop])
    same(X[first:stop] @ np.ones(n), A[first:stop] @ np.ones(n))
    same(np.ones(stop - first) @ X[first:stop], np.ones(stop - first) @ A[first:stop])
    same(X[first:stop].take(np.arange(stop - first)).dense(), A[first:stop])
    same(X[first:].dense(), A[first:])
    same(X[rows].dense(), A[rows])
    same(X.take(rows, axis=0).dense(), A[rows])
    same(X[mask].dense(), A[mask])
    same(X[:, columns].dense(), A[:, columns])
    same(X[first:stop][:, columns].dense(), A[first:stop][:, columns])
    same(X[:, columns] @ np.ones(len(columns)), A[:, columns].sum(axis=1))
    assert X.astype(np.float32).dense().dtype == np.float32


@often
@every_shape
def test_figures(shape: Shape) -> None:
    X, rng = blocks(shape), np.random.default_rng(shape.seed)
    A = X.dense()
    m, n = A.shape
    R, center = rng.random(size=(2, m)) + 0.1, rng.normal(size=n)
    for found, expected in zip(column_range(X), (A.min(axis=0), A.max(axis=0)), strict=True):
        same(found, expected)
    same(column_means(X), A.mean(axis=0))
    same(column_means(X, R[0]), R[0] @ A / R[0].sum())
    same(column_squares(X), np.square(A).sum(axis=0))
    same(column_squares(X, R, center), R @ np.square(A - center))
    same(row_squares(X), np.square(A).sum(axis=1))
    same(row_products(X), A @ A.T)
    assert not_finite(X) is None


@often
@every_shape
def test_the_products_of_columns(shape: Shape) -> None:
    X, rng = blocks(shape), np.random.default_rng(shape.seed)
    A = X.dense()
    m, n = A.shape
    d, center = rng.normal(size=m), rng.normal(size=n)
    for by, less in ((gram(X, d, center), A - center), (gram(X, d), A)):
        bordered = np.column_stack([less, np.ones(m)])
        same(by, bordered.T @ (d[:, None] * bordered))


@often
@every_shape
def test_an_array_has_the_same_figures(shape: Shape) -> None:
    A = blocks(shape).dense()
    R, center = np.random.default_rng(shape.seed).random(size=(2, len(A))) + 0.1, A[0]
    same(column_means(A, R[0]), R[0] @ A / R[0].sum())
    same(column_squares(A, R, center), R @ np.square(A - center))
    same(row_products(A), A @ A.T)
    assert dense(A) is A


@pytest.mark.parametrize("expanded", [False, True])
@pytest.mark.parametrize("copies", [1, 1000])
def test_chunks_are_all_rows_in_their_order(expanded: bool, copies: int) -> None:
    X = blocks(TALL)
    for of in (X, X.dense()):
        chunks = list(row_chunks(of, copies, expanded=expanded))
        assert np.concatenate([np.arange(len(X))[at] for at in chunks]).tolist() == list(range(len(X)))


def test_blocks_are_counted_by_what_is_stored() -> None:
    X = Blocks.of([Coded.of([np.zeros(200_000, dtype=np.int64)], [1000])])
    expanded, stored = (next(row_chunks(X, expanded=whole)) for whole in (True, False))
    assert (expanded.stop, stored.stop) == (131, 131_072)
    assert X.stored == 200_000


def test_a_number_that_is_missing_is_found() -> None:
    numbers = np.ones((4, 2))
    numbers[2, 1] = np.nan
    entries = Sparse(np.array([0, 0, 1, 2, 2]), np.zeros(2, dtype=np.int32), np.array([1.0, np.inf]), 1)
    codes = Coded.of([np.array([0, -1, 1, 0])], [2])
    assert not_finite(numbers) == 2
    assert not_finite(Blocks.of([codes, Dense(numbers)])) == 2
    assert not_finite(Blocks.of([codes, entries])) == 2
    assert not_finite(Blocks.of([codes], scale=np.array([1.0, np.nan]))) == 0
    assert not_finite(Dense(np.full((2, 1), 1e308)).X) is None


def test_parts_that_do_not_fit_together_are_refused() -> None:
    three, two = Dense(np.zeros((3, 1))), Dense(np.zeros((2, 1)))
    with pytest.raises(ValueError, match="differently many rows"):
        Blocks.of([three, two])
    with pytest.raises(ValueError, match="number of columns"):
        Blocks.of([three], [np.arange(2)])
    with pytest.raises(ValueError, match="each column once"):
        Blocks.of([three, three], [np.array([0]), np.array([0])])
    with pytest.raises(ValueError, match="one number a column"):
        Blocks.of([three], shift=np.zeros(2))
    for codes in ([2, 0], [-2, 0]):
        with pytest.raises(ValueError, match=r"a code lies outside of -1\.\.1"):
            Coded.of([np.array(codes)], [2])
    with pytest.raises(IndexError, match="one by one"):
        Blocks.of([three])[::2]
    with pytest.raises(ValueError, match="rows can be taken"):
        Blocks.of([three]).take(np.arange(1), axis=1)


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_a_slice_copies_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = blocks(TALL)
    first = int(rng.integers(0, 400))
    for part, of in zip(X[first : first + 50].parts, X.parts, strict=True):
        arrays = {"X", "joint", "values"} & set(vars(part))
        assert all(np.shares_memory(getattr(part, name), getattr(of, name)) for name in arrays)
