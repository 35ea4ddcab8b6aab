"""A text file that is larger than memory, read in one pass if its first rows are like the others.

The first rows decide of which kind each column is; of a column that is empty there its first cells do. Where later
cells do not fit, the column is decided again by rows from all of the file, and the file is read once more.
"""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Protocol

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.table.csv_columns import (
    ColumnReading,
    Wanted,
    cells_at,
    columns_from,
    decided_again,
    no_rows,
    unseen,
)
from lepton_core.table.files import CHUNK_ROWS, Note, Options, SetAside, Sheet
from lepton_core.table.files.few_wrong import demand_few
from lepton_core.table.files.records import MOST_SET_ASIDE, RowTally, SomeRows
from lepton_core.table.kinds import BY_NAME
from lepton_core.table.kinds.boolean import Boolean
from lepton_core.table.labels import (
    check_label,
    infer_label,
    is_label_name,
    likely_label,
    no_label,
    with_label,
)
from lepton_core.table.large.packed_cells import first_cells
from lepton_core.table.large.rows import TOGETHER, LargeRows, groups, open_rows
from lepton_core.table.large.sampled import Sampled
from lepton_core.table.large.text import LargeText, Pieces
from lepton_core.table.large.told import ColumnTold
from lepton_core.table.large.windows import WindowRows
from lepton_core.table.misfits import misfit_error, there
from lepton_core.table.parse import (
    MOST_MISFIT_SHARE,
    Read,
    demand_columns,
    header_within,
    infinite_notes,
    notes_of,
    said_once,
    spelling_note,
)
from lepton_core.table.table import Table
from lepton_core.table.unlabelled import absent_words, among_all, labels_among, naming_labels
from lepton_core.table.where import together, without_label

_PASSES = 20
_HASTY = 2
"""After so many passes that ended early the next one goes to the end of the file, to see whatever else changes."""


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
    window_bytes: int | None = None,
) -> LargeRead:
    r"""Give the rows of a text file to ``sink``, as `read_csv` reads them, with some windows of it in memory at a time.

    A window has about ``window_bytes``; by default 8 MB, or more of a very wide table.

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
    text = LargeText(pieces, options.encoding)
    options = replace(options, encoding=options.encoding and "utf-8")  # that is what it is now
    rows = open_rows(text, options, window_bytes)
    wanted, exclude = wanted_for(rows.sheet.names)
    demand_columns(rows.sheet.names, exclude, label)
    reading = _Reading(rows, text, wanted, exclude, label)
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

    rows: LargeRows
    text: LargeText
    wanted: Mapping[str, Wanted]
    exclude: Sequence[str]
    said_label: str | None
    label: str = ""
    told: dict[str, ColumnTold] = field(default_factory=dict)
    waiting: dict[str, ColumnReading] = field(default_factory=dict)
    """Columns without a cell so far, of the pass."""
    passes: int = 0
    is_in_vain: bool = False
    """Whether another pass has to follow this one."""
    is_sure: bool = False
    """Whether the label was found by all rows."""
    seen: int = 0
    """The rows that tell how many cells a column has."""

    def __post_init__(self) -> None:
        self.label = infer_label(self.kept) if self.said_label is None else self.said_label
        self._decide(frozenset(self.sheet.names))
        if not self.told[self.label].waits:
            self._relabel(self._likely_label())

    @property
    def sheet(self) -> Sheet:
        """The head of the file."""
        return self.rows.sheet

    @property
    def kept(self) -> list[str]:
        """The columns that are not left out."""
        return [name for name in self.sheet.names if name not in self.exclude]

    def read_all(self, sink: Sink) -> LargeRead:
        """One pass. Raises `_AnotherPass` if it showed that a column is to be read in another way."""
        sampled, unlabelled, said, tally, rows = Sampled(), array("q"), None, self.rows.tally(), 0
        aside: list[SetAside] = []
        self._begin()
        for window, note in self.rows.windows():
            window.before = window.after = tally
            table = self._table(window, rows)
            tally = window.after
            said = said or note
            if table is None:
                continue
            gone = np.flatnonzero(table[self.label].missing)
            unlabelled.extend((gone + rows).tolist())
            if len(gone) and len(aside) < MOST_SET_ASIDE:
                some = gone.tolist()[: MOST_SET_ASIDE - len(aside)]
                aside += without_label(window.rows_at(some), window.names, self.label)
            rows += table.rows
            labelled = with_label(table, self.label)
            if labelled.rows and not self.is_in_vain:
                self._check(labelled, sampled.rows)
                sampled.take(labelled)
                sink.take(labelled)
        if not rows:
            raise no_rows()
        self.seen = rows
        self._end()
        demand_few(tally, self.rows.options, self.sheet.dialect.delimiter)
        self._demand_fit()
        if not sampled.rows:
            raise no_label(self.label, () if self._says_words() else labels_among(one.text for one in aside))
        return LargeRead(self._told_of(sampled, tally, unlabelled, said, aside), sampled.rows)

    def _begin(self) -> None:
        self.passes, self.is_in_vain = self.passes + 1, False
        for told in self.told.values():
            told.begin()
        waiting = (name for name, told in self.told.items() if told.waits)
        self.waiting = self._readings(islice(waiting, TOGETHER))

    def _end(self) -> None:
        """Decide what the whole file had to be seen for. Raises `_AnotherPass`."""
        self._found(self.waiting)
        waiting = [name for name, told in self.told.items() if told.waits]
        for some in groups(waiting, TOGETHER):
            readings = self._readings(some)
            self.rows.give(readings)
            self._found(readings)
        self._decide_again([name for name in self.told if self._is_doubtful(name)])
        if not self.is_in_vain:
            known = self.wanted.get(self.label, Wanted()).notation
            self._tell(self.label, self.told[self.label].spelled(known))
        if self.is_in_vain:
            raise _AnotherPass
        self._demand_label()

    def _table(self, window: WindowRows, row: int) -> Table | None:
        """The rows of a window, the first of which is ``row``; None if it has none."""
        begun = self._told_to_waiting(window.blocks())
        first = next(begun, None)
        if first is None:
            return None
        wanted = {name: told.read for name, told in self.told.items()}
        # What its first rows tell is told already.
        made = columns_from(
            window.names, lambda: chain([first], begun), wanted, label=self.label, first_rows=0
        )
        for one in made:
            self.told[one.column.name].add(one, row, window)
        self._found({name: one for name, one in self.waiting.items() if not one.is_waiting})
        if self.passes <= _HASTY:
            # All cells of a label that do not fit have a say in what it is, and these are known at the end.
            self._decide_again([name for name in self.told if name != self.label and self._is_doubtful(name)])
            if self.is_in_vain:
                raise _AnotherPass
        return Table(tuple(one.column for one in made if one.column.name not in self.exclude))

    def _told_to_waiting(self, blocks: Iterator[SomeRows]) -> Iterator[SomeRows]:
        for block in blocks:
            self.rows.give_block(self.waiting, block)
            yield block

    def _readings(self, names: Iterable[str]) -> dict[str, ColumnReading]:
        return {
            name: ColumnReading(
                name, self.wanted.get(name, Wanted()), is_label=name == self.label, only_first=True
            )
            for name in names
        }

    def _decide(self, names: Set[str]) -> None:
        """Decide by the first rows. A column that is empty there waits for its first cells."""
        for name, cells in first_cells(self.rows, names, CHUNK_ROWS):
            if not cells:
                raise no_rows()
            [reading] = self._readings([name]).values()
            reading.take_first(cells)
            waits = reading.is_waiting and len(cells) == CHUNK_ROWS
            reading.end()
            made, self.seen = reading.made(), len(cells)
            self.told[name] = replace(ColumnTold.of(made), waits=waits, there=there(made))

    def _found(self, readings: Mapping[str, ColumnReading]) -> None:
        """What ``readings`` of columns that waited show."""
        for name, reading in readings.items():
            reading.end()
            self._tell(name, self.told[name].again(reading.made(), is_settled=False))
        self.waiting = {name: one for name, one in self.waiting.items() if name not in readings}

    def _tell(self, name: str, told: ColumnTold) -> None:
        self.told[name] = told
        self.is_in_vain |= told.is_new

    def _likely_label(self) -> str:
        """The label, if nobody said it: not a column that only tells rows apart, or has few cells or no name."""
        if self.is_sure or self.said_label is not None or is_label_name(self.label):
            return self.label
        can_be = {name: self.told[name].there for name in self.kept if self.told[name].is_feature}
        return likely_label(can_be, self.seen) if can_be else infer_label(self.kept)

    def _demand_label(self) -> None:
        """Raise `_AnotherPass` if another column is the label after all."""
        likely = self._likely_label()
        self.is_sure = True
        if self._relabel(likely):
            raise _AnotherPass

    def _relabel(self, label: str) -> bool:
        """Take ``label`` for the label, whose cells are classes; whether it was another one."""
        if label == self.label:
            return False
        before, self.label = self.label, label
        self._decide({before, label})
        return True

    def _is_doubtful(self, name: str) -> bool:
        """Whether there are cells that do not fit, and may make another kind of a column."""
        told = self.told[name]
        if not told.misfit_count or told.waits or told.is_settled or told.is_new:
            return False
        return self._is_found(name) or bool(BY_NAME[told.read.kind or ""].wider)

    def _is_found(self, name: str) -> bool:
        """Whether a column's cells decide of which kind it is: nobody said it, or it is a label with another class."""
        told, is_said = self.told[name], self.wanted.get(name, Wanted()).is_said
        may_get_classes = name == self.label and told.read.kind == Boolean.name and not is_said
        return told.decided.decision is not None or may_get_classes

    def _decide_again(self, doubtful: Collection[str]) -> None:
        """Decide by rows from all of the file."""
        if not doubtful:
            return
        wanted = {name: self._wanted_again(name) for name in doubtful}
        unknown = [name for name, one in wanted.items() if one.kind is None or one.notation is None]
        cells, rows = self.rows.sample(unknown)
        for name, one in wanted.items():
            before, some = self.told[name], cells.get(name, [])
            seen = [*some, *self._missed(name, some)] if name in cells else []
            made = decided_again(name, seen, rows, one, is_label=name == self.label)
            made = replace(made, absent=before.decided.absent, looked=before.decided.looked)
            self._tell(name, before.again(made, is_settled=True))

    def _wanted_again(self, name: str) -> Wanted:
        """What is known of a column with cells that do not fit: of which kind it was said to be, or the wider one."""
        wanted, told = self.wanted.get(name, Wanted()), self.told[name]
        if told.decided.decision is not None:
            return wanted
        if self._is_found(name):
            return replace(wanted, kind=None, notation=None)
        return replace(wanted, kind=BY_NAME[told.read.kind or ""].wider)

    def _missed(self, name: str, cells: Sequence[str]) -> list[str]:
        """What `unseen` gives once all cells that do not fit are known; of most columns some suffice."""
        told, seen = self.told[name], set(cells)
        missed = unseen(told.texts, seen, every=name == self.label)
        if missed and name != self.label:
            [made] = columns_from([name], lambda: iter([[[cell] for cell in cells]]), {name: told.read})
            return [] if made.misfits else missed
        return missed

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
        place, found = self.sheet.names.index(self.label), list[str]()
        for block in self.rows.blocks():
            found = absent_words(chain(found, cells_at(block, place)))
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
        encoding: Note | None,
        aside: Sequence[SetAside],
    ) -> Read:
        table, rows = sampled.table(), sampled.rows + len(unlabelled)
        columns = tuple(told.of_all(table[name], rows) for name, told in self.told.items() if name in table)
        said = notes_of(self.kept, self.label, self.said_label, unlabelled)
        of_file = self.sheet.notes
        if not any(one.code == "encoding" for one in of_file):
            of_file = (*(self.text.notes or filter(None, [encoding])), *of_file)
        spelled = spelling_note(self.label, self.told[self.label].spellings)
        words = said if self._says_words() else naming_labels(tuple(said), table[self.label], aside)
        own = (
            *tally.notes(),
            *words,
            *spelled,
            *infinite_notes(columns),
            *header_within(columns, unlabelled),
        )
        notes = said_once(of_file, own)
        count = tally.set_aside_count + len(unlabelled)
        read = Read(table, self.label, columns, notes, together(tally.set_aside, aside), count, unlabelled)
        return replace(read, places=among_all(sampled.places(), unlabelled))
