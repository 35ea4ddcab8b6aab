"""The lease of a run: claimed, renewed, given back.

Every write is conditional on the revision that this holder wrote last. A holder that took the run up in between has
changed it, so a late holder's next write raises `Lost` and changes nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from functions.context import Context
from functions.runs.record import BEGUN, RESULTS, RUNS, Lease, Progress, Run, has_ended, transition
from functions.settings import Settings
from functions.storage import Lost, Stored, Workspace

T = TypeVar("T", bound=msgspec.Struct)

CLOCK_SKEW = timedelta(seconds=1)
"""How far the clocks of two machines may be apart."""


@dataclass(frozen=True)
class Held:
    """A run under this holder's lease, as of its last write."""

    context: Context
    store: Workspace
    run: Run
    revision: int

    def renew(self) -> "Held":
        """Extend the lease."""
        return self._write(self.run)

    def progressed(self, progress: Progress, tasks_done: int) -> "Held":
        """Extend the lease, and write how far the run has come; earlier crashes and waits count no more."""
        run = replace(self.run, progress=progress, tasks_done=tasks_done, crashes=0, waits=0, not_before=None)
        return self._write(run)

    def crashed(self) -> "Held":
        """Count a task that ended without a word."""
        return self._write(replace(self.run, crashes=self.run.crashes + 1))

    def release(self) -> None:
        """Give the lease back with all progress kept, so that the next holder need not wait for its end."""
        self._put(replace(self.run, lease=None))

    def postpone(self, reason: str) -> None:
        """Give the lease back until a store may be there again: a second later, then twice as long each time."""
        waiting, seconds = self._waiting(reason)
        until = self.context.clock() + timedelta(seconds=seconds)
        self._put(replace(waiting, lease=None, not_before=until))

    def in_round(self, owner: str, run: Run) -> "Held":
        """Write ``run``, this one as it is after a round, and extend the lease as that of ``owner``."""
        return self._write(replace(run, lease=Lease(owner, self.context.clock())))

    def waits(self, owner: str, run: Run, reason: str) -> float:
        """As `in_round`, of a run that waits as after `postpone` and yet keeps its lease; for how many seconds."""
        waiting, seconds = Held(self.context, self.store, run, self.revision)._waiting(reason)
        self.in_round(owner, waiting)
        return seconds

    def _waiting(self, reason: str) -> tuple[Run, float]:
        settings = self.context.settings
        seconds = min(settings.longest_wait_seconds, 2.0 ** min(self.run.waits, 30))
        progress = replace(self.run.progress, note=f"waits: {reason}")
        return replace(self.run, progress=progress, waits=self.run.waits + 1), seconds

    def stored(self) -> Stored[Run]:
        """The run with the revision that its ending must find."""
        return Stored(self.run, self.revision)

    def _write(self, run: Run) -> "Held":
        until = self.context.clock() + timedelta(seconds=self.context.settings.lease_seconds)
        owner = run.lease.owner if run.lease is not None else ""
        return self._put(replace(run, lease=Lease(owner, until)))

    def _put(self, run: Run) -> "Held":
        now = self.context.clock()
        worked = run.worked + max(0.0, (now - run.updated).total_seconds())
        run = replace(run, updated=now, worked=worked)
        self.store.write(self.store.put(RUNS, run.id, value=run, expect=self.revision))
        return Held(self.context, self.store, run, self.revision + 1)


def is_free(run: Run, now: datetime, settings: Settings) -> bool:
    """Whether the run may be taken up now: it has not ended, nobody holds it, and it waits for nothing.

    A lease, or a wait, that ends later than any that is given out now comes from a clock that was wrong: it is over.
    """
    if has_ended(run):
        return False
    longest_lease = timedelta(seconds=settings.lease_seconds) + CLOCK_SKEW
    if run.lease is not None and now < run.lease.until <= now + longest_lease:
        return False
    longest_wait = timedelta(seconds=settings.longest_wait_seconds) + CLOCK_SKEW
    return run.not_before is None or not now < run.not_before <= now + longest_wait


def claim(
    context: Context, store: Workspace, run_id: str, owner: str, *, alive: Collection[str] = ()
) -> Held | None:
    """Take the run up under a new attempt, or None if it is finished, held, or just taken by somebody else.

    If its last holder ended without a word while one of its tasks had begun, that counts as a crash; not if it is one
    of those that are known to be ``alive``.
    """
    stored = store.get(RUNS, run_id)
    now = context.clock()
    if stored is None or not is_free(stored.value, now, context.settings):
        return None
    run = stored.value
    lease = Lease(owner, now + timedelta(seconds=context.settings.lease_seconds))
    taken = replace(
        transition(run, "running"),
        attempt=run.attempt + 1,
        crashes=_crashes(store, run)
        if run.lease is not None and run.lease.owner not in alive
        else run.crashes,
        lease=lease,
        updated=now,
    )
    try:
        store.write(store.put(RUNS, run_id, value=taken, expect=stored.revision))
    except Lost:
        return None
    return Held(context, store, taken, stored.revision + 1)


def _crashes(store: Workspace, run: Run) -> int:
    """The crashes of a run whose holder is gone.

    Any new result of its attempt is progress, and resets them; a task that had begun and has no new result adds one.
    """
    revisions = {key: kept.revision for key, kept in store.all(RESULTS, run.id)}
    begun = [(key, mark.value) for key, mark in store.all(BEGUN, run.id) if mark.value.attempt == run.attempt]
    died = [key for key, mark in begun if revisions.get(key, 0) == mark.revision]
    return (run.crashes if len(died) == len(begun) else 0) + bool(died)
