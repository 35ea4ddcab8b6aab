"""A file whose cells are typed, as columns of a program are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lepton_core.errors import TooLarge
from lepton_core.table.files import MOST_BYTES, Note, SetAside
from lepton_core.table.files.every_row import Unread
from lepton_core.table.table import Table

MOST_CELLS = MOST_BYTES // 8
"""Most cells of a table from such a file: they take 8 bytes each."""

_FEW_CELLS = 4_000_000


@dataclass(frozen=True)
class GivenFile:
    """Its columns, as `lepton_core.table.given_column` makes them; the texts among them are still to be read.

    ``notes`` are what was guessed or left out, ``set_aside`` the first rows that could not be read, of
    ``set_aside_count``. ``is_text`` says that the file needs no library, so that every platform reads it.

    ``lines`` are those in which the rows begin, empty where a file has none. ``unread`` are all rows that are not in
    ``table``; ``lines`` has these, too. ``names`` are the columns that each row of ``table`` has, empty if each has
    all. ``cells`` are those of columns that became texts because some of their cells are: of the others the file says
    what they are. ``odd`` says of rows of ``table``, by place and column, which missing cells are values that are no
    cell, and why: in a file to be predicted nobody may want their column. ``sheet`` is that of a workbook, with the
    line of the names of its columns; None where there is none.
    """

    table: Table
    notes: tuple[Note, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    set_aside_count: int = 0
    is_text: bool = False
    lines: Sequence[int] = ()
    unread: tuple[Unread, ...] = ()
    names: Sequence[frozenset[str]] = ()
    cells: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    odd: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    sheet: tuple[str, int] | None = None

    def row_lines(self) -> Sequence[int]:
        """The lines of the rows of ``table``; empty where a file has none."""
        gone = {one.place for one in self.unread}
        return [line for place, line in enumerate(self.lines) if place not in gone] if gone else self.lines


def demand_dense(rows: int, columns: int, octets: int) -> None:
    """Raise `TooLarge` for a table whose cells take far more room than the ``octets`` of the text they stand in.

    >>> demand_dense(10_000, 10_000, 1_000_000)
    Traceback (most recent call last):
    lepton_core.errors.TooLarge: 10000 rows of 10000 columns are nearly all empty; give fewer columns
    """
    if rows * columns > min(_FEW_CELLS + 2 * octets, MOST_CELLS):
        raise TooLarge(f"{rows} rows of {columns} columns are nearly all empty; give fewer columns")


def is_mixed(cells: Sequence[Any]) -> bool:
    """Whether ``cells`` are texts and others, so that their column is one of texts. What is missing counts as neither.

    >>> [is_mixed(cells) for cells in ([1, "x"], ["1", None], [1, 2.5], [1, " "])]
    [True, False, False, False]
    """
    types = set(map(type, cells)) - {type(None)}
    return str in types and len(types) > 1 and any(type(cell) is str and cell.strip() for cell in cells)


def without_infinite(cells: Any) -> tuple[Any, list[int]]:
    """``cells``, an array or a list, with NaN for those that are infinite, and their places.

    >>> without_infinite([1.5, float("inf"), "x"])
    ([1.5, nan, 'x'], [1])
    """
    if isinstance(cells, np.ndarray):
        if cells.dtype.kind != "f":
            return cells, []
        infinite = np.isinf(cells)
        return np.where(infinite, np.array(np.nan, cells.dtype), cells), np.flatnonzero(infinite).tolist()
    places = [at for at, cell in enumerate(cells) if isinstance(cell, float | np.floating) and np.isinf(cell)]
    made = list(cells)
    for at in places:
        made[at] = np.nan
    return made, places
