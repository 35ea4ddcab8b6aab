"""What somebody has to see to: written with its cause, found page by page in the system workspace, never by a scan.

A new data version, and an alert, write an `Intent` in their own transaction; a queued run and an announced file write
a pointer (`Due`) in theirs. Whoever acts on one removes it in the transaction of the act.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from functions.records.kinds import (
    DUE_MODELS,
    INTENTS,
    DataArrived,
    DatasetVersion,
    Due,
    Intent,
    Update,
)
from functions.storage import Kind, Lost, Put, Workspace


def due_models(system: Workspace) -> Iterator[tuple[Workspace, str]]:
    """Every deployed model of every workspace."""
    for _, due in system.all(DUE_MODELS):
        yield system.of(due.value.workspace), due.value.subject


def data_arrived(system: Workspace, workspace: str, version: DatasetVersion) -> Put:
    """The write that says that a dataset has a new version."""
    what = DataArrived(workspace, version.dataset, version.version, version.created)
    key = f"data_arrived:{workspace}:{version.dataset}:{version.version}"
    return system.put(INTENTS, key, value=Intent(what), expect=0)


def update_wanted(system: Workspace, workspace: str, model: str, reason: str, now: datetime) -> Put | None:
    """The write that asks for an update of a model; None if one is asked for already."""
    key = f"update:{workspace}:{model}"
    if system.get(INTENTS, key) is not None:
        return None
    return system.put(INTENTS, key, value=Intent(Update(workspace, model, reason, now)), expect=0)


def count_of(system: Workspace, kind: Kind[Due], workspace: str, most: int) -> int:
    """How many pointers of a kind one workspace has, counted up to ``most``."""
    found = system.list(kind, after=f"{workspace}:", limit=most)
    return sum(pointer.value.workspace == workspace for _, pointer in found)


def forget(system: Workspace, kind: Kind[Due], subject: str) -> None:
    """Remove a pointer to something that is settled; one that is gone already is fine."""
    due = system.get(kind, subject)
    if due is not None:
        with suppress(Lost):
            system.write(system.delete(kind, subject, expect=due.revision))
