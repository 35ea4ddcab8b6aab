"""The strata of a dataset: which rows of it are held out, decided when it is first seen and kept with each version."""

from functions.datasets.parts import read_rows
from functions.records import find
from functions.records.files import File, read_file, write_once
from functions.records.kinds import DatasetVersion
from functions.storage import Workspace
from lepton_core.artifact import digest, read_container, write_container
from lepton_core.errors import Damaged, InvalidArtifact
from lepton_core.table import Rows, Strata
from lepton_core.table.split import HELD_OUT_SHARE

MOST_IN_A_RECORD = 16_384
"""Most bytes of strata that a record holds: those of about a thousand classes."""


def strata_for(store: Workspace, rows: Rows, latest: DatasetVersion | None) -> Strata:
    """The strata of a new version with these rows: those of the ``latest``, with what it brings. Raises `Damaged`.

    Another label begins anew: its classes have nothing to do with those of before.
    """
    label = rows.table[rows.label]
    if latest is None or latest.label != rows.label:
        return Strata.of(rows.keys, label, HELD_OUT_SHARE)
    return read_strata(store, latest, None).extended(rows.keys, label)


def keep_strata(store: Workspace, strata: Strata, *path: str) -> bytes | File:
    """What a record keeps of the strata: themselves, or, if they are many, a file below ``tables/path``."""
    packed = write_container(*strata.pack())
    if len(packed) <= MOST_IN_A_RECORD:
        return packed
    return write_once(
        store, store.blob("tables", *path, f"strata-{digest(packed).replace(':', '-')}"), packed
    )


def read_strata(store: Workspace, version: DatasetVersion, rows: Rows | None) -> Strata:
    """The strata of a version; of one from before they were kept, what would have been. Raises `Damaged`.

    ``rows`` are those of the version, if they are read already.
    """
    if version.strata is None:
        own = read_rows(store, version) if rows is None else rows
        first = first_rows(store, version, own)
        return Strata.of(first.keys, first.table[first.label], HELD_OUT_SHARE).extended(
            own.keys, own.table[own.label]
        )
    what = f"what version {version.version} of dataset {version.dataset!r} keeps of its strata"
    kept = version.strata
    data = kept if isinstance(kept, bytes) else read_file(store, kept, what)
    try:
        return Strata.unpack(*read_container(data))
    except InvalidArtifact as error:
        raise Damaged(f"{what} is damaged ({error.message}); upload the data again") from error


def first_rows(store: Workspace, version: DatasetVersion, rows: Rows) -> Rows:
    """The rows of the first version that predicts the same, which decide what all of these have in common."""
    if version.version == 1:
        return rows
    first = find.oldest_version(store, version.dataset, version.label)
    return rows if first.version == version.version else read_rows(store, first)
