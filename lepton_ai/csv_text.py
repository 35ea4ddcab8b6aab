"""Texts as CSV: read again as they were, and, for spreadsheets, so that none is a formula.

The rule is that of OWASP (https://owasp.org/www-community/attacks/CSV_Injection): an apostrophe before what begins with
one of `STARTS`. A number stays as it is, for it is no formula.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

STARTS = "=+-@\t\r\n＝＋－＠"
"""What a formula may begin with; a spreadsheet takes the wide forms for the narrow ones."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


class _Lines(io.StringIO):
    """Takes lines that end as those of Windows do: only with these `csv` has each line break of a cell in quotes."""

    def write(self, line: str) -> int:
        return super().write(line.removesuffix("\r\n") + "\n")


def csv_of(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV, each in a line of its own.

    >>> csv_of([("a", 1.5), ("b, c", None)])
    'a,1.5\\n"b, c",\\n'
    """
    text = _Lines(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def no_formula(cell: Any) -> Any:
    """The cell as a spreadsheet is to have it; only texts change.

    >>> no_formula("=1+1"), no_formula("yes"), no_formula("-1.5"), no_formula(-1.5)
    ("'=1+1", 'yes', '-1.5', -1.5)
    """
    if not isinstance(cell, str) or not cell.lstrip(" ").startswith(tuple(STARTS)):
        return cell
    return cell if _NUMBER.fullmatch(cell) else f"'{cell}"
