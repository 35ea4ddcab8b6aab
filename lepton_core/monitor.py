"""Whether live traffic still looks like the training data and is answered, and what that changes about the alerts."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift import Profile, Sketch
from lepton_core.drift.statistics.psi import PSI
from lepton_core.table.kinds import BY_NAME, Bins

THRESHOLD = 0.2
"""In credit scoring, where the index comes from, a PSI above 0.2 is called a large shift."""

LEVEL = 0.999
"""How sure an alarm is: without drift, one assessment in a thousand raises any."""

MOST_REFUSED = 0.1
"""Share of calls that may be refused: people mistype, but where it is more, something that calls is broken."""

REFUSED = "refused calls"
"""The name of the alert that too many calls are refused."""

OF_CALLS = frozenset({REFUSED, "failing", "slow"})
"""The names of the alerts of calls: no training mends what they are about."""


@dataclass(frozen=True)
class Drift:
    """How far one feature, or the prediction, is from the training data; ``drifted`` is ``psi > alarm``."""

    name: str
    psi: float
    alarm: float
    drifted: bool


@dataclass(frozen=True)
class Refusals:
    """How many of the ``calls`` were ``refused``.

    ``alarm`` is the share above which something is wrong; None if the calls are too few to tell.
    """

    calls: int = 0
    refused: int = 0
    alarm: float | None = None

    @property
    def share(self) -> float:
        """Refused calls among all, 0 without calls."""
        return self.refused / self.calls if self.calls else 0.0

    @property
    def failing(self) -> bool:
        """Whether too many are."""
        return self.alarm is not None and self.share > self.alarm


@dataclass(frozen=True)
class Fault:
    """What is wrong with the calls of a version: the ``rule`` that they break, in a sentence with its numbers.

    ``value`` is the share of calls, or the latency in ms, that is above its ``line``.
    """

    rule: Literal["failing", "slow"]
    reason: str
    value: float
    line: float


@dataclass(frozen=True)
class Assessment:
    """All drifts of ``rows`` rows of traffic, features in the profile's order, and what is wrong with the calls."""

    rows: int
    features: tuple[Drift, ...]
    prediction: Drift
    refusals: Refusals = Refusals()
    fault: Fault | None = None

    @property
    def drifted(self) -> tuple[Drift, ...]:
        """Those that crossed their line."""
        return tuple(drift for drift in (*self.features, self.prediction) if drift.drifted)


@dataclass(frozen=True)
class Alert:
    """Something crossed a line: ``value`` is the latest PSI, or share, ``threshold`` the line that it crossed.

    ``name`` is 'feature:<name>', 'prediction', 'refused calls', 'failing' or 'slow' (the value is a latency in ms);
    times as the caller of `next_alerts` gives them. It opens once, is seen ``count`` times, and closes.
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
    probability 1 - level at most. Of a date only the share of missing ones is compared: later rows have later dates,
    and a day of traffic has one day of the week. Without rows nothing has drifted. Raises `InvalidArtifact` if
    ``sketch`` was not counted in the bins of ``profile``.

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
    each = one_of(profile, level)

    def measured(bins: Bins, actual: NDArray[np.int64]) -> Drift:
        return measure(bins, actual, each, threshold=threshold)

    return Assessment(
        rows=sketch.rows,
        features=tuple(measured(bins, sketch.counts[bins.name]) for bins in profile.features),
        prediction=measured(profile.prediction, sketch.prediction),
        refusals=Refusals(sketch.requests, sketch.refused, refusal_alarm(sketch.requests, level=level)),
    )


def one_of(profile: Profile, level: float = LEVEL) -> float:
    """How sure the alarm of a single subject is, so that all of them together are so to ``level``."""
    return 1 - (1 - level) / (len(profile.features) + 1)


def measure(bins: Bins, actual: NDArray[np.int64], level: float, *, threshold: float = THRESHOLD) -> Drift:
    """How far traffic that was counted in ``bins``, (B,), is from the training rows; `assess` says what the line is.

    >>> from lepton_core.table.kinds import NumberBins
    >>> measure(NumberBins("x", (0.5,), (50, 50, 0)), np.array([0, 100, 0]), 0.999).drifted
    True
    """
    expected, actual = comparable(bins, np.array(bins.counts, dtype=np.int64)), comparable(bins, actual)
    n, m = int(expected.sum()), int(actual.sum())
    if n == 0 or m == 0:
        return Drift(bins.name, psi=0.0, alarm=threshold, drifted=False)
    used = int(np.count_nonzero(expected + actual))
    distance = PSI.distance(expected, actual)
    alarm = max(threshold, PSI.noise(level, used, n, m))
    return Drift(bins.name, psi=distance, alarm=alarm, drifted=distance > alarm)


def comparable(bins: Bins, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts of the bins (B,) that later rows of the same kind fill alike: of dates, of those that are there and not.

    The last bin of quantities is the one for missing cells.
    """
    if goes_on(bins):
        return np.array([counts[:-1].sum(), counts[-1]])
    return counts


def goes_on(bins: Bins) -> bool:
    """Whether later rows have later cells without any drift, as dates have."""
    kind = BY_NAME[bins.kind]
    return kind.quantitative and kind.moves


def refusal_alarm(calls: int, *, most: float = MOST_REFUSED, level: float = LEVEL) -> float | None:
    """The share p of ``calls`` that chance exceeds with probability 1 - ``level`` at most, if ``most`` are refused.

    By Chernoff's bound it is where calls KL(p || most) = -log(1 - level), KL being the divergence of two yes/no draws;
    None of so few calls that even all may be refused by chance.

    >>> refusal_alarm(2), round(refusal_alarm(50), 2), round(refusal_alarm(100_000), 3)
    (None, 0.29, 0.104)
    """

    def exponent(share: float) -> float:
        parts = ((share, most), (1.0 - share, 1.0 - most))
        return calls * sum(p * math.log(p / q) for p, q in parts if p > 0.0)

    wanted = -math.log(1.0 - level)
    if exponent(1.0) <= wanted:  # even if all of so few were refused, it may be chance
        return None
    low, high = most, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if exponent(middle) < wanted else (low, middle)
    return high


def next_alerts(open_alerts: Iterable[Alert], assessment: Assessment, now: datetime) -> list[Change]:
    """The changes that ``assessment`` makes, given the alerts that are open; at most one for each alert.

    What crossed its line opens an alert, or repeats the open one: its count grows, its value is the new one. An
    open alert closes when its subject has not crossed it, although there were rows (or calls) enough to show as much
    as the alert's (``alarm <= value``); in a quieter window it stays as it is. One whose subject is no longer
    assessed closes. Without calls nothing changes, and without rows nothing but the alert of refused calls.

    >>> calm, wild = Drift("x", 0.1, 0.2, False), Drift("prediction", 0.5, 0.2, True)
    >>> now = datetime(2030, 1, 1)
    >>> [change] = next_alerts([], Assessment(500, (calm,), wild), now)
    >>> change.kind, change.alert.message
    ('opened', 'the prediction drifted: PSI 0.50 over 500 rows, above 0.20')
    """
    waiting = {alert.name: alert for alert in open_alerts}
    subjects = _subjects(assessment) if assessment.rows else []
    if assessment.refusals.calls:
        subjects.append(_refusals(assessment.refusals))
    if (wrong := assessment.fault) is not None:
        subjects.append(_Subject(wrong.rule, wrong.reason, wrong.value, wrong.line, crossed=True))
    changes: list[Change] = []
    for subject in subjects:
        alert = waiting.pop(subject.name, None)
        new = Alert(subject.name, subject.message, subject.value, subject.alarm, opened=now, seen=now)
        if subject.crossed and alert is None:
            changes.append(Change("opened", new))
        elif subject.crossed and alert is not None:
            again = replace(new, opened=alert.opened, count=alert.count + 1)
            changes.append(Change("repeated", again))
        elif alert is not None and subject.alarm <= alert.value:
            changes.append(_closed(alert, now))
    if assessment.rows:
        changes += [_closed(alert, now) for alert in waiting.values() if alert.name != REFUSED]
    return changes


@dataclass(frozen=True)
class _Subject:
    name: str
    message: str
    value: float
    alarm: float
    crossed: bool


def _closed(alert: Alert, now: datetime) -> Change:
    return Change("closed", replace(alert, state="closed", closed=now))


def _subjects(assessment: Assessment) -> list[_Subject]:
    features = [(f"feature:{drift.name}", f"feature {drift.name!r}", drift) for drift in assessment.features]
    return [
        _Subject(
            name,
            f"{what} drifted: PSI {drift.psi:.2f} over {assessment.rows} rows, above {drift.alarm:.2f}",
            drift.psi,
            drift.alarm,
            drift.drifted,
        )
        for name, what, drift in [*features, ("prediction", "the prediction", assessment.prediction)]
    ]


def _refusals(found: Refusals) -> _Subject:
    alarm = math.inf if found.alarm is None else found.alarm
    message = f"{found.refused} of {found.calls} calls refused, above {alarm:.0%}"
    return _Subject(REFUSED, message, found.share, alarm, found.failing)
