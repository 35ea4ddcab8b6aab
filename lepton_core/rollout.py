"""Which side of a rollout a request is on, and what the calls of the new version say: wait, promote or roll back."""

import math
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift import LATENCY_EDGES, Sketch, quantile
from lepton_core.drift.latency import bucket
from lepton_core.monitor import MOST_REFUSED, Fault, refusal_alarm

LOOK_LEVEL = 1e-5
"""How likely chance alone may make one look at two equal versions tell them apart: there are thousands of looks."""

FEW = 3
"""So many calls at least must have gone wrong before anything is said of a version."""

MOST_FAILED = 0.01
"""Share of calls that may fail by the platform's own fault, where there is nothing to compare with."""

SLOWER = 2.0
"""A version is slow if its calls take so many times as long as those of the version before."""

SLOWER_MS = 25.0
"""And so many milliseconds longer: nobody waits for less."""

FEW_SLOW = 10
"""So many calls at least must have been slow: the first call of each process is, whatever the version."""


def side(weight: float, salt: str, sticky: str) -> bool:
    """Whether the request ``sticky`` is among the share ``weight`` (0 to 1) that the new version gets.

    ``salt`` names the rollout: other ones deal the same ids otherwise. One id stays on its side, and a weight that
    grows moves nobody back.

    >>> [side(weight, "m:2", "42") for weight in (0.0, 0.25, 0.5, 1.0)]
    [False, False, True, True]
    """
    drawn = int.from_bytes(blake2b(f"{salt}:{sticky}".encode(errors="surrogatepass"), digest_size=8).digest())
    return drawn < weight * 2.0**64


@dataclass(frozen=True)
class Bake:
    """What a rollout demands of the new version: to be watched ``until`` then, and maybe somebody's ``approval``.

    ``canary``: it has a part of the traffic, and is to be promoted; else it has all of it already. ``before`` is the
    version that it is compared with. One that is ``paused`` is watched, and not promoted.
    """

    version: int
    before: int
    until: datetime
    canary: bool
    approval: bool = False
    paused: bool = False


@dataclass(frozen=True)
class Judgement:
    """What is to be done, and why in a sentence; ``wrong`` is what is wrong with the new version, if something is."""

    action: Literal["wait", "promote", "roll back"]
    reason: str
    wrong: Fault | None = None


def judge(new: Sketch, old: Sketch, bake: Bake, now: datetime) -> Judgement:
    """What the calls of the ``new`` version say beside those of the ``old`` one, of the same time.

    A version that fails, or is slow, is rolled back at once, also one that waits for an approval or is paused.
    """
    wrong = fault(new, old, f"version {bake.version}", f"version {bake.before}")
    if wrong is not None:
        return Judgement("roll back", wrong.reason, wrong)
    waiting = (
        (not bake.canary, "it has all of the traffic"),
        (bake.paused, "it is paused"),
        (now < bake.until, f"it is watched until {bake.until:%Y-%m-%d %H:%M} UTC"),
        (bake.approval, "it waits for somebody to promote it"),
        (not new.requests, "it has not been called yet"),
    )
    for holds, why in waiting:
        if holds:
            return Judgement("wait", why)
    calls = f"{new.requests} calls, {new.refused - new.failed} refused, {new.failed} failed"
    return Judgement(
        "promote", f"nothing was wrong with version {bake.version} until its time was over: {calls}"
    )


def fault(new: Sketch, old: Sketch, called: str, other: str) -> Fault | None:
    """What is wrong with the calls of the version that is ``called`` so, beside those of the ``other`` one; or None."""
    for what, bad, bad_before, most in (
        ("failed", (new.failed, new.requests), (old.failed, old.requests), MOST_FAILED),
        ("refused", _refused(new), _refused(old), MOST_REFUSED),
    ):
        found = _more(what, bad, bad_before, most, called, other)
        if found is not None:
            return found
    return _slower(new, old, called, other)


def _refused(calls: Sketch) -> tuple[int, int]:
    """How many calls were refused, of how many, without those that the other version refuses alike."""
    return calls.refused - calls.failed - calls.alike, calls.requests - calls.alike


def _more(
    what: str, new: tuple[int, int], old: tuple[int, int], most: float, called: str, other: str
) -> Fault | None:
    (bad, calls), (bad_before, before) = new, old
    if bad < FEW:
        return None
    share, said = bad / calls, f"{bad} of {calls} calls of {called} {what}"
    # Where even the clearest difference could be chance, there is nothing to compare with.
    if more_by_chance(calls, calls, 0, before) < LOOK_LEVEL:
        if share <= bad_before / before or more_by_chance(bad, calls, bad_before, before) >= LOOK_LEVEL:
            return None
        return Fault("failing", f"{said}, {bad_before} of {before} of {other}", share, bad_before / before)
    alarm = refusal_alarm(calls, most=most, level=1.0 - LOOK_LEVEL)
    if alarm is None or share <= alarm:
        return None
    return Fault("failing", f"{said}, above {alarm:.0%}", share, alarm)


def _slower(new: Sketch, old: Sketch, called: str, other: str) -> Fault | None:
    answered, answered_before = _answered(new), _answered(old)
    calls, before = int(answered.sum()), int(answered_before.sum())
    if calls < FEW_SLOW or not before:
        return None
    # Whoever sends files sends all of them to one side.
    larger = max(1.0, _plain_rows(new) / calls / max(1.0, _plain_rows(old) / before))
    for share in (0.5, 0.99):
        took, took_before = quantile(answered, share), quantile(answered_before, share)
        if took is None or took_before is None:
            continue
        line = larger * _line(took_before)
        above = bucket(line) + 1
        if above > len(LATENCY_EDGES) or took <= line:
            continue
        slow, slow_before = int(answered[above:].sum()), int(answered_before[above:].sum())
        if slow >= FEW_SLOW and more_by_chance(slow, calls, slow_before, before) < LOOK_LEVEL:
            said = f"p{share * 100:.0f} of {calls} calls of {called} is {took:.0f} ms"
            return Fault("slow", f"{said}, {took_before:.0f} ms of {other}: above {line:.0f} ms", took, line)
    return None


def slow_from(old: Sketch) -> float:
    """Milliseconds that a call takes at least which is slow beside the ``old`` version's calls."""
    took_before = quantile(_answered(old), 0.5)
    return SLOWER_MS if took_before is None else _line(took_before)


def _line(took_before: float) -> float:
    return max(SLOWER * took_before, took_before + SLOWER_MS)


def _plain_rows(calls: Sketch) -> int:
    return calls.rows - calls.explained_rows


def _answered(calls: Sketch) -> NDArray[np.int64]:
    """The latencies of calls that had an answer without an explanation, which takes far longer.

    Where it is not known which were refused, they were the fastest.
    """
    answered = np.maximum(calls.latency - calls.unanswered - calls.explained, 0)
    refused = np.minimum(np.cumsum(answered), max(0, calls.refused - int(calls.unanswered.sum())))
    left: NDArray[np.int64] = answered - np.diff(refused, prepend=0)
    return left


def more_by_chance(bad: int, calls: int, bad_before: int, before: int) -> float:
    """How likely ``bad`` of ``calls``, or more, are if these and the calls ``before`` are of one kind: Fisher's test.

    >>> round(more_by_chance(3, 4, 1, 4), 4), more_by_chance(0, 9, 3, 9)
    (0.2429, 1.0)
    """
    every, total = bad + bad_before, calls + before
    most = min(every, calls)
    if bad * total <= every * calls:  # no more than their share of all
        return 1.0
    whole = _choose(total, every)
    likely = 0.0
    for count in range(bad, most + 1):
        term = math.exp(_choose(calls, count) + _choose(before, every - count) - whole)
        likely += term
        if term < likely * 1e-12:
            break
    return min(likely, 1.0)


def _choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
