"""Some rows of a table that is never in memory as a whole: one of each stretch of it."""

import numpy as np
import numpy.typing as npt

from lepton_core.table.columns import IndexArray
from lepton_core.table.hashing import mix
from lepton_core.table.source import concatenate
from lepton_core.table.table import Table

_KEPT_ROWS = 100_000
_KEPT_CELLS = 10_000_000
"""At most so many rows, and cells, are kept; more than half of that once there are more."""

_LEAST_ROWS = 1_000

_SEED = np.uint64(0x9E3779B97F4A7C15)


def chosen(places: IndexArray, step: int) -> npt.NDArray[np.bool_]:
    """Which of the rows at these ``places`` (k,), which rise, are the chosen ones of their stretches of ``step`` rows.

    Each row has a number of its own that looks random, and the least of a stretch is chosen: what is chosen of longer
    stretches is among what was chosen of shorter ones. A fixed step would see every eighth hour of a file with a row
    for each hour, and nothing of the others.

    >>> np.flatnonzero(chosen(np.arange(12), 4)).tolist(), np.flatnonzero(chosen(np.arange(3), 1)).tolist()
    ([3, 5, 10], [0, 1, 2])
    """
    if step == 1 or not len(places):
        return np.ones(len(places), dtype=np.bool_)
    numbers = places.astype(np.uint64) + _SEED
    mix(numbers)
    stretches = places // step
    begins = np.flatnonzero(np.append(True, stretches[1:] != stretches[:-1]))
    least = np.minimum.reduceat(numbers, begins)
    found: npt.NDArray[np.bool_] = numbers == np.repeat(least, np.diff(np.append(begins, len(places))))
    return found


class Sampled:
    """One row of each stretch of ``step`` of the tables that were taken; the step doubles where too many would be kept.

    Which one depends on nothing but its place, so that however the rows come in tables, the same ones are kept.

    >>> from lepton_core.table import Numbers
    >>> some = Sampled(most=4)
    >>> for start in range(0, 12, 3):
    ...     some.take(Table((Numbers("a", np.arange(start, start + 3.0)),)))
    >>> some.rows, some.table()["a"].values.tolist()
    (12, [3.0, 5.0, 10.0])
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
