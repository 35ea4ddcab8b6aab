"""What is known of one column of a file while it is read in windows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lepton_core.table.columns import Column
from lepton_core.table.csv_columns import ReadColumn, Wanted
from lepton_core.table.kinds import BY_NAME, kind_of
from lepton_core.table.label_texts import MOST_LABEL_TEXTS, spelled_as_read, with_notation
from lepton_core.table.large.windows import WindowRows
from lepton_core.table.misfits import there
from lepton_core.table.schema import ColumnSchema
from lepton_core.table.spelling.decision import bare
from lepton_core.table.where import SHOWN_LINES, said_where

_KEPT_MISFITS = 10_000
"""So many cells, and different texts, of a column that do not fit are kept; all cells are counted."""


@dataclass
class ColumnTold:
    """How one column is ``read``, what its first rows or later ones ``decided``, and what did not fit in this pass.

    ``waits``: it has no cell in the rows that were looked at, and its first ones decide. ``is_settled``: rows from all
    of the file decided. ``is_new``: it was decided in this pass, the rows of which were read in another way.
    """

    decided: ReadColumn
    read: Wanted
    waits: bool = False
    is_settled: bool = False
    is_new: bool = False
    misfits: dict[int, str] = field(default_factory=dict)
    misfit_count: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    where: list[int] = field(default_factory=list)
    there: int = 0
    spellings: dict[str, Sequence[str]] = field(default_factory=dict)
    label_texts: Counter[str] | None = field(default_factory=Counter)

    @classmethod
    def of(cls, decided: ReadColumn) -> "ColumnTold":
        """What a column of some rows, which are not kept, tells of all of it."""
        made = decided.column
        known = ColumnSchema(made.name, made.kind, (), made.notation, made.missing_words)
        decided = replace(decided, column=BY_NAME[made.kind].reader(known, 0).column(), misfits={}, words={})
        return cls(decided, Wanted(made.kind, made.notation, made.missing_words, is_final=True))

    @property
    def is_feature(self) -> bool:
        """Whether it is of a kind that says something of a row, and does not only tell rows apart, or is empty."""
        return not BY_NAME[self.read.kind or ""].left_out

    def spelled(self, known: str | None) -> "ColumnTold":
        """What is told of a label once all its texts are known; ``known`` is its notation in an earlier file.

        The classes are called as in a file that is read at once: by most of all cells, and not of the first ones.
        """
        made, is_first = self.decided.column, known is None or self.decided.decision is not None
        if not kind_of(made).quantitative:
            return self
        notation = bare(self.read.notation or "") if known is None or is_first else known
        made = with_notation(made, notation)
        column, spellings = spelled_as_read(made, self.label_texts or {}, is_first=is_first)
        if column.notation == self.read.notation:
            return replace(self, spellings=dict(spellings))
        found = ColumnTold.of(replace(self.decided, column=column))
        return replace(found, is_settled=self.is_settled, is_new=True)

    def again(self, decided: ReadColumn, *, is_settled: bool) -> "ColumnTold":
        """What is told of it once it is ``decided`` in another way, or in the same: then this pass goes on."""
        found = ColumnTold.of(decided)
        if found.read == self.read:
            return replace(self, decided=found.decided, waits=False, is_settled=is_settled)
        return replace(found, is_settled=is_settled, is_new=True)

    def begin(self) -> None:
        """Another pass."""
        self.is_new = False
        self.misfits, self.misfit_count, self.there, self.spellings = {}, 0, 0, {}
        self.texts, self.words, self.where = Counter(), Counter(), []
        self.label_texts = Counter()

    def add(self, made: ReadColumn, row: int, window: WindowRows) -> None:
        """The cells of a ``window``, from ``row`` on."""
        if made.misfits and len(self.where) < SHOWN_LINES:
            some = sorted(made.misfits)[: SHOWN_LINES - len(self.where)]
            self.where += [line for line, _ in window.rows_at(some)]
        for at, text in made.misfits.items():
            if len(self.misfits) < _KEPT_MISFITS:
                self.misfits[row + at] = text
            if text in self.texts or len(self.texts) < _KEPT_MISFITS:
                self.texts[text] += 1
        self.words.update(made.words)
        self._count_texts(made.texts)
        self.read = replace(self.read, notation=made.column.notation)  # of a label it grows with its classes
        self.misfit_count += len(made.misfits)
        self.there += there(made)

    def _count_texts(self, texts: Mapping[str, int] | None) -> None:
        if texts is None or self.label_texts is None:
            self.label_texts = None
            return
        self.label_texts.update(texts)
        if len(self.label_texts) > MOST_LABEL_TEXTS:
            self.label_texts = None

    def of_all(self, column: Column, rows: int) -> ReadColumn:
        """The column as it was read, of which ``column`` has some of the ``rows``."""
        return replace(
            self.decided,
            column=column,
            misfits=self.misfits,
            spellings={},
            words=self.words,
            partial=self.decided.decided_by < rows,
            counts=self.texts,
            misfit_count=self.misfit_count,
            where=said_where(self.where, self.texts),
        )
