"""A file whose cells are typed, as columns of a program are."""

from dataclasses import dataclass

from lepton_core.errors import TooLarge
from lepton_core.table.files import MOST_BYTES, Note, SetAside
from lepton_core.table.table import Table

MOST_CELLS = MOST_BYTES // 8
"""Most cells of a table from such a file: they take 8 bytes each."""

_FEW_CELLS = 4_000_000


@dataclass(frozen=True)
class GivenFile:
    """Its columns, as `lepton_core.table.given_column` makes them; the texts among them are still to be read.

    ``notes`` are what was guessed or left out, ``set_aside`` the first rows that could not be read, of
    ``set_aside_count``. ``is_text`` says that the file needs no library, so that every platform reads it.
    """

    table: Table
    notes: tuple[Note, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    set_aside_count: int = 0
    is_text: bool = False


def demand_dense(rows: int, columns: int, octets: int) -> None:
    """Raise `TooLarge` for a table whose cells take far more room than the ``octets`` of the text they stand in.

    >>> demand_dense(10_000, 10_000, 1_000_000)
    Traceback (most recent call last):
    lepton_core.errors.TooLarge: 10000 rows of 10000 columns are nearly all empty; give fewer columns
    """
    if rows * columns > min(_FEW_CELLS + 2 * octets, MOST_CELLS):
        raise TooLarge(f"{rows} rows of {columns} columns are nearly all empty; give fewer columns")
