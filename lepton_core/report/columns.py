"""One column of a report: what it is, why, and what it holds."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from lepton_core.report.values import ColumnReport, ValueCount
from lepton_core.table import ColumnFigures, ReadingOptions, kind_of
from lepton_core.table.columns import Column, IndexArray
from lepton_core.table.csv_columns import ReadColumn
from lepton_core.table.spelling import Decision

MOST_TOP = 10
MISFITS_SHOWN = 20
_LETTERS = 60


@dataclass(frozen=True)
class Misfits:
    """The ``cells`` of a column that did not fit, counted in all rows: ``texts`` are the different ones, with the rows
    of each, the most frequent first, and ``where`` says where the first are, if they are many.

    Of very many texts not all are known: ``cells`` counts those, too.
    """

    cells: int = 0
    texts: tuple[ValueCount, ...] = ()
    where: str = ""

    @staticmethod
    def of(read: ReadColumn) -> "Misfits":
        """Those of a column of a file: what its reader met, and words so frequent that they became missing ones.

        >>> from lepton_core.table import Numbers
        >>> age = Numbers("age", np.array([31.0, np.nan, np.nan]))
        >>> read = ReadColumn(age, Decision("number", misfits={"k. A.": 1}), {1: "old"}, words={"k. A.": 1})
        >>> Misfits.of(read).cells, [one.text for one in Misfits.of(read).texts]
        (2, ['k. A.', 'old'])
        """
        seen = Counter(read.misfits.values() if read.counts is None else read.counts)
        cells = len(read.misfits) if read.misfit_count is None else read.misfit_count
        decided = () if read.decision is None else read.decision.misfits
        for text in decided:
            if read.words.get(text.strip()):
                seen[text] += read.words[text.strip()]
                cells += read.words[text.strip()]
        order = sorted(seen.items(), key=lambda one: (-one[1], one[0]))
        return Misfits(cells, tuple(ValueCount(text, rows) for text, rows in order), read.where)


@dataclass(frozen=True)
class Origin:
    """How a column was read: its ``decision``, None if its kind was known before, and the cells that did not fit.

    ``partial``: the decision saw some of the rows.
    """

    decision: Decision | None = None
    misfits: Misfits = Misfits()
    partial: bool = False

    @staticmethod
    def of(read: ReadColumn) -> "Origin":
        """That of a column of a file."""
        return Origin(read.decision, Misfits.of(read), read.partial)

    def counts(self) -> tuple[ValueCount, ...]:
        """The most frequent of the cells that did not fit."""
        return tuple(ValueCount(cut(one.text), one.rows) for one in self.misfits.texts[:MISFITS_SHOWN])

    @property
    def doubt(self) -> str:
        """What only a person can decide, with the cells of all rows that did not fit."""
        if self.decision is None:
            return ""
        texts = {one.text: one.rows for one in self.misfits.texts[:MISFITS_SHOWN]}
        return self.decision.doubt_of(texts, self.misfits.cells, partial=self.partial)


def column_report(
    column: Column,
    figures: ColumnFigures,
    origin: Origin,
    reading: ReadingOptions,
    whole: Column | None = None,
) -> ColumnReport:
    """All of it, from the cells of ``column``, perhaps a sample of the ``whole`` one, and the ``figures`` of all rows.

    Levels are counted in all rows: one that few rows have would be new in a later sample.

    >>> from lepton_core.table import Numbers
    >>> age = Numbers("age", np.array([31.0, 33.0, 31.0]))
    >>> found = column_report(age, ColumnFigures("age", "number", 0), Origin(), ReadingOptions())
    >>> found.why, found.distinct, found.top[0]
    ('as in the version before', 2, ValueCount(text='31', rows=2))
    """
    kind = kind_of(column)
    values, places = kind.distinct(column)
    rows = np.bincount(places[places >= 0], minlength=len(values))
    order = np.argsort(-rows, kind="stable")[:MOST_TOP]
    names = _names(column, places, order)
    whole = column if whole is None else whole
    bins = kind.histogram(whole if kind.has_levels else column)
    return ColumnReport(
        name=column.name,
        kind=column.kind,
        why=_why(column, origin, reading),
        notation=column.notation,
        missing=figures.missing,
        distinct=_distinct(len(values), whole) if figures.distinct is None else figures.distinct,
        mean=figures.mean,
        std=figures.std,
        min=figures.min,
        max=figures.max,
        drawing=kind.draw(column),
        top=tuple(ValueCount(cut(names[place]), int(rows[place])) for place in order.tolist()),
        misfits=origin.counts(),
        doubt=origin.doubt,
        bins=bins.as_dict(),
    )


def _distinct(seen: int, whole: Column) -> int:
    """How many values some rows of a column have; of one that seems constant, all rows."""
    return len(kind_of(whole).distinct(whole)[0]) if seen <= 1 else seen


def _names(column: Column, places: IndexArray, some: IndexArray) -> dict[int, str]:
    """The names of the values at ``some`` places (k,), by the place: to spell all values of a column takes long."""
    wanted = np.sort(some)
    row_of = np.zeros(int(places.max(initial=-1)) + 1, dtype=np.int64)
    there = np.flatnonzero(places >= 0)
    row_of[places[there]] = there
    found = kind_of(column).names(column.take(row_of[wanted])) if len(wanted) else ()
    return dict(zip(wanted.tolist(), found, strict=True))


def plain_report(figures: ColumnFigures) -> ColumnReport:
    """Kind and figures alone, of one of very many columns."""
    return ColumnReport(
        figures.name,
        figures.kind,
        "",
        figures.notation,
        figures.missing,
        figures.distinct,
        figures.mean,
        figures.std,
        figures.min,
        figures.max,
    )


def cut(text: str) -> str:
    """A cell as a report quotes it.

    >>> len(cut("a" * 100))
    63
    """
    return text if len(text) <= _LETTERS else text[:_LETTERS] + "..."


def _why(column: Column, origin: Origin, reading: ReadingOptions) -> str:
    if column.name in (reading.kinds or {}):
        return "somebody said so"
    return "as in the version before" if origin.decision is None else origin.decision.reason
