"""The files of dataset versions: their tables, in parts of at most 64 MB each, and the figures of many columns.

Their digests are checked when they are read.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec
import numpy as np

from functions.records import find
from functions.records.files import File, Part, read_file, read_value, write_once
from functions.records.kinds import DatasetVersion
from functions.storage import Workspace
from lepton_core.artifact import container_pieces, digest, read_container
from lepton_core.errors import Damaged, InvalidArtifact, TooLarge
from lepton_core.table import (
    ColumnFigures,
    Parts,
    Rows,
    Schema,
    Table,
    collect,
    described_schema,
    pack_table,
    split_parts,
    unpack_table,
)
from lepton_core.table.hashing import HashArray
from lepton_core.table.source import PART_BYTES

MOST_INSIDE = 16_384
"""Most bytes of figures in a record, about a hundred columns: a list of versions reads records and nothing else."""

_FIGURES = msgspec.json.Decoder(tuple[ColumnFigures, ...])


@dataclass(frozen=True)
class PackedPart:
    """A part as it is stored: the container of its columns, and behind it the keys of its rows, 8 bytes each.

    ``pieces`` are its bytes, one behind the other, of which most are those of the table. ``columns`` is the digest of
    the columns, ``digest`` that of all.
    """

    pieces: Sequence[bytes | memoryview]
    rows: int
    columns: str
    digest: str

    def write(self, store: Workspace, key: str) -> Part:
        """Write it under ``key``, which tells what it holds; what a version's record is to keep of it."""
        return Part(write_once(store, key, b"".join(self.pieces), self.digest), self.rows, keyed=True)

    def name(self, number: int) -> str:
        """A name for the part of that ``number``, which tells what it holds."""
        return f"{number:05d}-{self.digest.replace(':', '-')}"


@dataclass(frozen=True)
class Packed:
    """A table as it is stored: its parts, and the digest of the whole.

    That is of the columns: it does not change with what else is kept of the rows.
    """

    parts: Sequence["PackedPart"]

    @property
    def digest(self) -> str:
        """That of the whole."""
        return digest_of([part.columns for part in self.parts])


@dataclass(frozen=True)
class StoredPart:
    """A part as it is read: its record, its columns with their digest, and the keys of its rows if it has them."""

    part: Part
    table: Table
    digest: str
    keys: HashArray | None


def digest_of(parts: Sequence[str]) -> str:
    """The digest of a table by those of the columns of its parts."""
    return parts[0] if len(parts) == 1 else f"sha256:{sha256(' '.join(parts).encode()).hexdigest()}"


def pack(table: Table, keys: HashArray, most_bytes: int = PART_BYTES) -> Packed:
    """Cut a table, and its `row_keys` (m,), into parts of at most ``most_bytes`` and pack each.

    The same table gives the same bytes. Raises `TooLarge` for more columns than a file takes.
    """
    parts = list(split_parts(table, most_bytes))
    ends = np.cumsum([part.rows for part in parts])
    packed = [packed_part(part, its) for part, its in zip(parts, np.split(keys, ends[:-1]), strict=True)]
    return Packed(packed)


def packed_part(part: Table, keys: HashArray) -> PackedPart:
    """One part, of as many rows as ``keys`` (m,).

    Raises `TooLarge` for more columns than a file takes.
    """
    try:
        pieces = container_pieces(*pack_table(part))
    except TooLarge:
        raise TooLarge(
            f"the table has {len(part.columns)} columns; some hundred thousand of numbers are possible, and fewer of "
            "texts or of categories with many levels; leave some out"
        ) from None
    found = sha256()
    for piece in pieces:
        found.update(piece)
    columns = found.hexdigest()
    behind = keys.astype("<u8").tobytes()
    found.update(behind)
    return PackedPart([*pieces, behind], part.rows, f"sha256:{columns}", f"sha256:{found.hexdigest()}")


def write_parts(store: Workspace, packed: Packed, *path: str) -> list[Part]:
    """Write the parts below ``tables/path``, under names that tell what they hold; a second time changes nothing."""
    place = ("tables", *path, packed.digest.replace(":", "-"))
    return [
        part.write(store, store.blob(*place, part.name(number))) for number, part in enumerate(packed.parts)
    ]


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


def read_rows(store: Workspace, version: DatasetVersion) -> Rows:
    """The whole table of a dataset version with the keys of its rows. Raises `Damaged` as `read_table` does.

    A version from before keys were kept gets them anew: the same, as they follow from the rows.
    """
    return rows_of(store, version, list(_read_parts(store, version)))


def read_parts(store: Workspace, version: DatasetVersion) -> list[StoredPart]:
    """Each part of a dataset version. Raises `Damaged` as `read_table` does."""
    return [
        StoredPart(part, table, digest(data), keys)
        for part, data, table, keys in _read_with_bytes(store, version)
    ]


def rows_of(
    store: Workspace, version: DatasetVersion, parts: Sequence[tuple[Table, HashArray | None]]
) -> Rows:
    """The rows of a dataset version, of which these are the parts, each with its keys if it has them."""
    table = collect(Parts(_schema(store, version), lambda: [part for part, _ in parts]))
    keys = [its for _, its in parts if its is not None]
    if len(keys) < len(parts):
        return Rows.of(table, version.label, version.key_form)
    return Rows(table, np.concatenate(keys), version.label, version.key_form)


def source_of(store: Workspace, version: DatasetVersion) -> Parts:
    """The rows of a dataset version, a part in memory at a time. A pass over them raises `Damaged`.

    The schema is that of its figures, without levels: no part is read for it.
    """
    return Parts(_schema(store, version), lambda: (part for part, _ in _read_parts(store, version)))


def _schema(store: Workspace, version: DatasetVersion) -> Schema:
    return described_schema(read_columns(store, version))


def _read_parts(store: Workspace, version: DatasetVersion) -> Iterator[tuple[Table, HashArray | None]]:
    return ((table, keys) for _, _, table, keys in _read_with_bytes(store, version))


def _read_with_bytes(
    store: Workspace, version: DatasetVersion
) -> Iterator[tuple[Part, memoryview, Table, HashArray | None]]:
    """Each part with the bytes of its columns."""
    what = f"the table of version {version.version} of dataset {version.dataset!r}"
    for part in version.parts:
        data = read_file(store, part.file, what)
        end = max(len(data) - 8 * part.rows, 0) if part.keyed else len(data)
        keys = np.frombuffer(data, dtype="<u8", offset=end) if part.keyed else None
        try:
            columns = memoryview(data)[:end]
            yield part, columns, unpack_table(*read_container(columns)), keys
        except InvalidArtifact as error:
            raise Damaged(f"{what} is damaged ({error.message}); upload the data again") from error


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
