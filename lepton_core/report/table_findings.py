"""What is to know of the table as a whole, and of its label, before training."""

from collections.abc import Iterator, Sequence

from lepton_core.report.values import Finding, LabelReport
from lepton_core.table import Read, ReadingOptions

UNBALANCED = 0.9
"""From this share on, always answering the most frequent class looks better than it is."""

MANY_COPIES = 0.01

_WARNINGS = frozenset({"no_header", "set_aside", "header_within", "label_in_doubt"})
"""Notes of the reader after which the table may be another one than was meant."""


def of_reading(read: Read) -> Iterator[Finding]:
    """What the reader of the file guessed, dropped, renamed or could not read."""
    for note in read.notes:
        where = "" if note.line is None else f"line {note.line}: "
        level = "warning" if note.code in _WARNINGS else "note"
        yield Finding(note.code, where + note.message, note.remedy, note.column, level)  # type: ignore[arg-type]


def of_label(label: LabelReport, rows: int) -> Iterator[Finding]:
    """Whether one class is nearly all there is.

    >>> from lepton_core.report.values import ValueCount
    >>> [one.message for one in of_label(LabelReport("paid", (ValueCount("no", 97), ValueCount("yes", 3))), 100)]
    ["always answering 'no' is 97.0 % right: look at AUC, and at the rows of the other classes"]
    """
    if len(label.classes) < 2 or label.classes[0].rows < UNBALANCED * rows:
        return
    most = label.classes[0]
    yield Finding(
        "unbalanced",
        f"always answering {most.text!r} is {100 * most.rows / rows:.1f} % right: look at AUC, and at the rows of the "
        "other classes",
        "model.train(class_weight='balanced')",
        label.name,
    )


def of_leaks(
    told: Sequence[tuple[str, float]], reading: ReadingOptions, *, quantity: bool
) -> Iterator[Finding]:
    """The columns that alone tell the label, each with how well.

    >>> [one.column for one in of_leaks([("refund", 0.999)], ReadingOptions(), quantity=False)]
    ['refund']
    """
    figure = "R2 of ranks" if quantity else "AUC"
    for name, how_well in told:
        yield Finding(
            "leak",
            f"{name!r} alone predicts the label ({figure} {how_well:.3f} on rows held out); if it is known only after "
            "the label, leave it out",
            reading.call(exclude=(*(reading.exclude or ()), name)),
            name,
        )


def of_copies(copies: int, sampled: int) -> Iterator[Finding]:
    """Rows that occur again.

    >>> [one.code for one in of_copies(5, 100)]
    ['duplicates']
    """
    if copies and copies >= MANY_COPIES * sampled:
        yield Finding(
            "duplicates",
            f"{copies} of {sampled} rows ({copies / sampled:.1%}) are copies of others: each counts as often as it "
            "occurs",
        )
