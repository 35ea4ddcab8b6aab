"""EventBridge on one machine: times, and files that land, become the events that handlers declare."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from chalice.app import Chalice, CloudWatchEventConfig, ScheduledEventConfig, ScheduleExpression

from functions.context import Platform, bound
from infra.local.gateway import ACCOUNT, REGION, Context
from infra.local.landing import Landing

log = logging.getLogger("lepton.schedule")

BUCKET = "local"
TICK_SECONDS = 1.0
LANDING_SECONDS = 0.5
SWEEP_SECONDS = 2.0
"""A crashed worker's run waits this long at most, beside its lease; on AWS the smallest rate is a minute."""

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)\Z")

Job = Callable[[], None]


@dataclass(frozen=True)
class Timer:
    """Something to do at once if ``at_start``, then every ``seconds``."""

    name: str
    seconds: float
    job: Job
    at_start: bool = True


def timers(app: Chalice, platform: Platform, *, sweep_seconds: float = SWEEP_SECONDS) -> list[Timer]:
    """One timer for each schedule that ``app`` declares, at its declared rate.

    Those of one minute run every ``sweep_seconds`` instead, and at start: they look after crashed work.
    Raises ``ValueError`` for a cron expression: this host knows rates.
    """
    found = []
    for source in app.event_sources:
        if isinstance(source, ScheduledEventConfig):
            seconds = rate_seconds(source.schedule_expression)
            job = _scheduled(app, platform, source.name)
            if seconds <= _UNITS["minute"]:
                found.append(Timer(source.name, sweep_seconds, job))
            else:
                found.append(Timer(source.name, seconds, job, at_start=False))
    return found


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


def announce(app: Chalice, platform: Platform, key: str, size: int) -> None:
    """Tell every handler that declared an interest that the blob ``key`` was created; its error is raised."""
    event = object_created(key, size)
    for source in app.event_sources:
        if isinstance(source, CloudWatchEventConfig) and matches(source.event_pattern, event):
            with bound(platform):
                app.handler_map[source.name](event, Context(event["id"], source.name))


def object_created(key: str, size: int) -> dict[str, Any]:
    """The event that S3 sends through EventBridge when an object was created."""
    detail = {
        "version": "0",
        "bucket": {"name": BUCKET},
        "object": {"key": key, "size": size, "sequencer": f"{time.time_ns():018X}"},
        "requester": ACCOUNT,
        "reason": "PutObject",
    }
    return _event("aws.s3", "Object Created", detail, [f"arn:aws:s3:::{BUCKET}"])


def matches(pattern: Any, event: Any) -> bool:
    """Whether an EventBridge pattern (exact values, ``prefix``, ``suffix``, ``wildcard``, ``exists``) fits.

    >>> event = object_created("default/incoming/iris/train.csv", 1)
    >>> matches({"detail": {"object": {"key": [{"wildcard": "*/incoming/*"}]}}}, event)
    True
    >>> matches({"source": ["aws.s3"], "detail": {"bucket": {"name": ["other"]}}}, event)
    False
    """
    if isinstance(pattern, dict):
        return all(
            matches(wanted, event.get(name) if isinstance(event, dict) else None)
            for name, wanted in pattern.items()
        )
    return any(_fits(choice, event) for choice in pattern)


def _fits(choice: Any, value: Any) -> bool:
    if not isinstance(choice, dict):
        return bool(choice == value)
    ((operator, operand),) = choice.items()
    if operator == "exists":
        return (value is not None) is operand
    if not isinstance(value, str):
        return False
    tests: dict[str, Callable[[], bool]] = {
        "prefix": lambda: value.startswith(operand),
        "suffix": lambda: value.endswith(operand),
        "wildcard": lambda: (
            re.fullmatch(".*".join(map(re.escape, operand.split("*"))), value, re.DOTALL) is not None
        ),
    }
    if operator not in tests:
        raise ValueError(f"an event pattern's operator that this host does not know: {operator}")
    return tests[operator]()


def embedded_timers(app: Chalice, platform: Platform) -> list[Timer]:
    """What happens by itself inside a user's own process: counts are written, crashed work is taken up."""
    return [_tick(platform), *(timer for timer in timers(app, platform) if timer.at_start)]


def _tick(platform: Platform) -> Timer:
    return Timer("tick", TICK_SECONDS, lambda: platform.served.tick(platform))


class Background:
    """Timers that run until `close`, each in a thread of its own, so that a slow one holds up no other.

    An exception in a job is logged and the job runs again at its next time.
    """

    def __init__(self, jobs: Iterable[Timer]) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, args=(timer,), name=f"every-{timer.name}", daemon=True)
            for timer in jobs
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Start no job any more and wait for those under way."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _loop(self, timer: Timer) -> None:
        if timer.at_start:
            _run(timer)
        while not self._stopping.wait(timer.seconds) and threading.main_thread().is_alive():
            _run(timer)


def server_timers(
    app: Chalice, platform: Platform, landing: Landing, *, sweep_seconds: float = SWEEP_SECONDS
) -> list[Timer]:
    """Everything that happens by itself in a platform that stays up."""
    return [
        _tick(platform),
        Timer("landing", LANDING_SECONDS, landing.scan),
        *timers(app, platform, sweep_seconds=sweep_seconds),
    ]


def _scheduled(app: Chalice, platform: Platform, name: str) -> Job:
    def job() -> None:
        event = _event(
            "aws.events", "Scheduled Event", {}, [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"]
        )
        with bound(platform):
            app.handler_map[name](event, Context(event["id"], name))

    return job


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


def _run(timer: Timer) -> None:
    try:
        timer.job()
    except Exception:
        log.exception("%s failed; it runs again in %g s", timer.name, timer.seconds)
