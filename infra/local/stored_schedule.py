"""Schedules that outlive their process: when each was kept last is a record, so that what was missed is caught up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.context import Context
from functions.records.schedules import SCHEDULES, Schedule
from functions.storage import Lost

PATIENCE = timedelta(minutes=10)
"""How long a process may take for an action that it began before another one does it."""


def is_due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    """Whether a thing that happened ``last`` (None: never) and is to happen ``every`` so often is to happen now.

    A clock that was set back leaves a ``last`` that is yet to come. If it is further away than ``every``, the thing is
    due; so whatever is done to the clock, it happens within twice that time. (Were every such ``last`` overdue, of two
    processes that look at one moment both would do it.)

    >>> noon, hour = datetime(2030, 1, 1, 12), timedelta(hours=1)
    >>> is_due(noon, hour, noon + timedelta(minutes=59)), is_due(noon, hour, noon + hour)
    (False, True)
    >>> is_due(noon, hour, noon - timedelta(days=365))
    True
    """
    return last is None or abs(now - last) >= every


@dataclass(frozen=True)
class StoredSchedule:
    """Does ``action`` once in ``every``, whichever of the processes over one store asks first, and however often.

    An action that raises, or dies with its process, is done again after `PATIENCE`.
    """

    context: Context
    name: str
    every: timedelta
    action: Callable[[], None]

    def __call__(self) -> None:
        """Do the action if it is due and nobody else is at it."""
        system, now = self.context.system, self.context.clock()
        stored = system.get(SCHEDULES, self.name)
        kept, revision = (Schedule(), 0) if stored is None else (stored.value, stored.revision)
        if not is_due(kept.done, self.every, now) or not is_due(kept.begun, PATIENCE, now):
            return
        try:
            system.write(system.put(SCHEDULES, self.name, value=Schedule(kept.done, now), expect=revision))
        except Lost:
            return  # somebody else was faster
        self.action()
        try:
            system.write(system.put(SCHEDULES, self.name, value=Schedule(now), expect=revision + 1))
        except Lost:
            return  # it took so long that somebody else has begun
