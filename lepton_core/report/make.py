"""The report of a table that was read from a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lepton_core.report import column_findings, held, table_findings
from lepton_core.report.absent import Absent
from lepton_core.report.changes import Comparison, compare
from lepton_core.report.columns import Misfits, Origin, column_report, plain_report
from lepton_core.report.kept_words import of_kept_words
from lepton_core.report.label import MOST_CLASSES_KEPT, Classes, classes_in
from lepton_core.report.leaks import classes_have_values, present_tells, tells_alone
from lepton_core.report.often import Often
from lepton_core.report.pasted_rows import of_names_again, of_total
from lepton_core.report.relation import binned, counts_by_class, told_apart
from lepton_core.report.remedies import Way, completed
from lepton_core.report.sampling import Copies, copies_in, sample
from lepton_core.report.splits import of_splits
from lepton_core.report.sums import of_sums
from lepton_core.report.table_findings import Leak
from lepton_core.report.values import FORMAT, ColumnReport, Finding, LabelReport, Report
from lepton_core.table import BY_NAME, ColumnFigures, Read, ReadingOptions, Table, describe
from lepton_core.table.columns import Column

DETAILED_COLUMNS = 1000
"""Of more columns the later ones have kind and figures only."""


@dataclass(frozen=True)
class Earlier:
    """The version that a report compares with, by the ``report`` of it."""

    version: int
    report: Report


def make_report(
    read: Read,
    reading: ReadingOptions = ReadingOptions(),  # noqa: B008
    *,
    figures: Sequence[ColumnFigures] | None = None,
    earlier: Earlier | None = None,
    labels: Column | None = None,
    frame: bool = False,
    news: Table | None = None,
) -> Report:
    r"""What is to know of a table, read as ``reading`` says, before anything is trained on it.

    ``figures`` are those of `describe`, if they are known. With ``earlier`` it says what changed since that version,
    and whether the version is held. Of a table that begins with the rows of that version, ``news`` are the others: they
    are what is compared, for in a long table few wrong rows move nothing. ``frame``: the table is of columns of a
    program, and so are the remedies' calls. ``labels`` are those of all rows, if the table has only one row of each
    stretch of them.

    >>> from lepton_core.table import read_csv
    >>> rows = "".join(f"{i % 7}.5,{'yes' if i % 3 else 'no'},{1 if i % 3 else 0}\n" for i in range(99))
    >>> report = make_report(read_csv(f"a,paid,refund\n{rows}".encode(), label="paid"))
    >>> [(one.code, one.column) for one in report.warnings]
    [('leak', 'refund')]
    >>> report.warnings[0].remedy
    "Data.from_csv(path, label='paid', exclude=['refund'])"
    """
    table, label = read.table, read.label
    figures = describe(table) if figures is None else figures
    labels = table[label] if labels is None else labels
    rows = len(labels)
    near = tuple(dict.fromkeys((*table.names[:DETAILED_COLUMNS], label)))
    plain = Table(tuple(table[name] for name in near))
    looked = sample(plain)
    classes = classes_in(looked[label], labels)
    made = _columns(read, looked, plain, figures, classes, reading)
    about = _label(looked, label, classes, made, rows)
    features = [name for name in near if name != label]
    leaks = tuple(_leaks(looked, features, classes))
    copies = copies_in(looked, label) if features else Copies()
    said_label = None if any(note.code == "label_guessed" for note in read.notes) else label
    again = tuple(of_names_again(read, reading))
    total = () if reading.bad_rows == 0 else tuple(of_total(read, frame=frame, label=said_label))
    findings = [
        *(
            one
            for one in table_findings.of_reading(read, reading)
            if one.code not in {two.code for two in again}
        ),
        *again,
        *table_findings.of_leaks(leaks, reading, quantity=classes.values is not None),
        *table_findings.of_label(about),
        *table_findings.of_copies(
            copies, looked.rows, said_label, frame=frame, plain=table_findings.is_plain(read, reading)
        ),
        *(total or of_sums(plain)),
        *of_kept_words(read, reading),
        *of_splits(plain, label, {one.column for one in leaks}),
        *_of_columns(made, read, plain, rows, looked.rows, reading),
        *table_findings.of_width(len(table.columns), len(near)),
    ]
    report = Report(
        rows=rows,
        sampled=looked.rows,
        label=about,
        columns=tuple(map(_discreet, made)),
        findings=tuple(findings),
        set_aside=read.set_aside,
        set_aside_count=read.set_aside_count,
        unlabelled=len(read.unlabelled),
        duplicates=copies.rows,
        format=FORMAT if looked.rows < rows else 1,
    )
    kinds = table.schema.kinds
    if earlier is not None and news is None:
        report = _since(report, looked, labels, earlier, reading, kinds)
    elif earlier is not None and news is not None:
        report = _since(report, sample(news.select(near)), news[label], earlier, reading, kinds)
    way = Way(reading, said_label, frame, two=read.held_out > 0)
    return replace(report, findings=tuple(completed(one, way) for one in report.findings))


def _columns(
    read: Read,
    looked: Table,
    plain: Table,
    figures: Sequence[ColumnFigures],
    classes: Classes,
    reading: ReadingOptions,
) -> tuple[ColumnReport, ...]:
    origins = {one.column.name: Origin.of(one) for one in read.columns}
    made = []
    for one in figures:
        if one.name not in looked:
            made.append(plain_report(one))
            continue
        origin = origins.get(one.name, Origin())
        found = column_report(looked[one.name], one, origin, reading, plain[one.name])
        if one.name != read.label and found.bins is not None and not BY_NAME[one.kind].left_out:
            bins = BY_NAME[one.kind].read_bins(found.bins, one.name)
            counts = counts_by_class(binned(looked[one.name], bins), classes.places, classes.many)
            found = replace(found, by_class=tuple(map(tuple, counts.tolist())))
        made.append(found)
    return tuple(made)


def _discreet(one: ColumnReport) -> ColumnReport:
    """Without the cells of a column that tells rows, and so perhaps persons, apart."""
    return replace(one, top=()) if BY_NAME[one.kind].left_out else one


def _label(
    looked: Table, label: str, classes: Classes, made: Sequence[ColumnReport], rows: int
) -> LabelReport:
    bins = [
        binned(looked[one.name], BY_NAME[one.kind].read_bins(one.bins, one.name))
        for one in made
        if one.by_class and one.bins is not None
    ]
    told = told_apart(bins, classes.places, classes.many)
    return LabelReport(label, classes.counts[:MOST_CLASSES_KEPT], classes.cut, told, rows)


def _leaks(looked: Table, features: Sequence[str], classes: Classes) -> Iterator[Leak]:
    for name in features:
        column = looked[name]
        if BY_NAME[column.kind].left_out:
            continue
        told = tells_alone(column, classes)
        if told is not None and told.all_of_it:
            yield Leak(name, told.how_well)
        elif (place := present_tells(column, classes)) is not None:
            yield Leak(name, 1.0 if told is None else told.how_well, classes.name(place))
        elif told is None and classes_have_values(column, classes):
            yield Leak(name, None)


def _of_columns(
    made: Sequence[ColumnReport],
    read: Read,
    plain: Table,
    rows: int,
    sampled: int,
    reading: ReadingOptions,
) -> Iterator[Finding]:
    seen = {one.column.name: Absent.of(one) for one in read.columns}
    seen_misfits = {one.column.name: Misfits.of(one) for one in read.columns}
    for one in made:
        if one.name != read.label and one.drawing is not None:
            absent = seen.get(one.name, Absent())
            often = Often.of(one, plain[one.name], rows, sampled)
            misfits = seen_misfits.get(one.name, Misfits())
            yield from column_findings.findings_of(one, rows, often, reading, absent, misfits)


def _since(
    report: Report,
    looked: Table,
    labels: Column,
    earlier: Earlier,
    reading: ReadingOptions,
    kinds: Mapping[str, str],
) -> Report:
    found: Comparison = compare(looked, report.label.name, earlier.report, earlier.version, kinds, labels)
    told = earlier.report.label.told
    said = list(held.findings_of(found, told, report.label.name, looked, reading))
    return replace(
        report,
        findings=(*report.findings, *(finding for finding, _ in said)),
        changes=found.changes,
        held=tuple(finding.message for finding, holds in said if holds),
    )
