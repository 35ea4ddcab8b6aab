"""What is to know of the table as a whole, and of its label, before training."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lepton_core.remedy import training
from lepton_core.report.sampling import Copies
from lepton_core.report.values import Finding, LabelReport
from lepton_core.table import Read, ReadingOptions

MANY_CLASSES = 20
FEW_OF_A_CLASS = 3
"""With fewer rows a class has none to learn from, or none to be measured on."""

UNBALANCED = 0.9
"""From this share on, always answering the most frequent class looks better than it is."""

MANY_COPIES = 0.01

MANY_UNLABELLED = 0.05
"""From this share on the words that leave rows without a label are more likely a class."""

_ALIKE_SHOWN = 5

_HARMLESS = frozenset({"label_guessed", "label_in_doubt", "no_label", "label_spellings", "set_aside"})
"""Notes of the reader of a file that another reader reads in the same way."""


def is_plain(read: Read, reading: ReadingOptions) -> bool:
    """Whether nothing was found out, and nothing said, of how the file is written."""
    return not reading.said and {note.code for note in read.notes} <= _HARMLESS


_WARNINGS = frozenset(
    {"no_header", "set_aside", "header_within", "label_in_doubt", "held_out_labels", "left_out", "formulas"}
)
"""Notes of the reader after which the table may be another one than was meant."""


def of_reading(read: Read, reading: ReadingOptions) -> Iterator[Finding]:
    """What the reader of the file guessed, dropped, renamed or could not read.

    Rows that were set aside are no warning where somebody said how many may be. Rows that words leave without a label
    are one, if they are many.
    """
    warnings = _WARNINGS - ({"set_aside"} if reading.bad_rows is not None else set())
    lost = len(read.unlabelled) >= MANY_UNLABELLED * (len(read.unlabelled) + read.table.rows)
    for note in read.notes:
        where = "" if note.line is None else f"line {note.line}: "
        words = note.code == "no_label" and bool(note.remedies)  # which may be labels
        level = "warning" if note.code in warnings or (words and lost) else "note"
        said = where + note.message
        yield Finding(note.code, said, column=note.column, level=level, remedies=note.remedies)  # type: ignore[arg-type]


def of_width(columns: int, looked_at: int) -> Iterator[Finding]:
    """What is to be said of a table of which not all ``columns`` were looked at closely.

    >>> [one.message for one in of_width(5000, 1001)]
    ['of 5000 columns the first 1001 were looked at closely; of the others only kind and figures are known']
    """
    if looked_at < columns:
        yield Finding(
            "columns_not_looked_at",
            f"of {columns} columns the first {looked_at} were looked at closely; of the others only kind and figures "
            "are known",
            level="note",
        )


def of_label(label: LabelReport) -> Iterator[Finding]:
    """Whether one class is all there is, or nearly.

    >>> from lepton_core.report.values import ValueCount
    >>> classes = (ValueCount("no", 97), ValueCount("yes", 3))
    >>> [one.message for one in of_label(LabelReport("paid", classes, rows=100))]
    ["always answering 'no' is 97.0 % right: look at AUC, and at the rows of the other classes"]
    """
    if len(label.classes) == 1:
        message = f"each row has the label {label.classes[0].text!r}: from one class nothing can be learned; "
        message += "upload rows of another class as well, or name another label"
        yield Finding("one_class", message, column=label.name)
        return
    yield from _alike(label)
    yield from _rare(label)
    if not label.classes or label.classes[0].rows < UNBALANCED * label.rows:
        return
    most = label.classes[0]
    yield Finding(
        "unbalanced",
        f"always answering {most.text!r} is {100 * most.rows / label.rows:.1f} % right: look at AUC, and at the rows "
        "of the other classes",
        column=label.name,
        remedies=(training(class_weight="balanced"),),
    )


def _rare(label: LabelReport) -> Iterator[Finding]:
    """Many classes with hardly a row each, as those of names, ids and remarks are."""
    many = len(label.classes)
    if many < MANY_CLASSES or label.classes[many // 2].rows >= FEW_OF_A_CLASS:
        return
    if all(one.text.lstrip("-").isdigit() for one in label.classes):
        return  # a count may be a quantity
    example = label.classes[many // 2].text
    message = f"most classes of {label.name!r} have fewer than {FEW_OF_A_CLASS} rows, as {example!r}: of those nothing "
    message += "can be learned; name another label, or write wider classes in the file"
    yield Finding("rare_classes", message, column=label.name)


def _alike(label: LabelReport) -> Iterator[Finding]:
    """Classes that differ in blanks or in case only: two spellings of one, more often than two classes."""
    spellings: dict[str, list[str]] = {}
    for one in label.classes:
        spellings.setdefault(" ".join(one.text.split()).casefold(), []).append(repr(one.text))
    alike = [" and ".join(texts) for texts in spellings.values() if len(texts) > 1]
    if alike:
        some = "; ".join(alike[:_ALIKE_SHOWN]) + ("; and more" if len(alike) > _ALIKE_SHOWN else "")
        message = f"classes of {label.name!r} differ in blanks or case only: {some}; if two are the same, "
        message += "spell them alike in the file"
        yield Finding("labels_alike", message, column=label.name)


@dataclass(frozen=True)
class Leak:
    """A column that alone tells the label, and how well; by having a value for one class ``only_for``, or not.

    ``how_well`` is None for one whose values are each of one class, in too few rows for a figure.
    """

    column: str
    how_well: float | None
    only_for: str | None = None


def of_leaks(leaks: Iterable[Leak], reading: ReadingOptions, *, quantity: bool) -> Iterator[Finding]:
    """The columns that alone tell the label, each with how well.

    >>> [one.column for one in of_leaks([Leak("refund", 0.999)], ReadingOptions(), quantity=False)]
    ['refund']
    """
    figure = "R2 of ranks" if quantity else "AUC"
    for one in leaks:
        told = f"{one.column!r} alone predicts the label"
        told += (
            ": each class has values of its own"
            if one.how_well is None
            else f" ({figure} {one.how_well:.3f} on rows held out)"
        )
        if one.only_for is not None:
            told = f"whether {one.column!r} has a value tells whether the label is {one.only_for!r}"
        yield Finding(
            "leak",
            f"{told}; if it is known only after the label, leave it out",
            column=one.column,
            remedies=(reading.call(exclude=(*(reading.exclude or ()), one.column)),),
        )


def of_copies(
    copies: Copies, rows: int, label: str | None = None, *, frame: bool = False, plain: bool = True
) -> Iterator[Finding]:
    """Rows that occur again, of ``rows``: a warning if they look like a mistake. ``label`` is what was said of it.

    The call that drops them is one of pandas. It is offered for a ``frame``, and for a ``plain`` file: one that pandas
    reads as it is here, with commas, in UTF-8, the names in its first line.

    >>> [(one.code, one.level) for one in of_copies(Copies(5), 100)]
    [('duplicates', 'warning')]
    >>> [one.remedy for one in of_copies(Copies(5), 100, "paid", frame=True)]
    ["Data.from_pandas(frame.drop_duplicates(), label='paid')"]
    """
    if copies.rows < max(1, MANY_COPIES * rows):
        return
    many = f"{copies.rows} of {rows} rows ({copies.rows / rows:.1%}) are copies of others"
    if copies.natural:
        yield Finding("duplicates", f"{many}, as happens where columns have few values", level="note")
        return
    source = "frame" if frame else "pandas.read_csv(path, dtype='str')"
    said = "" if label is None else f", label={label!r}"
    yield Finding(
        "duplicates",
        f"{many}: each counts as often as it occurs, and held-out rows are among those that a model has seen; if no "
        f"row should occur twice, drop the copies{'' if frame or plain else ' in the file'}",
        f"Data.from_pandas({source}.drop_duplicates(){said})" if frame or plain else "",
    )
