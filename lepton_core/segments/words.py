"""What was found of segments, in sentences."""

from dataclasses import replace

from lepton_core.evaluate import Interval, Segment, Segments
from lepton_core.readable import figure, visible
from lepton_core.segments.cuts import FEWEST_SEGMENT_ROWS

_LEAST_SHOWN = 1e-9


def of_one(one: Segment, *, accuracy: bool) -> Segment:
    """The same with its ``sentence``; the score is an ``accuracy``, or an RMSE."""
    metric, measure = ("accuracy", "log loss") if accuracy else ("rmse", "squared error")
    said = (
        f"{visible(one.column)} {one.name}: {metric} {with_ends(one.score)} on {one.rows} "
        f"row{'s' * (one.rows != 1)}, {figure(one.score_elsewhere)} on the others; {measure} {figure(one.loss)} "
        f"beside {figure(one.loss_elsewhere)}, more by {with_ends(one.difference)}, {_chance(one.p)}"
    )
    if one.also:
        said += f"; so do just these rows by {', '.join(map(visible, one.also[:3]))}"
    return replace(one, sentence=said)


def _chance(p: float) -> str:
    return f"p = {p:.2g}" if p >= _LEAST_SHOWN else f"p < {_LEAST_SHOWN:g}"


def of_all(found: Segments) -> Segments:
    """The same with its ``sentence``.

    >>> none = Interval(0.0, 0.0, 0.0)
    >>> few = Segments("rmse", "squared_error", 9, 9, none, none, 2, 0, 0, 4, 0, (), "")
    >>> of_all(few).sentence
    'no segment by 2 columns has 20 rows and as many beside it: 9 rows do not show where the model is wrong'
    """
    by = f"by {found.columns} column{'s' * (found.columns != 1)}"
    if not found.tested:
        said = f"no segment {by} has {FEWEST_SEGMENT_ROWS} rows and as many beside it: "
        said += f"{found.rows} rows do not show where the model is wrong"
        return replace(found, sentence=said)
    segments = f"{found.tested} segment{'s' * (found.tested != 1)} {by}"
    verb = "is" if found.weak <= 1 else "are"
    said = f"{found.weak or 'none'} of {segments} {verb} shown to be worse than the other rows"
    kept = sum(1 + len(one.also) for one in found.worst)
    if kept < found.weak:
        said += f"; the {len(found.worst)} worst are kept"
    if found.columns_left:
        said += f"; {found.columns_left} more columns were not looked at"
    return replace(found, sentence=said)


def with_ends(one: Interval) -> str:
    """A figure with its interval.

    >>> with_ends(Interval(0.5, 0.25, 0.75))
    '0.5 (0.25 to 0.75)'
    """
    return f"{figure(one.value)} ({figure(one.low)} to {figure(one.high)})"
