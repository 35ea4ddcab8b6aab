"""The files of dataset versions: their tables, in parts of at most 64 MB each, and the figures of many columns.

Their digests are checked when they are read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import msgspec

from functions.records.files import File, read_file, read_value, write_once
from functions.records.kinds import DatasetVersion, Part
from functions.storage import Workspace
from lepton_core.artifact import digest, read_container, write_container
from lepton_core.errors import Damaged, InvalidArtifact, TooLarge
from lepton_core.table import (
    ColumnFigures,
    Parts,
    Table,
    collect,
    described_schema,
    pack_table,
    split_parts,
    unpack_table,
)
from lepton_core.table.source import PART_BYTES

MOST_INSIDE = 16_384
"""Most bytes of figures in a record, about a hundred columns: a list of versions reads records and nothing else."""

_FIGURES = msgspec.json.Decoder(tuple[ColumnFigures, ...])


@dataclass(frozen=True)
class Packed:
    """A table as it is stored: the bytes of its parts, the rows of each, and the digest of the whole."""

    files: Sequence[bytes]
    rows: Sequence[int]
    digest: str


def pack(table: Table, most_bytes: int = PART_BYTES) -> Packed:
    """Cut a table into parts of at most ``most_bytes`` and pack each; the same table gives the same bytes.

    Raises `TooLarge` for more columns than a file takes.
    """
    parts = list(split_parts(table, most_bytes))
    try:
        files = [write_container(*pack_table(part)) for part in parts]
    except TooLarge:
        raise TooLarge(
            f"the table has {len(table.columns)} columns; about 25,000 of numbers are possible, and fewer of texts or "
            "with long names; leave some out"
        ) from None
    digests = [digest(data) for data in files]
    whole = digests[0] if len(digests) == 1 else f"sha256:{sha256(' '.join(digests).encode()).hexdigest()}"
    return Packed(files, [part.rows for part in parts], whole)


def write_parts(store: Workspace, packed: Packed, *path: str) -> list[Part]:
    """Write the parts below ``tables/path``, under names that tell what they hold; a second time changes nothing."""
    found = []
    for number, (data, rows) in enumerate(zip(packed.files, packed.rows, strict=True)):
        name = f"{number:05d}-{digest(data).replace(':', '-')}"
        key = store.blob("tables", *path, packed.digest.replace(":", "-"), name)
        found.append(Part(write_once(store, key, data), rows))
    return found


def write_columns(
    store: Workspace, columns: tuple[ColumnFigures, ...], *path: str
) -> tuple[ColumnFigures, ...] | File:
    """What the record of a version is to hold: the figures, or the file below ``tables/path`` that they are now in.

    A second time changes nothing.
    """
    data = msgspec.json.encode(columns)
    if len(data) <= MOST_INSIDE:
        return columns
    return write_once(store, store.blob("tables", *path, f"columns-{digest(data).replace(':', '-')}"), data)


def read_columns(store: Workspace, version: DatasetVersion) -> tuple[ColumnFigures, ...]:
    """The figures of every column, in the order of the table. Raises `Damaged` if their file is."""
    if not isinstance(version.columns, File):
        return version.columns
    what = f"the figures of version {version.version} of dataset {version.dataset!r}"
    return read_value(store, version.columns, _FIGURES, what)


def read_table(store: Workspace, version: DatasetVersion) -> Table:
    """The whole table of a dataset version. Raises `Damaged` if a part is gone, or not what was written."""
    return collect(source_of(store, version))


def source_of(store: Workspace, version: DatasetVersion) -> Parts:
    """The rows of a dataset version, a part in memory at a time. A pass over them raises `Damaged`.

    The schema is that of its figures, without levels: no part is read for it.
    """
    return Parts(described_schema(read_columns(store, version)), partial(_read_parts, store, version))


def _read_parts(store: Workspace, version: DatasetVersion) -> Iterator[Table]:
    what = f"the table of version {version.version} of dataset {version.dataset!r}"
    for part in version.parts:
        data = read_file(store, part.file, what)
        try:
            yield unpack_table(*read_container(data))
        except InvalidArtifact as error:
            raise Damaged(f"{what} is damaged ({error.message}); upload the data again") from error
