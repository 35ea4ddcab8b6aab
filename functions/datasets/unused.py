"""Files of tables that no version needs any more."""

from collections.abc import Collection

from functions.records import find
from functions.storage import Workspace


def remove_unused(store: Workspace, dataset: str, keys: Collection[str]) -> None:
    """Delete those of the files ``keys`` that are files of no version of the dataset.

    A version that rows were appended to shares its files with the one that they made.
    """
    if not keys:
        return
    used = {file.key for one in find.kept_versions(store, dataset) for file in one.value.files}
    for key in sorted(keys):
        if key not in used:
            store.blobs.delete(key)
