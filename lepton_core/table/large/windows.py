"""Windows of whole lines over a text that comes in pieces, and the rows in each."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice

from lepton_core.table.files.encoding import window_as_utf8
from lepton_core.table.files.lines import LINE_LETTERS, read_records
from lepton_core.table.files.records import Body, RowTally, SomeRows, read_blocks, read_rows
from lepton_core.table.files.row_lines import LineRow, rows_at
from lepton_core.table.files.sheet import CHUNK_ROWS
from lepton_core.table.files.values import Note
from lepton_core.table.files.wrapped import unwrapped

WINDOW_BYTES = 8 << 20
"""About so many bytes a window has."""

_FAR = 100
_SEEN_BYTES = 1 << 16
_SEEN_ROWS = 5
_MOST_BYTES = 4 * LINE_LETTERS
"""A line that is longer is read up to here only: it is set aside whatever it holds."""


@dataclass(frozen=True)
class TextWindow:
    """Some whole lines of a text; ``line`` is the number of the first."""

    data: bytes
    line: int


def _always(lines: bytes) -> bool:
    return True


def windows(
    pieces: Iterable[bytes],
    quote: str,
    size: int = WINDOW_BYTES,
    begins: Callable[[bytes], bool] = _always,
    *,
    later: int | None = None,
) -> Iterator[TextWindow]:
    r"""The lines of a text, about ``size`` bytes at a time, and not cut within quotes if that can be.

    The first, which shows what quotes are, ends where the usual ones are closed; those behind it have ``later`` bytes.
    A quote that is part of a text, or is never closed, misleads who counts them: ``begins`` tells whether a row may
    begin with these lines.

    >>> [one.data for one in windows([b'a,b\n1,"x\n', b'y"\n2,z\n3,w\n'], '"', size=5)]
    [b'a,b\n', b'1,"x\ny"\n', b'2,z\n3,w\n']
    """
    mark, waiting, line = b'"', bytearray(), 1
    for piece in pieces:
        waiting += piece
        while len(waiting) >= size + _behind(size) and (stop := _stop(waiting, mark, size)):
            if len(waiting) < stop + _behind(size):  # it ends far off, where quotes are closed
                break
            stop = _row_near(waiting, stop, begins) if mark else stop
            window = bytes(waiting[:stop])
            del waiting[:stop]
            yield TextWindow(window, line)
            mark, line = quote.encode(), line + window.count(b"\n")
            size = later or size
        if len(waiting) > _MOST_BYTES and b"\n" not in waiting:
            del waiting[_MOST_BYTES:]
    if waiting:
        yield TextWindow(bytes(waiting), line)


def _behind(size: int) -> int:
    """At least so many bytes are behind a window: what stands below a table, a total with notes, is in the last one."""
    return min(size, max(_SEEN_BYTES, size // 8))


def _stop(waiting: bytearray, mark: bytes, size: int) -> int:
    """The end of the next window; 0 if more has to come first."""
    first = stop = waiting.rfind(b"\n", 0, size) + 1 or waiting.find(b"\n", size) + 1
    if not mark or not stop:
        return stop
    odd = waiting.count(mark, 0, stop) % 2
    while odd:
        end = waiting.find(b"\n", stop) + 1
        if not end:
            # A quote that is never closed is the mistake of one row: it must not make one window of all the rest.
            return first if len(waiting) > 2 * size else 0
        odd ^= waiting.count(mark, stop, end) % 2
        stop = end
    return stop


def _row_near(waiting: bytearray, end: int, begins: Callable[[bytes], bool]) -> int:
    """The last end of a line up to ``end`` behind which a row begins; ``end`` if that is far."""
    stop = end
    for _ in range(_FAR):
        if stop <= 0:
            break
        if begins(bytes(waiting[stop : stop + _SEEN_BYTES])):
            return stop
        stop = waiting.rfind(b"\n", 0, stop - 1) + 1
    return end


def begins_row(data: bytes, body: Body) -> bool:
    r"""Whether rows of a table like that of ``body`` begin where ``data`` do: not with a row of one cell, or of none.

    >>> from lepton_core.table.files import open_sheet
    >>> body = open_sheet(b'a,b\n1,"x\ny"\n2,z\n').body
    >>> begins_row(b'1,"x\ny"\n2,z\n', body), begins_row(b'y"\n2,z\n', body)
    (True, False)
    """
    if body.wrapped:
        return True
    signs = f" \r\n{body.dialect.quote}".encode()
    mark = body.dialect.delimiter.encode()
    if sum(bool(cell.strip(signs)) for cell in data[: data.find(b"\n")].split(mark)) < 2 < body.width:
        # It may be a note below a total, which is in the same window, unless nothing is below.
        return not data.strip(signs + mark)
    text = data[: data.rfind(b"\n") + 1].decode("utf-8", "replace")
    lines = io.StringIO(text, newline="").readlines()
    records = read_records(lines, body.dialect, width=body.width, whole=False)
    first = list(islice(records, _SEEN_ROWS))
    # The rest of a cell in quotes has one that stands in a text; so may other rows.
    return not any(record.fault for record in first) and not any(record.stray for record in first[:1])


class WindowRows:
    """The rows of a window, after those that ``before`` counts; ``after`` counts them too, once they were read."""

    def __init__(self, body: Body, before: RowTally, *, is_last: bool) -> None:
        self.names = body.names
        self._is_last = is_last
        self.body = body
        self.before = before
        self.after = before

    def chunks(self) -> Iterator[list[list[str]]]:
        """The cells, some rows at a time, from the beginning of the window at each call."""
        tally = self._begun()
        yield from read_rows(self.body, tally, CHUNK_ROWS)
        self._end(tally)

    def blocks(self) -> Iterator[SomeRows]:
        """The rows of `chunks`, many at a time; where nothing is wrong no texts are made of them."""
        tally = self._begun()
        yield from read_blocks(self.body, tally)
        self._end(tally)

    def rows_at(self, rows: Sequence[int]) -> list[LineRow]:
        """These ``rows`` of the window, which rise, each with its first line."""
        early = (
            self.before.empty
        )  # they stood at the end of the window before, and came to be rows in this one
        empty = [""] * len(self.names)
        above = [(self.body.line - early + row, empty) for row in rows if row < early]
        return [*above, *rows_at(self.body, [row - early for row in rows if row >= early])]

    def _begun(self) -> RowTally:
        tally = deepcopy(self.before)
        # A total of all rows stands at the end of the file only.
        tally.keeps_all = tally.keeps_all or not self._is_last
        return tally

    def _end(self, tally: RowTally) -> None:
        tally.keeps_all = self.before.keeps_all
        self.after = tally


def body_of(body: Body, window: TextWindow, *, is_said: bool) -> tuple[Body, Note | None]:
    """A window of a file, of whose first window ``body`` is, as UTF-8; and what is to be said of its encoding.

    ``is_said``: somebody named that, and the text is UTF-8.
    """
    text = window_as_utf8(window.data, window.line, is_said=is_said)
    note = next(iter(text.notes), None)
    if body.wrapped:
        text = unwrapped(text, text.start)
    return replace(body, data=text.data, start=text.start, line=window.line), note
