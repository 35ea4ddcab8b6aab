"""What somebody has to look after, read from the system workspace page by page, never by a scan."""

from collections.abc import Iterator
from contextlib import suppress

from functions.records.kinds import DUE_MODELS, Due
from functions.storage import Kind, Lost, Workspace


def due_models(system: Workspace) -> Iterator[tuple[Workspace, str]]:
    """Every deployed model of every workspace."""
    for pointer in pointers(system, DUE_MODELS):
        yield system.of(pointer.workspace), pointer.subject


def pointers(system: Workspace, kind: Kind[Due]) -> Iterator[Due]:
    """Every pointer of a kind; one that is removed meanwhile may or may not appear."""
    for _, stored in system.each(kind):
        yield stored.value


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
