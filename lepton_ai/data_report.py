"""What is to know of a table before anything is trained on it, as text, as a page of a notebook, and as values."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import msgspec
import numpy as np

from lepton_ai.show import figure, html_table, text_table
from lepton_core.report import ColumnReport, Finding, Report
from lepton_core.table import BY_NAME, Numbers

_BARS = "▁▂▃▄▅▆▇█"
_ALIKE = 3
"""More findings of one kind are one line, with the names of the columns."""

_HEAD = ["column", "kind", "missing", "distinct", "mean", "min", "max", "", "why"]
_MOST_LINES = 60


class DataReport(msgspec.Struct, frozen=True):
    """The report of ``version`` of the data set ``dataset``, or of data that was not uploaded yet (version None).

    ``report`` has all of it as values: ``columns``, ``findings``, ``changes``, ``held``. ``held``: no model is
    trained on the version by itself, as of when this was asked.
    """

    dataset: str
    version: int | None
    report: Report
    held: bool = False

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is likely wrong, or misleads a model; each with its ``code``, ``column``, ``message`` and ``remedy``."""
        return self.report.warnings

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def __repr__(self) -> str:
        return f"<DataReport {self.title()}: {len(self.warnings)} warnings>"

    def title(self) -> str:
        """The first line."""
        version = "" if self.version is None else f" version {self.version}"
        report = self.report
        return f"{self.dataset}{version}: {report.rows} rows, {len(report.columns)} columns, label {report.label.name}"

    def short(self) -> str:
        """The warnings, and whether the version is held; empty if there is nothing to say."""
        return "\n".join([*_lines(self.warnings), *self._held()])

    def __str__(self) -> str:
        """The whole report as text."""
        report = self.report
        columns = report.columns[:_MOST_LINES]
        table = text_table(_HEAD[:-1], [_row(one)[:-1] for one in columns], left=2).splitlines()
        why = ["why", *(one.why for one in columns)]
        lines = [self.title(), *self._label(), ""]
        width = max(map(len, table))
        lines += [f"{line.ljust(width)}  {reason}".rstrip() for line, reason in zip(table, why, strict=True)]
        if len(report.columns) > _MOST_LINES:
            lines.append(f"and {len(report.columns) - _MOST_LINES} more columns")
        for head, findings in self._parts():
            lines += ["", head, *_lines(findings)]
        lines += [f"  line {row.line}: {row.reason}" for row in report.set_aside[:10]]
        return "\n".join([*lines, *self._held()])

    def _repr_html_(self) -> str:
        report = self.report
        parts = [f"<h4>{escape(self.title())}</h4>", *(f"<p>{escape(line)}</p>" for line in self._label())]
        parts.append(html_table(_HEAD, [_row(one) for one in report.columns[:_MOST_LINES]]))
        for head, findings in self._parts():
            items = "".join(
                f"<li>{escape(message)}{f'<br><code>{escape(remedy)}</code>' if remedy else ''}</li>"
                for message, remedy in _together(findings)
            )
            parts.append(f"<h5>{escape(head)}</h5><ul>{items}</ul>")
        rows = "".join(f"<li>line {row.line}: {escape(row.reason)}</li>" for row in report.set_aside[:10])
        parts.append(f"<ul>{rows}</ul>" if rows else "")
        parts += [f"<p><b>{escape(line)}</b></p>" for line in self._held()]
        return "".join(parts)

    def _parts(self) -> Iterator[tuple[str, Sequence[Finding]]]:
        notes = [one for one in self.report.findings if one.level == "note"]
        for head, found in (("warnings", self.warnings), ("notes", notes)):
            if found:
                yield head, found

    def _label(self) -> list[str]:
        label, rows = self.report.label, self.report.sampled
        if not label.classes:
            return [] if label.cut is None else [f"the label is a quantity, its median {figure(label.cut)}"]
        shares = ", ".join(f"{one.text} {one.rows / rows:.1%}" for one in label.classes[:5])
        more = f" and {len(label.classes) - 5} more" if len(label.classes) > 5 else ""
        return [f"the label's classes: {shares}{more}"]

    def _held(self) -> list[str]:
        if not self.held:
            return []
        release = f"lepton data release {self.dataset} {self.version}"
        return [f"held: no model is trained on this version by itself. If it is right: {release}"]


def _row(one: ColumnReport) -> list[str]:
    kind = BY_NAME[one.kind]
    ends = ["", ""]
    if one.min is not None and one.max is not None:
        ends = [_spelled(one, end) for end in (one.min, one.max)]
    mean = "" if one.mean is None or one.min is None or kind.moves else figure(one.mean)
    return [
        one.name,
        one.kind,
        str(one.missing or ""),
        "" if one.distinct is None else str(one.distinct),
        mean,
        *ends,
        _picture(one),
        one.why,
    ]


def _spelled(one: ColumnReport, value: float) -> str:
    """A number as a file has it: a date as a date, and no more than four digits of others."""
    kind = BY_NAME[one.kind]
    [text] = kind.names(Numbers(one.name, np.array([value]), one.kind, one.notation))
    return figure(value) if text == str(value) or len(text) > 20 else text


def _picture(one: ColumnReport) -> str:
    if one.drawing is None or not one.drawing.counts:
        return ""
    if one.drawing.edges:
        most = max(one.drawing.counts)
        return "".join(_BARS[min(7, 8 * count // (most + 1))] for count in one.drawing.counts)
    return ", ".join(
        f"{label[:12]} {count}"
        for label, count in zip(one.drawing.labels[:2], one.drawing.counts, strict=False)
    )


def _lines(findings: Sequence[Finding]) -> list[str]:
    lines = []
    for message, remedy in _together(findings):
        lines.append(f"  {message}")
        if remedy:
            lines.append(f"      {remedy}")
    return lines


def _together(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """Message and remedy of each; many of one code together, for the reader sees what they have in common."""
    by_code: dict[str, list[Finding]] = {}
    for one in findings:
        by_code.setdefault(one.code, []).append(one)
    for code, alike in by_code.items():
        if len(alike) <= _ALIKE:
            yield from ((f"{code}: {one.message}", one.remedy) for one in alike)
            continue
        names = ", ".join(repr(one.column) for one in alike[:20] if one.column is not None)
        more = f" and {len(alike) - 20} more" if len(alike) > 20 else ""
        yield f"{code}: {len(alike)} columns, as {alike[0].message}; {names}{more}", alike[0].remedy
