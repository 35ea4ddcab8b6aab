"""The rows of a large text file, gone through for some of its columns."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import compress

import numpy as np

from lepton_core.table.columns import IndexArray
from lepton_core.table.csv_columns import RECOUNTED_ROWS, ColumnReading, cells_at, rows_at
from lepton_core.table.files import CHUNK_ROWS, Options, Sheet
from lepton_core.table.files.records import RowTally, SomeRows
from lepton_core.table.large.text import Pieces
from lepton_core.table.large.windows import WindowRows, body_of, windows
from lepton_core.table.stretches import chosen

_FIRST_CELLS = 3_000_000
"""About as many cells as a window of short ones has: of so many the texts are kept together."""

TOGETHER = _FIRST_CELLS // CHUNK_ROWS
"""So many columns that are empty in the first rows are decided by their first cells in one pass."""

_RECOUNTED_CELLS = 10_000_000


@dataclass(frozen=True)
class LargeRows:
    """A text whose head is ``sheet``, in windows of about ``window_bytes``, from the beginning at each call.

    The first window has about ``head_bytes``: it is the head.
    """

    text: Pieces
    sheet: Sheet
    options: Options
    head_bytes: int
    window_bytes: int

    def tally(self) -> RowTally:
        """That of no row yet."""
        share = self.options.bad_rows
        return RowTally(share=share or 0.0, keeps_all=share == 0)

    def windows(self) -> Iterator[tuple[WindowRows, bool]]:
        """The windows, and whether the encoding of each was guessed. Each begins with the tally of no row."""
        found = windows(self.text(), self.sheet.dialect.quote, self.head_bytes, self.window_bytes)
        next(found, None)
        body, is_guess = self.sheet.body, False
        for window in found:
            yield WindowRows(body, RowTally(), is_last=False), is_guess
            body, is_guess = body_of(self.sheet.body, window)
        yield WindowRows(body, RowTally(), is_last=True), is_guess

    def blocks(self) -> Iterator[SomeRows]:
        """The rows of all windows, as `Sheet.blocks` has those of a small file."""
        tally = self.tally()
        for window, _ in self.windows():
            window.before = window.after = tally
            yield from window.blocks()
            tally = window.after

    def first(self, most: int) -> Iterator[SomeRows]:
        """The first ``most`` rows, or all if there are fewer."""
        rows = 0
        for block in self.blocks():
            some = block[: most - rows]
            yield some
            rows += len(some)
            if rows == most:
                return

    def give(self, readings: Mapping[str, ColumnReading]) -> None:
        """Give ``readings``, by the names of their columns, the rows, until none waits."""
        for block in self.blocks():
            self.give_block(readings, block)
            if not any(one.is_waiting for one in readings.values()):
                return

    def give_block(self, readings: Mapping[str, ColumnReading], block: SomeRows) -> None:
        """Give those of the ``readings`` that wait the next rows."""
        places = self._places(readings)
        for name, reading in readings.items():
            if reading.is_waiting:
                reading.take_first(cells_at(block, places[name]))

    def sample(self, names: Collection[str]) -> tuple[dict[str, list[str]], int]:
        """The cells of some columns in one row of each stretch of the file, and how many rows it has."""
        found, rows = dict[str, list[str]](), 0
        for some in groups(names, _RECOUNTED_CELLS // RECOUNTED_ROWS):
            cells, rows = self._sample(some)
            found |= cells
        return found, rows

    def _sample(self, names: Collection[str]) -> tuple[dict[str, list[str]], int]:
        columns = self._places(names)
        kept: dict[str, list[str]] = {name: [] for name in names}
        places: IndexArray = np.arange(0)
        step, row = 1, 0
        for block in self.blocks():
            own = np.flatnonzero(chosen(np.arange(row, row + len(block)), step))
            places = np.append(places, own + row)
            some = rows_at(block, own)
            for name, column in columns.items():
                kept[name] += cells_at(some, column)
            row += len(block)
            while row > step * RECOUNTED_ROWS:
                step *= 2
                places, kept = _one_of_each(places, kept, step)
        return _one_of_each(places, kept, step)[1], row

    def _places(self, names: Collection[str]) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.sheet.names) if name in names}


def groups(names: Collection[str], most: int) -> Iterator[list[str]]:
    """The ``names``, at most so many at a time.

    >>> list(groups(["a", "b", "c"], 2))
    [['a', 'b'], ['c']]
    """
    ordered = list(names)
    for at in range(0, len(ordered), most):
        yield ordered[at : at + most]


def _one_of_each(
    places: IndexArray, kept: Mapping[str, list[str]], step: int
) -> tuple[IndexArray, dict[str, list[str]]]:
    """The ``places`` of one row of each stretch of ``step``, and the cells ``kept`` of these."""
    on = chosen(places, step)
    return places[on], {name: list(compress(cells, on.tolist())) for name, cells in kept.items()}
