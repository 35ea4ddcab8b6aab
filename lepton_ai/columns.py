"""Many rows to be predicted as typed columns: each cell costs a fraction of what it costs as JSON."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from lepton_ai.batches import ColumnBatch, rows_of, slices
from lepton_core.table import Column, Numbers, Table
from lepton_core.table.columns import FloatArray
from lepton_core.table.given import MOST_EXACT, given_column
from lepton_core.table.given_container import is_given

if TYPE_CHECKING:
    from lepton_ai.of_file import OfFile

_FEWEST = 150
"""From so many rows in a call on, columns are sent sooner than the same cells as JSON: a column has its cost, too."""

_MISSING = type(None)
_FLOAT = 0xCB
_NUMBERS = {float, int}
_TRUTH = {bool, _MISSING}


_pack = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class Columns:
    """Rows to be predicted as ``table``, whose columns are as `lepton_core.table.given_column` makes them.

    ``in_order``: they are those of the model in the trained order, whatever they are called.
    """

    table: Table
    in_order: bool = False
    single: bool = False
    of_file: "OfFile | None" = field(default=None, compare=False, repr=False)

    def batches(self, *, explain: bool = False, coverage: float | None = None) -> Iterator[ColumnBatch]:
        """The requests, one after the other."""
        flags = {"in_order": self.in_order, "explain": explain, "row_errors": self.of_file is not None}
        query = {name: "true" for name, said in flags.items() if said}
        query |= {} if coverage is None else {"coverage": repr(coverage)}
        for start, stop in slices(self.table.rows, len(self.table.columns)):
            yield ColumnBatch(start, rows_of(self.table, start, stop), query)


def are_many(rows: int, width: int) -> bool:
    """Whether so many rows of so many cells are sooner sent as columns.

    >>> are_many(1000, 30), are_many(10, 30), are_many(1000, 10_000)
    (True, False, False)
    """
    _, most = next(slices(rows, width))
    return width > 0 and most >= _FEWEST


def columns_from_table(table: Table) -> Columns | None:
    """The rows of ``table``; None if they are few, or not all of its columns are of a program."""
    many = are_many(table.rows, len(table.columns))
    return Columns(table) if many and _are_names(table.names) and all(map(is_given, table.columns)) else None


def columns_from_rows(
    rows: Sequence[Any],
    names: Sequence[str],
    cells_of: Callable[[Any], Sequence[Any]] | None = None,
    *,
    in_order: bool = False,
) -> Columns | None:
    """Rows of as many cells as there are ``names``, which ``cells_of`` gives of a row (default: the row itself).

    None if they are few, or if a cell is no plain number, truth value or missing cell, or one of another type than
    the rest of its column.

    >>> columns_from_rows([[1.5, True]] * 1000, ["a", "b"]).table.schema.kinds
    {'a': 'number', 'b': 'boolean'}
    >>> columns_from_rows([[1.5, "x"]] * 1000, ["a", "b"]) is None
    True
    """
    if not are_many(len(rows), len(names)) or not _are_names(names):
        return None
    lists = rows if cells_of is None else list(map(cells_of, rows))
    floats = _floats(lists, len(names))
    if floats is not None:
        return Columns(Table(tuple(map(Numbers, names, floats))), in_order)
    types = set(map(type, chain.from_iterable(lists)))
    if not types <= _NUMBERS | _TRUTH:
        return None
    made = [_column(name, cells) for name, cells in zip(names, zip(*lists, strict=True), strict=True)]
    columns = tuple(column for column in made if column is not None)
    return Columns(Table(columns), in_order) if len(columns) == len(names) else None


def _floats(rows: Sequence[Sequence[Any]], width: int) -> FloatArray | None:
    """The columns (n, m), if all cells are finite or NaN, and of the type float and no other.

    MessagePack writes such a cell as 0xCB and eight bytes, and no other type so: one pass over the cells in C tells
    what they are, and has them in one piece.
    """
    try:
        packed = _pack(rows)
    except (TypeError, OverflowError):  # a cell of another library; an integer of more than 64 bits
        return None
    head = _head(width)
    row = np.dtype([("head", f"V{head}"), ("cells", [("type", "u1"), ("value", ">f8")], (width,))])
    if len(packed) != _head(len(rows)) + len(rows) * row.itemsize:
        return None
    cells = np.frombuffer(packed, row, offset=_head(len(rows)))["cells"]
    if (cells["type"] != _FLOAT).any():
        return None
    values = np.ascontiguousarray(cells["value"].T, dtype=np.float64)
    return None if np.isinf(values).any() else values


def _head(items: int) -> int:
    """The bytes before the items of a list in MessagePack."""
    return 1 if items < 2**4 else 3 if items < 2**16 else 5


def _column(name: str, cells: Sequence[Any]) -> Column | None:
    types = set(map(type, cells))
    if types <= _TRUTH and types != {_MISSING}:
        return given_column(name, cells)
    values = _numbers([np.nan if cell is None else cell for cell in cells]) if bool not in types else None
    return None if values is None else Numbers(name, values)


def _numbers(cells: Sequence[float]) -> FloatArray | None:
    """The cells as float64; None if one of them is infinite, or a whole number that float64 may not have."""
    try:
        values = np.frombuffer(array("d", cells))  # a quarter of the time of `numpy.array`
    except OverflowError:
        return None
    large = values[np.abs(values) >= MOST_EXACT]
    return None if len(large) and (int in set(map(type, cells)) or np.isinf(large).any()) else values


def _are_names(names: Sequence[str]) -> bool:
    """Whether a container takes them; JSON takes others, and the platform says what is wrong with them."""
    try:
        "".join(names).encode()
    except UnicodeEncodeError:
        return False
    return all(names)
