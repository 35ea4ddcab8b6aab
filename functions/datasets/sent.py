"""The file of a version as it was sent, which its host keeps: it can be read again with other options."""

from functions.records.files import pieces
from functions.records.kinds import DATASETS, DatasetVersion
from functions.records.names import name_of
from functions.storage import BlobMissing, Draft, Workspace
from lepton_core.errors import NotFound, TooLarge
from lepton_core.remedy import Remedy

MOST_COPIED_BYTES = 400_000_000
"""Of a file that is copied within one request: a function on AWS has 512 MB of disk."""

_TRIES = 2
"""A host may move the file away while it is looked for."""


def draft_of_sent(store: Workspace, version: DatasetVersion, again: Remedy) -> Draft:
    """A copy of the file that ``version`` was made of, to be put or dropped.

    Raises `NotFound` if the file is not kept, `TooLarge` for more than `MOST_COPIED_BYTES`: both offer ``again``, the
    call that sends it once more.
    """
    said = f"the file of version {version.version} of dataset {name_of(store, version.dataset)!r}"
    for _ in range(_TRIES):
        key, size = _sent(store, version)
        if size > MOST_COPIED_BYTES:
            raise TooLarge(f"{said} has {size} bytes; send it again: {again}", remedies=(again,))
        draft = store.blobs.draft()
        try:
            for piece in pieces(store.blobs, key):
                draft.write(piece)
            return draft
        except BlobMissing:
            draft.drop()
        except BaseException:
            draft.drop()
            raise
    raise NotFound(f"{said} is not kept; send it again: {again}", remedies=(again,))


def _sent(store: Workspace, version: DatasetVersion) -> tuple[str, int]:
    """Where the file lies, and its size: 0 if it lies nowhere. A host may have moved what is settled."""
    found = store.get(DATASETS, version.dataset)
    names = (version.dataset, *(() if found is None else found.value.names))
    places = [store.blob("incoming", version.dataset, version.upload)]
    places += [store.blob("done", name, f"{version.upload}.csv") for name in names]
    for key in places:
        size = store.blobs.size(key)
        if size is not None:
            return key, size
    return places[0], 0
