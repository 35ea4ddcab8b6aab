"""The report of a table as text of 80 columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from lepton_ai.remedies import as_one, command, with_options
from lepton_ai.report_cells import cells_of, why
from lepton_ai.show import figure
from lepton_ai.visible import padded, visible, width
from lepton_core.report import ColumnReport, Finding, Report

LINE_WIDTH = 80
FOLDED_FROM = 3
"""More findings of one kind are one, with the names of the columns."""

SHOWN_COLUMNS = 40
"""Of more columns those with a warning are shown, and the first."""

_HEAD = ("column", "kind", "missing", "distinct")
_NAMES_SHOWN = 12
_MOST_OF_A_CALL = 400


@dataclass(frozen=True)
class Shown:
    """A report, whose it is, and whether its remedies are commands of a shell or calls."""

    dataset: str
    version: int | None
    report: Report
    held: bool = False
    commands: bool = False

    def title(self) -> str:
        """The first line."""
        version = "" if self.version is None else f" version {self.version}"
        one = self.report
        counts = f"{one.rows} rows, {len(one.columns)} columns, label {visible(one.label.name)}"
        return f"{visible(self.dataset, 60)}{version}: {counts}"

    def about(self) -> Iterator[str]:
        """What is to know of the label and of the rows."""
        label, report = self.report.label, self.report
        if label.classes:
            rows = label.rows or report.sampled
            shares = ", ".join(f"{visible(one.text)} {one.rows / rows:.1%}" for one in label.classes[:5])
            all_of_them = next((one.distinct or 0 for one in report.columns if one.name == label.name), 0)
            hidden = max(all_of_them, len(label.classes)) - 5
            more = f" and {hidden} more" if hidden > 0 else ""
            yield f"the label's classes: {shares}{more}"
        elif label.cut is not None:
            yield f"the label is a quantity, its median {figure(label.cut)}"
        if report.sampled < report.rows:
            yield (
                f"kinds, missing cells, ranges and classes are of all {report.rows} rows; pictures, top values and "
                f"most findings of {report.sampled} rows, one of each of as many stretches of the file"
            )

    def parts(self) -> Iterator[tuple[str, Sequence[Finding]]]:
        """The findings under their heads."""
        notes = [one for one in self.report.findings if one.level == "note"]
        for head, found in (("warnings", self.report.warnings), ("notes", notes)):
            if found:
                yield head, found

    def remedy(self, finding: Finding) -> str:
        """What mends it; a call that is longer than anybody reads is cut."""
        found = (
            command(finding, self.dataset if self.version else "NAME") if self.commands else finding.remedy
        )
        found = "".join(one if one.isprintable() else repr(one)[1:-1] for one in found)
        return found if len(found) <= _MOST_OF_A_CALL else f"{found[:_MOST_OF_A_CALL]}… (whole in the values)"

    def message(self, finding: Finding) -> str:
        """Its message, in which calls are commands where its remedies are."""
        if not self.commands:
            return message_of(finding)
        return message_of(replace(finding, message=with_options(finding.message, finding.remedies)))

    def if_held(self) -> list[str]:
        """How a version that is held is released."""
        if not self.held:
            return []
        call = f"Dataset({self.dataset!r}).release({self.version})"
        release = f"lepton data release {self.dataset} {self.version}"
        head = "held: no model is trained on this version by itself. If it is right:"
        return [head, f"      {release}"] if self.commands else [head, f"      {call}", f"      {release}"]

    def set_aside(self) -> list[str]:
        """The first rows that could not be read or have no label, each with its reason."""
        rows = self.report.set_aside
        lines = [
            f"line {row.line}: {visible(row.reason, 100)}{f': {visible(row.text, 50)}' if row.text else ''}"
            for row in rows[:10]
        ]
        more = self.report.set_aside_count - len(lines)
        return [*lines, f"and {more} more"] if more > 0 and lines else lines


def text(shown: Shown) -> str:
    """The whole report."""
    report = shown.report
    lines = [*wrapped(shown.title()), *(line for one in shown.about() for line in wrapped(one)), ""]
    lines += _table(report)
    for head, findings in shown.parts():
        lines += ["", head, *said(shown, findings)]
    aside = shown.set_aside()
    if aside:
        lines += ["", "rows set aside", *(line for one in aside for line in wrapped(one, "  "))]
    lines += ["", "why each kind", *(line for one in why(report) for line in wrapped(one, "  "))]
    return "\n".join([*lines, *shown.if_held()])


def _table(report: Report) -> list[str]:
    columns = shown_columns(report)
    rows = [cells_of(one, report) for one in columns]
    cells = [_HEAD, *((one.name, one.kind, one.missing, one.distinct) for one in rows)]
    widths = [max(width(row[at]) for row in cells) for at in range(4)]
    left = LINE_WIDTH - sum(widths) - 2 * len(widths)
    ends = ["values", *(one.line(left) for one in rows)]
    lines = [
        "  ".join([*(padded(row[at], widths[at], right=at > 1) for at in range(4)), end]).rstrip()
        for row, end in zip(cells, ends, strict=True)
    ]
    hidden = len(report.columns) - len(columns)
    return [*lines, f"and {hidden} more columns, of which nothing is to be said"] if hidden else lines


def shown_columns(report: Report) -> list[ColumnReport]:
    """The columns that are shown: all of them, or the label, those with findings and the first."""
    if len(report.columns) <= SHOWN_COLUMNS:
        return list(report.columns)
    said_of = {one.column for one in report.warnings} | {report.label.name}
    chosen = [one for one in report.columns if one.name in said_of][:SHOWN_COLUMNS]
    rest = [one for one in report.columns if one.name not in said_of][: max(5, SHOWN_COLUMNS - len(chosen))]
    names = {one.name for one in (*chosen, *rest)}
    return [one for one in report.columns if one.name in names]


def said(shown: Shown, findings: Sequence[Finding]) -> list[str]:
    """Findings with what mends them, which is one line each: it is to be pasted."""
    lines = []
    for message, remedy in together(shown, findings):
        lines += wrapped(message, "  ")
        if remedy:
            lines.append(f"      {remedy}")
    return lines


def together(shown: Shown, findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """Message and remedy of each; many of one code together, for the reader sees what they have in common."""
    by_code: dict[str, list[Finding]] = {}
    for one in findings:
        by_code.setdefault(one.code, []).append(one)
    for code, alike in by_code.items():
        if len(alike) <= FOLDED_FROM:
            yield from ((f"{code}: {shown.message(one)}", shown.remedy(one)) for one in alike)
            continue
        names = ", ".join(visible(one.column) for one in alike[:_NAMES_SHOWN] if one.column is not None)
        more = f" and {len(alike) - _NAMES_SHOWN} more" if len(alike) > _NAMES_SHOWN else ""
        first = f"{code}: {len(alike)} columns, as {shown.message(alike[0])}"
        yield f"{first}; they are {names}{more}", shown.remedy(as_one(alike))


def message_of(finding: Finding) -> str:
    """The message, a long name in it cut."""
    name, message = finding.column, finding.message
    if name is not None and len(name) > 40:
        message = message.replace(repr(name), repr(visible(name)))
    return visible(message, 600)


def wrapped(line: str, indent: str = "") -> list[str]:
    """Lines of at most `LINE_WIDTH`, the later ones farther in."""
    return wrap(
        line, LINE_WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    ) or [indent]
