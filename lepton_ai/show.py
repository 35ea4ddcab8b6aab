"""How results read: figures, tables of plain text, tables of HTML."""

from collections.abc import Mapping, Sequence
from html import escape

from lepton_core.readable import figure

__all__ = [
    "PRINTED_ACROSS",
    "PRINTED_LINES",
    "and_more",
    "duration",
    "figure",
    "figures",
    "html_table",
    "progress",
    "text_table",
]


def figures(values: Mapping[str, float | None]) -> str:
    """Named figures on one line; those that are None are left out.

    >>> figures({"accuracy": 0.9649, "auc": None, "log_loss": 0.1})
    'accuracy 0.9649, log_loss 0.1'
    """
    return ", ".join(f"{name} {figure(value)}" for name, value in values.items() if value is not None)


def progress(unit: str, done: int, total: int) -> str:
    """How far work has come; bytes in megabytes. Of a search nobody knows before how much there is to measure.

    >>> progress("iteration", 10, 100), progress("byte", 4_200_000, 35_700_740)
    ('iteration 10 of 100', '4.2 of 35.7 MB')
    """
    if unit == "measurement":
        return f"{unit} {done} of about {total}"
    if unit == "byte":
        return f"{done / 1e6:.1f} of {total / 1e6:.1f} MB"
    return f"{unit} {done} of {total}"


def duration(seconds: float) -> str:
    """A length of time for people.

    >>> duration(0.42), duration(75), duration(7260)
    ('0.4 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


PRINTED_LINES = 200
"""Lines of a table that are printed."""

PRINTED_ACROSS = 30
"""Columns of rows that are printed."""


def and_more(hidden: int, what: str, where: str) -> list[str]:
    """A line that says that so many ``what`` are not shown, and ``where`` they are; none if all are.

    >>> and_more(4800, "columns", "see .columns"), and_more(-3, "columns", "see .columns")
    (['and 4800 more columns: see .columns'], [])
    """
    return [f"and {hidden} more {what}: {where}"] if hidden > 0 else []


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Columns two spaces apart: the first ``left`` of them to the left, the others to the right.

    >>> print(text_table(["name", "psi"], [["age", "0.01"], ["income", "1.2"]]))
    name     psi
    age     0.01
    income   1.2
    """
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same as HTML, every cell escaped.

    >>> html_table(["name"], [["<b>"]])
    '<table><thead><tr><th>name</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>'
    """
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
