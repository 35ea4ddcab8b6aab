"""Sweep: whatever a crash left half done, or a lost call did not begin, is found here and finished."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest
from time import monotonic
from typing import Any, TypeVar

from chalice.app import Blueprint, Rate

from functions.context import Platform, current, log, never
from functions.datasets.ingest import ABANDONED_AFTER, abandon, forget, incoming_key, landed
from functions.records.kinds import DUE_RUNS, DUE_UPLOADS, ROLLOUTS, UPLOADS, Due, DueUpload
from functions.runs.ending import cleanup, give_up_all
from functions.runs.lease import is_free
from functions.runs.record import RUNS, is_over
from functions.storage import RecordKind
from functions.system.deletion import finish_all
from functions.system.pick_up import pick_up

bp = Blueprint(__name__)

D = TypeVar("D", Due, DueUpload)

RESERVE_MILLISECONDS = 120_000
"""A sweep that drives runs itself, where no state machine does, begins no task with less time left than this."""

ALLOWANCE_SECONDS = 60.0
"""How long a run that is driven in the sweep's own time is given new tasks while others wait."""


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="sweep_minutely")
def sweep_minutely(event: Any) -> None:
    """Take up what a crashed worker, or a lost message, left behind."""
    sweep(current(), lambda: event.context.get_remaining_time_in_millis() < RESERVE_MILLISECONDS)


@dataclass(frozen=True)
class Sweep:
    """One look at everything that is not settled, by ``platform``, until ``stopping``; ``seconds`` is its clock."""

    platform: Platform
    stopping: Callable[[], bool]
    seconds: Callable[[], float]

    def look_at_all(self) -> None:
        """Look at each upload and each run. A run that has work left at the end of its allowance waits for another."""
        waiting: deque[Due | DueUpload] = deque(alternately(self._due(DUE_UPLOADS), self._due(DUE_RUNS)))
        while waiting:
            due = waiting.popleft()
            allowance = Allowance(
                self.stopping, self.seconds, self.seconds() + ALLOWANCE_SECONDS if waiting else None
            )
            self._look(due, allowance)
            if allowance.is_used_up:
                waiting.append(due)

    def _due(self, kind: RecordKind[D]) -> list[D]:
        found = self.platform.system.all(kind, passing_over=self.platform.troubles.pass_over)
        return in_turns(due.value for _, due in found)

    def _look(self, due: Due | DueUpload, allowance: "Allowance") -> None:
        """Look at one. One that cannot be helped stops no other, and is looked at ever more rarely."""
        troubles, now = self.platform.troubles, self.platform.clock()
        about = named(due)
        if not troubles.may_try(about, now):
            return
        try:
            if isinstance(due, DueUpload) and due.of == "model":
                from functions.system.importing import look_after  # noqa: PLC0415  (few files are versions)

                look_after(self.platform, due)
            elif isinstance(due, DueUpload) and due.of in ("rows", "dropped"):
                from functions.system import scoring  # noqa: PLC0415  (few files are rows to be scored)

                scoring.look_after(self.platform, due)
            elif isinstance(due, DueUpload):
                _upload(self.platform, due)
            else:
                _run(allowance, self.platform, due)
        except Exception as error:  # noqa: BLE001  (the others need the sweep all the same)
            troubles.met(about, error, now)
        else:
            troubles.over(about)


@dataclass
class Allowance:
    """The ``stopping`` of one run: when the sweep has to stop, or at ``until`` (None: nobody else waits)."""

    stopping: Callable[[], bool]
    seconds: Callable[[], float]
    until: float | None
    is_used_up: bool = False

    def __call__(self) -> bool:
        """Whether to begin no further task."""
        if self.stopping():
            return True
        self.is_used_up = self.is_used_up or (self.until is not None and self.seconds() >= self.until)
        return self.is_used_up


def sweep(
    platform: Platform, stopping: Callable[[], bool] = never, seconds: Callable[[], float] = monotonic
) -> None:
    """See to rollouts, intents and deletions, and look at every run and every upload that is not settled yet.

    What cancelled runs have kept for long enough is removed.

    Uploads and runs take turns, and so do the workspaces.
    """
    _see_to_rollouts(platform)
    pick_up(platform)
    finish_all(platform)
    give_up_all(platform)
    Sweep(platform, stopping, seconds).look_at_all()


def _see_to_rollouts(platform: Platform) -> None:
    if not platform.system.keys(ROLLOUTS, limit=1):
        return
    from functions.serving.watching import watch_all  # noqa: PLC0415  (most of the time nothing is rolled out)

    for workspace, model in watch_all(platform):
        platform.loaded.forget(workspace, model)


def named(due: Due | DueUpload) -> str:
    """What a pointer points to, as the log has it.

    >>> from datetime import datetime
    >>> named(DueUpload("acme", "flowers", "up-1", datetime(2030, 1, 1)))
    'upload up-1 of dataset flowers of workspace acme'
    """
    what = (
        f"upload {due.upload} of {due.of} {due.dataset}"
        if isinstance(due, DueUpload)
        else f"run {due.subject}"
    )
    return f"{what} of workspace {due.workspace}"


def in_turns(found: Iterable[D]) -> list[D]:
    """The pointers, the first of each workspace first, then the second of each, and so on.

    >>> from datetime import datetime
    >>> one = [Due(name, str(n), datetime(2030, 1, 1)) for name in "ab" for n in range(2)]
    >>> [due.workspace + due.subject for due in in_turns(one)]
    ['a0', 'b0', 'a1', 'b1']
    """
    lines: dict[str, list[D]] = {}
    for due in found:
        lines.setdefault(due.workspace, []).append(due)
    return list(alternately(*lines.values()))


def alternately(*lines: Iterable[Any]) -> Iterator[Any]:
    """The first of each line, then the second of each, and so on.

    >>> "".join(alternately("ace", "bd"))
    'abcde'
    """
    nobody = object()
    return (one for one in chain.from_iterable(zip_longest(*lines, fillvalue=nobody)) if one is not nobody)


def _run(allowance: Allowance, platform: Platform, due: Due) -> None:
    store = platform.workspace(due.workspace)
    stored = store.get(RUNS, due.subject)
    if stored is None or is_over(stored.value):
        cleanup(platform, store, due.subject)
    elif is_free(stored.value, platform.clock(), platform.settings):
        platform.runner.take_up(due.workspace, due.subject, allowance)


def _upload(platform: Platform, due: DueUpload) -> None:
    store = platform.workspace(due.workspace)
    stored = store.get(UPLOADS, due.dataset, due.upload)
    if stored is None:
        log.warning("%s has a pointer and no record", named(due))
        return
    key = incoming_key(store, due.dataset, due.upload)
    if stored.value.state != "waiting":
        forget(platform, store, stored.value)
    elif platform.blobs.size(key) is not None:
        (platform.take_in or partial(landed, platform))(key)
    elif platform.clock() - stored.value.created > ABANDONED_AFTER:
        abandon(platform, store, stored)
