"""What a cancelled run keeps, so that it can be resumed: its results and files, and a pointer that says until when.

    under way ──cancel──▶ kept ──resume──▶ under way
                            └──time is up──▶ over ──its results are removed──▶ no pointer

A run has the pointer of those under way, or this one, or, once nothing of it is left, none.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec.structs import replace

from functions.context import Context
from functions.records.kinds import DUE_KEPT, DUE_RUNS, DueKept
from functions.runs.job import ScoreJob
from functions.runs.record import Run
from functions.storage import Lost, Put, Stored, Workspace, Write

MOST_OF_A_MODEL = 5
"""Cancelled runs of one model that are kept: of a further one the one that ends first makes room."""

_AT_ONCE = 50
"""Pointers that one transaction changes."""


def until(context: Context) -> datetime | None:
    """Until when a run that is cancelled now is kept; None: it is not."""
    seconds = context.settings.cancelled_seconds
    return context.clock() + timedelta(seconds=seconds) if seconds else None


def keep(context: Context, store: Workspace, run: Run) -> list[Write]:
    """The writes by which a cancelled run is pointed to as kept, and no more as one that is under way.

    Of more than `MOST_OF_A_MODEL` kept runs of its model the others are over by now: the sweep removes what they kept.
    """
    assert run.kept_until is not None  # noqa: S101  (whoever cancels says until when)
    key, now = key_of(store.name, run.id), context.clock()
    is_beside = isinstance(run.job, ScoreJob) and run.job.beside
    pointer = DueKept(store.name, run.id, run.model, run.kept_until, untold=is_beside)
    before = context.system.get(DUE_KEPT, key)
    expect = 0 if before is None else before.revision
    writes: list[Write] = [context.system.put(DUE_KEPT, key, value=pointer, expect=expect)]
    due = context.system.get(DUE_RUNS, key)
    if due is not None:
        writes.append(context.system.delete(DUE_RUNS, key, expect=due.revision))
    of_it = of_model(context, store, run.model)
    others = [one for one in of_it if one.value.run != run.id and not one.value.scored]
    others.sort(key=lambda one: one.value.until, reverse=True)
    return [*writes, *_over(context.system, others[MOST_OF_A_MODEL - 1 :], now)]


def told(context: Context, pointer: Stored[DueKept]) -> bool:
    """Note that what became of a file is said beside it; False: the pointer was changed, or removed, meanwhile."""
    key = key_of(pointer.value.workspace, pointer.value.run)
    with suppress(Lost):
        value = replace(pointer.value, untold=False)
        context.system.write(context.system.put(DUE_KEPT, key, value=value, expect=pointer.revision))
        return True
    return False


def none_of_model(context: Context, store: Workspace, model: str) -> list[Put]:
    """The writes after which the cancelled runs of a model are kept no longer than until now."""
    return _over(context.system, list(of_model(context, store, model)), context.clock())


def resumed(system: Workspace, store: Workspace, run: str) -> list[Write]:
    """The writes by which a run is no more pointed to as kept."""
    due = system.get(DUE_KEPT, key_of(store.name, run))
    return [] if due is None else [system.delete(DUE_KEPT, key_of(store.name, run), expect=due.revision)]


def of_model(context: Context, store: Workspace, model: str) -> Iterator[Stored[DueKept]]:
    """The pointers to the kept runs of a model."""
    return (one for one in of_workspace(context, store) if one.value.model == model)


def of_workspace(context: Context, store: Workspace) -> Iterator[Stored[DueKept]]:
    """The pointers to the kept runs of a workspace."""
    prefix = key_of(store.name, "")
    for key, due in context.system.all(DUE_KEPT, after=prefix, passing_over=context.troubles.pass_over):
        if not key.startswith(prefix):
            return
        yield due


def key_of(workspace: str, run: str) -> str:
    """The key of the pointer to a run."""
    return f"{workspace}:{run}"


def _over(system: Workspace, found: list[Stored[DueKept]], now: datetime) -> list[Put]:
    return [
        system.put(
            DUE_KEPT,
            key_of(one.value.workspace, one.value.run),
            value=replace(one.value, until=now),
            expect=one.revision,
        )
        for one in found
        if one.value.until > now
    ][:_AT_ONCE]
