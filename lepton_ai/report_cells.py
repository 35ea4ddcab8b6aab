"""One column of a report, as texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lepton_ai.show import figure
from lepton_ai.visible import visible, width
from lepton_core.report import ColumnReport, Report
from lepton_core.table import BY_NAME, Numbers

_BARS = "▁▂▃▄▅▆▇█"
_NAME = 18
_VALUE = 16


@dataclass(frozen=True)
class Cells:
    """``missing`` is a share; ``low``, ``high`` and ``mean`` are empty where a kind has none; ``top`` are values."""

    name: str
    kind: str
    missing: str
    distinct: str
    mean: str
    low: str
    high: str
    top: tuple[tuple[str, float], ...]
    bars: tuple[float, ...]

    def line(self, wide: int) -> str:
        """What is in the column, in one line of at most ``wide`` cells of a terminal, as far as it goes."""
        if self.bars:
            picture = "".join(_BARS[min(7, int(8 * bar))] for bar in self.bars)
            ends = f"{self.low} to {self.high}"
            mean = f", mean {self.mean}" if self.mean else ""
            shown = (f"{picture} {ends}{mean}", f"{picture} {ends}", picture)
            return next((line for line in shown if len(line) <= wide), "")
        return _joined([f"{value} {percent(share)}" for value, share in self.top], wide)


def _joined(parts: Sequence[str], wide: int) -> str:
    line = ""
    for part in filter(None, parts):
        longer = f"{line}, {part}" if line else part
        if width(longer) > wide:
            return line
        line = longer
    return line


def percent(share: float) -> str:
    """A share for people: what is there is more than 0%.

    >>> percent(0.001), percent(0.42), percent(1)
    ('<1%', '42%', '100%')
    """
    return "<1%" if 0 < share < 0.01 else f"{share:.0%}"


def cells_of(one: ColumnReport, report: Report) -> Cells:
    """A column as it is shown."""
    kind = BY_NAME[one.kind]
    ends = one.min is not None and one.max is not None
    drawn = one.drawing if one.drawing is not None and one.drawing.edges and (one.distinct or 0) > 2 else None
    most = 1 if drawn is None else max(1, *drawn.counts)
    share = one.missing / max(1, report.rows + report.unlabelled)
    distinct = "" if one.distinct is None else str(one.distinct)
    return Cells(
        name=visible(one.name, _NAME),
        kind=one.kind,
        missing=percent(share) if one.missing else "",
        distinct=distinct,
        mean="" if one.mean is None or one.min is None or kind.moves else figure(one.mean),
        low=spelled(one, one.min) if ends and one.min is not None else "",
        high=spelled(one, one.max) if ends and one.max is not None else "",
        top=() if drawn else _top(one, report),
        bars=() if drawn is None else tuple(count / most for count in drawn.counts),
    )


def _top(one: ColumnReport, report: Report) -> tuple[tuple[str, float], ...]:
    return tuple((visible(count.text, _VALUE), count.rows / report.sampled) for count in one.top[:3])


def spelled(one: ColumnReport, value: float) -> str:
    """A number as a file has it: a date as a date, to the second, and no more than four digits of others."""
    kind = BY_NAME[one.kind]
    if not kind.quantitative:  # codes that are all numbers have a least and a greatest one
        return figure(value)
    [text] = kind.names(Numbers(one.name, np.array([value]), one.kind, one.notation))
    if kind.moves:
        return text.partition(".")[0]
    return figure(value) if text == str(value) or len(text) > 20 else text


def why(report: Report) -> Iterator[str]:
    """Each reason for a kind, with the columns that have it."""
    columns: dict[tuple[str, str], list[str]] = {}
    for one in report.columns:
        if one.why:
            columns.setdefault((one.kind, one.why), []).append(visible(one.name, _NAME))
    for (kind, reason), names in columns.items():
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        yield f"{kind}: {visible(reason, 200)} ({', '.join(names[:8])}{more})"
