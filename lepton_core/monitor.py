"""Whether live traffic still looks like the training data, and what that changes about the alerts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift import Profile, Sketch
from lepton_core.drift.statistics.psi import PSI
from lepton_core.table.kinds import Bins

THRESHOLD = 0.2
"""In credit scoring, where the index comes from, a PSI above 0.2 is called a large shift."""

LEVEL = 0.999
"""How sure an alarm is: without drift, one assessment in a thousand raises any."""


@dataclass(frozen=True)
class Drift:
    """How far one feature, or the prediction, is from the training data; ``drifted`` is ``psi > alarm``."""

    name: str
    psi: float
    alarm: float
    drifted: bool


@dataclass(frozen=True)
class Assessment:
    """All drifts of ``rows`` rows of traffic, features in the profile's order."""

    rows: int
    features: tuple[Drift, ...]
    prediction: Drift

    @property
    def drifted(self) -> tuple[Drift, ...]:
        """Those that crossed their line."""
        return tuple(drift for drift in (*self.features, self.prediction) if drift.drifted)


@dataclass(frozen=True)
class Alert:
    """Something crossed a line: ``value`` is the latest PSI, ``threshold`` the line that it crossed.

    ``name`` is 'feature:<name>' or 'prediction'; times as the caller of `next_alerts` gives them. It opens once, is
    seen ``count`` times, and closes.
    """

    name: str
    message: str
    value: float
    threshold: float
    opened: datetime
    seen: datetime
    count: int = 1
    closed: datetime | None = None
    state: Literal["open", "closed"] = "open"


@dataclass(frozen=True)
class Change:
    """The change of one alert; ``alert`` is how it is afterwards."""

    kind: Literal["opened", "repeated", "closed"]
    alert: Alert


def assess(
    profile: Profile, sketch: Sketch, *, threshold: float = THRESHOLD, level: float = LEVEL
) -> Assessment:
    """The population stability index of every feature and of the prediction, each with its alarm line.

    The line is ``threshold``, or, where few rows make chance larger than that, the PSI that chance exceeds
    with probability (1 - level) / (features + 1): so all of them together raise a false alarm with
    probability 1 - level at most. Without rows nothing has drifted. Raises `InvalidArtifact` if ``sketch``
    was not counted in the bins of ``profile``.

    >>> from lepton_core.drift import Counter, profile
    >>> from lepton_core.table import Numbers, Table
    >>> x = np.linspace(0, 1, 1000)
    >>> reference = profile(Table((Numbers("x", x),)), x)
    >>> counter = Counter(reference)
    >>> counter.observe(Table((Numbers("x", x + 0.5),)), x, latency_ms=1.0)
    >>> [drift.name for drift in assess(reference, counter.snapshot()).drifted]
    ['x']
    """
    sketch.check(profile)
    each = 1 - (1 - level) / (len(profile.features) + 1)

    def measured(bins: Bins, actual: NDArray[np.int64]) -> Drift:
        expected = np.array(bins.counts, dtype=np.int64)
        n, m = int(expected.sum()), int(actual.sum())
        if n == 0 or m == 0:
            return Drift(bins.name, psi=0.0, alarm=threshold, drifted=False)
        used = int(np.count_nonzero(expected + actual))
        distance = PSI.distance(expected, actual)
        alarm = max(threshold, PSI.noise(each, used, n, m))
        return Drift(bins.name, psi=distance, alarm=alarm, drifted=distance > alarm)

    return Assessment(
        rows=sketch.rows,
        features=tuple(measured(bins, sketch.counts[bins.name]) for bins in profile.features),
        prediction=measured(profile.prediction, sketch.prediction),
    )


def next_alerts(open_alerts: Iterable[Alert], assessment: Assessment, now: datetime) -> list[Change]:
    """The changes that ``assessment`` makes, given the alerts that are open; at most one for each alert.

    What drifted opens an alert, or repeats the open one: its count grows, its value is the new one. An open
    alert closes when its subject has not drifted, although there were rows enough to show as large a drift as
    the alert's (``alarm <= value``); in a quieter window it stays as it is. One whose subject is no longer
    assessed closes. Without rows nothing changes.

    >>> calm, wild = Drift("x", 0.1, 0.2, False), Drift("prediction", 0.5, 0.2, True)
    >>> now = datetime(2030, 1, 1)
    >>> [change] = next_alerts([], Assessment(500, (calm,), wild), now)
    >>> change.kind, change.alert.message
    ('opened', 'the prediction drifted: PSI 0.50 over 500 rows, above 0.20')
    """
    if assessment.rows == 0:
        return []
    waiting = {alert.name: alert for alert in open_alerts}
    changes: list[Change] = []
    for name, subject, drift in _subjects(assessment):
        alert = waiting.pop(name, None)
        if drift.drifted:
            message = (
                f"{subject} drifted: PSI {drift.psi:.2f} over {assessment.rows} rows, above {drift.alarm:.2f}"
            )
            if alert is None:
                new = Alert(name, message, drift.psi, drift.alarm, opened=now, seen=now)
                changes.append(Change("opened", new))
            else:
                again = replace(
                    alert,
                    message=message,
                    value=drift.psi,
                    threshold=drift.alarm,
                    seen=now,
                    count=alert.count + 1,
                )
                changes.append(Change("repeated", again))
        elif alert is not None and drift.alarm <= alert.value:
            changes.append(_closed(alert, now))
    changes += [_closed(alert, now) for alert in waiting.values()]
    return changes


def _closed(alert: Alert, now: datetime) -> Change:
    return Change("closed", replace(alert, state="closed", closed=now))


def _subjects(assessment: Assessment) -> list[tuple[str, str, Drift]]:
    features = [(f"feature:{drift.name}", f"feature {drift.name!r}", drift) for drift in assessment.features]
    return [*features, ("prediction", "the prediction", assessment.prediction)]
