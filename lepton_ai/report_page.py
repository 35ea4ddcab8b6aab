"""The report of a table as a page of a notebook. Whatever comes of the data is escaped."""

from collections.abc import Iterator
from html import escape

from lepton_ai.report_cells import cells_of, percent
from lepton_ai.report_text import Shown, shown_columns, together
from lepton_ai.visible import visible
from lepton_core.report import ColumnReport, Report

_STYLE = """
.lepton-report{font:13px/1.45 system-ui,sans-serif;max-width:64em}
.lepton-report h4{margin:0 0 .2em;font-size:15px}.lepton-report p{margin:0 0 .3em;opacity:.75}
.lepton-report table{border-collapse:collapse;margin:.6em 0;font-size:inherit}
.lepton-report th,.lepton-report td{text-align:left;padding:.25em .7em;border-bottom:1px solid rgba(128,128,128,.25);
vertical-align:middle;white-space:nowrap}
.lepton-report td.n,.lepton-report th.n{text-align:right;font-variant-numeric:tabular-nums}
.lepton-report td.v{white-space:normal;min-width:14em}.lepton-report small{opacity:.65}
.lepton-report .said{border-left:3px solid #8aa;padding:.1em .8em;margin:.45em 0}
.lepton-report .warning{border-color:#d70}
.lepton-report code{display:block;font-size:12px;white-space:pre-wrap;overflow-wrap:anywhere;background:none}
.lepton-report svg{vertical-align:middle}.lepton-report summary{cursor:pointer;margin:.4em 0}
"""

_TALL = 22
_WIDE = 5


def page(shown: Shown) -> str:
    """The report as HTML that stands for itself."""
    report = shown.report
    parts = [f"<style>{_STYLE}</style>", f"<h4>{escape(shown.title())}</h4>"]
    parts += [f"<p>{escape(line)}</p>" for line in shown.about()]
    parts += [f"<p><b>{escape(line)}</b></p>" for line in shown.if_held()]
    for head, findings in shown.parts():
        items = "".join(_said(head, message, remedy) for message, remedy in together(shown, findings))
        parts.append(items if head == "warnings" else _folded(f"notes: {len(findings)}", items))
    aside = "".join(f"<div>{escape(line)}</div>" for line in shown.set_aside())
    if aside:
        parts.append(_folded(f"rows set aside: {report.set_aside_count}", aside))
    parts.append(_table(report, shown_columns(report)))
    hidden = len(report.columns) - len(shown_columns(report))
    if hidden:
        parts.append(f"<p>and {hidden} more columns, of which nothing is to be said</p>")
    return f'<div class="lepton-report">{"".join(parts)}</div>'


def _said(head: str, message: str, remedy: str) -> str:
    level = " warning" if head == "warnings" else ""
    call = f"<code>{escape(remedy)}</code>" if remedy else ""
    return f'<div class="said{level}">{escape(message)}{call}</div>'


def _folded(summary: str, content: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _table(report: Report, columns: list[ColumnReport]) -> str:
    head = "<tr><th>column</th><th>kind</th><th class=n>missing</th><th class=n>distinct</th><th>values</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(_rows(report, columns))}</tbody></table>"


def _rows(report: Report, columns: list[ColumnReport]) -> Iterator[str]:
    for one in columns:
        cells = cells_of(one, report)
        label = " <small>label</small>" if one.name == report.label.name else ""
        values = _histogram(cells.bars, cells.low, cells.high, cells.mean) if cells.bars else _top(cells.top)
        yield (
            f"<tr><td><b>{escape(cells.name)}</b>{label}</td>"
            f'<td title="{escape(visible(one.why, 200))}">{escape(cells.kind)}</td>'
            f"<td class=n>{escape(cells.missing)}</td><td class=n>{escape(cells.distinct)}</td>"
            f"<td class=v>{values}</td></tr>"
        )


def _histogram(bars: tuple[float, ...], low: str, high: str, mean: str) -> str:
    drawn = "".join(
        f'<rect x="{at * _WIDE}" y="{_TALL - max(1.0, _TALL * bar):.1f}" width="{_WIDE - 1}" '
        f'height="{max(1.0, _TALL * bar):.1f}"/>'
        for at, bar in enumerate(bars)
    )
    picture = f'<svg width="{len(bars) * _WIDE}" height="{_TALL}" fill="#59c">{drawn}</svg>'
    told = f", mean {escape(mean)}" if mean else ""
    return f"{picture} <small>{escape(low)} to {escape(high)}{told}</small>"


def _top(top: tuple[tuple[str, float], ...]) -> str:
    return "<br>".join(
        f'<svg width="60" height="8" fill="#59c"><rect width="{max(1.0, 60 * share):.1f}" height="8"/></svg> '
        f"{escape(value)} <small>{escape(percent(share))}</small>"
        for value, share in top
    )
