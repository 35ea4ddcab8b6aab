"""Following a deployment: what is loaded, who gets its calls and how they go, until nobody watches it any more."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from msgspec.structs import replace

from lepton_ai.errors import LeptonError, Unavailable
from lepton_ai.follow import until, where
from lepton_ai.progress import Stopwatch, say
from lepton_ai.replies import read
from lepton_ai.report import MonitorReport, VersionCalls
from lepton_ai.served import Deployment, HistoryEntry, Rollout, RolloutEnd
from lepton_ai.show import duration, figure
from lepton_ai.stages import Stages
from lepton_ai.transport import Transport, pages

_LONGEST_WAIT = 2.0
_HOURS = 24
"""Of so many hours the calls are told, as on the console."""

_GOES_ON = ("canary", "weight", "paused", "resumed", "labels")
"""Changes after which the version that was deployed goes on as it was, or is tried."""

Place = Callable[[Deployment], Deployment]
"""Starts what serves a deployment on this machine; the deployment with its address."""


@dataclass(frozen=True)
class Following:
    """The deployment of the model ``name``, which is at ``path``, as it goes on; ``shown`` is told how far it is."""

    transport: Transport
    name: str
    path: str
    shown: Stages
    quiet: bool = False
    sleep: Callable[[float], None] = time.sleep
    watch: Stopwatch = field(default_factory=Stopwatch)

    def from_the_start(self, which: str, ask: Callable[[], Deployment], place: Place | None) -> Deployment:
        """Deploy ``which`` by ``ask``, start what serves it by ``place``, and wait until nobody watches it any more.

        The deployment as it is then, with how that ``ended``. An interrupt says what may have come of it, and is raised
        again. Errors: those of both, and of `to_its_end`.
        """
        try:
            self.shown.at("loading", f"loading {which}, which is asked for a row first")
            made = ask()
            if place is not None:
                self.shown.at("starting", "starting the server of its own")
                made = place(made)
                self.shown.at("ready", f"the server is ready at {made.url}")
        except KeyboardInterrupt:
            self.shown.close()
            say(f"no longer waiting; it may be deployed all the same; {self._again()}", quiet=self.quiet)
            raise
        except BaseException:
            self.shown.close()
            raise
        if made.rollout is not None:
            return self.to_its_end(made)
        return self._over(made, RolloutEnd("stayed", made.routes[0].version))

    def to_its_end(self, first: Deployment) -> Deployment:
        """Wait until what is ``first`` under way is over; the deployment then, with how that ``ended``, or did before.

        An interrupt leaves the deployment as it is, says so, and is raised again. Raises ``Unavailable`` after a minute
        without an answer.
        """
        with self._until_wrong():
            rollout, now = first.rollout, first
            if rollout is None:
                end = self._last(first)
            else:
                self._show(first)
                number = rollout.number
                now = until(
                    self._asked,
                    lambda now: now.rollout is None or now.rollout.number != number,
                    first=first,
                    longest=_LONGEST_WAIT,
                    sleep=self.sleep,
                )
                end = self._end_of(rollout, is_canary=len(first.routes) > 1)
        return self._over(replace(now, address=first.address, url=first.url), end)

    def _over(self, now: Deployment, end: RolloutEnd) -> Deployment:
        self.shown.close(f"deploying {self.name}: {end.state} after {self.watch}")
        return replace(now, ended=end)

    @contextmanager
    def _until_wrong(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            self.shown.close()
            say(f"no longer watching; the deployment stays as it is, {self._goes_on()}", quiet=self.quiet)
            raise
        except Unavailable as error:
            self.shown.close()
            raise Unavailable(f"{error.message}; the deployment stays as it is, {self._goes_on()}") from None
        except BaseException:
            self.shown.close()
            raise

    def _goes_on(self) -> str:
        return f"and is looked after {where(self.transport)}; {self._again()}"

    def _again(self) -> str:
        return f"to go on: lepton status {self.name} --deployment, or Model.follow_deployment()"

    def _asked(self) -> Deployment:
        now = read(self.transport.call("GET", f"{self.path}/deployment"), Deployment)
        self._show(now)
        return now

    def _show(self, now: Deployment) -> None:
        rollout = now.rollout
        if rollout is not None:
            stage, said = told(now, rollout)
            done = rollout.bake_seconds - rollout.seconds_left
            self.shown.at(stage, said, partial(self._calls, rollout), done, rollout.bake_seconds)

    def _calls(self, rollout: Rollout) -> list[str]:
        try:
            asked = self.transport.call("GET", f"{self.path}/monitor", query={"hours": str(_HOURS)})
        except Unavailable:
            raise
        except LeptonError:
            return []  # the calls are told beside the rollout, which goes on without them
        found = {one.version: one for one in read(asked, MonitorReport).versions}
        return [calls_of(version, found.get(version)) for version in (rollout.version, rollout.before)]

    def _changes(self) -> Iterator[HistoryEntry]:
        """All of them, the latest first."""
        asked = pages(self.transport, f"{self.path}/deployment/history", {"limit": "100"})
        return (read(item, HistoryEntry) for item in asked)

    def _end_of(self, rollout: Rollout, *, is_canary: bool) -> RolloutEnd:
        """How a rollout ended: what the first change says that it did not outlive."""
        last = None
        for one in self._changes():
            if one.number <= rollout.number:
                break
            if one.cause not in _GOES_ON or not _serves(one, rollout.version):
                last = one
        if last is None:
            return RolloutEnd("replaced" if is_canary else "stayed", rollout.version)
        return _end(last, rollout.version)

    def _last(self, now: Deployment) -> RolloutEnd:
        """How the last one ended that is over, or was never watched."""
        changes = self._changes()
        last = next((one for one in changes if one.cause not in _GOES_ON), None)
        if last is None:  # an earlier program wrote no history
            return RolloutEnd("stayed", now.routes[0].version)
        return _end(last, _meant(last, next(changes, None)))


def _meant(last: HistoryEntry, before: HistoryEntry | None) -> int:
    """The version that a change is about: the one that it took back, or the one that it gave the calls."""
    served = [] if before is None else [one.version for one in before.routes]
    gone = [version for version in served if not _serves(last, version)]
    if last.cause in ("rolled back", "retired") and gone:
        return gone[-1]
    return last.routes[0].version if last.routes else 0


def _serves(change: HistoryEntry, version: int) -> bool:
    return any(one.version == version for one in change.routes)


def _end(change: HistoryEntry, version: int) -> RolloutEnd:
    state = change.cause
    if state not in ("promoted", "rolled back", "retired"):
        state = "stayed" if change.routes and change.routes[0].version == version else "replaced"
    return RolloutEnd(state, version, change.by, change.reason)


def told(now: Deployment, rollout: Rollout) -> tuple[str, str]:
    """The stage that a rollout is in, and what is to be said of it.

    >>> from datetime import UTC, datetime
    >>> from lepton_ai.served import Share
    >>> when = datetime(2030, 1, 1, tzinfo=UTC)
    >>> one = Rollout(2, 1, when, when, "owner", bake_seconds=1800.0, seconds_left=90.0)
    >>> told(Deployment("m", "serving", "/", [Share(1, 0.9), Share(2, 0.1)], when), one)[1]
    'version 2 is a canary with 10% of the calls, 1 min 30 s left'
    """
    is_canary = len(now.routes) > 1
    share = now.routes[1].weight if is_canary else 1.0
    has = f"is a canary with {share:.0%} of the calls" if is_canary else "has all calls and is watched"
    stage, then = "watched", f"{duration(rollout.seconds_left)} left"
    if rollout.paused:
        stage, then = "paused", "paused until lepton unpause, or Model.unpause()"
    elif not rollout.seconds_left and rollout.approval:
        stage, then = "approval", "needs an approval: lepton promote, or Model.promote()"
    elif not rollout.seconds_left:
        stage, then = "over", "promoted once it has been called and nothing was wrong"
    return f"{stage} {share}", f"version {rollout.version} {has}, {then}"


def calls_of(version: int, calls: VersionCalls | None) -> str:
    """What a version was asked in so many hours, in a line.

    >>> calls_of(2, VersionCalls(2, 40, 1, 0, {"invalid_data": 1}, 1.25, 3.5))
    'in 24 h version 2: 40 calls, 1 refused (1 invalid_data), 0 failed, p50 1.25 ms, p99 3.5 ms'
    """
    if calls is None:
        return f"in {_HOURS} h version {version}: no calls"
    took = {"p50": calls.latency_p50_ms, "p99": calls.latency_p99_ms}
    times = [f"{name} {figure(ms)} ms" for name, ms in took.items() if ms is not None]
    return ", ".join([f"in {_HOURS} h {calls}", *times])
