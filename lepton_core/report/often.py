"""How often the most frequent value of a column occurs."""

from dataclasses import dataclass

import numpy as np

from lepton_core.report.values import ColumnReport
from lepton_core.table import kind_of
from lepton_core.table.columns import Column

_COUNTED_FROM = 0.98
"""From this share of some rows on a value is counted in all of them."""


@dataclass(frozen=True)
class Often:
    """So many ``rows`` have the most frequent value, of those ``present``, which have one.

    ``some``: the report has looked at some of the rows.
    """

    rows: int = 0
    present: int = 0
    some: bool = False

    @staticmethod
    def of(one: ColumnReport, column: Column, rows: int, sampled: int) -> "Often":
        """That of a ``column`` of a table of ``rows``, ``sampled`` of which its report has looked at.

        Where nearly all have one value, all cells of ``column`` are counted. It may be of one row in several, too: then
        the counts are as many times larger.

        >>> from lepton_core.report.values import ValueCount
        >>> from lepton_core.table import Numbers
        >>> column = Numbers("a", np.array([1.0, 1, 1, 2]))
        >>> Often.of(ColumnReport("a", "number", "", distinct=1, top=(ValueCount("1", 1),)), column, 8, 1)
        Often(rows=6, present=8, some=True)
        """
        present = sampled - (one.drawing.missing if one.drawing else 0)
        if not one.top or one.top[0].rows < _COUNTED_FROM * present or sampled >= rows:
            return Often(one.top[0].rows if one.top else 0, present, sampled < rows)
        _, places = kind_of(column).distinct(column)
        counts = np.bincount(places[places >= 0], minlength=1)
        times = rows / max(1, len(column))
        return Often(round(int(counts.max()) * times), round(int(counts.sum()) * times), some=True)
