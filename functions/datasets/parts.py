"""The tables of dataset versions: files of at most 64 MB each, whose digests are checked when they are read."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from functions.records.files import File, read_file
from functions.records.kinds import DatasetVersion, Part
from functions.storage import BlobExists, Workspace
from lepton_core.artifact import digest, read_container, write_container
from lepton_core.errors import Damaged, InvalidArtifact
from lepton_core.table import (
    Parts,
    Table,
    collect,
    described_schema,
    pack_table,
    split_parts,
    unpack_table,
)
from lepton_core.table.source import PART_BYTES


@dataclass(frozen=True)
class Packed:
    """A table as it is stored: the bytes of its parts, the rows of each, and the digest of the whole."""

    files: Sequence[bytes]
    rows: Sequence[int]
    digest: str


def pack(table: Table, most_bytes: int = PART_BYTES) -> Packed:
    """Cut a table into parts of at most ``most_bytes`` and pack each; the same table gives the same bytes."""
    parts = list(split_parts(table, most_bytes))
    files = [write_container(*pack_table(part)) for part in parts]
    digests = [digest(data) for data in files]
    whole = digests[0] if len(digests) == 1 else f"sha256:{sha256(' '.join(digests).encode()).hexdigest()}"
    return Packed(files, [part.rows for part in parts], whole)


def write_parts(store: Workspace, packed: Packed, *path: str) -> list[Part]:
    """Write the parts below ``tables/path``, under names that tell what they hold; a second time changes nothing."""
    found = []
    for number, (data, rows) in enumerate(zip(packed.files, packed.rows, strict=True)):
        name = f"{number:05d}-{digest(data).replace(':', '-')}"
        key = store.blob("tables", *path, packed.digest.replace(":", "-"), name)
        # An earlier delivery may have written it, the same bytes, and died before it wrote its records.
        with suppress(BlobExists):
            store.blobs.put(key, data)
        found.append(Part(File(key, digest(data)), rows))
    return found


def read_table(store: Workspace, version: DatasetVersion) -> Table:
    """The whole table of a dataset version. Raises `Damaged` if a part is gone, or not what was written."""
    return collect(source_of(store, version))


def source_of(store: Workspace, version: DatasetVersion) -> Parts:
    """The rows of a dataset version, a part in memory at a time. A pass over them raises `Damaged`.

    The schema is that of the record, without levels: no part is read for it.
    """
    schema = described_schema({"name": column.name, "kind": column.kind} for column in version.columns)
    return Parts(schema, partial(_read_parts, store, version))


def _read_parts(store: Workspace, version: DatasetVersion) -> Iterator[Table]:
    what = f"the table of version {version.version} of dataset {version.dataset!r}"
    for part in version.parts:
        data = read_file(store, part.file, what)
        try:
            yield unpack_table(*read_container(data))
        except InvalidArtifact as error:
            raise Damaged(f"{what} is damaged ({error.message}); upload the data again") from error
