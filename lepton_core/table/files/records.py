"""The rows of a text file, some at a time; what cannot be read is set aside with its line and the reason."""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from lepton_core.remedy import Remedy, call
from lepton_core.table.files.line_numbers import LineNumbers
from lepton_core.table.files.lines import BEHIND, LINE_LETTERS, LONG, NUL, OPEN, RawRecord, read_records
from lepton_core.table.files.plain_rows import read_plainly
from lepton_core.table.files.splitting import LEAST_BLOCK, SpanRows, split_rows
from lepton_core.table.files.totals import FEWEST_SUMMED, MOST_NOTES, total_and_notes, total_word
from lepton_core.table.files.values import Dialect, Note, SetAside

MOST_SET_ASIDE = 100
"""So many rows that were set aside are kept; all are counted."""

_FAR = 8
"""So many blocks are split at once: many rows, and yet few enough to stay in the cache."""

_MOST_EMPTY = 3072
_LETTERS = 200
"""So much is kept of the text of a row that was set aside."""

_REASONS = 1000
_ENOUGH = 10_000

_SOME, _MORE = 1 << 16, 1.02
"""So many bytes tell how long the lines are; later ones may be shorter."""

SomeRows = SpanRows | list[list[str]]
_R = TypeVar("_R", bound=SomeRows)


def _nowhere(text: bytes) -> bool:
    return False


@dataclass(frozen=True)
class Body:
    """Where the rows are: ``data`` in UTF-8 from ``start`` on, which is in line ``line``.

    A row has ``width`` cells, of which those from ``first`` to ``last`` are ``names``. ``header`` are the cells of the
    header line, which may come again. ``wrapped``: in the file each line is in quotes as a whole,
    and in ``data`` it is not. ``is_above`` tells whether a text is in the rows above, of a file in windows.
    """

    data: bytes
    start: int
    line: int
    dialect: Dialect
    width: int
    first: int
    last: int
    names: tuple[str, ...]
    header: list[str] | None
    wrapped: bool = False
    block_bytes: int = LEAST_BLOCK
    is_above: Callable[[bytes], bool] = _nowhere

    @property
    def far_bytes(self) -> int:
        """How many bytes are split at once."""
        return _FAR * self.block_bytes

    @property
    def about_rows(self) -> int:
        """How many rows there are if all lines are about as long as the first ones."""
        rest, some = len(self.data) - self.start, self.data[self.start : self.start + _SOME]
        return int(_MORE * (some.count(b"\n") + 1) * rest / max(1, len(some)))


@dataclass
class RowTally:
    """What one pass over the rows met; ``share`` of them may be set aside."""

    share: float = 0.0
    rows: int = 0
    set_aside: list[SetAside] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    empty: int = 0
    headers: int = 0
    stray: int = 0
    stray_line: int | None = None
    last: int = 0
    """Lines of one cell since the last row."""
    total: int = 0
    """How many rows are a total of the others and the notes below it; 0 if there is none, or if each is to be kept."""
    keeps_all: bool = False
    most: int = MOST_SET_ASIDE
    blank: int = 0
    """Blank lines so far; of several at once one may be counted."""
    numbers: LineNumbers | None = None
    """The lines so far, if somebody asks for them: then all rows are read with care."""
    remedies: dict[str, Remedy] = field(default_factory=dict)
    """What a reason offers, by the reason."""

    @property
    def set_aside_count(self) -> int:
        """All rows that were set aside."""
        return self.reasons.total()

    @property
    def hopeless(self) -> bool:
        """Whether so many rows of those so far cannot be read that the others need not be looked at."""
        bad = self.set_aside_count
        return bad > _ENOUGH and bad > max(0.5, self.share) * (self.rows + self.empty + bad)

    def put(self, record: RawRecord, reason: str, text: str, names: Sequence[str]) -> None:
        """Set a row aside that no one has passed yet."""
        if self.numbers is not None:
            self.numbers.pass_record(record.line, record.lines)
        self.tell(record, reason, text, names)

    def tell(self, record: RawRecord, reason: str, text: str, names: Sequence[str]) -> None:
        """Count a row as set aside, and say why."""
        self.reasons[
            reason if reason in self.reasons or len(self.reasons) < _REASONS else "other reasons"
        ] += 1
        if len(self.set_aside) < self.most:
            at = len(record.cells)
            column = names[at] if reason in (OPEN, BEHIND, NUL) and at < len(names) else None
            self.set_aside.append(SetAside(record.line, reason, text[:_LETTERS], column))

    def notes(self) -> tuple[Note, ...]:
        """What is to be said of it."""
        found = []
        if self.reasons and self.set_aside_count == self.total:
            one, message = self.set_aside[0], "the last row is a total of the rows above; it was left out"
            if self.total > 1:
                message += ", as what is written below it"
            found.append(Note("total", message, (call(bad_rows=0),), line=one.line))
        elif self.reasons:
            one, total = self.set_aside[0], self.rows + self.set_aside_count
            found.append(
                Note(
                    "set_aside",
                    f"{self.set_aside_count} of {total} rows were set aside; the first in line {one.line}: "
                    f"{one.reason}; mend them in the file, or say that so many may be left out",
                    (call(bad_rows=share_of(self.set_aside_count, total)),),
                    line=one.line,
                )
            )
        if self.empty:
            rows = (
                "1 empty row at the end was"
                if self.empty == 1
                else f"{self.empty} empty rows at the end were"
            )
            found.append(Note("empty_rows", f"{rows} left out"))
        if self.headers:
            again = "once" if self.headers == 1 else f"{self.headers} times"
            found.append(Note("header_again", f"the header line comes {again} more; it was left out"))
        if self.stray:
            rows = "1 row has" if self.stray == 1 else f"{self.stray} rows have"
            message = f"{rows} a quote inside a cell that is not quoted; it is part of the text"
            found.append(Note("stray_quote", message, line=self.stray_line))
        return tuple(found)


def read_rows(body: Body, tally: RowTally, size: int) -> Iterator[list[list[str]]]:
    """The rows of ``body``, at most ``size`` at a time, into ``tally`` what else there is.

    Empty rows at the end are none.
    """
    ready: list[list[str]] = []
    for rows in _without_last_empty(_blocks(body, tally), body, tally, size):
        ready += rows
        while len(ready) > size + MOST_NOTES:
            yield ready[:size]
            ready = ready[size:]
    ready = _without_total(ready, body, tally)
    yield from (ready[at : at + size] for at in range(0, len(ready), size))


def read_blocks(body: Body, tally: RowTally) -> Iterator[SomeRows]:
    """The rows of `read_rows`, many at a time; those of `SpanRows` are found without making texts of them."""
    kept: list[SomeRows] = []
    for rows in _without_last_empty(_far_blocks(body, tally), body, tally, _MOST_EMPTY):
        if len(rows):
            kept.append(rows)
        while sum(map(len, kept[1:])) > MOST_NOTES:
            yield kept.pop(0)
    first, ready = kept.pop(0) if kept else [], [row for some in kept for row in some]
    if ready:  # a total, and the notes below it, may be in more blocks than one
        above = max(0, len(first) - MOST_NOTES - 1 + len(ready))
        kept, first = [first[:above]], [*first[above:], *ready]
    yield from (some for some in (*kept, _without_total(first, body, tally)) if len(some))


def _without_last_empty(
    blocks: Iterator[_R], body: Body, tally: RowTally, size: int
) -> Iterator[_R | list[list[str]]]:
    """Empty rows are kept back, as a number, until others come."""
    for rows in blocks:
        kept = rows.filled() if isinstance(rows, SpanRows) else _filled(rows)
        while kept and tally.empty:
            some = min(size, tally.empty)
            tally.empty -= some
            tally.rows += some
            yield [[""] * len(body.names) for _ in range(some)]
        tally.empty += len(rows) - kept
        tally.rows += kept
        yield cast(_R, rows[:kept])


def _filled(rows: list[list[str]]) -> int:
    kept = len(rows)
    while kept and not any(map(str.strip, rows[kept - 1])):
        kept -= 1
    return kept


def _without_total(ready: _R, body: Body, tally: RowTally) -> _R:
    """The last rows without a total of those above, and without the notes below it; these are set aside."""
    if tally.rows < FEWEST_SUMMED or tally.keeps_all:
        return ready
    found = total_and_notes(list(ready[-MOST_NOTES - 1 :]), body.data, body.start)
    if found is None or body.is_above(total_word(found.rows[0][0]).encode()):
        return ready
    count = len(found.rows)
    tally.rows -= count
    tally.total = count
    known = [] if tally.numbers is None else tally.numbers.rows[: len(tally.numbers.rows) - tally.empty]
    lines = known[-count:] or _lines_from(body, found.place, count)
    for line, (cells, reason) in zip(lines, found.rows, strict=True):
        record = RawRecord(line, 1, tuple(cells))
        tally.tell(record, reason, body.dialect.delimiter.join(cells), body.names)
    return cast(_R, ready[:-count])


def _lines_from(body: Body, place: int, count: int) -> list[int]:
    """The lines of so many rows, the first of which is where ``place`` is."""
    at = body.data.rfind(b"\n", body.start, place) + 1 or body.start
    line = first = body.line + body.data.count(b"\n", body.start, at)
    numbers = LineNumbers()
    while at < len(body.data) and len(numbers.rows) < count:
        _, lines, at = read_block(body, RowTally(share=1.0, numbers=numbers), at, line)
        line += lines
    return [*numbers.rows, *[first] * count][:count]


def share_of(bad: int, total: int) -> float:
    """The share of ``bad`` rows, rounded up to a thousandth."""
    return -(-1000 * bad // total) / 1000


def _blocks(body: Body, tally: RowTally) -> Iterator[list[list[str]]]:
    at, line = body.start, body.line
    while at < len(body.data) and not tally.hopeless:
        rows, lines, at = read_block(body, tally, at, line)
        line += lines
        yield rows


def _far_blocks(body: Body, tally: RowTally) -> Iterator[SomeRows]:
    """As `_blocks`, but several at once as long as nothing is wrong in them."""
    at, line = body.start, body.line
    careful, whole = at, memoryview(body.data)
    while at < len(body.data) and not tally.hopeless:
        stop = min(at + body.far_bytes, len(body.data))
        found = None
        if at >= careful:
            is_last = stop == len(body.data)
            found = split_rows(whole[at:stop], body.dialect, body.width, is_last=is_last)
        if found is None:
            careful = max(careful, stop)
            some, lines, at = read_block(body, tally, at, line)
            line += lines
            yield some
        else:
            at, line, tally.last = at + found.octets, line + found.lines, 0
            yield cut_rows(found.rows, body, tally)


def read_block(body: Body, tally: RowTally, at: int, line: int) -> tuple[list[list[str]], int, int]:
    """The rows of one block, the number of its lines, and where the next one begins."""
    stop = _stop(body, at)
    end = body.data.find(b"\n", at, stop) + 1 or stop
    if end - at > LINE_LETTERS:
        text = body.data[at : at + 4 * _LETTERS].decode("utf-8", "ignore")
        tally.put(RawRecord(line, 1, ()), LONG, text, body.names)
        return [], 1, end
    text = body.data[at:stop].decode("utf-8", "replace")
    plain = read_plainly(text, body.dialect, body.width) if tally.numbers is None else None
    if plain is not None:
        rows, lines = plain.rows, plain.lines
        if plain.stray:
            tally.stray += len(plain.stray) if body.dialect.quote == '"' else 0
            tally.stray_line = tally.stray_line or line + plain.stray[0]
        tally.blank += plain.blank
        tally.last = 0
    else:
        rows, lines, read = _carefully(text, body, line, tally, whole=stop == len(body.data))
        stop = at + read
    return _cut(rows, body, tally), lines, stop


def _stop(body: Body, at: int) -> int:
    """The end of a block: that of a line, and not within quotes if that can be."""
    data, quote, size = body.data, body.dialect.quote.encode(), body.block_bytes
    stop = data.rfind(b"\n", at, at + size) + 1 or data.find(b"\n", at + size) + 1 or len(data)
    if not quote:
        return stop
    odd = data.count(quote, at, stop) % 2
    while odd and stop < len(data) and stop - at < 8 * size:
        end = data.find(b"\n", stop) + 1 or len(data)
        odd ^= data.count(quote, stop, end) % 2
        stop = end
    return stop


def _carefully(
    text: str, body: Body, line: int, tally: RowTally, *, whole: bool
) -> tuple[list[list[str]], int, int]:
    """The rows that can be read, and the lines and bytes that were."""
    lines = io.StringIO(text, newline="").readlines()
    rows: list[list[str]] = []
    last = line
    for record in read_records(lines, body.dialect, line, body.width, whole=whole):
        tally.blank += record.line > last
        last = record.line + record.lines
        alone = len(record.cells) == 1 and record.fault not in ("", OPEN, BEHIND, NUL)
        if alone or record.fault or any(map(str.strip, record.cells)):
            tally.last = tally.last + 1 if alone else 0
        if record.fault:
            tally.put(record, record.fault, "".join(lines[record.line - line : last - line]), body.names)
            continue
        if record.stray:
            tally.stray += body.dialect.quote == '"'
            tally.stray_line = tally.stray_line or record.line
        rows.append(list(record.cells))
        if tally.numbers is not None:
            tally.numbers.pass_record(record.line, record.lines)
            (tally.numbers.headers if rows[-1] == body.header else tally.numbers.rows).append(record.line)
    if last == line and not whole:
        return _carefully(text, body, line, tally, whole=True)
    if whole:
        return rows, len(lines), len(text.encode())
    return rows, last - line, len("".join(lines[: last - line]).encode())


def cut_rows(rows: SpanRows, body: Body, tally: RowTally) -> SpanRows:
    """As `_cut`."""
    if body.header is not None:
        others = rows.without(body.header)
        tally.headers += len(rows) - len(others)
        rows = others
    return rows.narrowed(body.first, body.last)


def _cut(rows: list[list[str]], body: Body, tally: RowTally) -> list[list[str]]:
    """The cells that have names, of the rows that are no header."""
    if body.header is not None and body.header in rows:
        before = len(rows)
        rows = [row for row in rows if row != body.header]
        tally.headers += before - len(rows)
    if (body.first, body.last) == (0, body.width):
        return rows
    return [row[body.first : body.last] for row in rows]
