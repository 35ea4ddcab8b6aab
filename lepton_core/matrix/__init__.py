"""Design matrices: plain arrays, and blocks of numbers, coded categories and sparse rows that are never expanded."""

from lepton_core.matrix.blocks import Array, Blocks, Coded, Dense, Matrix, Sparse
from lepton_core.matrix.gram import gram
from lepton_core.matrix.measures import (
    column_means,
    column_range,
    column_squares,
    dense,
    not_finite,
    row_chunks,
    row_products,
    row_squares,
)

__all__ = [
    "Array",
    "Blocks",
    "Coded",
    "Dense",
    "Matrix",
    "Sparse",
    "column_means",
    "column_range",
    "column_squares",
    "dense",
    "gram",
    "not_finite",
    "row_chunks",
    "row_products",
    "row_squares",
]
