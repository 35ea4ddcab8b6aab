"""Intents, and pointers to what is not settled: written with their causes, found page by page in the system workspace.

A new data version, and an alert, write an `Intent` in their own transaction; a queued run and an announced file write
a pointer (`Due`) in theirs. The transaction that acts on one removes it.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from functions.records.kinds import (
    DUE_MODELS,
    INTENTS,
    DataArrived,
    DatasetVersion,
    Due,
    DueKept,
    DueUpload,
    Intent,
    UpdateWanted,
)
from functions.storage import Delete, Lost, Put, RecordKind, Workspace
from lepton_core.errors import Damaged

D = TypeVar("D", Due, DueUpload, DueKept)


def due_models(system: Workspace, passing_over: Callable[[Damaged], None]) -> Iterator[tuple[Workspace, str]]:
    """Every deployed model of every workspace; a pointer that is damaged is told to ``passing_over``."""
    for _, due in system.all(DUE_MODELS, passing_over=passing_over):
        yield system.of(due.value.workspace), due.value.subject


def data_arrived(system: Workspace, workspace: str, version: DatasetVersion) -> Put:
    """The write that says that a dataset has a new version."""
    what = DataArrived(workspace, version.dataset, version.version, version.created)
    return system.put(INTENTS, _arrival_of(workspace, version), value=Intent(what), expect=0)


def data_released(system: Workspace, workspace: str, version: DatasetVersion, now: datetime) -> Put:
    """The write that says that a version which was held may be trained on, whether its arrival was seen to or not."""
    key = _arrival_of(workspace, version)
    pending = system.get(INTENTS, key)
    what = DataArrived(workspace, version.dataset, version.version, now)
    return system.put(INTENTS, key, value=Intent(what), expect=0 if pending is None else pending.revision)


def _arrival_of(workspace: str, version: DatasetVersion) -> str:
    return f"data_arrived:{workspace}:{version.dataset}:{version.version}"


def update_wanted(system: Workspace, workspace: str, model: str, reason: str, now: datetime) -> Put:
    """The write that asks for an update of a model. There is one of these intents a model, whatever its causes are.

    If an update is asked for already, its intent is written again as it is. So a process that acts on it, and has not
    seen the new cause, finds it changed and decides anew.
    """
    key = _update_of(workspace, model)
    pending = system.get(INTENTS, key)
    if pending is not None:
        return system.put(INTENTS, key, value=pending.value, expect=pending.revision)
    return system.put(INTENTS, key, value=Intent(UpdateWanted(workspace, model, reason, now)), expect=0)


def decide_anew(system: Workspace, workspace: str, model: str) -> list[Put]:
    """The write that makes a pending update of a model one to be looked at now; nothing if none is pending.

    It is written even if it was not put off: who is about to put it off finds it changed, and does not.
    """
    pending = system.get(INTENTS, _update_of(workspace, model))
    if pending is None or not isinstance(pending.value.what, UpdateWanted):
        return []
    return [put_off(system, pending.value.what, pending.revision, None)]


def put_off(system: Workspace, what: UpdateWanted, revision: int, until: datetime | None) -> Put:
    """The write by which a pending update that has this ``revision`` is looked at again from ``until`` on."""
    key = _update_of(what.workspace, what.model)
    return system.put(INTENTS, key, value=Intent(replace(what, not_before=until)), expect=revision)


def _update_of(workspace: str, model: str) -> str:
    return f"update:{workspace}:{model}"


def count_of(
    system: Workspace, kind: RecordKind[Due] | RecordKind[DueUpload], workspace: str, most: int
) -> int:
    """How many pointers of a kind one workspace has, counted up to ``most``."""
    prefix = f"{workspace}:"
    return sum(key.startswith(prefix) for key in system.keys(kind, after=prefix, limit=most))


def pointed_at(system: Workspace, kind: RecordKind[Due], workspace: str) -> Iterator[str]:
    """What the pointers of a kind that one workspace has point at, in order."""
    prefix = f"{workspace}:"
    for key, due in system.all(kind, after=prefix):
        if not key.startswith(prefix):
            return
        yield due.value.subject


def pointing(
    system: Workspace, kind: RecordKind[Due], workspace: str, model: str, subject: str | None, now: datetime
) -> list[Put | Delete]:
    """The write after which the pointer that ``model`` has points at ``subject``; None: the model has no pointer.

    One that points there already is written again: who is about to remove it finds it changed.
    """
    key = f"{workspace}:{model}"
    found = system.get(kind, key)
    revision = 0 if found is None else found.revision
    if subject is not None:
        return [system.put(kind, key, value=Due(workspace, subject, now), expect=revision)]
    return [system.delete(kind, key, expect=revision)] if revision else []


def forget_due(system: Workspace, kind: RecordKind[D], subject: str) -> None:
    """Remove a pointer to something that is settled; one that is gone already is fine."""
    due = system.get(kind, subject)
    if due is not None:
        with suppress(Lost):
            system.write(system.delete(kind, subject, expect=due.revision))
