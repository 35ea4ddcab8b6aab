"""Gather, decide, apply, again: for changes that others may make at the same moment."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from functions.records import find
from functions.records.kinds import MODELS, Model
from functions.storage import Lost, Workspace, Write
from lepton_core.errors import Conflict

T = TypeVar("T")

TRIES = 10

COMMIT_TRIES = 20
"""How often what has taken long to make, such as a version, is decided anew before its writer gives up."""


def until_written(model: str, attempt: Callable[[], T]) -> T:
    """The value that ``attempt`` returns, called anew as long as somebody else changes what it read before it writes.

    Raises `Conflict` when that happens too often in a row.
    """
    for _ in range(TRIES):
        try:
            return attempt()
        except Lost:
            continue
    raise Conflict(f"model {model!r} keeps changing; try again")


def change_model(
    store: Workspace, name: str, change: Callable[[Model], Model], also: Callable[[], Sequence[Write]] = tuple
) -> Model:
    """The active model ``name`` as ``change`` makes it, written in one transaction with what ``also`` returns."""

    def attempt() -> Model:
        found = find.active_model(store, name)
        changed = change(found.value)
        store.write(store.put(MODELS, name, value=changed, expect=found.revision), *also())
        return changed

    return until_written(name, attempt)
