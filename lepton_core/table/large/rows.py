"""The rows of a large text file, gone through for some of its columns."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress, takewhile

import numpy as np

from lepton_core.table.columns import IndexArray
from lepton_core.table.csv_columns import RECOUNTED_ROWS, ColumnReading, cells_at, rows_at
from lepton_core.table.files import CHUNK_ROWS, Note, Options, Sheet, open_sheet
from lepton_core.table.files.records import Body, RowTally, SomeRows
from lepton_core.table.files.sheet import ends_of
from lepton_core.table.large.text import Pieces
from lepton_core.table.large.windows import WINDOW_BYTES, TextWindow, WindowRows, begins_row, body_of, windows
from lepton_core.table.stretches import chosen

_FIRST_CELLS = 3_000_000
"""About as many cells as a window of short ones has: of so many the texts are kept together."""

TOGETHER = _FIRST_CELLS // CHUNK_ROWS
"""So many columns that are empty in the first rows are decided by their first cells in one pass."""

_RECOUNTED_CELLS = 10_000_000

_MOST_BLANK = 4
"""So many windows of empty rows are kept until it is known whether all is empty below: sheets end with many."""


@dataclass(frozen=True)
class LargeRows:
    """A text whose head is ``sheet``, in windows of about ``window_bytes``, from the beginning at each call.

    The first window has about ``head_bytes``: it is the head. ``begins`` is that of `windows`.
    """

    text: Pieces
    sheet: Sheet
    options: Options
    head_bytes: int
    window_bytes: int
    begins: Callable[[bytes], bool]

    def tally(self) -> RowTally:
        """That of no row yet."""
        share = self.options.bad_rows
        return RowTally(share=share or 0.0, keeps_all=share == 0)

    def windows(self) -> Iterator[tuple[WindowRows, Note | None]]:
        """The windows, and what is to be said of the encoding of each. Each begins with the tally of no row."""
        quote = self.sheet.dialect.quote
        found = windows(self.text(), quote, self.head_bytes, self.begins, later=self.window_bytes)
        next(found, None)
        body, note, is_said = self.sheet.body, None, self.options.encoding is not None
        behind: list[tuple[Body, Note | None]] = []  # without a cell: a total may be in the window above
        for window in found:
            own = body_of(self.sheet.body, window, is_said=is_said)
            if len(behind) < _MOST_BLANK and _is_blank(own[0]):
                behind.append(own)
                continue
            for some, said in ((body, note), *behind):
                yield WindowRows(some, RowTally(), is_last=False), said
            (body, note), behind = own, []
        last = replace(body, is_above=lambda text: self._is_above(text, body.line))
        yield WindowRows(last, RowTally(), is_last=True), note
        for some, said in behind:
            yield WindowRows(some, RowTally(), is_last=True), said

    def _is_above(self, text: bytes, line: int) -> bool:
        """Whether ``text`` is in a row of a window that begins above ``line``."""
        bodies = (window.body for window, _ in self.windows())
        return any(
            body.data.find(text, body.start) >= 0 for body in takewhile(lambda one: one.line < line, bodies)
        )

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

    def ends(self) -> tuple[int, int]:
        """The numbers of the first and of the last column that have a cell in any row; 0 if none has."""
        width = self.sheet.body.width
        first, last = width + 1, 0
        for window, _ in self.windows():
            if (first, last) == (1, width):
                break
            if not last or not _are_delimiters(window.body, first - 1, width - last):
                own = ends_of(replace(window.body, first=0, last=width))
                first, last = (min(first, own[0]), max(last, own[1])) if own[1] else (first, last)
        return (first, last) if last else (0, 0)

    def _places(self, names: Collection[str]) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.sheet.names) if name in names}


def open_rows(text: Pieces, options: Options, window_bytes: int | None) -> LargeRows:
    """The rows of a ``text``, of which the first window shows the dialect and the names.

    A window has about ``window_bytes``; None: 8 MB, or more of a very wide table. A column at
    an end that has no name stays if a cell of any row is in it: only the whole text shows that.
    """
    head_bytes = window_bytes or WINDOW_BYTES
    first = _head(windows(text(), "", head_bytes))
    sheet = open_sheet(first, options)
    begins = partial(begins_row, body=sheet.body)
    data = _head(windows(text(), "", head_bytes, begins))
    if data != first:
        sheet = open_sheet(data, options)
    size = window_bytes or max(WINDOW_BYTES, sheet.body.far_bytes)
    rows = LargeRows(text, sheet, options, head_bytes, size, begins)
    body = rows.sheet.body
    behind_bar = body.first > 0 and body.dialect.delimiter == "|"
    if body.last == body.width and not behind_bar:
        return rows
    return replace(rows, sheet=open_sheet(data, options, ends=rows.ends()))


def _head(found: Iterator[TextWindow]) -> bytes:
    first = next(found, None)
    return b"" if first is None else first.data


def _is_blank(body: Body) -> bool:
    """Whether nothing but delimiters, quotes and blanks is in a window."""
    signs = f" \r\n{body.dialect.delimiter}{body.dialect.quote}".encode()
    return not body.data[body.start :].strip(signs)


def _are_delimiters(body: Body, before: int, behind: int) -> bool:
    """Whether each line begins with so many delimiters, and ends so: then no cell is there."""
    data, start, mark = body.data, body.start, body.dialect.delimiter.encode()
    lines = data.count(b"\n", start)
    first, last = mark * before, mark * behind
    begun = not first or (data.startswith(first, start) and data.count(b"\n" + first, start) == lines - 1)
    ended = data.count(last + b"\n", start) + data.count(last + b"\r\n", start) if last else lines
    return data.endswith(b"\n") and begun and ended == lines


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
