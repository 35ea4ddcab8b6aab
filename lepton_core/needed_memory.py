"""How much memory a training needs, from the figures of its table: known before anything is read.

    bytes = base + m (16 + sum over columns of b(column))

m is the number of rows, and b what a cell takes: 32 for a number, which is there four times (in the table, in the rows
trained on, as a feature, and while it is made one), 16 for a category, and 16 for each byte of a text, whose words are
hashed. The factors are measured; `tests/functions/training/test_needed_memory.py` holds them against real trainings.
"""

from collections.abc import Iterable

from lepton_core.table import BY_NAME, ColumnFigures

_BASE = 5 << 20
_OF_A_ROW = 16
_NUMBER = 32
_CODE = 16
_LETTER = 16


def training_bytes(rows: int, columns: Iterable[ColumnFigures]) -> int:
    """About so many bytes of memory a training on a table takes.

    >>> training_bytes(1_000_000, [ColumnFigures(f"x{i}", "number", missing=0) for i in range(20)]) // 1_000_000
    661
    """
    return _BASE + int(rows * (_OF_A_ROW + sum(map(_of_a_cell, columns))))


def _of_a_cell(column: ColumnFigures) -> float:
    kind = BY_NAME[column.kind]
    if kind.has_levels:
        return _CODE
    if kind.quantitative or column.mean is None:
        return _NUMBER
    letters = column.mean or 0.0
    return letters if kind.left_out else _LETTER * letters
