"""What a report says, as values: they are stored, sent and shown."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lepton_core.monitor import Drift
from lepton_core.remedy import Remedy, RemedyRequest
from lepton_core.table.files import SetAside
from lepton_core.table.kinds.base import Drawing

FORMAT = 2
"""Of a report as JSON: that of one whose classes are counted in more rows than it looked at; else it is 1."""

BinsDocument = dict[str, Any]
"""Bins as `Bins.as_dict` writes them: a document of the engine."""

Level = Literal["warning", "note"]


@dataclass(frozen=True)
class Finding:
    """Something to know before training: ``code`` for programs, ``message`` for people.

    ``remedy`` is a call that can be pasted, with ``path`` for the file (``frame`` for columns of a program),
    ``held_out`` for a second one and ``model`` for the model; empty if there is none. ``request`` says the same over
    HTTP; None where no request does. ``remedies`` are the calls of it, and the arguments that the message offers.
    A 'note' says what was guessed or done; a 'warning' is likely wrong, or misleads a model.
    """

    code: str
    message: str
    remedy: str = ""
    column: str | None = None
    level: Level = "warning"
    request: RemedyRequest | None = None
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class ValueCount:
    """How many cells hold a text."""

    text: str
    rows: int


@dataclass(frozen=True)
class ColumnReport:
    """One column: what it is, ``why``, and what it holds.

    ``missing`` counts its cells without a value, ``distinct`` its different values. ``mean`` to ``max`` are None where
    the kind has no such figure. ``drawing`` is a picture of it; ``top`` are its most frequent values, ``misfits`` the
    texts that were none of its kind. ``doubt`` is what only a person can decide. ``bins`` and ``by_class`` (bins x
    classes: rows of each class in each bin) are what a later version is compared with. A very wide table has all but
    kind and figures for its first columns only.
    """

    name: str
    kind: str
    why: str
    notation: str = ""
    missing: int = 0
    distinct: int | None = None
    mean: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    drawing: Drawing | None = None
    top: tuple[ValueCount, ...] = ()
    misfits: tuple[ValueCount, ...] = ()
    doubt: str = ""
    bins: BinsDocument | None = None
    by_class: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class LabelReport:
    """The column to be predicted: its ``classes`` with how many of ``rows`` each has, the most frequent first.

    ``rows`` are all of the table; 0 in an older report, whose classes are those of its `Report.sampled` rows. A
    quantity has none, but a ``cut``, its median: what is above it is the second of two classes, where classes are
    needed. ``told`` is how well the other columns, each by itself, tell the classes of rows that were held out (AUC,
    0.5: not at all; None: too few rows).
    """

    name: str
    classes: tuple[ValueCount, ...] = ()
    cut: float | None = None
    told: float | None = None
    rows: int = 0


@dataclass(frozen=True)
class Retyped:
    """A column whose kind is another one than before."""

    name: str
    before: str
    now: str


@dataclass(frozen=True)
class Changes:
    """What differs from version ``since`` of the data set; of a column, ``drift`` is how far it moved.

    ``new_levels`` counts the texts that are new, by column. ``told`` is how well the columns tell the label of this
    version by what they told of it before: `LabelReport.told` if nothing changed.
    """

    since: int
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    drift: tuple[Drift, ...] = ()
    label_drift: Drift | None = None
    new_levels: dict[str, tuple[ValueCount, ...]] = field(default_factory=dict)
    told: float | None = None


@dataclass(frozen=True)
class Report:
    """What is to know of a version of a data set before anything is trained on it.

    ``rows`` are those of the table, ``sampled`` those that drawings, top values and bins of numbers are of.
    ``set_aside`` has the first of the ``set_aside_count`` rows that could not be read or have no label, of which there
    are ``unlabelled``. ``duplicates`` counts the rows, of those sampled, that are copies of earlier ones. ``held`` says
    why no model is trained on the version by itself; empty if it is not held.
    """

    rows: int
    sampled: int
    label: LabelReport
    columns: tuple[ColumnReport, ...]
    findings: tuple[Finding, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    set_aside_count: int = 0
    unlabelled: int = 0
    duplicates: int = 0
    changes: Changes | None = None
    held: tuple[str, ...] = ()
    format: int = 1

    def of_first(self, columns: int) -> "Report":
        """The same of the first so many columns, and of the label; a finding says how many there are besides.

        >>> report = Report(1, 1, LabelReport("b"), tuple(ColumnReport(name, "number", "") for name in "abc"))
        >>> [one.name for one in report.of_first(1).columns], report.of_first(1).findings[0].message
        (['a', 'b'], 'of 3 columns 2 are listed; describe tells the figures of all')
        """
        kept = tuple(
            one for at, one in enumerate(self.columns) if at < columns or one.name == self.label.name
        )
        if len(kept) == len(self.columns):
            return self
        said = f"of {len(self.columns)} columns {len(kept)} are listed; describe tells the figures of all"
        note = Finding("columns_not_listed", said, level="note")
        return replace(self, columns=kept, findings=(*self.findings, note))

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are no mere notes."""
        return tuple(one for one in self.findings if one.level == "warning")

    def codes(self, column: str | None = None) -> frozenset[str]:
        """The codes of all findings, or of those of one column."""
        return frozenset(one.code for one in self.findings if column in (None, one.column))


@dataclass(frozen=True)
class RowDifference:
    """Rows that only one of two versions has: how many, and the first of them, each with a cell a column.

    ``columns`` are the first ones; ``more_columns`` are not shown.
    """

    count: int
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more_columns: int = 0


@dataclass(frozen=True)
class Difference:
    """What changed from version ``since``, which had ``rows_before``, to ``version``, which has ``rows_now``.

    Rows are compared by what they hold in the columns ``compared``, which both have, and by how manyth copy of that
    they are; ``kept`` are in both. ``changes`` are those of columns, and how far each moved, as the report of a version
    has them; without drift where there is no report of the earlier one.
    """

    since: int
    version: int
    rows_before: int
    rows_now: int
    kept: int
    compared: tuple[str, ...]
    added: RowDifference
    removed: RowDifference
    label_before: str
    label_now: str
    changes: Changes
