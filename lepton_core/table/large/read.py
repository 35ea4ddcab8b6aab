"""A text file that is larger than memory, read in one pass if its first rows are like the others.

The first rows decide of which kind each column is. Where later cells do not fit, the column is decided again by rows
from all of the file, and the file is read once more.
"""

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, compress
from typing import Protocol

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.columns import IndexArray
from lepton_core.table.csv_columns import (
    RECOUNTED_ROWS,
    Wanted,
    columns_from,
    decided_again,
    no_rows,
    unseen,
)
from lepton_core.table.files import Note, Options, SetAside, Sheet, open_sheet
from lepton_core.table.files.few_wrong import demand_few
from lepton_core.table.files.records import MOST_SET_ASIDE, RowTally
from lepton_core.table.kinds import BY_NAME
from lepton_core.table.kinds.boolean import Boolean
from lepton_core.table.labels import check_label, infer_label, is_label_name, no_label
from lepton_core.table.large.sampled import Sampled
from lepton_core.table.large.text import Pieces, text_by_letters, text_of
from lepton_core.table.large.told import ColumnTold
from lepton_core.table.large.windows import WINDOW_BYTES, WindowRows, body_of, windows
from lepton_core.table.parse import (
    MOST_MISFIT_SHARE,
    Read,
    demand_columns,
    header_within,
    infinite_notes,
    misfit_error,
    notes_of,
    said_once,
    spelling_note,
)
from lepton_core.table.stretches import chosen
from lepton_core.table.table import Table
from lepton_core.table.unlabelled import absent_words, labels_among, naming_labels
from lepton_core.table.where import together, without_label

_RECOUNTED_CELLS = 10_000_000
"""Of many columns fewer rows, from all of the file, decide again than `RECOUNTED_ROWS`."""

_PASSES = 20
_CALL = "from_csv(path"


class Sink(Protocol):
    """Where the rows of a file go, a table at a time."""

    def begin(self, label: str) -> None:
        """The file is read from its beginning, to predict ``label``: what was taken before counts no more."""
        ...

    def take(self, table: Table) -> None:
        """The next rows."""
        ...

    def end(self) -> None:
        """All rows were taken."""
        ...


@dataclass(frozen=True)
class LargeRead:
    """How a large file was read: ``read.table`` has only some of its ``rows``, one of each stretch."""

    read: Read
    rows: int


class _AnotherPass(Exception):
    """A column is of another kind than its first cells were."""


def read_large(
    pieces: Pieces,
    sink: Sink,
    *,
    wanted_for: Callable[[Sequence[str]], tuple[Mapping[str, Wanted], Sequence[str]]],
    label: str | None = None,
    options: Options = Options(),  # noqa: B008
    window_bytes: int = WINDOW_BYTES,
) -> LargeRead:
    r"""Give the rows of a text file to ``sink``, as `read_csv` reads them, with some windows of it in memory at a time.

    ``wanted_for`` tells of the names what is wanted of which, and the columns to leave out. Raises `InvalidData` as
    `read_csv` does. Of a file whose first rows are like the others the tables are those of `read_csv`, in parts.

    >>> from lepton_core.table import concatenate
    >>> taken = []
    >>> class Kept:
    ...     def begin(self, label): taken.clear()
    ...     def take(self, table): taken.append(table)
    ...     def end(self): pass
    >>> read = read_large(lambda: [b"a,y\n1,n\n2,y\n"], Kept(), wanted_for=lambda names: ({}, ()))
    >>> read.rows, concatenate(taken)["a"].values
    (2, array([1., 2.]))
    """
    text, notes = text_by_letters(text_of(pieces, options.encoding), options.encoding)
    options = replace(options, encoding=None)
    head = next(windows(text(), "", window_bytes), None)
    sheet = open_sheet(b"" if head is None else head.data, options)
    wanted, exclude = wanted_for(sheet.names)
    demand_columns(sheet.names, exclude, label)
    reading = _Reading(text, sheet, notes, options, wanted, exclude, label, window_bytes)
    for _ in range(_PASSES):
        sink.begin(reading.label)
        try:
            found = reading.read_all(sink)
        except _AnotherPass:
            continue
        sink.end()
        return found
    raise InvalidData("the kinds of its columns cannot be found; say them with kinds=")


@dataclass
class _Reading:
    """One file being read, with what its passes so far have shown."""

    text: Pieces
    sheet: Sheet
    notes: tuple[Note, ...]
    options: Options
    wanted: Mapping[str, Wanted]
    exclude: Sequence[str]
    said_label: str | None
    window_bytes: int
    label: str = ""
    told: dict[str, ColumnTold] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [name for name in self.sheet.names if name not in self.exclude]
        self._decide(infer_label(names) if self.said_label is None else self.said_label)
        self._decide(self._likely_label())

    def read_all(self, sink: Sink) -> LargeRead:
        """One pass. Raises `_AnotherPass` if it showed that a column is to be read in another way."""
        sampled, unlabelled, guessed, tally, rows = Sampled(), array("q"), 0, self._tally(), 0
        aside: list[SetAside] = []
        for told in self.told.values():
            told.begin()
        for window, is_guess in self._windows():
            window.before = window.after = tally
            table = self._table(window, rows)
            tally = window.after
            guessed = guessed or (window.body.line if is_guess else 0)
            if table is None:
                continue
            missing = table[self.label].missing
            gone = np.flatnonzero(missing)
            unlabelled.extend((gone + rows).tolist())
            if len(gone) and len(aside) < MOST_SET_ASIDE:
                some = gone.tolist()[: MOST_SET_ASIDE - len(aside)]
                aside += without_label(window.rows_at(some), window.names, self.label)
            rows += table.rows
            labelled = table.take(np.flatnonzero(~missing)) if missing.any() else table
            if labelled.rows:
                self._check(labelled, sampled.rows)
                sampled.take(labelled)
                sink.take(labelled)
        if not rows:
            raise no_rows()
        self._demand_label()
        self._demand_classes()
        demand_few(tally, self.options, self.sheet.dialect.delimiter)
        self._demand_fit()
        if not sampled.rows:
            raise no_label(self.label, () if self._says_words() else labels_among(one.text for one in aside))
        return LargeRead(self._told_of(sampled, tally, unlabelled, guessed, aside), sampled.rows)

    def _windows(self) -> Iterator[tuple[WindowRows, bool]]:
        """The windows, and whether the encoding of each was guessed."""
        found = windows(self.text(), self.sheet.dialect.quote, self.window_bytes)
        next(found, None)
        body, is_guess = self.sheet.body, False
        for window in found:
            yield WindowRows(body, RowTally(), is_last=False), is_guess
            body, is_guess = body_of(self.sheet.body, window)
        yield WindowRows(body, RowTally(), is_last=True), is_guess

    def _tally(self) -> RowTally:
        share = self.options.bad_rows
        return RowTally(share=share or 0.0, keeps_all=share == 0)

    def _table(self, window: WindowRows, row: int) -> Table | None:
        """The rows of a window, the first of which is ``row``; None if it has none."""
        begun = window.blocks()
        first = next(begun, None)
        if first is None:
            return None
        passes = [chain([first], begun)]
        wanted = {name: told.read for name, told in self.told.items()}
        made = columns_from(
            window.names, lambda: passes.pop() if passes else window.blocks(), wanted, label=self.label
        )
        for one in made:
            self.told[one.column.name].add(one, row, window)
        doubtful = {name for name, told in self.told.items() if told.misfit_count and self._may_change(name)}
        if doubtful and self._decide_again(doubtful):
            raise _AnotherPass
        return Table(tuple(one.column for one in made if one.column.name not in self.exclude))

    def _decide(self, label: str) -> None:
        """Decide by the first rows."""
        if label == self.label:
            return
        # A window may be the header alone, where a line below it is longer than a window.
        first = next((chunk for window, _ in self._windows() for chunk in window.chunks()), None)
        if first is None:
            raise no_rows()
        made = columns_from(self.sheet.names, lambda: iter([first]), self.wanted, label=label)
        self.label, self.told = label, {one.column.name: ColumnTold.of(one) for one in made}
        self._decide_later()

    def _decide_later(self) -> None:
        """Decide by the next rows of the first window about columns that have no value in the first rows."""
        empty = {
            name: list[str]()
            for name, told in self.told.items()
            if told.decided.decision is not None and told.decided.column.missing.all()
        }
        for chunk in self.sheet.chunks() if empty else ():
            for name, cells in tuple(empty.items()):
                place = self.sheet.names.index(name)
                cells += [row[place] for row in chunk]
                wanted = self.wanted.get(name, Wanted())
                [made] = columns_from(
                    [name], _in_one(cells), {name: wanted}, label=self.label, first_rows=len(cells)
                )
                if not made.column.missing.all():
                    self.told[name] = ColumnTold.of(made)
                    del empty[name]
            if not empty:
                return

    def _likely_label(self) -> str:
        """The label, if nobody said it: not a column that has no cell, or only tells rows apart."""
        if self.said_label is not None or is_label_name(self.label):
            return self.label
        kept = {name: told for name, told in self.told.items() if name not in self.exclude}
        likely = [name for name, told in kept.items() if not BY_NAME[told.read.kind or ""].left_out]
        return infer_label(likely or list(self.sheet.names))

    def _demand_label(self) -> None:
        """Raise `_AnotherPass` if another column is the label after all."""
        likely = self._likely_label()
        if likely != self.label:
            self.said_label, before = likely, self.told
            self._decide(likely)
            self.told = {**before, likely: self.told[likely]}
            raise _AnotherPass

    def _demand_classes(self) -> None:
        """Raise `_AnotherPass` if cells of the label that did not fit, and were not seen before, make other classes."""
        told = self.told[self.label]
        if not told.is_settled or not self._is_found(self.label) or told.seen >= told.texts.keys():
            return
        if self._decide_again([self.label]):
            raise _AnotherPass

    def _may_change(self, name: str) -> bool:
        """Whether cells that do not fit may make another kind of a column."""
        told = self.told[name]
        return not told.is_settled and (self._is_found(name) or bool(BY_NAME[told.read.kind or ""].wider))

    def _is_found(self, name: str) -> bool:
        """Whether a column's cells decide of which kind it is: nobody said it, or it is a label with another class."""
        told = self.told[name]
        return told.decided.decision is not None or (name == self.label and told.read.kind == Boolean.name)

    def _decide_again(self, doubtful: Collection[str]) -> bool:
        """Decide by rows from all of the file; whether a column is to be read in another way now."""
        before = {name: self.told[name].read for name in doubtful}
        found = [name for name in doubtful if self._is_found(name)]
        cells, rows = self._cells(found) if found else ({}, 0)
        self.told |= {name: self._told_again(name, cells.get(name), rows) for name in doubtful}
        return any(self.told[name].read != read for name, read in before.items())

    def _told_again(self, name: str, cells: Sequence[str] | None, rows: int) -> ColumnTold:
        before, is_label = self.told[name], name == self.label
        if cells is None:
            wider = BY_NAME[before.read.kind or ""].wider
            return replace(before, read=replace(before.read, kind=wider), is_settled=True)
        seen = [*cells, *unseen(before.misfits.values(), set(cells), every=is_label)]
        wanted = self.wanted.get(name, Wanted())
        if before.decided.decision is None:
            wanted = replace(wanted, kind=None, notation=None)
        made = decided_again(name, seen, rows, wanted, is_label=is_label)
        decided = replace(made, absent=before.decided.absent, looked=before.decided.looked)
        again = ColumnTold.of(decided)
        again = replace(before, decided=decided) if again.read == before.read else again
        return replace(again, is_settled=True, seen=frozenset(seen if is_label else ()))

    def _cells(self, names: Collection[str]) -> tuple[dict[str, list[str]], int]:
        """The cells of some columns in one row of each stretch of the file, and how many rows it has."""
        columns = {name: self.sheet.names.index(name) for name in names}
        kept: dict[str, list[str]] = {name: [] for name in names}
        most = max(1, min(RECOUNTED_ROWS, _RECOUNTED_CELLS // len(names)))
        places: IndexArray = np.arange(0)
        step, row, tally = 1, 0, self._tally()
        for window, _ in self._windows():
            window.before = window.after = tally
            for chunk in window.chunks():
                own = np.flatnonzero(chosen(np.arange(row, row + len(chunk)), step))
                places = np.append(places, own + row)
                for name, column in columns.items():
                    kept[name] += [chunk[at][column] for at in own.tolist()]
                row += len(chunk)
                while row > step * most:
                    step *= 2
                    places, kept = _one_of_each(places, kept, step)
            tally = window.after
        return _one_of_each(places, kept, step)[1], row

    def _says_words(self) -> bool:
        """Whether somebody said which words of the label stand for a missing cell."""
        return self.wanted.get(self.label, Wanted()).missing_words is not None

    def _check(self, table: Table, row: int) -> None:
        try:
            check_label(table, self.label, self._absent)
        except InvalidData as error:
            raise error.at(row + (error.row or 0)) from None

    def _absent(self) -> list[str]:
        """The words among all cells of the label that stand for a missing one."""
        place, tally, found = self.sheet.names.index(self.label), self._tally(), list[str]()
        for window, _ in self._windows():
            window.before = window.after = tally
            for chunk in window.chunks():
                found = absent_words(chain(found, (row[place] for row in chunk)))
            tally = window.after
        return found

    def _demand_fit(self) -> None:
        for told in self.told.values():
            if told.decided.decision is None and told.misfit_count > MOST_MISFIT_SHARE * told.there:
                raise misfit_error(told.decided.column, told.misfit_count, told.there, told.misfits)

    def _told_of(
        self,
        sampled: Sampled,
        tally: RowTally,
        unlabelled: Sequence[int],
        guessed: int,
        aside: Sequence[SetAside],
    ) -> Read:
        table, rows = sampled.table(), sampled.rows + len(unlabelled)
        columns = tuple(told.of_all(table[name], rows) for name, told in self.told.items() if name in table)
        said = notes_of(self.sheet.names, self.label, self.said_label, unlabelled)
        message = f"from line {guessed} on there are bytes that are not UTF-8; they were read as Windows-1252"
        encoding = (Note("encoding", message, line=guessed),) if guessed else ()
        spelled = spelling_note(self.label, self.told[self.label].spellings)
        words = said if self._says_words() else naming_labels(tuple(said), table[self.label], aside)
        own = (*encoding, *tally.notes(), *words, *spelled, *infinite_notes(columns), *header_within(columns))
        notes = said_once((*self.notes, *self.sheet.notes), own)
        count = tally.set_aside_count + len(unlabelled)
        return Read(table, self.label, columns, notes, together(tally.set_aside, aside), count, unlabelled)


def _one_of_each(
    places: IndexArray, kept: Mapping[str, list[str]], step: int
) -> tuple[IndexArray, dict[str, list[str]]]:
    """The ``places`` of one row of each stretch of ``step``, and the cells ``kept`` of these."""
    on = chosen(places, step)
    return places[on], {name: list(compress(cells, on.tolist())) for name, cells in kept.items()}


def _in_one(cells: Sequence[str]) -> Callable[[], Iterator[list[list[str]]]]:
    return lambda: iter([[[cell] for cell in cells]])
