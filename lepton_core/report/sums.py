"""A last row that holds the sums of the rows above, and says so nowhere."""

from collections.abc import Iterator

import numpy as np

from lepton_core.report.values import Finding
from lepton_core.table import Table
from lepton_core.table.columns import Column

_LEAST_ROWS = 6
_SAME = 1e-9
_COUNTED = frozenset({"number", "integer"})


def of_sums(table: Table) -> Iterator[Finding]:
    """That the last row of ``table`` is one of sums: two columns say it, or the only one of numbers beside a gap.

    >>> from lepton_core.table import Numbers
    >>> rows = [Numbers(name, np.array([3.0, 1, 4, 1, 5, 9, 23]) * by) for name, by in (("a", 1), ("b", 2))]
    >>> [one.code for one in of_sums(Table(tuple(rows)))]
    ['sums']
    """
    if table.rows < _LEAST_ROWS:
        return
    counted = [one for one in table.columns if one.kind in _COUNTED]
    sums = [one.name for one in counted if _is_sum(one)]
    gap = any(one.missing[-1] for one in table.columns)
    if len(sums) < 2 and not (len(sums) == len(counted) == 1 and gap):
        return
    some = ", ".join(map(repr, sums[:5])) + (f" and {len(sums) - 5} more" if len(sums) > 5 else "")
    message = (
        f"the last row holds the sums of the rows above in {some}: if it is a total, take it out of the file"
    )
    yield Finding("sums", message)


def _is_sum(column: Column) -> bool:
    """Whether the last value is the sum of the others, and larger than each."""
    last, others = float(column.values[-1]), column.values[:-1]
    others = others[np.isfinite(others)]
    if not np.isfinite(last) or len(others) < _LEAST_ROWS - 1 or abs(last) <= np.abs(others).max():
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(abs(float(others.sum()) - last) <= _SAME * abs(last))
