"""In which form a file of rows came, and is written again."""

from dataclasses import dataclass
from typing import Literal

FormOfRows = Literal["csv", "json", "lines", "parquet", "arrow", "arrows"]
"""A text of lines, one array of JSON, JSON line by line, Parquet, a file of Arrow (Feather), or a stream of it."""

TYPED: frozenset[FormOfRows] = frozenset({"parquet", "arrow", "arrows"})
"""The forms whose columns have types."""


@dataclass(frozen=True)
class RowForm:
    """How a file is written. ``packed``: with gzip. ``as_it_came``: the file that was read has the same form."""

    rows: FormOfRows
    delimiter: str = ","
    packed: bool = False
    as_it_came: bool = True
