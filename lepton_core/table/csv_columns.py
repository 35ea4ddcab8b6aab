"""Columns from the texts of their cells, a chunk at a time: the first rows say of which kind each is."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.remedy import call
from lepton_core.table.columns import Column, IndexArray
from lepton_core.table.files import CHUNK_ROWS
from lepton_core.table.files.splitting import SpanRows
from lepton_core.table.kinds import BY_NAME
from lepton_core.table.kinds.base import Reader
from lepton_core.table.kinds.boolean import Boolean
from lepton_core.table.kinds.category_bins import ENOUGH_ROWS
from lepton_core.table.label_texts import LabelTexts, spelled_as_read
from lepton_core.table.schema import ColumnSchema
from lepton_core.table.spelling import (
    MISSING_SPELLINGS,
    Decision,
    is_missing,
    recognise,
)
from lepton_core.table.stretches import one_of_each

RECOUNTED_ROWS = 20_000
"""So many rows at most, one of each stretch, by which a column is decided again: enough to tell, and few beside the
reading."""

Blocks = Callable[[], Iterator[SpanRows | list[list[str]]]]

_AS_ROW = call(header=False)


@dataclass(frozen=True)
class Wanted:
    """What somebody said of a column, or an earlier version of it decided; None where nobody did.

    ``decimal`` is the sign before a fraction, if it is a column of numbers; ``day_first``, of dates, whether the day is
    before the month. ``is_final``: no cell changes the kind. ``is_said``: somebody named the kind.
    """

    kind: str | None = None
    notation: str | None = None
    missing_words: tuple[str, ...] | None = None
    decimal: str = ""
    day_first: bool | None = None
    is_final: bool = False
    is_said: bool = False


@dataclass(frozen=True)
class ReadColumn:
    """A column, why it is of its kind, and its cells that are not: by row, from 0. Those count as missing.

    ``spellings`` are, of a label, the other spellings of classes that a file spells in several ways. ``absent`` are the
    words that count as missing, with how often each occurs in the first ``looked`` rows. ``words`` are those of them
    that came so often among numbers that they stand for a missing cell, with how often in all rows. ``partial``: some
    of the rows decided, and not all. Of a file in pieces ``misfits`` has the first cells only; ``counts`` are how often
    the texts of them came, and ``misfit_count`` is how many cells there are. ``where`` says where the first of them
    are, if they are of many different texts. ``decided_by`` cells it was decided, 0 if somebody said what it is.
    ``texts`` are those of a label with how often each came; nothing if there are too many.
    """

    column: Column
    decision: Decision | None
    misfits: Mapping[int, str] = field(default_factory=dict)
    spellings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    absent: Mapping[str, int] = field(default_factory=dict)
    looked: int = 0
    words: Mapping[str, int] = field(default_factory=dict)
    partial: bool = False
    counts: Mapping[str, int] | None = None
    misfit_count: int | None = None
    where: str = ""
    decided_by: int = 0
    texts: Mapping[str, int] | None = None


def columns_from(
    names: Sequence[str],
    blocks: Blocks,
    wanted: Mapping[str, Wanted] | None = None,
    *,
    label: str | None = None,
    first_rows: int = CHUNK_ROWS,
    rows: int = 0,
) -> tuple[ReadColumn, ...]:
    """The columns ``names`` of the rows that ``blocks()`` gives, each of the kind that `recognise` finds.

    The ``first_rows`` decide, of a column whose cells there are all missing as many more; ``blocks`` is called again
    for a column with a later cell that does not fit, which is then decided by cells from all of its rows, of up to
    10,000 rows by all. How many rows a block has makes no difference. A column of which ``wanted`` names the kind is
    read as that, or as the kind that is wider (`Kind.wider`), whatever its cells are; ``decision`` is None for such a
    one. ``label`` is to be predicted: if it was one of yes and no, which nobody said, and has another class now, its
    cells decide anew. About so many ``rows`` are expected, 0 if nobody knows.

    Raises `InvalidData` for no rows.

    >>> [one.column for one in columns_from(["a", "b"], lambda: iter([[["1.5", "x"], ["", "y"], ["2", "x"]]]))]
    [Numbers(name='a', values=array([1.5, nan, 2. ]), kind='number'),
     Categories(name='b', codes=array([0, 1, 0], dtype=int32), levels=('x', 'y'), kind='category')]
    """
    said = wanted or {}
    columns = [
        ColumnReading(name, said.get(name, Wanted()), first_rows, rows, is_label=name == label)
        for name in names
    ]
    seen = 0
    for block in blocks():
        of_columns = block.columns() if isinstance(block, SpanRows) else zip(*block, strict=True)
        for column, cells in zip(columns, of_columns, strict=True):
            column.take(cells)
        seen += len(block)
    if not seen:
        raise no_rows()
    for column in columns:
        column.end()
    _read_again(columns, blocks, seen)
    return tuple(column.made() for column in columns)


def _read_again(columns: Sequence["ColumnReading"], blocks: Blocks, rows: int) -> None:
    late = [(place, column) for place, column in enumerate(columns) if column.is_in_doubt]
    if not late:
        return
    counts = [Counter[str]() for _ in late]
    places, row = one_of_each(rows, RECOUNTED_ROWS), 0
    for block in blocks():
        begin, end = np.searchsorted(places, (row, row + len(block))).tolist()
        some = rows_at(block, places[begin:end] - row)
        row += len(block)
        for (place, _), seen in zip(late, counts, strict=True):
            seen.update(cells_at(some, place))
    for (_, column), seen in zip(late, counts, strict=True):
        seen.update(column.missed(seen))
    changed = [
        (place, column)
        for (place, column), seen in zip(late, counts, strict=True)
        if column.widen(seen, rows)
    ]
    for block in blocks() if changed else ():
        for place, column in changed:
            column.take(cells_at(block, place))


def decided_again(
    name: str, cells: Sequence[str], rows: int, wanted: Wanted, *, is_label: bool = False
) -> ReadColumn:
    """The column of some ``cells``, from all of the ``rows`` of a file, by which it is decided as by its first rows.

    >>> decided_again("a", ["1", "x", "y"], 90, Wanted()).column.kind
    'category'
    """
    reading = ColumnReading(name, wanted, len(cells), len(cells), is_label=is_label)
    if wanted.kind is None or wanted.notation is None:
        reading.decide(Counter(cells), rows)
    reading.take(cells)
    reading.end()
    return reading.made()


def unseen(misfits: Collection[str], seen: Collection[str], *, every: bool) -> list[str]:
    """Texts that did not fit, of rows of which only some were ``seen``: all that were not seen, or one if none was.

    >>> unseen(["x", "y", "x"], {"1", "2"}, every=False), unseen(["x", "y"], {"1", "x"}, every=False)
    (['x'], [])
    """
    missed = [text for text in dict.fromkeys(misfits) if text not in seen]
    if every:
        return missed
    return missed[:1] if not any(text in seen for text in misfits) else []


def rows_at(block: SpanRows | list[list[str]], places: IndexArray) -> SpanRows | list[list[str]]:
    """The rows of a ``block`` at these ``places`` (k,)."""
    return block.at(places) if isinstance(block, SpanRows) else [block[at] for at in places.tolist()]


def cells_at(block: SpanRows | list[list[str]], place: int) -> Sequence[str]:
    """The cells of the column ``place`` in a ``block``.

    >>> cells_at([["1", "x"], ["2", "y"]], 1)
    ['x', 'y']
    """
    return block.column(place) if isinstance(block, SpanRows) else [record[place] for record in block]


class ColumnReading:
    """One column being read: its cells so far, until one of them says something; then its reader.

    ``only_first``: somebody wants to know how it is decided, not the column; of what is missing before its first cell
    only the number is kept.

    >>> reading = ColumnReading("a", Wanted(), first_rows=2, only_first=True)
    >>> reading.take_first(["", "", "", "7", "8", "x"]), reading.is_waiting
    (['8', 'x'], False)
    >>> reading.made().column.kind
    'integer'
    """

    def __init__(
        self,
        name: str,
        wanted: Wanted,
        first_rows: int = CHUNK_ROWS,
        rows: int = 0,
        *,
        is_label: bool = False,
        only_first: bool = False,
    ) -> None:
        self._name = name
        self._wanted = wanted
        self._first_rows = first_rows
        self._rows = rows
        self._is_label = is_label
        self._only_first = only_first
        self._words = MISSING_SPELLINGS if wanted.missing_words is None else frozenset(wanted.missing_words)
        self._decision: Decision | None = None
        self._reader: Reader | None = None
        self._passed = Counter[str]()
        self._held: list[Sequence[str]] = []
        self._held_rows = 0
        self._texts: LabelTexts | None = None
        self._absent = Counter[str]()
        self._looked = 0
        self._decided_by = 0
        self._looks = True
        if wanted.kind is not None and wanted.notation is not None:
            self._begin(wanted.kind, wanted.notation)

    @property
    def is_waiting(self) -> bool:
        """Whether the next cells have a say in how the column is read, or are counted."""
        return self._looks

    @property
    def is_in_doubt(self) -> bool:
        """Whether a cell does not fit to what the first cells seemed to be, or were before."""
        return self._reader is not None and bool(self._reader.misfits) and not self._is_final

    @property
    def _is_final(self) -> bool:
        known = self._wanted.kind
        if self._wanted.is_final:
            return True
        return known is not None and not BY_NAME[known].wider and not self._may_get_classes

    @property
    def _may_get_classes(self) -> bool:
        return self._is_label and self._wanted.kind == Boolean.name and not self._wanted.is_said

    def take(self, cells: Sequence[str]) -> None:
        """The next cells; the first ones that are not all missing decide."""
        if self._looks:
            cells = self.take_first(cells)
        if len(cells):
            self._read(cells)

    def take_first(self, cells: Sequence[str]) -> Sequence[str]:
        """Of the next cells those that decide; the others are given back."""
        while self._looks and len(cells):
            room = self._first_rows - (self._held_rows if self._reader is None else self._looked)
            some, cells = cells[:room], cells[room:]
            if self._reader is None:
                self._held.append(some)
                self._held_rows += len(some)
                if len(some) == room:
                    self._decide_held()
            else:
                self._look(Counter(some))
                self._looks = len(some) < room
                self._read(some)
        return cells

    def _decide_held(self) -> None:
        """Decide by the cells so far, unless they are all missing."""
        held = Counter(chain.from_iterable(self._held))
        if all(is_missing(cell, self._words) for cell in held):
            self._passed.update(held)
            self._held, self._held_rows = [], 0
        else:
            self._decide_by(held)

    def _decide_by(self, held: Counter[str]) -> None:
        counts = self._passed + held
        self._look(counts)
        self.decide(counts, counts.total())
        for text, many in () if self._only_first else self._passed.items():
            self._read([text] * many)
        for cells in self._held:
            self._read(cells)
        self._passed, self._held, self._looks = Counter(), [], False

    def _look(self, counts: Counter[str]) -> None:
        """Count the words for a missing cell in the first rows."""
        for text, many in counts.items():
            if text.strip() in self._words and text.strip():
                self._absent[text.strip()] += many
        self._looked += counts.total()

    def missed(self, seen: Collection[str]) -> list[str]:
        """Texts that did not fit and are not among those ``seen``: all of a label, whose classes count, else one."""
        assert self._reader is not None  # noqa: S101  (it is in doubt)
        return unseen(self._reader.misfits.values(), seen, every=self._is_label)

    def widen(self, counts: Mapping[str, int], rows: int) -> bool:
        """Decide again, by all cells, which do not all fit; whether that changed anything: then take them again."""
        if self._may_get_classes:
            self._wanted = Wanted(missing_words=self._wanted.missing_words)
        if self._wanted.kind is None:
            return self.decide(counts, rows)
        wider = BY_NAME[self._wanted.kind].wider
        self._begin(wider, self._wanted.notation or self._notation(wider, counts))
        return True

    def decide(self, counts: Mapping[str, int], rows: int) -> bool:
        """Decide by these cells; whether that changed anything."""
        if self._wanted.kind is not None:
            self._begin(self._wanted.kind, self._notation(self._wanted.kind, counts))
            return True
        before, self._decision = (
            self._decision,
            recognise(
                counts,
                rows=rows,
                missing=self._words,
                is_label=self._is_label,
                decimal=self._wanted.decimal,
                day_first=self._wanted.day_first,
            ),
        )
        found = self._decision
        self._decided_by = sum(counts.values())
        words = self._words_with(found)
        same = before is not None and (before.kind, before.notation) == (found.kind, found.notation)
        if same and before is not None and words == self._words_with(before):
            return False
        notation = self._notation(Boolean.name, counts) if found.kind == Boolean.name else found.notation
        self._begin(found.kind, notation, words)
        return True

    def _notation(self, kind: str, counts: Mapping[str, int]) -> str:
        wanted = self._wanted
        return BY_NAME[kind].find_notation(
            counts, self._words, decimal=wanted.decimal, day_first=wanted.day_first
        )

    def _words_with(self, found: Decision) -> tuple[str, ...] | None:
        """What stands for a missing cell: the words among numbers, too, if they occur in enough rows to be no name."""
        more = {text for text, rows in found.misfits.items() if rows >= ENOUGH_ROWS}
        return tuple(sorted(self._words | more)) if more else self._wanted.missing_words

    def end(self) -> None:
        """There are no more cells: a column that no cell says anything of is empty."""
        if self._reader is None:
            self._decide_by(Counter(chain.from_iterable(self._held)))
        self._looks = False

    def made(self) -> ReadColumn:
        """The column of all cells."""
        assert self._reader is not None  # noqa: S101  (`end` was called)
        column, misfits = self._reader.column(), dict(self._reader.misfits)
        words, partial = dict(self._reader.words), self._decided_by < len(column)
        self._reader = None  # it holds as much as the column
        is_first = self._wanted.notation is None
        texts = {} if self._texts is None else self._texts.counts
        column, spellings = spelled_as_read(column, texts or {}, is_first=is_first)
        absent = dict(sorted(self._absent.items(), key=lambda one: (-one[1], one[0])))
        return ReadColumn(
            column, self._decision, misfits, spellings, absent, self._looked, words, partial,
            decided_by=self._decided_by, texts=texts,
        )  # fmt: skip

    def _begin(self, kind: str, notation: str, words: tuple[str, ...] | None = None) -> None:
        known = ColumnSchema(self._name, kind, (), notation, words or self._wanted.missing_words)
        self._reader = BY_NAME[kind].reader(known, self._rows)
        self._texts = LabelTexts() if self._is_label else None

    def _read(self, cells: Sequence[str]) -> None:
        assert self._reader is not None  # noqa: S101  (its kind is decided)
        self._reader.take(cells)
        if self._texts is not None:
            self._texts.take(cells)


def no_rows() -> InvalidData:
    """The error for a file that has a header alone."""
    what = "there are no rows below the header; add some, or, if its line is a row, read it so"
    return InvalidData(f"{what}: {_AS_ROW}", remedies=(_AS_ROW,))
