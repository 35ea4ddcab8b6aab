"""Traffic as it is drawn: over time, and each feature bin by bin beside the training rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift import Profile, Sketch, empty_sketch, merge, quantile
from lepton_core.monitor import Drift, comparable, goes_on, measure, one_of
from lepton_core.table.kinds.bins import Bins, Holds, Meaning

LONGEST_TEXT = 200
"""Letters of a text that a bar is named by."""

MOST_POINTS = 168
"""Points that a line is drawn of: the hours of a week."""

FEW_POINTS = 31
"""Points of a small line, of which there may be a thousand."""

_STEPS = (1, 2, 3, 4, 6, 8, 12, 24)


@dataclass(frozen=True)
class Calls:
    """The calls of the hours from ``begins`` on: ``requests`` with those ``refused``, and rows as in the report.

    Latencies are in milliseconds, None without a call.
    """

    begins: datetime
    requests: int
    rows: int
    errors: int
    refused: int
    latency_p50_ms: float | None
    latency_p99_ms: float | None


@dataclass(frozen=True)
class Bar:
    """One bin: what it ``holds``, as `Meaning` says, with the training rows and the rows of traffic in it."""

    holds: Holds
    text: str
    low: float | None
    high: float | None
    training: int
    traffic: int


@dataclass(frozen=True)
class Past:
    """How far the ``rows`` of the hours from ``begins`` on alone were from the training rows."""

    begins: datetime
    rows: int
    psi: float
    alarm: float


@dataclass(frozen=True)
class Watched:
    """One feature, or the prediction, beside the training rows: its ``bars``, its figures, and those of ``past`` hours.

    ``psi``, ``alarm`` and ``drifted`` are as in `Drift`. Hours without a row have no place in the past.
    """

    name: str
    of: Literal["feature", "prediction"]
    kind: str
    psi: float
    alarm: float
    drifted: bool
    bars: tuple[Bar, ...]
    past: tuple[Past, ...] = ()


def step_of(hours: int, most: int = MOST_POINTS) -> int:
    """How many hours one point of a line stands for, so that there are at most ``most`` of them; a day at most.

    >>> step_of(24), step_of(168), step_of(720), step_of(720, FEW_POINTS)
    (1, 1, 6, 24)
    """
    return next((step for step in _STEPS if hours <= step * most), _STEPS[-1])


def traffic_of(begins: datetime, sketch: Sketch | None) -> Calls:
    """What a line shows of ``sketch``, the calls of the hours from ``begins`` on; None: there was none."""
    if sketch is None:
        return Calls(begins, 0, 0, 0, 0, None, None)
    return Calls(
        begins,
        sketch.requests,
        sketch.rows,
        sketch.errors,
        sketch.refused,
        quantile(sketch.latency, 0.5),
        quantile(sketch.latency, 0.99),
    )


def watched(profile: Profile, past: Mapping[datetime, Sketch], wanted: slice = slice(None)) -> list[Watched]:
    """The features and the prediction beside the training rows, those first that moved most for their line.

    ``past`` is the traffic of each step of time, the earliest first. ``wanted`` says which of that order to give.
    Raises `InvalidArtifact` if something was not counted in the bins of ``profile``.

    >>> from lepton_core.drift import observe, profile
    >>> from lepton_core.table import Numbers, Table
    >>> x = np.linspace(0, 1, 1000)
    >>> reference = profile(Table((Numbers("x", x), Numbers("y", x))), x)
    >>> later = Table((Numbers("x", x + 0.5), Numbers("y", x)))
    >>> seen = observe(reference, empty_sketch(reference), later, x, latency_ms=1.0)
    >>> [(one.name, one.drifted, len(one.bars)) for one in watched(reference, {datetime(2030, 1, 1): seen})]
    [('x', True, 11), ('y', False, 11), ('prediction', False, 11)]
    """
    for sketch in past.values():
        sketch.check(profile)
    whole = reduce(merge, past.values(), empty_sketch(profile))
    level = one_of(profile)
    subjects: list[tuple[Bins, Literal["feature", "prediction"]]] = [
        *((bins, "feature") for bins in profile.features),
        (profile.prediction, "prediction"),
    ]
    measured = [(measure(bins, _counts(whole, bins, of), level), bins, of) for bins, of in subjects]
    measured.sort(key=lambda one: -one[0].psi / one[0].alarm)
    return [
        Watched(
            drift.name,
            of,
            bins.kind,
            drift.psi,
            drift.alarm,
            drift.drifted,
            _bars(bins, _counts(whole, bins, of)),
            _past(bins, of, past, level),
        )
        for drift, bins, of in measured[wanted]
    ]


def _counts(sketch: Sketch, bins: Bins, of: str) -> NDArray[np.int64]:
    return sketch.prediction if of == "prediction" else sketch.counts[bins.name]


def _past(bins: Bins, of: str, past: Mapping[datetime, Sketch], level: float) -> tuple[Past, ...]:
    found: list[tuple[datetime, int, Drift]] = [
        (begins, sketch.rows, measure(bins, _counts(sketch, bins, of), level))
        for begins, sketch in past.items()
        if sketch.rows
    ]
    return tuple(Past(begins, rows, drift.psi, drift.alarm) for begins, rows, drift in found)


def _bars(bins: Bins, counts: NDArray[np.int64]) -> tuple[Bar, ...]:
    training = comparable(bins, np.array(bins.counts, dtype=np.int64))
    meanings: Sequence[Meaning] = bins.meanings()
    if goes_on(bins):
        meanings = (Meaning("present"), Meaning("missing"))
    return tuple(
        Bar(one.holds, one.text[:LONGEST_TEXT], one.low, one.high, trained, served)
        for one, trained, served in zip(
            meanings, training.tolist(), comparable(bins, counts).tolist(), strict=True
        )
    )
