"""Some rows of a table that is never in memory as a whole, spread evenly over it."""

import numpy as np

from lepton_core.table.columns import IndexArray
from lepton_core.table.source import concatenate
from lepton_core.table.table import Table

_KEPT_ROWS = 100_000
_KEPT_CELLS = 10_000_000
"""At most so many rows, and cells, are kept; more than half of that once there are more."""

_LEAST_ROWS = 1_000


class Sampled:
    """Each ``step``-th row of the tables that were taken; the step doubles where too many would be kept.

    >>> from lepton_core.table import Numbers
    >>> some = Sampled(most=4)
    >>> for start in range(0, 12, 3):
    ...     some.take(Table((Numbers("a", np.arange(start, start + 3.0)),)))
    >>> some.rows, some.table()["a"].values.tolist()
    (12, [0.0, 4.0, 8.0])
    """

    def __init__(self, most: int = _KEPT_ROWS) -> None:
        self.rows = 0
        self._most = most
        self._step = 1
        self._kept: list[tuple[IndexArray, Table]] = []

    def take(self, table: Table) -> None:
        """The next rows."""
        own = np.arange(-self.rows % self._step, table.rows, self._step)
        if len(own):
            self._kept.append((own + self.rows, table.take(own)))
        self.rows += table.rows
        most = max(_LEAST_ROWS, min(self._most, _KEPT_CELLS // len(table.columns)))
        most = min(most, self._most)
        while sum(len(places) for places, _ in self._kept) > most:
            self._thin_out()

    def table(self) -> Table:
        """The rows that were kept, in their order. Raises ``ValueError`` if there are none."""
        return concatenate(table for _, table in self._kept)

    def _thin_out(self) -> None:
        self._step *= 2
        kept = [(places, places % self._step == 0, table) for places, table in self._kept]
        self._kept = [(places[on], table.take(np.flatnonzero(on))) for places, on, table in kept if on.any()]
