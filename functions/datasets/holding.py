"""Versions that are held: nothing is trained on them by itself until somebody has released them."""

from functools import partial

from msgspec.structs import replace

from functions.context import Context
from functions.records import find, intents
from functions.records.change import until_written
from functions.records.kinds import DATASET_VERSIONS, DatasetVersion, number
from functions.storage import Workspace


def release(context: Context, store: Workspace, dataset: str, version: int) -> DatasetVersion:
    """Release a version and tell the models of it, in one transaction; the version as it is then."""
    released = until_written(dataset, partial(_release, context, store, dataset, version))
    context.wake()
    return released


def _release(context: Context, store: Workspace, dataset: str, version: int) -> DatasetVersion:
    found = find.dataset_version(store, dataset, version)
    if found.value.state != "held":
        return found.value
    changed = replace(found.value, state="released")
    store.write(
        store.put(DATASET_VERSIONS, dataset, number(version), value=changed, expect=found.revision),
        intents.data_released(context.system, store.name, changed, context.clock()),
    )
    return changed
