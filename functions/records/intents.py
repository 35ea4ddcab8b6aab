"""What the schedules look after, read from the system workspace page by page, never by a scan."""

from collections.abc import Iterator

from functions.context import Platform
from functions.records.kinds import DUE_MODELS, Due
from functions.storage import Kind, Workspace

PAGE = 100


def due_models(platform: Platform) -> Iterator[tuple[Workspace, str]]:
    """Every deployed model of every workspace."""
    for pointer in pointers(platform, DUE_MODELS):
        yield platform.workspace(pointer.workspace), pointer.subject


def pointers(platform: Platform, kind: Kind[Due]) -> Iterator[Due]:
    """Every pointer of a kind; one that is removed meanwhile may or may not appear."""
    after = ""
    while page := platform.system.list(kind, after=after, limit=PAGE):
        for _, stored in page:
            yield stored.value
        after = page[-1][0]
