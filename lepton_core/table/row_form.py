"""In which form a file of rows came, and is written again."""

from dataclasses import dataclass
from typing import Literal

FormOfRows = Literal["csv", "json", "lines", "parquet", "arrow", "arrows", "excel"]
"""A text of lines, an array of JSON, JSON by lines, Parquet, a file of Arrow (Feather), a stream of it, or Excel."""

TYPED: frozenset[FormOfRows] = frozenset({"parquet", "arrow", "arrows"})
"""The forms whose columns have types."""


@dataclass(frozen=True)
class RowForm:
    """How a file is written. ``packed``: with gzip. ``as_it_came``: the file that was read has the same form.

    A text of lines ends each with ``newline``. ``marked``: it begins with the mark that tells a spreadsheet that it is
    UTF-8, as the file that was read did, or as it needs where that one had another encoding. A ``sheet`` of Excel has
    the names of its columns in the row ``header``, from 1.
    """

    rows: FormOfRows
    delimiter: str = ","
    packed: bool = False
    as_it_came: bool = True
    newline: str = "\n"
    marked: bool = False
    sheet: str = ""
    header: int = 0
