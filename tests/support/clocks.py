"""Clocks that a test sets."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is told to move."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Ticking(Clock):
    """A second passes each time that somebody looks."""

    def __call__(self) -> datetime:
        self.forward(1.0)
        return super().__call__()


class Seconds:
    """Counts seconds, as `time.monotonic` does; stands still until ``now`` is set."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
