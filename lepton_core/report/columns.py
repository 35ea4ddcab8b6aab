"""One column of a report: what it is, why, and what it holds."""

from collections import Counter
from collections.abc import Mapping
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
class Origin:
    """How a column was read: its ``decision``, None if its kind was known before, and the cells that did not fit."""

    decision: Decision | None = None
    misfits: Mapping[int, str] | None = None

    @staticmethod
    def of(read: ReadColumn) -> "Origin":
        """That of a column of a file."""
        return Origin(read.decision, read.misfits)

    def counts(self) -> tuple[ValueCount, ...]:
        """The cells that did not fit, the most frequent first."""
        # A word that is frequent is taken for a missing cell: only the decision has it then.
        seen = Counter((self.misfits or {}).values())
        if self.decision is not None:
            seen |= Counter(self.decision.misfits)
        order = sorted(seen.items(), key=lambda one: (-one[1], one[0]))
        return tuple(ValueCount(cut(text), rows) for text, rows in order[:MISFITS_SHOWN])


def column_report(
    column: Column, figures: ColumnFigures, origin: Origin, reading: ReadingOptions
) -> ColumnReport:
    """All of it, from the cells of ``column``, perhaps of a sample, and the ``figures`` of all rows.

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
    bins = kind.histogram(column)
    return ColumnReport(
        name=column.name,
        kind=column.kind,
        why=_why(column, origin, reading),
        notation=column.notation,
        missing=figures.missing,
        distinct=len(values) if figures.distinct is None else figures.distinct,
        mean=figures.mean,
        std=figures.std,
        min=figures.min,
        max=figures.max,
        drawing=kind.draw(column),
        top=tuple(ValueCount(cut(names[place]), int(rows[place])) for place in order.tolist()),
        misfits=origin.counts(),
        doubt="" if origin.decision is None else origin.decision.doubt,
        bins=bins.as_dict(),
    )


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
