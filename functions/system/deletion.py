"""Delete a version of a dataset, or all of it. A pointer says so first, and whatever a crash leaves the sweep finishes.

    kept ──mark──▶ going ──nobody uses it──▶ gone ──its files are freed──▶ a record that says only that it was deleted
      ◀──somebody uses it──┘

Who uses the data is looked up once they are marked: a run that is queued checks in its own transaction that its data
are not, so no run begins between the look and the decision. A number is never given again.
"""

from collections.abc import Set
from datetime import datetime
from functools import partial
from itertools import product

from msgspec.structs import replace

from functions.context import Context, Platform, log
from functions.datasets.ingest import incoming_key
from functions.datasets.parts import remove_unused
from functions.records import find
from functions.records.change import until_written
from functions.records.kinds import (
    DATASET_VERSIONS,
    DATASETS,
    DUE_DELETIONS,
    UPLOADS,
    Dataset,
    DatasetVersion,
    DueDeletion,
    Life,
    number,
)
from functions.runs import kept
from functions.runs.ending import give_up
from functions.runs.job import ScoreJob
from functions.runs.record import RUNS
from functions.storage import Lost, Put, Stored, Workspace, Write
from functions.system.data_users import ToDelete, refuse_if_used
from lepton_core.errors import Conflict, LeptonError
from lepton_core.table import ReadingOptions

_AT_ONCE = 50
"""Versions that one transaction marks."""


def delete(context: Context, store: Workspace, name: str, version: int | None, *, forced: bool) -> None:
    """Delete ``version`` of the dataset, or all of it.

    Raises `NotFound` for what is not there, or was deleted, and `Conflict` naming who uses it.
    """
    dataset = find.dataset(store, name).value
    if version is not None:
        find.dataset_version(store, name, version)
    wanted = ToDelete(name, version, dataset.given)
    refuse_if_used(context.system, store, wanted, forced=forced)
    until_written(name, partial(_mark, context, store, wanted, forced=forced))
    finish(context, _key(store, wanted))


def finish_all(platform: Platform) -> None:
    """Finish every deletion that was begun; one that cannot be finished stops no other."""
    for key, due in platform.system.all(DUE_DELETIONS, passing_over=platform.troubles.pass_over):
        wanted, now = _wanted(due.value), platform.clock()
        about = f"deletion of {wanted.said(wanted.dataset)} of workspace {due.value.workspace}"
        if not platform.troubles.may_try(about, now):
            continue
        try:
            finish(platform, key)
        except Conflict as error:
            log.info("%s is given up: %s", about, error.message)
        except (LeptonError, Lost, OSError) as error:
            platform.troubles.met(about, error, now)
        else:
            platform.troubles.over(about)


def finish(context: Context, key: str) -> None:
    """Take a deletion from where it is to its end. Raises `Conflict` if somebody uses the data: they are kept then."""
    due = context.system.get(DUE_DELETIONS, key)
    if due is None:
        return
    store, wanted = context.workspace(due.value.workspace), _wanted(due.value)
    used = None
    if due.value.stage == "asking":
        _each(store, wanted, "kept", "going")
        try:
            refuse_if_used(context.system, store, wanted, forced=due.value.forced)
        except Conflict as error:
            used = error
            until_written(wanted.dataset, partial(_undo, context, key, due.value))
        else:
            until_written(wanted.dataset, partial(_decide, context, store, key, due.value))
    due = context.system.get(DUE_DELETIONS, key)
    if due is not None and due.value.stage == "undoing":
        _each(store, wanted, "going", "kept")
    elif due is not None and due.value.stage == "decided":
        until_written(wanted.dataset, partial(_give_up, context, store, wanted))
        until_written(wanted.dataset, partial(_free, store, wanted, due.value.since))
    until_written(wanted.dataset, partial(_end, context, store, key))
    if used is not None:
        raise used


def _key(store: Workspace, wanted: ToDelete) -> str:
    which = "all" if wanted.version is None else number(wanted.version)
    return f"{store.name}:{wanted.dataset}:{which}"


def _wanted(due: DueDeletion) -> ToDelete:
    return ToDelete(due.dataset, due.version, due.upto)


def _mark(context: Context, store: Workspace, wanted: ToDelete, *, forced: bool) -> None:
    """Write the pointer; a whole dataset takes no more files. The dataset is written, so that no upload misses it."""
    dataset = find.dataset(store, wanted.dataset)
    key, now = _key(store, wanted), context.clock()
    if context.system.get(DUE_DELETIONS, key) is not None:
        return
    due = DueDeletion(store.name, wanted.dataset, wanted.version, dataset.value.given, now, forced)
    life: Life = "going" if wanted.version is None else dataset.value.life
    store.write(
        context.system.put(DUE_DELETIONS, key, value=due, expect=0),
        store.put(DATASETS, wanted.dataset, value=replace(dataset.value, life=life), expect=dataset.revision),
    )


def _versions(store: Workspace, wanted: ToDelete) -> list[Stored[DatasetVersion]]:
    if wanted.version is not None:
        found = store.get(DATASET_VERSIONS, wanted.dataset, number(wanted.version))
        return [] if found is None else [found]
    every = (one for _, one in store.all(DATASET_VERSIONS, wanted.dataset))
    return [one for one in every if wanted.has(wanted.dataset, one.value.version)]


def _each(store: Workspace, wanted: ToDelete, before: Life, after: Life) -> None:
    """Bring those versions that are ``before`` to ``after``."""

    def change() -> bool:
        some = [one for one in _versions(store, wanted) if one.value.life == before][:_AT_ONCE]
        if some:
            store.write(*(_put(store, replace(one.value, life=after), one.revision) for one in some))
        return bool(some)

    while until_written(wanted.dataset, change):
        pass


def _put(store: Workspace, version: DatasetVersion, revision: int) -> Put:
    return store.put(
        DATASET_VERSIONS, version.dataset, number(version.version), value=version, expect=revision
    )


def _undo(context: Context, key: str, asked: DueDeletion) -> None:
    """Somebody uses the data: say so before they are marked as kept again, so that nobody decides otherwise."""
    due = context.system.get(DUE_DELETIONS, key)
    if due is not None and due.value == asked:
        undoing = replace(asked, stage="undoing")
        context.system.write(context.system.put(DUE_DELETIONS, key, value=undoing, expect=due.revision))


def _decide(context: Context, store: Workspace, key: str, asked: DueDeletion) -> None:
    """The moment from which on the data are deleted, unless the deletion that was ``asked`` has gone on meanwhile."""
    due, wanted = context.system.get(DUE_DELETIONS, key), _wanted(asked)
    dataset = store.get(DATASETS, wanted.dataset)
    if due is None or due.value != asked or dataset is None:
        return
    decided = replace(asked, stage="decided")
    writes = [context.system.put(DUE_DELETIONS, key, value=decided, expect=due.revision)]
    if wanted.version is None:
        series = replace(dataset.value, life="gone", latest=0, tags=())
    else:
        series = _without(store, dataset.value, wanted.version)
        [gone] = _versions(store, wanted)
        gone_now = replace(gone.value, life="gone", deleted=asked.since)
        writes.append(_put(store, gone_now, gone.revision))
    store.write(*writes, store.put(DATASETS, wanted.dataset, value=series, expect=dataset.revision))


def _without(store: Workspace, dataset: Dataset, version: int) -> Dataset:
    """The dataset as it is once ``version`` is gone: its newest version may be another one."""
    others = [one.value for one in find.kept_versions(store, dataset.name) if one.value.version != version]
    if not others:
        return replace(dataset, latest=0)
    return replace(dataset, latest=others[-1].version, label=others[-1].label)


def _give_up(context: Context, store: Workspace, wanted: ToDelete) -> None:
    """Remove what cancelled runs keep that were to learn from the data: none of them can be resumed."""
    for due in kept.of_workspace(context, store):
        run = store.get(RUNS, due.value.run)
        if run is None or isinstance(run.value.job, ScoreJob):
            continue
        if wanted.has(run.value.job.spec.dataset, run.value.job.spec.dataset_version):
            give_up(context, store, due.value.run)


def _free(store: Workspace, wanted: ToDelete, since: datetime) -> None:
    """Free the files of each version, and leave of its record only that it was deleted."""
    for one in _versions(store, wanted):
        version = one.value
        if version.life != "gone":
            version = replace(version, life="gone", deleted=since)
            store.write(_put(store, version, one.revision))
            one = Stored(version, one.revision + 1)  # noqa: PLW2901
        remove_unused(store, wanted.dataset, {file.key for file in version.files})
        bare = replace(
            version, columns=(), parts=[], report=None, strata=None, reading=ReadingOptions(), column_count=0
        )
        if bare != version:
            store.write(_put(store, bare, one.revision))
    dataset = store.get(DATASETS, wanted.dataset)
    names = {wanted.dataset, *(() if dataset is None else dataset.value.names)}
    for _, upload in store.all(UPLOADS, wanted.dataset):
        if upload.value.version is not None and wanted.has(wanted.dataset, upload.value.version):
            _remove_file(store, wanted.dataset, names, upload.value.id)


def _remove_file(store: Workspace, dataset: str, names: Set[str], upload: str) -> None:
    """Delete the file as it was sent, wherever the host has put it, under whichever of the ``names`` it came."""
    store.blobs.delete(incoming_key(store, dataset, upload))
    for name, ending in product(names, ("csv", "json")):
        store.blobs.delete(store.blob("done", name, f"{upload}.{ending}"))


def _end(context: Context, store: Workspace, key: str) -> None:
    """Remove the pointer of a deletion that has come to its end. What was undone takes files again."""
    due = context.system.get(DUE_DELETIONS, key)
    if due is None or due.value.stage == "asking":
        return
    writes: list[Write] = [context.system.delete(DUE_DELETIONS, key, expect=due.revision)]
    dataset = store.get(DATASETS, due.value.dataset)
    if due.value.stage == "undoing" and dataset is not None and dataset.value.life == "going":
        again = replace(dataset.value, life="kept")
        writes.append(store.put(DATASETS, due.value.dataset, value=again, expect=dataset.revision))
    store.write(*writes)
