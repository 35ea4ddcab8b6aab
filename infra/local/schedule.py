"""EventBridge on one machine: times become the events that handlers declare."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from chalice.app import Chalice, ScheduledEventConfig, ScheduleExpression

from functions.complaints import cause_of, complain
from functions.context import Platform, bound
from infra.local.gateway import ACCOUNT, REGION, LambdaContext
from infra.local.stored_schedule import StoredSchedule

log = logging.getLogger("lepton.schedule")

TICK_SECONDS = 1.0
LISTEN_SECONDS = 0.5
"""Longer than `Settings.quiet_seconds` of this host, so that what is too fresh is picked up at the second look."""

INCOMING_SECONDS = 0.5
SWEEP_SECONDS = 2.0
"""A crashed worker's run waits this long at most, beside its lease; on AWS the smallest rate is a minute."""

CHECK_SECONDS = 30.0
"""How often it is looked whether a stored schedule is due."""

STAGGER_SECONDS = 5.0
"""How long after the start the first stored schedule is looked at, and how long after it each further one."""

MAX_ACTION_BACKOFF_SECONDS = 60.0
"""How long at most an action that fails time and again is left alone."""

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)\Z")

Action = Callable[[], None]


@dataclass(frozen=True)
class Timer:
    """Something to do ``after`` some seconds for the first time, then every ``seconds``."""

    name: str
    seconds: float
    action: Action
    after: float = 0.0


def sweep_timers(app: Chalice, platform: Platform, *, sweep_seconds: float = SWEEP_SECONDS) -> list[Timer]:
    """One timer for each schedule of one minute: it looks after crashed work, at start and every ``sweep_seconds``."""
    return [
        Timer(name, sweep_seconds, _scheduled(app, platform, name))
        for name, seconds in _rates(app)
        if seconds <= _UNITS["minute"]
    ]


def stored_timers(app: Chalice, platform: Platform) -> list[Timer]:
    """One timer for each rarer schedule; what is overdue at the start is done soon after it, one after the other."""
    rare = [(name, seconds) for name, seconds in _rates(app) if seconds > _UNITS["minute"]]
    found = []
    for place, (name, seconds) in enumerate(rare, start=1):
        action = StoredSchedule(platform, name, timedelta(seconds=seconds), _scheduled(app, platform, name))
        found.append(Timer(name, CHECK_SECONDS, action, after=STAGGER_SECONDS * place))
    return found


def _rates(app: Chalice) -> Iterator[tuple[str, int]]:
    """Name and seconds of each schedule. Raises ``ValueError`` for a cron expression: this host knows rates."""
    for source in app.event_sources:
        if isinstance(source, ScheduledEventConfig):
            yield source.name, rate_seconds(source.schedule_expression)


def rate_seconds(expression: str | ScheduleExpression) -> int:
    """The seconds between two runs of a rate expression.

    >>> rate_seconds("rate(2 hours)")
    7200
    """
    text = expression if isinstance(expression, str) else expression.to_string()
    parsed = _RATE.match(text)
    if parsed is None:
        raise ValueError(f"not a rate: {text}")
    return int(parsed[1]) * _UNITS[parsed[2]]


class Waking:
    """The ``wake`` of a `Context` on one machine: a thread that waits for it hears that an intent was written."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.ended = False

    def __call__(self) -> None:
        """Let the one that waits go on."""
        self._event.set()

    def heard(self, seconds: float) -> bool:
        """Whether it was called since the last time, or is within so many seconds."""
        heard = self._event.wait(seconds)
        self._event.clear()
        return heard

    def end(self) -> None:
        """Let the one that waits go on for the last time: the platform closes, and ``ended`` says so."""
        self.ended = True
        self._event.set()


@dataclass
class PickUp:
    """Sees to intents as soon as they are written, and once more when they have been quiet for long enough."""

    app: Chalice
    platform: Platform
    waking: Waking
    heard: bool = False

    def __call__(self) -> None:
        """Listen for `LISTEN_SECONDS`, and act on what was written; of a platform that closes, the next one does."""
        before, self.heard = self.heard, self.waking.heard(LISTEN_SECONDS)
        if (self.heard or before) and not self.waking.ended:
            with bound(self.platform):
                self.app.handler_map["pick_up"]({}, LambdaContext(str(uuid4()), "pick_up"))


def _intents(app: Chalice, platform: Platform, waking: Waking) -> Timer:
    return Timer("intents", 0.0, PickUp(app, platform, waking))


def embedded_timers(app: Chalice, platform: Platform, waking: Waking) -> list[Timer]:
    """Everything that happens by itself inside a user's own process: counts are written, crashed work is taken up."""
    return [_tick(platform), _intents(app, platform, waking), *sweep_timers(app, platform)]


def _tick(platform: Platform) -> Timer:
    return Timer("tick", TICK_SECONDS, platform.loaded.tick)


class Background:
    """Timers that run until `close`, each in a thread of its own, so that a slow one holds up no other.

    An action that raises is logged once for each cause, and runs again ever later, until it succeeds. One that listens
    to ``waking`` holds up no `close`.
    """

    def __init__(self, timers: Iterable[Timer], waking: Waking | None = None) -> None:
        self._stopping = threading.Event()
        self._waking = waking
        self._threads = [
            threading.Thread(target=self._loop, args=(timer,), name=f"every-{timer.name}", daemon=True)
            for timer in timers
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Start no further action."""
        self._stopping.set()
        if self._waking is not None:
            self._waking.end()

    def close(self, grace_seconds: float) -> None:
        """`stop`, and wait at most that long for the actions under way; what they leave is taken up again later."""
        self.stop()
        deadline = time.monotonic() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _loop(self, timer: Timer) -> None:
        wait, failures, cause = timer.after, 0, ""
        while not self._stopping.wait(wait) and threading.main_thread().is_alive():
            cause = _run(timer, cause)
            failures = failures + 1 if cause else 0
            wait = max(
                timer.seconds, min(MAX_ACTION_BACKOFF_SECONDS, timer.seconds * 2.0 ** min(failures, 10))
            )


def server_timers(
    app: Chalice,
    platform: Platform,
    look: Action,
    waking: Waking,
    *,
    sweep_seconds: float = SWEEP_SECONDS,
) -> list[Timer]:
    """Everything that happens by itself in a platform that stays up; ``look`` looks for files that landed."""
    return [
        _tick(platform),
        _intents(app, platform, waking),
        Timer("incoming", INCOMING_SECONDS, look),
        *sweep_timers(app, platform, sweep_seconds=sweep_seconds),
        *stored_timers(app, platform),
    ]


def _scheduled(app: Chalice, platform: Platform, name: str) -> Action:
    def action() -> None:
        event = _event(
            "aws.events", "Scheduled Event", {}, [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"]
        )
        with bound(platform):
            app.handler_map[name](event, LambdaContext(event["id"], name))

    return action


def _event(source: str, kind: str, detail: dict[str, Any], resources: list[str]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "region": REGION,
        "resources": resources,
        "detail": detail,
    }


def _run(timer: Timer, known: str) -> str:
    """The cause for which the action failed, or nothing; it is logged unless it is ``known``."""
    try:
        timer.action()
    except Exception as error:  # noqa: BLE001  (the next time may be better)
        cause = cause_of(error)
        if cause != known:
            complain(log, error, f"{timer.name} failed and is tried again")
        return cause
    return ""
