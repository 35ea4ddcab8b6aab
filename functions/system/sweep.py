"""Sweep: whatever a crash left half done, or a lost call did not begin, is found here and finished."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, zip_longest
from typing import Any

from chalice.app import Blueprint, Rate

from functions.context import Platform, current, log, never
from functions.datasets.ingest import ABANDONED_AFTER, abandon, forget, incoming_key, landed
from functions.records.kinds import DUE_RUNS, DUE_UPLOADS, UPLOADS, Due
from functions.runs.ending import cleanup
from functions.runs.lease import is_free
from functions.runs.record import RUNS, is_finished
from functions.system.intents import pick_up

bp = Blueprint(__name__)

RESERVE_MILLISECONDS = 120_000
"""A sweep on AWS begins no task when its function has less time left than this: most tasks are slices, and fit.

One that takes longer outlives the sweep in its own function; whoever drives next finds its result.
"""


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="sweep_minutely")
def sweep_minutely(event: Any) -> None:
    """Take up what a crashed worker, or a lost message, left behind."""
    sweep(current(), lambda: event.context.get_remaining_time_in_millis() < RESERVE_MILLISECONDS)


def sweep(platform: Platform, stopping: Callable[[], bool] = never) -> None:
    """See to the intents, and look at every run and every upload that is not settled yet.

    Uploads and runs take turns, and so do the workspaces. One that cannot be helped stops no other.
    """
    pick_up(platform)
    uploads = in_turns(due.value for _, due in platform.system.all(DUE_UPLOADS))
    runs = in_turns(due.value for _, due in platform.system.all(DUE_RUNS))
    for look in alternately(
        (partial(_upload, platform, due) for due in uploads),
        (partial(_run, stopping, platform, due) for due in runs),
    ):
        try:
            look()
        except Exception:  # noqa: BLE001  (the others need the sweep all the same)
            log.exception("the sweep failed at %s", look.args[-1])


def in_turns(found: Iterable[Due]) -> list[Due]:
    """The pointers, the first of each workspace first, then the second of each, and so on.

    >>> from datetime import datetime
    >>> one = [Due(name, str(n), datetime(2030, 1, 1)) for name in "ab" for n in range(2)]
    >>> [due.workspace + due.subject for due in in_turns(one)]
    ['a0', 'b0', 'a1', 'b1']
    """
    lines: dict[str, list[Due]] = {}
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


def _run(stopping: Callable[[], bool], platform: Platform, due: Due) -> None:
    store = platform.workspace(due.workspace)
    stored = store.get(RUNS, due.subject)
    if stored is None or is_finished(stored.value):
        cleanup(platform, store, due.subject)
    elif is_free(stored.value, platform.clock(), platform.settings):
        platform.runner.take_up(due.workspace, due.subject, stopping)


def _upload(platform: Platform, due: Due) -> None:
    store = platform.workspace(due.workspace)
    dataset, _, upload_id = due.subject.partition(":")
    stored = store.get(UPLOADS, dataset, upload_id)
    if stored is None:
        log.warning("upload %s of workspace %s has a pointer and no record", due.subject, due.workspace)
        return
    key = incoming_key(store, dataset, upload_id)
    if stored.value.state != "waiting":
        forget(platform, store, stored.value)
    elif platform.blobs.size(key) is not None:
        landed(platform, key)
    elif platform.clock() - stored.value.created > ABANDONED_AFTER:
        abandon(platform, store, stored)
