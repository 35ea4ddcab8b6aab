"""Sweep: whatever a crash left half done is found here and finished."""

from collections.abc import Callable
from functools import partial
from typing import Any

from chalice.app import Blueprint, Rate

from functions.context import Platform, current, log, never
from functions.datasets.ingest import ABANDONED_AFTER, abandon, forget, incoming_key, landed
from functions.records.intents import pointers
from functions.records.kinds import DUE_RUNS, DUE_UPLOADS, RUNS, UPLOADS, Due
from functions.runs.record import FINISHED, cleanup

bp = Blueprint(__name__)


RESERVE_MILLISECONDS = 120_000
"""A sweep on AWS begins no task when its function has less time left than this: most tasks are slices, and fit.

The result of one that takes longer is lost with the function, and the task is done again by whoever drives next.
"""


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="sweep_minutely")
def sweep_minutely(event: Any) -> None:
    """Take up what a crashed worker, or a lost message, left behind."""
    sweep(current(), lambda: event.context.get_remaining_time_in_millis() < RESERVE_MILLISECONDS)


def sweep(platform: Platform, stopping: Callable[[], bool] = never) -> None:
    """Look at every run and every upload that is not settled yet; one that cannot be helped stops no other."""
    for kind, look in ((DUE_UPLOADS, _upload), (DUE_RUNS, partial(_run, stopping))):
        for due in pointers(platform, kind):
            try:
                look(platform, due)
            except Exception:  # noqa: BLE001  (the others need the sweep all the same)
                log.exception("sweeping %s %s of workspace %s failed", kind.name, due.subject, due.workspace)


def _run(stopping: Callable[[], bool], platform: Platform, due: Due) -> None:
    store = platform.workspace(due.workspace)
    stored = store.get(RUNS, due.subject)
    if stored is None or stored.value.state in FINISHED:
        cleanup(platform, store, due.subject)
        return
    lease = stored.value.lease
    if lease is None or lease.until <= platform.clock():
        platform.runner.take_up(platform, due.workspace, due.subject, stopping)


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
