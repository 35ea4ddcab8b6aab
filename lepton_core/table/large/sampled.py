"""Some rows of a table that is never in memory as a whole: one of each stretch of it."""

import numpy as np

from lepton_core.table.columns import IndexArray
from lepton_core.table.source import concatenate
from lepton_core.table.stretches import chosen
from lepton_core.table.table import Table

_KEPT_ROWS = 100_000
_KEPT_CELLS = 10_000_000
"""At most so many rows, and cells, are kept; more than half of that once there are more."""

_LEAST_ROWS = 1_000


class Sampled:
    """One row of each stretch of ``step`` of the tables that were taken; the step doubles where too many would be kept.

    Which one depends on nothing but its place, so that however the rows come in tables, the same ones are kept.

    >>> from lepton_core.table import Numbers
    >>> some = Sampled(most=4)
    >>> for start in range(0, 12, 3):
    ...     some.take(Table((Numbers("a", np.arange(start, start + 3.0)),)))
    >>> some.rows, some.table()["a"].values.tolist()
    (12, [3.0, 5.0, 10.0])
    >>> some.places().tolist()
    [3, 5, 10]
    """

    def __init__(self, most: int = _KEPT_ROWS) -> None:
        self.rows = 0
        self._most = most
        self._step = 1
        self._kept: list[tuple[IndexArray, Table]] = []

    def take(self, table: Table) -> None:
        """The next rows."""
        places = np.arange(self.rows, self.rows + table.rows)
        own = np.flatnonzero(chosen(places, self._step))
        if len(own):
            self._kept.append((places[own], table.take(own)))
        self.rows += table.rows
        most = max(_LEAST_ROWS, min(self._most, _KEPT_CELLS // len(table.columns)))
        most = min(most, self._most)
        while self._count() > most:
            if self._one_of_each():  # a stretch that began in the table before has one of each table
                self._step *= 2
                self._one_of_each()

    def table(self) -> Table:
        """The rows that were kept, in their order. Raises ``ValueError`` if there are none."""
        self._one_of_each()
        return concatenate(table for _, table in self._kept)

    def places(self) -> IndexArray:
        """The places (k,) of the rows that were kept."""
        self._one_of_each()
        return np.concatenate([places for places, _ in self._kept])

    def _count(self) -> int:
        return sum(len(places) for places, _ in self._kept)

    def _one_of_each(self) -> bool:
        """Keep one row of each stretch; whether that changed nothing."""
        if not self._kept:
            return True
        on = chosen(np.concatenate([places for places, _ in self._kept]), self._step)
        if on.all():
            return True
        ends = np.cumsum([len(places) for places, _ in self._kept])[:-1]
        own = zip(self._kept, np.split(on, ends), strict=True)
        self._kept = [
            (places[some], table.take(np.flatnonzero(some))) for (places, table), some in own if some.any()
        ]
        return False
