"""What is said on stderr of a file that was uploaded: its label, what was guessed, and what was left out."""

from collections.abc import Iterator, Sequence

from lepton_ai.visible import visible
from lepton_core.report import Finding, Report

GUESSED = frozenset({"label_guessed", "label_in_doubt"})
"""The codes of a label that nobody has said."""

_OF_COLUMNS = frozenset({"identifier", "constant"})
_IN_THE_REPORT = frozenset(
    {
        "columns_not_listed",
        "dates",
        "doubt",
        "drift",
        "duplicates",
        "many_missing",
        "new_levels",
        "time_order",
    }
)
_ALIKE = 3
_LETTERS = 160
_NAMES = 8


def kept_label(report: Report, guessed: str) -> str:
    """A line on the label of a file for which nobody said one, if it is that of earlier files, and not the ``guessed``.

    Empty if it was guessed for this file.

    >>> from lepton_core.report import LabelReport
    >>> kept_label(Report(2, 2, LabelReport("paid"), ()), "notes")
    'label: paid, as before (and not notes, as was guessed for the file alone)'
    """
    if GUESSED & report.codes():
        return ""
    label = report.label.name
    other = "" if guessed == label else f" (and not {visible(guessed)}, as was guessed for the file alone)"
    return f"label: {visible(label)}, as before{other}"


def lines(report: Report, name: str) -> list[str]:
    """The label that was guessed, then what the reader guessed and left out, and where the rest of it is.

    >>> from lepton_core.report import LabelReport
    >>> note = Finding("total", "line 9: the last row is a total of the rows above; it was left out", level="note")
    >>> lines(Report(2, 2, LabelReport("paid"), (), (note,)), "shop")
    ['line 9: the last row is a total of the rows above; it was left out', 'more of this: lepton data report shop']
    """
    labels = [one for one in report.findings if one.code in GUESSED]
    said = [_cut(f"{one.message.removesuffix(')')}; choose another with --label COLUMN)") for one in labels]
    guesses = [*_guesses(report.findings), *_columns(report.findings)]
    return [*said, *guesses, *([f"more of this: lepton data report {name}"] if guesses else [])]


def _guesses(findings: Sequence[Finding]) -> Iterator[str]:
    by_code: dict[str, list[Finding]] = {}
    for one in findings:
        if one.level == "note" and one.code not in GUESSED | _OF_COLUMNS | _IN_THE_REPORT:
            by_code.setdefault(one.code, []).append(one)
    for code, alike in by_code.items():
        yield from (_cut(one.message) for one in alike[:_ALIKE])
        if len(alike) > _ALIKE:
            yield f"and {len(alike) - _ALIKE} more as the last one ({code})"


def _columns(findings: Sequence[Finding]) -> Iterator[str]:
    for code, why in (("identifier", "tells rows apart only"), ("constant", "one value only")):
        names = [repr(visible(one.column)) for one in findings if one.code == code and one.column is not None]
        if names:
            more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            yield f"left out by models ({why}): {', '.join(names[:_NAMES])}{more}"


def _cut(text: str) -> str:
    return visible(text, _LETTERS)
