"""Matrices of blocks of any shape, made by chance, for tests that hold them against what they expand to."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from lepton_core.matrix import Blocks, Coded, Dense, Sparse


@dataclass(frozen=True)
class Shape:
    """How many rows, columns of numbers, levels of each category and columns of sparse rows there are."""

    rows: int
    numbers: int
    levels: tuple[int, ...]
    sparse: int
    affine: bool
    mixed: bool
    seed: int


SHAPES = st.builds(
    Shape,
    rows=st.integers(1, 12),
    numbers=st.integers(0, 3),
    levels=st.lists(st.integers(1, 5), max_size=3).map(tuple),
    sparse=st.integers(0, 4),
    affine=st.booleans(),
    mixed=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
).filter(lambda shape: shape.numbers + len(shape.levels) + shape.sparse > 0)


def blocks(shape: Shape) -> Blocks:
    """A matrix of that shape; ``mixed``: its columns lie in any order, ``affine``: they are scaled and shifted."""
    rng = np.random.default_rng(shape.seed)
    m, parts = shape.rows, []
    if shape.numbers:
        parts.append(Dense(rng.normal(size=(m, shape.numbers))))
    if shape.levels:
        parts.append(Coded.of([rng.integers(-1, k, m) for k in shape.levels], shape.levels))
    if shape.sparse:
        parts.append(sparse(rng, m, shape.sparse))
    n = sum(part.shape[1] for part in parts)
    order, first, places = rng.permutation(n) if shape.mixed else np.arange(n), 0, []
    for part in parts:
        places.append(np.sort(order[first : first + part.shape[1]]))
        first += part.shape[1]
    scale, shift = (rng.normal(size=n), rng.normal(size=n)) if shape.affine else (None, None)
    return Blocks.of(parts, places, scale=scale, shift=shift)


def sparse(rng: np.random.Generator, rows: int, columns: int) -> Sparse:
    """Rows with any number of entries, none too."""
    lengths = rng.integers(0, columns + 1, rows)
    indices = [rng.choice(columns, length, replace=False) for length in lengths]
    flat = np.concatenate([np.empty(0, dtype=np.int64), *indices]).astype(np.int32)
    return Sparse(np.concatenate([[0], np.cumsum(lengths)]), flat, rng.normal(size=len(flat)), columns)
